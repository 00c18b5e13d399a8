// https://hl7.org/fhir/R4/http.html#versions, https://hl7.org/fhir/R4/http.html#create, https://hl7.org/fhir/R4/http.html#ops (Prefer), https://hl7.org/fhir/R4/http.html#Status-Codes

import { request } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { Problem } from '../../src/fhir/model/outcome.ts';
import { base, fhirJson, refusal, startWire, version, type Wire } from './wire.ts';

let wire: Wire;
afterEach(() => wire.close());

const post = (headers: Record<string, string> = {}) =>
  wire.fetch('/Patient', { method: 'POST', body: '{"resourceType":"Patient"}', headers: { 'content-type': fhirJson, ...headers } });
const created = async () => ({ status: 201, version: version('new', { resourceType: 'Patient', id: 'new', meta: { versionId: '1' } }) });

test('read: stored bytes leave as they are, with ETag, Last-Modified, type, length and no caching', async () => {
  const bytes = Buffer.from('{"resourceType":"Patient","id":"1",  "x":7.20}');
  wire = await startWire(async () => ({ status: 200, version: { ...version('1', {}, 3), bytes } }));
  const answer = await wire.fetch('/Patient/1');
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe(bytes.toString());
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    etag: 'W/"3"',
    'last-modified': 'Sat, 31 Jan 2026 12:34:56 GMT',
    'content-type': 'application/fhir+json; charset=utf-8',
    'content-length': String(bytes.length),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(answer.headers.get('location')).toBeNull();
  expect(answer.headers.get('x-powered-by')).toBeNull();
});

test.each([100, 5000, 20_000])('read: %i characters outside ASCII leave as the bytes they are stored as', async count => {
  const bytes = Buffer.from(JSON.stringify({ resourceType: 'Patient', id: '1', name: [{ text: '山'.repeat(count) + 'é\u{2000b}' }] }));
  wire = await startWire(async () => ({ status: 200, version: { ...version('1', {}), bytes } }));
  const answer = await wire.fetch('/Patient/1');
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  expect(answer.headers.get('content-length')).toBe(String(bytes.length));
});

test('create: 201 with Location of the version, ETag, Last-Modified and the resource', async () => {
  wire = await startWire(created);
  const answer = await post();
  expect(answer.status).toBe(201);
  expect(answer.headers.get('location')).toBe(`${base}/Patient/new/_history/1`);
  expect(answer.headers.get('etag')).toBe('W/"1"');
  expect(await answer.json()).toEqual({ resourceType: 'Patient', id: 'new', meta: { versionId: '1' } });
});

test('create: Prefer return=minimal answers no body, OperationOutcome answers one', async () => {
  wire = await startWire(created);
  const minimal = await post({ prefer: 'return=minimal' });
  expect([minimal.status, await minimal.text(), minimal.headers.get('content-type')]).toEqual([201, '', null]);
  expect(minimal.headers.get('location')).toBe(`${base}/Patient/new/_history/1`);
  const outcome = await post({ prefer: 'handling=strict; return=OperationOutcome' });
  expect(await outcome.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'information' }] });
  expect(await (await post({ prefer: 'return=representation' })).json()).toMatchObject({ resourceType: 'Patient' });
});

test('conditional read: 304 has the ETag and no body', async () => {
  wire = await startWire(async () => ({ status: 304, version: version('1', { resourceType: 'Patient' }, 2) }));
  const answer = await wire.fetch('/Patient/1', { headers: { 'if-none-match': 'W/"2"' } });
  expect([answer.status, await answer.text(), answer.headers.get('etag'), answer.headers.get('content-length')]).toEqual([
    304,
    '',
    'W/"2"',
    null,
  ]);
  expect(wire.asked[0]!.headers).toEqual({ 'if-none-match': 'W/"2"' });
});

test('delete: 200 with an OperationOutcome; with return=minimal 204, which has no body and no length', async () => {
  wire = await startWire(async () => ({ status: 204, version: { ...version('1', {}, 2), deleted: true, bytes: Buffer.alloc(0) } }));
  const told = await wire.fetch('/Patient/1', { method: 'DELETE' });
  expect([told.status, ((await told.json()) as { resourceType: string }).resourceType]).toEqual([200, 'OperationOutcome']);
  const answer = await wire.fetch('/Patient/1', { method: 'DELETE', headers: { prefer: 'return=minimal' } });
  expect([answer.status, await answer.text(), answer.headers.get('etag'), answer.headers.get('content-length')]).toEqual([
    204,
    '',
    'W/"2"',
    null,
  ]);
});

test('HEAD: the headers of the GET without its body; the interaction sees a GET', async () => {
  wire = await startWire();
  const head = await wire.fetch('/Patient/1', { method: 'HEAD' });
  const get = await wire.fetch('/Patient/1');
  const headers = (answer: Response) =>
    Object.fromEntries([...answer.headers].filter(([name]) => !['x-request-id', 'date', 'connection', 'keep-alive'].includes(name)));
  expect(headers(head)).toEqual(headers(get));
  expect(await head.text()).toBe('');
  expect(wire.asked.map(asked => asked.method)).toEqual(['GET', 'GET']);
});

test.each([10, 3_000_000])('search: an answer in many pieces arrives whole (pieces of %i bytes)', async size => {
  const pieces = [Buffer.from('{"resourceType":"Bundle","x":"'), Buffer.alloc(size, 'a'), Buffer.alloc(size, 'b'), Buffer.from('"}')];
  wire = await startWire(async () => ({ status: 200, bytes: pieces }));
  const answer = await wire.fetch('/Patient');
  expect(await answer.text()).toBe(Buffer.concat(pieces).toString());
  expect(Number(answer.headers.get('content-length'))).toBe(Buffer.concat(pieces).length);
});

test('a decimal of a made resource keeps its digits', async () => {
  const { parseJson } = await import('../../src/fhir/model/json.ts');
  wire = await startWire(async () => ({
    status: 200,
    resource: parseJson(Buffer.from('{"resourceType":"Observation","valueQuantity":{"value":7.20}}')) as never,
  }));
  expect(await (await wire.fetch('/Observation/1')).text()).toContain('7.20');
});

test('links use the configured base, whatever Host and X-Forwarded-Host say', async () => {
  wire = await startWire(created);
  const location = await new Promise<string | undefined>((resolve, reject) => {
    const sent = request(
      `${wire.origin}/fhir/Patient`,
      {
        method: 'POST',
        headers: {
          host: 'evil.example',
          'x-forwarded-host': 'evil.example',
          'x-forwarded-proto': 'https',
          authorization: 'Bearer good',
          'content-type': fhirJson,
        },
      },
      answer => resolve(answer.resume().headers.location),
    );
    sent.on('error', reject).end('{"resourceType":"Patient"}');
  });
  expect(location).toBe(`${base}/Patient/new/_history/1`);
});

test('a bug answers 500 with the request id alone; the log has its stack and no word of its message', async () => {
  wire = await startWire(async () => {
    throw new TypeError('cannot read 山田花子 of\n    at 山田太郎 (place)\n    at undefined');
  });
  const answer = await wire.fetch('/Patient/1');
  const id = answer.headers.get('x-request-id')!;
  const text = await answer.text();
  expect(answer.status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'exception' }] });
  expect(text).toContain(id);
  expect(text).not.toMatch(/山田|\.ts|TypeError/);
  const logged = wire.log.join('');
  expect(logged).not.toContain('山田');
  expect(JSON.parse(logged)).toMatchObject({
    level: 'error',
    requestId: id,
    error: 'TypeError',
    at: expect.arrayContaining([expect.stringContaining('respond.test.ts')]),
  });
});

test('a problem answers its row of the table, with its headers', async () => {
  wire = await startWire(async () => {
    throw new Problem('unavailable', undefined, { headers: { 'Retry-After': '7' } });
  });
  const answer = await wire.fetch('/Patient/1');
  expect(answer.headers.get('retry-after')).toBe('7');
  expect(await refusal(answer)).toEqual([503, 'transient']);
  expect(wire.log).toEqual([]);
});

test('a header made of a resource cannot end its line', async () => {
  wire = await startWire(async () => ({
    status: 200,
    resource: { resourceType: 'Basic' },
    headers: { 'content-location': `${base}/x\r\nset-cookie: a=b\u3042` },
  }));
  const answer = await wire.fetch('/Basic/1');
  expect(answer.headers.get('set-cookie')).toBeNull();
  expect(answer.headers.get('content-location')).toBe(`${base}/xset-cookie: a=b`);
});
