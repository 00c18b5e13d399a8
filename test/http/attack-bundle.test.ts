// https://hl7.org/fhir/R4/http.html#transaction, https://hl7.org/fhir/R4/http.html#concurrency: attacks by Bundles, conditions and crowds, over a whole server
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import { isShared } from '../store.ts';
import { openWhole, type Whole } from './whole.ts';

let server: Whole;
beforeAll(async () => {
  server = await openWhole();
});
afterAll(() => server.close());
afterEach(async () => {
  expect((await server.ask('GET', 'metadata', { client: '' })).status).toBe(200);
});

const entry = (method: string, url: string, resource?: object, more: object = {}) => ({
  ...more,
  ...(resource === undefined ? {} : { resource }),
  request: { method, url },
});
const basic = (code: string) => ({ resourceType: 'Basic', code: { coding: [{ system: 'urn:attack', code }] } });
const patient = (value: string) => ({ resourceType: 'Patient', identifier: [{ system: 'urn:attack', value }] });
const send = (type: string, ...list: object[]) => server.ask('POST', '', { body: { resourceType: 'Bundle', type, entry: list } });
const nested = (type: string) => ({ resourceType: 'Bundle', type, entry: [entry('POST', 'Basic', basic('all-or-nothing'))] });

describe('34: transactions', () => {
  const good = entry('POST', 'Basic', basic('all-or-nothing'));
  afterEach(async () => {
    expect(await server.count('Basic?code=urn:attack|all-or-nothing')).toBe(0);
  });

  test('100,000 entries: 413, nothing is stored', async () => {
    const { status, why } = await send('transaction', ...new Array(100_000).fill(good));
    expect([status, why]).toEqual([413, 'A Bundle may have 20000 entries.']);
  });

  test.each([
    ['a transaction in it', entry('POST', '', nested('transaction'))],
    ['a batch in it', entry('POST', '/', nested('batch'))],
    ['a url that is elsewhere', entry('POST', 'http://evil.example/fhir/Basic', basic('all-or-nothing'))],
    ['a url with our name in front of another', entry('POST', 'http://127.0.0.1.evil.example/fhir/Basic', basic('all-or-nothing'))],
    ['a url with user and host', entry('GET', '//evil.example/Patient')],
    ['Patient/../x', entry('PUT', 'Patient/../Basic/x', { ...basic('all-or-nothing'), id: 'x' })],
    ['an encoded ../', entry('GET', 'Patient/..%2fBasic')],
    ['a method that is none', entry('BREW', 'Basic', basic('all-or-nothing'))],
    ['no request', { resource: basic('all-or-nothing') }],
    ['__proto__ as a type', entry('POST', '__proto__', basic('all-or-nothing'))],
    ['null for an entry', null as unknown as object],
    ['a list for an entry', [] as object],
  ])('%s: 400 or 404, names the entry, stores nothing', async (_name, bad) => {
    const { status, json } = await send('transaction', good, bad);
    expect([400, 404]).toContain(status);
    expect(JSON.stringify(json!['issue'])).toContain('Bundle.entry[1]');
  });

  test('the same fullUrl twice: 400, both are named', async () => {
    const { status, json } = await send(
      'transaction',
      entry('POST', 'Basic', basic('all-or-nothing'), { fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001' }),
      entry('POST', 'Basic', basic('all-or-nothing'), { fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001' }),
    );
    expect(status).toBe(400);
    expect((json!['issue'] as { expression: string[] }[]).flatMap(issue => issue.expression)).toEqual([
      'Bundle.entry[0].fullUrl',
      'Bundle.entry[1].fullUrl',
    ]);
  });

  test('the last of 1,000 entries is wrong: nothing of the others is stored', async () => {
    const list = Array.from({ length: 999 }, () => good);
    expect((await send('transaction', ...list, entry('POST', 'Basic', { resourceType: 'Basic' }))).status).toBe(422);
  });
});

test.each(['batch', 'transaction'])(
  '34: a small %s that asks for more than memory holds: what fits is told, the rest is too-costly',
  async type => {
    const data = 'A'.repeat(4_000_000);
    await server.ask('PUT', 'Binary/large', { body: { resourceType: 'Binary', id: 'large', contentType: 'text/plain', data } });
    const { status, json } = await send(type, ...Array.from({ length: 40 }, () => entry('GET', 'Binary/large')));
    // In a batch they are done side by side, so that any of them may be the one too many.
    const responses = (json as unknown as Bundle).entry!.map(e => e.response!);
    const told = (code: string) => responses.filter(one => one.status!.startsWith(code));
    expect([status, told('200').length, told('422').length]).toEqual([200, 16, 24]);
    for (const { outcome } of told('422')) expect(outcome).toMatchObject({ issue: [{ code: 'too-costly' }] });
  },
);

test('34: a small batch whose writes would show more than memory holds: all are done, what fits is shown, the rest says that it is left out', async () => {
  const identifier = [{ system: 'urn:attack', value: 'large' }];
  const large = { resourceType: 'Basic', id: 'large', identifier, code: { text: 'A'.repeat(900_000) } };
  await server.ask('PUT', 'Basic/large', { body: large });
  const request = { method: 'POST', url: 'Basic', ifNoneExist: 'identifier=urn:attack|large' };
  const body = { resourceType: 'Bundle', type: 'batch', entry: Array.from({ length: 80 }, () => ({ resource: basic('large'), request })) };
  const { status, json } = await server.ask('POST', '', { body, headers: { prefer: 'return=representation' } });
  const entries = (json as unknown as Bundle).entry!;
  const without = entries.filter(({ resource }) => resource === undefined);
  expect([status, entries.length, without.length]).toEqual([200, 80, 6]);
  expect(entries.every(({ response }) => response!.status === '200 OK')).toBe(true);
  for (const { response } of without) expect(response!.outcome).toMatchObject({ issue: [{ severity: 'information' }] });
});

// A square of these is minutes; what stands in for a MongoDB needs as long for a few thousand by itself.
const [identifiers, links] = isShared ? [2000, 1000] : [50_000, 20_000];
test('34: who has very many identifiers, or links, costs no more than as many others', async () => {
  const identifier = Array.from({ length: identifiers }, (_, i) => ({ system: 'urn:many', value: `${i}` }));
  await server.create({ resourceType: 'Patient', identifier });
  expect(await server.count(`Patient?identifier=urn:many|${identifiers - 1}`)).toBe(1);
  const link = Array.from({ length: links }, (_, i) => ({ other: { reference: `Patient/linked-${i}` }, type: 'seealso' }));
  const body = { resourceType: 'Patient', id: 'linked', link };
  for (const status of [201, 200, 200]) expect((await server.ask('PUT', 'Patient/linked', { body })).status).toBe(status);
}, 60_000);

test('34: what contains very many resources, each named by a reference, costs no more than as many others', async () => {
  const ids = Array.from({ length: isShared ? 2000 : 20_000 }, (_, i) => `c${i}`);
  await server.create({
    resourceType: 'Provenance',
    recorded: '2026-01-01T00:00:00Z',
    agent: [{ who: { display: 'x' } }],
    target: ids.map(id => ({ reference: `#${id}` })),
    entity: ids.map(id => ({ role: 'source', what: { reference: `#${id}` } })),
    contained: ids.map(id => ({ resourceType: 'Patient', id, name: [{ family: id }] })),
  });
  expect(await server.count(`Provenance?target:Patient.family=${ids.at(-1)}`)).toBe(1);
}, 60_000);

test('34: circular urn references resolve and are stored', async () => {
  const [first, second] = ['urn:uuid:00000000-0000-4000-8000-00000000000a', 'urn:uuid:00000000-0000-4000-8000-00000000000b'];
  const linked = (other: string) => ({ ...patient('circular'), link: [{ other: { reference: other }, type: 'seealso' }] });
  const told = await send(
    'transaction',
    entry('POST', 'Patient', linked(second!), { fullUrl: first }),
    entry('POST', 'Patient', linked(first!), { fullUrl: second }),
  );
  expect(told.status).toBe(200);
  const ids = (told.json as unknown as Bundle).entry!.map(e => e.response!.location!.split('/').at(-3)!);
  const [a, b] = await Promise.all(ids.map(id => server.ask('GET', `Patient/${id}`)));
  expect([a, b].map(one => (one!.json!['link'] as { other: { reference: string } }[])[0]!.other.reference)).toEqual([
    `Patient/${ids[1]}`,
    `Patient/${ids[0]}`,
  ]);
});

describe('35: batches', () => {
  test('an entry of a forbidden type: that one 403, the others are done', async () => {
    const body = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        entry('GET', 'Organization?_count=1'),
        entry('GET', 'Patient'),
        entry('POST', 'Patient', patient('batch')),
        entry('GET', 'Patient?_summary=count'),
        entry('DELETE', 'Observation/x'),
        entry('PUT', 'Organization/attack', { resourceType: 'Organization', id: 'attack', name: 'x' }),
      ],
    };
    const { status, json } = await server.ask('POST', '', { body, client: 'operator' });
    const entries = (json as unknown as Bundle).entry as BundleEntry[];
    expect([status, entries.map(e => e.response!.status!.slice(0, 3))]).toEqual([200, ['200', '403', '403', '403', '403', '201']]);
    expect(entries.filter(e => e.response!.status!.startsWith('403')).map(e => e.response!.outcome?.resourceType)).toEqual(
      new Array(4).fill('OperationOutcome'),
    );
    expect(await server.count('Patient?identifier=urn:attack|batch')).toBe(0);
  });

  test.each(['batch', 'transaction'])('a %s in a batch: 400', async type => {
    const { status } = await send('batch', entry('POST', '', nested(type)), entry('GET', 'Patient'));
    expect(status).toBe(400);
    expect(await server.count('Basic?code=urn:attack|all-or-nothing')).toBe(0);
  });

  test.each([
    ['a resource', patient('base'), 400],
    ['a collection', { resourceType: 'Bundle', type: 'collection' }, 400],
    ['a Bundle without a type', { resourceType: 'Bundle' }, 400],
  ])('POST to the base of %s: %i', async (_name, body, status) => {
    expect((await server.ask('POST', '', { body })).status).toBe(status);
  });

  test('POST to the base by who may write nothing: each entry 403; a transaction 403 as a whole', async () => {
    const bundle = (type: string) => ({ resourceType: 'Bundle', type, entry: [entry('POST', 'Basic', basic('all-or-nothing'))] });
    const told = await server.ask('POST', '', { body: bundle('batch'), client: 'researcher-1' });
    expect([told.status, (told.json as unknown as Bundle).entry?.map(e => e.response!.status!.slice(0, 3))]).toEqual([200, ['403']]);
    expect((await server.ask('POST', '', { body: bundle('transaction'), client: 'researcher-1' })).status).toBe(403);
  });
});

describe('36: conditional writes without usable criteria mean nothing, never all', () => {
  const useless = ['', '?', '?foo=bar', '?_count=1', '?_sort=_id', '?identifier=', '?_format=json', '?foo=bar&_summary=true'];
  test.each(useless)('DELETE and PUT Patient%s: 400 or 412', async query => {
    await server.create(patient('kept'));
    const before = await server.count('Patient');
    for (const prefer of ['handling=strict', 'handling=lenient']) {
      for (const [method, body] of [
        ['DELETE', undefined],
        ['PUT', patient('changed')],
      ] as const) {
        const told = await server.ask(method, `Patient${query}`, { headers: { prefer }, ...(body === undefined ? {} : { body }) });
        expect([400, 412]).toContain(told.status);
        const url = `Patient${query}`;
        const inside = await send('transaction', entry(method, url, body));
        expect([400, 412]).toContain(inside.status);
      }
    }
    expect(await server.count('Patient')).toBe(before);
    expect(await server.count('Patient?identifier=urn:attack|changed')).toBe(0);
  });

  test.each(['', 'foo=bar', '_count=1', 'identifier='])('If-None-Exist: "%s": 400 or 412, nothing is created', async criteria => {
    const told = await server.ask('POST', 'Patient', { body: patient('none-exist'), headers: { 'if-none-exist': criteria } });
    expect([400, 412]).toContain(told.status);
    expect(await server.count('Patient?identifier=urn:attack|none-exist')).toBe(0);
  });

  test('a conditional delete that matches several deletes these, and nothing beside them; under a version none', async () => {
    for (let i = 0; i < 3; i++) await server.create(patient('several'));
    const before = await server.count('Patient');
    const headers = { 'if-match': 'W/"1"' };
    expect((await server.ask('DELETE', 'Patient?identifier=urn:attack|several', { headers })).status).toBe(412);
    expect(await server.count('Patient')).toBe(before);
    expect((await server.ask('DELETE', 'Patient?identifier=urn:attack|several')).status).toBe(200);
    expect(await server.count('Patient')).toBe(before - 3);
  });
});

test('37: of 50 conditional creates at once one creates, the others find it', async () => {
  const told = await Promise.all(
    Array.from({ length: 50 }, () =>
      server.ask('POST', 'Patient', { body: patient('crowd'), headers: { 'if-none-exist': 'identifier=urn:attack|crowd' } }),
    ),
  );
  expect(told.map(({ status }) => status).sort()).toEqual([...new Array(49).fill(200), 201]);
  expect(new Set(told.map(({ json }) => json!['id'])).size).toBe(1);
  expect(await server.count('Patient?identifier=urn:attack|crowd')).toBe(1);
});

describe('38: If-Match', () => {
  const put = (id: string, headers: Record<string, string>, family = 'x') =>
    server.ask('PUT', `Patient/${id}`, { body: { resourceType: 'Patient', id, name: [{ family }] }, headers });

  test.each([
    ['another version', 'W/"9"', 412],
    ['a version that is no number', 'W/"x"', 412],
    ['no quotes', '1', 400],
    ['an open quote', 'W/"1', 400],
    ['words', 'not an etag', 400],
    ['nothing', '', 400],
    ['* where there is one', '*', 200],
    ['the version', 'W/"1"', 200],
    ['the version, strong', '"1"', 200],
    ['one of a list', 'W/"7", W/"1"', 200],
  ])('%s: %s answers %i', async (_name, header, status) => {
    const id = await server.create(patient('match'));
    expect((await put(id, { 'if-match': header })).status).toBe(status);
    expect((await server.ask('GET', `Patient/${id}`)).headers.get('etag')).toBe(status === 200 ? 'W/"2"' : 'W/"1"');
  });

  test('* where there is none: 412, and none is made', async () => {
    expect((await put('attack-none', { 'if-match': '*' })).status).toBe(412);
    expect((await server.ask('GET', 'Patient/attack-none')).status).toBe(404);
  });

  test('50 updates at once with the same If-Match: one wins; without it all are versions of their own', async () => {
    const id = await server.create(patient('put-crowd'));
    const won = await Promise.all(Array.from({ length: 50 }, (_, i) => put(id, { 'if-match': 'W/"1"' }, `a${i}`)));
    expect(won.map(({ status }) => status).sort()).toEqual([200, ...new Array(49).fill(412)]);
    const all = await Promise.all(Array.from({ length: 50 }, (_, i) => put(id, {}, `b${i}`)));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    const history = (await server.ask('GET', `Patient/${id}/_history?_count=100`)).json as unknown as Bundle;
    const families = history.entry!.map(e => (e.resource as { name?: { family?: string }[] }).name?.[0]?.family ?? '');
    expect(history.total).toBe(52);
    expect(families.filter(family => family.startsWith('b')).sort()).toEqual(Array.from({ length: 50 }, (_, i) => `b${i}`).sort());
  });
});
