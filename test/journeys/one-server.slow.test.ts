// docs/mongodb.md: two processes over one MongoDB, behind one address, are one authorization server and keep one set of answers
// https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#signature-verification, RFC 6749 §10.5, RFC 7009, https://hl7.org/fhir/R4/async.html

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { assertion, assertionType } from '../../src/auth/assertion.ts';
import { readJson } from '../../src/auth/files.ts';
import type { Jwk } from '../../src/auth/keys.ts';
import { clientKeyFile } from '../../src/auth/layout.ts';
import { Browser, pkce } from '../auth/launch.ts';
import { documents, withMongo } from '../fhir/store/mongodb/database.ts';
import { type Address, freePort, oneAddress } from './one-address.ts';
import { type SharedServers, sharedServers } from './shared-store.ts';

type Body = { readonly [member: string]: unknown };
interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
}

withMongo('two processes behind one address', () => {
  let servers: SharedServers;
  let address: Address;
  beforeAll(async () => {
    address = await oneAddress();
    servers = await sharedServers();
    for (let i = 0; i < 2; i++) {
      const port = await freePort();
      address.ports.push(port);
      await servers.start({ BASE_URL: `${address.origin}/fhir`, PORT: String(port) });
    }
  }, 120_000);
  afterAll(async () => {
    await address.close();
    await servers.remove();
  }, 60_000);

  async function ask(server: number, url: string, init: RequestInit & { readonly headers?: Record<string, string> } = {}): Promise<Told> {
    const response = await fetch(`${address.origin}${url}`, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, 'x-server': String(server) },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text.startsWith('{') ? JSON.parse(text) : {} };
  }
  const post = (server: number, url: string, form: Record<string, string>) =>
    ask(server, url, { method: 'POST', body: new URLSearchParams(form) });
  const key = (client: string) => readJson(clientKeyFile(servers.first, client)) as Jwk;
  const assertionOf = (client: string) => assertion(client, `${address.origin}/oauth/token`, key(client));
  const proof = (client: string) => ({ client_assertion_type: assertionType, client_assertion: assertionOf(client) });
  const tokenOf = async (client: string, server = 0): Promise<string> => {
    const { body } = await post(server, '/oauth/token', { grant_type: 'client_credentials', ...proof(client) });
    return String(body['access_token']);
  };
  const bearer = (token: unknown, more: Record<string, string> = {}) => ({ authorization: `Bearer ${token}`, ...more });
  const reads = async (token: unknown): Promise<number[]> =>
    Promise.all([0, 1].map(async server => (await ask(server, '/fhir/Organization?_count=1', { headers: bearer(token) })).status));

  /** The front desk signs in, each of its requests through another process than the one before; and the form that redeems the code. */
  async function signedIn(): Promise<Record<string, string>> {
    const password = JSON.parse(readFileSync(path.join(servers.first, 'accounts/desk-1.password.json'), 'utf8')) as string;
    const { verifier, challenge } = pkce();
    const redirect_uri = `${address.origin}/app/desk/`;
    const asked = {
      ...{ response_type: 'code', client_id: 'desk-app', redirect_uri, state: 's', aud: `${address.origin}/fhir` },
      ...{ scope: 'openid fhirUser offline_access user/Organization.rs', code_challenge: challenge, code_challenge_method: 'S256' },
    };
    const browser = new Browser(address.origin);
    const first = await browser.request(`${address.origin}/oauth/authorize?${new URLSearchParams(asked)}`);
    const second = await browser.submit(first, 'sign-in', { login: 'desk-1', password });
    const code = new URL((await browser.submit(second, 'agree')).url).searchParams.get('code')!;
    return { grant_type: 'authorization_code', code, redirect_uri, client_id: 'desk-app', code_verifier: verifier };
  }

  test('an assertion that one process took is refused by the other; of twenty at once through both one is taken', async () => {
    const form = { grant_type: 'client_credentials', ...proof('tester') };
    expect((await post(0, '/oauth/token', form)).status).toBe(200);
    for (const server of [1, 0]) {
      const again = await post(server, '/oauth/token', form);
      expect([again.status, again.body['error']]).toEqual([401, 'invalid_client']);
    }
    const raced = { grant_type: 'client_credentials', ...proof('tester') };
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => post(n % 2, '/oauth/token', raced)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, ...Array(19).fill(401)]);
  }, 60_000);

  test('a code that was made by both is redeemed by either, once; a second use calls back what the first one gave', async () => {
    const form = await signedIn();
    const first = await post(0, '/oauth/token', form);
    expect(first.status).toBe(200);
    expect(await reads(first.body['access_token'])).toEqual([200, 200]);
    const second = await post(1, '/oauth/token', form);
    expect([second.status, second.body['error']]).toEqual([400, 'invalid_grant']);
    expect(await reads(first.body['access_token'])).toEqual([401, 401]);
  }, 60_000);

  test('a code that is redeemed through both at once gives tokens once at most', async () => {
    const form = await signedIn();
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => post(n % 2, '/oauth/token', form)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    for (const { status, body } of answers) if (status === 200) expect(await reads(body['access_token'])).toEqual([401, 401]);
  }, 60_000);

  test('a refresh token of one process is good in the other, once; the one before it calls all back, everywhere', async () => {
    const first = (await post(0, '/oauth/token', await signedIn())).body;
    const refresh = (server: number, refresh_token: unknown) =>
      post(server, '/oauth/token', { grant_type: 'refresh_token', client_id: 'desk-app', refresh_token: String(refresh_token) });
    const second = await refresh(1, first['refresh_token']);
    expect(second.status).toBe(200);
    const third = await refresh(0, second.body['refresh_token']);
    expect([third.status, await reads(third.body['access_token'])]).toEqual([200, [200, 200]]);
    expect((await refresh(1, first['refresh_token'])).body['error']).toBe('invalid_grant');
    expect((await refresh(0, third.body['refresh_token'])).body['error']).toBe('invalid_grant');
    expect(await reads(third.body['access_token'])).toEqual([401, 401]);
  }, 60_000);

  test('a token that is called back in one process is dead in the other from the answer on', async () => {
    const token = await tokenOf('tester');
    expect(await reads(token)).toEqual([200, 200]);
    expect((await post(0, '/oauth/revoke', { token, ...proof('tester') })).status).toBe(200);
    expect(await reads(token)).toEqual([401, 401]);
    const told = await post(1, '/oauth/introspect', { token, ...proof('tester') });
    expect(told.body).toEqual({ active: false });
    const app = (await post(1, '/oauth/token', await signedIn())).body;
    expect((await post(1, '/oauth/revoke', { token: String(app['refresh_token']), client_id: 'desk-app' })).status).toBe(200);
    expect(await reads(app['access_token'])).toEqual([401, 401]);
  }, 60_000);

  test('a client that is switched off through one process is off in the other from the answer on', async () => {
    const [operator, token] = [await tokenOf('operator'), await tokenOf('hospital-2')];
    const switched = (server: number, active: boolean) =>
      ask(server, '/fhir/$switch-client', {
        method: 'POST',
        headers: bearer(operator, { 'content-type': 'application/fhir+json' }),
        body: JSON.stringify({
          resourceType: 'Parameters',
          parameter: [
            { name: 'client', valueString: 'hospital-2' },
            { name: 'active', valueBoolean: active },
          ],
        }),
      });
    const asks = (server: number) => post(server, '/oauth/token', { grant_type: 'client_credentials', ...proof('hospital-2') });
    expect([await reads(token), (await switched(0, false)).status]).toEqual([[200, 200], 200]);
    expect([await reads(token), (await asks(1)).status, (await asks(0)).status]).toEqual([[401, 401], 401, 401]);
    expect([(await switched(1, true)).status, (await asks(0)).status, (await asks(1)).status]).toEqual([200, 200, 200]);
  }, 60_000);

  test('wrong passwords count together: five through both, and the right one opens neither', async () => {
    const { challenge } = pkce();
    const asked = {
      ...{ response_type: 'code', client_id: 'desk-app', redirect_uri: `${address.origin}/app/desk/`, state: 's' },
      ...{ aud: `${address.origin}/fhir`, scope: 'user/Organization.rs', code_challenge: challenge, code_challenge_method: 'S256' },
    };
    const browser = new Browser(address.origin);
    const password = JSON.parse(readFileSync(path.join(servers.first, 'accounts/desk-2.password.json'), 'utf8')) as string;
    let page = await browser.request(`${address.origin}/oauth/authorize?${new URLSearchParams(asked)}`);
    expect((await browser.submit(page, 'sign-in', { login: 'desk-2', password })).status).toBe(200);
    page = await browser.request(`${address.origin}/oauth/authorize?${new URLSearchParams({ ...asked, prompt: 'login' })}`);
    for (let i = 0; i < 5; i++) page = await browser.submit(page, 'sign-in', { login: 'desk-2', password: 'wrong' });
    for (let i = 0; i < 2; i++) {
      page = await browser.submit(page, 'sign-in', { login: 'desk-2', password });
      expect(page.status).toBe(401);
    }
  }, 60_000);

  test('a request that one process took is answered later by the other, to its client alone, until it is deleted', async () => {
    const [tester, hospital] = [await tokenOf('tester'), await tokenOf('hospital-1', 1)];
    const canary = { resourceType: 'Patient', id: 'canary-async', name: [{ family: 'canary-name' }] };
    const later = { prefer: 'respond-async' };
    const json = { 'content-type': 'application/fhir+json' };
    const entry = [{ resource: canary, request: { method: 'PUT', url: 'Patient/canary-async' } }];
    const result = async (server: number, taken: Told, token = tester): Promise<Told> => {
      for (;;) {
        const url = new URL(taken.headers.get('content-location')!).pathname;
        const told = await ask(server, url, { headers: bearer(token) });
        if (told.status !== 202) return told;
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    };
    const written = await ask(0, '/fhir', {
      method: 'POST',
      headers: bearer(tester, { ...later, ...json }),
      body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
    });
    expect([written.status, (await result(1, written)).text.includes('201 Created')]).toEqual([202, true]);
    const read = await ask(1, '/fhir/Patient?_id=canary-async', { headers: bearer(tester, later) });
    for (const server of [0, 1]) expect((await result(server, read)).text).toContain('canary-name');
    expect((await result(0, read, hospital)).status).toBe(404);
    const lying = JSON.stringify(await documents(servers.uri, 'kept'), (_, value) =>
      value?._bsontype === 'Binary' ? Buffer.from(value.buffer).toString('latin1') : value,
    );
    expect(lying).not.toMatch(/canary|tester|desk/);
    const url = new URL(read.headers.get('content-location')!).pathname;
    expect((await ask(0, url, { method: 'DELETE', headers: bearer(tester) })).status).toBe(202);
    for (const server of [0, 1]) expect((await ask(server, url, { headers: bearer(tester) })).status).toBe(404);
  }, 60_000);

  test('a patient in a result that lies with both objects: neither shows it any more', async () => {
    const tester = await tokenOf('tester');
    const json = { 'content-type': 'application/fhir+json' };
    const number = { system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: 'objects' };
    const put = (server: number, token: string, id: string, resource: object) =>
      ask(server, `/fhir/${id}`, { method: 'PUT', headers: bearer(token, json), body: JSON.stringify(resource) });
    const patient = { resourceType: 'Patient', id: 'objects', identifier: [number], name: [{ family: 'canary-objects' }] };
    expect((await put(0, tester, 'Patient/objects', patient)).status).toBe(201);
    const taken = await ask(0, '/fhir/Patient?_id=objects', { headers: bearer(tester, { prefer: 'respond-async' }) });
    const url = new URL(taken.headers.get('content-location')!).pathname;
    while ((await ask(1, url, { headers: bearer(tester) })).status === 202) await new Promise(resolve => setTimeout(resolve, 20));
    const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
    const consent = {
      ...{ resourceType: 'Consent', id: 'objects', status: 'active', patient: { identifier: number }, dateTime: '2026-01-01' },
      scope: coding('http://terminology.hl7.org/CodeSystem/consentscope', 'research'),
      category: [coding('http://loinc.org', '59284-0')],
      policyRule: coding('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTOUT'),
      provision: { type: 'deny' },
    };
    expect((await put(1, tester, 'Consent/objects', consent)).status).toBe(201);
    for (const server of [0, 1]) {
      const told = await ask(server, url, { headers: bearer(tester) });
      expect([[200, 404, 410].includes(told.status), told.text.includes('canary-objects')]).toEqual([true, false]);
    }
  }, 60_000);
});
