// RFC 9068, RFC 8725; https://www.keycloak.org/docs/latest/server_admin/#_client_scopes (a token as it is sent by another issuer)
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { assertion } from '../../src/auth/assertion.ts';
import { openClients } from '../../src/auth/clients.ts';
import { createExternal } from '../../src/auth/external.ts';
import { writeOwnerOnly } from '../../src/auth/files.ts';
import { createKey, type Jwk, publicPart } from '../../src/auth/keys.ts';
import { jwt, type Sandbox, signedBy, startSandbox } from './sandbox.ts';

/** The slash at its end is part of it. */
const issuer = 'https://id.example/realms/hospital/';
const rsa: Jwk = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid: 'r1' };
const ec = createKey();
const other = createKey();

let keys: object[];
let asked = 0;
let answers = true;
let far: Server;
let dir: string;
let there: Sandbox;

const row = (client_id: string, kind: string, more: object = { external: true }) => ({ client_id, kind, active: true, ...more });

beforeAll(async () => {
  far = createServer((_, response) => {
    asked++;
    if (answers) response.setHeader('cache-control', 'max-age=60').end(JSON.stringify({ keys }));
    else response.writeHead(500).end();
  });
  await new Promise<void>(resolve => far.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  far.close();
});

async function start(): Promise<void> {
  dir = mkdtempSync(path.join(tmpdir(), 'noren-external-'));
  const file = path.join(dir, 'clients.json');
  writeOwnerOnly(file, {
    clients: [
      row('reader', 'operator', { external: true, scope: 'system/*.rs system/Consent.cruds?status=active' }),
      row('app', 'patient-app'),
      row('here', 'operator', { jwks: { keys: [publicPart(ec)] } }),
    ],
  });
  there = await startSandbox({
    dataDir: dir,
    clients: openClients(file, 'sandbox'),
    loopback: true,
    external: { issuer, jwksUri: `http://127.0.0.1:${(far.address() as AddressInfo).port}/certs`, audience: 'noren' },
  });
}
async function stop(): Promise<void> {
  await there.close();
  rmSync(dir, { recursive: true, force: true });
}

const seconds = () => Math.floor((Date.now() + there.clockMs) / 1000);
const claims = (more: object = {}): object => ({
  iss: issuer,
  aud: ['account', 'noren'],
  azp: 'reader',
  sub: '7d1a',
  typ: 'Bearer',
  jti: 'j-1',
  scope: 'openid profile system/Patient.rs',
  iat: seconds(),
  exp: seconds() + 60,
  ...more,
});
const rs256 = signedBy(rsa, 'sha256');
const token = (more: object = {}, header: object = {}) => jwt({ alg: 'RS256', typ: 'JWT', kid: 'r1', ...header }, claims(more), rs256);
async function use(bearer: string) {
  const response = await fetch(`${there.baseUrl}/Patient`, { headers: { Authorization: `Bearer ${bearer}` } });
  const body = (await response.json()) as {
    agent: Record<string, unknown>;
    permits: Record<string, string>;
    reach: Record<string, object[]>;
  };
  return { status: response.status, headers: response.headers, body };
}
const statusOf = async (bearer: string) => (await use(bearer)).status;

describe('a token of another issuer', () => {
  beforeAll(async () => {
    keys = [
      { ...publicPart(rsa), alg: 'RS256' },
      { ...publicPart(rsa), kid: 'enc', use: 'enc', alg: 'RSA-OAEP' },
      publicPart(ec),
      publicPart({ ...ec, kid: 'twice' }),
      publicPart({ ...other, kid: 'twice' }),
      { ...publicPart(rsa), kid: 'enc-2', use: 'enc', alg: undefined },
    ];
    await start();
  });
  afterAll(stop);

  test('opens what it says, within what its client is registered for', async () => {
    const { status, body } = await use(token({ scope: 'system/*.cruds' }));
    expect(status).toBe(200);
    expect(body.agent).toEqual({ client: 'reader', role: 'operator', sender: 'client/reader', purpose: 'HOPERAT', token: 'j-1' });
    expect([body.permits['Organization'], body.permits['Consent'], body.permits['Patient']]).toEqual(['rs', 'cruds', undefined]);
  });

  test.each([
    ['its scopes in a list', { scope: ['system/Organization.rs', 'openid'] }],
    ['client_id instead of azp', { azp: undefined, client_id: 'reader', scope: 'system/Organization.rs' }],
    ['both, the same', { client_id: 'reader', scope: 'system/Organization.rs' }],
    ['one audience', { aud: 'noren', scope: 'system/Organization.rs' }],
    ['no typ, no jti', { typ: undefined, jti: undefined, scope: 'system/Organization.rs' }],
  ])('is taken with %s', async (_, more) => {
    const { status, body } = await use(token(more));
    expect([status, body.permits['Organization'], body.permits['Consent']]).toEqual([200, 'rs', undefined]);
  });

  test('by a key on an elliptic curve too', async () => {
    expect(await statusOf(jwt({ alg: 'ES384', kid: ec.kid, typ: 'at+jwt' }, claims(), signedBy(ec)))).toBe(200);
  });

  test.each([
    ['of another audience', { aud: ['account'] }],
    ['without an audience', { aud: undefined }],
    ['of an issuer that is spelt otherwise', { iss: issuer.slice(0, -1) }],
    ['of an issuer in a list', { iss: [issuer] }],
    ['that has expired', { exp: 1_700_000_000 }],
    ['without an end', { exp: undefined }],
    ['that lives for longer than a day', { exp: 4_000_000_000 }],
    ['that is not good yet', { nbf: 4_000_000_000 }],
    ['that is an ID token', { typ: 'ID' }],
    ['that is a refresh token', { typ: 'Refresh' }],
    ['of two clients', { client_id: 'app' }],
    ['of no client', { azp: undefined }],
    ['of a client that is not registered', { azp: 'stranger' }],
    ['of a client that is registered for tokens from here', { azp: 'here' }],
    ['without scopes', { scope: undefined }],
    ['with scopes that are no texts', { scope: ['system/*.rs', 5] }],
    ['with 201 scopes', { scope: Array.from({ length: 201 }, () => 'user/*.r') }],
    ['longer than any token', { scope: 'system/Patient.rs '.repeat(500) }],
    ['with a patient who is none', { patient: 'Group/g' }],
    ['with a patient out of a path', { patient: '../b' }],
    ['with a version of a patient', { patient: 'Patient/a/_history/1' }],
  ])('%s: 401', async (_, more) => {
    const { status, headers } = await use(token(more));
    expect([status, headers.get('www-authenticate')?.startsWith('Bearer realm="noren", error="invalid_token"')]).toEqual([401, true]);
  });

  test.each([
    ['alg none', () => jwt({ alg: 'none', kid: 'r1' }, claims())],
    [
      'HS256 by the public key',
      () =>
        jwt({ alg: 'HS256', kid: 'r1' }, claims(), input =>
          createHmac('sha256', JSON.stringify(publicPart(rsa)))
            .update(input)
            .digest(),
        ),
    ],
    ['another algorithm than the key has', () => jwt({ alg: 'RS384', kid: 'r1' }, claims(), signedBy(rsa, 'sha384'))],
    ['a key for encryption', () => token({}, { kid: 'enc' })],
    ['no kid', () => token({}, { kid: undefined })],
    ['a kid that is a path', () => token({}, { kid: '../../etc/passwd' })],
    ['a kid of two keys, by the first', () => jwt({ alg: 'ES384', kid: 'twice' }, claims(), signedBy(ec))],
    ['a kid of two keys, by the second', () => jwt({ alg: 'ES384', kid: 'twice' }, claims(), signedBy(other))],
    ['a key for encryption that names no algorithm', () => token({}, { kid: 'enc-2' })],
    ['a header that must be understood', () => token({}, { crit: ['b64'], b64: false })],
    ['a typ of something else', () => token({}, { typ: 'logout+jwt' })],
    ['the key of somebody else', () => jwt({ alg: 'ES384', kid: ec.kid }, claims(), signedBy(createKey()))],
    [
      'its claims changed',
      () => token().replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify(claims({ azp: 'app' }))).toString('base64url')}.`),
    ],
    ['its end cut off', () => token().slice(0, -9)],
  ])('with %s: 401', async (_, made) => expect(await statusOf(made())).toBe(401));

  test('a patient app acts for the patient that it names, by id or reference; without one it reaches nothing', async () => {
    for (const patient of ['a', 'Patient/a']) {
      const { body } = await use(token({ azp: 'app', scope: 'patient/*.rs', patient }));
      expect([body.agent['patient'], body.reach['Observation']]).toEqual(['Patient/a', [{ patient: 'Patient/a' }]]);
    }
    const { status, body } = await use(token({ azp: 'app', scope: 'patient/*.rs' }));
    expect([status, body.permits, body.reach]).toEqual([200, {}, {}]);
    expect((await use(token({ azp: 'app', scope: 'system/*.cruds user/*.rs', patient: 'a' }))).body.permits).toEqual({});
  });

  test('a scope with a query keeps it, and one that cannot be used gives nothing', async () => {
    const { body } = await use(token({ azp: 'app', scope: 'patient/Observation.rs?category=laboratory patient/Patient.rs', patient: 'a' }));
    expect(body.reach['Observation']).toEqual([
      { patient: 'Patient/a', letters: 'rs', where: [{ kind: 'token', code: 'category', values: [{ code: 'laboratory' }], not: false }] },
    ]);
    const other = await use(token({ azp: 'app', scope: 'patient/Observation.rs?category:not=x patient/Patient.rs', patient: 'a' }));
    expect(Object.keys(other.body.permits)).toEqual(['Patient']);
  });

  test('a client that is switched off: 401 at once, also for a token that was good', async () => {
    const good = token();
    expect(await statusOf(good)).toBe(200);
    await there.authorization.setActive('reader', false);
    expect(await statusOf(good)).toBe(401);
    await there.authorization.setActive('reader', true);
    expect(await statusOf(good)).toBe(200);
  });

  test('a token that was good ends with its life', async () => {
    const good = token({ exp: seconds() + 10 });
    expect(await statusOf(good)).toBe(200);
    there.clockMs = 16_500;
    expect(await statusOf(good)).toBe(401);
    there.clockMs = 0;
  });

  test('tokens of this server are taken as before', async () => {
    expect(await statusOf(await there.token('here', { client_assertion: assertion('here', there.tokenEndpoint, ec) }))).toBe(200);
  });
});

describe('the keys of another issuer', () => {
  afterEach(async () => {
    answers = true;
    await stop();
  });

  test('are there before the first token, and are not asked for with each', async () => {
    [keys, asked] = [[publicPart(rsa)], 0];
    await start();
    expect([await statusOf(token()), await statusOf(token()), await statusOf(token({ jti: 'j-2' })), asked]).toEqual([200, 200, 200, 1]);
  });

  test('change: the new one is good at its first use; what the old one signed is good no more', async () => {
    keys = [publicPart(rsa)];
    await start();
    const old = token();
    expect(await statusOf(old)).toBe(200);
    keys = [publicPart(ec)];
    there.clockMs = 31_000;
    expect(await statusOf(jwt({ alg: 'ES384', kid: ec.kid }, claims(), signedBy(ec)))).toBe(200);
    expect(await statusOf(old)).toBe(401);
  });

  test('cannot be had: 503 with Retry-After, not a word about the token; when they are there again it is good', async () => {
    [keys, answers] = [[publicPart(rsa)], false];
    await start();
    const { status, headers } = await use(token());
    expect([status, headers.get('retry-after')]).toEqual([503, '10']);
    answers = true;
    there.clockMs = 11_000;
    expect(await statusOf(token())).toBe(200);
  });
});

test.each([
  ['its keys on this machine', 'http://127.0.0.1:1/certs', issuer, /key set/],
  ['its keys at an address inside', 'https://169.254.169.254/certs', issuer, /key set/],
  ['the name of this server', 'https://id.example/certs', 'https://fhir.example/oauth', /must not be the issuer/],
])('an external issuer with %s stops the start', (_, jwksUri, name, sentence) => {
  const parts = { own: 'https://fhir.example/oauth', loopback: false, now: Date.now, keySets: async () => [] };
  const clients = { find: () => undefined, all: () => [], setActive: async () => false, fresh: () => undefined };
  expect(() => createExternal({ ...parts, clients, issuer: name, jwksUri, audience: 'noren' })).toThrow(sentence);
});
