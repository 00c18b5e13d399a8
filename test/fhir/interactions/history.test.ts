// https://hl7.org/fhir/R4/http.html#history
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundle, institution, limited, observation, open, patient, type Seen, type Server, tester } from './parts.ts';

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
  const url = `http://127.0.0.1:8080/fhir/Patient/${id}/_history`;
  expect(link).toEqual([
    { relation: 'self', url },
    { relation: 'first', url },
  ]);
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

test('history: _count=0 and _summary=count are the total alone', async () => {
  const counted = bundle(await server.call('GET', `Patient/${id}/_history?_summary=count&_count=2`));
  expect([counted.entry, counted.link!.map(l => l.relation)]).toEqual([undefined, ['self', 'first']]);
  expect(counted.link![0]!.url).toContain('_summary=count');
  expect((await server.call('GET', `Patient/${id}/_history?_summary=true`)).status).toBe(400);
  const seen = bundle(await server.call('GET', `Patient/${id}/_history?_count=0`));
  expect(seen.total).toBe(counted.total);
  expect([seen.total, seen.entry]).toEqual([7, undefined]);
});

test.each([
  '_count=-1',
  '_count=abc',
  '_since=2026',
  '_since=2026-13-01T00:00:00Z',
  'name=x',
  '_at=202',
  '_at=2026&_at=2026',
  '_sort=_lastUpdated',
])('history: %s is refused', async query => {
  expect((await server.call('GET', `Patient/${id}/_history?${query}`)).status).toBe(400);
});

test('history: _sort takes the order that a history has; what is unknown is left out where the client is lenient, and not in the self link', async () => {
  const sorted = await server.call('GET', `Patient/${id}/_history?_sort=-_lastUpdated`);
  expect([versions(sorted), bundle(sorted).link![0]!.url]).toEqual([[7, 6, 5, 4, 3, 2, 1], expect.stringContaining('_sort=-_lastUpdated')]);
  const headers = { prefer: 'handling=lenient' };
  const lenient = await server.call('GET', `Patient/${id}/_history?_count=2&_list=x&name=y`, { headers });
  expect([versions(lenient), bundle(lenient).link![0]!.url]).toEqual([
    [7, 6],
    `http://127.0.0.1:8080/fhir/Patient/${id}/_history?_count=2`,
  ]);
  expect((await server.call('GET', `Patient/${id}/_history?_count=x`, { headers })).status).toBe(400);
});

test('history: a page link of another client or another resource opens nothing', async () => {
  const url = next(await server.call('GET', `Patient/${id}/_history?_count=3`))!;
  expect((await server.call('GET', url, { as: limited({ '*': 'r' }) })).status).toBe(400);
  expect((await server.call('GET', url.replace(id, 'other'))).status).toBe(400);
  expect((await server.call('GET', url, { as: tester })).status).toBe(200);
});

test('history: what never was answers 404', async () => {
  expect((await server.call('GET', 'Patient/never/_history')).status).toBe(404);
});

test('history: _at gives the versions that were current at some moment of it', async () => {
  const own = await open();
  const times: number[] = [];
  for (let k = 1; k <= 4; k++) {
    own.clock.now = Date.parse(`2026-0${k}-10T00:00:00Z`);
    times.push((await own.call('PUT', 'Patient/p', { body: patient({ id: 'p', multipleBirthInteger: k }) })).version!.lastUpdated);
  }
  const at = async (text: string) => versions(await own.call('GET', `Patient/p/_history?_at=${text}`));
  expect(await at('2026-02-20')).toEqual([2]);
  expect(await at('2026-02')).toEqual([2, 1]);
  expect(await at('2026')).toEqual([4, 3, 2, 1]);
  expect(await at('2030')).toEqual([4]);
  expect(await at('2025')).toEqual([]);
  expect(await at(new Date(times[2]!).toISOString())).toEqual([3]);
  expect(versions(await own.call('GET', 'Patient/_history?_at=2026-02-20'))).toEqual([2]);
  expect(versions(await own.call('GET', '_history?_at=2026-02&_since=2026-02-01T00:00:00Z'))).toEqual([2]);
  await own.close();
});

const keys = (seen: Seen) =>
  bundle(seen).entry?.map(e => `${e.fullUrl!.split('/fhir/')[1]}@${/"(\d+)"/.exec(e.response!.etag!)![1]}`) ?? [];

/** All pages of a history; between two pages somebody writes. */
async function walk(own: Server, url: string, as = tester): Promise<string[]> {
  const all: string[] = [];
  for (let page = await own.call('GET', url, { as }); ; ) {
    expect(page.status).toBe(200);
    all.push(...keys(page));
    const more = next(page);
    if (more === undefined) return all;
    await own.call('POST', 'Patient', { body: patient({ id: 'late' }) });
    page = await own.call('GET', more, { as });
  }
}

test('history of a type and of the system: newest first, deletions too, paged by snapshot, of each only what this client may know of', async () => {
  const own = await open();
  const h1 = institution('h1');
  await own.call('PUT', 'Patient/a', { body: patient({ id: 'a' }) });
  const sent = { type: 'Observation', id: 'o', resource: observation({ id: 'o' }), expect: 'any', sender: 'Organization/h1' } as const;
  await own.store.commit({ writes: [sent] });
  await own.call('PUT', 'Patient/a', { body: patient({ id: 'a', active: true }) });
  await own.call('DELETE', 'Patient/a');
  await own.call('PUT', 'Patient/b', { body: patient({ id: 'b' }) });
  expect(await walk(own, 'Patient/_history?_count=2')).toEqual(['Patient/b@1', 'Patient/a@3', 'Patient/a@2', 'Patient/a@1']);
  const sizes = (await walk(own, '_history?_count=3')).filter(key => /^(Patient\/[ab]|Observation)/.test(key));
  expect(sizes).toEqual(['Patient/b@1', 'Patient/a@3', 'Patient/a@2', 'Observation/o@1', 'Patient/a@1']);
  const mine = await own.call('GET', '_history', { as: h1 });
  expect([bundle(mine).total, keys(mine)]).toEqual([1, ['Observation/o@1']]);
  expect(bundle(await own.call('GET', 'Observation/_history?_count=0')).total).toBe(1);
  // Only what it may search.
  const as = limited({ Observation: 's', Patient: 'r' });
  expect(keys(await own.call('GET', '_history', { as }))).toEqual(['Observation/o@1']);
  expect((await own.call('GET', 'Patient/_history', { as })).status).toBe(403);
  expect((await own.call('GET', '_history', { as: limited({ Patient: 'r' }) })).status).toBe(403);
  expect((await own.call('POST', '_history', {})).status).toBe(405);
  await own.close();
});
