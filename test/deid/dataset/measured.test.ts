// Bounds of measured values: at the percentile, or further in until k persons share them.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { beyond, Measured } from '../../../src/deid/dataset/measured.ts';

const percentiles = { low: 0.5, high: 99.5 };
const of = (values: readonly number[], k: number): Measured => {
  const made = new Measured();
  for (const [person, value] of values.entries()) made.add(person, value, value, k);
  return made;
};

test('a bound lies at the percentile when k persons or more are beyond it', () => {
  const values = Array.from({ length: 10_000 }, (_, n) => n % 1000);
  expect(of(values, 10).bounds(10, percentiles)).toEqual({ low: 4, high: 995 });
  expect(of(values, 10).bounds(10, { low: 5, high: 90 })).toEqual({ low: 49, high: 900 });
});

test('a bound lies further in when fewer than k persons are beyond the percentile', () => {
  const values = Array.from({ length: 100 }, (_, n) => n);
  expect(of(values, 10).bounds(10, percentiles)).toEqual({ low: 9, high: 90 });
});

test('an outermost value that k persons share needs no bound', () => {
  expect(of([...Array(10).fill(1), 2, 3, 4, ...Array(10).fill(5)], 10).bounds(10, percentiles)).toEqual({});
  expect(of([...Array(10).fill(1), 2, 3, 4, ...Array(9).fill(5)], 10).bounds(10, percentiles)).toEqual({ high: 4 });
});

test('fewer than k persons, or too few for two bounds: no value leaves', () => {
  expect(of([1, 2, 3], 4).bounds(4, percentiles)).toBeUndefined();
  expect(of([1, 2, 3, 4, 5], 4).bounds(4, percentiles)).toBeUndefined();
  expect(of([], 2).bounds(2, percentiles)).toBeUndefined();
});

test('one person who is measured a thousand times is one person', () => {
  const made = of(
    Array.from({ length: 40 }, (_, n) => n),
    5,
  );
  for (let i = 0; i < 1000; i++) made.add(99, -1000 - i, 1000 + i, 5);
  expect(made.bounds(5, { low: 0, high: 100 })).toEqual({ low: 3, high: 36 });
});

test('k persons lie at each bound or beyond, and the lower one is below the upper one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 120 }),
      fc.integer({ min: 2, max: 12 }),
      (values, k) => {
        const bounds = of(values, k).bounds(k, percentiles);
        if (bounds === undefined) return;
        const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = bounds;
        expect(low < high).toBe(true);
        const [least, greatest] = [Math.min(...values), Math.max(...values)];
        const lowest = bounds.low === undefined ? values.filter(value => value === least) : values.filter(value => value <= low);
        const highest = bounds.high === undefined ? values.filter(value => value === greatest) : values.filter(value => value >= high);
        expect(lowest.length).toBeGreaterThanOrEqual(k);
        expect(highest.length).toBeGreaterThanOrEqual(k);
      },
    ),
  );
});

test('a value that came with a comparator lies beyond a bound when all that it can mean does', () => {
  expect(beyond({ low: 1, high: 9 }, '<0.3')).toBe('low');
  expect(beyond({ low: 1, high: 9 }, '<=1')).toBe('low');
  expect(beyond({ low: 1, high: 9 }, '<5')).toBeUndefined();
  expect(beyond({ low: 1, high: 9 }, '>=9')).toBe('high');
  expect(beyond({ low: 1, high: 9 }, '>5')).toBeUndefined();
  expect(beyond({}, '>5')).toBeUndefined();
});
