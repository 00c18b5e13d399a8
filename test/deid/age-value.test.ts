// Ages that an Observation's code tells: https://hl7.org/fhir/R4/observation.html, https://loinc.org/30525-0
import { describe, expect, test } from '@jest/globals';
import { compilePolicy } from '../../src/deid/compile.ts';
import type { Context } from '../../src/deid/context.ts';
import { deidentify } from '../../src/deid/deidentify.ts';
import { readPolicy } from '../../src/deid/policy.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { policyNamed, policyOf, standingOf } from '../../src/release/policies.ts';
import { born, compiled, context, out } from './ground.ts';

const old = { value: 90, comparator: '>=', unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' };
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const observation = (more: object): AnyResource => ({ resourceType: 'Observation', status: 'final', code: loinc('30525-0'), ...more });
const pooled = { subject: { shiftDays: 10, pooled: true, born: born('1930-01-01') } };

test.each([{ valueInteger: 95 }, { valueQuantity: { value: 95 } }, { valueQuantity: { value: 95, unit: '歳' } }])(
  '%j of an age leaves as 90 or more',
  value => expect(out(observation(value))).toMatchObject({ valueQuantity: old }),
);

test.each([
  { valueInteger: 70 },
  { valueQuantity: { value: 70 } },
  { valueQuantity: { value: 70, unit: 'Winter' } },
  { valueQuantity: { value: 70, unit: 'Winter', system: 'http://hospital.example', code: 'w' } },
  { valueQuantity: { value: 70, unit: 'mg' } },
  { valueRange: { low: { value: 70 }, high: { value: 74 } } },
  { valueRatio: { numerator: { value: 70 }, denominator: { value: 1 } } },
])('%j of an age: of a pooled person it goes, in whatever unit', value => {
  expect(JSON.stringify(out(observation(value), pooled))).not.toMatch(/7[04]/);
  // As a component beside others.
  const panel = observation({
    code: loinc('85353-1'),
    component: [
      { code: loinc('30525-0'), ...value },
      { code: loinc('8480-6'), valueInteger: 142 },
    ],
  });
  const text = JSON.stringify(out(panel, pooled));
  expect(text).not.toMatch(/7[04]\b/);
  expect(text).toContain('142');
});

test.each([{ valueString: '95' }, { valueCodeableConcept: { text: '95' } }])('%j: an age in words, which no text calls one, goes', value =>
  expect(JSON.stringify(out(observation(value), { clean: text => text }, policyNamed('jp-anonymized-text')))).not.toContain('95'),
);

test.each<[string, object]>([
  ['39016-1', { valueInteger: 97 }],
  ['21611-9', { valueQuantity: { value: 97 } }],
  ['30972-4', { valueQuantity: { value: 97, unit: '{#}' } }],
  ['80904-6', { valueInteger: 1926 }],
  ['80904-6', { valueQuantity: { value: 1926, unit: '1', code: '1' } }],
  // No list knows these.
  ['99999-9', { valueInteger: 97 }],
  ['99999-9', { valueQuantity: { value: 97, unit: '{age}' } }],
  ['99999-9', { valueInteger: 1926 }],
])('by the code %s, of a pooled person and of nobody alone, %j goes', (code, value) => {
  const { subject: _, ...nobodys } = context();
  for (const by of [context(pooled), nobodys])
    for (const told of [
      observation({ code: loinc(code), ...value }),
      observation({ code: loinc('85353-1'), component: [{ code: loinc(code), ...value }] }),
    ])
      expect(JSON.stringify(deidentify(compiled, told, by))).not.toMatch(/\b(?:97|1926)\b/);
});

test('a year and a date of birth go, of whomever: moved by the day a known one would tell the shift', () => {
  for (const code of ['21112-8', '57715-5', '80904-6', '184099003', 'C68615'])
    for (const value of [{ valueInteger: 1980 }, { valueDateTime: '1980-05-05' }, { valuePeriod: { start: '1980-05-05' } }]) {
      const told = { code: { coding: [{ system: 'urn:oid:1.2.3', code }] }, ...value };
      expect(JSON.stringify(out(observation(told)))).not.toMatch(/value(?:Integer|DateTime|Period)/);
      expect(JSON.stringify(out(observation({ code: loinc('85353-1'), component: [told] })))).not.toMatch(
        /value(?:Integer|DateTime|Period)/,
      );
    }
});

test('under a policy by which dates stay and a birth date leaves as its month, a day of birth goes, an age stays', () => {
  const by = policyNamed('jp-pseudonymized');
  const left = (more: object): string =>
    JSON.stringify(deidentify(by, observation(more), context({ subject: { shiftDays: 0, pooled: false, born: born('1980-05-05') } })));
  for (const told of [
    { code: loinc('21112-8'), valueDateTime: '1980-05-05' },
    { code: loinc('85353-1'), valueDateTime: '1980-05-05T03:00:00+09:00' },
  ]) {
    expect(left(told)).not.toContain('1980-05-05');
    expect(left({ code: loinc('85353-1'), component: [told] })).not.toContain('1980-05-05');
  }
  expect(left({ code: loinc('85353-1'), valueDateTime: '1980-05-06' })).toContain('1980-05-06');
  expect(left({ code: loinc('30525-0'), valueQuantity: { value: 97, unit: 'a' } })).toContain('97');
});

test('so does the very day of birth, whatever the code; another day moves', () => {
  const subject = { shiftDays: 10, pooled: false, born: born('1980-05-05') };
  const left = (valueDateTime: string) => {
    const told = { code: loinc('85353-1'), valueDateTime };
    const { component, ...own } = out(observation({ ...told, component: [told] }), { subject })! as Json;
    return [own['valueDateTime'], (component as Json[])[0]!['valueDateTime']];
  };
  expect(left('1980-05-05')).toEqual([undefined, undefined]);
  expect(left('1980-05-05T03:00:00+09:00')).toEqual([undefined, undefined]);
  expect(left('1980-05-06')).toEqual(['1980-05-16', '1980-05-16']);
  const value = (more: object) =>
    Object.keys(out(observation({ code: loinc('85353-1'), ...more }), { subject })!).filter(name => name.startsWith('value'));
  for (const told of [
    { valuePeriod: { start: '1980-05-05' } },
    { valuePeriod: { end: '1980-05-05' } },
    { valueInteger: 19_800_505 },
    { valueQuantity: { value: 19_800_505 } },
  ])
    expect(value(told)).toEqual([]);
  for (const other of [{ valuePeriod: { start: '1980-05-06' } }, { valueInteger: 19_800_506 }])
    expect(value(other)).toEqual(Object.keys(other));
});

test('of somebody pooled neither a day of birth in eight digits leaves, nor an age below 0', () => {
  const subject = { shiftDays: 10, pooled: true };
  for (const told of [
    { valueInteger: 19_300_505 },
    { valueQuantity: { value: 19_300_505 } },
    { valueQuantity: { value: -95, unit: 'a', code: 'a' } },
  ])
    for (const code of ['85353-1', '30525-0'])
      expect(JSON.stringify(out(observation({ code: loinc(code), ...told }), { subject }))).not.toMatch(/valueInteger|valueQuantity/);
});

test('what an age by its code has beside a number goes: it is nothing that can be read as one', () =>
  expect(Object.keys(out(observation({ valueDateTime: '1980-05-05' }))!)).not.toContain('valueDateTime'));

const ratio = (numerator: object, denominator: object = { value: 1 }) => ({ valueRatio: { numerator, denominator } });
const sampled = (data: string, more: object = {}) => ({
  valueSampledData: { origin: { value: 0, ...more }, period: 1, dimensions: 1, data },
});

describe('of a pooled person, and of nobody alone, a number in no unit that may be an age goes by whatever code', () => {
  const { subject: _, ...nobodys } = context();
  /** The types that a policy with texts lets out, and SampledData. */
  const open = compilePolicy(
    readPolicy(
      standingOf({
        extends: 'jp-anonymized-text',
        elements: { SampledData: ['origin', 'period', 'dimensions', 'data'] },
        groups: [{ measure: 'kept', rules: [{ paths: ['SampledData.data'], method: 'clean-text' }] }],
      }),
    ),
  );
  const values = (value: object, by = open, at: Context = context({ ...pooled, clean: text => text })): string => {
    const other = loinc('99999-9');
    const whole = deidentify(by, observation({ code: other, ...value }), at);
    const panel = deidentify(by, observation({ code: other, component: [{ code: other, ...value }] }), at);
    return JSON.stringify([whole, panel].map(one => ({ ...one, id: '', meta: '' })));
  };

  test.each<object>([
    ratio({ value: 95 }),
    ratio({ value: 1930 }, { value: 1, unit: '1' }),
    ratio({ value: 1 }, { value: 97 }),
    ratio({ value: 970 }, { value: 10 }),
    ratio({ value: 97, unit: '{x}' }),
    sampled('97 98'),
    sampled('97', { unit: '{x}' }),
    { valueString: '97' },
    { valueString: '９７' },
    { valueString: '97+' },
    { valueString: '≥ 97' },
    { valueCodeableConcept: { text: '97' } },
    { valueRange: { low: { value: 95 }, high: { value: 97, unit: 'Winter' } } },
    { valueRange: { low: { value: 95, unit: '1' }, high: { value: 97, unit: '{score}' } } },
  ])('%j', value => {
    expect(values(value)).not.toMatch(/95|97|９７|1930/);
    expect(values(value, open, { ...nobodys, clean: text => text })).not.toMatch(/95|97|９７|1930/);
  });

  test.each(['Winter', 'Jahrgang', 'Lenze', 'x'.repeat(50), '{x}', 'ka'])('a number that loses its unit on the way: %j', unit => {
    for (const at of [context(pooled), nobodys]) {
      expect(values({ valueQuantity: { value: 97, unit } }, compiled, at)).not.toContain('97');
      // Half a ratio is none.
      expect(values(ratio({ value: 97, unit }, { value: 1, unit: 'd' }), compiled, at)).not.toContain('valueRatio');
    }
    expect(values({ valueQuantity: { value: 97, unit } }, compiled, context())).toContain('97');
  });

  test.each<[object, RegExp]>([
    [ratio({ value: 1 }, { value: 160 }), /"value":160/],
    [ratio({ value: 97, unit: 'mg' }, { value: 1, unit: 'mL' }), /"value":97/],
    [sampled('97 98', { unit: 'mV' }), /97 98/],
    [sampled('7 8'), /7 8/],
    [{ valueRange: { low: { value: 1, unit: '{score}' }, high: { value: 9, unit: '{score}' } } }, /"low".*"high"/],
    [{ valueRange: { low: { value: 95, unit: 'mg' } } }, /"value":95/],
    [{ valueString: '97 beats' }, /97 beats/],
  ])('%j stays', (value, kept) => expect(values(value)).toMatch(kept));

  test('the numbers of a Goal', () => {
    const details = [
      { detailInteger: 97 },
      { detailQuantity: { value: 97 } },
      { detailQuantity: { value: 97, unit: 'Winter' } },
      { detailRatio: { numerator: { value: 97 }, denominator: { value: 1 } } },
    ];
    const goal = (target: object): AnyResource => ({ resourceType: 'Goal', lifecycleStatus: 'active', target: [target] });
    for (const detail of details) {
      for (const at of [context(pooled), nobodys]) expect(JSON.stringify(deidentify(compiled, goal(detail), at))).not.toContain('97');
      expect(JSON.stringify(out(goal(detail)))).toContain('97');
    }
    const pulse = { detailQuantity: { value: 97, unit: '/min' } };
    expect(JSON.stringify(out(goal(pulse), pooled))).toContain('97');
    expect(JSON.stringify(out(goal({ detailInteger: 5 }), pooled))).toContain('5');
  });
});

describe('beside an encounter, which has a date, no age leaves of a resource of several persons, or of nobody', () => {
  const { subject: _, ...nobodys } = context();
  const years = (value: number) => ({ value, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' });
  test.each<AnyResource>([
    observation({ valueQuantity: years(78) }),
    observation({ valueRange: { low: years(78), high: years(79) } }),
    observation({ code: loinc('30525-0'), valueInteger: 78 }),
    { resourceType: 'Condition', onsetAge: years(78) },
  ])('%j', resource => expect(JSON.stringify(deidentify(compiled, resource, nobodys))).not.toContain('"value":78'));

  test('a time of less than a year does', () =>
    expect(JSON.stringify(deidentify(compiled, observation({ valueQuantity: { value: 78, unit: 'd' } }), nobodys))).toContain('78'));
});

describe('the value of an extension in no unit that may be an age goes, of a pooled person', () => {
  test.each<[string, object, object]>([
    ['valueQuantity', { value: 95 }, { value: 5 }],
    ['valueQuantity', { value: 95, unit: '1' }, { value: 95, unit: 'mg' }],
    ['valueDuration', { value: 1930 }, { value: 95, unit: 'd' }],
    ['valueRange', { low: { value: 95, unit: '1' } }, { low: { value: 5, unit: '1' } }],
  ])('%s: %j', (name, told, other) => {
    const own = policyOf({ name: 'own', version: '1', title: 'own', extends: 'jp-anonymized', extensions: { 'urn:e': name } });
    const patient = (value: object): AnyResource => ({ resourceType: 'Patient', extension: [{ url: 'urn:e', [name]: value }] });
    expect(out(patient(told), pooled, own)).not.toHaveProperty('extension');
    expect(out(patient(told), {}, own)).toHaveProperty('extension');
    expect(out(patient(other), pooled, own)).toHaveProperty('extension');
  });
});

test('an age in a unit that nobody knows goes, of whomever', () =>
  expect(out(observation({ valueQuantity: { value: 95, unit: 'Winter' } }))).not.toHaveProperty('valueQuantity'));

test('an age of one who is not pooled leaves in years, and other numbers as they are', () => {
  expect(out(observation({ valueInteger: 51 }))).toMatchObject({ valueQuantity: { value: 51, unit: 'a' } });
  expect(out(observation({ code: loinc('2339-0'), valueInteger: 95 }))).toMatchObject({ valueInteger: 95 });
  expect(out(observation({ code: loinc('41950-7'), valueQuantity: { value: 1900, unit: '{steps}', code: '{steps}' } }))).toMatchObject({
    valueQuantity: { value: 1900 },
  });
  // With a unit it is no age, of whomever.
  const pulse = { value: 97, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' };
  expect(out(observation({ code: loinc('8867-4'), valueQuantity: pulse }), pooled)).toMatchObject({ valueQuantity: { value: 97 } });
});

test('an age at onset as a Range, in a unit that nobody knows, goes', () => {
  const condition = (unit: string): AnyResource => ({
    resourceType: 'Condition',
    code: loinc('1-1'),
    subject: { reference: 'Patient/1' },
    onsetRange: { low: { value: 91, unit }, high: { value: 95, unit } },
  });
  expect(out(condition('Winter'))).not.toHaveProperty('onsetRange');
  const { comparator: _, ...limit } = old;
  expect(out(condition('a'))).toMatchObject({ onsetRange: { low: limit } });
});
