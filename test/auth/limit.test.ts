// OWASP API4:2023
import { expect, test } from '@jest/globals';
import { createLimit, networkOf } from '../../src/auth/limit.ts';

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

test('limit: whoever reaches it waits a whole window from then on, and trying on makes it no longer', () => {
  let now = 0;
  const limit = createLimit(3, () => now);
  for (const at of [0, 30_000, 59_999]) {
    now = at;
    limit.refused('a');
  }
  now = 60_001;
  limit.refused('a');
  expect(limit.open('a')).toBe(false);
  now = 59_999 + 60_000;
  expect(limit.open('a')).toBe(true);
});

test('limit: refusals that lie further apart than the window do not add up', () => {
  let now = 0;
  const limit = createLimit(2, () => now);
  limit.refused('a');
  now = 60_000;
  limit.refused('a');
  expect(limit.open('a')).toBe(true);
});

test('limit: who waits is not forgotten by being shown others; where all wait, whoever is new waits too', () => {
  let now = 0;
  const limit = createLimit(2, () => now, 60_000, 100);
  for (let i = 0; i < 2; i++) limit.refused('victim');
  for (let i = 0; i < 1000; i++) limit.refused(`junk${i}`);
  expect([limit.open('victim'), limit.open('another')]).toEqual([false, true]);
  for (let i = 0; i < 1000; i++) for (let k = 0; k < 2; k++) limit.refused(`more${i}`);
  expect([limit.open('victim'), limit.open('another')]).toEqual([false, false]);
  now = 60_000;
  expect([limit.open('victim'), limit.open('another')]).toEqual([true, true]);
});

test('limit: an address of IPv6 counts as its network, one of IPv4 as itself', () => {
  expect(
    ['2001:db8::1', '2001:0db8:0:0:ffff::2', '2001:db8:0:1::1', '::1', '192.0.2.7', '::ffff:192.0.2.7', 'fe80::1%eth0'].map(networkOf),
  ).toEqual(['2001:db8:0:0::/64', '2001:db8:0:0::/64', '2001:db8:0:1::/64', '0:0:0:0::/64', '192.0.2.7', '192.0.2.7', 'fe80:0:0:0::/64']);
});
