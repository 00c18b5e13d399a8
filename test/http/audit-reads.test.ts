// https://hl7.org/fhir/R4/auditevent.html#search, https://hl7.org/fhir/R4/http.html#paging

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { type Audit, openAudit } from '../../src/audit/log.ts';
import type { Access } from '../../src/fhir/model/access.ts';
import type { Request } from '../../src/fhir/model/exchange.ts';
import { createSealer } from '../../src/fhir/model/seal.ts';
import { readAudit } from '../../src/http/audit-reads.ts';

const baseUrl = 'http://noren.test/fhir';
const directory = mkdtempSync(path.join(os.tmpdir(), 'noren-audit-reads-'));
let clock = Date.parse('2026-02-01T00:00:00Z');
let audit: Audit;
beforeAll(async () => {
  audit = await openAudit({ directory, now: () => clock, base: baseUrl, sync: 'normal' });
  for (let i = 0; i < 7; i++)
    await audit.record({
      time: clock + i * 1000,
      requestId: `r${i}`,
      interaction: 'read',
      status: 200,
      client: 'tester',
      type: 'Patient',
      id: 'p-1',
      patients: ['Patient/p-1'],
    });
});
afterAll(async () => {
  await audit.close();
  rmSync(directory, { recursive: true, force: true });
});

const operator: Access = {
  agent: { client: 'operator', role: 'operator', sender: 'client/operator', purpose: 'HOPERAT' },
  permits: { AuditEvent: 'rs' },
  operations: [],
  reach: {},
  without: [],
  studies: [],
};
const reads = () => ({ audit, baseUrl, sealer: createSealer(Buffer.alloc(32, 9)), now: () => clock });
const ask = async (method: Request['method'], where: string, query: Request['query'], as = operator) =>
  (await readAudit({ method, path: where, query, headers: {} }, as, reads())).resource as unknown as Bundle<AuditEvent>;
const link = (bundle: Bundle, relation: string) => bundle.link?.find(one => one.relation === relation)?.url;
const queryOf = (url: string) => [...new URL(url).searchParams];

test('search: pages lead through all events, once each, and no link but a GET’s self shows what was asked', async () => {
  let page = await ask('GET', 'AuditEvent', [
    ['entity', 'Patient/p-1'],
    ['_count', '3'],
  ]);
  expect(link(page, 'self')).toContain('entity=Patient');
  const seen: string[] = [];
  for (;;) {
    seen.push(...(page.entry ?? []).map(entry => entry.resource!.id!));
    const next = link(page, 'next');
    if (next === undefined) break;
    expect(next).toMatch(/^http:\/\/noren\.test\/fhir\/AuditEvent\?_page=[A-Za-z0-9_-]+$/);
    page = await ask('GET', 'AuditEvent', queryOf(next));
    expect(link(page, 'self')).not.toContain('p-1');
  }
  expect([seen.length, new Set(seen).size]).toEqual([7, 7]);
});

test('search by POST: its self is sealed too, and leads to the same', async () => {
  const posted = await ask('POST', 'AuditEvent/_search', [['entity', 'Patient/p-1']]);
  const self = link(posted, 'self')!;
  expect(self).not.toContain('p-1');
  expect((await ask('GET', 'AuditEvent', queryOf(self))).entry).toEqual(posted.entry);
});

test('32: a link that was altered, another client’s, mixed with parameters, too old, or made by hand is refused', async () => {
  const next = queryOf(link(await ask('GET', 'AuditEvent', [['_count', '3']]), 'next')!);
  const [[, sealed]] = next as [[string, string]];
  const altered = (sealed[0] === 'A' ? 'B' : 'A') + sealed.slice(1);
  await expect(ask('GET', 'AuditEvent', [['_page', altered]])).rejects.toMatchObject({ kind: 'invalid-parameter' });
  await expect(ask('GET', 'AuditEvent', next, { ...operator, agent: { ...operator.agent, client: 'another' } })).rejects.toMatchObject({
    kind: 'invalid-parameter',
  });
  await expect(ask('GET', 'AuditEvent', [...next, ['entity', 'Patient/p-2']])).rejects.toMatchObject({ kind: 'invalid-parameter' });
  await expect(ask('GET', 'AuditEvent', [['_position', '1-0']])).rejects.toMatchObject({ kind: 'invalid-parameter' });
  clock += 2 * 3600_000;
  await expect(ask('GET', 'AuditEvent', next)).rejects.toMatchObject({ kind: 'deleted' });
});

test('read by id, 404 for another; writes, and what the token does not allow, are refused', async () => {
  const [entry] = (await ask('GET', 'AuditEvent', [])).entry!;
  const id = entry!.resource!.id!;
  expect((await readAudit({ method: 'GET', path: `AuditEvent/${id}`, query: [], headers: {} }, operator, reads())).resource).toEqual(
    entry!.resource,
  );
  await expect(ask('GET', 'AuditEvent/none', [])).rejects.toMatchObject({ kind: 'not-found' });
  for (const method of ['PUT', 'DELETE'] as const)
    await expect(ask(method, `AuditEvent/${id}`, [])).rejects.toMatchObject({ kind: 'forbidden' });
  await expect(ask('POST', 'AuditEvent', [])).rejects.toMatchObject({ kind: 'forbidden' });
  await expect(ask('GET', 'AuditEvent', [], { ...operator, permits: { AuditEvent: 'r' } })).rejects.toMatchObject({ kind: 'forbidden' });
  await expect(ask('GET', `AuditEvent/${id}`, [], { ...operator, permits: { AuditEvent: 's' } })).rejects.toMatchObject({
    kind: 'forbidden',
  });
});
