// docs/consent.md: the table of decisions by IHE PCF, row by row. https://profiles.ihe.net/ITI/PCF/content.html
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { allows } from '../../../src/consent/pcf/allows.ts';
import { decideUse, type Question } from '../../../src/consent/pcf/decision.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import {
  about,
  by,
  care,
  colleague,
  consent,
  data,
  decisionText,
  doctor,
  duty,
  labelled,
  laboratory,
  level,
  objection,
  policyRule,
  project,
  purpose,
  question,
  timeZone,
} from './ground.ts';

const T = { type: 'permit', purpose: care };
const year = { start: '2025-01-01', end: '2025-12-31' };
const visit = 'Encounter/e1';
const research = (code: string) => ({ purposes: [purpose(code)] });
const breaking = { purposes: [purpose('BTG')], mayBreakGlass: true, actors: [doctor, duty] };
const N = [level('N')];

/** The line in docs/consent.md: what is on file, what is asked, what comes out; then what is really asked. */
type Row = readonly [onFile: string, asked: string, result: string, consents: readonly AnyResource[], asks: Partial<Question>];

const rows: readonly Row[] = [
  ['nothing, policy basic-normal', 'TREAT', 'permit', [], {}],
  ['nothing, policy basic-normal', 'HRESCH, HOPERAT, an unknown purpose', 'deny', [], research('HRESCH')],
  ['nothing, policy all-normal', 'any purpose', 'permit', [], { ...research('HOPERAT'), implicit: 'all-normal' }],
  ['nothing, policy break-glass-only', 'BTG by who is entitled', 'permit', [], { ...breaking, implicit: 'break-glass-only' }],
  ['nothing, policy break-glass-only', 'TREAT', 'deny', [], { implicit: 'break-glass-only' }],
  ['nothing, policy deny', 'any purpose', 'deny', [], { implicit: 'deny' }],
  ['anything', 'BTG by who is not entitled', 'deny', [consent(T)], { purposes: [purpose('BTG')] }],
  ['permit T', 'T', 'permit', [consent(T)], { purposes: care }],
  ['permit T, performer the mother of a child', 'T', 'permit', [consent(T, { performer: [{ reference: 'Patient/mother' }] })], {}],
  [
    'permit T, source a document signed in ink',
    'T',
    'permit',
    [consent(T, { sourceReference: { reference: 'DocumentReference/ink' } })],
    {},
  ],
  [
    'permit T, period up to the end of 2025',
    'T, on its last day',
    'permit',
    [consent({ ...T, period: { end: '2025-12-31' } })],
    { now: Date.parse('2025-12-31T23:59:59+09:00'), implicit: 'deny' },
  ],
  [
    'permit T, period up to the end of 2025',
    'T, the day after; policy deny',
    'deny',
    [consent({ ...T, period: { end: '2025-12-31' } })],
    { now: Date.parse('2026-01-01T00:00:00+09:00'), implicit: 'deny' },
  ],
  ['deny T', 'T', 'deny', [consent({ ...T, type: 'deny' })], {}],
  ['deny T', 'HDIRECT (a kind of HOPERAT)', 'deny', [consent({ ...T, type: 'deny' })], research('HDIRECT')],
  ['permit HRESCH', 'BIORCH (a kind of HRESCH)', 'permit', [consent({ type: 'permit', purpose: [purpose('HRESCH')] })], research('BIORCH')],
  ['permit HRESCH', 'T', 'deny', [consent({ type: 'permit', purpose: [purpose('HRESCH')] })], {}],
  ['permit CLINTRCH', 'HRESCH (wider)', 'deny', [consent({ type: 'permit', purpose: [purpose('CLINTRCH')] })], research('HRESCH')],
  [
    'permit HRESCH; another: deny CLINTRCH',
    'HRESCH',
    'deny',
    [consent({ type: 'permit', purpose: [purpose('HRESCH')] }), consent({ type: 'deny', purpose: [purpose('CLINTRCH')] })],
    research('HRESCH'),
  ],
  ['permit T, root dataPeriod 2025', 'T', 'permit: forbid all; permit 2025-01-01 to 2025-12-31', [consent({ ...T, dataPeriod: year })], {}],
  [
    'permit T, nested deny dataPeriod 2025',
    'T',
    'permit: forbid 2025-01-01 to 2025-12-31',
    [consent({ ...T, provision: [{ type: 'deny', dataPeriod: year }] })],
    {},
  ],
  [
    'permit T, root authoredby',
    'T',
    `permit: forbid all; permit authoredby ${doctor}`,
    [consent({ ...T, data: data('authoredby', doctor) })],
    {},
  ],
  [
    'permit T, nested deny authoredby',
    'T',
    `permit: forbid authoredby ${doctor}`,
    [consent({ ...T, provision: [{ type: 'deny', data: data('authoredby', doctor) }] })],
    {},
  ],
  ['permit T, root related', 'T', `permit: forbid all; permit related ${visit}`, [consent({ ...T, data: data('related', visit) })], {}],
  [
    'permit T, nested deny related',
    'T',
    `permit: forbid related ${visit}`,
    [consent({ ...T, provision: [{ type: 'deny', data: data('related', visit) }] })],
    {},
  ],
  [
    'permit T, root list of instances',
    'T',
    'permit: forbid all; permit instance Observation/o1 or instance Observation/o2',
    [consent({ ...T, data: data('instance', 'Observation/o1', 'Observation/o2') })],
    {},
  ],
  [
    'permit T, nested deny of one instance',
    'T',
    'permit: forbid instance Observation/o1',
    [consent({ ...T, provision: [{ type: 'deny', data: data('instance', 'Observation/o1') }] })],
    {},
  ],
  [
    'permit a project’s code, actor an organisation',
    'that project by that organisation',
    'permit',
    [consent({ type: 'permit', purpose: [project], actor: by(laboratory) })],
    { purposes: [project], actors: [colleague, laboratory] },
  ],
  [
    'permit a project’s code, actor an organisation',
    'that project by another',
    'deny',
    [consent({ type: 'permit', purpose: [project], actor: by(laboratory) })],
    { purposes: [project] },
  ],
  [
    'permit a project’s code, actor an organisation',
    'TREAT by that organisation',
    'deny',
    [consent({ type: 'permit', purpose: [project], actor: by(laboratory) })],
    { actors: [laboratory] },
  ],
  [
    'deny; nested permit BTG for a Group',
    'BTG by a member',
    'permit',
    [consent({ type: 'deny', provision: [{ type: 'permit', purpose: [purpose('BTG')], actor: by(duty) }] })],
    breaking,
  ],
  [
    'deny; nested permit BTG for a Group',
    'BTG by somebody else who is entitled',
    'deny',
    [consent({ type: 'deny', provision: [{ type: 'permit', purpose: [purpose('BTG')], actor: by(duty) }] })],
    { ...breaking, actors: [doctor] },
  ],
  [
    'deny; nested permit BTG for a Group',
    'T by a member',
    'deny',
    [consent({ type: 'deny', provision: [{ type: 'permit', purpose: [purpose('BTG')], actor: by(duty) }] })],
    { ...breaking, purposes: care },
  ],
  ['permit T, label N', 'T', 'permit: forbid all; permit N', [consent({ ...T, securityLabel: N })], {}],
  ['permit T, labels N, R', 'T', 'permit: forbid all; permit N or R', [consent({ ...T, securityLabel: [...N, level('R')] })], {}],
  [
    'permit T, label N; nested deny R',
    'T',
    'permit: forbid all; permit N; forbid R',
    [consent({ ...T, securityLabel: N, provision: [{ type: 'deny', securityLabel: [level('R')] }] })],
    {},
  ],
  [
    'permit T, label N; nested permit R for a practitioner',
    'T by the practitioner',
    'permit: forbid all; permit N; permit R',
    [consent({ ...T, securityLabel: N, provision: [{ type: 'permit', securityLabel: [level('R')], actor: by(doctor) }] })],
    {},
  ],
  [
    'permit T, label N; nested permit R for a practitioner',
    'T by others',
    'permit: forbid all; permit N',
    [consent({ ...T, securityLabel: N, provision: [{ type: 'permit', securityLabel: [level('R')], actor: by(doctor) }] })],
    { actors: [colleague] },
  ],
  [
    'permit T, label N; nested permit PSY for a practitioner',
    'T by the practitioner',
    'permit: forbid all; permit N; permit PSY',
    [consent({ ...T, securityLabel: N, provision: [{ type: 'permit', securityLabel: [about('PSY')], actor: by(doctor) }] })],
    {},
  ],
  [
    'permit T, label N; nested permit PSY for a practitioner',
    'T by others',
    'permit: forbid all; permit N',
    [consent({ ...T, securityLabel: N, provision: [{ type: 'permit', securityLabel: [about('PSY')], actor: by(doctor) }] })],
    { actors: [colleague] },
  ],
  [
    'permit T, label N; nested permit PSY or SDV for a practitioner',
    'T by the practitioner',
    'permit: forbid all; permit N; permit PSY or SDV',
    [consent({ ...T, securityLabel: N, provision: [{ type: 'permit', securityLabel: [about('PSY'), about('SDV')], actor: by(doctor) }] })],
    {},
  ],
  [
    'permit T, label N; nested permit PSY or SDV for a practitioner',
    'T by others',
    'permit: forbid all; permit N',
    [consent({ ...T, securityLabel: N, provision: [{ type: 'permit', securityLabel: [about('PSY'), about('SDV')], actor: by(doctor) }] })],
    { actors: [colleague] },
  ],
  [
    'permit T, label N; nested permit R, purpose BTG, a Group',
    'BTG by a member',
    'permit: forbid all; permit N; permit R',
    [
      consent({
        ...T,
        securityLabel: N,
        provision: [{ type: 'permit', securityLabel: [level('R')], purpose: [purpose('BTG')], actor: by(duty) }],
      }),
    ],
    breaking,
  ],
  [
    'permit T, label N; nested permit R, purpose BTG, a Group',
    'T by a member',
    'permit: forbid all; permit N',
    [
      consent({
        ...T,
        securityLabel: N,
        provision: [{ type: 'permit', securityLabel: [level('R')], purpose: [purpose('BTG')], actor: by(duty) }],
      }),
    ],
    { ...breaking, purposes: care },
  ],
  [
    'permit T; nested deny R; nested permit R for a practitioner',
    'T by the practitioner',
    'permit',
    [
      consent({
        ...T,
        provision: [
          { type: 'deny', securityLabel: [level('R')] },
          { type: 'permit', securityLabel: [level('R')], actor: by(doctor) },
        ],
      }),
    ],
    {},
  ],
  [
    'permit T; nested deny R; nested permit R for a practitioner',
    'T by others',
    'permit: forbid R',
    [
      consent({
        ...T,
        provision: [
          { type: 'deny', securityLabel: [level('R')] },
          { type: 'permit', securityLabel: [level('R')], actor: by(doctor) },
        ],
      }),
    ],
    { actors: [colleague] },
  ],
  [
    'permit T; another: permit T with nested deny dataPeriod 2025',
    'T',
    'permit: forbid 2025-01-01 to 2025-12-31',
    [consent(T), consent({ ...T, provision: [{ type: 'deny', dataPeriod: year }] })],
    {},
  ],
  [
    'permit T; another: deny for an organisation',
    'T by that organisation, or by nobody knows whom',
    'deny',
    [consent(T), consent({ type: 'deny', actor: by(laboratory) })],
    { actors: [laboratory] },
  ],
  [
    'permit T; another: deny for an organisation',
    'T by others',
    'permit',
    [consent(T), consent({ type: 'deny', actor: by(laboratory) })],
    {},
  ],
  ['deny HRESCH', 'T, policy basic-normal', 'permit', [consent({ type: 'deny', purpose: [purpose('HRESCH')] })], {}],
  ['root without type, policyRule OPTIN', 'T', 'permit', [consent({}, { policyRule: policyRule('OPTIN') })], { implicit: 'deny' }],
  ['root without type, policyRule OPTOUT', 'T', 'deny', [consent({}, { policyRule: policyRule('OPTOUT') })], {}],
  [
    'root without type that names an actor, purpose or data',
    'any purpose',
    'deny',
    [consent({ actor: by(doctor) }, { policyRule: policyRule('OPTIN') })],
    {},
  ],
  [
    'permit T limited by class, code, action or a modifier',
    'T',
    'deny',
    [consent({ ...T, class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'MedicationRequest' }] })],
    {},
  ],
  [
    'permit T; another: deny limited by class',
    'any purpose',
    'deny',
    [consent(T), consent({ type: 'deny', class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'MedicationRequest' }] })],
    {},
  ],
  [
    'an objection to research in force',
    'HRESCH, a kind of it, or a purpose nobody knows',
    'deny',
    [consent({ type: 'permit' }), objection()],
    { ...research('DSRCH'), implicit: 'all-normal' },
  ],
  ['an objection to research in force', 'T, policy basic-normal', 'permit', [objection()], {}],
];

describe('decisions', () => {
  test.each(rows)('%s — %s: %s', (_onFile, _asked, result, consents, asks) => {
    expect(decisionText(decideUse(consents, question(asks)))).toBe(result);
    expect(decisionText(decideUse([...consents].reverse(), question(asks)))).toBe(result);
  });

  test('docs/consent.md has these rows and no other', () => {
    const page = readFileSync(new URL('../../../docs/consent.md', import.meta.url), 'utf8');
    const section = page.slice(page.indexOf('\n### Table\n', page.indexOf('\n## Other purposes')));
    const written = [...section.slice(0, section.indexOf('\n## ') + 1 || undefined).matchAll(/^\| (.+) \| (.+) \| (.+) \|$/gm)]
      .map(([, ...cells]) => cells)
      .filter(([first]) => first !== 'on file' && first !== '---');
    expect(written).toEqual(rows.map(([onFile, asked, result]) => [onFile, asked, result]));
  });
});

describe('rows that stand for several questions', () => {
  test.each(['HRESCH', 'HOPERAT', 'nonsense'])('basic-normal does not permit %s', code =>
    expect(decideUse([], question(research(code))).permit).toBe(false),
  );
  test('basic-normal permits no project', () => expect(decideUse([], question({ purposes: [project] })).permit).toBe(false));
  test.each(['HRESCH', 'TREAT', 'PATRQT'])('deny permits no %s', code =>
    expect(decideUse([], question({ ...research(code), implicit: 'deny' })).permit).toBe(false),
  );
  test('a deny for somebody counts when nobody says who asks', () =>
    expect(decideUse([consent(T), consent({ type: 'deny', actor: by(laboratory) })], question({ actors: [] })).permit).toBe(false));
  test.each<[string, Partial<Question>]>([
    ['HRESCH', research('HRESCH')],
    ['PurposeOfUse, which holds it', research('PurposeOfUse')],
    ['a project', { purposes: [project] }],
    ['a code without a system', { purposes: [{ code: 'TREAT' }] }],
    ['research among others', { purposes: [...care, purpose('TRANSRCH')] }],
  ])('an objection denies %s, whatever is permitted besides', (_, asks) => {
    const decision = decideUse([consent({ type: 'permit' }), objection()], question({ ...asks, implicit: 'all-normal' }));
    expect(decision).toMatchObject({ permit: false, because: 'objection' });
  });
  test('no purpose permits nothing', () => expect(decideUse([consent({ type: 'permit' })], question({ purposes: [] })).permit).toBe(false));
  test('as N and R: the same data as one rule with both labels', () => {
    const decided = decideUse(
      [consent({ ...T, securityLabel: N, provision: [{ type: 'permit', securityLabel: [level('R')], actor: by(doctor) }] })],
      question(),
    );
    const both = decideUse([consent({ ...T, securityLabel: [...N, level('R')] })], question());
    for (const code of ['U', 'L', 'M', 'N', 'R', 'V', undefined]) {
      const resource = labelled(...(code === undefined ? [] : [level(code)]));
      const given = [decided, both].map(one => one.permit && allows(one.residual, resource, { timeZone }));
      expect(given[0]).toBe(given[1]);
      expect(given[0]).toBe(code !== 'V' && code !== undefined);
    }
  });
});
