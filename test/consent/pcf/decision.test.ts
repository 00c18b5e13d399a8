// https://profiles.ihe.net/ITI/PCF/volume-1.html, https://hl7.org/fhir/R4/consent.html: what holds whatever the consents say.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { narrow } from '../../../src/consent/narrow.ts';
import { allows } from '../../../src/consent/pcf/allows.ts';
import { covers, mayBeResearch, touches } from '../../../src/consent/pcf/codes.ts';
import { type Decision, decideUse, type Question } from '../../../src/consent/pcf/decision.ts';
import { readConsent } from '../../../src/consent/pcf/read.ts';
import { isNarrower, limitsWithin, type Rule } from '../../../src/consent/pcf/rule.ts';
import { asServer } from '../../../src/fhir/model/access.ts';
import { type AnyResource, definitions, type Json } from '../../../src/fhir/model/r4.ts';
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
  laboratory,
  level,
  objection,
  policyRule,
  purpose,
  question,
  timeZone,
} from './ground.ts';

const T = { type: 'permit', purpose: care };

describe('a purpose covers its kinds', () => {
  test.each([
    ['HRESCH', 'CLINTRCHNPC', true],
    ['HRESCH', 'HRESCH', true],
    ['CLINTRCH', 'HRESCH', false],
    ['TREAT', 'BTG', true],
    ['TREAT', 'HRESCH', false],
    ['PurposeOfUse', 'HOPERAT', true],
  ])('%s covers %s: %s', (wide, narrowed, expected) => expect(covers(purpose(wide), purpose(narrowed))).toBe(expected));
  test('in another system nothing but itself', () => {
    expect(covers({ system: 'urn:x', code: 'HRESCH' }, purpose('BIORCH'))).toBe(false);
    expect(covers({ system: 'urn:x', code: 'a' }, { system: 'urn:x', code: 'a' })).toBe(true);
  });
  test('a deny of a kind touches the whole; breaking the glass is never meant by the whole', () => {
    expect(touches(purpose('CLINTRCH'), purpose('HRESCH'))).toBe(true);
    expect(touches(purpose('BTG'), purpose('TREAT'))).toBe(false);
    expect(touches(purpose('TREAT'), purpose('BTG'))).toBe(true);
  });
  test('research is what every read of research leaves objectors out of', () => {
    const reasons = definitions('v3-codesystems.json')
      .entry!.map(one => JSON.stringify(one.resource))
      .find(text => text.includes('"url":"http://terminology.hl7.org/CodeSystem/v3-ActReason"'))!;
    const codes = [...new Set([...reasons.matchAll(/"code":"([A-Z]+)"/g)].map(([, code]) => code!))].filter(code =>
      covers(purpose('HRESCH'), purpose(code)),
    );
    expect(codes.length).toBeGreaterThan(5);
    for (const code of codes) {
      const access = asServer('test');
      expect(narrow({ ...access, agent: { ...access.agent, purpose: code } }).without).toContain('objection');
      expect(mayBeResearch(purpose(code))).toBe(true);
    }
    expect(mayBeResearch(purpose('TREAT'))).toBe(false);
  });
});

describe('what counts as on file', () => {
  const deny = { type: 'deny' };
  test.each(['draft', 'proposed', 'rejected', 'inactive', 'entered-in-error'])('not one that is %s', status =>
    expect(decideUse([consent(deny, { status })], question()).permit).toBe(true),
  );
  test('not one that begins later, nor an exception that does not hold now', () => {
    expect(decideUse([consent({ ...deny, period: { start: '2026-06-16' } })], question()).permit).toBe(true);
    const kept = consent({ ...T, provision: [{ type: 'deny', period: { end: '2026-06-14' } }] });
    expect(decisionText(decideUse([kept], question()))).toBe('permit');
  });
  test.each(['treatment', 'adr'])('not one to a %s', code => {
    const scope = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code }] };
    expect(decideUse([consent(deny, { scope })], question()).permit).toBe(true);
  });
  test('a consent to research permits research alone, also where it names no purpose', () => {
    const scope = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] };
    const one = consent({ type: 'permit' }, { scope });
    expect(decideUse([one], question()).permit).toBe(false);
    expect(decideUse([one], question({ purposes: [purpose('BIORCH')] })).permit).toBe(true);
  });
  test('the consents and policies that decided are told', () => {
    const [one, other] = [consent(T, { id: 'a' }), consent({ type: 'deny', purpose: [purpose('HRESCH')] }, { id: 'b' })];
    expect(decideUse([other, one], question())).toMatchObject({
      doc_id: ['Consent/a'],
      acp: ['urn:example:policy'],
      considered: [
        { consent: 'Consent/a', effect: 'permits' },
        { consent: 'Consent/b', effect: 'silent' },
      ],
    });
    expect(decideUse([other], question())).toMatchObject({ doc_id: [], acp: ['https://profiles.ihe.net/ITI/PCF/Policy-basic-normal'] });
  });
});

describe('what is not understood counts as the strictest', () => {
  const place = { system: 'urn:x', code: 'x' };
  const limits: [string, Json, Json?][] = [
    ['class', { class: [place] }],
    ['code', { code: [{ coding: [place] }] }],
    ['action', { action: [{ coding: [place] }] }],
    ['a modifier of the rule', { modifierExtension: [{ url: 'urn:x' }] }],
    ['a modifier of the consent', {}, { modifierExtension: [{ url: 'urn:x' }] }],
    ['rules that nobody knows', {}, { implicitRules: 'urn:x' }],
    ['a second level', { provision: [{ type: 'permit', provision: [{ type: 'permit' }] }] }],
    [
      'an actor who receives nothing',
      {
        actor: [
          {
            role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'CST' }] },
            reference: { reference: doctor },
          },
        ],
      },
    ],
    ['an actor known by a number alone', { actor: [{ ...by(doctor)[0], reference: { identifier: { system: 'urn:x', value: '1' } } }] }],
    ['an actor inside the consent', { actor: by('#doctor') }],
    ['no actor at all', { actor: [] }],
    ['dependents', { data: [{ meaning: 'dependents', reference: { reference: 'Encounter/e1' } }] }],
    ['related to a Task', { data: data('related', 'Task/t1') }],
    ['a label without a system', { securityLabel: [{ code: 'N' }] }],
    ['a purpose without a system', { purpose: [{ code: 'TREAT' }] }],
    ['a period that is none', { period: { end: 'soon' } }],
    ['a period with an unknown end', { period: { start: '2026', _end: { extension: [] } } }],
    ['dates that end before they begin', { dataPeriod: { start: '2026', end: '2025' } }],
    ['dates without dates', { dataPeriod: {} }],
    ['an element of a later FHIR', { documentType: [place] }],
  ];
  test.each(limits)('%s: a permit permits nothing', (_, limit, more = {}) => {
    const decision = decideUse([consent({ type: 'permit', ...limit }, { id: 'x', ...more })], question());
    expect(decision).toMatchObject({ permit: false, considered: [{ consent: 'Consent/x', effect: 'unreadable' }] });
    // Another one that permits is not touched.
    expect(decideUse([consent({ type: 'permit', ...limit }, more), consent(T)], question()).permit).toBe(true);
  });
  test.each(limits)('%s: a deny denies everything', (_, limit, more = {}) => {
    const decision = decideUse([consent({ type: 'deny', purpose: [purpose('HRESCH')], ...limit }, more), consent(T)], question());
    expect(decision.permit).toBe(false);
  });
  test.each(limits)('%s: so does a permit with an exception that denies', (_, limit, more = {}) => {
    const nested = [...((limit['provision'] as Json[] | undefined) ?? []), { type: 'deny', data: data('instance', 'Observation/o1') }];
    expect(decideUse([consent({ type: 'permit', ...limit, provision: nested }, more), consent(T)], question()).permit).toBe(false);
  });
  test.each<[string, Json | undefined, Json]>([
    ['neither type nor rule', {}, {}],
    ['no provision and no rule', undefined, {}],
    [
      'both rules',
      {},
      { policyRule: { coding: [...(policyRule('OPTIN')['coding'] as Json[]), ...(policyRule('OPTOUT')['coding'] as Json[])] } },
    ],
    ['a rule of another system', {}, { policyRule: { coding: [{ system: 'urn:x', code: 'OPTIN' }] } }],
    ['no type, but limits: they may be what is kept out', { actor: by(colleague) }, { policyRule: policyRule('OPTIN') }],
    ['an exception without a type', { ...T, provision: [{ actor: by(doctor) }] }, {}],
  ])('%s: denies everything', (_, provision, more) =>
    expect(decideUse([consent(provision, more), consent(T)], question()).permit).toBe(false),
  );
  test('one that is not in force counts as absent all the same', () =>
    expect(decideUse([consent({ type: 'deny', class: [place], period: { end: '2026-06-14' } })], question()).permit).toBe(true));
  test('an objection counts, whatever is wrong with it', () => {
    const odd = objection({ provision: { type: 'deny', class: [place], period: { end: 'soon' } }, modifierExtension: [{ url: 'urn:x' }] });
    expect(decideUse([odd], question({ purposes: [purpose('HRESCH')], implicit: 'all-normal' }))).toMatchObject({ because: 'objection' });
  });
});

describe('exceptions', () => {
  const year = { start: '2025', end: '2025' };
  test('of two exceptions that do not lie one in the other the deny wins', () => {
    const kept = consent({
      ...T,
      provision: [
        { type: 'deny', dataPeriod: year },
        { type: 'permit', data: data('instance', 'Observation/o1') },
      ],
    });
    expect(decisionText(decideUse([kept], question()))).toBe('permit: forbid 2025 to 2025');
  });
  test('the narrower one wins, whichever it is', () => {
    const inner = { start: '2025-06', end: '2025-06' };
    const kept = consent({
      ...T,
      provision: [
        { type: 'deny', dataPeriod: year },
        { type: 'permit', dataPeriod: inner },
      ],
    });
    expect(decisionText(decideUse([kept], question()))).toBe('permit: forbid 2025 to 2025; permit 2025-06 to 2025-06');
    const other = consent({
      ...T,
      provision: [
        { type: 'permit', dataPeriod: year },
        { type: 'deny', dataPeriod: inner },
      ],
    });
    expect(decisionText(decideUse([other], question()))).toBe('permit: forbid 2025-06 to 2025-06');
  });
  test('an exception is stronger than its root, also where the root is narrower', () => {
    const kept = consent({
      ...T,
      securityLabel: [level('N')],
      dataPeriod: year,
      provision: [{ type: 'deny', securityLabel: [level('N')] }],
    });
    expect(decideUse([kept], question()).permit).toBe(false);
  });
  test('an exception of one consent lifts no deny of another', () => {
    const lifted = consent({
      ...T,
      provision: [
        { type: 'deny', dataPeriod: year },
        { type: 'permit', dataPeriod: year, actor: by(doctor) },
      ],
    });
    expect(decisionText(decideUse([lifted], question()))).toBe('permit');
    expect(decisionText(decideUse([lifted, consent({ type: 'deny', dataPeriod: year })], question()))).toBe('permit: forbid 2025 to 2025');
  });
  test('a permit within a root holds for its purposes and actors, if it names none', () => {
    const kept = consent({ type: 'deny', purpose: [purpose('TREAT')], provision: [{ type: 'permit', actor: by(doctor) }] });
    expect(decideUse([kept], question()).permit).toBe(true);
    expect(decideUse([kept], question({ purposes: [purpose('HRESCH')], implicit: 'deny' })).permit).toBe(false);
  });
  test('a group of which nobody knows the members: what is denied to it is denied, what is permitted to it is not', () => {
    const asked = question({ actors: [doctor], perhaps: [duty] });
    expect(decideUse([consent({ type: 'deny', actor: by(duty) })], asked).permit).toBe(false);
    expect(decideUse([consent({ type: 'permit', actor: by(duty) })], asked).permit).toBe(false);
  });
});

// Consents as they may come, good ones and odd ones.
const some = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const limitsOf = fc.record(
  {
    purpose: fc.subarray([...care, purpose('HRESCH'), purpose('BTG'), purpose('ETREAT')], { minLength: 1 }),
    actor: fc.subarray([doctor, colleague, laboratory, duty], { minLength: 1 }).map(list => by(...list)),
    securityLabel: fc.subarray([level('N'), level('R'), about('PSY'), about('SDV')], { minLength: 1 }),
    dataPeriod: some({ start: '2024' }, { start: '2025', end: '2025' }, { start: '2025-06-01', end: '2025-06-30' }, { end: '2024-12-31' }),
    data: fc.subarray([...data('instance', 'Observation/o1'), ...data('related', 'Encounter/e1'), ...data('authoredby', doctor)], {
      minLength: 1,
    }),
  },
  { requiredKeys: [] },
);
const typed = (type: fc.Arbitrary<string>) => fc.tuple(type, limitsOf).map(([one, limits]): Json => ({ type: one, ...limits }));
const either = some('permit', 'deny');
const provision = fc
  .tuple(typed(either), fc.array(typed(either), { maxLength: 3 }))
  .map(([root, nested]): Json => (nested.length > 0 ? { ...root, provision: nested } : root));
const onFile = fc.array(provision, { maxLength: 3 }).map(list => list.map((one, n) => consent(one, { id: `f${n}` })));
const asking: fc.Arbitrary<Partial<Question>> = fc.record({
  purposes: fc.subarray([...care, purpose('HRESCH'), purpose('BTG')], { minLength: 1 }),
  actors: fc.subarray([doctor, colleague, laboratory, duty]),
  mayBreakGlass: fc.boolean(),
  implicit: some('basic-normal', 'all-normal', 'break-glass-only', 'deny') as fc.Arbitrary<Question['implicit']>,
});
const resources: readonly AnyResource[] = [undefined, 'N', 'R'].flatMap(code =>
  ['2024-03-01', '2025-06-15', undefined].flatMap(date =>
    [undefined, about('PSY')].flatMap(kind =>
      [doctor, undefined].flatMap(who =>
        ['Encounter/e1', undefined].map(
          (visit, n): AnyResource => ({
            resourceType: 'Observation',
            id: `o${n + 1}`,
            meta: { security: [...(code === undefined ? [] : [level(code)]), ...(kind === undefined ? [] : [kind])] },
            ...(date === undefined ? {} : { effectiveDateTime: date }),
            ...(who === undefined ? {} : { performer: [{ reference: who }] }),
            ...(visit === undefined ? {} : { encounter: { reference: visit } }),
          }),
        ),
      ),
    ),
  ),
);
/** Which of the resources come through. */
const through = (decision: Decision): boolean[] =>
  resources.map(resource => decision.permit && allows(decision.residual, resource, { timeZone }));
const noMore = (less: Decision, more: Decision): boolean => {
  const [a, b] = [through(less), through(more)];
  return (!less.permit || more.permit) && a.every((one, n) => !one || b[n]);
};

describe('whatever is on file and asked', () => {
  test('one more deny never permits more', () => {
    fc.assert(
      fc.property(onFile, typed(fc.constant('deny')), asking, (consents, deny, asks) =>
        noMore(decideUse([...consents, consent(deny, { id: 'more' })], question(asks)), decideUse(consents, question(asks))),
      ),
      { numRuns: 250 },
    );
  });
  test('one exception more that denies never permits more', () => {
    fc.assert(
      fc.property(provision, typed(fc.constant('deny')), asking, (one, deny, asks) => {
        const nested = { ...one, provision: [...((one['provision'] as Json[] | undefined) ?? []), deny] };
        return noMore(decideUse([consent(nested, { id: 'a' })], question(asks)), decideUse([consent(one, { id: 'a' })], question(asks)));
      }),
      { numRuns: 250 },
    );
  });
  test('a permit that does not hold stands in the place of the policy, also with an exception that denies', () => {
    const kept = consent({ type: 'permit', actor: by(duty), provision: [{ type: 'deny', data: data('related', 'Encounter/e1') }] });
    expect(decideUse([kept], question()).permit).toBe(false);
  });
  test('one that has ended changes nothing', () => {
    fc.assert(
      fc.property(onFile, provision, asking, (consents, ended, asks) => {
        const past = consent({ ...ended, period: { end: '2026-06-14' } }, { id: 'past' });
        expect(decideUse([past, ...consents], question(asks))).toEqual(decideUse(consents, question(asks)));
      }),
      { numRuns: 200 },
    );
  });
  test('the order plays no part', () => {
    fc.assert(
      fc.property(
        onFile.chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        asking,
        ([one, other], asks) => {
          expect(decideUse(other, question(asks))).toEqual(decideUse(one, question(asks)));
        },
      ),
      { numRuns: 200 },
    );
  });
  test('a narrower permit gives no more', () => {
    fc.assert(
      fc.property(limitsOf, limitsOf, asking, (limits, more, asks) => {
        // The same limits and further ones: an element that both name is the first one's.
        const wide = decideUse([consent({ type: 'permit', ...limits }, { id: 'a' })], question(asks));
        return noMore(decideUse([consent({ type: 'permit', ...more, ...limits }, { id: 'a' })], question(asks)), wide);
      }),
      { numRuns: 250 },
    );
  });
  test('an objection leaves nothing for research, and changes nothing else', () => {
    fc.assert(
      fc.property(onFile, asking, (consents, asks) => {
        const [before, after] = [consents, [...consents, objection({ id: 'o' })]].map(list => decideUse(list, question(asks)));
        if (asks.purposes!.some(mayBeResearch)) expect(after!.permit).toBe(false);
        else expect(decisionText(after!)).toBe(decisionText(before!));
      }),
      { numRuns: 200 },
    );
  });
  test('nothing comes through that the rules, looked at one by one for this resource, do not let through', () => {
    fc.assert(
      fc.property(onFile, asking, (consents, asks) => {
        const asked = question({ ...asks, implicit: 'deny' });
        const given = through(decideUse(consents, asked));
        return resources.every((resource, n) => !given[n] || byRules(consents, asked, resource));
      }),
      { numRuns: 250 },
    );
  });
});

/** The plain way: each rule that holds for the question and may hold for the resource; a deny stands unless an exception of its own consent takes this away. */
function byRules(consents: readonly AnyResource[], asked: Question, resource: AnyResource): boolean {
  const unlimited = { type: 'forbid', securityLabel: [], dataPeriod: [], data: [] } as const;
  const means = (rule: Rule): boolean =>
    rule.type === 'permit'
      ? allows([unlimited, { ...rule, type: 'permit' }], resource, { timeZone })
      : !allows([{ ...rule, type: 'forbid' }], resource, { timeZone });
  const alone = (rule: Rule): boolean => {
    const { type, purpose, actor } = rule;
    const [permit, perhaps] = [type === 'permit', type === 'deny' && asked.actors.length === 0];
    return (
      (actor === undefined || perhaps || actor.some(one => asked.actors.includes(one))) &&
      (purpose === undefined ||
        (permit
          ? asked.purposes.every(one => purpose.some(wide => covers(wide, one)))
          : asked.purposes.some(one => purpose.some(other => touches(other, one)))))
    );
  };
  if (asked.purposes.some(one => one.code === 'BTG') && asked.mayBreakGlass !== true) return false;
  let permitted = false;
  for (const one of consents) {
    const read = readConsent(one, { timeZone })!;
    if (read.kind !== 'rules') return false;
    const holds = (rule: Rule): boolean => alone(rule) && means(rule);
    const permits = read.nested.filter(rule => rule.type === 'permit' && holds(rule));
    // An exception to just what is denied takes the deny away, also for what only may be meant.
    const lifts = (permit: Rule, deny: Rule): boolean =>
      permit.type === 'permit' && alone(permit) && (means(permit) || limitsWithin(deny, permit, timeZone));
    const excepted = (deny: Rule): boolean =>
      read.nested.some(permit => lifts(permit, deny) && (deny === read.root || isNarrower(permit, deny, timeZone)));
    if ([read.root, ...read.nested].some(rule => rule.type === 'deny' && holds(rule) && !excepted(rule))) return false;
    permitted ||= permits.length > 0 || (read.root.type === 'permit' && holds(read.root));
  }
  return permitted;
}
