// https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth: sign-in by an OpenID provider elsewhere

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { accountsFile, putAccount } from '../../src/auth/accounts.ts';
import { writeOwnerOnly } from '../../src/auth/files.ts';
import { createKey, publicPart, sandboxSigningKeys } from '../../src/auth/keys.ts';
import { Browser, pkce } from './launch.ts';
import { jwt, remove, type Sandbox, signedBy, startSandbox } from './sandbox.ts';

let provider: Server;
let sandbox: Sandbox;
let issuer: string;
let seen: URLSearchParams;
/** What the provider says next. */
let said: { sub: string; nonce?: string; aud?: string };
const secretKey = createKey();

const bodyOf = async (request: IncomingMessage) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString());
};

beforeAll(async () => {
  let rsa: ReturnType<typeof sandboxSigningKeys>[number];
  let form: URLSearchParams;
  provider = createServer(async (request, response) => {
    const url = new URL(request.url!, issuer);
    const json = (body: object) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/.well-known/openid-configuration')
      return json({ issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` });
    if (url.pathname === '/jwks') return json({ keys: [publicPart(rsa)] });
    if (url.pathname === '/auth') {
      seen = url.searchParams;
      const back = new URL(seen.get('redirect_uri')!);
      back.search = new URLSearchParams({ code: 'c', state: seen.get('state')! }).toString();
      return response.writeHead(303, { location: back.href }).end();
    }
    form = await bodyOf(request);
    if (form.get('code_verifier') === null || form.get('client_assertion') === null) return response.writeHead(400).end();
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, aud: 'noren', iat: now, exp: now + 60, nonce: seen.get('nonce'), ...said };
    return json({
      access_token: 'a',
      token_type: 'Bearer',
      id_token: jwt({ alg: 'RS256', kid: rsa.kid }, claims, signedBy(rsa, 'sha256')),
    });
  }).listen(0, '127.0.0.1');
  await new Promise(resolve => provider.once('listening', resolve));
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  sandbox = await startSandbox();
  rsa = sandboxSigningKeys(sandbox.dataDir).find(key => key.kty === 'RSA')!;
  await sandbox.close();
  const keyFile = path.join(sandbox.dataDir, 'upstream.json');
  writeOwnerOnly(keyFile, secretKey);
  putAccount(accountsFile(sandbox.dataDir), { login: 'x', upstream: 'sub-1', fhirUser: 'Patient/1', patients: ['Patient/1'] });
  sandbox = await startSandbox({ dataDir: sandbox.dataDir, upstream: { issuer, clientId: 'noren', keyFile } });
});
afterAll(async () => {
  await sandbox.close();
  provider.closeAllConnections();
  provider.close();
  remove(sandbox);
});
beforeEach(() => {
  said = { sub: 'sub-1' };
});

async function start(browser: Browser) {
  const { verifier, challenge } = pkce();
  const origin = new URL(sandbox.baseUrl).origin;
  const redirect_uri = `${origin}/app/objection/`;
  const asked = {
    ...{ response_type: 'code', client_id: 'objection-app', redirect_uri, state: 's', aud: sandbox.baseUrl },
    ...{ scope: 'openid launch/patient patient/*.rs', code_challenge: challenge, code_challenge_method: 'S256' },
  };
  return { page: await browser.request(`${sandbox.authorization.issuer}/authorize?${new URLSearchParams(asked)}`), verifier, redirect_uri };
}

const browserOf = () => new Browser(new URL(sandbox.baseUrl).origin);

test('there and back: who is known by sub signs in without a password here', async () => {
  const browser = browserOf();
  const { page, verifier, redirect_uri } = await start(browser);
  expect(page.html).not.toContain('type="password"');
  const there = await browser.submit(page, 'elsewhere');
  const away = await fetch(there.url, { redirect: 'manual' });
  const consent = await browser.request(away.headers.get('location')!);
  const code = new URL((await browser.submit(consent, 'agree')).url).searchParams.get('code')!;
  const form = { grant_type: 'authorization_code', code, redirect_uri, client_id: 'objection-app', code_verifier: verifier };
  expect((await sandbox.post(form)).body).toMatchObject({ patient: '1' });
  expect(seen.get('code_challenge_method')).toBe('S256');
});

test.each([
  ['somebody unknown', { sub: 'stranger' }, 200],
  ['an ID token with another nonce', { sub: 'sub-1', nonce: 'other' }, 400],
  ['an ID token for another client', { sub: 'sub-1', aud: 'other' }, 400],
])('%s signs in nobody', async (_name, says, status) => {
  said = says;
  const browser = browserOf();
  const there = await browser.submit((await start(browser)).page, 'elsewhere');
  const away = await fetch(there.url, { redirect: 'manual' });
  const page = await browser.request(away.headers.get('location')!);
  expect(page.status).toBe(status);
  expect(page.html).not.toContain('value="agree"');
});

test('who comes back in another browser signs in nobody, in either', async () => {
  const browser = browserOf();
  const { page } = await start(browser);
  const there = await browser.submit(page, 'elsewhere');
  const away = await fetch(there.url, { redirect: 'manual' });
  expect((await browserOf().request(away.headers.get('location')!)).status).toBe(400);
  expect((await browser.request(page.url)).html).not.toContain('value="agree"');
});

test('a password is no way in beside it', async () => {
  const browser = browserOf();
  const { page } = await start(browser);
  expect((await browser.request(page.url, new URLSearchParams({ action: 'sign-in', login: 'x', password: 'y' }))).status).toBe(401);
});
