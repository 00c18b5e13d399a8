// https://hl7.org/fhir/R4/downloads.html: the table is what the definitions say, no more and no less
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { derived } from '../../../src/fhir/profile/derive.ts';
import { derivedProfiles } from '../../../src/fhir/profile/derive-profiles.ts';

test.each([
  ['r4.ndjson', derived],
  ['r4-profiles.ndjson', derivedProfiles],
])('%s is what scripts/derive-r4.ts writes', (file, derive) => {
  const text = readFileSync(new URL(`../../../src/fhir/profile/${file}`, import.meta.url), 'utf8');
  // Compared by lines: a difference of half a megabyte tells nobody anything.
  const lines = text.split('\n');
  const wanted = derive().split('\n');
  expect(lines.filter((line, i) => line !== wanted[i]).map(line => line.slice(0, 100))).toEqual([]);
  expect(lines.length).toBe(wanted.length);
});
