// docs/operation/de-identify.md (FILE_SOURCES), OWASP Server-Side Request Forgery Prevention, RFC 9110
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Problem } from '../../src/fhir/model/outcome.ts';
import { createSources } from '../../src/http/sources.ts';
import { openSource, type Source } from './source.ts';

let source: Source;
beforeAll(async () => {
  source = await openSource();
});
beforeEach(() => {
  source.files.clear();
  source.asked.length = 0;
});
afterAll(() => source.close());

const open = (more: { fileTimeoutMs?: number; maxBodyBytes?: number } = {}) =>
  createSources({ fileSources: [`${source.origin}/data`], fileTimeoutMs: 20_000, maxBodyBytes: 1000, ...more });

type Fetch = ReturnType<ReturnType<typeof open>['begin']>;
async function text(fetch: Fetch, path: string): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of fetch(source.origin + path, 'here')) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
/** Status and text of a refusal. */
const refused = (reading: Promise<string>): Promise<readonly [number, string]> =>
  reading.then(
    () => [200, ''] as const,
    (thrown: Problem) => {
      expect(thrown).toBeInstanceOf(Problem);
      expect(thrown.findings[0]!.expression).toBe('here');
      return [thrown.status, thrown.message] as const;
    },
  );

describe('addresses', () => {
  const { some, allow } = createSources({
    fileSources: ['https://files.example/export', 'http://inside.example:8080'],
    fileTimeoutMs: 1000,
    maxBodyBytes: 1000,
  });

  test.each([
    'https://files.example/export/Patient.ndjson',
    'https://files.example/export/a/b/Patient.ndjson?sig=%2B..%2F',
    'https://files.example/export/%E6%82%A3%E8%80%85.ndjson',
    'http://inside.example:8080/Patient.ndjson',
  ])('a file below one of them may be fetched: %s', url => expect([some, allow(url)]).toEqual([true, true]));

  test.each([
    ['no URL', 'export/Patient.ndjson'],
    ['another scheme', 'http://files.example/export/p'],
    ['a file of this machine', 'file:///export/p'],
    ['a user', 'https://a:b@files.example/export/p'],
    ['an empty user', 'https://@files.example/export/p'],
    ['a host that only begins so', 'https://files.example.evil/export/p'],
    ['the host as a user of another', 'https://files.example@evil.example/export/p'],
    ['a backslash before another host', 'https://evil.example\\@files.example/export/p'],
    ['a path that only begins so', 'https://files.example/exported/p'],
    ['the path itself', 'https://files.example/export'],
    ['another port', 'https://files.example:8443/export/p'],
    ['the default port in words', 'https://files.example:443/export/p'],
    ['..', 'https://files.example/export/../p'],
    ['%2e%2e', 'https://files.example/export/%2e%2e/p'],
    ['.%2E', 'https://files.example/export/.%2E/p'],
    ['an encoded slash', 'https://files.example/export/..%2fp'],
    ['an encoded slash in a name', 'https://files.example/export/a%2F..%2Fp'],
    ['an encoded backslash', 'https://files.example/export/a%5c..%5cp'],
    ['encoded twice', 'https://files.example/export/%252e%252e/p'],
    ['a parameter of a segment', 'https://files.example/export/..;/p'],
    ['a NUL', 'https://files.example/export/p%00.ndjson'],
    ['a line break', 'https://files.example/export/p%0d%0aHost:evil'],
    ['a line break as it is', 'https://files.example/export/\np'],
    ['a backslash', 'https://files.example/export\\..\\p'],
    ['a fragment', 'https://files.example/export/p#x'],
    ['an upper-case host', 'https://FILES.example/export/p'],
    ['a space', ' https://files.example/export/p'],
  ])('%s: none may be fetched', (_, url) => expect(allow(url)).toBe(false));

  test('without a setting there are none', () => {
    const none = createSources({ fileSources: [], fileTimeoutMs: 1000, maxBodyBytes: 1000 });
    expect([none.some, none.allow('https://files.example/export/p')]).toEqual([false, false]);
  });

  test('what may not be fetched is not, whoever asks for it', async () => {
    source.files.set('/other', 'x');
    expect((await refused(text(open().begin(), '/other')))[0]).toBe(400);
    expect(source.asked).toHaveLength(0);
  });
});

test('a file as it is, and one in gzip; nothing of ours goes along', async () => {
  source.files.set('/data/plain', 'abc');
  source.files.set('/data/packed', (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('def')));
  const fetch = open().begin();
  expect([await text(fetch, '/data/plain'), await text(fetch, '/data/packed')]).toEqual(['abc', 'def']);
  expect(Object.keys(source.asked[0]!.headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host']);
});

test.each([
  ['another encoding', '/data/br', 'encoded otherwise'],
  ['gzip that is cut off', '/data/cut', 'broke off'],
  ['a body that is cut off', '/data/short', 'broke off'],
  ['a redirect, also to a file that may be fetched', '/data/moved', 'answered with status 302'],
  ['a file that is not there', '/data/none', 'answered with status 404'],
  ['a part of a file', '/data/part', 'answered with status 206'],
  ['a connection that ends', '/data/gone', 'cannot be reached'],
  ['an answer that is none', '/data/upgrade', 'cannot be reached'],
])('%s: 422, which says no more', async (_, path, why) => {
  source.files.set('/data/br', (_request, response) => response.setHeader('content-encoding', 'br').end('x'));
  source.files.set('/data/cut', (_request, response) =>
    response.setHeader('content-encoding', 'gzip').end(gzipSync('secret'.repeat(9)).subarray(0, 20)),
  );
  source.files.set('/data/short', (_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('secret');
    setImmediate(() => response.destroy());
  });
  source.files.set('/data/moved', (_request, response) => response.writeHead(302, { location: '/data/there' }).end());
  source.files.set('/data/there', 'secret');
  source.files.set('/data/part', (_request, response) => response.writeHead(206).end('secret'));
  source.files.set('/data/gone', request => request.destroy());
  source.files.set('/data/upgrade', request =>
    request.socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  );
  const [status, told] = await refused(text(open().begin(), path));
  expect([status, told]).toEqual([422, expect.stringContaining(why)]);
  expect(told).not.toMatch(/secret|127\.|http/);
  expect(source.asked).toHaveLength(1);
});

describe('bytes', () => {
  const large = (_request: unknown, response: { write(text: string): boolean; end(): void }) => {
    for (let i = 0; i < 20; i++) response.write('x'.repeat(100));
    response.end();
  };

  test('of one file have their limit: 422 too-costly', async () => {
    source.files.set('/data/large', large as never);
    expect(await refused(text(open().begin(), '/data/large'))).toEqual([422, 'The files hold more than 1000 bytes.']);
    expect(await text(open({ maxBodyBytes: 2000 }).begin(), '/data/large')).toHaveLength(2000);
  });

  test('of all files of a call together, not of all calls', async () => {
    source.files.set('/data/600', 'x'.repeat(600));
    const sources = open();
    const [one, other] = [sources.begin(), sources.begin()];
    expect((await text(one, '/data/600')) + (await text(other, '/data/600'))).toHaveLength(1200);
    expect((await refused(text(one, '/data/600')))[0]).toBe(422);
  });

  test('are counted inflated', async () => {
    source.files.set('/data/bomb', (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(100_000))));
    expect(await refused(text(open().begin(), '/data/bomb'))).toEqual([422, 'The files hold more than 1000 bytes.']);
  });
});

test.each(['/data/silent', '/data/begun'])('a source that does not end (%s) is given up: 422', async path => {
  source.files.set('/data/silent', () => {});
  source.files.set('/data/begun', (_, response) => void response.write('x'));
  expect(await refused(text(open({ fileTimeoutMs: 60 }).begin(), path))).toEqual([422, 'The file cannot be fetched: it takes too long.']);
});

test('the files of a call together are given up after four times what one may take: 422', async () => {
  source.files.set('/data/late', (_, response) => void setTimeout(() => response.end('x'), 15));
  const fetch = open({ fileTimeoutMs: 60 }).begin();
  const told = new Set<string>();
  for (let i = 0; i < 40 && told.size < 2; i++) told.add((await refused(text(fetch, '/data/late')))[1]);
  expect(told).toContain('The file cannot be fetched: it takes too long.');
});
