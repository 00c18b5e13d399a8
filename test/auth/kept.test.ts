// https://www.rfc-editor.org/rfc/rfc6749#section-10.3 (tokens kept confidential), #section-10.5 (codes once only)

import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openKept } from '../../src/auth/kept.ts';

let folder: string;
const secret = randomBytes(32);
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'noren-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name));

test('kept: found by another process with the same secret, by none with another, and never in clear', () => {
  openKept(folder, secret).put('RefreshToken', 'the-token', { accountId: 'somebody' }, 60);
  expect(openKept(folder, secret).find('RefreshToken', 'the-token')).toEqual({ accountId: 'somebody' });
  expect(openKept(folder, randomBytes(32)).find('RefreshToken', 'the-token')).toBeUndefined();
  expect(openKept(folder, secret).find('AuthorizationCode', 'the-token')).toBeUndefined();
  for (const file of files()) expect(file + readFileSync(file, 'latin1')).not.toMatch(/the-token|somebody/);
});

test('kept: used once, by one process of two', () => {
  const [one, two] = [openKept(folder, secret), openKept(folder, secret)];
  one.put('AuthorizationCode', 'c', { grantId: 'g' }, 60);
  expect([one.use('AuthorizationCode', 'c'), two.use('AuthorizationCode', 'c'), one.use('AuthorizationCode', 'c')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(two.find('AuthorizationCode', 'c')).toEqual({ grantId: 'g', consumed: true });
});

test('kept: a client’s grants end together, and only its own', () => {
  const kept = openKept(folder, secret);
  for (const [id, clientId] of [
    ['1', 'a'],
    ['2', 'a'],
    ['3', 'b'],
  ] as const)
    kept.put('Grant', id, { clientId }, 60);
  kept.dropOf('Grant', 'a');
  expect(['1', '2', '3'].map(id => kept.has('Grant', kept.nameOf('Grant', id)))).toEqual([false, false, true]);
});

test('kept: what is over is swept away, what is not stays', () => {
  let now = Date.now();
  const kept = openKept(folder, secret, () => now);
  kept.put('Session', 'short', {}, 60);
  kept.put('Session', 'long', {}, 86_400);
  now += 3_600_000;
  kept.put('Session', 'new', {}, 60);
  expect([kept.find('Session', 'short'), kept.find('Session', 'long'), kept.find('Session', 'new')]).toEqual([undefined, {}, {}]);
});

test('kept: a file that was moved or changed is not believed', () => {
  const kept = openKept(folder, secret);
  kept.put('Grant', '1', { clientId: 'a' }, 60);
  kept.put('Grant', '2', { clientId: 'b' }, 60);
  const [one, two] = ['1', '2'].map(id => path.join(folder, 'Grant', kept.nameOf('Grant', id))) as [string, string];
  writeFileSync(one, readFileSync(two));
  expect(() => kept.find('Grant', '1')).toThrow();
});

test('kept: a name from outside reaches no other file', () => {
  const kept = openKept(folder, secret);
  for (const name of ['../../etc/passwd', '', '.', 'a'.repeat(44)]) {
    expect(kept.has('Grant', name)).toBe(false);
    kept.dropNamed('Grant', name);
  }
});
