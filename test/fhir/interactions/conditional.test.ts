// https://hl7.org/fhir/R4/http.html#cread, https://hl7.org/fhir/R4/http.html#ccreate, https://hl7.org/fhir/R4/http.html#cond-update, https://hl7.org/fhir/R4/http.html#upsert: what a conditional interaction answers, case by case; and each of them switched off
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CapabilityStatement } from '@medplum/fhirtypes';
import type { Settings } from '../../../src/fhir/interactions/interaction.ts';
import { identified, open, patient, type Server } from './parts.ts';

let server: Server;
beforeAll(async () => {
  server = await open();
});
afterAll(() => server.close());

let values = 0;
/** A number that nobody has, and as many patients with it as are wanted. */
async function having(count: number, on: Server = server): Promise<{ query: string; body: ReturnType<typeof patient>; ids: string[] }> {
  const value = String(++values);
  const body = patient(identified('urn:c', value));
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push((await on.call('POST', 'Patient', { body })).version!.id);
  return { query: `identifier=urn:c|${value}`, body, ids };
}
const count = async (query: string, on: Server = server) => (await on.call('GET', `Patient?${query}&_summary=count`)).body['total'];

describe('conditional create', () => {
  test.each([
    [0, 201, 1],
    [1, 200, 1],
    [2, 412, 2],
  ])('%i matches: %i', async (before, status, after) => {
    const { query, body } = await having(before);
    expect((await server.call('POST', 'Patient', { body, headers: { 'if-none-exist': query } })).status).toBe(status);
    expect(await count(query)).toBe(after);
  });

  test('attack 37: 50 at the same time: one is created', async () => {
    const { query, body } = await having(0);
    const told = await Promise.all(
      Array.from({ length: 50 }, () => server.call('POST', 'Patient', { body, headers: { 'if-none-exist': query } })),
    );
    expect(told.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(told.filter(({ status }) => status === 200)).toHaveLength(49);
    expect(await count(query)).toBe(1);
  });
});

describe('conditional update', () => {
  test.each([
    ['no match, no id', 0, undefined, 201],
    ['no match, an id of the client', 0, 'brought', 201],
    ['one match, no id', 1, undefined, 200],
    ['one match, its id', 1, 'its', 200],
    ['one match, another id', 1, 'other', 400],
    ['several matches', 2, undefined, 412],
  ])('%s', async (_name, before, id, status) => {
    const { query, body, ids } = await having(before);
    const sent = { ...body, ...(id === undefined ? {} : { id: id === 'its' ? ids[0]! : `${id}-${values}` }) };
    const told = await server.call('PUT', `Patient?${query}`, { body: sent });
    expect(told.status).toBe(status);
    if (id === 'brought') expect(told.version!.id).toBe(sent.id);
    expect(await count(query)).toBe(Math.max(before, 1));
  });

  test('attack 38: of 50 updates under one ETag one is taken, the others answer 412; without one all are stored', async () => {
    const { ids, body } = await having(1);
    const [id] = ids;
    const all = (headers: Record<string, string>) =>
      Promise.all(Array.from({ length: 50 }, () => server.call('PUT', `Patient/${id}`, { body: { ...body, id }, headers })));
    const told = await all({ 'if-match': 'W/"1"' });
    expect([told.filter(one => one.status === 200).length, told.filter(one => one.status === 412).length]).toEqual([1, 49]);
    await all({});
    expect((await server.call('GET', `Patient/${id}`)).version!.versionId).toBe(52);
  });
});

describe('conditional read', () => {
  test.each([
    ['the current one, weak', { 'if-none-match': 'W/"1"' }, 304],
    ['the current one, strong', { 'if-none-match': '"1"' }, 304],
    ['in a list', { 'if-none-match': 'W/"7", W/"1"' }, 304],
    ['any', { 'if-none-match': '*' }, 304],
    ['another one', { 'if-none-match': 'W/"2"' }, 200],
    ['malformed', { 'if-none-match': '1' }, 400],
    ['not modified since', { 'if-modified-since': 'Sun, 01 Feb 2026 00:00:00 GMT' }, 304],
    ['modified since', { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' }, 200],
    ['a date that is none', { 'if-modified-since': 'yesterday' }, 200],
    [
      'another one, not modified since: the tag goes first',
      { 'if-none-match': 'W/"2"', 'if-modified-since': 'Sun, 01 Feb 2026 00:00:00 GMT' },
      200,
    ],
  ])('%s', async (_name, headers, status) => {
    const { ids } = await having(1);
    expect((await server.call('GET', `Patient/${ids[0]}`, { headers })).status).toBe(status);
    expect((await server.call('GET', `Patient/${ids[0]}/_history/1`, { headers })).status).toBe(status);
  });
});

describe('attack 36: criteria that choose nothing never mean everything', () => {
  test.each([
    ['Patient', 412],
    ['Patient?', 412],
    ['Patient?foo=bar', 400],
    ['Patient?_count=1', 412],
    ['Patient?_sort=_id&_format=json', 412],
  ])('%s', async (url, status) => {
    await having(1);
    const before = await count('');
    const headers = { prefer: 'handling=lenient' };
    for (const method of ['PUT', 'PATCH', 'DELETE'] as const) {
      const body = method === 'PATCH' ? { resourceType: 'Parameters' } : patient();
      expect([method, (await server.call(method, url, { headers, ...(method === 'DELETE' ? {} : { body }) })).status]).toEqual([
        method,
        status,
      ]);
    }
    expect(await count('')).toBe(before);
  });
});

describe('switched off', () => {
  const conditional: Settings['conditional'] = { create: false, read: false, update: false, patch: false, delete: 'not-supported' };
  let off: Server;
  beforeAll(async () => {
    off = await open({ settings: { conditional, updateCreate: false } });
  });
  afterAll(() => off.close());

  test('the CapabilityStatement says so', async () => {
    const { rest } = (await off.call('GET', 'metadata')).body as unknown as CapabilityStatement;
    expect(rest![0]!.resource!.find(({ type }) => type === 'Patient')).toMatchObject({
      conditionalCreate: false,
      conditionalRead: 'not-supported',
      conditionalUpdate: false,
      conditionalDelete: 'not-supported',
      updateCreate: false,
    });
    expect(rest![0]!.documentation).toContain('Conditional patch is not supported');
  });

  test('nothing is done without its condition', async () => {
    const { query, body, ids } = await having(1, off);
    expect((await off.call('POST', 'Patient', { body, headers: { 'if-none-exist': query } })).status).toBe(412);
    expect((await off.call('GET', `Patient/${ids[0]}`, { headers: { 'if-none-match': '*' } })).status).toBe(200);
    expect((await off.call('PUT', `Patient?${query}`, { body })).status).toBe(405);
    expect((await off.call('PATCH', `Patient?${query}`, { patch: [] })).status).toBe(405);
    expect((await off.call('DELETE', `Patient?${query}`)).status).toBe(405);
    expect((await off.call('PUT', 'Patient/brought', { body: { ...body, id: 'brought' } })).status).toBe(405);
    expect(await count(query, off)).toBe(1);
    expect((await off.call('PUT', `Patient/${ids[0]}`, { body: { ...body, id: ids[0] } })).status).toBe(200);
  });

  test('single: one match is deleted, of several none', async () => {
    const single = await open({ settings: { conditional: { ...conditional, delete: 'single' } } });
    const { query } = await having(2, single);
    expect((await single.call('DELETE', `Patient?${query}`)).status).toBe(412);
    expect(await count(query, single)).toBe(2);
    const one = await having(1, single);
    expect((await single.call('DELETE', `Patient?${one.query}`)).status).toBe(204);
    expect(await count(one.query, single)).toBe(0);
    await single.close();
  });
});
