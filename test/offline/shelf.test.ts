// docs/deidentification/offline.md: what is not de-identified, and written down between the passes
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Shelf } from '../../src/offline/shelf.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'noren-shelf-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const key = Buffer.alloc(32, 1);

test('shelf: each part is found again by its place, in any order, also an empty one and one that is longer than a block; in the files stands nothing of them, for nobody else to read', () => {
  const [one, other] = [new Shelf({ folder, key }, 1), new Shelf({ folder, key }, 2)];
  const parts = [
    '綾小路 '.repeat(20),
    '',
    Buffer.alloc(100_000, 7),
    'x',
    ...Array.from({ length: 2000 }, (_, i) => `part ${i} `.repeat(9)),
  ];
  const laid = [one.lay(parts), one.lay([]), other.lay(parts), one.lay(parts)];
  for (const places of [laid[3]!, laid[0]!, laid[2]!])
    for (const i of parts.keys().map(nth => (nth * 7) % parts.length))
      expect(other.takeUp(places, i).equals(Buffer.from(parts[i] as string))).toBe(true);
  expect(readdirSync(folder).toSorted()).toEqual(['shelf.1', 'shelf.2']);
  for (const name of readdirSync(folder)) {
    expect(readFileSync(path.join(folder, name)).includes('綾小路')).toBe(false);
    if (process.platform !== 'win32') expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
  }
});

test('shelf: what was changed, cut off, put in another place or sealed under another key is not read', () => {
  const shelf = new Shelf({ folder, key }, 3);
  const [first, second] = [shelf.lay(['one', 'more']), shelf.lay(['two', 'more'])];
  const file = path.join(folder, 'shelf.3');
  const bytes = readFileSync(file);
  const fails = (other: Buffer, places: ArrayLike<number>): void => {
    writeFileSync(file, other);
    expect(() => shelf.takeUp(places)).toThrow();
  };
  for (let at = 0; at < bytes.length; at++) {
    const other = Buffer.from(bytes);
    other[at]! ^= 1;
    fails(other, at < bytes.length / 2 ? first : second);
  }
  fails(bytes.subarray(0, -1), second);
  fails(Buffer.concat([bytes.subarray(bytes.length / 2), bytes.subarray(0, bytes.length / 2)]), first);
  writeFileSync(file, bytes);
  writeFileSync(path.join(folder, 'shelf.4'), bytes);
  expect(() => shelf.takeUp([4, ...first.subarray(1)])).toThrow();
  expect(() => new Shelf({ folder, key: Buffer.alloc(32, 3) }, 5).takeUp(first)).toThrow();
  expect([shelf.takeUp(first), shelf.takeUp(second), shelf.takeUp(second, 1)].map(String)).toEqual(['one', 'two', 'more']);
});
