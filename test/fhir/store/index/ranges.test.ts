// https://hl7.org/fhir/R4/search.html#date, https://hl7.org/fhir/R4/search.html#number
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dateTest, numberTest } from '../../../../src/fhir/search/compare.ts';
import type { Ranged } from '../../../../src/fhir/search/query.ts';
import { DateIndex, NumberIndex, type RangeIndex } from '../../../../src/fhir/store/index/ranges.ts';

const day = 24 * 3600 * 1000;

/** Low and high ends: mostly narrow, some wide, some open. */
const range = (scale: number) =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 300 }),
      fc.constantFrom(0, 0.5, 1, 31, 90, Number.POSITIVE_INFINITY),
      fc.constantFrom(false, false, false, false, false, false, false, true),
    )
    .map(([low, width, open]): readonly [number, number] => [open ? Number.NEGATIVE_INFINITY : low * scale, (low + width) * scale]);

const asked = (scale: number) =>
  fc
    .tuple(
      fc.constantFrom<Ranged['prefix']>('eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'),
      fc.integer({ min: -5, max: 310 }),
      fc.constantFrom(0, 1, 30),
    )
    .map(([prefix, low, width]): Ranged => ({ prefix, low: low * scale, high: (low + width) * scale, value: (low + width / 2) * scale }));

function held(index: RangeIndex, kind: 'date' | 'number', scale: number): void {
  const test_ = kind === 'date' ? dateTest : numberTest;
  fc.assert(
    fc.property(
      fc.array(range(scale), { minLength: 0, maxLength: 40 }),
      fc.array(asked(scale), { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(6000), { maxLength: 20 }),
      (more, values, gone) => {
        for (const value of more) put(value);
        const taken = [...new Set(gone)].filter(seq => rows.has(seq)).sort((a, b) => a - b);
        index.remove(taken.map(seq => [seq, rows.get(seq)!]));
        for (const seq of taken) rows.delete(seq);
        const expected = [...rows].filter(([, ranges]) => ranges.some(([l, h]) => values.some(v => test_(v)(l, h)))).map(([seq]) => seq);
        const predicate = { kind, code: 'x', values } as const;
        expect(index.find(predicate)).toEqual(expected);
        const among = [...rows.keys()].filter(seq => seq % 3 === 0);
        expect(index.find(predicate, among)).toEqual(expected.filter(seq => seq % 3 === 0));
        const one = expected.slice(0, 1);
        expect(index.find(predicate, one)).toEqual(one);
        expect(index.estimate(predicate)).toBeGreaterThanOrEqual(Math.min(expected.length, 1));
        for (const descending of [false, true]) {
          const all = [...rows.keys()];
          const keys = index.keys(all, descending) as number[];
          const order = all
            .map((seq, i) => ({ seq, key: keys[i]! }))
            .sort((a, b) => (descending ? b.key - a.key : a.key - b.key) || a.seq - b.seq);
          const sorted = order.map(({ seq }) => seq);
          expect([...index.inOrder(descending, undefined, [])].join()).toBe(sorted.join());
          const from = (all.length * 7) >> 4;
          expect([...index.inOrder(descending, order[from], [])].join()).toBe(sorted.slice(from + 1).join());
          const some = new Set(index.inOrder(descending, undefined, [predicate]));
          expect(expected.every(seq => some.has(seq))).toBe(true);
          expect([...some].join()).toBe(sorted.filter(seq => some.has(seq)).join());
        }
      },
    ),
    { numRuns: 60 },
  );
  expect(rows.size).toBeGreaterThan(4000);

  function put(value: readonly [number, number]): void {
    const ranges = next % 9 === 0 ? [value, [value[0] + scale, value[1] + scale] as const] : [value];
    rows.set(next, ranges);
    index.add(next, ranges);
    next += 1;
  }
}

let next = 1;
let rows = new Map<number, readonly (readonly [number, number])[]>();

test('order: where every version has one value, a page begins where a condition on it may hold', () => {
  const index = new DateIndex();
  for (let seq = 1; seq <= 4096; seq++) index.add(seq, [[(seq % 1024) * day, (seq % 1024) * day + day - 1]]);
  const from = { prefix: 'ge', low: 900 * day, high: 901 * day - 1, value: 900 * day } as const;
  const until = { prefix: 'lt', low: 950 * day, high: 951 * day - 1, value: 950 * day } as const;
  const within = [from, until].map(test => ({ kind: 'date', code: 'x', values: [test] }) as const);
  const some = [...index.inOrder(false, undefined, within)];
  expect(some.length).toBeLessThan(60 * 4);
  expect(some.filter(seq => seq % 1024 >= 900 && seq % 1024 < 950)).toHaveLength(50 * 4);
  expect([...index.inOrder(true, undefined, [within[0]!])][0]).toBe(1023);
});

test.each([
  ['date', day],
  ['number', 1],
] as const)('%s: whatever is asked, found are the versions that a look at every value finds', (kind, scale) => {
  next = 1;
  rows = new Map();
  const index = kind === 'date' ? new DateIndex() : new NumberIndex();
  // Several sorted runs, and rows that are in none yet.
  const values = fc.sample(range(scale), { numRuns: 5000, seed: 7 });
  for (const value of values) {
    rows.set(next, [value]);
    index.add(next, [value]);
    next += 1;
  }
  held(index, kind, scale);
});
