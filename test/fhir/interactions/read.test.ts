// https://hl7.org/fhir/R4/http.html#read, https://hl7.org/fhir/R4/http.html#cread, https://hl7.org/fhir/R4/http.html#vread
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Decimal } from '../../../src/fhir/model/json.ts';
import { institution, issues, limited, open, patient, type Server, tester } from './parts.ts';

let server: Server;
beforeAll(async () => {
  server = await open();
});
afterAll(() => server.close());

const made = async (body: unknown, as = institution('hospital-1')) => (await server.call('POST', 'Patient', { body, as })).version!.id;

test('read: gives back what was created, with id, version and time', async () => {
  const id = await made(patient({ name: [{ family: '山田' }], gender: 'female' }));
  const { status, body, version, patients } = await server.call('GET', `Patient/${id}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ resourceType: 'Patient', id, meta: { versionId: '1' }, name: [{ family: '山田' }], gender: 'female' });
  expect(version).toMatchObject({ type: 'Patient', id, versionId: 1, deleted: false });
  expect(patients).toEqual([`Patient/${id}`]);
});

test('read: what never was answers 404', async () => {
  const answer = await server.call('GET', 'Patient/never-was');
  expect([answer.status, issues(answer)[0]!.code]).toEqual([404, 'not-found']);
});

test('read: what this client may not know of answers to the letter like what never was', async () => {
  const id = await made(patient());
  const as = institution('hospital-2');
  expect(await server.call('GET', `Patient/${id}`, { as })).toEqual(await server.call('GET', 'Patient/never-was', { as }));
  expect(await server.call('GET', `Patient/${id}/_history/1`, { as })).toEqual(
    await server.call('GET', 'Patient/never-was/_history/1', { as }),
  );
  expect(await server.call('GET', `Patient/${id}/_history`, { as })).toEqual(
    await server.call('GET', 'Patient/never-was/_history', { as }),
  );
});

test('read: a deleted resource answers 410 and says so', async () => {
  const id = await made(patient());
  await server.call('DELETE', `Patient/${id}`);
  const answer = await server.call('GET', `Patient/${id}`);
  expect([answer.status, issues(answer)[0]!.code]).toEqual([410, 'deleted']);
});

test('read: a type that this client may not read answers 403, an unknown type 404', async () => {
  const as = limited({ Patient: 'cs' });
  expect((await server.call('GET', 'Patient/x', { as })).status).toBe(403);
  expect((await server.call('GET', 'patient/x', { as })).status).toBe(404);
  expect((await server.call('GET', 'Pateint/x', { as })).status).toBe(404);
});

test.each(['..', 'x'.repeat(65), 'a b', "1'--", '%00', 'é'])('read: the id %j is none', async id => {
  expect((await server.call('GET', `Patient/${id}`)).status).toBe(400);
});

test('read: unchanged by If-None-Match or If-Modified-Since answers 304', async () => {
  const id = await made(patient());
  const { version } = await server.call('GET', `Patient/${id}`);
  const ask = async (headers: Record<string, string>) => (await server.call('GET', `Patient/${id}`, { headers })).status;
  expect(await ask({ 'if-none-match': 'W/"1"' })).toBe(304);
  expect(await ask({ 'if-none-match': 'W/"7", W/"1"' })).toBe(304);
  expect(await ask({ 'if-none-match': 'W/"2"' })).toBe(200);
  expect(await ask({ 'if-none-match': 'nonsense' })).toBe(400);
  const at = new Date(version!.lastUpdated).toUTCString();
  expect(await ask({ 'if-modified-since': at })).toBe(304);
  expect(await ask({ 'if-modified-since': new Date(version!.lastUpdated - 2000).toUTCString() })).toBe(200);
  // The ETag goes before the date.
  expect(await ask({ 'if-none-match': 'W/"2"', 'if-modified-since': at })).toBe(200);
});

test('vread: an old version stays readable after an update', async () => {
  const id = await made(patient({ gender: 'male' }));
  await server.call('PUT', `Patient/${id}`, { body: patient({ id, gender: 'female' }) });
  expect((await server.call('GET', `Patient/${id}/_history/1`)).body).toMatchObject({ gender: 'male', meta: { versionId: '1' } });
  expect((await server.call('GET', `Patient/${id}/_history/2`)).body).toMatchObject({ gender: 'female', meta: { versionId: '2' } });
  for (const version of ['3', '0', 'x', '-1']) expect((await server.call('GET', `Patient/${id}/_history/${version}`)).status).toBe(404);
});

test('vread: the version that is a deletion answers 410', async () => {
  const id = await made(patient());
  await server.call('DELETE', `Patient/${id}`);
  expect((await server.call('GET', `Patient/${id}/_history/2`)).status).toBe(410);
  expect((await server.call('GET', `Patient/${id}/_history/1`)).status).toBe(200);
});

test('read: _elements and _summary cut, tag SUBSETTED, keep what is mandatory and every digit', async () => {
  const body = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    valueQuantity: { value: new Decimal('7.20'), unit: '%' },
    note: [{ text: 'n' }],
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">t</div>' },
  };
  const { id } = (await server.call('POST', 'Observation', { body })).version!;
  const keys = async (query: string) => Object.keys((await server.call('GET', `Observation/${id}?${query}`)).body).sort();
  expect(await keys('_elements=value')).toEqual(['code', 'id', 'meta', 'resourceType', 'status', 'valueQuantity']);
  expect(await keys('_elements=note')).toEqual(['code', 'id', 'meta', 'note', 'resourceType', 'status']);
  expect(await keys('_summary=text')).toEqual(['code', 'id', 'meta', 'resourceType', 'status', 'text']);
  expect(await keys('_summary=data')).toEqual(['code', 'id', 'meta', 'note', 'resourceType', 'status', 'valueQuantity']);
  expect(await keys('_summary=true')).toEqual(['code', 'id', 'meta', 'resourceType', 'status', 'valueQuantity']);
  expect((await server.call('GET', `Observation/${id}?_elements=note`)).body['meta']).toMatchObject({ tag: [{ code: 'SUBSETTED' }] });
  const { bytes } = await server.dispatch(
    { method: 'GET', path: `Observation/${id}`, query: [['_elements', 'value']], headers: {} },
    tester,
  );
  expect(Buffer.concat(bytes!).toString()).toContain('"value":7.20');
  for (const query of ['_summary=count', '_summary=x', '_elements=', '_pretty=x', 'name=x'])
    expect((await server.call('GET', `Observation/${id}?${query}`)).status).toBe(400);
});

test('read: a path that no interaction has answers 404, a method that is not served 405', async () => {
  for (const path of ['Patient/x/Organization', 'Patient/x/Nothing', 'Patient/$nothing', 'Patient/x/_history/1/x', 'Nothing', '$nothing'])
    expect([path, (await server.call('GET', path)).status]).toEqual([path, 404]);
  expect((await server.call('POST', 'Patient/x')).status).toBe(405);
  expect((await server.call('DELETE', 'metadata')).status).toBe(405);
  expect((await server.call('PUT', '')).status).toBe(405);
});
