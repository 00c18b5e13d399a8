// https://hl7.org/fhir/smart-app-launch/backend-services.html
// https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html
// https://hl7.org/fhir/smart-app-launch/conformance.html

import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { assertion, assertionType } from '../../src/auth/assertion.ts';
import { createAuthorization } from '../../src/auth/authorization.ts';
import { openClients } from '../../src/auth/clients.ts';
import { writeOwnerOnly } from '../../src/auth/files.ts';
import { createKey, type Jwk, publicKeyOf, publicPart, sandboxSigningKeys } from '../../src/auth/keys.ts';
import { pages } from '../../src/http/sign-in/pages.ts';
import { claimsOf, jwt, remove, type Sandbox, signedBy, startSandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(async () => {
  await sandbox.close();
  remove(sandbox);
});

const claims = (token: string): Record<string, unknown> => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
const header = (token: string): Record<string, unknown> => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString());

describe('discovery', () => {
  test('smart-configuration has the required fields, absolute URLs, and only what works', () => {
    const found = sandbox.authorization.smartConfiguration() as Record<string, unknown>;
    expect(found).toMatchObject({
      token_endpoint: sandbox.baseUrl.replace(/fhir$/, 'oauth/token'),
      jwks_uri: sandbox.baseUrl.replace(/fhir$/, 'oauth/jwks'),
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
      token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
      code_challenge_methods_supported: ['S256'],
    });
    for (const absent of ['registration_endpoint', 'management_endpoint', 'smart_app_state_endpoint'])
      expect(found).not.toHaveProperty(absent);
    for (const [name, value] of Object.entries(found)) if (/_(endpoint|uri)$/.test(name)) expect(value).toMatch(/^http:\/\/127\.0\.0\.1:/);
  });

  test('every scope that is listed can be had', async () => {
    const { scopes_supported: scopes } = sandbox.authorization.smartConfiguration() as { scopes_supported: string[] };
    for (const scope of scopes.filter(one => /^(patient|system)\//.test(one))) {
      const { body } = await (scope.startsWith('patient/')
        ? sandbox.ask('patient-app', { scope, patient: 'Patient/1' })
        : sandbox.ask('tester', { scope }));
      expect(body).toMatchObject({ scope });
    }
  });

  test('the key set verifies our tokens and holds no private part', async () => {
    const response = await fetch(`${sandbox.authorization.issuer}/jwks`);
    const { keys } = (await response.json()) as { keys: Jwk[] };
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).not.toHaveProperty('d');
    expect(header(await sandbox.token('tester'))).toMatchObject({ alg: 'ES384', typ: 'at+jwt', kid: keys[0]!.kid });
  });

  test.each([
    '/auth',
    '/me',
    '/.well-known/oauth-authorization-server',
    '/reg',
    '/authorize/a/b',
    '/sign-in',
    '/session/end',
    '/token/introspection',
    '/',
    '/jwks/x',
  ])('%s is no endpoint', async place => {
    const response = await fetch(sandbox.authorization.issuer + place);
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: 'invalid_request', error_description: 'There is no such endpoint.' },
    ]);
  });

  test('the token endpoint takes POST alone, and no page of another origin may read it', async () => {
    expect((await fetch(sandbox.tokenEndpoint)).status).toBe(405);
    const preflight = await fetch(sandbox.tokenEndpoint, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([405, null]);
    expect((await sandbox.ask('tester')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('token', () => {
  test('the answer: bearer, life, scope as granted, never cached', async () => {
    const { status, headers, body } = await sandbox.ask('tester');
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 300, scope: 'system/*.cruds' });
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
  });

  test('the token: a JWT for this base URL alone', async () => {
    const one = claims(await sandbox.token('hospital-1'));
    expect(one).toEqual({
      iss: sandbox.authorization.issuer,
      aud: sandbox.baseUrl,
      sub: 'hospital-1',
      client_id: 'hospital-1',
      scope: 'system/*.cruds',
      jti: expect.stringMatching(/.{20}/),
      iat: expect.any(Number),
      exp: (one['iat'] as number) + 300,
    });
    expect(claims(await sandbox.token('hospital-1'))['jti']).not.toBe(one['jti']);
  });

  test('it opens the door as the client it was issued to', async () => {
    const access = await sandbox.authorization.authenticate('Bearer ' + (await sandbox.token('hospital-2')));
    expect(access.agent).toEqual({
      client: 'hospital-2',
      role: 'institution',
      sender: 'Organization/hospital-2',
      purpose: 'TREAT',
      token: expect.any(String),
    });
  });

  test('RS384 is taken as well as ES384', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const rsa = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid: 'rsa-1' } as Jwk;
    const file = `${sandbox.dataDir}/rsa/clients.json`;
    writeOwnerOnly(file, { clients: [{ client_id: 'rsa', kind: 'operator', active: true, jwks: { keys: [publicPart(rsa)] } }] });
    const other = await startSandbox({ dataDir: `${sandbox.dataDir}/rsa`, clients: openClients(file, 'sandbox') });
    const { status } = await other.ask('rsa', { client_assertion: assertion('rsa', other.tokenEndpoint, rsa) });
    const rs256 = jwt({ alg: 'RS256', kid: 'rsa-1' }, claimsOf('rsa', other.tokenEndpoint), signedBy(rsa, 'sha256'));
    const refused = await other.ask('rsa', { client_assertion: rs256 });
    await other.close();
    expect([status, refused.status, refused.body['error']]).toEqual([200, 401, 'invalid_client']);
  });

  test('tokens of a server with an RSA key are RS256 and verify; another algorithm by the same key does not', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const rsa = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid: 'r' } as Jwk;
    const other = await startSandbox({ dataDir: sandbox.dataDir, signingKeys: [rsa, createKey()] });
    const token = await other.token('tester');
    const access = await other.authorization.authenticate(`Bearer ${token}`);
    const stronger = jwt({ ...header(token), alg: 'RS512' }, claims(token), signedBy(rsa, 'sha512'));
    const same = jwt(header(token), claims(token), signedBy(rsa, 'sha256'));
    await expect(other.authorization.authenticate(`Bearer ${same}`)).resolves.toBeDefined();
    await expect(other.authorization.authenticate(`Bearer ${stronger}`)).rejects.toThrow('not one of this server');
    await other.close();
    expect([header(token)['alg'], access.agent.client]).toEqual(['RS256', 'tester']);
  });

  test('keys change in turn: a token of the key before is good as long as that key is kept, new ones are by the first', async () => {
    const [before, after] = [createKey(), createKey()];
    const { generateKeyPairSync } = await import('node:crypto');
    const rsa = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid: 'r' } as Jwk;
    const changed = await startSandbox({ dataDir: sandbox.dataDir, signingKeys: [after, before, rsa] });
    const fresh = await changed.token('tester');
    const by = (key: Jwk) => jwt({ ...header(fresh), kid: key.kid }, claims(fresh), signedBy(key, 'sha384'));
    expect(header(fresh)['kid']).toBe(after.kid);
    for (const token of [fresh, by(before)]) await expect(changed.authorization.authenticate(`Bearer ${token}`)).resolves.toBeDefined();
    await expect(changed.authorization.authenticate(`Bearer ${by(createKey())}`)).rejects.toThrow('not one of this server');
    await changed.close();
  });

  test('a refusal is JSON although the client would rather have a page', async () => {
    const { status, headers, body } = await sandbox.post({ grant_type: 'client_credentials' }, { accept: 'text/html' });
    expect([status, headers.get('content-type'), body['error']]).toEqual([400, 'application/json; charset=utf-8', 'invalid_request']);
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
  });

  test('a resource other than this server is refused', async () => {
    expect((await sandbox.ask('tester', { resource: sandbox.baseUrl })).status).toBe(200);
    expect((await sandbox.ask('tester', { resource: 'https://other.example/fhir' })).body['error']).toBe('invalid_target');
  });

  test('URLs are the configured ones, whatever the Host header says', async () => {
    const form = (aud: string) =>
      new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: assertionType,
        client_assertion: assertion('tester', aud, sandbox.key('tester')),
      }).toString();
    const post = (body: string) =>
      new Promise<number>((resolve, reject) => {
        const sent = request(
          sandbox.tokenEndpoint,
          { method: 'POST', headers: { host: 'evil.example', 'content-type': 'application/x-www-form-urlencoded' } },
          answer => {
            answer.resume();
            resolve(answer.statusCode!);
          },
        );
        sent.once('error', reject).end(body);
      });
    expect([await post(form('http://evil.example/oauth/token')), await post(form(sandbox.tokenEndpoint))]).toEqual([401, 200]);
  });
});

describe('patient app', () => {
  test('names the patient it acts for: in the answer, the token and the access', async () => {
    const { body } = await sandbox.ask('patient-app', { patient: 'Patient/p-1' });
    expect(body).toMatchObject({ patient: 'p-1', scope: 'patient/*.cruds' });
    const access = await sandbox.authorization.authenticate(`Bearer ${body['access_token']}`);
    expect(access.agent).toMatchObject({ role: 'patient', patient: 'Patient/p-1', sender: 'client/patient-app', purpose: 'PATRQT' });
    expect(access.reach['Observation']).toEqual([{ patient: 'Patient/p-1' }]);
  });

  test.each([
    {},
    { patient: '' },
    { patient: 'p-1' },
    { patient: 'Organization/1' },
    { patient: 'Patient/1/_history/1' },
    { patient: 'Patient/../1' },
  ])('with %j there is no token', async parameters => {
    const { status, body } = await sandbox.ask('patient-app', parameters as Record<string, string>);
    expect([status, body['error']]).toEqual([400, 'invalid_request']);
  });

  test('patient twice is refused', async () => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: assertionType,
      client_assertion: assertion('patient-app', sandbox.tokenEndpoint, sandbox.key('patient-app')),
    });
    form.append('patient', 'Patient/1');
    form.append('patient', 'Patient/2');
    expect((await sandbox.post(form.toString())).body['error']).toBe('invalid_request');
  });

  test('no other client acts for a patient', async () => {
    expect((await sandbox.ask('hospital-1', { patient: 'Patient/1' })).body['error']).toBe('invalid_request');
  });
});

describe('scope', () => {
  const ask = async (client: string, scope: string) => {
    const { status, body } = await sandbox.ask(client, client === 'patient-app' ? { scope, patient: 'Patient/1' } : { scope });
    return status === 200 ? body['scope'] : `${status} ${body['error']}`;
  };

  test.each([
    ['tester', 'system/Patient.rs', 'system/Patient.rs'],
    ['tester', 'system/*.read', 'system/*.read'],
    ['tester', 'system/Patient.rs openid launch/patient', 'system/Patient.rs'],
    ['researcher-1', 'system/*.cruds', 'system/*.rs'],
    ['researcher-1', 'system/Patient.cruds', 'system/Patient.rs'],
    ['patient-app', 'patient/Consent.crus patient/Observation.rs', 'patient/Consent.crus patient/Observation.rs'],
    ['tester', 'system/Observation.rs?category=http://x|laboratory', 'system/Observation.rs?category=http://x|laboratory'],
    ['researcher-1', 'system/Observation.cruds?category=laboratory', 'system/Observation.rs?category=laboratory'],
    ['patient-app', 'patient/Observation.rs?category=laboratory', 'patient/Observation.rs?category=laboratory'],
  ])('%s asks "%s" and gets "%s"', async (client, asked, granted) => {
    expect(await ask(client, asked)).toBe(granted);
  });

  test.each([
    ['tester', 'patient/*.sr'],
    ['tester', 'system/*.sr'],
    ['tester', 'system/Observation.'],
    ['tester', 'patient/*.cruds'],
    ['tester', 'user/*.cruds'],
    ['tester', 'openid'],
    ['tester', 'system/Patient.rs\nsystem/*.cruds'],
    ['tester', 'system/Observation.rs?category:not=laboratory'],
    ['tester', 'system/Patient.rs system/Observation.rs?unknown=laboratory'],
    ['tester', Array.from({ length: 500 }, () => 'system/Patient.rs').join(' ')],
    ['patient-app', 'system/*.cruds'],
    ['patient-app', 'patient/*.sr'],
    ['patient-app', 'patient/Observation.'],
    ['patient-app', 'patient/Observation.rs?subject.name=x'],
    ['researcher-1', 'system/Observation.cud'],
  ])('%s asks "%.80s": invalid_scope', async (client, asked) => {
    expect(await ask(client, asked)).toBe('400 invalid_scope');
  });

  test('a narrow scope makes a narrow access', async () => {
    const access = await sandbox.authorization.authenticate(
      'Bearer ' + (await sandbox.token('hospital-1', { scope: 'system/Patient.r system/Observation.c' })),
    );
    expect([access.permits, access.reach, access.operations]).toEqual([
      { Patient: 'r', Observation: 'c' },
      { Patient: [{ sender: 'Organization/hospital-1' }] },
      // What asks the interactions, type by type, and what is about the Patient.
      ['Resource-convert', 'Resource-meta', 'Resource-meta-add', 'Resource-meta-delete', 'Resource-validate', 'Patient-everything'],
    ]);
  });
});

describe('assertion', () => {
  const now = () => Math.floor(Date.now() / 1000);
  /** A right assertion of the tester, changed. */
  const made = (change: { header?: object; claims?: object; key?: Jwk; client?: string }): string => {
    const client = change.client ?? 'tester';
    const key = change.key ?? sandbox.key(client);
    return jwt(
      { alg: 'ES384', kid: sandbox.key(client).kid, typ: 'JWT', ...change.header },
      { ...claimsOf(client, sandbox.tokenEndpoint), ...change.claims },
      signedBy(key),
    );
  };
  const refused = async (client_assertion: string) => {
    const { status, body } = await sandbox.ask('tester', { client_assertion });
    expect([status, body]).toEqual([401, { error: 'invalid_client', error_description: 'client authentication failed' }]);
  };

  test('the unchanged one is taken', async () => {
    expect((await sandbox.ask('tester', { client_assertion: made({}) })).status).toBe(200);
  });

  test('aud as a list of the one endpoint is taken', async () => {
    expect((await sandbox.ask('tester', { client_assertion: made({ claims: { aud: [sandbox.tokenEndpoint] } }) })).status).toBe(200);
  });

  test.each([
    ['aud is another server', { claims: { aud: 'https://other.example/oauth/token' } }],
    ['aud is the base URL', { claims: { aud: 'BASE' } }],
    ['aud is the issuer', { claims: { aud: 'ISSUER' } }],
    ['aud is ours and another', { claims: { aud: ['ENDPOINT', 'https://other.example'] } }],
    ['aud is missing', { claims: { aud: undefined } }],
    ['exp is 6 minutes ahead', { claims: { exp: now() + 360 } }],
    ['exp is a year ahead in milliseconds', { claims: { exp: Date.now() } }],
    ['exp is past', { claims: { exp: now() - 60 } }],
    ['exp is missing', { claims: { exp: undefined } }],
    ['exp is no number', { claims: { exp: '9999999999' } }],
    ['nbf is to come', { claims: { nbf: now() + 100 } }],
    ['jti is missing', { claims: { jti: undefined } }],
    ['jti is no text', { claims: { jti: 7 } }],
    ['jti is very long', { claims: { jti: 'x'.repeat(600) } }],
    ['iss is another client', { claims: { iss: 'operator' } }],
    ['sub is another client', { claims: { sub: 'operator' } }],
    ['sub and iss are another client, signed by our key', { claims: { iss: 'operator', sub: 'operator' } }],
    ['kid is missing', { header: { kid: undefined } }],
    ['kid is a file', { header: { kid: '../../../../dev/null' } }],
    ['kid is the key of another client', { header: { kid: 'OPERATOR' } }],
    ['typ says access token', { header: { typ: 'at+jwt' } }],
    ['jku brings its own keys', { header: { jku: 'https://evil.example/jwks' } }],
    ['jwk brings its own key', { header: { jwk: publicPart(createKey()) } }],
    ['crit is unknown', { header: { crit: ['x'], x: 1 } }],
    ['alg is another one', { header: { alg: 'ES256' } }],
    ['alg is HS256', { header: { alg: 'HS256' } }],
    ['the key is nobody’s', { key: createKey() }],
  ])('refused: %s', async (_why, change: { header?: Record<string, unknown>; claims?: Record<string, unknown>; key?: Jwk }) => {
    const text = JSON.stringify(change)
      .replaceAll('"BASE"', JSON.stringify(sandbox.baseUrl))
      .replaceAll('"ISSUER"', JSON.stringify(sandbox.authorization.issuer))
      .replaceAll('"ENDPOINT"', JSON.stringify(sandbox.tokenEndpoint))
      .replaceAll('"OPERATOR"', JSON.stringify(sandbox.key('operator').kid));
    const { header, claims } = JSON.parse(text) as { header?: object; claims?: object };
    // What JSON leaves out is what shall be missing.
    const blank = (part: object | undefined) => Object.fromEntries(Object.keys(part ?? {}).map(k => [k, undefined]));
    await refused(made({ ...change, header: { ...blank(change.header), ...header }, claims: { ...blank(change.claims), ...claims } }));
  });

  test('refused: alg none', async () => {
    await refused(jwt({ alg: 'none', kid: sandbox.key('tester').kid }, claimsOf('tester', sandbox.tokenEndpoint)));
  });

  test('refused: HS384 with the public key as secret', async () => {
    const { createHmac } = await import('node:crypto');
    const secret = publicKeyOf(sandbox.key('tester')).export({ type: 'spki', format: 'pem' });
    await refused(
      jwt({ alg: 'HS384', kid: sandbox.key('tester').kid }, claimsOf('tester', sandbox.tokenEndpoint), input =>
        createHmac('sha384', secret).update(input).digest(),
      ),
    );
  });

  test('refused: the signature is changed', async () => {
    const right = made({});
    await refused(right.slice(0, -6) + (right.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA'));
  });

  test('refused: a client that is not registered', async () => {
    await refused(made({ client: 'tester', claims: { iss: 'nobody', sub: 'nobody' } }));
  });

  test('refused the second time, by another process and after a restart as well', async () => {
    const once = made({});
    const again = await startSandbox({ dataDir: sandbox.dataDir, baseUrl: sandbox.baseUrl, issuer: sandbox.authorization.issuer });
    const other = made({});
    expect((await sandbox.ask('tester', { client_assertion: once })).status).toBe(200);
    await refused(once);
    const post = async (client_assertion: string) => {
      const form = new URLSearchParams({ grant_type: 'client_credentials', client_assertion_type: assertionType, client_assertion });
      const response = await fetch(again.baseUrl.replace(/fhir$/, 'oauth/token'), { method: 'POST', body: form });
      return response.status;
    };
    expect([await post(once), await post(other), await post(other)]).toEqual([401, 200, 401]);
    await refused(other);
    await again.close();
  });

  test('of 20 that come at once with one jti, one is taken', async () => {
    const once = made({});
    const answers = await Promise.all(Array.from({ length: 20 }, () => sandbox.ask('tester', { client_assertion: once })));
    expect(answers.map(a => a.status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 401)]);
  });

  test.each([
    [{ client_assertion_type: 'urn:x' }, 'invalid_request'],
    [{ client_assertion: 'garbage' }, 'invalid_request'],
    [{ grant_type: 'authorization_code' }, 'invalid_request'],
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
    [{ grant_type: '' }, 'invalid_request'],
    [{ client_id: 'operator' }, 'invalid_request'],
  ])('a request with %j: %s', async (parameters, error) => {
    const { status, body } = await sandbox.ask('tester', parameters as unknown as Record<string, string>);
    expect([status, body['error']]).toEqual([400, error]);
  });

  test('secrets are no proof: none is registered', async () => {
    const basic = { authorization: `Basic ${Buffer.from('tester:guess').toString('base64')}` };
    expect((await sandbox.post({ grant_type: 'client_credentials' }, basic)).body['error']).toBe('invalid_client');
    expect((await sandbox.post({ grant_type: 'client_credentials', client_id: 'tester', client_secret: 'guess' })).body['error']).toBe(
      'invalid_client',
    );
    expect((await sandbox.post({ grant_type: 'client_credentials', client_id: 'tester' })).body['error']).toBe('invalid_client');
  });

  test('a body that is no form is refused', async () => {
    expect((await sandbox.post('{"grant_type":"client_credentials"}', { 'content-type': 'application/json' })).body['error']).toBe(
      'invalid_request',
    );
    expect((await sandbox.post('grant_type=' + 'x'.repeat(100_000))).body['error']).toBe('invalid_request');
  });

  test('a client that is switched off gets no token', async () => {
    await sandbox.clients.setActive('hospital-2', false);
    const { status, body } = await sandbox.ask('hospital-2');
    await sandbox.clients.setActive('hospital-2', true);
    expect([status, body['error']]).toEqual([401, 'invalid_client']);
    expect((await sandbox.ask('hospital-2')).status).toBe(200);
  });

  test('one address that is refused too often has to wait', async () => {
    const strict = await startSandbox({ dataDir: sandbox.dataDir, refusalsPerMinute: 3 });
    for (let i = 0; i < 3; i++) expect((await strict.post({ grant_type: 'client_credentials' })).status).toBe(400);
    const { status, headers } = await strict.ask('tester');
    strict.clockMs = 61_000;
    const later = await strict.ask('tester');
    await strict.close();
    expect([status, headers.get('retry-after'), later.status]).toEqual([429, '60', 200]);
  });
});

describe('access token on a request', () => {
  const get = async (authorization?: string) => {
    const response = await fetch(`${sandbox.baseUrl}/Patient`, authorization === undefined ? {} : { headers: { authorization } });
    return {
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      body: (await response.json()) as { resourceType?: string; issue?: { code: string }[] },
    };
  };
  const refused = async (authorization: string | undefined) => {
    const { status, challenge, body } = await get(authorization);
    expect(status).toBe(401);
    expect(challenge).toMatch(/^Bearer realm="noren"/);
    expect([body.resourceType, body.issue?.[0]?.code]).toEqual(['OperationOutcome', 'login']);
    return challenge;
  };
  /** An access token with our own key, changed. */
  const forged = (change: { header?: object; claims?: object; key?: Jwk }): string => {
    const key = change.key ?? signingKey();
    const iat = Math.floor(Date.now() / 1000);
    const right = {
      iss: sandbox.authorization.issuer,
      aud: sandbox.baseUrl,
      sub: 'tester',
      client_id: 'tester',
      scope: 'system/*.cruds',
      jti: randomUUID(),
      iat,
      exp: iat + 300,
    };
    return jwt({ alg: 'ES384', typ: 'at+jwt', kid: signingKey().kid, ...change.header }, { ...right, ...change.claims }, signedBy(key));
  };
  let own: Jwk;
  const signingKey = (): Jwk => own;
  beforeAll(async () => {
    const { sandboxSigningKeys } = await import('../../src/auth/keys.ts');
    own = sandboxSigningKeys(sandbox.dataDir)[0]!;
  });

  test('the unchanged one is taken, in any case of the scheme', async () => {
    const token = forged({});
    expect([(await get(`Bearer ${token}`)).status, (await get(`bearer ${token}`)).status]).toEqual([200, 200]);
  });

  test('none: 401 without an error code', async () => {
    expect(await refused(undefined)).toBe('Bearer realm="noren"');
  });

  test.each([
    'Bearer',
    'Bearer ',
    'Bearer abc.def.ghi',
    'Bearer a b',
    'Basic dGVzdGVyOng=',
    'Bearer ..',
    'Bearer ' + 'x'.repeat(9000),
    'Bearer eyJhbGciOiJub25lIn0.e30.',
  ])('%.40s: 401', async header => {
    expect(await refused(header)).toContain('error="invalid_token"');
  });

  test.each([
    ['expired', { claims: { exp: Math.floor(Date.now() / 1000) - 1 } }],
    ['without exp', { claims: { exp: undefined } }],
    ['not valid yet', { claims: { nbf: Math.floor(Date.now() / 1000) + 100 } }],
    ['of another issuer', { claims: { iss: 'https://evil.example/oauth' } }],
    ['for another server', { claims: { aud: 'https://other.example/fhir' } }],
    ['for no server', { claims: { aud: undefined } }],
    ['of a client that is not registered', { claims: { client_id: 'nobody' } }],
    ['of a client called like a member of Object', { claims: { client_id: 'constructor' } }],
    ['without client_id', { claims: { client_id: undefined } }],
    ['without scope', { claims: { scope: undefined } }],
    ['without jti', { claims: { jti: undefined } }],
    ['with a kid that is a file', { header: { kid: '../../dev/null' } }],
    ['without kid', { header: { kid: undefined } }],
    ['of another type', { header: { typ: 'JWT' } }],
    ['with alg none in the header', { header: { alg: 'none' } }],
    ['with another alg', { header: { alg: 'ES256' } }],
    ['signed by another key', { key: createKey() }],
  ])('%s: 401', async (_what, change) => {
    expect(await refused(`Bearer ${forged(change)}`)).toContain('error="invalid_token"');
  });

  test('alg none without a signature: 401', async () => {
    const [, payload] = forged({}).split('.');
    const none = (header: object) => `Bearer ${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.`;
    await refused(none({ alg: 'none' }));
    await refused(none({ alg: 'none', typ: 'at+jwt', kid: own.kid }));
  });

  test('HS256 with the public key as secret: 401', async () => {
    const { createHmac } = await import('node:crypto');
    const [, payload] = forged({}).split('.');
    for (const secret of [publicKeyOf(own).export({ type: 'spki', format: 'pem' }), JSON.stringify(publicPart(own))]) {
      const head = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'at+jwt', kid: own.kid })).toString('base64url');
      await refused(`Bearer ${head}.${payload}.${createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url')}`);
    }
  });

  test('a changed signature, a changed claim, a truncated token: 401; also after the right one was seen', async () => {
    const token = await sandbox.token('researcher-1');
    expect((await get(`Bearer ${token}`)).status).toBe(200);
    const [head, payload, signature] = token.split('.') as [string, string, string];
    const claim = Buffer.from(JSON.stringify({ ...claims(token), client_id: 'tester' })).toString('base64url');
    await refused(`Bearer ${token.slice(0, -6)}AAAAAA`);
    await refused(`Bearer ${head}.${claim}.${signature}`);
    for (const length of [1, 10, head.length, head.length + 1, head.length + payload.length + 1, token.length - 1])
      await refused(`Bearer ${token.slice(0, length)}`);
  });

  test('a client assertion is no access token', async () => {
    await refused(`Bearer ${assertion('tester', sandbox.tokenEndpoint, sandbox.key('tester'))}`);
  });

  test('in the query string it is no token', async () => {
    const response = await fetch(`${sandbox.baseUrl}/Patient?access_token=${await sandbox.token('tester')}`);
    await response.json();
    expect(response.status).toBe(401);
  });

  test('it ends with its life, although it was seen before', async () => {
    const token = await sandbox.token('tester');
    expect((await get(`Bearer ${token}`)).status).toBe(200);
    sandbox.clockMs = 299_000;
    const late = (await get(`Bearer ${token}`)).status;
    sandbox.clockMs = 301_000;
    const challenge = await refused(`Bearer ${token}`);
    sandbox.clockMs = 0;
    expect([late, challenge]).toEqual([
      200,
      'Bearer realm="noren", error="invalid_token", error_description="The access token has expired."',
    ]);
  });

  test('it dies at once when its client is switched off, and other clients’ do not', async () => {
    const [one, two] = [await sandbox.token('hospital-1'), await sandbox.token('hospital-2')];
    expect([(await get(`Bearer ${one}`)).status, (await get(`Bearer ${two}`)).status]).toEqual([200, 200]);
    await sandbox.clients.setActive('hospital-1', false);
    await refused(`Bearer ${one}`);
    const neighbour = (await get(`Bearer ${two}`)).status;
    await sandbox.clients.setActive('hospital-1', true);
    expect(neighbour).toBe(200);
  });

  test('a patient claim that is no Patient reference gives nothing', async () => {
    const access = await sandbox.authorization.authenticate(
      `Bearer ${forged({ claims: { client_id: 'patient-app', scope: 'patient/*.cruds', patient: 'Organization/1' } })}`,
    );
    expect([access.permits, access.reach]).toEqual([{}, {}]);
  });

  test('no answer repeats the token', async () => {
    const token = forged({ claims: { client_id: 'nobody' } });
    const { challenge, body } = await get(`Bearer ${token}`);
    expect(challenge + JSON.stringify(body)).not.toContain(token.slice(0, 20));
  });
});

describe('settings', () => {
  const settings = () => ({ baseUrl: sandbox.baseUrl, dataDir: sandbox.dataDir, clients: sandbox.clients, tokenLifeSeconds: 300, pages });

  test('a token never lives under 120 seconds, or over an hour', () => {
    for (const tokenLifeSeconds of [119, 3601, 0, Number.NaN])
      expect(() => createAuthorization({ ...settings(), mode: 'sandbox', tokenLifeSeconds })).toThrow('120 to 3600 seconds');
  });

  test('production needs a signing key and an issuer', () => {
    expect(() => createAuthorization({ ...settings(), mode: 'production' })).toThrow('a signing key and an issuer');
    expect(() => createAuthorization({ ...settings(), mode: 'production', signingKeys: [createKey()] })).toThrow(
      'a signing key and an issuer',
    );
  });

  test('in production a tester and a patient app get no token', async () => {
    const production = await startSandbox({
      dataDir: sandbox.dataDir,
      mode: 'production',
      signingKeys: sandboxSigningKeys(sandbox.dataDir),
      issuer: 'https://noren.example/oauth',
    });
    const at = (client: string, more: Record<string, string> = {}) => {
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: assertionType,
        client_assertion: assertion(client, 'https://noren.example/oauth/token', sandbox.key(client)),
        ...more,
      });
      return fetch(production.baseUrl.replace(/fhir$/, 'oauth/token'), { method: 'POST', body: form }).then(
        r => r.json() as Promise<Record<string, unknown>>,
      );
    };
    const answers = [await at('tester'), await at('patient-app', { patient: 'Patient/1' }), await at('operator')];
    await production.close();
    expect(answers.map(a => a['error'])).toEqual(['invalid_client', 'unauthorized_client', undefined]);
  });
});
