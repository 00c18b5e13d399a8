// https://hl7.org/fhir/R4/http.html#paging, https://hl7.org/fhir/R4/http.html#search: links are followed as they are told, to a whole server
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { openWhole, type Whole } from './whole.ts';

let server: Whole;
let id: string;
beforeAll(async () => {
  server = await openWhole();
  id = await server.create({ resourceType: 'Patient', name: [{ family: 'listed' }] });
  for (let k = 0; k < 5; k++)
    await server.create({ resourceType: 'Observation', status: 'final', code: { text: `${k}` }, subject: { reference: `Patient/${id}` } });
});
afterAll(() => server.close());

/** Names on all pages, by the links as they stand. */
async function walk(url: string, init: RequestInit = {}): Promise<{ names: string[]; links: string[] }> {
  const authorization = `Bearer ${await server.token('tester')}`;
  const names: string[] = [];
  const links: string[] = [];
  let page = await fetch(url, { ...init, headers: { ...(init.headers as Record<string, string>), authorization } });
  for (;;) {
    expect([url, page.status]).toEqual([url, 200]);
    const { entry = [], link = [] } = (await page.json()) as Bundle;
    names.push(...entry.map(({ fullUrl }) => fullUrl!.slice(server.baseUrl.length + 1)));
    links.push(...link.map(one => one.url!));
    const next = link.find(({ relation }) => relation === 'next')?.url;
    if (next === undefined) return { names, links };
    page = await fetch(next, { headers: { authorization } });
  }
}

test.each([
  ['the system', '?_type=Observation,Patient&_count=2', 6],
  ['a compartment', 'Patient/<id>/*?_count=2', 6],
  ['one type in a compartment', 'Patient/<id>/Observation?_count=2&_sort=-_lastUpdated', 5],
  ['a type', 'Observation?_count=2&_sort=subject.name,-_id', 5],
  ['the history of the system', '_history?_count=4', 6],
  ['the history of a type', 'Observation/_history?_count=2', 5],
  ['$everything', 'Patient/<id>/$everything?_count=4', 6],
])('pages of %s: each once', async (_name, path, least) => {
  const { names } = await walk(`${server.baseUrl}${path.startsWith('?') ? '' : '/'}${path.replace('<id>', id)}`);
  expect(names.length).toBeGreaterThanOrEqual(least);
  expect(new Set(names).size).toBe(names.length);
});

test('POST _search of the system and of a compartment: a form, and no value of it in any link', async () => {
  for (const path of ['_search', `Patient/${id}/*/_search`, `Patient/${id}/Observation/_search`]) {
    const type = path === '_search' ? '&_type=Observation' : '';
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `_count=2&_lastUpdated=ge2001-02-03${type}`,
    };
    const { names, links } = await walk(`${server.baseUrl}/${path}`, init);
    expect(names.length).toBeGreaterThanOrEqual(5);
    for (const link of links) expect(link).toMatch(/^http:\/\/[^?]+\?_page=[\w-]+$/);
  }
});

test('the audit tells what was asked', async () => {
  const of = async (interaction: string) =>
    ((await server.ask('GET', `AuditEvent?subtype=${interaction}&_count=1`, { client: 'operator' })).json as unknown as Bundle).entry
      ?.length ?? 0;
  expect([await of('search-system'), await of('history-system'), await of('history-type')]).toEqual([1, 1, 1]);
});

test('32: a page link of another client, altered, or with another path is refused; the same answer for all', async () => {
  const first = (await server.ask('GET', '?_type=Observation&_count=2')).json as unknown as Bundle;
  const next = first.link!.find(({ relation }) => relation === 'next')!.url!.slice(server.baseUrl.length);
  const altered = next.slice(0, 40) + (next[40] === 'A' ? 'B' : 'A') + next.slice(41);
  const asked = [
    await server.ask('GET', next, { client: 'hospital-1' }),
    await server.ask('GET', altered),
    await server.ask('GET', `Observation${next}`),
    await server.ask('GET', `_history${next}`),
    await server.ask('GET', `Patient/${id}/*${next}`),
    await server.ask('GET', `${next}&_type=Patient`),
  ];
  expect(asked.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400]);
});

test('23, 24: odd counts; includes of everything end, and say when they are cut', async () => {
  for (const path of ['', 'Observation', `Patient/${id}/*`, '_history']) {
    const status = async (count: string) => (await server.ask('GET', `${path}?_count=${count}`)).status;
    expect([path, await status('-1'), await status('abc'), await status('1000000000'), await status('0')]).toEqual([
      path,
      400,
      400,
      200,
      200,
    ]);
  }
  const many = Array.from({ length: 50 }, () => '_include:iterate=*&_revinclude:iterate=*').join('&');
  for (const query of ['_include=*', '_revinclude=*', many]) expect((await server.ask('GET', `Patient?${query}`)).status).toBe(200);
  expect((await server.ask('GET', 'Patient?_revinclude=*:*')).status).toBe(400);
});
