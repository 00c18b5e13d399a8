// https://hl7.org/fhir/R4/http.html#delete, https://hl7.org/fhir/R4/http.html#cdelete
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  ask,
  bundle,
  identified,
  institution,
  issues,
  limited,
  open,
  patient,
  post,
  type Server,
  statuses,
  tester,
  transaction,
} from './parts.ts';

let server: Server;
beforeAll(async () => {
  server = await open();
});
afterAll(() => server.close());

const made = async (more = {}, as = tester) => (await server.call('POST', 'Patient', { body: patient(more), as })).version!.id;
const total = async (query: string) => bundle(await server.call('GET', `Patient?${query}`)).total;

test('delete: 204, and 204 again without a further version', async () => {
  const id = await made();
  const first = await server.call('DELETE', `Patient/${id}`);
  const second = await server.call('DELETE', `Patient/${id}`);
  expect([first.status, first.version!.versionId, second.status, second.version!.versionId]).toEqual([204, 2, 204, 2]);
  expect(bundle(await server.call('GET', `Patient/${id}/_history`)).total).toBe(2);
  expect(bundle(await server.call('GET', `Patient?_id=${id}&_summary=count`)).total).toBe(0);
});

test('delete: what never was is as good as deleted, alone and in a transaction; If-Match finds nothing 412', async () => {
  expect((await server.call('DELETE', 'Patient/never')).status).toBe(204);
  const body = transaction(ask('DELETE', 'Patient/never'), post(patient(identified('urn:cd', 'never'))));
  expect(statuses(await server.call('POST', '', { body }))).toEqual(['204', '201']);
  expect((await server.call('GET', 'Patient/never')).status).toBe(404);
  expect((await server.call('GET', 'Patient/never/_history')).status).toBe(404);
  expect((await server.call('DELETE', 'Patient/never', { headers: { 'if-match': 'W/"1"' } })).status).toBe(412);
});

test('delete: for an institution what never was, what it may not know of and what it did not send answer 404, alike', async () => {
  const id = await made({}, institution('hospital-1'));
  await server.call('PUT', 'Organization/o', { body: { resourceType: 'Organization', id: 'o', name: 'x' } });
  const as = institution('hospital-2');
  const never = await server.call('DELETE', 'Patient/never', { as });
  expect(never.status).toBe(404);
  expect(await server.call('DELETE', `Patient/${id}`, { as })).toEqual(never);
  expect(await server.call('DELETE', 'Organization/o', { as })).toEqual(never);
  expect((await server.call('GET', `Patient/${id}`)).status).toBe(200);
});

test('delete: If-Match of another version 412', async () => {
  const id = await made();
  expect((await server.call('DELETE', `Patient/${id}`, { headers: { 'if-match': 'W/"2"' } })).status).toBe(412);
  expect((await server.call('DELETE', `Patient/${id}`, { headers: { 'if-match': 'W/"1"' } })).status).toBe(204);
});

test('delete: a type that this client may not delete answers 403', async () => {
  expect((await server.call('DELETE', `Patient/${await made()}`, { as: limited({ Patient: 'crus' }) })).status).toBe(403);
});

test('conditional delete: one match is deleted, none answers 204', async () => {
  await made(identified('urn:cd', '1'));
  expect((await server.call('DELETE', 'Patient?identifier=urn:cd|1')).status).toBe(204);
  expect(await total('identifier=urn:cd|1&_summary=count')).toBe(0);
  expect((await server.call('DELETE', 'Patient?identifier=urn:cd|1')).status).toBe(204);
});

test('conditional delete: several matches are deleted together, each as a version of its own; more than the cap 422, and all stay', async () => {
  const ids = [await made(identified('urn:cd', '2')), await made(identified('urn:cd', '2'))];
  const { status, entries, patients } = await server.call('DELETE', 'Patient?identifier=urn:cd|2');
  expect([status, [...entries!['delete']!].sort()]).toEqual([204, ids.map(id => `Patient/${id}/_history/2`).sort()]);
  expect([...patients!].sort()).toEqual(ids.map(id => `Patient/${id}`).sort());
  expect(await total('identifier=urn:cd|2&_summary=count')).toBe(0);
  for (let i = 0; i < 11; i++) await made(identified('urn:cd', '3'));
  const refused = await server.call('DELETE', 'Patient?identifier=urn:cd|3');
  expect([refused.status, issues(refused)[0]!.code]).toEqual([422, 'too-costly']);
  expect(await total('identifier=urn:cd|3&_summary=count')).toBe(11);
});

test('conditional delete: a condition on the version goes with one match only', async () => {
  await made(identified('urn:cd', '4'));
  const under = async (etag: string) =>
    (await server.call('DELETE', 'Patient?identifier=urn:cd|4', { headers: { 'if-match': etag } })).status;
  expect(await under('W/"2"')).toBe(412);
  await made(identified('urn:cd', '4'));
  expect(await under('*')).toBe(412);
  expect(await total('identifier=urn:cd|4&_summary=count')).toBe(2);
});

test('conditional delete: what this client may know of and did not send is not deleted, and nothing beside it', async () => {
  const as = institution('hospital-2');
  const name = { name: 'shared' };
  const mine = (await server.call('POST', 'Organization', { body: { resourceType: 'Organization', ...name }, as })).version!.id;
  await server.call('POST', 'Organization', { body: { resourceType: 'Organization', ...name }, as: institution('hospital-1') });
  expect((await server.call('DELETE', 'Organization?name=shared', { as })).status).toBe(404);
  expect((await server.call('GET', `Organization/${mine}`)).status).toBe(200);
});

test('conditional delete in a transaction: all that match, with the rest or not at all', async () => {
  const ids = [await made(identified('urn:cd', '5')), await made(identified('urn:cd', '5'))];
  const failing = transaction(ask('DELETE', 'Patient?identifier=urn:cd|5'), post({ ...patient(), gender: 'x' }));
  expect((await server.call('POST', '', { body: failing })).status).toBe(422);
  expect(await total('identifier=urn:cd|5&_summary=count')).toBe(2);
  const told = await server.call('POST', '', {
    body: transaction(
      ask('GET', 'Patient?identifier=urn:cd|5'),
      ask('DELETE', 'Patient?identifier=urn:cd|5'),
      post(patient(identified('urn:cd', '5'))),
    ),
  });
  expect(statuses(told)).toEqual(['200', '204', '201']);
  expect(bundle(told).entry![0]!.resource).toMatchObject({ total: 1 });
  expect([...told.entries!['delete']!].sort()).toEqual(ids.map(id => `Patient/${id}/_history/2`).sort());
  const twice = transaction(ask('DELETE', `Patient/${ids[0]}`), ask('DELETE', `Patient?_id=${ids[0]}`));
  expect((await server.call('POST', '', { body: twice })).status).toBe(200);
});

test.each([
  ['Patient', 412],
  ['Patient?foo=bar', 400],
  ['Patient?_count=1', 412],
  ['Patient?_sort=_id', 412],
])('conditional delete: %s names nothing and deletes nothing', async (url, status) => {
  const before = await total('_summary=count');
  expect((await server.call('DELETE', url, { headers: { prefer: 'handling=lenient' } })).status).toBe(status);
  expect(await total('_summary=count')).toBe(before);
});
