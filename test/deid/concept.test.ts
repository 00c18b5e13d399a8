import { expect, test } from '@jest/globals';
import { countsOf, deidentify, newTally } from '../../src/deid/deidentify.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { compiled, context, out } from './ground.ts';

const coding = { system: 'http://loinc.org', code: '8302-2', display: 'Body height' };
const left = { system: 'http://loinc.org', code: '8302-2' };
const observation = (code: unknown): AnyResource =>
  ({ resourceType: 'Observation', id: 'x', status: 'final', code }) as unknown as AnyResource;
const codeOf = (code: unknown): unknown => out(observation(code))!['code'];
const absent = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] };

test.each([
  ['one coding', { coding: [coding] }, { coding: [left] }],
  ['one coding and a text', { text: '山田', coding: [coding] }, { coding: [left] }],
  ['several codings', { coding: [coding, { ...coding, code: '29463-7' }] }, { coding: [left, { ...left, code: '29463-7' }] }],
  ['a coding that does not leave', { coding: [{ system: 'urn:oid:1.2.3', code: 'A' }] }, absent],
  ['a text alone', { text: '山田' }, absent],
  ['an element that R4 does not have', { coding: [coding], name: '山田' }, { coding: [left] }],
  ['an extension', { coding: [coding], extension: [{ url: 'urn:x', valueString: '山田' }] }, { coding: [left] }],
  ['a modifier extension', { coding: [coding], modifierExtension: [{ url: 'urn:x' }] }, absent],
  ['a list in a coding’s place', { coding: [[coding]] }, absent],
  ['no list of codings', { coding }, absent],
  ['a list in the place of a concept', [{ coding: [coding] }], absent],
])('a concept with %s', (_, given, expected) => {
  expect(codeOf(given)).toEqual(expected);
  // Again, when its codings are known.
  expect(codeOf(given)).toEqual(expected);
});

test('a concept’s text is counted each time, and its resource says that something went', () => {
  const tally = newTally(compiled);
  const both = [0, 1].map(() => deidentify(compiled, observation({ coding: [coding], text: '山田' }), context(), tally)!);
  expect(countsOf(compiled, tally)['identifying-descriptions']).toBe(2);
  for (const one of both) expect(JSON.stringify(one.meta)).toContain('REDACTED');
});
