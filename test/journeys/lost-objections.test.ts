// contract: England 2015–2018: 150,000 objections were recorded at practices and never forwarded (law-and-japan, tests c and g). https://hl7.org/fhir/R4/operations.html
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sandboxClients } from '../../src/auth/clients.ts';
import { createKey, type Jwk, privateKeys } from '../../src/auth/keys.ts';
import { clientKeyFile } from '../../src/auth/layout.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { objection, openWorld, type World } from './world.ts';

let world: World;
let days: { start: string; end: string };
beforeAll(async () => {
  world = await openWorld(2);
  const today = new Date(Date.now() + 9 * 3_600_000);
  days = { start: new Date(today.getTime() - 86_400_000).toISOString().slice(0, 10), end: today.toISOString().slice(0, 10) };
}, 120_000);
afterAll(() => world.close());

type Told = {
  status: number;
  json: { id?: string; parameter?: { name: string; part?: object[] }[]; issue?: { details: { text: string } }[] };
};
async function call(client: string, method: string, path: string, body?: object): Promise<Told> {
  const { token } = await fetchToken({ client, data: world.data, url: world.baseUrl });
  const response = await fetch(`${world.baseUrl}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Told['json'] };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function signed(key: Jwk, payload: object, alg = 'ES384'): string {
  const input = `${encode({ alg, kid: key.kid })}.${encode(payload)}`;
  const signature = sign('sha384', Buffer.from(input), { key: createPrivateKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}
const keyOf = (client: string): Jwk => privateKeys(JSON.parse(readFileSync(clientKeyFile(world.data, client), 'utf8')), client)[0]!;

interface Reported {
  notices?: number;
  objections?: number;
  withdrawals?: number;
}
const report = (client: string, { notices = 0, objections = 0, withdrawals = 0 }: Reported, signature?: string, period = days) => {
  const counts = { notices, objections, withdrawals };
  return call(client, 'POST', '$reconcile', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'period', valuePeriod: period },
      ...Object.entries(counts).map(([name, valueUnsignedInt]) => ({ name, valueUnsignedInt })),
      {
        name: 'signature',
        valueString: signature ?? signed(keyOf(client), { institution: `Organization/${client}`, ...period, ...counts }),
      },
    ],
  });
};
const said = ({ json }: Told) => ({
  match: json.parameter?.find(one => one.name === 'match'),
  alarm: json.parameter?.some(one => one.name === 'alarm'),
  rows: json.parameter
    ?.filter(one => one.name === 'row')
    .map(one => (one.part as { valueUnsignedInt?: number }[]).flatMap(p => p.valueUnsignedInt ?? [])),
});
const send = async (client: string) => {
  const { status, json } = await call(client, 'POST', 'Medication', { resourceType: 'Medication', code: { text: 'x' } });
  return status === 201 ? 'taken' : json.issue![0]!.details.text;
};
const numbers = (client: string) => sandboxClients.find(one => one.client_id === client)!.patientNumberSystem!;
const object = (n: number) =>
  call('hospital-1', 'POST', 'Consent', objection({ identifier: { system: numbers('hospital-1'), value: `LOST-${n}` } }));

test('lost objections: three recorded at the hospital and one forwarded: the report raises an alarm, and nothing comes in until the rest is here', async () => {
  const kept = await object(1);
  expect(kept.status).toBe(201);
  expect(await send('hospital-1')).toBe('taken');

  const first = said(await report('hospital-1', { objections: 3 }));
  expect(first).toMatchObject({ match: { valueBoolean: false }, alarm: true });
  expect(first.rows).toEqual([
    [0, 0],
    [3, 1],
    [0, 0],
  ]);
  expect(await send('hospital-1')).toMatch('does not agree');
  expect(await send('hospital-2')).toBe('taken');
  const alarms = await call('operator', 'GET', 'AuditEvent?subtype=alarm');
  expect(JSON.stringify(alarms.json)).toContain('Organization/hospital-1');

  // The objections themselves come in all the same.
  expect([(await object(2)).status, (await object(3)).status]).toEqual([201, 201]);
  expect(await send('hospital-1')).toMatch('does not agree');
  // A report of other days mends nothing.
  const before = { start: '2020-01-01', end: '2020-01-31' };
  expect(said(await report('hospital-1', {}, undefined, before)).match).toMatchObject({ valueBoolean: true });
  expect(await send('hospital-1')).toMatch('does not agree');
  expect(said(await report('hospital-1', { objections: 3 }))).toMatchObject({ match: { valueBoolean: true }, alarm: false });
  expect(await send('hospital-1')).toBe('taken');
});

test('lost objections: each that arrived has a receipt, and the hospital can hold its own list against it', async () => {
  const { json } = await call('hospital-1', 'GET', 'Consent');
  const consents = (json as { entry?: { resource: { id: string } }[] }).entry!;
  expect(consents).toHaveLength(3);
  for (const { resource } of consents) {
    const parameter = [{ name: 'consent', valueReference: { reference: `Consent/${resource.id}` } }];
    expect((await call('hospital-1', 'POST', '$acknowledge', { resourceType: 'Parameters', parameter })).status).toBe(200);
  }
  const identifier = (n: number) => ({ name: 'identifier', valueIdentifier: { system: numbers('hospital-1'), value: `LOST-${n}` } });
  const checked = await call('hospital-1', 'POST', '$check-objections', {
    resourceType: 'Parameters',
    parameter: [1, 2, 3, 4].map(identifier),
  });
  const results = checked.json
    .parameter!.filter(one => one.name === 'result')
    .map(one => (one.part![1] as { valueBoolean: boolean }).valueBoolean);
  expect(results).toEqual([true, true, true, false]);
});

test('lost objections: a withdrawal that is not here does not match either; the operator may lift the hold', async () => {
  expect(said(await report('hospital-1', { objections: 3, withdrawals: 1 }))).toMatchObject({
    match: { valueBoolean: false },
    alarm: false,
  });
  expect(await send('hospital-1')).toMatch('does not agree');
  const parameter = [
    { name: 'what', valueCode: 'intake' },
    { name: 'institution', valueReference: { reference: 'Organization/hospital-1' } },
    { name: 'reason', valueString: 'x' },
  ];
  expect((await call('operator', 'POST', '$resume', { resourceType: 'Parameters', parameter })).status).toBe(200);
  expect(await send('hospital-1')).toBe('taken');
});

test('lost objections: a match does not lift what the operator has stopped', async () => {
  const parameter = (code: string) => [
    { name: 'what', valueCode: 'intake' },
    { name: 'institution', valueReference: { reference: 'Organization/hospital-1' } },
    { name: 'reason', valueString: code },
  ];
  await call('operator', 'POST', '$stop', { resourceType: 'Parameters', parameter: parameter('stop') });
  await report('hospital-1', { objections: 3 });
  expect(await send('hospital-1')).toMatch('stopped intake');
  await call('operator', 'POST', '$resume', { resourceType: 'Parameters', parameter: parameter('resume') });
});

test('$reconcile: notices and withdrawals are counted by their days', async () => {
  const sent = {
    resourceType: 'Communication',
    status: 'completed',
    category: [{ coding: [{ system: 'https://noren.example/fhir/CodeSystem/communication-category', code: 'notice' }] }],
    sent: `${days.start}T10:00:00+09:00`,
    sender: { reference: 'Organization/hospital-2' },
    subject: { identifier: { system: numbers('hospital-2'), value: 'N-1' } },
  };
  expect((await call('hospital-2', 'POST', 'Communication', sent)).status).toBe(201);
  const { json } = await call('hospital-2', 'POST', 'Consent', objection({ identifier: { system: numbers('hospital-2'), value: 'N-1' } }));
  const stored = (await call('hospital-2', 'GET', `Consent/${json.id}`)).json;
  await call('hospital-2', 'PUT', `Consent/${json.id}`, { ...stored, status: 'inactive' });
  const all = { notices: 1, objections: 1, withdrawals: 1 };
  expect(said(await report('hospital-2', all)).match).toMatchObject({ valueBoolean: true });
  const yesterday = { start: days.start, end: days.start };
  expect(said(await report('hospital-2', { notices: 1 }, undefined, yesterday)).match).toMatchObject({ valueBoolean: true });
});

test('$reconcile: counts that the hospital did not sign, or not these, are refused and nothing is kept of them', async () => {
  const counts = { notices: 9, objections: 9, withdrawals: 9 };
  const payload = { institution: 'Organization/hospital-1', ...days, ...counts };
  const key = keyOf('hospital-1');
  const [header, body] = signed(key, payload).split('.');
  for (const signature of [
    'x',
    signed(createKey(), payload),
    signed({ ...createKey(), kid: key.kid }, payload),
    signed(keyOf('hospital-2'), payload),
    signed(key, { ...payload, objections: 8 }),
    signed(key, { ...payload, institution: 'Organization/hospital-2' }),
    signed(key, { ...payload, more: 1 }),
    signed(key, payload, 'none'),
    `${encode({ alg: 'none', kid: key.kid })}.${body}.`,
    `${header}.${body}.`,
    `${header}.${encode({ ...payload, notices: 1 })}.${signed(key, payload).split('.')[2]}`,
  ])
    expect((await report('hospital-1', counts, signature)).status).toBe(422);
  expect(await send('hospital-1')).toBe('taken');
  expect((await report('hospital-1', counts, undefined, { start: days.end, end: days.start })).status).toBe(400);
  expect((await report('hospital-1', counts, undefined, { start: days.start, end: '2099-01-01' })).status).toBe(400);
  for (const client of ['operator', 'tester']) expect((await report(client, counts, 'x')).status).toBe(403);
});
