// One person as a release sees him. docs/deidentification.md (persons and dates)
import { describe, expect, test } from '@jest/globals';
import { dayOf } from '../../src/deid/calendar.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { individual, merged } from '../../src/release/individual.ts';
import { collection, keysFrom, ofType, released } from './ground.ts';

const patient = (id: string, more: object = {}): AnyResource => ({ resourceType: 'Patient', id, ...more }) as AnyResource;

describe('Patient records of one person', () => {
  test('one alone is as it is, but for what is of the record alone', () => {
    const one = patient('a', {
      maritalStatus: { text: 'M' },
      extension: [{ url: 'urn:x', valueBoolean: true }],
      birthDate: '1980',
      _birthDate: { extension: [{ url: 'urn:y', valueBoolean: true }] },
      contained: [{ resourceType: 'Organization', id: 'o' }],
    });
    expect(merged([{ ...one, meta: { versionId: '1' } }])).toEqual(one);
  });

  test('the oldest that has an element gives it, whole', () => {
    const extension = [{ url: 'urn:x', valueBoolean: true }];
    expect(
      merged([
        patient('a', { birthDate: '1980', multipleBirthInteger: 2, contained: [{ resourceType: 'Organization', id: 'o' }] }),
        patient('b', {
          birthDate: '1990',
          _birthDate: { extension },
          multipleBirthBoolean: true,
          communication: [{ preferred: true }],
          extension,
        }),
        patient('c', { extension: [] }),
      ]),
    ).toEqual(patient('a', { birthDate: '1980', multipleBirthInteger: 2, communication: [{ preferred: true }], extension }));
  });

  test('one that knows a gender, a birth, or that somebody is active, knows it better than one that does not', () => {
    const unknown = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] };
    expect(
      merged([
        patient('a', { gender: 'unknown', active: false, _birthDate: unknown }),
        patient('b', { gender: 'male', active: true, birthDate: '1980' }),
        patient('c', { gender: 'female' }),
      ]),
    ).toEqual(patient('a', { gender: 'male', active: true, birthDate: '1980' }));
  });

  test('a death that one record knows is a death; that of a day is one', () => {
    const dead = (...records: object[]): AnyResource => merged(records.map((one, i) => patient(`p${i}`, one)));
    expect(dead({ deceasedBoolean: false }, { deceasedBoolean: true })).toEqual(patient('p0', { deceasedBoolean: true }));
    expect(dead({ deceasedBoolean: true }, { deceasedBoolean: false })).toEqual(patient('p0', { deceasedBoolean: true }));
    expect(dead({ deceasedBoolean: true }, { deceasedDateTime: '2020' }, { deceasedDateTime: '2021' })).toEqual(
      patient('p0', { deceasedDateTime: '2020' }),
    );
    expect(dead({ deceasedDateTime: '2020' }, { deceasedBoolean: true })).toEqual(patient('p0', { deceasedDateTime: '2020' }));
  });

  test('one that does not leave gives nothing; where there is no other, it does not leave', () => {
    const withheld = patient('a', { implicitRules: 'urn:r', gender: 'male' });
    expect(merged([withheld, patient('b', { birthDate: '1980' })])).toEqual(patient('a', { birthDate: '1980' }));
    expect(merged([withheld])).toEqual(withheld);
  });
});

const { keys, compiled, today } = keysFrom(1, 'hipaa-safe-harbor');
const bornIn = (...births: (string | undefined)[]) => {
  const records = births.map((birthDate, i) => ({ resourceType: 'Patient', id: `${i}`, ...(birthDate && { birthDate }) }));
  return individual({ anchor: 'Patient/0', records, names: ['Patient/0'] }, () => today, { keys, compiled, today }).subject;
};
const day = (year: number, month: number, at: number) => dayOf(year, month, at);

test.each<[readonly (string | undefined)[], object | undefined]>([
  [['1961-05-28'], { first: day(1961, 5, 28), last: day(1961, 5, 28) }],
  [['1961'], { first: day(1961, 1, 1), last: day(1961, 12, 31) }],
  [['1961-02'], { first: day(1961, 2, 1), last: day(1961, 2, 28) }],
  [['1961', '1961-05', '1961-05-28'], { first: day(1961, 5, 28), last: day(1961, 5, 28) }],
  [['1961', '1961-05'], { first: day(1961, 5, 1), last: day(1961, 5, 31) }],
  [['1961-05-28', '1961-05-29'], { first: day(1961, 5, 28), last: day(1961, 5, 28) }],
  [[undefined, '1961'], { first: day(1961, 1, 1), last: day(1961, 12, 31) }],
  [[undefined, 'soon'], undefined],
])('of births written as %j the one that is known best', (births, born) => expect(bornIn(...births).born).toEqual(born));

test('whoever may be 90 by one of them is pooled, and so is of whom none is known', () => {
  expect(bornIn('1936').pooled).toBe(true);
  expect(bornIn('1961-05-28', '1930').pooled).toBe(true);
  expect(bornIn(undefined).pooled).toBe(true);
  expect(bornIn('1961').pooled).toBe(false);
});

test.each(['2090-01-01', '2026-06-16', '2027'])(
  'a birth that is still to come (%s) is none: nothing tells that the person is not old',
  async birthDate => {
    const observation = { resourceType: 'Observation', id: 'o', status: 'final', code: {}, subject: { reference: 'Patient/p' } };
    const { resources } = await released(collection(patient('p', { birthDate }), { ...observation, valueInteger: 95 }), keysFrom(3));
    expect(ofType(resources, 'Patient')[0]).toHaveProperty('_birthDate.extension');
    expect(ofType(resources, 'Observation')[0]).not.toHaveProperty('valueInteger');
  },
);
