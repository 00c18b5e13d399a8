// https://hl7.org/fhir/R4/http.html#update, https://hl7.org/fhir/R4/http.html#upsert, https://hl7.org/fhir/R4/http.html#cond-update, https://hl7.org/fhir/R4/http.html#concurrency
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Proposal } from '../../../src/fhir/store/gate.ts';
import { bundle, identified, institution, issues, limited, open, openGate, patient, type Server, tester } from './parts.ts';

let server: Server;
let proposals: readonly Proposal[] = [];
beforeAll(async () => {
  server = await open({
    gate: (access, given) => {
      proposals = given;
      return openGate(access, given);
    },
  });
});
afterAll(() => server.close());

const made = async (more = {}, as = tester) => (await server.call('POST', 'Patient', { body: patient(more), as })).version!.id;
const put = (id: string, more: object = {}, headers: Record<string, string> = {}, as = tester) =>
  server.call('PUT', `Patient/${id}`, { body: patient({ id, ...more }), headers, as });

test('update: 200 and the next version', async () => {
  const id = await made();
  const answer = await put(id, { gender: 'male' });
  expect([answer.status, answer.version!.versionId, answer.body['gender']]).toEqual([200, 2, 'male']);
});

test('update: the gate sees what is stored now and who sent it', async () => {
  const id = await made({ gender: 'female' }, institution('hospital-1'));
  await put(id, { gender: 'male' });
  expect(proposals).toMatchObject([
    { method: 'update', id, current: { gender: 'female' }, currentSender: 'Organization/hospital-1', resource: { gender: 'male' } },
  ]);
});

test('update: the id of the body is missing or another one: 400', async () => {
  const id = await made();
  expect((await server.call('PUT', `Patient/${id}`, { body: patient() })).status).toBe(400);
  expect((await server.call('PUT', `Patient/${id}`, { body: patient({ id: 'other' }) })).status).toBe(400);
});

test('update: If-Match of another version 412, malformed 400, * only where there is one', async () => {
  const id = await made();
  expect((await put(id, {}, { 'if-match': 'W/"1"' })).status).toBe(200);
  expect((await put(id, {}, { 'if-match': 'W/"1"' })).status).toBe(412);
  expect((await put(id, {}, { 'if-match': '"2"' })).status).toBe(200);
  expect((await put(id, {}, { 'if-match': '*' })).status).toBe(200);
  for (const wrong of ['4', 'W/4', '""x', '']) expect((await put(id, {}, { 'if-match': wrong })).status).toBe(400);
  expect((await put('absent-1', {}, { 'if-match': '*' })).status).toBe(412);
  expect((await put('absent-1', {}, { 'if-match': 'W/"1"' })).status).toBe(412);
  expect((await put(id, {}, { 'if-none-match': '*' })).status).toBe(412);
  expect((await put('absent-2', {}, { 'if-none-match': '*' })).status).toBe(201);
});

test('update: of 30 with the same If-Match one wins', async () => {
  const id = await made();
  const answers = await Promise.all(Array.from({ length: 30 }, (_, k) => put(id, { multipleBirthInteger: k }, { 'if-match': 'W/"1"' })));
  expect(answers.map(a => a.status).sort()).toEqual([200, ...Array(29).fill(412)]);
});

test('update: 50 at once without If-Match are all taken, one after the other', async () => {
  const id = await made();
  const answers = await Promise.all(Array.from({ length: 50 }, (_, k) => put(id, { multipleBirthInteger: k })));
  expect(answers.map(a => a.status)).toEqual(Array(50).fill(200));
  expect(new Set(answers.map(a => a.version!.versionId))).toEqual(new Set(Array.from({ length: 50 }, (_, k) => k + 2)));
});

test('update as create: 201 under the id of the client; what was deleted comes back', async () => {
  expect((await put('my-own-id')).status).toBe(201);
  expect((await put('my-own-id')).status).toBe(200);
  await server.call('DELETE', 'Patient/my-own-id');
  const back = await put('my-own-id', { gender: 'male' });
  expect([back.status, back.version!.versionId, back.body['gender']]).toEqual([201, 4, 'male']);
  expect(proposals[0]).not.toHaveProperty('current');
  expect((await server.call('GET', 'Patient/my-own-id')).status).toBe(200);
});

test('update: an institution changes what it sent; any other id answers 404, there or not, whatever else is wrong', async () => {
  const mine = institution('hospital-1');
  const id = await made({}, mine);
  expect((await put(id, {}, {}, mine)).status).toBe(200);
  const organization = { resourceType: 'Organization', id: 'known', name: 'x' };
  await server.call('PUT', 'Organization/known', { body: organization });
  const as = institution('hospital-2');
  const ask = async (type: string, other: string, body: object) => await server.call('PUT', `${type}/${other}`, { body, as });
  const never = await ask('Patient', 'never', patient({ id: 'never' }));
  expect([never.status, issues(never)[0]!.code]).toEqual([404, 'not-found']);
  expect(await ask('Patient', id, patient({ id }))).toEqual(never);
  expect(await ask('Patient', id, patient({ id: 'x', colour: 'red' }))).toEqual(never);
  expect(await ask('Organization', 'known', organization)).toEqual(never);
  expect((await server.call('GET', 'Organization/known', { as })).status).toBe(200);
});

test('update: what is hidden from a client that may bring ids answers 404', async () => {
  const id = await made({}, institution('hospital-1'));
  const as = limited({ '*': 'cruds' }, { '*': [{ sender: 'client/limited' }] });
  expect((await put(id, {}, {}, as)).status).toBe(404);
});

test('update: a type that this client may not update answers 403', async () => {
  expect((await put('x', {}, {}, limited({ Patient: 'crds' }))).status).toBe(403);
});

test('conditional update: no match without id 201, no match with id 201 under it, one 200, one but another id 400, several 412', async () => {
  const url = 'Patient?identifier=urn:cu|1';
  const ask = (more: object = {}) => server.call('PUT', url, { body: patient({ ...identified('urn:cu', '1'), ...more }) });
  const first = await ask();
  expect([first.status, first.version!.versionId]).toEqual([201, 1]);
  const second = await ask({ gender: 'male' });
  expect([second.status, second.version!.id, second.version!.versionId]).toEqual([200, first.version!.id, 2]);
  expect((await ask({ id: first.version!.id })).status).toBe(200);
  expect((await ask({ id: 'another' })).status).toBe(400);
  await made(identified('urn:cu', '1'));
  expect((await ask()).status).toBe(412);
  const own = await server.call('PUT', 'Patient?identifier=urn:cu|2', { body: patient({ id: 'cu-2', ...identified('urn:cu', '2') }) });
  expect([own.status, own.version!.id]).toEqual([201, 'cu-2']);
  const taken = await server.call('PUT', 'Patient?identifier=urn:cu|3', { body: patient({ id: 'cu-2' }) });
  expect(taken.status).toBe(409);
});

test('conditional update: an institution updates what it sent, and brings no ids', async () => {
  const as = institution('hospital-1');
  const ask = (more: object = {}) =>
    server.call('PUT', 'Patient?identifier=urn:ci|1', { body: patient({ ...identified('urn:ci', '1'), ...more }), as });
  expect((await ask({ id: 'wanted' })).status).toBe(404);
  expect([(await ask()).status, (await ask()).status]).toEqual([201, 200]);
  await server.call('POST', 'Practitioner', { body: { resourceType: 'Practitioner', ...identified('urn:ci', 'p') } });
  const foreign = await server.call('PUT', 'Practitioner?identifier=urn:ci|p', {
    body: { resourceType: 'Practitioner', ...identified('urn:ci', 'p') },
    as,
  });
  expect(foreign.status).toBe(404);
});

test.each([
  ['Patient', 412],
  ['Patient?foo=bar', 400],
  ['Patient?_count=3', 412],
])('conditional update: %s names nothing and is refused', async (url, status) => {
  expect((await server.call('PUT', url, { body: patient(), headers: { prefer: 'handling=lenient' } })).status).toBe(status);
});

test('conditional update: 30 at once make one resource and lose no version', async () => {
  const one = (_: unknown, k: number) =>
    server.call('PUT', 'Patient?identifier=urn:cr|1', { body: patient({ ...identified('urn:cr', '1'), multipleBirthInteger: k }) });
  const answers = await Promise.all(Array.from({ length: 30 }, one));
  const taken = answers.filter(a => a.status < 300);
  expect(answers.every(a => [200, 201, 409].includes(a.status))).toBe(true);
  const found = bundle(await server.call('GET', 'Patient?identifier=urn:cr|1'));
  expect(found.entry!.length).toBe(1);
  expect(found.entry![0]!.resource!.meta!.versionId).toBe(String(taken.length));
});
