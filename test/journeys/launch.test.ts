// https://hl7.org/fhir/smart-app-launch/app-launch.html: a patient opens an app, signs in, and reads his own record; the log says who did what

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle, Endpoint, Organization } from '@medplum/fhirtypes';
import { Client } from 'fhir-kit-client';
import { command } from '../../src/commands/account.ts';
import { Browser, pkce } from '../auth/launch.ts';
import { loadAll, openWorld, refusal, total, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld(6, 'launch');
  await loadAll(world);
}, 120_000);
afterAll(() => world.close());

/** Makes an account as the command line does. */
async function account(...flags: string[]): Promise<string> {
  let password = '';
  const run = command.run as (args: string[], environment: object, out: (text: string) => void) => Promise<number>;
  await run([...flags, '--data', world.data], {}, text => {
    password = text.trim();
  });
  return password;
}

async function discovery(): Promise<Record<string, string>> {
  const response = await fetch(`${world.baseUrl}/.well-known/smart-configuration`, { headers: { origin: 'https://anywhere.example' } });
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  return (await response.json()) as Record<string, string>;
}

test('an app that knows nothing but the base URL gets the records of who signs in, and of nobody else', async () => {
  const tester = await world.as('tester');
  const { entry = [] } = (await tester.search({ resourceType: 'Patient', searchParams: { _count: '2' } })) as unknown as Bundle;
  const [one, other] = entry.map(e => e.resource!.id!) as [string, string];
  const password = await account('--login', 'one', '--patient', `Patient/${one}`, '--for', `Patient/${other}`);
  const { authorization_endpoint: authorize, token_endpoint: token, issuer } = await discovery();
  const origin = new URL(world.baseUrl).origin;
  const { verifier, challenge } = pkce();
  const redirect_uri = `${origin}/app/objection/`;
  const asked = {
    ...{ response_type: 'code', client_id: 'objection-app', redirect_uri, state: 's', aud: world.baseUrl },
    ...{ scope: 'openid fhirUser launch/patient offline_access patient/*.rs', code_challenge: challenge, code_challenge_method: 'S256' },
  };
  const browser = new Browser(origin);
  const first = await browser.request(`${authorize}?${new URLSearchParams(asked)}`);
  expect(first.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  const second = await browser.submit(first, 'sign-in', { login: 'one', password });
  // Children are told apart by what the record says of them.
  expect(second.html.match(/<small>/g)!.length).toBeGreaterThan(2);
  const last = await browser.submit(second, 'agree', { patient: `Patient/${one}` });
  const back = new URL(last.url);
  expect([back.origin + back.pathname, back.searchParams.get('iss')]).toEqual([redirect_uri, issuer]);
  const form = {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code')!,
    redirect_uri,
    client_id: 'objection-app',
    code_verifier: verifier,
  };
  const answer = await fetch(token!, { method: 'POST', body: new URLSearchParams(form), headers: { origin } });
  const body = (await answer.json()) as Record<string, string>;
  expect([answer.status, answer.headers.get('access-control-allow-origin'), body['patient']]).toEqual([200, origin, one]);

  const app = new Client({ baseUrl: world.baseUrl, bearerToken: body['access_token']! });
  expect(await app.read({ resourceType: 'Patient', id: one })).toMatchObject({ id: one });
  expect((await refusal(app.read({ resourceType: 'Patient', id: other }))).status).toBe(404);
  expect(await total(app, 'Patient')).toBe(1);

  const operator = await world.as('operator');
  const events = async (parameters: Record<string, string>): Promise<AuditEvent[]> =>
    ((await operator.search({ resourceType: 'AuditEvent', searchParams: parameters })) as unknown as Bundle<AuditEvent>).entry?.map(
      e => e.resource!,
    ) ?? [];
  const read = (await events({ agent: 'objection-app', subtype: 'read', patient: `Patient/${one}` }))[0]!;
  expect(read.agent.find(agent => agent.requestor)?.who).toMatchObject({ reference: `Patient/${one}` });
  const signIns = await events({ agent: 'objection-app', subtype: 'sign-in' });
  expect(signIns.length).toBeGreaterThan(1);
  expect(JSON.stringify(signIns)).not.toMatch(/login|password|"one"/);
});

test('the sandbox’s front desk signs in with the account of its first start', async () => {
  const { readFileSync } = await import('node:fs');
  const password = JSON.parse(readFileSync(`${world.data}/accounts/desk-1.password.json`, 'utf8')) as string;
  const { authorization_endpoint: authorize, token_endpoint: token } = await discovery();
  const origin = new URL(world.baseUrl).origin;
  const { verifier, challenge } = pkce();
  const redirect_uri = `${origin}/app/desk/`;
  const asked = {
    ...{ response_type: 'code', client_id: 'desk-app', redirect_uri, state: 's', aud: world.baseUrl },
    ...{ scope: 'openid fhirUser user/Patient.rs user/Communication.crs', code_challenge: challenge, code_challenge_method: 'S256' },
  };
  const browser = new Browser(origin);
  const second = await browser.submit(await browser.request(`${authorize}?${new URLSearchParams(asked)}`), 'sign-in', {
    login: 'desk-1',
    password,
  });
  const code = new URL((await browser.submit(second, 'agree')).url).searchParams.get('code')!;
  const form = { grant_type: 'authorization_code', code, redirect_uri, client_id: 'desk-app', code_verifier: verifier };
  const body = (await (await fetch(token!, { method: 'POST', body: new URLSearchParams(form) })).json()) as Record<string, string>;
  const [desk, hospital] = [new Client({ baseUrl: world.baseUrl, bearerToken: body['access_token']! }), await world.as('hospital-1')];
  expect(await total(desk, 'Patient')).toBe(await total(hospital, 'Patient'));
  expect((await refusal(desk.search({ resourceType: 'Observation' }))).status).toBe(403);
});

// https://hl7.org/fhir/smart-app-launch/brands.html
test('brands: who holds whose records, with one brand that stands for this server', async () => {
  const found = (await discovery()) as unknown as {
    user_access_brand_bundle: string;
    user_access_brand_identifier: { system: string; value: string };
  };
  const answer = await fetch(found.user_access_brand_bundle, { headers: { origin: 'https://anywhere.example' } });
  const bundle = (await answer.json()) as Bundle<Organization | Endpoint>;
  expect([answer.status, answer.headers.get('access-control-allow-origin'), bundle.type]).toEqual([200, '*', 'collection']);
  expect(bundle.timestamp).toMatch(/^\d{4}-/);
  const all = bundle.entry!.map(e => e.resource!);
  const { value } = found.user_access_brand_identifier;
  expect(all.filter(one => one.resourceType === 'Organization' && one.identifier?.some(id => id.value === value))).toHaveLength(1);
  expect(all.map(one => one.id)).toEqual(expect.arrayContaining(['hospital-1', 'hospital-2', 'fhir']));
  expect(all.find((one): one is Endpoint => one.resourceType === 'Endpoint')!.address).toBe(world.baseUrl);
  const etag = answer.headers.get('etag')!;
  expect(etag).toMatch(/^W\//);
  expect((await fetch(found.user_access_brand_bundle, { headers: { 'if-none-match': etag } })).status).toBe(304);
});
