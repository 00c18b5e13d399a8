/**
 * oidc-provider as it is set up here: what SMART asks beyond OAuth 2.0 and OpenID Connect stands in this configuration.
 * SMART: https://hl7.org/fhir/smart-app-launch/app-launch.html, https://hl7.org/fhir/smart-app-launch/backend-services.html; RFC 6749, 7523, 7636
 * @module
 */
import { type Context, errors, interactionPolicy, Provider, type Token } from 'oidc-provider';
import { Problem } from '../fhir/model/outcome.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Kept } from '../fhir/store/kept.ts';
import type { Accounts } from './accounts.ts';
import { createAdapters } from './adapter.ts';
import { assertAssertion, clockToleranceSeconds } from './assertion-rules.ts';
import type { Client, Clients, Mode } from './clients.ts';
import { type Contexts, parametersOf } from './context.ts';
import { grant } from './grant.ts';
import type { KeySets } from './jwks.ts';
import { type Jwk, tokenAlgorithm } from './keys.ts';
import { placesOf } from './smart-configuration.ts';

export interface ProviderParts {
  readonly issuer: string;
  readonly baseUrl: string;
  readonly clients: Clients;
  readonly mode: Mode;
  readonly accounts: Accounts;
  readonly signingKeys: readonly Jwk[];
  readonly tokenLifeSeconds: number;
  readonly keySets: KeySets;
  readonly kept: Kept;
  readonly contexts: Contexts;
  /** Signs the cookies. */
  readonly cookieKey: string;
  /** Milliseconds. The library itself reads the system's clock: an assertion's `exp` is judged by that. */
  readonly now: () => number;
  readonly onBug: (error: Error) => void;
  /** Shows an error to a person, where it cannot go back to the app. */
  readonly showError: (context: Context, code: string) => void;
  /** What our own endpoints do once the library has authenticated the client. */
  readonly ownEndpoints: Readonly<Record<string, (context: Context) => Promise<void>>>;
}

/** A code is good for a minute, a grant (and its refresh tokens) for 30 days, a browser's session for an hour after its last use. */
const lives = { code: 60, interaction: 900, session: 3600 } as const;
export const grantLifeSeconds = 30 * 86_400;

/** Of ours, reached through the token endpoint's own client authentication. */
export const ownGrantType = (endpoint: string): string => `urn:noren:endpoint:${endpoint}`;

const pages = new Set(['authorization', 'resume']);

export function createProvider(parts: ProviderParts): Provider {
  const { issuer, baseUrl, clients, mode, accounts, signingKeys, tokenLifeSeconds, contexts, now, onBug, showError, ownEndpoints } = parts;
  const { token: tokenEndpoint } = placesOf(issuer);
  const algorithm = tokenAlgorithm(signingKeys[0]!);
  const idTokenAlgorithm = signingKeys.some(key => key.kty === 'RSA') ? 'RS256' : algorithm;
  const registered = (clientId: string): Client => clients.find(clientId)!;
  const origin = new URL(baseUrl).origin;
  const isBase = (url: string) => url.replace(/\/$/, '') === baseUrl;

  /** What is asked for in this request, at whichever step it is. */
  function scopeOf({ oidc }: Context): string {
    const { params, entities, route } = oidc;
    const client = registered(oidc.client.clientId);
    if (route !== 'token') return grant(client, params.scope, { launched: params.launch !== undefined });
    const source = entities.AuthorizationCode ?? entities.RefreshToken;
    // What was agreed to already, less what the registration has lost since.
    return source === undefined ? grant(client, params.scope) : grant(client, params.scope ?? source.scope, { launched: true });
  }

  const policy = interactionPolicy.base();
  policy.get('login').checks.add(
    new interactionPolicy.Check('no_account', 'the account is not there', 'login_required', ({ oidc }) => {
      return oidc.session.accountId !== undefined && oidc.account === undefined;
    }),
  );

  const provider = new Provider(issuer, {
    jwks: { keys: signingKeys.map(key => ({ ...key, use: 'sig', alg: tokenAlgorithm(key) })) },
    adapter: createAdapters({ ...parts, origin, ownGrantTypes: Object.keys(ownEndpoints).map(ownGrantType) }),
    scopes: ['openid'],
    claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
    responseTypes: ['code'],
    clientAuthMethods: ['private_key_jwt', 'none'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'], idTokenSigningAlgValues: [...new Set([algorithm, idTokenAlgorithm])] },
    clientDefaults: { id_token_signed_response_alg: idTokenAlgorithm },
    conformIdTokenClaims: false,
    clockTolerance: clockToleranceSeconds,
    // Origins are answered for outside, the same for all endpoints.
    clientBasedCORS: () => true,
    allowOmittingSingleRegisteredRedirectUri: false,
    cookies: { keys: [parts.cookieKey], short: { httpOnly: true, sameSite: 'lax' }, long: { httpOnly: true, sameSite: 'lax' } },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_context: Context, _client: unknown, source: Token) =>
      source.scopes.has('offline_access') || source.scopes.has('online_access'),
    expiresWithSession: async (_context: Context, source: Token) => !source.scopes.has('offline_access'),
    ttl: {
      AccessToken: tokenLifeSeconds,
      AuthorizationCode: lives.code,
      ClientCredentials: tokenLifeSeconds,
      Grant: grantLifeSeconds,
      IdToken: tokenLifeSeconds,
      Interaction: lives.interaction,
      RefreshToken: grantLifeSeconds,
      Session: lives.session,
    },
    routes: { authorization: '/authorize', token: '/token', jwks: '/jwks' },
    // Each authorization has a grant of its own: its context, its leave, its end.
    loadExistingGrant: async ({ oidc }: Context) => {
      const id = oidc.result?.consent?.grantId;
      return id === undefined ? undefined : oidc.provider.Grant.find(id);
    },
    findAccount: async (_context: Context, id: string) => {
      const account = accounts.find(id);
      if (account === undefined || !account.active) return undefined;
      return { accountId: id, claims: async () => ({ sub: id, fhirUser: `${baseUrl}/${account.fhirUser}` }) };
    },
    interactions: { policy, url: (_context: Context, { uid }: { uid: string }) => `${new URL(issuer).pathname}/sign-in/${uid}` },
    extraParams: {
      aud: async (_context: Context, value: string | undefined) => {
        if (value === undefined) throw new errors.InvalidRequest('aud must be the base URL of this server');
        if (!isBase(value)) throw new errors.InvalidTarget('aud is not this server');
      },
      launch: async ({ oidc }: Context, value: string | undefined) => {
        if (value !== undefined && (await contexts.launch(value))?.clientId !== oidc.client.clientId)
          throw new errors.InvalidRequest('launch is not known');
      },
      state: async (_context: Context, value: string | undefined) => {
        if (value === undefined) throw new errors.InvalidRequest('state is missing');
      },
    },
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
        getResourceServerInfo: (context: Context, resource: string) => {
          if (!isBase(resource)) throw new errors.InvalidTarget('resource must be the base URL of this server');
          const granted = scopeOf(context);
          // The library hands out what is asked and known to the resource server: from here on both are what we grant.
          if (context.oidc.route !== 'token' || context.oidc.params.grant_type === 'client_credentials')
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
    assertJwtClientAuthClaimsAndHeader: (
      _context: unknown,
      claims: Record<string, unknown>,
      header: Record<string, unknown>,
      client: { clientId: string },
    ) => assertAssertion(claims, header, tokenEndpoint, now, registered(client.clientId).jwks_uri),
    extraTokenClaims: async (context: Context, token: Token) => {
      if (token.grantId === undefined) return patientOf(context, registered(token.clientId), mode);
      const patient = (await contexts.of(token.grantId))?.patient;
      return { grant: parts.kept.nameOf('Grant', token.grantId), ...(patient === undefined ? {} : { patient }) };
    },
    renderError: (context: Context, out: { error: string }) => {
      if (pages.has(context.oidc.route)) showError(context, out.error);
      else context.body = out;
    },
  });
  for (const [endpoint, handle] of Object.entries(ownEndpoints))
    provider.registerGrantType(ownGrantType(endpoint), handle, ['token', 'token_type_hint']);
  // By itself it takes its own issuer too, and builds URLs from the Host header; where it stands, the handler says in these headers.
  provider.OIDCContext.prototype.clientJwtAuthExpectedAudience = () => new Set([tokenEndpoint]);
  provider.proxy = true;
  provider.use(async (context, next) => {
    const origin = context.res.getHeader('Access-Control-Allow-Origin');
    await next();
    context.set('Pragma', 'no-cache');
    context.remove('Access-Control-Expose-Headers');
    // Who may read the answer is settled outside; the library would let anybody.
    if (origin === undefined) context.remove('Access-Control-Allow-Origin');
    else context.set('Access-Control-Allow-Origin', String(origin));
    const { ClientCredentials, AccessToken } = context.oidc?.entities ?? {};
    if (context.status !== 200) return;
    const patient = ClientCredentials?.extra?.patient;
    if (patient !== undefined) context.body = { ...(context.body as object), patient: patient.slice('Patient/'.length) };
    const held = AccessToken?.grantId === undefined ? undefined : await contexts.of(AccessToken.grantId);
    if (held !== undefined) context.body = { ...(context.body as object), ...parametersOf(held) };
  });
  provider.on('server_error', (context, error) => {
    if (!(error instanceof Problem) || error.kind !== 'unavailable') return onBug(error);
    // What is kept could not be looked up, and nothing is given for it. An answer by redirect says it in its own way.
    if (context.status !== 500) return;
    context.status = 503;
    context.set('Retry-After', '5');
    if (!pages.has(context.oidc.route)) context.body = { error: 'temporarily_unavailable' };
  });
  provider.on('error', onBug);
  return provider;

  /** The patient in whose context a patient app acts: named in the token request, in a sandbox only. */
  function patientOf(context: Context, client: Client, mode: Mode): { patient: string } | undefined {
    const patient = context.oidc.body?.['patient'];
    if (client.kind !== 'patient-app') {
      if (patient !== undefined) throw new errors.InvalidRequest('patient is for patient apps only');
      return undefined;
    }
    if (mode !== 'sandbox') throw new errors.UnauthorizedClient('a patient app acts for a patient who signs in');
    const named = typeof patient === 'string' ? literal(patient) : undefined;
    if (named?.type !== 'Patient' || named.versionId !== undefined) throw new errors.InvalidRequest('patient must be Patient/<id>');
    return { patient: `Patient/${named.id}` };
  }
}
