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
});
