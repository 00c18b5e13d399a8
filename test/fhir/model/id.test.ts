// https://hl7.org/fhir/R4/resource.html#id
import { expect, test } from '@jest/globals';
import { newId } from '../../../src/fhir/model/id.ts';
import { isId } from '../../../src/fhir/model/r4.ts';

test('id: one that R4 allows, lower case, 16 characters or more, no two alike', () => {
  const ids = Array.from({ length: 5000 }, () => newId());
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every(id => isId(id) && id.length >= 16 && id === id.toLowerCase())).toBe(true);
});

test('id: in order of time as text', () => {
  const times = [0, 1, 31, 32, 1_000_000_000_000, 1_769_828_400_000, 1_769_828_400_001, 2 ** 48 - 1];
  const ids = times.map(time => newId(time));
  expect([...ids].sort()).toEqual(ids);
});
