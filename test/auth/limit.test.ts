// OWASP API4:2023
import { expect, test } from '@jest/globals';
import { createLimit } from '../../src/auth/limit.ts';

test('limit: an address that was refused too often waits until the minute is over, others do not', () => {
  let now = 0;
  const limit = createLimit(3, () => now);
  for (let i = 0; i < 3; i++) {
    expect(limit.open('a')).toBe(true);
    limit.refused('a');
  }
  expect([limit.open('a'), limit.open('b')]).toEqual([false, true]);
  now = 60_000;
  expect(limit.open('a')).toBe(true);
});

test('limit: 0 is none', () => {
  const limit = createLimit(0, () => 0);
  for (let i = 0; i < 1000; i++) limit.refused('a');
  expect(limit.open('a')).toBe(true);
});
