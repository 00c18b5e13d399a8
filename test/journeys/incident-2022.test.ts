// The incident of 2022 (data of about 95,000 people without a completed notice taken in, and linked to others who had one), a and b: docs/consent.md.
// https://hl7.org/fhir/R4/http.html#trules, https://hl7.org/fhir/R4/patient.html#links
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServer } from '../../src/commands/serve.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { readConfig } from '../../src/config.ts';

const numbers = 'urn:oid:1.2.392.100495.20.3.51.11319999991';
const log: string[] = [];
const root = mkdtempSync(path.join(tmpdir(), 'noren-2022-'));
let running: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  running = await startServer(readConfig(['--port', '0', '--data', root]), { log: (...told) => log.push(JSON.stringify(told)) });
}, 120_000);
afterAll(async () => {
  await running.close();
  rmSync(root, { recursive: true, force: true });
});

async function ask(client: string, method: string, to: string, body?: object) {
  const { token } = await fetchToken({ client, data: root, url: running.baseUrl });
  const response = await fetch(to === '' ? running.baseUrl : `${running.baseUrl}/${to}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text === '' ? '{}' : text) };
}
const tell = (...told: string[]) =>
  ask('hospital-1', 'POST', '$record-notices', {
    resourceType: 'Parameters',
    parameter: [...told.map(valueString => ({ name: 'scan', valueString })), { name: 'sent', valueDateTime: '2026-01-05' }],
  });
const patient = (value: string, more: object = {}) => ({ resourceType: 'Patient', identifier: [{ system: numbers, value }], ...more });
const transaction = (...entries: readonly [fullUrl: string, resource: { resourceType: string }][]) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: entries.map(([fullUrl, resource]) => ({ fullUrl, resource, request: { method: 'POST', url: resource.resourceType } })),
});
const about = (reference: string) => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference } });
const total = async (query: string): Promise<number> =>
  (await ask('tester', 'GET', `${query}${query.includes('?') ? '&' : '?'}_summary=count`)).json.total;

/** Every file under a folder, as bytes that can be searched. */
const filesIn = (folder: string): { name: string; text: string }[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
    .map(name => ({ name, text: readFileSync(name).toString('latin1') }));

describe('2022 a: a bundle whose Patient lacks a notice is refused whole', () => {
  // Each value stands in one place of the bundle, and nowhere else on earth.
  const canaries = {
    number: 'CANARY-NUMBER-1',
    family: 'CanaryFamily',
    containedName: 'CanaryContained',
    staff: 'CanaryStaff',
    organization: 'CanaryHospital',
    place: 'CanaryPlace',
    result: 'CanaryResult',
    document: 'CanaryDocument',
    referenced: 'CANARY-REFERENCED-2',
    unit: 'CANARY-BUNDLE-3',
  };
  const latin1 = (text: string) => Buffer.from(text).toString('latin1');
  const bundle = (): object => ({
    ...transaction(
      ['urn:uuid:00000000-0000-4000-8000-000000000001', patient(canaries.number, { name: [{ family: canaries.family }] }) as never],
      ['urn:uuid:00000000-0000-4000-8000-000000000002', { resourceType: 'Practitioner', name: [{ family: canaries.staff }] } as never],
      ['urn:uuid:00000000-0000-4000-8000-000000000003', { resourceType: 'Organization', name: canaries.organization } as never],
      ['urn:uuid:00000000-0000-4000-8000-000000000004', { resourceType: 'Location', name: canaries.place } as never],
      [
        'urn:uuid:00000000-0000-4000-8000-000000000005',
        {
          ...about('urn:uuid:00000000-0000-4000-8000-000000000001'),
          contained: [{ resourceType: 'Practitioner', id: 'c', name: [{ family: canaries.containedName }] }],
          performer: [{ reference: '#c' }, { reference: 'urn:uuid:00000000-0000-4000-8000-000000000002' }],
          device: { identifier: { system: 'urn:device', value: canaries.referenced } },
          valueString: canaries.result,
        } as never,
      ],
      [
        'urn:uuid:00000000-0000-4000-8000-000000000006',
        {
          resourceType: 'DocumentReference',
          status: 'current',
          subject: { reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' },
          content: [{ attachment: { contentType: 'text/plain', data: Buffer.from(canaries.document).toString('base64') } }],
        } as never,
      ],
      // One of those who were told, in the same bundle.
      ['urn:uuid:00000000-0000-4000-8000-000000000007', patient('TOLD-1') as never],
    ),
    identifier: { system: 'urn:emr', value: canaries.unit },
  });
  const types = ['Patient', 'Location', 'Observation', 'DocumentReference'];

  test('nothing is stored: no contained, no referenced resource, no index row, no log value, nothing in the raw files', async () => {
    await tell('TOLD-1');
    const shared = async () => [await total('Organization'), await total('Practitioner')];
    const before = await shared();
    const refused = await ask('hospital-1', 'POST', '', bundle());
    expect([refused.status, refused.json.issue[0].code]).toEqual([422, 'business-rule']);
    for (const type of types) expect([type, await total(type)]).toEqual([type, 0]);
    expect(await shared()).toEqual(before);
    for (const query of [
      `Patient?identifier=${canaries.number}`,
      `Patient?family=${canaries.family}`,
      `Practitioner?family=${canaries.staff}`,
      `Organization?name=${canaries.organization}`,
      `Observation?value-string=${canaries.result}`,
    ])
      expect([query, await total(query)]).toEqual([query, 0]);
    await running.close();
    const spellings = Object.values(canaries).flatMap(value => [
      value,
      latin1(value.toLowerCase()),
      Buffer.from(value).toString('base64').replace(/=+$/, ''),
      Buffer.from(value, 'utf16le').toString('latin1'),
    ]);
    const files = filesIn(root);
    expect(files.some(({ text }) => text.startsWith('SQLite format 3'))).toBe(true);
    expect(files.flatMap(({ name, text }) => spellings.filter(value => text.includes(value)).map(value => `${name}: ${value}`))).toEqual(
      [],
    );
    expect(spellings.filter(value => [refused.text, ...log].some(text => text.includes(value)))).toEqual([]);
    running = await startServer(readConfig(['--port', '0', '--data', root]), { log: (...told) => log.push(JSON.stringify(told)) });
    for (const type of types) expect([type, await total(type)]).toEqual([type, 0]);
  }, 60_000);

  test('once the notice is there and the wait is over, the same bundle is taken', async () => {
    await tell(canaries.number);
    expect((await ask('hospital-1', 'POST', '', bundle())).status).toBe(200);
    for (const type of types) expect(await total(type)).toBeGreaterThan(0);
  });

  test('a batch: the entries about him are refused, the told one’s are taken', async () => {
    const entries = [patient('NEVER-1'), about('Patient/never-was'), patient('TOLD-1')].map(resource => ({
      resource,
      request: { method: 'POST', url: resource.resourceType },
    }));
    const before = await total('Patient');
    const { json } = await ask('hospital-1', 'POST', '', { resourceType: 'Bundle', type: 'batch', entry: entries });
    expect(json.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3))).toEqual(['422', '422', '201']);
    expect(await total('Patient')).toBe(before + 1);
  });
});

describe('2022 b: a notice for A never covers B', () => {
  const member = { system: 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID', value: '06139463:12:3456:01' };
  const identifier = (value: string) => [{ system: numbers, value }, member];
  const send = (resource: object) => ask('hospital-1', 'POST', 'Patient', resource);
  let a: string;

  test('neither by Patient.link, nor by an identifier that both have, nor as an update of A', async () => {
    await tell('A');
    const taken = await send(patient('A', { identifier: identifier('A') }));
    expect(taken.status).toBe(201);
    a = taken.json.id;
    const before = await total('Patient');
    const link = [{ other: { reference: `Patient/${a}` }, type: 'seealso' }];
    const b = [patient('B', { link }), patient('B', { identifier: identifier('B') }), patient('B', { link, identifier: identifier('B') })];
    for (const one of b) expect((await send(one)).status).toBe(422);
    expect((await ask('hospital-1', 'PUT', `Patient/${a}`, { ...patient('B'), id: a })).status).toBe(422);
    expect(
      (await ask('hospital-1', 'PUT', `Patient/${a}`, { ...patient('A'), id: a, identifier: [...identifier('A'), ...identifier('B')] }))
        .status,
    ).toBe(422);
    expect(await total('Patient')).toBe(before);
  });

  test('not by a link that A brings to B, who was told and taken later back', async () => {
    await tell('B');
    const b = await send(patient('B'));
    expect(b.status).toBe(201);
    const linked = {
      ...patient('A', { identifier: identifier('A') }),
      id: a,
      link: [{ other: { reference: `Patient/${b.json.id}` }, type: 'seealso' }],
    };
    expect((await ask('hospital-1', 'PUT', `Patient/${a}`, linked)).status).toBe(200);
    const found = await ask('hospital-1', 'GET', `Communication?subject:identifier=${encodeURIComponent(`${numbers}|B`)}`);
    const notice = found.json.entry[0].resource;
    expect((await ask('hospital-1', 'PUT', `Communication/${notice.id}`, { ...notice, status: 'entered-in-error' })).status).toBe(200);
    expect((await ask('hospital-1', 'POST', 'Observation', about(`Patient/${b.json.id}`))).status).toBe(422);
    // A names B by the link: what is sent of A with it names somebody without a notice.
    expect((await ask('hospital-1', 'PUT', `Patient/${a}`, linked)).status).toBe(422);
    // Unlinked, A stands as before, and B is not cleared by having been linked.
    const alone = { ...patient('A', { identifier: identifier('A') }), id: a };
    const unlinked = await ask('hospital-1', 'PUT', `Patient/${a}`, alone);
    expect([unlinked.status, unlinked.text.slice(0, 300)]).toEqual([200, expect.any(String)]);
    expect((await ask('hospital-1', 'POST', 'Observation', about(`Patient/${a}`))).status).toBe(201);
    expect((await ask('hospital-1', 'POST', 'Observation', about(`Patient/${b.json.id}`))).status).toBe(422);
  });

  test('a link does not come off to get rid of an objection', async () => {
    await tell('C', 'D');
    const c = await send(patient('C'));
    const d = await send(patient('D', { link: [{ other: { reference: `Patient/${c.json.id}` }, type: 'seealso' }] }));
    expect([c.status, d.status]).toEqual([201, 201]);
    const objection = {
      resourceType: 'Consent',
      status: 'active',
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      patient: { reference: `Patient/${c.json.id}` },
      dateTime: new Date().toISOString(),
      policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
      provision: { type: 'deny' },
    };
    expect((await ask('hospital-1', 'POST', 'Consent', objection)).status).toBe(201);
    // The record is erased with the objection; there is no link left to take off.
    expect((await ask('hospital-1', 'PUT', `Patient/${d.json.id}`, { ...patient('D'), id: d.json.id })).status).toBe(404);
    expect((await ask('hospital-1', 'POST', 'Observation', about(`Patient/${d.json.id}`))).status).toBe(422);
  });
});
