// https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#registering-a-client-communicating-public-keys
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import { assertion } from '../../src/auth/assertion.ts';
import { openClients } from '../../src/auth/clients.ts';
import { writeOwnerOnly } from '../../src/auth/files.ts';
import { createKeySets, isKeySetUrl } from '../../src/auth/jwks.ts';
import { createKey, publicPart } from '../../src/auth/keys.ts';
import { claimsOf, jwt, signedBy, startSandbox } from './sandbox.ts';
import { certificate, privateKey } from './tls.ts';

const servers: Server[] = [];
let asked = 0;
async function serve(listener: RequestListener): Promise<string> {
  asked = 0;
  const server = createServer((request, response) => {
    asked++;
    listener(request, response);
  });
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
}
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

const key = createKey();
const set = JSON.stringify({ keys: [publicPart(key)] });

describe('what may be fetched', () => {
  test.each(['https://h.example/jwks', 'https://8.8.8.8/jwks'])('%s', url => expect(isKeySetUrl(url)).toBe(true));
  test.each([
    'http://h.example/jwks',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/',
    'https://0.0.0.0/',
    'https://[fd00::1]/',
    'https://a:b@h.example/',
    'https://h.example/#x',
    'file:///etc/passwd',
    'ftp://h.example/',
    'h.example',
    '',
    5,
  ])('not %j', url => expect(isKeySetUrl(url)).toBe(false));

  test.each([['127.0.0.1'], ['10.0.0.1'], ['169.254.169.254'], ['::ffff:10.0.0.1'], ['8.8.8.8', '10.0.0.1'], []])(
    'not from a name that leads to %j %j',
    async (...addresses) => {
      const sets = createKeySets({ now: () => 0, addresses: async () => addresses.filter(one => typeof one === 'string') });
      expect(await sets('https://h.example/jwks')).toBeUndefined();
    },
  );

  test('the address that was looked at is the one connected to, whatever the name says later', async () => {
    const url = (await serve((_, response) => response.end(set))).replace('127.0.0.1', 'localhost');
    const sets = createKeySets({ now: () => 0, loopback: true, addresses: async () => ['127.0.0.1'] });
    expect(await sets(url)).toHaveLength(1);
    const strict = createKeySets({ now: () => 0, addresses: async () => ['127.0.0.1'] });
    expect(await strict(url)).toBeUndefined();
    expect(asked).toBe(1);
  });
});

describe('over https', () => {
  const over = async (ask: (port: number) => Promise<void>) => {
    const names: unknown[] = [];
    const server = createTlsServer({ cert: certificate, key: privateKey }, (request, response) => {
      names.push([request.headers.host?.split(':')[0], (request.socket as TLSSocket).servername]);
      response.end(set);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    try {
      await ask((server.address() as AddressInfo).port);
    } finally {
      server.close().closeAllConnections();
    }
    return names;
  };
  const here = { now: () => 0, loopback: true, addresses: async () => ['127.0.0.1'] };

  test('the host of the URL is the one that proves itself, at the address that was looked at', async () => {
    const names = await over(async port => {
      expect(await createKeySets({ ...here, ca: certificate })(`https://keys.example:${port}/`)).toHaveLength(1);
    });
    expect(names).toEqual([['keys.example', 'keys.example']]);
  });

  test('another host there, or a certificate that nobody vouches for: nothing', async () => {
    const names = await over(async port => {
      expect(await createKeySets({ ...here, ca: certificate })(`https://other.example:${port}/`)).toBeUndefined();
      expect(await createKeySets(here)(`https://keys.example:${port}/`)).toBeUndefined();
    });
    expect(names).toEqual([]);
  });
});

describe('how it is fetched', () => {
  test.each<[string, RequestListener]>([
    ['a redirect', (_, response) => response.writeHead(302, { location: '/other' }).end()],
    ['an error', (_, response) => response.writeHead(500).end(set)],
    ['too long an answer', (_, response) => response.end(set + ' '.repeat(70_000))],
    ['no JSON', (_, response) => response.end('<html>')],
    ['no key set', (_, response) => response.end('{"keys":{}}')],
    ['null', (_, response) => response.end('null')],
    [
      'an answer that breaks off',
      (_, response) => response.writeHead(200, { 'content-length': '9999' }).write('{', () => response.destroy()),
    ],
  ])('%s gives nothing, and is not asked for again at once', async (_, listener) => {
    const url = await serve(listener);
    const sets = createKeySets({ now: () => 0, loopback: true });
    expect([await sets(url), await sets(url), asked]).toEqual([undefined, undefined, 1]);
  });

  test.each([
    ['max-age=60', 60],
    ['max-age=86400', 300],
    ['', 300],
    ['public, max-age=7', 7],
    ['no-store', 0],
  ])('Cache-Control "%s": kept for %d seconds', async (header, seconds) => {
    const url = await serve((_, response) => response.setHeader('cache-control', header).end(set));
    let time = 0;
    const sets = createKeySets({ now: () => time, loopback: true });
    await sets(url);
    time = seconds * 1000 - 1;
    if (seconds > 0) await sets(url);
    expect(asked).toBe(1);
    time = seconds * 1000;
    await sets(url);
    expect(asked).toBe(2);
  });
});

describe('a key that the kept set lacks', () => {
  test('is looked for once more, and then not for half a minute', async () => {
    let keys = [publicPart(key)];
    const url = await serve((_, response) => response.end(JSON.stringify({ keys })));
    let time = 0;
    const sets = createKeySets({ now: () => time, loopback: true });
    await sets(url);
    const next = createKey();
    keys = [publicPart(key), publicPart(next)];
    time = 29_999;
    expect([(await sets(url, next.kid))?.length, asked]).toEqual([1, 1]);
    time = 30_000;
    expect([(await sets(url, next.kid))?.length, asked]).toEqual([2, 2]);
    for (let i = 0; i < 20; i++) await sets(url, `never-${i}`);
    expect([(await sets(url, key.kid))?.length, asked]).toEqual([2, 2]);
    time = 60_000;
    await Promise.all(Array.from({ length: 20 }, (_, i) => sets(url, `never-${i}`)));
    expect(asked).toBe(3);
  });

  test('does not cost the keys that are good, when the set cannot be had', async () => {
    let status = 200;
    const url = await serve((_, response) => response.writeHead(status).end(set));
    let time = 0;
    const sets = createKeySets({ now: () => time, loopback: true });
    await sets(url);
    [status, time] = [500, 100_000];
    expect([(await sets(url, 'never'))?.length, asked]).toEqual([1, 2]);
    expect([(await sets(url, key.kid))?.length, asked]).toEqual([1, 2]);
    time = 300_000;
    expect([await sets(url, key.kid), asked]).toEqual([undefined, 3]);
  });
});

test('a client changes its key: the new one is good at its first use, the old one no more', async () => {
  let keys = [publicPart(key)];
  const url = await serve((_, response) => response.end(JSON.stringify({ keys })));
  const first = await startSandbox();
  const file = `${first.dataDir}/far/clients.json`;
  writeOwnerOnly(file, { clients: [{ client_id: 'far', kind: 'operator', active: true, jwks_uri: url }] });
  let ahead = 0;
  const keySets = createKeySets({ now: () => Date.now() + ahead, loopback: true });
  const there = await startSandbox({ dataDir: `${first.dataDir}/far`, clients: openClients(file, 'sandbox'), keySets });
  const statusWith = async (one: typeof key) =>
    (await there.ask('far', { client_assertion: assertion('far', there.tokenEndpoint, one) })).status;
  try {
    expect(await statusWith(key)).toBe(200);
    const next = createKey();
    keys = [publicPart(next)];
    ahead = 31_000;
    expect([await statusWith(next), await statusWith(key)]).toEqual([200, 401]);
  } finally {
    for (const one of [there, first]) await one.close();
  }
});

test('a client with a jwks_uri gets its token by a key that stands there; jku only when it says the same', async () => {
  const url = await serve((_, response) => response.end(JSON.stringify({ keys: [publicPart(key), { kty: 'oct', k: 'AAAA', kid: 'x' }] })));
  const first = await startSandbox();
  const file = `${first.dataDir}/far/clients.json`;
  writeOwnerOnly(file, { clients: [{ client_id: 'far', kind: 'operator', active: true, jwks_uri: url }] });
  const clients = openClients(file, 'sandbox');
  const there = await startSandbox({ dataDir: `${first.dataDir}/far`, clients, keySets: createKeySets({ now: Date.now, loopback: true }) });
  const strict = await startSandbox({ dataDir: `${first.dataDir}/far`, clients });
  try {
    const good = await there.ask('far', { client_assertion: assertion('far', there.tokenEndpoint, key) });
    const other = await there.ask('far', { client_assertion: assertion('far', there.tokenEndpoint, createKey()) });
    const refused = await strict.ask('far', { client_assertion: assertion('far', strict.tokenEndpoint, key) });
    const withJku = (jku: string) =>
      there.ask('far', {
        client_assertion: jwt({ alg: 'ES384', kid: key.kid, jku }, claimsOf('far', there.tokenEndpoint), signedBy(key, 'sha384')),
      });
    expect([(await withJku(url)).status, (await withJku(`${url}/other`)).status]).toEqual([200, 401]);
    expect([good.status, other.status, refused.status, refused.body['error']]).toEqual([200, 401, 401, 'invalid_client']);
  } finally {
    for (const one of [strict, there, first]) await one.close();
  }
});
