// https://hl7.org/fhir/R4/searchparameter.html: stored SearchParameters, over the whole way and across a restart
import { cpSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, OperationOutcome } from '@medplum/fhirtypes';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { institution, open, type Server } from '../interactions/parts.ts';

const directory = mkdtempSync(path.join(os.tmpdir(), 'noren-custom-'));
let server: Server;
beforeAll(async () => {
  server = await open({ directory });
});
afterAll(async () => {
  await server.close();
});

const nickname = {
  resourceType: 'SearchParameter',
  id: 'nickname',
  url: 'http://e.org/SearchParameter/nickname',
  name: 'Nickname',
  status: 'active',
  description: 'What friends say',
  code: 'nickname',
  base: ['Patient'],
  type: 'string',
  expression: "Patient.name.where(use = 'nickname').given",
};
const patient = (id: string, given: string) => ({
  resourceType: 'Patient',
  id,
  name: [{ use: 'nickname', given: [given] }, { family: 'x' }],
});
const put = async (resource: AnyResource) => {
  const { status } = await server.call('PUT', `${resource.resourceType}/${resource.id}`, { body: resource });
  expect([200, 201]).toContain(status);
};
const ids = async (url: string, as?: ReturnType<typeof institution>): Promise<string> => {
  const { status, body } = await server.call('GET', url, as ? { as } : {});
  if (status !== 200) return String(status);
  return ((body as unknown as Bundle).entry ?? []).map(one => one.resource!.id!).join();
};

test('SearchParameter: what is there already is found by it, and what comes later', async () => {
  await put(patient('a', 'チビ'));
  await put(patient('b', 'ノッポ'));
  expect(await ids('Patient?nickname=ちび')).toBe('400');
  await put(nickname);
  expect(await ids('Patient?nickname=ちび')).toBe('a');
  const { body } = await server.call('GET', 'metadata');
  const [rest] = (body as unknown as CapabilityStatement).rest!;
  const stated = rest!.resource!.find(({ type }) => type === 'Patient')!.searchParam!;
  expect(stated.find(({ name }) => name === 'nickname')).toEqual({ name: 'nickname', type: 'string', definition: nickname.url });
  await put(patient('c', 'ちび太'));
  expect(await ids('Patient?nickname=ちび')).toBe('a,c');
  expect(await ids('Patient?nickname:exact=チビ')).toBe('a');
  expect(await ids('Patient?nickname:missing=false')).toBe('a,b,c');
  await put(patient('a', 'ノッポ'));
  expect(await ids('Patient?nickname=ちび')).toBe('c');
  expect(await ids('Patient?_filter=nickname co "っぽ" or nickname ew "太"')).toBe('b,c,a');
});

test('SearchParameter: at the end of chains and of _has, in the order of a sort, and only what may be known of', async () => {
  await put({
    ...nickname,
    id: 'asked-by',
    url: 'http://e.org/SearchParameter/asked-by',
    code: 'asked-by',
    base: ['Observation'],
    type: 'reference',
    target: ['Patient'],
    expression: 'Observation.focus',
  });
  await put({ resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' }, focus: [{ reference: 'Patient/c' }] });
  expect(await ids('Observation?asked-by=c')).toBe('o');
  expect(await ids('Observation?asked-by.nickname=ちび')).toBe('o');
  expect(await ids('Patient?_has:Observation:asked-by:code:text=x')).toBe('c');
  expect(await ids('Patient?_has:Observation:asked-by:status=final')).toBe('c');
  expect(await ids('Observation?_include=Observation:asked-by')).toBe('o,c');
  expect(await ids('Patient?_id=c&_revinclude=Observation:asked-by')).toBe('c,o');
  expect(await ids('Patient?nickname=ちび', institution('hospital-1'))).toBe('');
});

test('SearchParameter: it survives a restart; its values are in no file, they are read again', async () => {
  const copy = `${directory}-copy`;
  cpSync(directory, copy, { recursive: true });
  await server.close();
  server = await open({ directory: copy });
  expect(await ids('Patient?nickname=ちび')).toBe('c');
  expect(await server.store.indexing()).toEqual([
    { type: 'Patient', code: 'nickname', url: nickname.url, indexed: 4, of: 4 },
    { type: 'Observation', code: 'asked-by', url: 'http://e.org/SearchParameter/asked-by', indexed: 1, of: 1 },
  ]);
});

test('SearchParameter: another expression is another index; one that is retired or deleted is unknown', async () => {
  await put({ ...nickname, expression: 'Patient.name.family' });
  expect(await ids('Patient?nickname=x&_sort=_id')).toBe('a,b,c');
  await put({ ...nickname, status: 'retired' });
  expect(await ids('Patient?nickname=x')).toBe('400');
  await put(nickname);
  expect(await ids('Patient?nickname=ちび')).toBe('c');
  await server.call('DELETE', 'SearchParameter/nickname');
  expect(await ids('Patient?nickname=ちび')).toBe('400');
});

test('SearchParameter: who takes a code first keeps it', async () => {
  await put(nickname);
  await put({ ...nickname, id: 'second', url: 'http://e.org/SearchParameter/second', expression: 'Patient.name.family' });
  expect(await ids('Patient?nickname=ちび')).toBe('c');
  await server.call('DELETE', 'SearchParameter/second');
});

test('SearchParameter: one that cannot be searched by is refused with 422 and stored nowhere', async () => {
  const refused = await server.call('POST', 'SearchParameter', { body: { ...nickname, code: 'name', id: undefined } });
  expect(refused.status).toBe(422);
  expect((refused.body as unknown as OperationOutcome).issue[0]!.expression).toEqual(['SearchParameter.code']);
});

test('SearchParameter: while there is something to read, a search waits for it, or is told to ask again; it never misses what is not read yet', async () => {
  const { store } = server;
  const answered = async (search: string): Promise<string> => {
    for (;;) {
      const found = await ids(search);
      // On a machine that is busy with other things, the reading takes longer than a search waits.
      if (found !== '503') return found;
    }
  };
  const writes = (from: number) =>
    Array.from({ length: 500 }, (_, i) => ({
      type: 'Patient',
      id: `many-${from + i}`,
      resource: patient(`many-${from + i}`, `名${from + i}`),
      expect: 'absent' as const,
      sender: 'client/tester',
    }));
  for (let from = 0; from < 3000; from += 500) await store.commit({ writes: writes(from) });
  expect(await answered('Patient?nickname=名2999')).toBe('many-2999');
  await store.commit({ writes: writes(3000) });
  const [one, two] = await Promise.all([answered('Patient?nickname=名3499'), answered('Patient?nickname=名3000')]);
  expect([one, two]).toEqual(['many-3499', 'many-3000']);
});
