/**
 * The token endpoint: client_credentials by private_key_jwt, and the key set that verifies its tokens. oidc-provider does the protocol;
 * what SMART asks beyond it stands here. Every other path of that library is closed.
 * SMART: https://hl7.org/fhir/smart-app-launch/backend-services.html, RFC 6749 §4.4, RFC 7523
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, Provider, type TokenContext } from 'oidc-provider';
import { literal } from '../fhir/model/reference.ts';
import type { Client, Clients, Mode } from './clients.ts';
import { type Jwk, tokenAlgorithm } from './keys.ts';
import { createLimit } from './limit.ts';
import type { Replay } from './replay.ts';
import { contextOf } from './roles.ts';
import { intersection, parseScopes, type Scope } from './scopes.ts';
import { tokenEndpointOf } from './smart-configuration.ts';

export interface AuthorizationServerSettings {
  readonly issuer: string;
  readonly baseUrl: string;
  readonly clients: Clients;
  readonly mode: Mode;
  readonly signingKeys: readonly Jwk[];
  readonly tokenLifeSeconds: number;
  readonly replay: Replay;
  /** Milliseconds. The library itself reads the system's clock: an assertion's `exp` is judged by that. */
  readonly now: () => number;
  readonly onBug: (error: Error) => void;
  readonly refusalsPerMinute: number;
}

/** An assertion may live 5 minutes, and clocks may differ by some seconds. */
export const assertionLifeSeconds = 300;
export const clockToleranceSeconds = 5;

/** Handler for the issuer's path: `POST /token`, `GET /jwks`. Everything else: 404. */
export function createAuthorizationServer(
  settings: AuthorizationServerSettings,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { issuer, baseUrl, clients, mode, signingKeys, tokenLifeSeconds, replay, now, onBug, refusalsPerMinute } = settings;
  const tokenEndpoint = tokenEndpointOf(issuer);
  const algorithm = tokenAlgorithm(signingKeys[0]!);
  const registered = (clientId: string): Client => clients.find(clientId)!;

  const provider = new Provider(issuer, {
    jwks: { keys: signingKeys.map(key => ({ ...key, use: 'sig', alg: tokenAlgorithm(key) })) },
    adapter: (model: string) => adapterOf(model, clients, mode, replay),
    scopes: [],
    responseTypes: [],
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'], idTokenSigningAlgValues: [algorithm] },
    clientDefaults: { id_token_signed_response_alg: algorithm },
    clockTolerance: clockToleranceSeconds,
    // System clients are no browsers, and no origin is registered.
    clientBasedCORS: () => false,
    ttl: { ClientCredentials: tokenLifeSeconds },
    routes: { token: '/token', jwks: '/jwks' },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => baseUrl,
        getResourceServerInfo: (context: TokenContext, resource: string, client: { clientId: string }) => {
          if (resource.replace(/\/$/, '') !== baseUrl) throw new errors.InvalidTarget('resource must be the base URL of this server');
          const granted = grant(registered(client.clientId), context.oidc.params.scope);
          // The library hands out what is asked and known to the resource server: from here on both are what we grant.
          context.oidc.params.scope = granted;
          return {
            scope: granted,
            audience: baseUrl,
            accessTokenFormat: 'jwt',
            accessTokenTTL: tokenLifeSeconds,
            jwt: { sign: { alg: algorithm, kid: signingKeys[0]!.kid } },
          };
        },
      },
    },
    assertJwtClientAuthClaimsAndHeader: (_context: unknown, claims: Record<string, unknown>, header: Record<string, unknown>) =>
      assertAssertion(claims, header, tokenEndpoint, now),
    extraTokenClaims: (context: TokenContext, token: { clientId: string }) => patientOf(context, registered(token.clientId), mode),
    renderError: (context: TokenContext, out: object) => {
      context.body = out;
    },
  });
  // By itself it takes its own issuer too, and builds URLs from the Host header.
  provider.OIDCContext.prototype.clientJwtAuthExpectedAudience = () => new Set([tokenEndpoint]);
  provider.use(async (context, next) => {
    await next();
    context.set('Pragma', 'no-cache');
    context.remove('Access-Control-Allow-Origin');
    context.remove('Access-Control-Expose-Headers');
    const patient = context.oidc?.entities.ClientCredentials?.extra?.patient;
    if (patient !== undefined) context.body = { ...(context.body as object), patient: patient.slice('Patient/'.length) };
  });
  provider.on('server_error', (_context, error) => onBug(error));
  provider.on('error', onBug);

  const serve = provider.callback();
  const limit = createLimit(refusalsPerMinute, now);
  return (request, response) => {
    const route = (request.url ?? '').split('?', 1)[0];
    const address = (request as { ip?: string }).ip ?? request.socket.remoteAddress ?? '';
    if (route === '/token') {
      if (request.method !== 'POST')
        return answer(response, 405, { error: 'invalid_request', error_description: 'Use POST.' }, { Allow: 'POST' });
      if (!limit.open(address))
        return answer(
          response,
          429,
          { error: 'temporarily_unavailable', error_description: 'Too many refused requests.' },
          { 'Retry-After': '60' },
        );
      response.once('finish', () => {
        if (response.statusCode >= 400) limit.refused(address);
      });
    } else if (route !== '/jwks' || request.method !== 'GET') {
      return answer(response, 404, { error: 'invalid_request', error_description: 'There is no such endpoint.' });
    }
    // Errors are JSON, whatever a browser would rather see.
    request.headers.accept = 'application/json';
    serve(request, response).catch(onBug);
  };
}

function answer(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    Pragma: 'no-cache',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

/** What the library keeps: nothing but the clients it may know and the assertions that were used. */
function adapterOf(model: string, clients: Clients, mode: Mode, replay: Replay) {
  return {
    find: async (id: string) => {
      const client = model === 'Client' ? clients.find(id) : undefined;
      if (client === undefined || !client.active || (mode === 'production' && client.kind === 'tester')) return undefined;
      return {
        client_id: client.client_id,
        token_endpoint_auth_method: 'private_key_jwt',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        jwks: client.jwks,
      };
    },
    upsert: async (id: string) => {
      if (model === 'ReplayDetection' && !replay.claim(id))
        throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
    },
  };
}

/** What SMART asks of an assertion beyond RFC 7523. The signature, iss, sub, jti and a coming `exp` are verified already. */
function assertAssertion(claims: Record<string, unknown>, header: Record<string, unknown>, tokenEndpoint: string, now: () => number): void {
  const refuse = (why: string): never => {
    throw new errors.InvalidClientAuth(why);
  };
  const { exp, aud, jti } = claims;
  if (typeof exp !== 'number' || exp > now() / 1000 + assertionLifeSeconds + clockToleranceSeconds)
    refuse('exp is more than 5 minutes ahead');
  if ((Array.isArray(aud) && aud.length === 1 ? aud[0] : aud) !== tokenEndpoint) refuse('aud is not the token endpoint alone');
  if (typeof jti !== 'string' || jti.length > 512) refuse('jti is no text of usual length');
  if (typeof header['kid'] !== 'string') refuse('kid is missing');
  if (header['typ'] !== undefined && String(header['typ']).toUpperCase() !== 'JWT') refuse('typ is not JWT');
  // No client has registered a URL for its keys.
  if ('jku' in header || 'jwk' in header || 'x5u' in header || 'x5c' in header) refuse('keys are registered, not sent');
}

/** The scope parameter → the scopes granted, as text. @throws InvalidScope */
function grant(client: Client, asked: string | undefined): string {
  const ofKind = (scopes: readonly Scope[]) => scopes.filter(scope => scope.context === contextOf(client.kind));
  const allowed = ofKind(parseScopes(client.scope).known);
  const { known, restricted, tooMany } = parseScopes(asked ?? client.scope);
  if (restricted) throw new errors.InvalidScope('scopes with a query are not supported');
  if (tooMany) throw new errors.InvalidScope('too many scopes');
  const granted = intersection(ofKind(known), allowed);
  if (granted.length === 0) throw new errors.InvalidScope('none of the requested scopes can be granted');
  return granted.map(scope => scope.text).join(' ');
}

/** The patient in whose context a patient app acts: named in the token request, in a sandbox only. */
function patientOf(context: TokenContext, client: Client, mode: Mode): { patient: string } | undefined {
  const patient = context.oidc.body?.['patient'];
  if (client.kind !== 'patient-app') {
    if (patient !== undefined) throw new errors.InvalidRequest('patient is for patient apps only');
    return undefined;
  }
  if (mode !== 'sandbox') throw new errors.UnauthorizedClient('a patient app acts for a patient who signs in; this is not offered yet');
  const named = typeof patient === 'string' ? literal(patient) : undefined;
  if (named?.type !== 'Patient' || named.versionId !== undefined) throw new errors.InvalidRequest('patient must be Patient/<id>');
  return { patient: `Patient/${named.id}` };
}
