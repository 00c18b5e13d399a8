// https://hl7.org/fhir/R4/search_filter.html
import { describe, expect, test } from '@jest/globals';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import type { Predicate } from '../../../src/fhir/search/query.ts';
import { cpuTime } from '../../cpu-time.ts';
import { evaluate, type Stored } from './oracle.ts';

const base = 'http://127.0.0.1:8080/fhir';
const query = (type: string, filter: string) =>
  parseSearch(type, [['_filter', filter]], { defaultCount: 50, maxCount: 50, base, now: Date.UTC(2026, 0, 31) }).query;
const compiled = (type: string, filter: string): Predicate => {
  const [only] = query(type, filter).where;
  if (only?.kind !== 'and' || only.all.length !== 1) throw new Error('a filter is one predicate');
  return only.all[0]!;
};
const problem = (type: string, filter: string): Problem => {
  try {
    query(type, filter);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown;
    throw thrown;
  }
  throw new Error(`was taken: ${filter}`);
};

const patient = (id: string, more: Json): AnyResource => ({ resourceType: 'Patient', id, ...more });
const all: Stored[] = [
  patient('peter', {
    name: [{ family: 'Petersen', given: ['Peter'] }],
    birthDate: '2015-03-01',
    gender: 'male',
    identifier: [{ system: 'urn:n', value: 'A1' }],
  }),
  patient('anna', { name: [{ family: 'Trumpet', given: ['Anna'] }], birthDate: '1980', gender: 'female' }),
  patient('nobody', { active: true }),
  {
    resourceType: 'Observation',
    id: 'weight',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    subject: { reference: 'Patient/peter' },
    effectivePeriod: { start: '2024-01-01', end: '2024-01-31' },
    valueQuantity: { value: 70, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  },
  {
    resourceType: 'Observation',
    id: 'height',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] },
    subject: { reference: 'Patient/anna' },
    effectiveDateTime: '2024-02-10',
    valueQuantity: { value: 165, unit: 'cm', system: 'http://unitsofmeasure.org', code: 'cm' },
  },
  {
    resourceType: 'DocumentReference',
    id: 'second',
    status: 'current',
    content: [{ attachment: {} }],
    relatesTo: [
      { code: 'replaces', target: { reference: 'DocumentReference/first' } },
      { code: 'appends', target: { reference: 'DocumentReference/other' } },
    ],
  },
].map((resource, i) => ({
  type: resource.resourceType,
  id: resource.id!,
  resource: resource as AnyResource,
  lastUpdated: Date.UTC(2026, 0, 1 + i),
}));
const found = (type: string, filter: string): string => evaluate(query(type, filter), all, { base }).join();

describe('what a filter finds', () => {
  test.each([
    ['Patient', 'name co "pet"', 'peter,anna'],
    ['Patient', 'given eq "peter" and birthdate ge 2014-10-10', 'peter'],
    ['Patient', 'given eq pet', ''],
    ['Patient', 'given sw pet', 'peter'],
    ['Patient', 'family ew PET', 'anna'],
    ['Patient', 'family ne Petersen', 'anna'],
    ['Patient', 'family gt q', 'anna'],
    ['Patient', 'family le p', 'peter'],
    ['Patient', 'birthdate pr false', 'nobody'],
    ['Patient', 'not(birthdate pr true)', 'nobody'],
    ['Patient', 'not (gender eq male)', 'anna,nobody'],
    ['Patient', 'gender ne male', 'anna'],
    ['Patient', 'gender eq MALE', 'peter'],
    ['Patient', 'identifier eq urn:n|a1', 'peter'],
    ['Patient', '_id eq anna or _id eq peter', 'peter,anna'],
    ['Patient', '_id ne anna', 'peter,nobody'],
    ['Patient', '_lastUpdated lt 2026-01-02', 'peter'],
    ['Patient', 'gender eq female or gender eq male and given eq nobody', ''],
    ['Patient', 'gender eq female or (gender eq male and given eq nobody)', 'anna'],
    ['Observation', 'code eq loinc|8302-2', 'height'],
    ['Observation', 'code eq http://loinc.org|29463-7', 'weight'],
    ['Observation', 'subject.name co "pet"', 'weight,height'],
    ['Observation', 'subject[gender eq male].name co "pet"', 'weight'],
    ['Observation', 'subject re Patient/anna', 'height'],
    ['Observation', `subject re ${base}/Patient/anna`, 'height'],
    ['Observation', 'date po 2024-01', 'weight'],
    ['Observation', 'date eq 2024-01', 'weight'],
    ['Observation', 'date co 2024-01-15', 'weight'],
    ['Observation', 'date sa 2024-02-09', 'height'],
    ['Observation', 'value-quantity gt 100', 'height'],
    ['Observation', 'value-quantity eq 70|ucum|kg', 'weight'],
    ['Observation', 'value-quantity lt 100|http://unitsofmeasure.org|cm', ''],
    ['DocumentReference', 'relatesTo[code eq "replaces"].target re DocumentReference/first', 'second'],
    ['DocumentReference', 'relatesTo[code eq appends].target re DocumentReference/first', ''],
  ])('_filter: %s: %s finds %s', (type, filter, ids) => {
    expect(found(type, filter)).toBe(ids);
  });
});

test('_filter: a string may hold blanks, brackets, quotes and what JSON escapes', () => {
  expect(compiled('Patient', 'name eq "a) ]b\\" \\u5c71"')).toMatchObject({ values: ['a) ]b" 山'], match: 'same' });
});

test('_filter: in, ni, ss and sb are asked of a terminology', () => {
  expect(compiled('Condition', 'code in http://e.org/vs')).toMatchObject({ kind: 'concept', relation: 'in', not: false });
  expect(compiled('Condition', 'code ni ValueSet/1')).toMatchObject({ kind: 'concept', values: [{ set: 'ValueSet/1' }], not: true });
  expect(compiled('Condition', 'code ss snomed|1')).toMatchObject({
    relation: 'below',
    values: [{ system: 'http://snomed.info/sct', code: '1' }],
  });
  expect(compiled('Condition', 'code sb snomed|1')).toMatchObject({ relation: 'above' });
});

describe('what is refused', () => {
  test.each([
    ['Patient', ''],
    ['Patient', 'x'],
    ['Patient', 'name'],
    ['Patient', 'name eq'],
    ['Patient', 'name eq "x'],
    ['Patient', 'name eq x)'],
    ['Patient', '(name eq x'],
    ['Patient', 'name eq x and'],
    ['Patient', 'not name eq x'],
    ['Patient', 'name zz x'],
    ['Patient', 'name po x'],
    ['Patient', 'name[$ne] eq x'],
    ['Patient', 'colour eq x'],
    ['Patient', '__proto__ eq x'],
    ['Patient', 'gender co ma'],
    ['Patient', 'birthdate eq 2020-13'],
    ['Patient', 'birthdate sw 2020'],
    ['Patient', 'name pr maybe'],
    ['Patient', 'gender.x eq 1'],
    ['Patient', 'organization[name eq x] eq 1'],
    ['Observation', 'subject.colour eq x'],
    ['Observation', 'code-value-quantity eq x$1'],
    ['DocumentReference', 'relatesTo[code eq a and code eq b].target re DocumentReference/1'],
    ['DocumentReference', 'relatesTo[code eq a].colour re DocumentReference/1'],
    ['Location', 'near eq 1'],
  ])('_filter: %s: %s is refused with 400', (type, filter) => {
    const refused = problem(type, filter);
    expect([refused.status, refused.findings[0]?.expression]).toEqual([400, 'http._filter']);
  });

  test('_filter: hostile ones are refused quickly, long rows are taken', () => {
    const from = cpuTime();
    for (const filter of [
      '('.repeat(10_000),
      'not('.repeat(10_000),
      `${'subject.'.repeat(2000)}name eq x`,
      `${'subject['.repeat(2000)}name eq x`,
      'a'.repeat(100_000),
      '"'.repeat(10_000),
      `name eq ${' '.repeat(10_000)}`,
      `${'target.'.repeat(30)}_id eq x`,
    ])
      expect(problem('Observation', filter).status).toBe(400);
    expect(compiled('Patient', Array.from({ length: 1000 }, (_, i) => `_id eq p${i}`).join(' or '))).toMatchObject({ kind: 'or' });
    expect(problem('Patient', Array.from({ length: 2000 }, (_, i) => `_id eq patient${i}`).join(' or ')).status).toBe(400);
    // Each step may lead to every type there is: what stands at its end is still read in no time.
    expect([query('Provenance', 'target.target.target.target._id eq x').where.length]).toEqual([1]);
    expect(cpuTime() - from).toBeLessThan(2000);
  });
});
