// https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/http.html#paging, https://hl7.org/fhir/R4/search.html#errors
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  baseUrl,
  bundle,
  identified,
  institution,
  issues,
  limited,
  observation,
  open,
  patient,
  put,
  type Seen,
  type Server,
  tester,
  transaction,
} from './parts.ts';

let server: Server;
beforeAll(async () => {
  server = await open();
  const patients = ['a', 'b', 'c'].map((id, k) =>
    put(patient({ id, name: [{ family: `山田${id}` }], gender: k ? 'female' : 'male', ...identified('urn:n', id) })),
  );
  const values = Array.from({ length: 25 }, (_, k) =>
    put(
      observation({
        id: `o-${k}`,
        subject: { reference: `Patient/${'abc'[k % 3]}` },
        note: [{ text: 'n' }],
        valueQuantity: { value: k, unit: 'mm' },
      }),
    ),
  );
  expect((await server.call('POST', '', { body: transaction(...patients, ...values) })).status).toBe(200);
});
afterAll(() => server.close());

const link = (seen: Seen, relation: string) => bundle(seen).link!.find(l => l.relation === relation)?.url;
const follow = (url: string, as = tester) => server.call('GET', url.slice(baseUrl.length + 1), { as });
const ids = (seen: Seen) =>
  bundle(seen)
    .entry?.filter(e => e.search!.mode === 'match')
    .map(e => e.resource!.id) ?? [];

test('search: a searchset of what matches, each with its fullUrl and mode; self repeats the request', async () => {
  const seen = await server.call('GET', 'Patient?gender=male');
  expect(bundle(seen)).toMatchObject({
    type: 'searchset',
    entry: [{ fullUrl: `${baseUrl}/Patient/a`, resource: { id: 'a', gender: 'male' }, search: { mode: 'match' } }],
  });
  expect(link(seen, 'self')).toBe(`${baseUrl}/Patient?gender=male`);
  expect(link(seen, 'next')).toBeUndefined();
  expect(seen.patients).toEqual(['Patient/a']);
});

test('search: nothing found is a Bundle without entries', async () => {
  const seen = bundle(await server.call('GET', 'Patient?name=nobody&_total=accurate'));
  expect([seen.total, seen.entry]).toEqual([0, undefined]);
});

test('search: _count=0 and _summary=count give the total alone', async () => {
  for (const query of ['_count=0', '_summary=count']) {
    const seen = bundle(await server.call('GET', `Observation?${query}`));
    expect([seen.total, seen.entry]).toEqual([25, undefined]);
  }
});

test('search: an unknown parameter is refused; lenient leaves it out of the self link and says so', async () => {
  const strict = await server.call('GET', 'Patient?nmae=x');
  expect([strict.status, issues(strict)[0]!.at]).toEqual([400, 'http.nmae']);
  const seen = await server.call('GET', 'Patient?nmae=x&gender=male', { headers: { prefer: 'handling=lenient' } });
  expect(link(seen, 'self')).toBe(`${baseUrl}/Patient?gender=male`);
  expect(ids(seen)).toEqual(['a']);
  const told = bundle(seen).entry!.filter(e => e.search!.mode === 'outcome');
  expect(told).toMatchObject([{ resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning' }] } }]);
  expect(JSON.stringify(told)).toContain('nmae');
});

test('search: pages hold everything once, though others write in between', async () => {
  const seen: (string | undefined)[] = [];
  let page = await server.call('GET', 'Observation?_sort=-value-quantity&_count=7');
  for (let pages = 0; ; pages++) {
    seen.push(...ids(page));
    const next = link(page, 'next');
    if (next === undefined) break;
    if (pages === 0)
      await server.call('POST', 'Observation', { body: observation({ id: 'late', valueQuantity: { value: 3.5, unit: 'mm' } }) });
    page = await follow(next);
    expect(link(page, 'self')).toBe(next);
  }
  expect(seen).toEqual(Array.from({ length: 25 }, (_, k) => `o-${24 - k}`));
});

test.each(['', '&_sort=value-quantity', '&_total=accurate'])('search: previous leads back as next led on%s', async more => {
  const pages = [await server.call('GET', `Observation?_count=10${more}`)];
  expect(link(pages[0]!, 'previous')).toBeUndefined();
  for (let next = link(pages[0]!, 'next'); next !== undefined; next = link(pages.at(-1)!, 'next')) pages.push(await follow(next));
  for (let back = pages.at(-1)!, k = pages.length - 2; k >= 0; k--) {
    back = await follow(link(back, 'previous')!);
    expect(ids(back)).toEqual(ids(pages[k]!));
    expect(ids(await follow(link(back, 'next')!))).toEqual(ids(pages[k + 1]!));
  }
});

test('search: POST _search finds the same, and none of its links shows a value', async () => {
  const seen = await server.call('POST', `Patient/_search?name=${encodeURIComponent('山田')}&_count=2`);
  expect(ids(seen)).toHaveLength(2);
  for (const relation of ['self', 'next']) {
    const url = link(seen, relation)!;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:8080\/fhir\/Patient\?_page=[A-Za-z0-9_-]+$/);
    expect(Buffer.from(url.split('=')[1]!, 'base64url').includes(Buffer.from('山'))).toBe(false);
  }
  expect(ids(await follow(link(seen, 'self')!))).toEqual(ids(seen));
  const second = await follow(link(seen, 'next')!);
  expect([...ids(seen), ...ids(second)].sort()).toEqual(['a', 'b', 'c']);
});

test('search: a page link altered, of another client, of another type or with more parameters is refused; too old 410', async () => {
  const next = link(await server.call('GET', 'Observation?_count=3'), 'next')!;
  expect((await follow(next)).status).toBe(200);
  const middle = next.length - 20;
  expect((await follow(next.slice(0, middle) + (next[middle] === 'A' ? 'B' : 'A') + next.slice(middle + 1))).status).toBe(400);
  expect((await follow(next, limited({ '*': 'rs' }))).status).toBe(400);
  expect((await follow(next.replace('/Observation?', '/Condition?'))).status).toBe(400);
  expect((await follow(`${next}&subject=Patient/a`)).status).toBe(400);
  server.clock.now += 3_600_001;
  expect((await follow(next)).status).toBe(410);
});

test('search: access is asked again on every page', async () => {
  const wide = limited({ '*': 'rs' });
  const next = link(await server.call('GET', 'Observation?_count=3', { as: wide }), 'next')!;
  const narrow = limited({ '*': 'rs' }, { '*': [] });
  const seen = await follow(next, narrow);
  expect([seen.status, ids(seen)]).toEqual([200, []]);
});

test('search: what this client may not know of is neither found nor counted', async () => {
  const as = institution('hospital-1');
  const seen = bundle(await server.call('GET', 'Observation?_total=accurate', { as }));
  expect([seen.total, seen.entry]).toEqual([0, undefined]);
});

test('search: :missing asks for the element: a code in words alone, a reference by identifier alone are there', async () => {
  const asWords = { resourceType: 'Condition', subject: { identifier: { system: 'urn:n', value: 'a' } }, code: { text: '頭痛' } };
  const { id } = (await server.call('POST', 'Condition', { body: asWords })).version!;
  const count = async (query: string) => bundle(await server.call('GET', `Condition?_id=${id}&${query}&_count=0`)).total;
  for (const [code, missing] of [
    ['code', false],
    ['subject', false],
    ['severity', true],
    ['encounter', true],
  ] as const) {
    expect([code, await count(`${code}:missing=${missing}`)]).toEqual([code, 1]);
    expect([code, await count(`${code}:missing=${!missing}`)]).toEqual([code, 0]);
  }
});

test('search: a type that this client may not search answers 403, and comes in by no include, chain or _has', async () => {
  const as = limited({ Observation: 'rs' });
  expect((await server.call('GET', 'Patient', { as })).status).toBe(403);
  const all = bundle(await server.call('GET', 'Observation?_include=Observation:subject&_id=o-0', { as }));
  expect(all.entry!.map(e => e.resource!.resourceType)).toEqual(['Observation']);
  expect(ids(await server.call('GET', 'Observation?subject:Patient.gender=male', { as }))).toEqual([]);
  const patients = limited({ Patient: 'rs' });
  expect(ids(await server.call('GET', 'Patient?_has:Observation:subject:status=final', { as: patients }))).toEqual([]);
  expect(ids(await server.call('GET', 'Patient?_has:Observation:subject:status=final')).sort()).toEqual(['a', 'b', 'c']);
});

test('search: _include once each, mode include, not counted', async () => {
  const seen = bundle(await server.call('GET', 'Observation?subject=Patient/a&_include=Observation:subject&_total=accurate'));
  expect(seen.total).toBe(9);
  expect(seen.entry!.filter(e => e.search!.mode === 'include').map(e => e.resource!.id)).toEqual(['a']);
});

test('search: _elements cuts the matches alone', async () => {
  const seen = bundle(await server.call('GET', 'Observation?_id=o-1&_elements=note&_include=Observation:subject'));
  expect(Object.keys(seen.entry![0]!.resource!).sort()).toEqual(['code', 'id', 'meta', 'note', 'resourceType', 'status']);
  expect(seen.entry![1]!.resource).toHaveProperty('name');
});

test.each(['_count=-1', '_count=abc', '_sort=colour', 'birthdate=2020-13', 'name[$ne]=x'])('search: %s is refused', async query => {
  expect((await server.call('GET', `Patient?${query}`)).status).toBe(400);
});
