// Ages at events. https://hl7.org/fhir/R4/extensibility.html; 45 CFR 164.514(b)(2)(i)(C)
import { expect, test } from '@jest/globals';
import { dayOf } from '../../src/deid/calendar.ts';
import { policyNamed } from '../../src/release/policies.ts';
import { compile, out } from './ground.ts';

const hipaa = policyNamed('hipaa-safe-harbor');
const url = 'http://hl7.org/fhir/us/dapl/StructureDefinition/dapl-age-extension';
const a = { unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' };
const subject = { shiftDays: 10, pooled: false, born: dayOf(1961, 5, 28) };
const today = dayOf(2026, 11, 29);
const visit = (start: string) => ({ resourceType: 'Encounter', status: 'finished', period: { start } });

test('an age at a visit, in whole years, before and on the birthday', () => {
  expect(out(visit('2001-05-27'), { subject }, hipaa)?.['extension']).toEqual([{ url, valueQuantity: { value: 39, ...a } }]);
  expect(out(visit('2001-05-28'), { subject }, hipaa)?.['extension']).toEqual([{ url, valueQuantity: { value: 40, ...a } }]);
});

test('a patient has the age of the last day of the year before', () =>
  expect(out({ resourceType: 'Patient', gender: 'male' }, { subject, today }, hipaa)?.['extension']).toEqual([
    { url, valueQuantity: { value: 64, ...a } },
  ]));

test('from 90 years on it says so much and no more; of somebody pooled no lower age leaves', () => {
  const old = { ...subject, born: dayOf(1930, 1, 1), pooled: true };
  expect(out(visit('2020-01-01'), { subject: old }, hipaa)?.['extension']).toEqual([
    { url, valueQuantity: { value: 90, comparator: '>=', ...a } },
  ]);
  expect(out(visit('2000-01-01'), { subject: old }, hipaa)).not.toHaveProperty('extension');
});

test('somebody who has reached 90 since the end of the year is 90 or more, and not without an age', () => {
  const young = { ...subject, born: dayOf(1936, 3, 1), pooled: true };
  expect(out({ resourceType: 'Patient', gender: 'male' }, { subject: young, today }, hipaa)?.['extension']).toEqual([
    { url, valueQuantity: { value: 90, comparator: '>=', ...a } },
  ]);
});

test('without a birth to the day, a date of the event, or after it, there is none', () => {
  expect(out(visit('2001-05-28'), {}, hipaa)).not.toHaveProperty('extension');
  expect(out({ resourceType: 'Encounter', status: 'planned' }, { subject }, hipaa)).not.toHaveProperty('extension');
  expect(out(visit('1960-01-01'), { subject }, hipaa)).not.toHaveProperty('extension');
});

test('a day that stands for none tells no age, and nobody has one after death', () => {
  expect(out(visit('9999-12-31'), { subject: { ...subject, notAfter: today + 3653 } }, hipaa)).not.toHaveProperty('extension');
  for (const death of [{ deceasedDateTime: '1990-01-01' }, { deceasedBoolean: true }])
    expect(out({ resourceType: 'Patient', ...death }, { subject, today }, hipaa)).not.toHaveProperty('extension');
  expect(out({ resourceType: 'Patient', deceasedBoolean: false }, { subject, today }, hipaa)).toHaveProperty('extension');
});

test('any variant of a choice tells', () => {
  const policy = compile({ ages: [{ on: 'Observation', at: 'effective[x]', url: 'urn:age' }], elements: { Observation: ['status'] } });
  for (const effective of [{ effectiveDateTime: '2001-06-01T10:00:00Z' }, { effectivePeriod: { start: '2001-06' } }])
    expect(out({ resourceType: 'Observation', ...effective }, { subject }, policy)?.['extension']).toEqual([
      { url: 'urn:age', valueQuantity: { value: 40, ...a } },
    ]);
});

test.each([
  [{ on: 'Observation', at: 'efective', url: 'urn:age' }, 'R4 has no such element'],
  [{ on: 'Encounter', at: 'period', url: 'urn:age' }, 'does not leave'],
])('%j stops the load', (age, text) => expect(() => compile({ ages: [age], elements: { Observation: ['status'] } })).toThrow(text));
