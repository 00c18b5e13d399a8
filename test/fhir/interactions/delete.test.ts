// https://hl7.org/fhir/R4/http.html#delete, https://hl7.org/fhir/R4/http.html#cdelete
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundle, identified, institution, limited, open, patient, type Server, tester } from './parts.ts';

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

test('delete: what never was, and what this client may not know of or did not send, answer 404', async () => {
  const id = await made({}, institution('hospital-1'));
  await server.call('PUT', 'Organization/o', { body: { resourceType: 'Organization', id: 'o', name: 'x' } });
  const as = institution('hospital-2');
  const never = await server.call('DELETE', 'Patient/never', { as });
  expect(never.status).toBe(404);
  expect(await server.call('DELETE', `Patient/${id}`, { as })).toEqual(never);
  expect(await server.call('DELETE', 'Organization/o', { as })).toEqual(never);
  expect((await server.call('GET', `Patient/${id}`)).status).toBe(200);
  expect((await server.call('DELETE', 'Patient/never')).status).toBe(404);
});

test('delete: If-Match of another version 412', async () => {
  const id = await made();
  expect((await server.call('DELETE', `Patient/${id}`, { headers: { 'if-match': 'W/"2"' } })).status).toBe(412);
  expect((await server.call('DELETE', `Patient/${id}`, { headers: { 'if-match': 'W/"1"' } })).status).toBe(204);
});

test('delete: a type that this client may not delete answers 403', async () => {
  expect((await server.call('DELETE', `Patient/${await made()}`, { as: limited({ Patient: 'crus' }) })).status).toBe(403);
});

test('conditional delete: one match is deleted, none answers 204, several 412 and stay', async () => {
  await made(identified('urn:cd', '1'));
  expect((await server.call('DELETE', 'Patient?identifier=urn:cd|1')).status).toBe(204);
  expect(await total('identifier=urn:cd|1&_summary=count')).toBe(0);
  expect((await server.call('DELETE', 'Patient?identifier=urn:cd|1')).status).toBe(204);
  await made(identified('urn:cd', '2'));
  await made(identified('urn:cd', '2'));
  expect((await server.call('DELETE', 'Patient?identifier=urn:cd|2')).status).toBe(412);
  expect(await total('identifier=urn:cd|2&_summary=count')).toBe(2);
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
