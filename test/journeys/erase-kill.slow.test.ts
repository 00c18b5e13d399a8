// docs/encryption.md: an objection that is on the disk is carried out, however the process ends

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { bearer } from '../../src/commands/bearer.ts';
import { slowTest } from '../slow.ts';
import { serveApart } from './apart.ts';

let data: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  data = mkdtempSync(path.join(os.tmpdir(), 'noren-erase-kill-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

async function start(crashAt?: string): Promise<string> {
  const apart = await serveApart(data, crashAt === undefined ? {} : { NOREN_CRASH_AT: crashAt });
  child = apart.child;
  return apart.url;
}
async function stop(): Promise<void> {
  if (child!.exitCode !== null || child!.signalCode !== null) return;
  child!.kill('SIGTERM');
  await once(child!, 'exit');
}
const requests = (url: string) => {
  // A suite may take longer than a token is good for.
  const tokens = new Map<string, ReturnType<typeof bearer>>();
  return async (client: string, method: string, to: string, body?: object): Promise<{ status: number; text: string }> => {
    if (!tokens.has(client)) tokens.set(client, bearer({ client, data, url }));
    const response = await fetch(to === '' ? url : `${url}/${to}`, {
      method,
      headers: { authorization: `Bearer ${await tokens.get(client)!()}`, 'content-type': 'application/fhir+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };
};

const number = { system: 'urn:oid:1.2.392.100495.20.3.51.19999999999', value: 'canary-4711' };
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const objection = {
  resourceType: 'Consent',
  id: 'objection',
  status: 'active',
  scope: coded('http://terminology.hl7.org/CodeSystem/consentscope', 'research'),
  category: [coded('http://loinc.org', '59284-0')],
  patient: { identifier: number },
  dateTime: '2026-06-15',
  policyRule: coded('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTOUT'),
  provision: { type: 'deny' },
};
const patient = { resourceType: 'Patient', id: 'p', identifier: [number], name: [{ family: 'canary-family' }] };
const observation = {
  resourceType: 'Observation',
  id: 'o',
  status: 'final',
  code: { text: 'canary-code' },
  subject: { reference: 'Patient/p' },
};

slowTest.each(['committed', 'destroyed', 'purged'])(
  'killed at the step %s: the next start knows the objection, and nothing of the person',
  async step => {
    let url = await start();
    let ask = requests(url);
    for (const one of [patient, observation]) expect((await ask('tester', 'PUT', `${one.resourceType}/${one.id}`, one)).status).toBe(201);
    await stop();
    const backup = path.join(data, 'backup');
    cpSync(path.join(data, 'store'), backup, { recursive: true });

    url = await start(step);
    ask = requests(url);
    await expect(ask('tester', 'PUT', 'Consent/objection', objection)).rejects.toThrow();
    if (child!.signalCode === null) await once(child!, 'exit');
    expect(child!.signalCode).toBe('SIGKILL');

    const check = async (consent: number): Promise<void> => {
      for (const name of ['Patient/p', 'Patient/p/_history', 'Patient/p/_history/1', 'Observation/o'])
        expect((await ask('tester', 'GET', name)).status).toBe(404);
      expect((await ask('tester', 'GET', 'Consent/objection')).status).toBe(consent);
      expect((await ask('tester', 'GET', 'Patient?name=canary')).text).not.toContain('canary-family');
      expect((await ask('tester', 'PUT', 'Patient/p', patient)).status).toBe(422);
      const other = { ...patient, id: 'q', identifier: [{ ...number, value: 'ｃａｎａｒｙ-4711' }] };
      expect((await ask('tester', 'PUT', 'Patient/q', other)).status).toBe(422);
    };
    url = await start();
    ask = requests(url);
    await check(200);
    const log = await ask('operator', 'GET', 'AuditEvent?_count=100');
    expect(log.text).toContain('"erase"');
    await stop();
    for (const name of readdirSync(data, { recursive: true }).map(String)) {
      const file = path.join(data, name);
      if (statSync(file).isFile()) expect(readFileSync(file).includes('canary')).toBe(false);
    }

    // An older copy of the data beside the keys of today.
    rmSync(path.join(data, 'store'), { recursive: true });
    cpSync(backup, path.join(data, 'store'), { recursive: true });
    url = await start();
    ask = requests(url);
    await check(404);
    await stop();
  },
  120_000,
);
