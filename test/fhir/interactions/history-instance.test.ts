// https://hl7.org/fhir/R4/http.html#history
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundle, limited, open, patient, type Seen, type Server, tester } from './parts.ts';

let server: Server;
let id: string;
beforeAll(async () => {
  server = await open();
  id = (await server.call('POST', 'Patient', { body: patient() })).version!.id;
  for (let k = 2; k <= 6; k++) await server.call('PUT', `Patient/${id}`, { body: patient({ id, multipleBirthInteger: k }) });
  await server.call('DELETE', `Patient/${id}`);
});
afterAll(() => server.close());

const versions = (seen: Seen) => bundle(seen).entry?.map(e => Number(/"(\d+)"/.exec(e.response!.etag!)![1])) ?? [];
const next = (seen: Seen) =>
  bundle(seen)
    .link!.find(l => l.relation === 'next')
    ?.url.slice('http://127.0.0.1:8080/fhir/'.length);

test('history: newest first with the total; each entry says how it came to be, a deletion without resource', async () => {
  const seen = await server.call('GET', `Patient/${id}/_history`);
  const { type, total, entry, link } = bundle(seen);
  expect([type, total, versions(seen)]).toEqual(['history', 7, [7, 6, 5, 4, 3, 2, 1]]);
  expect(entry![0]).toMatchObject({ request: { method: 'DELETE', url: `Patient/${id}` }, response: { status: '204 No Content' } });
  expect(entry![0]).not.toHaveProperty('resource');
  expect(entry![1]).toMatchObject({
    fullUrl: `http://127.0.0.1:8080/fhir/Patient/${id}`,
    resource: { id, multipleBirthInteger: 6, meta: { versionId: '6' } },
    request: { method: 'PUT', url: `Patient/${id}` },
    response: { status: '200 OK', etag: 'W/"6"' },
  });
  expect(entry![6]).toMatchObject({ request: { method: 'POST', url: 'Patient' }, response: { status: '201 Created' } });
  expect(link).toEqual([{ relation: 'self', url: `http://127.0.0.1:8080/fhir/Patient/${id}/_history` }]);
});

test('history: pages by _count through sealed links, each with the total', async () => {
  const seen: number[] = [];
  let page = await server.call('GET', `Patient/${id}/_history?_count=3`);
  for (let pages = 1; ; pages++) {
    expect(bundle(page).total).toBe(7);
    seen.push(...versions(page));
    const url = next(page);
    if (url === undefined) {
      expect(pages).toBe(3);
      break;
    }
    expect(url).toMatch(/^Patient\/[^/]+\/_history\?_page=[A-Za-z0-9_-]+$/);
    page = await server.call('GET', url);
  }
  expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
});

test('history: _since leaves out what is older, and counts what is left', async () => {
  const all = bundle(await server.call('GET', `Patient/${id}/_history`)).entry!;
  const since = all[2]!.response!.lastModified!;
  const seen = await server.call('GET', `Patient/${id}/_history?_since=${since}`);
  expect([bundle(seen).total, versions(seen)]).toEqual([3, [7, 6, 5]]);
  const first = await server.call('GET', `Patient/${id}/_history?_since=${since}&_count=2`);
  const second = await server.call('GET', next(first)!);
  expect([bundle(first).total, versions(first), bundle(second).total, versions(second), next(second)]).toEqual([
    3,
    [7, 6],
    3,
    [5],
    undefined,
  ]);
});

test('history: _since takes a zone whose plus sign came as a blank', async () => {
  for (const zone of ['%2B09:00', '+09:00'])
    expect(bundle(await server.call('GET', `Patient/${id}/_history?_since=2020-01-01T00:00:00${zone}`)).total).toBe(7);
  expect((await server.call('GET', `Patient/${id}/_history?_since=2020-01-01T00:00:00 0900`)).status).toBe(400);
});

test('history: _count=0 is the total alone', async () => {
  const seen = bundle(await server.call('GET', `Patient/${id}/_history?_count=0`));
  expect([seen.total, seen.entry]).toEqual([7, undefined]);
});

test.each(['_count=-1', '_count=abc', '_since=2026', '_since=2026-13-01T00:00:00Z', 'name=x', '_at=2026'])(
  'history: %s is refused',
  async query => {
    expect((await server.call('GET', `Patient/${id}/_history?${query}`)).status).toBe(400);
  },
);

test('history: a page link of another client or another resource opens nothing', async () => {
  const url = next(await server.call('GET', `Patient/${id}/_history?_count=3`))!;
  expect((await server.call('GET', url, { as: limited({ '*': 'r' }) })).status).toBe(400);
  expect((await server.call('GET', url.replace(id, 'other'))).status).toBe(400);
  expect((await server.call('GET', url, { as: tester })).status).toBe(200);
});

test('history: what never was answers 404', async () => {
  expect((await server.call('GET', 'Patient/never/_history')).status).toBe(404);
});
