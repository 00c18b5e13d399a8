// sfc32: http://pracrand.sourceforge.net/RNG_engines.txt
import { expect, test } from '@jest/globals';
import { random } from '../../src/generate/random.ts';

test('random: the same words give the same stream, other words another', () => {
  const stream = (...words: (string | number)[]) => Array.from({ length: 20 }, random(...words).next);
  expect(stream('a', 1)).toEqual(stream('a', 1));
  expect(stream('a', 1)).not.toEqual(stream('a', 2));
  expect(stream('a', 11)).not.toEqual(stream('a1', 1));
});

test('random: whole numbers reach both ends and are even', () => {
  const r = random('even');
  const counts = new Map<number, number>();
  for (let i = 0; i < 60_000; i++) {
    const n = r.whole(1, 6);
    counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test('random: a weight of 0 is never taken; no weight at all gives nothing', () => {
  const r = random('weights');
  const taken = new Set(Array.from({ length: 1000 }, () => r.weighted(['a', 'b', 'c'], one => (one === 'b' ? 0 : 1))));
  expect([...taken].sort()).toEqual(['a', 'c']);
  expect(r.weighted(['a'], () => 0)).toBeUndefined();
});

test('random: uuids have version 4 and do not repeat', () => {
  const r = random('uuid');
  const all = Array.from({ length: 1000 }, r.uuid);
  expect(new Set(all).size).toBe(1000);
  for (const one of all) expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
