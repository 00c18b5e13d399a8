// noren account: an account that can sign in to an app of the sandbox

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accountsFile, openAccounts } from '../../src/auth/accounts.ts';
import { createSandboxClients } from '../../src/auth/clients.ts';
import { command } from '../../src/commands/account.ts';

let data: string;
beforeAll(() => {
  data = mkdtempSync(path.join(tmpdir(), 'noren-account-'));
  createSandboxClients(data);
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

const run = command.run as (args: string[], environment: object, out: (text: string) => void) => Promise<number>;
async function made(...args: string[]): Promise<string> {
  let said = '';
  await run([...args, '--data', data], {}, text => {
    said += text;
  });
  return said;
}

test('account: prints a password once; it signs in for himself and those he acts for', async () => {
  const password = await made('--login', 'me', '--patient', 'Patient/1', '--for', 'Patient/2', '--for', 'Patient/3');
  expect(password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}\n$/);
  const account = await openAccounts(accountsFile(data), Date.now).signIn('me', password.trim());
  expect(account).toMatchObject({ fhirUser: 'Patient/1', patients: ['Patient/1', 'Patient/2', 'Patient/3'] });
  expect(readFileSync(accountsFile(data), 'utf8')).not.toContain(password.trim());
});

test('account: of staff, for one institution', async () => {
  const password = await made('--login', 'desk', '--organization', 'Organization/hospital-1', '--user', 'Practitioner/d');
  const account = await openAccounts(accountsFile(data), Date.now).signIn('desk', password.trim());
  expect(account).toMatchObject({ fhirUser: 'Practitioner/d', organization: 'Organization/hospital-1', patients: [] });
});

test.each([
  [['--patient', 'Patient/1'], '--login must be given'],
  [['--login', 'x'], 'Either --patient or --organization'],
  [['--login', 'x', '--patient', 'Group/1'], '--patient must be Patient/ID'],
  [['--login', 'x', '--patient', 'Patient/1', '--for', 'x'], '--for must be Patient/ID'],
  [['--login', 'x', '--organization', 'Organization/1'], '--user Practitioner/ID'],
  [['--login', 'a b', '--patient', 'Patient/1'], 'A login is'],
])('account: %j is refused', async (args, sentence) => {
  await expect(made(...args)).rejects.toThrow(sentence);
});

test('account: without a sandbox nothing is made', async () => {
  await expect(run(['--login', 'x', '--patient', 'Patient/1', '--data', path.join(data, 'none')], {}, () => {})).rejects.toThrow(
    'There is no sandbox',
  );
});
