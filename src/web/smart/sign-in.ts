/**
 * Signing in and out: authorization code flow with PKCE, state and nonce; renewal while the server gives refresh tokens; revocation at the end.
 * SMART: https://hl7.org/fhir/smart-app-launch/app-launch.html, OAuth 2.0 for browser apps: https://www.rfc-editor.org/rfc/rfc9700
 * @module
 */
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  type Client,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  getValidatedIdTokenClaims,
  None,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  ResponseBodyError,
  refreshTokenGrantRequest,
  revocationRequest,
  type TokenEndpointResponse,
  validateAuthResponse,
} from 'oauth4webapi';
import { discover, scopesFor, type Wanted } from './discovery.ts';
import { Failure, noAnswer } from './failure.ts';
import type { Keep, Session } from './session.ts';

/** Which app this is, and where it is. */
export interface App {
  readonly clientId: string;
  readonly redirectUri: string;
  /** FHIR base URL, without a slash at its end. */
  readonly iss: string;
  readonly wanted: Omit<Wanted, 'launched'>;
  /** Given by an EHR that opened the page. */
  readonly launch?: string;
}

const online = () => navigator.onLine;

/** Without TLS on this machine alone: a sandbox. */
const insecurely = (url: string) => ({ [allowInsecureRequests]: /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/]/.test(url) });

const clientOf = (clientId: string): Client => ({ client_id: clientId, token_endpoint_auth_method: 'none' });

/**
 * The address to send the browser to; what it needs on its way back is kept.
 * @param anew the user wants to choose again what he chose before: another patient
 */
export async function beginSignIn(app: App, keep: Keep, language: string, anew = false): Promise<string> {
  const configuration = await discover(app.iss, online);
  const [state, nonce, verifier] = [generateRandomState(), generateRandomNonce(), generateRandomCodeVerifier()];
  const scope = scopesFor(configuration, { ...app.wanted, launched: app.launch !== undefined });
  const isOpenId = scope.split(' ').includes('openid');
  const { clientId, redirectUri, iss } = app;
  keep.set('pending', { iss, clientId, configuration, state, nonce, verifier, redirectUri, isOpenId });
  const url = new URL(configuration.authorization_endpoint);
  const query: Record<string, string> = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state,
    aud: iss,
    ui_locales: language,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(isOpenId ? { nonce } : {}),
    ...(app.launch === undefined ? {} : { launch: app.launch }),
    // A tablet goes from hand to hand: after signing out the server's own memory of who was here must not sign the next one in.
    ...(keep.get('ended') === undefined ? (anew ? { prompt: 'consent' } : {}) : { prompt: 'login' }),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** Whether the browser comes back from an authorization server. */
export const isReturning = (query: URLSearchParams): boolean => query.has('state') && (query.has('code') || query.has('error'));

/**
 * The session that the browser's return leads to. Whatever comes of it, what was kept for it is used up.
 * @throws Failure: refused when the user or the server said no, or when this is not the answer to what this tab asked
 */
export async function finishSignIn(query: URLSearchParams, keep: Keep): Promise<Session> {
  const pending = keep.get('pending');
  keep.drop('pending');
  if (pending === undefined) throw new Failure('expired');
  const { iss, clientId, configuration, state, nonce, verifier, redirectUri, isOpenId } = pending;
  const client = clientOf(clientId);
  try {
    // Who names no issuer cannot be held to one in the answer.
    if (!isOpenId && configuration.authorization_response_iss_parameter_supported !== true) query.delete('iss');
    const answer = validateAuthResponse(configuration, client, query, state);
    const response = await authorizationCodeGrantRequest(
      configuration,
      client,
      None(),
      answer,
      redirectUri,
      verifier,
      insecurely(configuration.token_endpoint),
    );
    const tokens = await processAuthorizationCodeResponse(
      configuration,
      client,
      response,
      isOpenId ? { expectedNonce: nonce, requireIdToken: true } : {},
    );
    const session = sessionOf(tokens, { iss, clientId, configuration });
    keep.set('session', session);
    keep.drop('ended');
    return session;
  } catch (error) {
    throw failureIn(error);
  }
}

function sessionOf(tokens: TokenEndpointResponse, before: Pick<Session, 'iss' | 'clientId' | 'configuration'> & Partial<Session>): Session {
  const claims = tokens.id_token === undefined ? undefined : getValidatedIdTokenClaims(tokens);
  const [patient, user] = [tokens['patient'] ?? before.patient, claims?.['fhirUser'] ?? before.user];
  const refreshToken = tokens.refresh_token ?? before.refreshToken;
  return {
    iss: before.iss,
    clientId: before.clientId,
    configuration: before.configuration,
    accessToken: tokens.access_token,
    scope: tokens.scope ?? before.scope ?? '',
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(typeof patient === 'string' ? { patient } : {}),
    // Absolute or relative, by SMART: the last two steps say who.
    ...(typeof user === 'string' ? { user: user.split('/').slice(-2).join('/') } : {}),
  };
}

/** An authorization server's no is told in the app's words: its own are for developers. */
function failureIn(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof AuthorizationResponseError && error.error === 'access_denied') return new Failure('cancelled');
  if (error instanceof TypeError && /fetch|network/i.test(error.message)) return noAnswer(online());
  if (error instanceof ResponseBodyError && error.status >= 500) return new Failure('away', '', error.status);
  return new Failure('refused');
}

/** Renewed, or undefined where it cannot be: then the user signs in again. */
export async function renew(session: Session, keep: Keep): Promise<Session | undefined> {
  const { configuration, refreshToken, clientId } = session;
  if (refreshToken === undefined) return undefined;
  const client = clientOf(clientId);
  try {
    const response = await refreshTokenGrantRequest(configuration, client, None(), refreshToken, insecurely(configuration.token_endpoint));
    const renewed = sessionOf(await processRefreshTokenResponse(configuration, client, response), session);
    keep.set('session', renewed);
    return renewed;
  } catch (error) {
    const failure = failureIn(error);
    if (failure.kind === 'refused') return undefined;
    throw failure;
  }
}

/** Forgets the session here, and has the server forget it where it can. */
export async function signOut(session: Session, keep: Keep): Promise<void> {
  keep.drop('session', 'pending', 'view');
  keep.set('ended', true);
  const { configuration, clientId } = session;
  const endpoint = configuration.revocation_endpoint;
  if (endpoint === undefined) return;
  for (const token of [session.refreshToken, session.accessToken]) {
    if (token === undefined) continue;
    // The session here is over in any case.
    await revocationRequest(configuration, clientOf(clientId), None(), token, insecurely(endpoint)).catch(() => undefined);
  }
}
