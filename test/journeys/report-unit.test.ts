// docs/interaction/collection.md: what a report unit made is known after a restart. https://hl7.org/fhir/R4/bundle.html
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { load } from '../../src/commands/load.ts';
import { startServer } from '../../src/commands/serve.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { readConfig } from '../../src/config.ts';

const root = mkdtempSync(path.join(tmpdir(), 'noren-unit-'));
const data = path.join(root, 'data');
const start = () => startServer(readConfig(['--port', '0', '--data', data]), { log: () => {} });
let running: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  running = await start();
}, 120_000);
afterAll(async () => {
  await running.close();
  rmSync(root, { recursive: true, force: true });
});

async function ask(method: string, to: string, body?: object) {
  const { token } = await fetchToken({ client: 'hospital-1', data, url: running.baseUrl });
  const response = await fetch(to === '' ? running.baseUrl : `${running.baseUrl}/${to}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return JSON.parse((await response.text()).replaceAll(running.baseUrl, 'BASE'));
}
const total = async (type: string): Promise<number> => (await ask('GET', `${type}?_summary=count`)).total;
const unit = (transaction: 'INS' | 'DEL', text = 'one') => ({
  resourceType: 'Bundle',
  meta: {
    tag: [
      { system: 'http://jpfhir.jp/fhir/FASTHDJ/CodeSystem/BundleTransactionType_CS', code: transaction },
      { system: 'http://jpfhir.jp/fhir/CLINS/CodeSystem/BundleResourceType_CS', code: 'Condition' },
    ],
  },
  identifier: { system: 'http://jpfhir.jp/fhir/CLINS/bundle-identifier', value: '1319999991^secret-person^UNIT-1' },
  type: 'collection',
  entry: [
    {
      fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001',
      resource: { resourceType: 'Patient', identifier: [{ system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: 'U-1' }] },
    },
    { resource: { resourceType: 'Condition', code: { text }, subject: { reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' } } },
  ],
});

test('a unit that is loaded from a file is the same unit after a restart: sent again, replaced, withdrawn', async () => {
  await ask('POST', '$record-notices', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'scan', valueString: 'U-1' },
      { name: 'sent', valueDateTime: '2026-01-05' },
    ],
  });
  const file = path.join(root, 'unit.json');
  writeFileSync(file, JSON.stringify(unit('INS')));
  expect((await load({ paths: [file], client: 'hospital-1', url: running.baseUrl, data })).rejected).toEqual([]);
  expect([await total('Condition'), await total('Bundle')]).toEqual([1, 0]);
  const first = await ask('POST', '', unit('INS'));
  await running.close();
  running = await start();
  expect(await ask('POST', '', unit('INS'))).toEqual(first);
  expect([await total('Condition'), await total('Patient')]).toEqual([1, 1]);
  await ask('POST', '', unit('INS', 'other'));
  expect([await total('Condition'), await total('Patient')]).toEqual([1, 1]);
  await running.close();
  running = await start();
  await ask('POST', '', unit('DEL'));
  expect([await total('Condition'), await total('Patient')]).toEqual([0, 0]);
}, 60_000);

test.each(['system/Condition.cruds system/Patient.rs', 'system/Patient.cruds system/Condition.crus'])(
  'a token that may not do all of it (%s) is refused with 403',
  async scope => {
    const { token } = await fetchToken({ client: 'hospital-1', scope, data, url: running.baseUrl });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
    const answer = await fetch(running.baseUrl, { method: 'POST', headers, body: JSON.stringify(unit('INS')) });
    expect(answer.status).toBe(403);
  },
);

test('no part of the unit’s identifier is in the raw files', async () => {
  const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const texts = files.map(entry => readFileSync(path.join(entry.parentPath, entry.name)).toString('latin1'));
  expect(texts.some(text => text.startsWith('SQLite format 3'))).toBe(true);
  expect(texts.filter(text => /secret-person|UNIT-1/.test(text))).toEqual([]);
});
