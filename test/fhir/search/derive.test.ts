// https://hl7.org/fhir/R4/search.html#token: systems that go without saying are those of required bindings, no more and no less
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { derived } from '../../../src/fhir/search/derive.ts';
import { implicitSystems } from '../../../src/fhir/search/implicit-systems.ts';

test('implicit-systems.ndjson is what scripts/derive-r4.ts writes', () => {
  const text = readFileSync(new URL('../../../src/fhir/search/implicit-systems.ndjson', import.meta.url), 'utf8');
  expect(text).toBe(derived());
});

test.each([
  ['Patient', 'gender', ['http://hl7.org/fhir/administrative-gender']],
  // Inside a data type, and in a group.
  ['Patient', 'address-use', ['http://hl7.org/fhir/address-use']],
  ['AllergyIntolerance', 'severity', ['http://hl7.org/fhir/reaction-event-severity']],
  // What names its system itself, what is bound to none, what is no code.
  ['Condition', 'clinical-status', []],
  ['Patient', 'identifier', []],
  ['Patient', 'active', []],
  ['Patient', 'nothing', []],
])('the system of %s?%s', (base, code, systems) => {
  expect(implicitSystems({ base, code })).toEqual(systems);
});
