// docs/deidentification.md (Persons and dates); https://hl7.org/fhir/R4/references.html
import { describe, expect, test } from '@jest/globals';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import type { Individual } from '../../src/release/individual.ts';
import { people, whose } from '../../src/release/whose.ts';

const numbers = 'urn:oid:1.2.392.100495.20.3.51.11319999991';
const one = (id: string, shiftDays: number): Individual => ({
  anchor: `Patient/${id}`,
  records: [],
  names: [`Patient/${id}`],
  keys: new Set([`${numbers}|${id}`]),
  subject: { shiftDays, pooled: false },
  pseudonym: `pseudonym-${id}`,
});
const known = people([one('a', 40), one('b', 40), one('c', -7)]);
const kind = (more: object): string =>
  whose({ resourceType: 'Observation', id: 'o', status: 'final', ...more } as AnyResource, known, 'https://noren.test/fhir').kind;
const a = { reference: 'Patient/a' };
const outsider = { system: numbers, value: 'elsewhere' };

test("what names one person of the release is that person's", () => {
  expect(kind({ subject: a })).toBe('one');
  expect(kind({ subject: { identifier: { system: numbers, value: 'a' } } })).toBe('one');
  expect(kind({ subject: { reference: `Patient?identifier=${numbers}|a` } })).toBe('one');
  expect(kind({ subject: { reference: `Patient?identifier=${encodeURIComponent(`${numbers}|a`)}` } })).toBe('one');
  expect(kind({ subject: { reference: 'https://noren.test/fhir/Patient/a/_history/3' } })).toBe('one');
});
test('what names nobody, or two persons, has no dates', () => {
  expect(kind({})).toBe('undated');
  expect(kind({ subject: a, focus: [{ reference: 'Patient/c' }] })).toBe('undated');
});
test('nor where two persons have one shift: its dates would tell that they have', () =>
  expect(kind({ subject: a, focus: [{ reference: 'Patient/b' }] })).toBe('undated'));

describe('what is about somebody outside stays, whomever else it names', () => {
  test.each<[string, object]>([
    ['a reference', { subject: { reference: 'Patient/z' } }],
    ['a number', { subject: { identifier: outsider } }],
    ['a number with a type', { subject: { type: 'Patient', identifier: outsider } }],
    ["a number that is nobody's", { subject: { identifier: { value: '5' } } }],
    ['a foreign URL', { subject: { reference: 'https://other.example/fhir/Patient/a' } }],
    ['criteria', { subject: { reference: 'Patient?identifier=x' } }],
    ['criteria by a number', { subject: { reference: `Patient?identifier=${outsider.system}|${outsider.value}` } }],
    ['criteria by several numbers', { subject: { reference: `Patient?identifier=${outsider.system}|${outsider.value},urn:x|1` } }],
    ['criteria by several numbers, one of them here', { subject: { reference: `Patient?identifier=urn:x|1,${numbers}|a` } }],
    ['criteria by a number twice', { subject: { reference: `Patient?identifier=${numbers}|a&identifier=urn:x|1` } }],
    ['criteria by a number and more', { subject: { reference: `Patient?identifier=${numbers}|a&active=true` } }],
    ['criteria by a name', { subject: { reference: 'Patient?name=x' } }],
    ['a contained Patient', { contained: [{ resourceType: 'Patient', id: 'p', identifier: [outsider] }], subject: { reference: '#p' } }],
  ])('%s', (_, more) => expect(kind({ ...more, focus: [a] })).toBe('foreign'));
});
test('a subject that is no person leaves without dates', () => {
  expect(kind({ subject: { reference: 'Location/1' }, focus: [a] })).toBe('one');
  expect(kind({ subject: { reference: 'Location/1' } })).toBe('undated');
});
