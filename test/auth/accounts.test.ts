// https://pages.nist.gov/800-63-4/sp800-63b.html (passwords), https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html (fhirUser)

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openAccounts, putAccount } from '../../src/auth/accounts.ts';
import { writeOwnerOnly } from '../../src/auth/files.ts';
import { hashed, newPassword } from '../../src/auth/password.ts';

let folder: string;
let file: string;
let now = Date.UTC(2026, 0, 1);
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'noren-accounts-'));
  file = path.join(folder, 'accounts.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => openAccounts(file, () => now);
const row = { login: 'one', fhirUser: 'Patient/1', patients: ['Patient/1'] };

test('accounts: the right password opens, and stands nowhere', async () => {
  const password = newPassword();
  putAccount(file, { ...row, password: await hashed(password) });
  const accounts = open();
  expect(await accounts.signIn('one', password)).toMatchObject({ fhirUser: 'Patient/1', active: true });
  expect(await accounts.signIn('one', `${password}x`)).toBeUndefined();
  expect(await accounts.signIn('nobody', password)).toBeUndefined();
  expect(readFileSync(file, 'utf8')).not.toContain(password);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('accounts: five wrong ones lock for 15 minutes, also many at once; right ones do not count', async () => {
  putAccount(file, { ...row, password: await hashed('right') });
  const accounts = open();
  for (let i = 0; i < 6; i++) expect(await accounts.signIn('one', 'right')).toBeDefined();
  await Promise.all([1, 2, 3, 4, 5].map(() => accounts.signIn('one', 'wrong')));
  expect(await accounts.signIn('one', 'right')).toBeUndefined();
  now += 900_001;
  expect(await accounts.signIn('one', 'right')).toBeDefined();
});

test('accounts: the file is read again when it changes; a new password keeps the sub', async () => {
  const accounts = open();
  putAccount(file, { ...row, password: await hashed('first') });
  const before = await accounts.signIn('one', 'first');
  putAccount(file, { ...row, password: await hashed('second') });
  expect(await accounts.signIn('one', 'first')).toBeUndefined();
  expect((await accounts.signIn('one', 'second'))!.id).toBe(before!.id);
});

test('accounts: one without a password, or switched off, signs in with none', async () => {
  putAccount(file, row);
  expect(await open().signIn('one', '')).toBeUndefined();
  writeOwnerOnly(file, { accounts: [{ id: 'a', ...row, password: await hashed('right'), active: false }] });
  expect(await open().signIn('one', 'right')).toBeUndefined();
});

test.each([
  ['fhirUser', { fhirUser: 'Group/1' }],
  ['patients', { patients: ['Observation/1'] }],
  ['organization', { organization: 'hospital' }],
  ['password', { password: 'plain' }],
  ['login', { login: 'a b' }],
  ['active', { active: 'yes' }],
])('accounts: a wrong %s is named, its value is not', (member, wrong) => {
  writeOwnerOnly(file, { accounts: [{ id: 'a', ...row, active: true, ...wrong }] });
  expect(open).toThrow(`accounts[0].${member} must be`);
  expect(open).not.toThrow(String(Object.values(wrong)[0]));
});

test('accounts: a change that cannot be read is told and changes nothing; the next good one counts', async () => {
  putAccount(file, { ...row, password: await hashed('right') });
  const told: string[] = [];
  const accounts = openAccounts(
    file,
    () => now,
    error => told.push(error.message),
  );
  const good = readFileSync(file, 'utf8');
  writeOwnerOnly(file, { accounts: [{ ...(JSON.parse(good) as { accounts: object[] }).accounts[0], active: 'x' }] });
  for (let i = 0; i < 3; i++) expect(await accounts.signIn('one', 'right')).toBeDefined();
  expect(told).toEqual([expect.stringMatching(/accounts\[0\]\.active must be true or false/)]);
  writeOwnerOnly(file, { accounts: [] });
  expect(await accounts.signIn('one', 'right')).toBeUndefined();
});
