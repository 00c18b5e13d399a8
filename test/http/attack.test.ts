// https://hl7.org/fhir/R4/security.html, https://hl7.org/fhir/R4/http.html#Status-Codes, RFC 9110, RFC 9112; OWASP API 2023 (4, 8)
// Attacks on the wire itself (5 to 8, 17, 18, 21, 26, 29, 31, 33, 41, 46 to 49). Over a whole server: attack-body (1 to 10, 13),
// attack-search (17 to 23, 27 to 29, 33), attack-bundle (34 to 38).

import { request } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { fhirJson, limits, refusal, speak, startWire, version, type Wire } from './wire.ts';

let wire: Wire;
beforeAll(async () => {
  wire = await startWire(async asked => ({ status: 200, version: version('1', { resourceType: 'Patient', told: asked.query.length }) }));
});
afterAll(() => wire.close());
beforeEach(() => {
  wire.asked.length = 0;
  wire.records.length = 0;
});

const post = (body: RequestInit['body'], headers: Record<string, string> = {}) =>
  wire.fetch('/Patient', { method: 'POST', body, duplex: 'half', headers: { 'content-type': fhirJson, ...headers } } as RequestInit);
const head = (path: string) => `GET ${path} HTTP/1.1\r\nHost: noren.test\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n`;

describe('1, 2, 4: JSON', () => {
  test.each([
    ['truncated', '{"resourceType":"Patient",', 'structure'],
    ['empty', '', 'structure'],
    ['two roots', '{"resourceType":"Patient"}{}', 'structure'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 'structure'],
    ['a list', '[]', 'structure'],
    ['a text', '"Patient"', 'structure'],
    ['null', 'null', 'structure'],
    ['an object that is no resource', '{"a":1}', 'structure'],
    ['resourceType that is no text', '{"resourceType":["Patient"]}', 'structure'],
    ['100,000 nested lists', '{"resourceType":"Patient","a":' + '['.repeat(100_000) + ']'.repeat(100_000) + '}', 'structure'],
    ['the same key twice', '{"resourceType":"Patient","gender":"male","gender":"female"}', 'structure'],
  ])('a body that is %s answers 400', async (_name, body, code) => {
    expect(await refusal(await post(body as string))).toEqual([400, code]);
    expect(wire.asked).toEqual([]);
  });

  test('an error never repeats the body', async () => {
    const text = await (await post('{"resourceType":"Patient","name":"秘密" oops')).text();
    expect(text).not.toMatch(/秘密|oops/);
  });

  test('13: __proto__ is a key like any other and pollutes nothing', async () => {
    await post('{"resourceType":"Patient","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.keys(wire.asked[0]!.body!)).toEqual(['resourceType', '__proto__', 'constructor']);
  });
});

describe('5, 6: size', () => {
  test('a body that says it is too large is refused before it is sent', async () => {
    const answer = await speak(
      wire.port,
      `POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: ${fhirJson}\r\nContent-Length: 100000000\r\n\r\n`,
      500,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"too-long"');
  });

  test('a chunked body without end is refused at the limit, and its connection ends', async () => {
    let sent = 0;
    const started = Date.now();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const out = request(
        `${wire.origin}/fhir/Patient`,
        { method: 'POST', headers: { authorization: 'Bearer good', 'content-type': fhirJson } },
        answer => resolve(answer.resume().statusCode),
      );
      const chunk = Buffer.alloc(65_536, 32);
      const more = () => {
        sent += chunk.length;
        if (!out.destroyed) out.write(chunk, () => setTimeout(more, 1));
      };
      out.on('error', error => (sent > limits.maxBodyBytes ? resolve(undefined) : reject(error)));
      more();
    });
    expect(status).toBe(413);
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('a bomb in %s is refused with 413; an honest body is taken', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(50_000_000, 32));
    expect(bomb.length).toBeLessThan(limits.maxBodyBytes);
    const before = process.memoryUsage().rss;
    expect(await refusal(await post(bomb as unknown as string, { 'content-encoding': encoding }))).toEqual([413, 'too-long']);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
    const honest = await post(compress(Buffer.from('{"resourceType":"Patient"}')) as unknown as string, { 'content-encoding': encoding });
    expect(honest.status).toBe(200);
    expect(wire.asked.at(-1)!.body).toEqual({ resourceType: 'Patient' });
  });

  test('an encoding that is none of ours answers 415, a broken one 400', async () => {
    expect(await refusal(await post('x', { 'content-encoding': 'compress' }))).toEqual([415, 'not-supported']);
    expect(await refusal(await post('x', { 'content-encoding': 'gzip, gzip' }))).toEqual([415, 'not-supported']);
    expect(await refusal(await post('x', { 'content-encoding': '__proto__' }))).toEqual([415, 'not-supported']);
    expect(await refusal(await post('this is not gzip', { 'content-encoding': 'gzip' }))).toEqual([400, 'invalid']);
  });
});

describe('7, 8, 9: types', () => {
  test.each([
    ['text/plain', '{"resourceType":"Patient"}'],
    ['text/csv', 'a=b'],
    ['application/fhir+xml; charset=utf-16', '<Patient xmlns="http://hl7.org/fhir"/>'],
    ['application/fhir+json; charset=utf-16', '{"resourceType":"Patient"}'],
    ['application/fhir+json; fhirVersion=3.0', '{"resourceType":"Patient"}'],
    ['application/x-www-form-urlencoded', 'name=x'],
    ['', '{"resourceType":"Patient"}'],
  ])('Content-Type "%s" answers 415', async (type, body) => {
    expect(await refusal(await post(body, { 'content-type': type }))).toEqual([415, 'not-supported']);
  });

  test('a missing Content-Type answers 415', async () => {
    const answer = await speak(
      wire.port,
      'POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer good\r\nContent-Length: 2\r\n\r\n{}',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 415 /);
  });

  test.each([
    'application/json',
    'application/fhir+json; charset=UTF-8',
    'application/fhir+json;fhirVersion=4.0',
    'text/json',
    'Application/FHIR+JSON',
  ])('Content-Type "%s" is taken', async type => {
    expect((await post('{"resourceType":"Patient"}', { 'content-type': type })).status).toBe(200);
  });

  test.each([
    ['image/png', 406],
    ['application/fhir+xml; fhirVersion=3.0', 406],
    ['application/fhir+json;q=0', 406],
    ['application/fhir+json; fhirVersion=3.0', 406],
    ['application/json', 200],
    ['*/*', 200],
    ['application/fhir+xml;q=0.5, application/fhir+json;q=0.6', 200],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 200],
    ['text/html', 200],
  ])('Accept "%s" answers %i, in JSON', async (accept, status) => {
    const answer = await wire.fetch('/Patient/1', { headers: { accept } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/fhir+json; charset=utf-8']);
  });

  test.each([
    ['json', 200],
    ['application/fhir+json', 200],
    ['application%2Ffhir%2Bjson', 200],
    ['ttl', 406],
    ['%3Cscript%3Ealert(1)%3C/script%3E', 406],
  ])('29: _format=%s answers %i, and shows nothing of it', async (format, status) => {
    const answer = await wire.fetch(`/Patient/1?_format=${format}`, { headers: { accept: 'image/png' } });
    const text = await answer.text();
    expect(answer.status).toBe(status);
    expect(text).not.toContain('script');
    expect([answer.headers.get('content-type'), answer.headers.get('x-content-type-options')]).toEqual([
      'application/fhir+json; charset=utf-8',
      'nosniff',
    ]);
  });
});

describe('17, 18: paths', () => {
  test.each([
    '/fhir/Patient/..%2f..%2fmetadata',
    '/fhir/Patient/%2e%2e/metadata',
    '/fhir/Patient/%2e%2e%2f',
    '/fhir/Patient/a%00b',
    '/fhir/Patient/a%5cb',
    '/fhir/Patient//_history',
    '/fhir/Patient/%zz',
    '/fhir/Patient/%c3%28',
    '//evil/fhir/Patient',
    'http://evil/fhir/Patient/1',
    '/FHIR/Patient/1',
    '/fhirx/Patient/1',
    '/../fhir/Patient/1',
    '/fhir/../fhir/Patient/1',
  ])('%s answers 400 or 404 and reaches nothing', async path => {
    expect(await speak(wire.port, head(path))).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(wire.asked).toEqual([]);
  });

  test('a slash may stand between a type and its parameters, and nowhere else at the end', async () => {
    await wire.fetch('/Patient/?name=x');
    expect(wire.asked.map(({ path, query }) => [path, query])).toEqual([['Patient', [['name', 'x']]]]);
    for (const path of ['/Patient/', '/Patient/1/?name=x', '/Patient//?name=x']) expect((await wire.fetch(path)).status).toBe(400);
  });

  test('a path is decoded once, and an id of odd letters is the interactions’ to judge', async () => {
    await wire.fetch('/Patient/a%2526b');
    await wire.fetch('/Patient/%E5%B1%B1%7C%27');
    expect(wire.asked.map(asked => asked.path)).toEqual(['Patient/a%26b', "Patient/山|'"]);
  });
});

describe('21, 22, 26: parameters', () => {
  test('brackets mean nothing: names and values stay texts, in order', async () => {
    await wire.fetch('/Patient?name[$ne]=x&name[]=y&name=a+b&name=%2B&x');
    expect(wire.asked[0]!.query).toEqual([
      ['name[$ne]', 'x'],
      ['name[]', 'y'],
      ['name', 'a b'],
      ['name', '+'],
      ['x', ''],
    ]);
  });

  test('19, 20: SQL and wildcards go through as they are', async () => {
    await wire.fetch(`/Patient?name=${encodeURIComponent(`%_\\'; DROP TABLE x;--`)}`);
    expect(wire.asked[0]!.query).toEqual([['name', `%_\\'; DROP TABLE x;--`]]);
  });

  test.each(['name=%', 'name=%e0%a4%a', '%ff=1', '=1'])('the query %s answers 400', async query => {
    expect(await refusal(await wire.fetch(`/Patient?${query}`))).toEqual([400, 'invalid']);
  });

  test('too many parameters answer 400, in the URL, in a form, and in both together', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `a${i}=1`).join('&');
    const search = (query: string, form: string) =>
      wire.fetch(`/Patient/_search?${query}`, {
        method: 'POST',
        body: form,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    expect(await refusal(await wire.fetch(`/Patient?${many(65)}`))).toEqual([400, 'invalid']);
    expect(await refusal(await search('', many(65)))).toEqual([400, 'invalid']);
    expect(await refusal(await search(many(33), many(33)))).toEqual([400, 'invalid']);
    expect((await search(many(32), many(32))).status).toBe(200);
  });

  test('an over-long URL answers 414, a larger one or 64 KB of headers 431', async () => {
    expect(await refusal(await wire.fetch(`/Patient?name=${'a'.repeat(5000)}`))).toEqual([414, 'too-long']);
    expect(await speak(wire.port, head(`/fhir/Patient?name=${'a'.repeat(1_000_000)}`))).toMatch(/^HTTP\/1\.1 431 |^$/);
    expect(await speak(wire.port, `GET /fhir/Patient HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(65_536)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 .*"too-long"/s,
    );
  });

  test('a long value is looked at once', async () => {
    const started = Date.now();
    await wire.fetch(`/Patient?name=${'+'.repeat(3000)}`, { headers: { accept: 'a'.repeat(4000) + '!', prefer: ','.repeat(4000) } });
    await wire.fetch('/Patient', {
      method: 'POST',
      body: '{"resourceType":"Patient"}',
      headers: { 'content-type': fhirJson, prefer: 'return='.repeat(500) },
    });
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});

describe('31, 47, 48: headers and methods', () => {
  test('X-Request-Id: a UUID comes back, anything else is replaced', async () => {
    const own = '0d3c9b1e-4a52-4e1f-9a44-6a3f0c7f9a11';
    expect((await wire.fetch('/Patient/1', { headers: { 'x-request-id': own } })).headers.get('x-request-id')).toBe(own);
    expect(wire.records[0]!.requestId).toBe(own);
    for (const given of ['KARTE-99-887766', '%0d%0aset-cookie:a=b', '']) {
      const answered = (await wire.fetch('/Patient/1', { headers: { 'x-request-id': given } })).headers.get('x-request-id');
      expect(answered).toMatch(/^[0-9a-f-]{36}$/);
      expect(JSON.stringify(wire.records)).not.toContain(given || 'never');
    }
  });

  test('a line break in a header is no header', async () => {
    const answer = await speak(
      wire.port,
      'GET /fhir/Patient/1%0d%0aset-cookie:a=b HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer good\r\nIf-None-Exist: a%0d%0ab\r\n\r\n',
    );
    expect(answer).not.toMatch(/^set-cookie/im);
  });

  test.each(['TRACE', 'PROPFIND', 'COPY', 'LINK'])('%s answers 405 with Allow', async method => {
    const answer = await speak(wire.port, head('/fhir/Patient/1').replace('GET', method));
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(answer).toMatch(/allow: GET, PUT, PATCH, DELETE, HEAD, OPTIONS/);
    expect(wire.asked).toEqual([]);
  });

  test('CONNECT answers 405, a method that is none 400', async () => {
    expect(await speak(wire.port, 'CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n')).toMatch(/^HTTP\/1\.1 405 /);
    expect(await speak(wire.port, 'BREW /fhir/Patient HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('a method override is ignored', async () => {
    await wire.fetch('/Patient/1?_method=DELETE', { headers: { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' } });
    expect(wire.asked.map(asked => asked.method)).toEqual(['GET']);
  });

  test.each([
    ['Content-Length and Transfer-Encoding', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 5\r\n\r\n1234'],
    ['a bare line feed', 'X-A: b\nX-C: d\r\nContent-Length: 0\r\n\r\n'],
    ['a length that is no number', 'Content-Length: 4x\r\n\r\n1234'],
  ])('smuggling by %s answers 400 and closes', async (_name, rest) => {
    const answer = await speak(
      wire.port,
      `POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: ${fhirJson}\r\n${rest}GET /fhir/Patient/2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n`,
      1000,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(wire.asked.filter(asked => asked.path === 'Patient/2')).toEqual([]);
  });
});

describe('33: proxies', () => {
  test('X-Forwarded-For is believed from a named proxy only', async () => {
    const behind = await startWire(undefined, { trustedProxies: ['127.0.0.0/8', '10.0.0.1'] });
    try {
      await wire.fetch('/Patient/1', { headers: { 'x-forwarded-for': '203.0.113.9' } });
      expect(wire.records[0]!.address).toBe('127.0.0.1');
      await behind.fetch('/Patient/1', { headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.9, 10.0.0.1' } });
      expect(behind.records[0]!.address).toBe('203.0.113.9');
    } finally {
      await behind.close();
    }
  });
});

describe('41, 46: tokens and origins', () => {
  test('no token, a bad one and one in the query answer 401 with WWW-Authenticate', async () => {
    for (const [path, headers] of [
      ['/Patient', { authorization: '' }],
      ['/Patient', { authorization: 'Bearer bad' }],
      ['/Patient?access_token=good', { authorization: '' }],
    ] as const) {
      const answer = await wire.fetch(path, { headers });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(await refusal(answer)).toEqual([401, 'login']);
    }
    expect(wire.asked).toEqual([]);
  });

  test('the token is judged before the body is read', async () => {
    const answer = await speak(
      wire.port,
      `POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: ${fhirJson}\r\nContent-Length: 1000\r\n\r\n{`,
      500,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    const waiting = await speak(
      wire.port,
      `POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nContent-Type: ${fhirJson}\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n`,
      500,
    );
    expect(waiting).toMatch(/^HTTP\/1\.1 401 /);
    const welcome = await speak(
      wire.port,
      `POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: ${fhirJson}\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n`,
      500,
    );
    expect(welcome).toMatch(/^HTTP\/1\.1 100 /);
  });

  test('a preflight needs no token; any origin, never with credentials', async () => {
    const answer = await fetch(`${wire.origin}/fhir/Patient`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': expect.stringContaining('DELETE'),
      'access-control-allow-headers': expect.stringContaining('Authorization'),
    });
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(
      (await wire.fetch('/Patient/1', { headers: { origin: 'https://app.example' } })).headers.get('access-control-allow-origin'),
    ).toBe('*');
  });

  test('listed origins: these alone, and Vary says so', async () => {
    const strict = await startWire(undefined, { corsOrigins: ['https://app.example'] });
    try {
      const allowed = await strict.fetch('/Patient/1', { headers: { origin: 'https://app.example' } });
      const other = await strict.fetch('/Patient/1', { headers: { origin: 'https://app.example.evil' } });
      expect([allowed.headers.get('access-control-allow-origin'), allowed.headers.get('vary')]).toEqual([
        'https://app.example',
        'Accept, Origin',
      ]);
      expect([other.headers.get('access-control-allow-origin'), other.headers.get('vary')]).toEqual([null, 'Accept, Origin']);
      const found = await fetch(`${strict.origin}/fhir/.well-known/smart-configuration`, { headers: { origin: 'https://anyone.example' } });
      expect(found.headers.get('access-control-allow-origin')).toBe('*');
    } finally {
      await strict.close();
    }
  });
});

describe('49: slow clients', () => {
  test('headers and bodies that never end are cut off', async () => {
    const impatient = await startWire(undefined, { limits: { ...limits, bodyTimeoutMs: 400 } });
    try {
      const started = Date.now();
      expect(await speak(impatient.port, 'GET /fhir/Patient HTTP/1.1\r\nHost: a\r\nX-Slow:', 5000)).toMatch(/^HTTP\/1\.1 408 /);
      await speak(
        impatient.port,
        `POST /fhir/Patient HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: ${fhirJson}\r\nContent-Length: 100\r\n\r\n{`,
        5000,
      );
      expect(Date.now() - started).toBeLessThan(9000);
      expect(impatient.asked).toEqual([]);
    } finally {
      await impatient.close();
    }
  });
});

test('after all of it the server still answers', async () => {
  expect((await wire.fetch('/Patient/1')).status).toBe(200);
});
