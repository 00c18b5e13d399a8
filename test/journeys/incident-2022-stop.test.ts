// contract: the incident of 2022 (law-and-japan, tests d, e and f): data without a finished notice in the operator's store, found late, stopped late, reported late.
// https://hl7.org/fhir/R4/operations.html
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sandboxClients } from '../../src/auth/clients.ts';
import { startServer } from '../../src/commands/serve.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { readConfig } from '../../src/config.ts';

const root = mkdtempSync(path.join(tmpdir(), 'noren-incident-'));
let running: Awaited<ReturnType<typeof startServer>> | undefined;
/** The same data under another waiting period: what one setting let in, the other would not have. */
async function restart(waitDays: number): Promise<void> {
  await running?.close();
  running = await startServer(readConfig(['--port', '0', '--data', path.join(root, 'data'), '--wait-days', String(waitDays)]), {
    log: () => {},
  });
}
beforeAll(() => restart(0), 60_000);
afterAll(async () => {
  await running?.close();
  rmSync(root, { recursive: true, force: true });
});

type Told = { status: number; why: string; parameter: { name: string; valueUnsignedInt?: number; part?: { valueCode?: string }[] }[] };
async function post(client: string, to: string, body: object): Promise<Told> {
  const { baseUrl } = running!;
  const { token } = await fetchToken({ client, data: path.join(root, 'data'), url: baseUrl });
  const response = await fetch(`${baseUrl}/${to}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify(body),
  });
  const json = (await response.json()) as { parameter?: Told['parameter']; issue?: { details?: { text: string } }[] };
  return { status: response.status, why: json.issue?.[0]?.details?.text ?? '', parameter: json.parameter ?? [] };
}
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const release = async () =>
  (
    await post(
      'researcher-1',
      '$deidentify',
      parameters(
        { name: 'study', valueReference: { reference: 'ResearchStudy/sandbox-active' } },
        { name: 'cohort', valueString: 'Patient?' },
      ),
    )
  ).why;
const without = async () => (await post('operator', '$entered-without-notice', parameters())).parameter[0]!.valueUnsignedInt;
const turn = (code: string, what: string) =>
  post('operator', code, parameters({ name: 'what', valueCode: what }, { name: 'reason', valueString: 'x' }));
const identifier = { system: sandboxClients.find(one => one.client_id === 'hospital-1')!.patientNumberSystem!, value: 'I-1' };
const patient = { resourceType: 'Patient', identifier: [identifier] };

test('d: nobody entered without notice, and a release is not held up', async () => {
  const yesterday = new Date(Date.now() + 9 * 3_600_000 - 86_400_000).toISOString().slice(0, 10);
  const notice = {
    resourceType: 'Communication',
    status: 'completed',
    category: [{ coding: [{ system: 'https://noren.example/fhir/CodeSystem/communication-category', code: 'notice' }] }],
    sent: `${yesterday}T10:00:00+09:00`,
    sender: { reference: 'Organization/hospital-1' },
    subject: { identifier },
  };
  expect((await post('hospital-1', 'Communication', notice)).status).toBe(201);
  expect((await post('hospital-1', 'Patient', patient)).status).toBe(201);
  expect(await without()).toBe(0);
  expect(await release()).not.toMatch(/stopped/);
});

test('d, f: somebody entered whose notice was not old enough: found before anything is released, the clock starts, release stops by itself', async () => {
  await restart(3650);
  expect(await without()).toBe(1);
  expect(await release()).toMatch('entered without notice');
  expect(await release()).toMatch('Release is stopped');
});

test('e, f: the stop holds over a restart; one step stops intake too; health is not touched; the operator resumes', async () => {
  await restart(0);
  expect(await without()).toBe(0);
  expect(await release()).toMatch('Release is stopped');
  const { parameter } = await turn('$stop', 'all');
  expect(parameter.map(one => one.part!.map(part => part.valueCode).filter(Boolean))).toEqual([
    ['release', 'breach'],
    ['all', 'stop'],
  ]);
  expect((await post('hospital-1', 'Patient', patient)).why).toMatch('stopped intake');
  expect((await fetch(new URL('/health/ready', running!.baseUrl))).status).toBe(200);
  expect((await turn('$resume', 'all')).parameter).toEqual([]);
  expect((await post('hospital-1', 'Patient', patient)).status).toBe(201);
  expect(await release()).not.toMatch(/stopped/);
});

test('$entered-without-notice: for the operator alone', async () => {
  for (const client of ['tester', 'hospital-1', 'researcher-1'])
    expect((await post(client, '$entered-without-notice', parameters())).status).toBe(403);
});
