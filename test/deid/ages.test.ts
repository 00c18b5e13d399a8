// Ages at events. https://hl7.org/fhir/R4/extensibility.html; 45 CFR 164.514(b)(2)(i)(C); HL7 DAPL 1.0.0-ballot, dapl-age-extension
import { describe, expect, test } from '@jest/globals';
import { dayOf } from '../../src/deid/calendar.ts';
import type { Subject } from '../../src/deid/context.ts';
import type { Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { policyNamed } from '../../src/release/policies.ts';
import { born, compile, out } from './ground.ts';

const hipaa = policyNamed('hipaa-safe-harbor');
const url = 'http://hl7.org/fhir/us/dapl/StructureDefinition/dapl-age-extension';
const a = { unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' };
const age = (value: number) => [{ url, valueQuantity: { value, ...a } }];
const span = (low: number, high: number) => [{ url, valueRange: { low: { value: low, ...a }, high: { value: high, ...a } } }];
const over = [{ url, valueQuantity: { value: 90, comparator: '>=', ...a } }];
const absent = (valueCode: string) => [
  { url, valueQuantity: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode }] } },
];
const subject: Subject = { shiftDays: 10, pooled: false, born: born('1961-05-28') };
const old: Subject = { shiftDays: 10, pooled: true, born: born('1930-01-01') };
const today = dayOf(2026, 11, 29);
const visit = (start?: string) => ({
  ...{ resourceType: 'Encounter', status: 'finished', class: { code: 'AMB', system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode' } },
  ...(start === undefined ? {} : { period: { start } }),
});
const at = (start: string | undefined, who: Subject | undefined, by = hipaa): unknown => {
  const left = out(visit(start), who === undefined ? {} : { subject: who }, by)!;
  expect(validate(JSON.parse(JSON.stringify(left)))).toEqual([]);
  return left['extension'];
};
const of = (who: Subject, more: Json = {}, by = hipaa): unknown => {
  const left = out({ resourceType: 'Patient', gender: 'male', ...more }, { subject: who, today }, by)!;
  expect(validate(JSON.parse(JSON.stringify(left)))).toEqual([]);
  return left['extension'];
};

describe('at an event', () => {
  test('whole years, before and on the birthday', () => {
    expect(at('2001-05-27', subject)).toEqual(age(39));
    expect(at('2001-05-28', subject)).toEqual(age(40));
  });

  test.each<[string, string, Json[]]>([
    ['1961-05', '2001-06-01', age(40)],
    ['1961-05', '2001-05-20', span(39, 40)],
    ['1961', '2001-12-30', span(39, 40)],
    ['1961', '2001-12-31', age(40)],
    ['1961', '2001', span(39, 40)],
    ['1961-05-28', '2001', span(39, 40)],
    ['1961-05-28', '2001-06', age(40)],
    ['2001', '2001-06-01', age(0)],
  ])('of a birth written as %s, on %s: one age, or two where both are possible', (birth, start, told) =>
    expect(at(start, { ...subject, born: born(birth) })).toEqual(told),
  );

  test('of somebody pooled it is masked, before 90 and after: with the year of the visit, the first "90 or more" would tell the birth', () => {
    for (const start of ['1950-01-01', '2019-12-31', '2020-01-01', '2026-01-01', undefined])
      expect(at(start, old)).toEqual(absent('masked'));
  });

  test('without a birth, a date of the event, or a day that is one, nobody knows; before the birth there is none', () => {
    expect(at('2001-05-28', { shiftDays: 10, pooled: true })).toEqual(absent('unknown'));
    expect(at(undefined, subject)).toEqual(absent('unknown'));
    expect(at('9999-12-31', { ...subject, notAfter: today + 3653 })).toEqual(absent('unknown'));
    expect(at('1961-01-01', subject)).toEqual(absent('not-applicable'));
  });

  test('any variant of a choice tells', () => {
    const policy = compile({ ages: [{ on: 'Observation', at: 'effective[x]', url }], elements: { Observation: ['status'] } });
    for (const effective of [
      { effectiveDateTime: '2001-06-01T10:00:00Z' },
      { effectivePeriod: { start: '2001-06' } },
      { effectivePeriod: { end: '2001-06-01' } },
      { effectiveTiming: { event: ['2001-06-01', '2002-06-01'] } },
      { effectiveTiming: { repeat: { boundsPeriod: { start: '2001-06-01' } } } },
    ])
      expect(out({ resourceType: 'Observation', ...effective }, { subject }, policy)?.['extension']).toEqual(age(40));
  });
});

describe('of a patient', () => {
  test('the age of the last day of the year before, exact also where the birth is known by its year', () => {
    expect(of(subject)).toEqual(age(64));
    expect(of({ ...subject, born: born('1961') })).toEqual(age(64));
  });

  test('of somebody pooled 90 or more, also who has reached it since the end of the year; of whom nobody knows the birth: unknown', () => {
    expect(of(old)).toEqual(over);
    expect(of({ ...old, born: born('1936-03-01') })).toEqual(over);
    expect(of({ shiftDays: 10, pooled: true })).toEqual(absent('unknown'));
  });

  test('born since the end of the year: not yet an age', () =>
    expect(of({ ...subject, born: born('2026-02-01') })).toEqual(absent('not-applicable')));

  test.each<[string, Subject, Json, Json[]]>([
    ['died before: the age at death', subject, { deceasedDateTime: '1990-05-28' }, age(29)],
    ['in a year, on a side of the birthday that nobody knows', subject, { deceasedDateTime: '1990' }, span(28, 29)],
    ['died this year: the age at the end of the last one', subject, { deceasedDateTime: '2026-06-01' }, age(64)],
    ['nobody knows when', subject, { deceasedBoolean: true }, absent('unknown')],
    ['nobody knows when, nor how old', old, { deceasedBoolean: true }, absent('unknown')],
    ['before the birth', subject, { deceasedDateTime: '1950-01-01' }, absent('unknown')],
    ['on a day that stands for none', { ...subject, notAfter: today + 3653 }, { deceasedDateTime: '9999-12-31' }, absent('unknown')],
    ['pooled', old, { deceasedDateTime: '2024-06-01' }, over],
    ['pooled for a note long after the death', old, { deceasedDateTime: '1990-06-01' }, over],
    ['the birth is unknown', { shiftDays: 10, pooled: true }, { deceasedDateTime: '1990' }, absent('unknown')],
    ['is not dead', subject, { deceasedBoolean: false }, age(64)],
  ])('deceased: %s', (_, who, death, told) => expect(of(who, death)).toEqual(told));

  test('today, where the policy asks for it', () => {
    const policy = compile({ ages: [{ on: 'Patient', at: 'today', url }] });
    expect(of(subject, {}, policy)).toEqual(age(65));
    expect(of(subject, { deceasedDateTime: '2026-01-01' }, policy)).toEqual(age(64));
  });
});

describe('in bands', () => {
  const by = (years: number, pooledFrom = 90) =>
    compile({ ages: [{ on: 'Encounter', at: 'period', url, years }], pooledFrom, elements: { Encounter: ['status', 'class'] }, ...coded });
  const coded = {
    groups: [
      {
        ...{ measure: 'kept', title: 'kept' },
        rules: [
          { paths: ['code'], method: 'keep' },
          { paths: ['Resource.id'], method: 'pseudonymize' },
          { paths: ['Coding'], method: 'substitute', value: { code: 'AMB' } },
        ],
      },
    ],
  };
  test.each<[number, string, string, number, number]>([
    [10, '1961-05-28', '2001-05-27', 30, 39],
    [10, '1961-05-28', '2001-05-28', 40, 49],
    [10, '1961', '2001-06-01', 30, 49],
    [5, '1961', '2003-06-01', 40, 44],
    [10, '1961-05-28', '1961-06-01', 0, 9],
    [10, '1961-05-28', '1961-01-01', 0, 9],
    [10, '1926-01-01', '2015-06-01', 80, 89],
    [20, '1926-01-01', '2015-06-01', 80, 89],
    [25, '1926-01-01', '2015-06-01', 75, 89],
  ])(
    'of %i years: born %s, on %s: %i to %i, and no band goes beyond the age from which persons are pooled',
    (years, birth, start, low, high) => expect(at(start, { ...subject, born: born(birth) }, by(years))).toEqual(span(low, high)),
  );

  test('of somebody pooled none', () => {
    expect(at('2001-01-01', old, by(10))).toEqual(absent('masked'));
    const policy = compile({ ages: [{ on: 'Patient', at: 'year-end', url, years: 10 }] });
    expect(of(old, {}, policy)).toEqual(over);
    expect(of(subject, {}, policy)).toEqual(span(60, 69));
    // The band is what is told of a child: not that it was born since the last 31 December.
    expect(of({ ...subject, born: born('2026-02-01') }, {}, policy)).toEqual(span(0, 9));
  });
});

test.each([
  [{ on: 'Observation', at: 'efective', url: 'urn:age' }, 'R4 has no such element'],
  [{ on: 'Encounter', at: 'period', url: 'urn:age' }, 'does not leave'],
  ...[1, 0, -10, 2.5, '10', null].map(
    years =>
      [{ on: 'Observation', at: 'issued', url: 'urn:age', years }, 'ages[0].years: must be a whole number of years, 2 or more'] as const,
  ),
  [{ on: 'Observation', at: 'issued', url: 'urn:age', year: 5 }, '"year" is no part of a policy'],
])('%j stops the load', (age, text) => expect(() => compile({ ages: [age], elements: { Observation: ['status'] } })).toThrow(text));
