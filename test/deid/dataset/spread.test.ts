// Percentiles in bounded memory, held against a sorted list.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Spread } from '../../../src/deid/dataset/spread.ts';
import { random } from './hospital.ts';

const of = (values: readonly number[]): Spread => {
  const spread = new Spread();
  for (const value of values) spread.add(value);
  return spread;
};
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

test('few different numbers: the n-th from either end, exactly', () => {
  fc.assert(
    fc.property(fc.array(finite, { minLength: 1, maxLength: 300 }), fc.nat(), (values, at) => {
      const n = (at % values.length) + 1;
      const sorted = [...values].sort((a, b) => a - b);
      expect(of(values).error).toBe(0);
      expect(of(values).fromBelow(n) === sorted[n - 1]).toBe(true);
      expect(of(values).fromAbove(n) === sorted[sorted.length - n]).toBe(true);
    }),
  );
});

test('many different numbers: within the error that it states', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1500, max: 6000 }), (seed, count) => {
      const next = random(seed);
      const values = Array.from({ length: count }, () => (next() - 0.5) * 10 ** (6 * next()));
      const sorted = [...values].sort((a, b) => a - b);
      const spread = of(values);
      expect(spread.error).toBeGreaterThan(0);
      expect(spread.error).toBeLessThanOrEqual(0.0625);
      for (const n of [1, 8, 700, count]) {
        const truth = sorted[n - 1]!;
        expect(Math.abs(spread.fromBelow(n) - truth)).toBeLessThanOrEqual(Math.abs(truth) * spread.error);
      }
      expect(JSON.stringify(spread).length).toBeLessThan(60_000);
    }),
    { numRuns: 20 },
  );
});

test('order does not matter, and two halves put together are the whole, also when they went through JSON', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 4000, size: 'max' }),
      fc.nat(),
      (values, at) => {
        const cut = at % values.length;
        const first = of(values.slice(cut).reverse());
        const second = new Spread(JSON.parse(JSON.stringify(of(values.slice(0, cut)))));
        first.merge(second);
        expect(JSON.stringify(first)).toBe(JSON.stringify(of(values)));
        expect(first.total).toBe(values.length);
      },
    ),
    { numRuns: 40 },
  );
});
