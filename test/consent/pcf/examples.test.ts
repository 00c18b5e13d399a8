// https://profiles.ihe.net/ITI/PCF/artifacts.html, https://hl7.org/fhir/R4/consent-examples.html: what the published examples decide.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { allows } from '../../../src/consent/pcf/allows.ts';
import { actReason } from '../../../src/consent/pcf/codes.ts';
import { decideUse, type Question } from '../../../src/consent/pcf/decision.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { care, decisionText, purpose, question } from './ground.ts';

const folder = path.resolve(import.meta.dirname, '../../../../shared/data/consent');
const there = existsSync(folder);
if (!there) console.warn('SKIPPED: ../shared/data/consent is not there, so the published examples of consents are not decided');
const when = there ? test : test.skip;

const read = (guide: string, name: string): AnyResource =>
  JSON.parse(readFileSync(path.join(folder, guide, `${name}.json`), 'utf8')) as AnyResource;
const namesIn = (guide: string): string[] =>
  readdirSync(path.join(folder, guide)).flatMap(file => /^Consent-(.+)\.json$/.exec(file)?.[1] ?? []);
const practitioner = 'Practitioner/ex-practitioner';
const group = 'Group/ex-privilegedUsers';
const asked = (more: Partial<Question>): Question =>
  question({ purposes: care, actors: [practitioner], now: Date.parse('2023-07-01'), implicit: 'deny', timeZone: 'UTC', ...more });
const other = { actors: ['Practitioner/somebody-else'] };
const glass = { purposes: [purpose('BTG')], mayBreakGlass: true };
const researcher = 'Organization/ex-org-researcher';
const foo = { system: 'http://example.org/policies/purposeOfUse', code: 'FooBar' };
const before = { now: Date.parse('2022-12-31T23:59:59Z') };
const encounter = 'Encounter/ex-encounter';
const instances = [
  'Encounter/ex-encounter',
  'Observation/ex-weight-2',
  'Observation/ex-weight',
  'Observation/ex-bloodPressure',
  'Observation/ex-bloodSugar',
  'Observation/ex-alcoholUse',
]
  .map(one => `instance ${one}`)
  .join(' or ');

/** Name of the example → what is asked and what comes out. */
const guide: Readonly<Record<string, readonly (readonly [Partial<Question>, string])[]>> = {
  'basic-treat': [
    [{}, 'permit'],
    [{ purposes: [purpose('HRESCH')] }, 'deny'],
  ],
  'basic-treat-infant': [[{}, 'permit']],
  'basic-ink': [[{}, 'permit']],
  'expired-treat': [
    [before, 'permit'],
    [{}, 'deny'],
  ],
  'basic-reject': [
    [{}, 'deny'],
    [{ implicit: 'all-normal' }, 'deny'],
  ],
  'basic-research': [
    [{ purposes: [purpose('CLINTRCH')] }, 'permit'],
    [{ purposes: [purpose('HRESCH')] }, 'permit'],
    [{}, 'deny'],
  ],
  'intermediate-timeframe': [[{}, 'permit: forbid all; permit 2022-01-01 to 2022-12-31']],
  'intermediate-not-timeframe': [[{}, 'permit: forbid 2022-01-01 to 2022-12-31']],
  'intermediate-authoredby': [[{}, `permit: forbid all; permit authoredby ${practitioner}`]],
  'intermediate-not-authoredby': [[{}, `permit: forbid authoredby ${practitioner}`]],
  'intermediate-encounter': [[{}, `permit: forbid all; permit related ${encounter}`]],
  'intermediate-not-encounter': [[{}, `permit: forbid related ${encounter}`]],
  'intermediate-data': [[{}, `permit: forbid all; permit ${instances}`]],
  'intermediate-not-data': [[{}, 'permit: forbid instance Observation/ex-alcoholUse']],
  'intermediate-purpose': [
    [{ purposes: [foo], actors: [researcher] }, 'permit'],
    [{ purposes: [foo] }, 'deny'],
    [{ actors: [researcher] }, 'deny'],
  ],
  'intermediate-break-glass': [
    [{ ...glass, actors: [practitioner, group] }, 'permit'],
    [{ ...glass, actors: [practitioner] }, 'deny'],
    [{ ...glass, actors: [practitioner, group], mayBreakGlass: false }, 'deny'],
    [{ actors: [practitioner, group] }, 'deny'],
  ],
  'advanced-normal': [[{}, 'permit: forbid all; permit N']],
  'advanced-normal-restricted': [[{}, 'permit: forbid all; permit N or R']],
  'advanced-normal-not-restricted': [[{}, 'permit: forbid all; permit N; forbid R']],
  'advanced-normal-focused-restricted': [
    [{}, 'permit: forbid all; permit N; permit R'],
    [other, 'permit: forbid all; permit N'],
  ],
  'advanced-normal-focused-psy': [
    [{}, 'permit: forbid all; permit N; permit PSY'],
    [other, 'permit: forbid all; permit N'],
  ],
  'advanced-normal-focused-psy-or-sdv': [
    [{}, 'permit: forbid all; permit N; permit PSY or SDV'],
    [other, 'permit: forbid all; permit N'],
  ],
  'advanced-normal-break-glass-restricted': [
    [{ ...glass, actors: [practitioner, group] }, 'permit: forbid all; permit N; permit R'],
    [{ actors: [practitioner, group] }, 'permit: forbid all; permit N'],
  ],
};

describe('IHE PCF', () => {
  when('every example is here', () =>
    expect(
      namesIn('ihe-pcf-fsh-generated')
        .map(name => name.replace(/^ex-(consent|dissent)-/, ''))
        .sort(),
    ).toEqual(Object.keys(guide).sort()),
  );
  for (const [name, rows] of Object.entries(guide)) {
    when.each(rows)(`${name} (%#)`, (more, result) => {
      const file = ['consent', 'dissent']
        .map(kind => `Consent-ex-${kind}-${name}`)
        .find(one => existsSync(path.join(folder, 'ihe-pcf-fsh-generated', `${one}.json`)))!;
      const decision = decideUse([read('ihe-pcf-fsh-generated', file)], asked(more));
      expect(decisionText(decision)).toBe(result);
      expect(decision.considered.some(one => one.effect === 'unreadable')).toBe(false);
    });
  }
  when('its data: all but the one that is kept back', () => {
    const decision = decideUse([read('ihe-pcf-fsh-generated', 'Consent-ex-consent-intermediate-not-data')], asked({}));
    const names = ['alcoholUse', 'bloodPressure', 'bloodSugar', 'weight', 'weight-2'];
    const given = names.filter(
      name => decision.permit && allows(decision.residual, read('ihe-pcf-fsh-generated', `Observation-ex-${name}`), { timeZone: 'UTC' }),
    );
    expect(given).toEqual(names.slice(1));
  });
});

/** HL7's own examples limit what has no type, by actions or by classes: they count as the strictest, unless they are not in force. */
const hl7: Readonly<Record<string, readonly [at: string, result: string, effect: string | undefined]>> = {
  'consent-example-Emergency': ['2023-07-01', 'deny', 'unreadable'],
  'consent-example-Out': ['2023-07-01', 'deny', 'unreadable'],
  'consent-example-basic': ['2015-07-01', 'permit', 'permits'],
  'consent-example-grantor': ['2023-07-01', 'deny', 'unreadable'],
  'consent-example-notAuthor': ['2023-07-01', 'deny', 'unreadable'],
  'consent-example-notOrg': ['2023-07-01', 'deny', 'unreadable'],
  'consent-example-notThem': ['2023-07-01', 'deny', 'unreadable'],
  'consent-example-notThis': ['2023-07-01', 'deny', 'unreadable'],
  'consent-example-notTime': ['2015-03-01', 'permit', undefined],
  'consent-example-pkb': ['2023-07-01', 'deny', 'unreadable'],
  'consent-example-signature': ['2016-06-01', 'deny', 'unreadable'],
  'consent-example-smartonfhir': ['2016-06-23T07:10:00Z', 'deny', 'unreadable'],
};

describe('HL7 R4', () => {
  when('every example is here', () => expect(namesIn('hl7-r4').sort()).toEqual(Object.keys(hl7).sort()));
  when.each(Object.entries(hl7))('%s', (name, [at, result, effect]) => {
    const one = read('hl7-r4', `Consent-${name}`);
    const decision = decideUse(
      [one],
      asked({ now: Date.parse(at), implicit: 'basic-normal', purposes: [{ system: actReason, code: 'TREAT' }] }),
    );
    expect(decisionText(decision)).toBe(result);
    expect(decision.considered[0]?.effect).toBe(effect);
    // After the end of its period it is as if it were not there.
    const ended = one['provision'] !== undefined && JSON.stringify(one['provision']).includes('"period"');
    if (ended) expect(decideUse([one], asked({}))).toMatchObject({ considered: [] });
  });
});
