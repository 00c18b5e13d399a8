// contract: noren token. https://hl7.org/fhir/smart-app-launch/backend-services.html

import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { command, fetchToken } from '../../src/commands/token.ts';
import { remove, type Sandbox, startSandbox } from '../auth/sandbox.ts';

const run = promisify(execFile);
const noren = path.resolve(import.meta.dirname, '../../src/main.ts');

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(async () => {
  await sandbox.close();
  remove(sandbox);
});

const here = () => ({ data: sandbox.dataDir, url: sandbox.baseUrl });
const at = (...more: string[]) => ['--data', sandbox.dataDir, '--url', sandbox.baseUrl, ...more];

test('token: prints the token alone, and the server takes it', async () => {
  const { stdout, stderr } = await run(process.execPath, [noren, 'token', ...at('--client', 'hospital-1')]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  expect((await sandbox.authorization.authenticate(`Bearer ${stdout.trim()}`)).agent.client).toBe('hospital-1');
});

test('token: a refusal is one sentence on stderr and exit code 1', async () => {
  const failed = await run(process.execPath, [noren, 'token', ...at('--client', 'nobody')]).catch(
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr).toMatch(/^noren: There is no key of client nobody in .*\n$/);
});

test('token: data and base URL come from the environment when no flag names them', async () => {
  const { port } = new URL(sandbox.baseUrl);
  const { stdout } = await run(process.execPath, [noren, 'token', '--client', 'tester'], {
    env: { ...process.env, DATA: sandbox.dataDir, PORT: port },
  });
  expect((await sandbox.authorization.authenticate(`Bearer ${stdout.trim()}`)).agent.client).toBe('tester');
});

test('fetchToken: scope and patient are asked for; the end of its life is told', async () => {
  const narrow = await fetchToken({ ...here(), client: 'tester', scope: 'system/Patient.rs' });
  expect((await sandbox.authorization.authenticate(`Bearer ${narrow.token}`)).permits).toEqual({ Patient: 'rs' });
  expect(narrow.expiresAt - Date.now()).toBeGreaterThan(290_000);
  const patient = await fetchToken({ ...here(), url: `${sandbox.baseUrl}/`, client: 'patient-app', patient: 'Patient/1' });
  expect((await sandbox.authorization.authenticate(`Bearer ${patient.token}`)).agent.patient).toBe('Patient/1');
});

test.each([
  ['no client', () => [], /^--client must be given\.$/],
  ['a client that is a path', () => at('--client', '../../etc/passwd'), /^--client must be the id of a client/],
  ['an unknown flag', () => at('--client', 'tester', '--colour', 'x'), /^Unknown option '--colour'; --help lists the flags\.$/],
  ['a word too much', () => at('--client', 'tester', 'more'), /--help lists the flags\.$/],
  ['a base URL that is none', () => ['--client', 'tester', '--data', sandbox.dataDir, '--url', 'fhir'], /^--url must be/],
  [
    'no server there',
    () => ['--client', 'tester', '--data', sandbox.dataDir, '--url', 'http://127.0.0.1:1/fhir'],
    /^No server answers at http:\/\/127\.0\.0\.1:1\//,
  ],
  [
    'a server without discovery',
    () => ['--client', 'tester', '--data', sandbox.dataDir, '--url', sandbox.baseUrl.replace(/fhir$/, 'other')],
    /names no token endpoint/,
  ],
  [
    'no patient for a patient app',
    () => at('--client', 'patient-app'),
    /^The server gives client patient-app no token: invalid_request \(patient must be Patient\/<id>\)\.$/,
  ],
  [
    'a scope that is none',
    () => at('--client', 'tester', '--scope', 'system/*.sr'),
    /^The server gives client tester no token: invalid_scope \(none of the requested scopes can be granted\)\.$/,
  ],
])('token: %s is refused with one sentence', async (_what, args, sentence) => {
  const thrown = await command.run(args()).then(
    () => undefined,
    (error: Error) => error,
  );
  expect(thrown?.name).toBe('Refusal');
  expect(thrown?.message).toMatch(sentence);
});

test('token: a key that is no JSON is named', async () => {
  const data = path.join(sandbox.dataDir, 'broken');
  mkdirSync(path.join(data, 'clients'), { recursive: true });
  writeFileSync(path.join(data, 'clients', 'tester.key.json'), '{');
  await expect(fetchToken({ ...here(), data, client: 'tester' })).rejects.toThrow(/tester\.key\.json cannot be read\.$/);
});
