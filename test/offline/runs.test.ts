// docs/deidentification/offline.md: the order of lines, in bounded memory
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AllRuns, Lines, Runs, together } from '../../src/offline/runs.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-runs-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Keys as pseudonyms are, spread evenly: 9 MB of lines in five runs, so that there are several ranges. */
const made = Array.from({ length: 9000 }, (_, i) => ({
  key: `${((i * 2654435761) % 2 ** 32).toString(16).padStart(8, '0')}-0000-8000-8000-${String(i).padStart(12, '0')}`,
  text: `{"n":${i},"x":"${'あ'.repeat(330)}"}`,
}));

const space = [new Lines(), new Lines()] as const;

/** The file of pieces that are laid aside, the last one first, in two runs each and one of none; as whoever puts ranges in their places makes it, from the last one on. */
function fileOf(name: string, keepsOrder: boolean): string {
  const all = new AllRuns();
  for (const piece of [5, 4, 3, 2, 1, 0]) {
    const runs = new Runs(path.join(root, name), piece, keepsOrder, space);
    for (const [i, one] of made.slice(piece * 1800, (piece + 1) * 1800).entries()) {
      runs.add(one);
      if (i === 700) runs.layAside();
    }
    runs.layAside();
    all.add(piece, runs.laid);
  }
  expect(all.counts).toEqual([2, 2, 2, 2, 2, 0]);
  const ranges = [...all.ranges()];
  expect(ranges.length).toBeGreaterThan(1);
  const parts = ranges.toReversed().map(range => ({
    at: range.at,
    bytes: Buffer.from(together(range, path.join(root, name), all.counts, space)),
  }));
  const file = Buffer.alloc(Math.max(...parts.map(({ at, bytes }) => at + bytes.length)));
  for (const { at, bytes } of parts) bytes.copy(file, at);
  return file.toString();
}

test('runs: laid aside in parts, lines come in the order of their keys', () => {
  const expected = made.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(one => `${one.text}\n`);
  expect(fileOf('a', false) === expected.join('')).toBe(true);
});

test('runs: or in the order in which they were given', () => {
  expect(fileOf('b', true) === made.map(one => `${one.text}\n`).join('')).toBe(true);
});

test('runs: what is held comes in its order without being laid aside', () => {
  const runs = new Runs(path.join(root, 'c'), 0, false, space);
  for (const [key, text] of [
    ['b', '2'],
    ['a', '1'],
    ['b', Buffer.from('1')],
  ] as const)
    runs.add({ key, text });
  expect(runs.whole().toString()).toBe('1\n1\n2\n');
  expect(runs.laid).toEqual([]);
});
