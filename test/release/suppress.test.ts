// Cells of 1 to 9 are masked, 0 is not; what the others would give away is masked too.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bounds as asked, type Steps } from '../../src/release/bounds.ts';
import { type Cell, suppress } from '../../src/release/suppress.ts';

function answer<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
const bounds = (...question: Parameters<typeof asked>) => answer(asked(...question));

/** A report over persons of whom each has a value for every stratifier, and is in some of the populations. */
function report(persons: readonly { populations: readonly boolean[]; values: readonly number[] }[]): { cells: Cell[]; sizes: number[] } {
  const signatures = [...new Set(persons.map(one => JSON.stringify(one)))];
  const counts = signatures.map(signature => persons.filter(one => JSON.stringify(one) === signature).length);
  const parsed = signatures.map(signature => JSON.parse(signature) as { populations: boolean[]; values: number[] });
  const cell = (table: string, test: (one: { populations: boolean[]; values: number[] }) => boolean): Cell => {
    const parts = parsed.flatMap((one, i) => (test(one) ? [i] : []));
    return { parts, count: parts.reduce((sum, part) => sum + counts[part]!, 0), table };
  };
  const cells: Cell[] = [];
  const first = parsed[0];
  first?.populations.forEach((_, p) => {
    cells.push(cell(`p${p}`, one => one.populations[p]!));
    first.values.forEach((__, s) => {
      for (const value of new Set(parsed.map(one => one.values[s]!)))
        cells.push(cell(`p${p}s${s}`, one => one.populations[p]! && one.values[s] === value));
    });
  });
  return { cells, sizes: counts };
}

const people = (...counts: readonly (readonly [number, readonly boolean[], readonly number[]])[]) =>
  counts.flatMap(([n, populations, values]) => Array.from({ length: n }, () => ({ populations, values })));

const shown = async ({ cells, sizes }: { cells: readonly Cell[]; sizes: readonly number[] }) => {
  const masked = await suppress(cells, sizes);
  return cells.map((cell, i) => (masked.has(i) ? 'masked' : cell.count));
};

test('a large total and large strata are all shown', async () => {
  expect(await shown(report(people([20, [true], [0]], [30, [true], [1]])))).toEqual([50, 20, 30]);
});

test('nothing is shown of nobody but that it is nobody', async () => {
  expect(await shown(report(people([20, [true], [0]], [30, [false], [1]])))).toEqual([20, 20, 0]);
});

test('a small stratum beside one other: the other is masked too, the total stays', async () => {
  expect(await shown(report(people([6, [true], [0]], [18, [true], [1]])))).toEqual([24, 'masked', 'masked']);
});

test('small strata that are few together: a third is masked, so that not even their sum is given', async () => {
  expect(await shown(report(people([3, [true], [0]], [4, [true], [1]], [40, [true], [2]], [60, [true], [3]])))).toEqual([
    107,
    'masked',
    'masked',
    'masked',
    60,
  ]);
});

test('small strata that are enough together: no other need be masked', async () => {
  expect(await shown(report(people([8, [true], [0]], [9, [true], [1]], [40, [true], [2]])))).toEqual([57, 'masked', 'masked', 40]);
});

test('a small population masks itself, and its strata give it not back', async () => {
  expect(await shown(report(people([5, [true], [0]], [40, [false], [0]])))).toEqual(['masked', 'masked']);
});

test('a remainder that can be computed is protected although it is not shown', async () => {
  // 30 in the denominator, 26 of them in the numerator.
  const cells: Cell[] = [
    { parts: [0, 1], count: 30, table: 'g' },
    { parts: [0], count: 26, table: 'g' },
    { parts: [1], count: 4, table: 'g', hidden: 'remainder' },
  ];
  expect(await shown({ cells, sizes: [26, 4] })).toEqual([30, 'masked', 4]);
});

describe('attack', () => {
  const person = fc.record({
    populations: fc.tuple(fc.boolean(), fc.boolean()),
    values: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 3 })),
  });
  test('from all that is shown, no masked small count can be told from 1, nor from 10', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 1, max: 25 }), person), { minLength: 2, maxLength: 12 }), async groups => {
        const { cells, sizes } = report(groups.flatMap(([n, one]) => Array.from({ length: n }, () => one)));
        const masked = await suppress(cells, sizes);
        const known = cells.flatMap((cell, i) => (masked.has(i) ? [] : [{ parts: cell.parts, value: cell.count }]));
        for (const [i, cell] of cells.entries()) {
          const small = cell.count >= 1 && cell.count <= 9;
          if (!small) continue;
          expect(masked.has(i)).toBe(true);
          const found = bounds(cell.parts, known, sizes.length)!;
          expect(found.low).toBeLessThanOrEqual(1 + 1e-6);
          expect(found.high).toBeGreaterThanOrEqual(10 - 1e-6);
        }
      }),
      { numRuns: 200 },
    );
  });
});
