/**
 * A STAND-IN, not Noren: a small FHIR and SMART server over real HTTP, of another origin, with none of Noren's operations unless it is told to have them.
 * It proves that the patient's page speaks SMART and FHIR, not Noren; and it can fail on demand.
 * SMART: https://hl7.org/fhir/smart-app-launch/app-launch.html
 * @module
 */
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

export interface StandIn {
  readonly iss: string;
  readonly origin: string;
  /** By type and id. */
  readonly resources: Map<string, Json>;
  /** Answers of operations, by code; absent: 404. */
  readonly operations: Map<string, (parameters: Json) => Json>;
  /** Set by a test: answers every FHIR request (status, body) instead. */
  failing: { readonly status: number; readonly body?: Json } | undefined;
  /** Tokens given out so far stop to work. */
  expireTokens(): void;
  /** What the token endpoint leaves out or turns wrong. */
  tamper: ((tokens: Json) => Json) | undefined;
  /** The user says no. */
  denying: boolean;
  capabilities: string[];
  /** Requests as they came: `GET /fhir/Patient/p`. */
  readonly seen: string[];
  /** Queries of the authorization endpoint. */
  readonly authorized: URLSearchParams[];
  readonly revoked: string[];
  close(): Promise<void>;
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function idToken(claims: Json): string {
  const said = `${encode({ alg: 'RS256', kid: 'k' })}.${encode(claims)}`;
  return `${said}.${sign('sha256', Buffer.from(said), privateKey).toString('base64url')}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export async function openStandIn(patient = 'p1'): Promise<StandIn> {
  const codes = new Map<string, { challenge: string; nonce: string | null; redirect: string; scope: string }>();
  const tokens = new Set<string>();
  const refreshes = new Set<string>();

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const iss = `${origin}/fhir`;

  const self: StandIn = {
    iss,
    origin,
    resources: new Map(),
    operations: new Map(),
    failing: undefined,
    expireTokens: () => tokens.clear(),
    tamper: undefined,
    denying: false,
    capabilities: [
      'launch-standalone',
      'client-public',
      'context-standalone-patient',
      'sso-openid-connect',
      'permission-v2',
      'permission-online',
    ],
    seen: [],
    authorized: [],
    revoked: [],
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };

  const json = (response: ServerResponse, status: number, body: unknown, type = 'application/json') => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'access-control-allow-origin': '*' });
    response.end(JSON.stringify(body));
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', origin);
    if (request.method === 'OPTIONS') {
      response.writeHead(204, {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, POST, PUT',
        'access-control-allow-headers': 'authorization, content-type, accept, prefer, if-match',
      });
      response.end();
      return;
    }
    self.seen.push(`${request.method} ${url.pathname}`);
    if (url.pathname === '/fhir/.well-known/smart-configuration') {
      const endpoints = { issuer: origin, authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token` };
      json(response, 200, {
        ...endpoints,
        revocation_endpoint: `${origin}/revoke`,
        jwks_uri: `${origin}/jwks`,
        capabilities: self.capabilities,
      });
    } else if (url.pathname === '/.well-known/openid-configuration')
      json(response, 200, { issuer: origin, id_token_signing_alg_values_supported: ['RS256'] });
    else if (url.pathname === '/jwks') json(response, 200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256' }] });
    else if (url.pathname === '/authorize') authorize(url.searchParams, response);
    else if (url.pathname === '/token') token(new URLSearchParams(await bodyOf(request)), response);
    else if (url.pathname === '/revoke') {
      const given = new URLSearchParams(await bodyOf(request)).get('token') ?? '';
      self.revoked.push(given);
      tokens.delete(given);
      json(response, 200, {});
    } else if (url.pathname.startsWith('/fhir/')) await fhir(request, url, response);
    else json(response, 404, {});
  }

  /** Says yes to all that is asked correctly. */
  function authorize(query: URLSearchParams, response: ServerResponse): void {
    self.authorized.push(query);
    const redirect = query.get('redirect_uri') ?? '';
    if (query.get('response_type') !== 'code' || query.get('code_challenge_method') !== 'S256' || query.get('aud') !== iss)
      throw new Error('The request is not what SMART asks for.');
    const code = randomUUID();
    codes.set(code, { challenge: query.get('code_challenge')!, nonce: query.get('nonce'), redirect, scope: query.get('scope')! });
    const back = new URL(redirect);
    if (self.denying) back.searchParams.set('error', 'access_denied');
    else back.searchParams.set('code', code);
    back.searchParams.set('state', query.get('state')!);
    response.writeHead(302, { location: back.href });
    response.end();
  }

  function token(form: URLSearchParams, response: ServerResponse): void {
    const issue = (scope: string, more: Json) => {
      const [access_token, refresh_token] = [randomUUID(), randomUUID()];
      tokens.add(access_token);
      refreshes.add(refresh_token);
      const whole = { access_token, token_type: 'Bearer', expires_in: 300, scope, patient, refresh_token, ...more };
      json(response, 200, self.tamper === undefined ? whole : self.tamper(whole));
    };
    if (form.get('grant_type') === 'refresh_token') {
      if (!refreshes.delete(form.get('refresh_token') ?? '')) json(response, 400, { error: 'invalid_grant' });
      else issue('', {});
      return;
    }
    const held = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (held === undefined || held.challenge !== challenge || held.redirect !== form.get('redirect_uri')) {
      json(response, 400, { error: 'invalid_grant' });
      return;
    }
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: origin,
      aud: form.get('client_id'),
      sub: 'u',
      iat: now,
      exp: now + 300,
      nonce: held.nonce,
      fhirUser: `Patient/${patient}`,
    };
    issue(held.scope, held.nonce === null ? {} : { id_token: idToken(claims) });
  }

  async function fhir(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const told = (status: number, body: unknown) => json(response, status, body, 'application/fhir+json');
    const refuse = (status: number, code: string, text: string) =>
      told(status, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, details: { text } }] });
    const body = await bodyOf(request);
    if (self.failing !== undefined) return told(self.failing.status, self.failing.body ?? {});
    if (!tokens.has((request.headers.authorization ?? '').replace(/^Bearer /, ''))) return refuse(401, 'login', 'The token is not good.');
    const [first = '', id] = url.pathname.slice('/fhir/'.length).split('/');
    if (first.startsWith('$')) {
      const run = self.operations.get(first.slice(1));
      return run === undefined ? refuse(404, 'not-supported', 'There is no such operation.') : told(200, run(JSON.parse(body) as Json));
    }
    if (request.method === 'POST') {
      const made = { ...(JSON.parse(body) as Json), id: randomUUID(), meta: { versionId: '1', lastUpdated: new Date().toISOString() } };
      self.resources.set(`${first}/${made.id}`, made);
      return told(201, made);
    }
    if (request.method === 'PUT') {
      const changed = { ...(JSON.parse(body) as Json), meta: { versionId: '2', lastUpdated: new Date().toISOString() } };
      self.resources.set(`${first}/${id}`, changed);
      return told(200, changed);
    }
    if (id !== undefined) {
      const found = self.resources.get(`${first}/${id}`);
      return found === undefined ? refuse(404, 'not-found', 'There is no such resource.') : told(200, found);
    }
    const matches = [...self.resources].filter(([reference]) => reference.startsWith(`${first}/`)).map(([, resource]) => ({ resource }));
    return told(200, { resourceType: 'Bundle', type: 'searchset', total: matches.length, entry: matches });
  }

  return self;
}
