// Ages that an Observation's code tells: https://hl7.org/fhir/R4/observation.html, https://loinc.org/30525-0
import { expect, test } from '@jest/globals';
import { deidentify } from '../../src/deid/deidentify.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { policyNamed } from '../../src/release/policies.ts';
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

test('a year of birth goes, of whomever; a date of birth moves as every date does', () => {
  const year = observation({ code: loinc('80904-6'), valueInteger: 1980 });
  expect(out(year)).not.toHaveProperty('valueInteger');
  expect(out(observation({ code: loinc('21112-8'), valueDateTime: '1980-05-05' }))).toHaveProperty('valueDateTime');
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
