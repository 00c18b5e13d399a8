// https://hl7.org/fhir/R4/http.html, RFC 9110, RFC 9112, https://fetch.spec.whatwg.org/#http-cors-protocol: attacks on the wire, over a whole server
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { openWhole, type Whole } from './whole.ts';
import { speak } from './wire.ts';

let server: Whole;
let token: string;
let id: string;
beforeAll(async () => {
  server = await openWhole('--body-timeout-ms', '2000', '--max-body-bytes', '1000000');
  token = await server.token('tester');
  id = await server.create({ resourceType: 'Patient', identifier: [{ system: 'urn:wire', value: '1' }] });
});
afterAll(() => server.close());
// Alive, and nothing came in or went.
afterEach(async () => {
  expect(await server.count('Patient')).toBe(1);
});

const form = { 'content-type': 'application/x-www-form-urlencoded' };
/** A request as it is written, with a good token. */
const say = (line: string, headers: readonly string[] = [], body: string | Buffer = '', forMs = 3000) =>
  speak(
    server.port,
    Buffer.concat([
      Buffer.from([`${line} HTTP/1.1`, `Authorization: Bearer ${token}`, 'Connection: close', ...headers, '', ''].join('\r\n'), 'latin1'),
      Buffer.from(body),
    ]),
    forMs,
  );
const host = 'Host: noren.test';
const json = 'Content-Type: application/fhir+json';
const statusOf = (answer: string) => answer.slice(0, 12);

describe('a body that is too large, or never ends', () => {
  test('one that says so is refused before it is sent', async () => {
    expect(await say('POST /fhir/Patient', [host, json, 'Content-Length: 100000000'])).toMatch(/^HTTP\/1\.1 413 .*"too-long"/s);
  });

  test('one in chunks without end is refused at the limit', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      let sent = 0;
      const out = request(
        `${server.baseUrl}/Patient`,
        { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' } },
        answer => resolve(answer.resume().statusCode),
      );
      const chunk = Buffer.alloc(65_536, 32);
      const more = () => {
        sent += chunk.length;
        if (!out.destroyed) out.write(chunk, () => setTimeout(more, 1));
      };
      out.on('error', error => (sent > 1_000_000 ? resolve(413) : reject(error)));
      more();
    });
    expect(status).toBe(413);
  });
});

describe('too much of a head', () => {
  test('10,000 parameters, in the URL and in a form', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `a${i}=1`).join('&');
    expect([414, 431]).toContain((await server.ask('GET', `Patient?${many}`)).status);
    const short = new Array(2000).fill('_=').join('&');
    expect((await server.ask('GET', `Patient?${short}`)).status).toBe(400);
    expect((await server.ask('POST', 'Patient/_search', { body: many, headers: form })).status).toBe(400);
  });

  test('a URL of 1 MB, a header of 64 KB, 3,000 headers', async () => {
    for (const [line, headers] of [
      [`GET /fhir/Patient?name=${'a'.repeat(1_000_000)}`, []],
      ['GET /fhir/Patient', [`X-Long: ${'a'.repeat(65_536)}`]],
      ['GET /fhir/Patient', Array.from({ length: 3000 }, (_, i) => `X-${i}: aaaaaaaa`)],
    ] as const)
      expect(await say(line, [host, ...headers])).toMatch(/^HTTP\/1\.1 (414|431) .*"OperationOutcome"/s);
  });
});

describe('line breaks in what goes into headers', () => {
  const broken = 'x%0d%0aSet-Cookie:%20a=b';
  test.each([
    ['GET', `/fhir/Patient/${broken}`, []],
    ['PUT', `/fhir/Patient/${broken}`, [json, 'Content-Length: 2']],
    ['GET', `/fhir/Patient?name=${broken}`, []],
    ['GET', `/fhir/Patient/1/_history/${broken}`, []],
    ['GET', `/${broken}`, []],
    ['GET', `/app/${broken}`, []],
    ['GET', '/fhir/Patient', [`X-Request-Id: ${broken}`]],
    ['GET', '/fhir/Patient', [`If-None-Match: W/"${broken}"`]],
    ['GET', '/fhir/Patient', [`Origin: https://a.example${broken}`]],
    ['POST', '/fhir/Patient', [json, `If-None-Exist: identifier=${broken}`, 'Content-Length: 2']],
    ['POST', '/fhir/Binary', [`Content-Type: text/plain;a="${broken}"`, 'Content-Length: 2']],
    ['POST', '/fhir/Binary', [`Content-Type: text/plain`, `X-Security-Context: Patient/${broken}`, 'Content-Length: 2']],
  ])('%s %s %j: no header of their own', async (method, path, headers) => {
    const answer = await say(`${method} ${path}`, [host, ...headers], '{}');
    expect(answer).toMatch(/^HTTP\/1\.1 \d{3} /);
    expect(answer.split('\r\n\r\n')[0]).not.toMatch(/^set-cookie/im);
  });

  test('bare line feeds, NUL and continued lines are no header', async () => {
    for (const line of ['X-Request-Id: a\nSet-Cookie: b', 'X-A: a\0b', 'X-A: a\r\n b', 'X-A : b'])
      expect(statusOf(await say('GET /fhir/Patient', [host, line]))).toBe('HTTP/1.1 400');
  });

  test('an If-None-Exist of two lines is no criteria: 400, nothing is created', async () => {
    const body = '{"resourceType":"Patient"}';
    const twice = ['If-None-Exist: identifier=urn:wire|2', 'If-None-Exist: identifier=urn:wire|1', `Content-Length: ${body.length}`];
    expect(statusOf(await say('POST /fhir/Patient', [host, json, ...twice], body))).toBe('HTTP/1.1 400');
  });
});

describe('text that is no UTF-8', () => {
  test('in a form, and raw in a URL: 400', async () => {
    const body = Buffer.from([...Buffer.from('name='), 0xe5, 0xb1]);
    expect((await server.ask('POST', 'Patient/_search', { body: new Uint8Array(body), headers: form })).status).toBe(400);
    for (const raw of ['山田', '\xe5', '\xff'])
      expect(statusOf(await say(`GET /fhir/Patient?name=${Buffer.from(raw).toString('latin1')}`, [host]))).toBe('HTTP/1.1 400');
  });
});

test.each(['//evil.example', '//evil.example/..', '/\\evil.example', '/app//evil.example', '/docs//evil.example', '/fhir//evil.example'])(
  '%s leads nowhere else',
  async path => {
    const answer = await say(`GET ${path}`, ['Host: evil.example', 'X-Forwarded-Host: evil.example']);
    expect(answer).toMatch(/^HTTP\/1\.1 (400|404|503) /);
    expect(answer).not.toMatch(/^location:/im);
  },
);

describe('who is asked, and by whom', () => {
  test.each([
    ['two Hosts', ['Host: a', 'Host: b']],
    ['a list of Hosts', ['Host: a, b']],
    ['a Host with a user', ['Host: a@b']],
    ['a Host with a path', ['Host: a/b']],
    ['no Host', []],
  ])('%s: 400', async (_name, headers) => {
    expect(statusOf(await say('GET /fhir/Patient', headers))).toBe('HTTP/1.1 400');
  });

  test('a second token, whichever comes first: 401', async () => {
    for (const lines of [
      [`Authorization: Bearer ${token}`, 'Authorization: Bearer other'],
      ['Authorization: Bearer other', `Authorization: Bearer ${token}`],
    ]) {
      const answer = await speak(server.port, ['GET /fhir/Patient HTTP/1.1', host, ...lines, 'Connection: close', '', ''].join('\r\n'));
      expect(statusOf(answer)).toBe('HTTP/1.1 401');
    }
  });

  test('no answer lets a page of another origin send credentials; a preflight needs no token', async () => {
    const preflight = await fetch(`${server.baseUrl}/Patient`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'DELETE' },
    });
    expect(preflight.status).toBe(204);
    const answers = [preflight];
    for (const origin of ['https://evil.example', 'null', server.baseUrl, 'https://evil.example\u0000'.slice(0, 20)])
      for (const path of ['Patient', 'metadata', 'Patient/nobody'])
        answers.push(await fetch(`${server.baseUrl}/${path}`, { headers: { origin, authorization: `Bearer ${token}` } }));
    for (const { headers } of answers)
      expect([headers.get('access-control-allow-credentials'), headers.get('access-control-allow-origin')]).toEqual([null, '*']);
  });

  test('listed origins are compared whole', async () => {
    const strict = await openWhole('--cors-origins', 'https://app.example');
    try {
      for (const origin of [
        'https://app.example.evil',
        'https://evil-app.example',
        'http://app.example',
        'https://app.example:8443',
        'null',
      ])
        for (const method of ['GET', 'OPTIONS']) {
          const { headers } = await fetch(`${strict.baseUrl}/metadata`, { method, headers: { origin } });
          expect([origin, headers.get('access-control-allow-origin')]).toEqual([origin, null]);
        }
    } finally {
      await strict.close();
    }
  });
});

describe('methods', () => {
  test.each(['TRACE', 'PROPFIND', 'MKCOL', 'LOCK', 'PURGE', 'SEARCH', 'QUERY'])('%s: 405 with Allow', async method => {
    const answer = await say(`${method} /fhir/Patient/${id}`, [host]);
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(answer).toMatch(/^allow: /im);
  });

  test('CONNECT: 405; words that are no method: 400', async () => {
    expect(statusOf(await speak(server.port, 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n'))).toBe('HTTP/1.1 405');
    for (const method of ['BREW', 'get', 'G ET', 'POST\tX'])
      expect(statusOf(await say(`${method} /fhir/Patient`, [host]))).toBe('HTTP/1.1 400');
  });

  test('an override by header, parameter or form changes nothing', async () => {
    const overrides = { 'x-http-method-override': 'DELETE', 'x-http-method': 'DELETE', 'x-method-override': 'DELETE' };
    expect((await server.ask('GET', `Patient/${id}`, { headers: overrides })).status).toBe(200);
    expect((await server.ask('POST', `Patient/${id}`, { headers: overrides, body: { resourceType: 'Patient' } })).status).toBe(405);
    await server.ask('GET', `Patient/${id}?_method=DELETE`);
    await server.ask('POST', 'Patient/_search', { body: '_method=DELETE&identifier=urn:wire|1', headers: { ...form, ...overrides } });
    expect((await server.ask('GET', `Patient/${id}`)).headers.get('etag')).toBe('W/"1"');
  });

  test('a protocol to change to is not changed to', async () => {
    for (const to of ['websocket', 'h2c'])
      expect(statusOf(await say('GET /fhir/metadata', [host, `Upgrade: ${to}`, 'Connection: Upgrade']))).toBe('HTTP/1.1 200');
  });
});

describe('one request in another', () => {
  const hidden = `DELETE /fhir/Patient/<id> HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer <token>\r\n\r\n`;
  test.each([
    ['Content-Length and Transfer-Encoding', ['Content-Length: 6', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['the other order', ['Transfer-Encoding: chunked', 'Content-Length: 6'], '0\r\n\r\n'],
    ['two lengths', ['Content-Length: 2', 'Content-Length: 200'], '{}'],
    ['two lengths that agree', ['Content-Length: 2', 'Content-Length: 2'], '{}'],
    ['a length with a sign', ['Content-Length: +2'], '{}'],
    ['a length that is a list', ['Content-Length: 2, 2'], '{}'],
    ['a negative length', ['Content-Length: -1'], ''],
    ['chunked, but not last', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
    ['chunked twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], '0\r\n\r\n'],
    ['an encoding that is like chunked', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    ['a blank before the colon', ['Transfer-Encoding : chunked'], '0\r\n\r\n'],
    ['a bare line feed', ['X-A: b\nTransfer-Encoding: chunked'], '0\r\n\r\n'],
    ['a chunk with a bare line feed', ['Transfer-Encoding: chunked'], '2\n{}\n0\n\n'],
    ['a size of a chunk that is none', ['Transfer-Encoding: chunked'], '0x2\r\n{}\r\n0\r\n\r\n'],
  ])('%s: refused, the connection is closed, and what is behind it is not heard', async (_name, headers, body) => {
    const behind = hidden.replace('<id>', id).replace('<token>', token);
    const head = ['POST /fhir/Patient HTTP/1.1', host, `Authorization: Bearer ${token}`, json, ...headers, '', ''].join('\r\n');
    const answer = await speak(server.port, `${head}${body}${behind}`, 5000);
    expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 400']);
    expect((await server.ask('GET', `Patient/${id}`)).status).toBe(200);
  });
});

test('headers and bodies that never end are cut off, and others are answered meanwhile', async () => {
  const slow = Array.from({ length: 20 }, () => speak(server.port, 'GET /fhir/Patient HTTP/1.1\r\nHost: a\r\nX-Slow:', 15_000));
  const slower = speak(
    server.port,
    `POST /fhir/Patient HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${token}\r\n${json}\r\nContent-Length: 100\r\n\r\n{`,
    15_000,
  );
  expect((await server.ask('GET', `Patient/${id}`)).status).toBe(200);
  for (const answer of await Promise.all(slow)) expect(statusOf(answer)).toBe('HTTP/1.1 408');
  expect(await slower).not.toMatch(/^HTTP\/1\.1 2/);
});

test('what is not served is not half served: GraphQL, bulk data, packages', async () => {
  const deep = `{${'a{'.repeat(50)}b${'}'.repeat(50)}}`;
  const aliases = `{${Array.from({ length: 1000 }, (_, i) => `a${i}:Patient{id}`).join(' ')}}`;
  for (const query of [deep, aliases, '{__schema{types{name}}}']) {
    expect((await server.ask('GET', `$graphql?query=${encodeURIComponent(query).slice(0, 4000)}`)).status).toBe(404);
    expect((await server.ask('POST', '$graphql', { body: { resourceType: 'Parameters', query } })).status).toBe(404);
    expect((await server.ask('POST', `Patient/${id}/$graphql`, { body: { resourceType: 'Parameters' } })).status).toBe(404);
  }
  for (const name of ['$export', 'Patient/$export', '$import', 'ImplementationGuide/$package', '$evaluate-measure', '$reindex', '$expunge'])
    expect((await server.ask('POST', name, { body: { resourceType: 'Parameters' } })).status).toBe(404);
});
