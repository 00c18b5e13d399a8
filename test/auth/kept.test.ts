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

test('kept: found by another process with the same secret, by none with another, and never in clear', async () => {
  await openKept(folder, secret).put('RefreshToken', 'the-token', { accountId: 'somebody' }, 60);
  expect(await openKept(folder, secret).find('RefreshToken', 'the-token')).toEqual({ accountId: 'somebody' });
  expect(await openKept(folder, randomBytes(32)).find('RefreshToken', 'the-token')).toBeUndefined();
  expect(await openKept(folder, secret).find('AuthorizationCode', 'the-token')).toBeUndefined();
  for (const file of files()) expect(file + readFileSync(file, 'latin1')).not.toMatch(/the-token|somebody/);
});

test('kept: used once, by one process of two', async () => {
  const [one, two] = [openKept(folder, secret), openKept(folder, secret)];
  await one.put('AuthorizationCode', 'c', { grantId: 'g' }, 60);
  const uses = [one, two, one].map(kept => kept.use('AuthorizationCode', 'c'));
  expect(await Promise.all(uses)).toEqual([true, false, false]);
  expect(await two.find('AuthorizationCode', 'c')).toEqual({ grantId: 'g', consumed: true });
});

test('kept: a client’s grants end together, and only its own', async () => {
  const kept = openKept(folder, secret);
  for (const [id, clientId] of [
    ['1', 'a'],
    ['2', 'a'],
    ['3', 'b'],
  ] as const)
    await kept.put('Grant', id, {}, 60, clientId);
  await kept.dropOf('Grant', 'a');
  expect(await Promise.all(['1', '2', '3'].map(id => kept.has('Grant', kept.nameOf('Grant', id))))).toEqual([false, false, true]);
});

test('kept: what is over is swept away, what is not stays', async () => {
  let now = Date.now();
  const kept = openKept(folder, secret, () => now);
  await kept.put('Session', 'short', {}, 60);
  await kept.put('Session', 'long', {}, 86_400);
  now += 3_600_000;
  await kept.put('Session', 'new', {}, 60);
  expect(await Promise.all(['short', 'long', 'new'].map(id => kept.find('Session', id)))).toEqual([undefined, {}, {}]);
});

test('kept: a file that was moved or changed is not believed', async () => {
  const kept = openKept(folder, secret);
  await kept.put('Grant', '1', { clientId: 'a' }, 60);
  await kept.put('Grant', '2', { clientId: 'b' }, 60);
  const [one, two] = ['1', '2'].map(id => path.join(folder, 'Grant', kept.nameOf('Grant', id))) as [string, string];
  writeFileSync(one, readFileSync(two));
  await expect(kept.find('Grant', '1')).rejects.toThrow();
});

test('kept: a name from outside reaches no other file', async () => {
  const kept = openKept(folder, secret);
  for (const name of ['../../etc/passwd', '', '.', 'a'.repeat(44)]) {
    expect(await kept.has('Grant', name)).toBe(false);
    await kept.dropNamed('Grant', name);
  }
});

test('kept: a use is known at once and after a restart, and nothing else is', async () => {
  const kept = openKept(folder, secret);
  expect(await kept.isUsed('AccessToken', 'a')).toBe(false);
  expect(await kept.use('AccessToken', 'a', 300)).toBe(true);
  expect([await kept.isUsed('AccessToken', 'a'), await kept.isUsed('AccessToken', 'b'), await kept.isUsed('Assertion', 'a')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(await openKept(folder, secret).isUsed('AccessToken', 'a')).toBe(true);
  await kept.unuse('AccessToken', 'a');
  expect([await kept.isUsed('AccessToken', 'a'), await kept.use('AccessToken', 'a', 300)]).toEqual([false, true]);
});

test('kept: an id that is used is new once, also for another process and after a restart, whatever it holds; it names no file', async () => {
  const [one, two] = [openKept(folder, secret), openKept(folder, secret)];
  for (const id of ['a', '../../escape', '/etc/passwd', 'a\0b', '']) {
    expect(await Promise.all([one, two].map(kept => kept.use('Assertion', id, 300)))).toEqual([true, false]);
    expect(await openKept(folder, secret).use('Assertion', id, 300)).toBe(false);
  }
  expect(
    files().every(file => /^[\w-]{43}\.used$/.test(path.basename(file)) && path.dirname(file) === path.join(folder, 'Assertion')),
  ).toBe(true);
  expect(files()).toHaveLength(5);
});

test('kept: a use that can matter no more is swept away, one that can is kept', async () => {
  let now = Date.now();
  const kept = openKept(folder, secret, () => now);
  await kept.use('Assertion', 'short', 60);
  await kept.use('Assertion', 'long', 7200);
  now += 3_600_000;
  await kept.use('Assertion', 'new', 60);
  expect(await Promise.all(['short', 'long', 'new'].map(id => kept.isUsed('Assertion', id)))).toEqual([false, true, true]);
  expect(files()).toHaveLength(2);
});
