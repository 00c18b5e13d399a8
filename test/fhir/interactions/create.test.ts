// https://hl7.org/fhir/R4/http.html#create, https://hl7.org/fhir/R4/http.html#ccreate
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Decimal } from '../../../src/fhir/model/json.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { Proposal } from '../../../src/fhir/store/gate.ts';
import { bundle, entriesAt, identified, institution, issues, limited, observation, open, patient, type Server, tester } from './parts.ts';

let server: Server;
beforeAll(async () => {
  server = await open();
});
afterAll(() => server.close());

const total = async (query: string) => bundle(await server.call('GET', `Patient?${query}&_summary=count`)).total;

test('create: 201 and version 1, under an id of the server; id, version and time of the client are dropped', async () => {
  const meta = { versionId: '7', lastUpdated: '2001-01-01T00:00:00Z', tag: [{ system: 'urn:s', code: 'kept' }] };
  const { status, body, version } = await server.call('POST', 'Patient', { body: patient({ id: 'mine', meta }) });
  expect(status).toBe(201);
  expect(version!.id).not.toBe('mine');
  expect(body).toMatchObject({ id: version!.id, meta: { versionId: '1', tag: [{ code: 'kept' }] } });
  expect((body['meta'] as { lastUpdated: string }).lastUpdated).toMatch(/^2026-/);
});

test('create: a decimal keeps its digits', async () => {
  const { version } = await server.call('POST', 'Observation', { body: observation({ valueQuantity: { value: new Decimal('7.20') } }) });
  expect(version!.bytes.toString()).toContain('"value":7.20');
});

test('create: no body, or one of another type, is refused', async () => {
  expect((await server.call('POST', 'Patient')).status).toBe(400);
  expect((await server.call('POST', 'Patient', { body: observation() })).status).toBe(400);
  expect((await server.call('POST', 'Patient', { body: patient({ id: 'a/b' }) })).status).toBe(400);
});

test('create: what the validation finds is told, all of it, and nothing is stored', async () => {
  const before = await total('');
  const answer = await server.call('POST', 'Patient', { body: patient({ colour: 'red', gender: 'femal' }) });
  expect(answer.status).toBe(400);
  expect(entriesAt(answer).sort()).toEqual(['Patient.colour', 'Patient.gender']);
  expect((await server.call('POST', 'Patient', { body: patient({ gender: 'femal' }) })).status).toBe(422);
  expect(await total('')).toBe(before);
});

test('create: a type that this client may not create answers 403, before the body is looked at', async () => {
  const answer = await server.call('POST', 'Patient', { body: patient({ colour: 'red' }), as: limited({ Patient: 'ruds' }) });
  expect([answer.status, issues(answer)[0]!.code]).toEqual([403, 'forbidden']);
});

test('conditional create: no match 201, one match 200 and nothing stored, several 412', async () => {
  const body = patient(identified('urn:cc', '1'));
  const headers = { 'if-none-exist': 'identifier=urn%3Acc%7C1' };
  const first = await server.call('POST', 'Patient', { body, headers });
  const second = await server.call('POST', 'Patient', { body: patient({ ...identified('urn:cc', '1'), gender: 'male' }), headers });
  expect([first.status, second.status, second.version!.id]).toEqual([201, 200, first.version!.id]);
  expect(second.body).not.toHaveProperty('gender');
  expect(await total('identifier=urn:cc|1')).toBe(1);
  await server.call('POST', 'Patient', { body });
  const third = await server.call('POST', 'Patient', { body, headers });
  expect([third.status, issues(third)[0]!.code]).toEqual([412, 'multiple-matches']);
});

test.each([
  ['', 400],
  ['_count=1', 412],
  ['foo=bar', 400],
  ['identifier=urn:cc|9&foo=bar', 400],
])('conditional create: criteria %j cannot choose and are refused', async (criteria, status) => {
  expect(
    (await server.call('POST', 'Patient', { body: patient(), headers: { 'if-none-exist': criteria, prefer: 'handling=lenient' } })).status,
  ).toBe(status);
});

test('conditional create: 50 at once make exactly one', async () => {
  const one = () =>
    server.call('POST', 'Patient', { body: patient(identified('urn:race', '1')), headers: { 'if-none-exist': 'identifier=urn:race|1' } });
  const answers = await Promise.all(Array.from({ length: 50 }, one));
  expect(answers.map(a => a.status).sort()).toEqual([...Array(49).fill(200), 201]);
  expect(new Set(answers.map(a => a.version!.id)).size).toBe(1);
  expect(await total('identifier=urn:race|1')).toBe(1);
});

test('conditional create: what another institution sent is no match', async () => {
  const call = (name: string) =>
    server.call('POST', 'Patient', {
      body: patient(identified('urn:two', '1')),
      headers: { 'if-none-exist': 'identifier=urn:two|1' },
      as: institution(name),
    });
  expect([(await call('hospital-1')).status, (await call('hospital-2')).status, (await call('hospital-2')).status]).toEqual([
    201, 201, 200,
  ]);
});

test('create: a conditional reference becomes a literal one', async () => {
  const { version } = await server.call('POST', 'Patient', { body: patient(identified('urn:cr', '1')) });
  const reference = (query: string) => observation({ subject: { reference: `Patient?identifier=${encodeURIComponent(query)}` } });
  const { body } = await server.call('POST', 'Observation', { body: reference('urn:cr|1') });
  expect(body['subject']).toEqual({ reference: `Patient/${version!.id}` });
  const none = await server.call('POST', 'Observation', { body: reference('urn:cr|none') });
  expect([none.status, entriesAt(none)]).toEqual([412, ['Observation.subject.reference']]);
  const unknown = await server.call('POST', 'Observation', { body: observation({ subject: { reference: 'Patient?colour=red' } }) });
  expect([unknown.status, entriesAt(unknown)]).toEqual([400, ['Observation.subject.reference']]);
});

test('create: the gate sees the settled resource, and its refusal stores nothing', async () => {
  const seen: Proposal[] = [];
  const gated = await open({
    gate: async (_access, proposals) => {
      seen.push(...proposals);
      if (proposals.some(p => p.resource?.['gender'] === 'other'))
        throw new Problem('business-rule', undefined, { expression: proposals[0]!.expression });
      return { lists: [], checks: [] };
    },
  });
  const { version } = await gated.call('POST', 'Patient', { body: patient(identified('urn:g', '1')) });
  await gated.call('POST', 'Observation', { body: observation({ subject: { reference: 'Patient?identifier=urn:g|1' } }) });
  expect(seen).toMatchObject([
    { method: 'create', type: 'Patient', id: version!.id, expression: 'Patient' },
    { method: 'create', type: 'Observation', resource: { subject: { reference: `Patient/${version!.id}` } } },
  ]);
  expect((await gated.call('POST', 'Patient', { body: patient({ gender: 'other' }) })).status).toBe(422);
  expect(bundle(await gated.call('GET', 'Patient?_summary=count')).total).toBe(1);
  await gated.close();
});

test('create: a check of the gate that fails inside the commit stores nothing', async () => {
  const gated = await open({
    gate: async () => ({
      lists: [],
      checks: [
        {
          persons: [],
          judge: () => {
            throw new Problem('business-rule');
          },
        },
      ],
    }),
  });
  expect((await gated.call('POST', 'Patient', { body: patient() })).status).toBe(422);
  expect(bundle(await gated.call('GET', 'Patient?_summary=count')).total).toBe(0);
  await gated.close();
});

test('create: with referential integrity a reference to nothing is refused, one to what is here is taken', async () => {
  const strict = await open({ settings: { referentialIntegrity: true } });
  const answer = await strict.call('POST', 'Observation', { body: observation({ subject: { reference: 'Patient/none' } }) });
  expect([answer.status, entriesAt(answer)]).toEqual([422, ['Observation.subject.reference']]);
  const { version } = await strict.call('POST', 'Patient', { body: patient() });
  for (const reference of [
    `Patient/${version!.id}`,
    `http://127.0.0.1:8080/fhir/Patient/${version!.id}`,
    'http://elsewhere.example/fhir/Patient/1',
  ])
    expect((await strict.call('POST', 'Observation', { body: observation({ subject: { reference } }) })).status).toBe(201);
  // What it refers to may go afterwards; what stood there before is not judged again.
  const resource = observation({ id: 'left', subject: { reference: `Patient/${version!.id}` } });
  await strict.call('PUT', 'Observation/left', { body: resource });
  await strict.call('DELETE', `Patient/${version!.id}`);
  expect((await strict.call('PUT', 'Observation/left', { body: { ...resource, status: 'amended' } })).status).toBe(200);
  const focus = [{ reference: `Patient/${version!.id}/_history/1` }];
  expect((await strict.call('PUT', 'Observation/left', { body: { ...resource, focus } })).status).toBe(422);
  await strict.close();
  expect(
    (await server.call('POST', 'Observation', { body: observation({ subject: { reference: 'Patient/none' } }), as: tester })).status,
  ).toBe(201);
});
