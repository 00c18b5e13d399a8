// OWASP ASVS 5.0 V6.3

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openKept } from '../../src/auth/kept.ts';
import { type Tries, triesOfAll, triesOfOne } from '../../src/auth/tries.ts';

let folder: string;
let now = Date.UTC(2026, 0, 1);
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'noren-tries-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const taken = async (tries: Tries, login = 'one'): Promise<boolean> => (await tries.take(login)) !== undefined;

describe.each([
  ['of one process', () => triesOfOne(() => now)],
  [
    'of all processes',
    () =>
      triesOfAll(
        openKept(folder, randomBytes(32), () => now),
        () => now,
      ),
  ],
] as const)('tries %s', (_, open) => {
  test('five wrong ones, also many at once, and none is left, for as long; another account has its own', async () => {
    const tries = open();
    const all = await Promise.all(Array.from({ length: 8 }, () => taken(tries)));
    expect(all.filter(one => one)).toHaveLength(5);
    now += 890_000;
    expect([await taken(tries), await taken(tries, 'other')]).toEqual([false, true]);
    now += 900_000;
    expect(await taken(tries)).toBe(true);
  });

  test('right ones do not count', async () => {
    const tries = open();
    for (let i = 0; i < 12; i++) await (await tries.take('one'))!();
    expect(await taken(tries)).toBe(true);
  });
});

test('tries of all processes: what was reached at the end of a window holds over its end', async () => {
  now = 900_000 * 2_000_000 + 899_000;
  const tries = triesOfAll(
    openKept(folder, randomBytes(32), () => now),
    () => now,
  );
  for (let i = 0; i < 5; i++) expect(await taken(tries)).toBe(true);
  now += 2_000;
  expect(await taken(tries)).toBe(false);
  now += 899_000;
  expect(await taken(tries)).toBe(true);
});
