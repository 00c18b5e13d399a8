// https://hl7.org/fhir/smart-app-launch/app-launch.html
// https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accountsFile, putAccount } from '../../src/auth/accounts.ts';
import { hashed } from '../../src/auth/password.ts';
import { Browser, pkce } from './launch.ts';
import { remove, type Sandbox, startSandbox } from './sandbox.ts';

let sandbox: Sandbox;
let origin: string;
const password = 'right-one';
beforeAll(async () => {
  sandbox = await startSandbox();
  origin = new URL(sandbox.baseUrl).origin;
  const hash = await hashed(password);
  const file = accountsFile(sandbox.dataDir);
  putAccount(file, { login: 'one', password: hash, fhirUser: 'Patient/1', patients: ['Patient/1'] });
  putAccount(file, { login: 'guardian', password: hash, fhirUser: 'RelatedPerson/7', patients: ['Patient/1', 'Patient/2'] });
  putAccount(file, { login: 'desk', password: hash, fhirUser: 'Practitioner/d', organization: 'Organization/hospital-1', patients: [] });
});
afterAll(async () => {
  await sandbox.close();
  remove(sandbox);
});

const redirect = () => `${origin}/app/objection/`;
const scope = 'openid fhirUser launch/patient patient/Patient.rs patient/Consent.crus';

function authorizeUrl(challenge: string, more: Record<string, string | undefined> = {}): string {
  const all = {
    response_type: 'code',
    client_id: 'objection-app',
    redirect_uri: redirect(),
    scope,
    state: 'the state',
    aud: sandbox.baseUrl,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  };
  const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `${sandbox.authorization.issuer}/authorize?${new URLSearchParams(given)}`;
}

/** The whole way to a token answer. */
async function launch(login = 'one', more: Record<string, string | undefined> = {}, fields = {}) {
  const { verifier, challenge } = pkce();
  const browser = new Browser(origin);
  const first = await browser.request(authorizeUrl(challenge, more));
  const second = await browser.submit(first, 'sign-in', { login, password });
  const last = await browser.submit(second, 'agree', fields);
  const code = new URL(last.url).searchParams.get('code');
  const form = {
    grant_type: 'authorization_code',
    code: code ?? '',
    redirect_uri: more['redirect_uri'] ?? redirect(),
    client_id: more['client_id'] ?? 'objection-app',
    code_verifier: verifier,
  };
  return { browser, first, second, last, form, answer: code === null ? undefined : await sandbox.post(form) };
}

const claims = (token: unknown): Record<string, unknown> => JSON.parse(Buffer.from(String(token).split('.')[1]!, 'base64url').toString());

describe('standalone launch of a patient app', () => {
  test('code and PKCE: token, id token, patient in context', async () => {
    const { last, answer } = await launch();
    expect(new URL(last.url).searchParams.get('state')).toBe('the state');
    expect(answer).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 300, patient: '1', need_patient_banner: true, scope },
    });
    expect([answer!.headers.get('cache-control'), answer!.headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    expect(claims(answer!.body['id_token'])).toMatchObject({ aud: 'objection-app', fhirUser: `${sandbox.baseUrl}/Patient/1` });
    expect(answer!.body).not.toHaveProperty('refresh_token');
    const access = await sandbox.authorization.authenticate(`Bearer ${answer!.body['access_token']}`);
    expect(access.agent).toMatchObject({ client: 'objection-app', role: 'patient', patient: 'Patient/1', user: 'Patient/1' });
    expect(access.reach['Patient']).toEqual([{ patient: 'Patient/1' }]);
    expect(access.reach['Observation']).toBeUndefined();
  });

  test('a guardian chooses for whom; another patient than those of the account cannot be slipped in', async () => {
    const ways = await launch('guardian', {}, { patient: 'Patient/2' });
    expect(ways.second.html.match(/name="patient"/g)).toHaveLength(2);
    expect(ways.answer!.body).toMatchObject({ patient: '2' });
    const slipped = await launch('guardian', {}, { patient: 'Patient/3' });
    expect([slipped.last.status, slipped.answer]).toEqual([400, undefined]);
  });

  test('scopes that are unticked are not granted, and not told of as granted', async () => {
    const { answer } = await launch('one', {}, { scope: 'patient/Patient.rs' });
    expect(answer!.body['scope']).toBe('openid fhirUser launch/patient patient/Patient.rs');
  });

  test('who says no goes back to the app with access_denied and the state', async () => {
    const browser = new Browser(origin);
    const first = await browser.request(authorizeUrl(pkce().challenge));
    const second = await browser.submit(first, 'sign-in', { login: 'one', password });
    for (const [page, action] of [[second, 'deny']] as const) {
      const { url } = await browser.submit(page, action);
      expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({ error: 'access_denied', state: 'the state' });
    }
  });

  test('POST to the authorize endpoint does as GET does', async () => {
    const { verifier, challenge } = pkce();
    const browser = new Browser(origin);
    const [place, query] = authorizeUrl(challenge).split('?') as [string, string];
    const first = await browser.request(place, new URLSearchParams(query));
    const last = await browser.submit(await browser.submit(first, 'sign-in', { login: 'one', password }), 'agree');
    const code = new URL(last.url).searchParams.get('code')!;
    const { status } = await sandbox.post({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirect(),
      client_id: 'objection-app',
      code_verifier: verifier,
    });
    expect(status).toBe(200);
  });

  test('aud: the base URL with or without its last slash', async () => {
    expect((await launch('one', { aud: `${sandbox.baseUrl}/` })).answer!.status).toBe(200);
  });

  test('who is signed in already is asked for leave again, not for the password', async () => {
    const { browser } = await launch();
    const page = await browser.request(authorizeUrl(pkce().challenge));
    expect(page.html).toContain('value="agree"');
    const other = await browser.submit(page, 'other');
    const next = await browser.submit(other, 'sign-in', { login: 'guardian', password });
    expect(next.html).toContain('guardian');
  });

  test('pages: in the language asked for, without script, for this app alone', async () => {
    const browser = new Browser(origin);
    const page = await browser.request(authorizeUrl(pkce().challenge), undefined, { 'accept-language': 'en-GB,en;q=0.9' });
    expect(page.html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page.html).not.toMatch(/<script|style="|onclick/);
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' http:\/\/127/,
    );
    const ja = await browser.request(`${page.url}?lang=ja`);
    expect(ja.html).toContain('<html lang="ja">');
    expect((await browser.request(page.url)).html).toContain('<html lang="ja">');
  });

  test('an app on another origin may be called by its pages; others may not', async () => {
    const preflight = (from: string) =>
      fetch(sandbox.tokenEndpoint, { method: 'OPTIONS', headers: { origin: from, 'access-control-request-method': 'POST' } });
    const [own, evil] = [await preflight(origin), await preflight('https://evil.example')];
    expect([own.status, own.headers.get('access-control-allow-origin'), own.headers.get('access-control-allow-credentials')]).toEqual([
      204,
      origin,
      null,
    ]);
    const asked = async (from: string) => (await sandbox.post({ grant_type: 'refresh_token' }, { origin: from })).headers;
    expect([
      (await asked(origin)).get('access-control-allow-origin'),
      (await asked('https://evil.example')).get('access-control-allow-origin'),
    ]).toEqual([origin, null]);
    expect([evil.status, evil.headers.get('access-control-allow-origin')]).toEqual([405, null]);
  });
});

const atDesk = { client_id: 'desk-app', scope: 'openid fhirUser launch user/Patient.rs patient/Observation.rs' };
const deskRedirect = () => `${origin}/app/desk/`;

async function prepare(body: object, client = 'hospital-1') {
  const response = await fetch(`${sandbox.authorization.issuer}/launch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await sandbox.token(client)}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { launch: string; expires_in: number } };
}

describe('launch from an institution’s system', () => {
  const patient = { client_id: 'desk-app', patient: 'Patient/9', encounter: 'Encounter/4', need_patient_banner: false, intent: 'notice' };

  test('the patient and the encounter that are open there are the context; reach is what the institution sent of that patient', async () => {
    const { status, body } = await prepare(patient);
    expect([status, body.expires_in]).toEqual([201, 300]);
    const { answer } = await launch('desk', { ...atDesk, redirect_uri: deskRedirect(), launch: body.launch });
    expect(answer!.body).toMatchObject({ patient: '9', encounter: '4', need_patient_banner: false, intent: 'notice', scope: atDesk.scope });
    const { agent, reach } = await sandbox.authorization.authenticate(`Bearer ${answer!.body['access_token']}`);
    expect(agent).toMatchObject({ role: 'institution', sender: 'Organization/hospital-1', user: 'Practitioner/d', purpose: 'TREAT' });
    expect(reach['Patient']).toEqual([{ sender: 'Organization/hospital-1' }]);
    expect(reach['Observation']).toEqual([{ sender: 'Organization/hospital-1', patient: 'Patient/9' }]);
  });

  test('a handle is good once, for the app it was made for, and for staff of the institution that made it', async () => {
    const { body } = await prepare(patient);
    const more = { ...atDesk, redirect_uri: deskRedirect(), launch: body.launch };
    expect((await launch('desk', more)).answer!.status).toBe(200);
    const error = async (changed: object) => {
      const page = await new Browser(origin).request(authorizeUrl(pkce().challenge, { ...more, ...changed }));
      return new URL(page.url).searchParams.get('error');
    };
    expect(await error({})).toBe('invalid_request');
    const fresh = (await prepare(patient)).body.launch;
    expect(await error({ launch: `${fresh}+` })).toBe('invalid_request');
    expect(await error({ launch: fresh, client_id: 'objection-app', redirect_uri: redirect(), scope })).toBe('invalid_request');
    const elsewhere = (await prepare(patient, 'hospital-2')).body.launch;
    const browser = new Browser(origin);
    const page = await browser.request(authorizeUrl(pkce().challenge, { ...more, launch: elsewhere }));
    expect((await browser.submit(page, 'sign-in', { login: 'desk', password })).status).toBe(403);
  });

  test('without a launch a member of staff has no patient, and patient/ scopes mean nothing', async () => {
    const { answer } = await launch('desk', { ...atDesk, redirect_uri: deskRedirect() });
    expect(answer!.body['scope']).toBe('openid fhirUser user/Patient.rs');
    expect(answer!.body).not.toHaveProperty('patient');
  });

  test.each([
    ['another kind of app', { client_id: 'objection-app', patient: 'Patient/1' }],
    ['no patient', { client_id: 'desk-app' }],
    ['a patient that is none', { client_id: 'desk-app', patient: 'Group/1' }],
    ['an unknown member', { client_id: 'desk-app', patient: 'Patient/1', more: 1 }],
  ])('%s: 400', async (_name, body) => {
    expect((await prepare(body)).status).toBe(400);
  });

  test('only an institution can prepare one', async () => {
    expect((await prepare(patient, 'operator')).status).toBe(403);
    expect((await fetch(`${sandbox.authorization.issuer}/launch`, { method: 'POST', body: '{}' })).status).toBe(401);
  });
});

const long = { scope: 'openid fhirUser launch/patient offline_access patient/Patient.rs patient/Consent.crus' };
const renew = (token: unknown, more = {}) =>
  sandbox.post({ grant_type: 'refresh_token', refresh_token: String(token), client_id: 'objection-app', ...more });
const opens = (token: unknown) =>
  sandbox.authorization.authenticate(`Bearer ${token}`).then(
    () => true,
    () => false,
  );

describe('refresh', () => {
  test('a new pair in the same context; less scope when less is asked', async () => {
    const { answer } = await launch('one', long);
    const next = await renew(answer!.body['refresh_token'], { scope: 'patient/Patient.rs' });
    expect(next.body).toMatchObject({ patient: '1', scope: 'patient/Patient.rs', expires_in: 300, refresh_token: expect.any(String) });
    const more = await renew(next.body['refresh_token'], { scope: 'patient/Patient.rs patient/Observation.rs' });
    expect([more.status, more.body['error']]).toEqual([400, 'invalid_scope']);
  });

  test('used twice: the whole family dies, access tokens too', async () => {
    const { answer } = await launch('one', long);
    const next = await renew(answer!.body['refresh_token']);
    expect(await opens(next.body['access_token'])).toBe(true);
    expect((await renew(answer!.body['refresh_token'])).body['error']).toBe('invalid_grant');
    expect((await renew(next.body['refresh_token'])).body['error']).toBe('invalid_grant');
    expect([await opens(next.body['access_token']), await opens(answer!.body['access_token'])]).toEqual([false, false]);
  });

  test('two at the same moment: at most one gets a pair', async () => {
    const { answer } = await launch('one', long);
    const answers = await Promise.all([1, 2, 3].map(() => renew(answer!.body['refresh_token'])));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThan(2);
  });

  test('another client cannot use it', async () => {
    const { answer } = await launch('one', long);
    expect((await renew(answer!.body['refresh_token'], { client_id: 'desk-app' })).body['error']).toBe('invalid_grant');
  });

  test('online_access: as long as the person is signed in', async () => {
    const { answer, browser } = await launch('one', { scope: `${scope} online_access` });
    const next = await renew(answer!.body['refresh_token']);
    expect(next.status).toBe(200);
    const page = await browser.request(authorizeUrl(pkce().challenge));
    await browser.submit(await browser.submit(page, 'other'), 'sign-in', { login: 'guardian', password });
    expect((await renew(next.body['refresh_token'])).body['error']).toBe('invalid_grant');
  });

  test('a client that is switched off loses what people allowed it, for good', async () => {
    const { answer } = await launch('one', long);
    await sandbox.authorization.setActive('objection-app', false);
    expect(await opens(answer!.body['access_token'])).toBe(false);
    await sandbox.authorization.setActive('objection-app', true);
    expect([await opens(answer!.body['access_token']), (await renew(answer!.body['refresh_token'])).status]).toEqual([false, 400]);
  });

  test('also where switching it off, and on again, was cut off half-way', async () => {
    const { answer } = await launch('one', long);
    const { clients, authorization } = sandbox;
    const { setActive } = clients;
    await setActive('objection-app', false);
    const cutOff = async (client: string, active: boolean) => {
      await setActive(client, active);
      throw new Error('cut off');
    };
    Object.assign(clients, { setActive: cutOff });
    await expect(authorization.setActive('objection-app', true)).rejects.toThrow('cut off');
    Object.assign(clients, { setActive });
    expect([await opens(answer!.body['access_token']), (await renew(answer!.body['refresh_token'])).status]).toEqual([false, 400]);
    expect((await launch('one', long)).answer!.status).toBe(200);
  });

  test('an account that lost its patient loses its tokens', async () => {
    const file = accountsFile(sandbox.dataDir);
    const account = { login: 'leaving', password: await hashed(password), fhirUser: 'Patient/5' };
    putAccount(file, { ...account, patients: ['Patient/5'] });
    const { answer } = await launch('leaving', long);
    expect(await opens(answer!.body['access_token'])).toBe(true);
    putAccount(file, { ...account, patients: ['Patient/6'] });
    expect(await opens(answer!.body['access_token'])).toBe(false);
  });
});

describe('introspection and revocation', () => {
  const call = async (endpoint: string, token: unknown, client: string | undefined = 'hospital-1') => {
    const { assertion, assertionType } = await import('../../src/auth/assertion.ts');
    const proof =
      client === 'objection-app'
        ? { client_id: client }
        : { client_assertion_type: assertionType, client_assertion: assertion(client, sandbox.tokenEndpoint, sandbox.key(client)) };
    const response = await fetch(`${sandbox.authorization.issuer}/${endpoint}`, {
      method: 'POST',
      body: new URLSearchParams({ token: String(token), ...proof }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  test('an access token and a refresh token: scope, client, life, context and person', async () => {
    const { answer } = await launch('one', long);
    const { status, body } = await call('introspect', answer!.body['access_token']);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      active: true,
      client_id: 'objection-app',
      scope: long.scope,
      patient: '1',
      iss: sandbox.authorization.issuer,
      fhirUser: `${sandbox.baseUrl}/Patient/1`,
    });
    expect(body['exp']).toBe(claims(answer!.body['access_token'])['exp']);
    expect((await call('introspect', answer!.body['refresh_token'])).body).toMatchObject({ active: true, scope: long.scope, patient: '1' });
    expect((await call('introspect', await sandbox.token('tester'))).body).toMatchObject({
      active: true,
      client_id: 'tester',
      scope: 'system/*.cruds',
    });
  });

  test('what opens nothing is inactive, and nothing else is said', async () => {
    for (const token of ['nonsense', 'a.b.c', ''])
      if (token !== '') expect((await call('introspect', token)).body).toEqual({ active: false });
  });

  test('callers prove to be themselves', async () => {
    const { status, body } = await call('introspect', 'x', 'objection-app');
    expect([status, body['error']]).toEqual([401, 'invalid_client']);
    const bare = await fetch(`${sandbox.authorization.issuer}/introspect`, { method: 'POST', body: new URLSearchParams({ token: 'x' }) });
    expect(bare.status).toBe(400);
  });

  test('revocation: one of a family takes all along, at once', async () => {
    for (const which of ['access_token', 'refresh_token']) {
      const { answer } = await launch('one', long);
      expect(await opens(answer!.body['access_token'])).toBe(true);
      expect((await call('revoke', answer!.body[which], 'objection-app')).status).toBe(200);
      expect(await opens(answer!.body['access_token'])).toBe(false);
      expect((await renew(answer!.body['refresh_token'])).body['error']).toBe('invalid_grant');
      expect((await call('introspect', answer!.body['access_token'])).body).toEqual({ active: false });
    }
  });

  test('revocation: a system’s token; of another client: refused; unknown: as good as done', async () => {
    const token = await sandbox.token('operator');
    expect((await call('revoke', token, 'hospital-1')).body['error']).toBe('invalid_request');
    expect(await opens(token)).toBe(true);
    expect((await call('revoke', token, 'operator')).status).toBe(200);
    expect(await opens(token)).toBe(false);
    expect((await call('revoke', 'nonsense', 'operator')).status).toBe(200);
  });
});

describe('attacks on the way (45)', () => {
  const answered = async (more: Record<string, string | undefined>) => {
    const page = await new Browser(origin).request(authorizeUrl(pkce().challenge, more));
    const { searchParams, hash } = new URL(page.url);
    const given = hash === '' ? searchParams : new URLSearchParams(hash.slice(1));
    return { status: page.status, error: given.get('error'), state: given.get('state'), page };
  };

  test.each([
    ['by prefix', () => `${redirect()}x`],
    ['by a path below', () => `${redirect()}cb`],
    ['by an encoded slash', () => redirect().replace(/\/$/, '%2f')],
    ['by userinfo', () => redirect().replace('http://', 'http://evil@')],
    ['by a query', () => `${redirect()}?x=1`],
    ['to another host', () => 'https://evil.example/app/objection/'],
  ])('a redirect_uri that differs %s is answered here, not there', async (_name, uri) => {
    const { status, error, page } = await answered({ redirect_uri: uri() });
    expect([status, error]).toEqual([400, null]);
    expect(page.html).toContain('<html lang=');
    expect(page.html).not.toContain('evil');
  });

  test('an unknown client is answered here', async () => {
    expect((await answered({ client_id: 'nobody' })).status).toBe(400);
  });

  test.each([
    ['no state', { state: undefined }, 'invalid_request'],
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['no aud', { aud: undefined }, 'invalid_request'],
    ['another aud', { aud: 'https://evil.example/fhir' }, 'invalid_target'],
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['an unknown launch', { launch: 'x' }, 'invalid_request'],
    ['a scope with a query that cannot be used', { scope: 'patient/Observation.rs?category:not=laboratory' }, 'invalid_scope'],
    ['scopes of another kind', { scope: 'system/*.cruds user/*.rs' }, 'invalid_scope'],
    ['letters out of order', { scope: 'patient/*.sr' }, 'invalid_scope'],
    ['nobody to be asked', { prompt: 'none' }, 'login_required'],
  ])('%s: %s', async (_name, more, error) => {
    const got = await answered(more as Record<string, string | undefined>);
    expect([got.error, got.state]).toEqual([error, 'state' in more ? null : 'the state']);
  });

  test('the verifier must fit; a code of another client or for another address opens nothing', async () => {
    for (const wrong of [
      { code_verifier: pkce().verifier },
      { code_verifier: '' },
      { client_id: 'desk-app' },
      { redirect_uri: `${redirect()}x` },
    ]) {
      const { verifier, challenge } = pkce();
      const browser = new Browser(origin);
      const second = await browser.submit(await browser.request(authorizeUrl(challenge)), 'sign-in', { login: 'one', password });
      const code = new URL((await browser.submit(second, 'agree')).url).searchParams.get('code')!;
      const { status, body } = await sandbox.post({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirect(),
        client_id: 'objection-app',
        code_verifier: verifier,
        ...wrong,
      });
      expect([status, ['invalid_grant', 'invalid_request'].includes(String(body['error']))]).toEqual([400, true]);
    }
  });

  test('a code used twice: nothing the second time, and what came of it the first time is over', async () => {
    const { form, answer } = await launch('one', long);
    expect((await sandbox.post(form)).body['error']).toBe('invalid_grant');
    expect(await opens(answer!.body['access_token'])).toBe(false);
    expect((await renew(answer!.body['refresh_token'])).body['error']).toBe('invalid_grant');
  });

  test('who allows nothing has refused', async () => {
    const { last } = await launch('one', { scope: 'patient/Patient.rs' }, { scope: [] });
    expect(new URL(last.url).searchParams.get('error')).toBe('access_denied');
  });

  // 46, 47
  test('no origin is ever let in with credentials; methods are what they say, whatever a header says', async () => {
    const { issuer } = sandbox.authorization;
    for (const place of ['token', 'introspect', 'revoke', 'jwks', '.well-known/openid-configuration']) {
      const { headers } = await fetch(`${issuer}/${place}`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
    for (const place of ['authorize', 'sign-in/x', 'token', 'introspect', 'revoke', 'launch', 'jwks'])
      for (const method of ['PUT', 'DELETE', 'PATCH']) {
        const response = await fetch(`${issuer}/${place}`, { method, headers: { 'x-http-method-override': 'POST' } });
        expect([place, response.status, response.headers.get('allow') === null]).toEqual([place, 405, false]);
      }
    const get = await fetch(`${issuer}/token`, { headers: { 'x-http-method-override': 'POST' } });
    expect(get.status).toBe(405);
  });

  test('another Host or forwarded host changes no address that is answered with', async () => {
    const page = await fetch(authorizeUrl(pkce().challenge), {
      redirect: 'manual',
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    expect(page.headers.get('location')).toMatch(/^\/oauth\/sign-in\//);
    expect(page.headers.getSetCookie().join()).not.toMatch(/evil|secure/i);
  });

  test('an ID token opens nothing', async () => {
    const { answer } = await launch();
    expect(await opens(answer!.body['id_token'])).toBe(false);
  });

  test('guessing a password: unknown and wrong are answered alike; five times lock, also for the right one', async () => {
    putAccount(accountsFile(sandbox.dataDir), {
      login: 'guessed',
      password: await hashed(password),
      fhirUser: 'Patient/8',
      patients: ['Patient/8'],
    });
    const tryTo = async (login: string, guess: string) => {
      const browser = new Browser(origin);
      const first = await browser.request(authorizeUrl(pkce().challenge));
      return browser.submit(first, 'sign-in', { login, password: guess });
    };
    const [wrong, unknown] = [await tryTo('guessed', 'no'), await tryTo('nobody', 'no')];
    const bare = (html: string) => html.replace(/\/sign-in\/[\w-]+/g, '').replace(/value="(guessed|nobody)"/, '');
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(bare(wrong.html)).toBe(bare(unknown.html));
    for (let i = 0; i < 4; i++) await tryTo('guessed', 'no');
    expect((await tryTo('guessed', password)).status).toBe(401);
    expect((await tryTo('one', password)).status).toBe(200);
  });

  test('one address cannot begin without end: 429', async () => {
    const small = await startSandbox({ refusalsPerMinute: 3 });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) {
      const url = authorizeUrl(pkce().challenge).replace(sandbox.authorization.issuer, small.authorization.issuer);
      statuses.push((await fetch(url, { redirect: 'manual' })).status);
    }
    await small.close();
    remove(small);
    expect(statuses.slice(3)).toEqual([429, 429]);
  });

  test('a form sent from another site is refused', async () => {
    const browser = new Browser(origin);
    const page = await browser.request(authorizeUrl(pkce().challenge));
    const sent = await browser.request(page.url, new URLSearchParams({ action: 'sign-in', login: 'one', password }), {
      'sec-fetch-site': 'cross-site',
    });
    expect(sent.status).toBe(400);
  });

  test('a page without the browser that asked for it shows nothing', async () => {
    const page = await new Browser(origin).request(authorizeUrl(pkce().challenge));
    expect((await new Browser(origin).request(page.url)).status).toBe(400);
  });

  test('nothing kept on the disk tells a token or a person', async () => {
    const { answer } = await launch('one', long);
    const { readdirSync, readFileSync } = await import('node:fs');
    const kept = `${sandbox.dataDir}/auth/kept`;
    for (const entry of readdirSync(kept, { recursive: true, withFileTypes: true })) {
      expect(entry.name).not.toContain(String(answer!.body['refresh_token']));
      if (entry.isFile()) expect(readFileSync(`${entry.parentPath}/${entry.name}`, 'latin1')).not.toMatch(/Patient|objection-app/);
    }
  });
});
