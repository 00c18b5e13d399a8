// docs/deidentification/offline.md: the order of lines, in bounded memory
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Runs, together } from '../../src/offline/runs.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-runs-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Keys as pseudonyms are, spread evenly: 9 MB of lines in five runs, so that there are several buckets. */
const made = Array.from({ length: 9000 }, (_, i) => ({
  key: `${((i * 2654435761) % 2 ** 32).toString(16).padStart(8, '0')}-0000-8000-8000-${String(i).padStart(12, '0')}`,
  bytes: Buffer.from(`{"n":${i},"x":"${'あ'.repeat(330)}"}`),
}));

const lay = (name: string, keepsOrder: boolean): string[] =>
  [0, 1, 2, 3, 4].flatMap(part => {
    const runs = new Runs(path.join(root, `${name}.${part}`), keepsOrder);
    for (const one of made.slice(part * 1800, (part + 1) * 1800)) runs.add(one);
    runs.layAside();
    return runs.files;
  });

test('runs: laid aside in parts, lines come in the order of their keys', () => {
  const lines = Buffer.concat([...together(lay('a', false), false)]).toString();
  const expected = made.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(one => `${one.bytes}\n`);
  expect(lines === expected.join('')).toBe(true);
});

test('runs: or in the order in which they were given', () => {
  const lines = Buffer.concat([...together(lay('b', true), true)]).toString();
  expect(lines === made.map(one => `${one.bytes}\n`).join('')).toBe(true);
});
