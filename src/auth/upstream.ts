/**
 * Sign-in by an OpenID provider elsewhere: authorization code with PKCE, state, nonce; whoever comes back is known by `iss` and `sub` alone.
 * The browser that comes back must be the one that went: else somebody could be signed in as somebody else.
 * OpenID Connect Core 1.0 §3.1; RFC 9700 (security best current practice), RFC 9207
 * @module
 */
import { createPrivateKey, webcrypto } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as oauth from 'oauth4webapi';
import type { Kept } from '../fhir/store/kept.ts';
import type { Account, Accounts } from './accounts.ts';
import { readJson } from './files.ts';
import type { Jwk } from './keys.ts';

export interface UpstreamSettings {
  /** Of the OpenID provider. */
  readonly issuer: string;
  readonly clientId: string;
  /** JSON: a private JWK (private_key_jwt), or `{ "client_secret": "…" }`. */
  readonly keyFile: string;
}

export interface Upstream {
  /** Origin that a browser is sent to: a page whose form leads there has to allow it. */
  origin(): Promise<string>;
  /** Sends the browser there. */
  begin(uid: string, response: ServerResponse): Promise<void>;
  /** `GET [issuer]/sign-in/back`: undefined when it is not the end of what began in this browser. */
  back(request: IncomingMessage): Promise<string | undefined>;
  /** Once: who came back for this interaction. */
  arrived(uid: string): Promise<Account | undefined>;
}

const lifeSeconds = 600;
const cookieName = 'noren_back';

/** @param place issuer of this server @throws Error when the key file cannot be used */
export function openUpstream(settings: UpstreamSettings, place: string, accounts: Accounts, kept: Kept): Upstream {
  const redirectUri = `${place}/sign-in/back`;
  const client: oauth.Client = { client_id: settings.clientId };
  const [mount, secure] = [new URL(place).pathname, place.startsWith('https:') ? '; Secure' : ''];
  // Plain http is for tests on one machine.
  const options = { [oauth.allowInsecureRequests]: settings.issuer.startsWith('http://'), signal: () => AbortSignal.timeout(10_000) };
  const authentication = clientAuthentication(settings.keyFile);
  let known: Promise<oauth.AuthorizationServer> | undefined;
  const discovered = (): Promise<oauth.AuthorizationServer> => {
    const issuer = new URL(settings.issuer);
    known ??= oauth.discoveryRequest(issuer, options).then(response => oauth.processDiscoveryResponse(issuer, response));
    known.catch(() => {
      known = undefined;
    });
    return known;
  };
  return {
    origin: async () => new URL((await discovered()).authorization_endpoint!).origin,
    async begin(uid, response) {
      const { authorization_endpoint: endpoint } = await discovered();
      const [state, nonce, verifier] = [oauth.generateRandomState(), oauth.generateRandomNonce(), oauth.generateRandomCodeVerifier()];
      await kept.put('Upstream', state, { uid, nonce, verifier }, lifeSeconds);
      const url = new URL(endpoint!);
      const asked = {
        ...{ response_type: 'code', client_id: settings.clientId, redirect_uri: redirectUri, scope: 'openid', state, nonce },
        ...{ code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
      };
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
      response.statusCode = 303;
      response.appendHeader(
        'Set-Cookie',
        `${cookieName}=${state}; Path=${mount}/sign-in; HttpOnly; SameSite=Lax; Max-Age=${lifeSeconds}${secure}`,
      );
      response.setHeader('Location', url.href);
      response.end();
    },
    async back(request) {
      const url = new URL(request.url ?? '/', place);
      const [, state = ''] = new RegExp(`(?:^|;\\s*)${cookieName}=([\\w-]+)`).exec(request.headers.cookie ?? '') ?? [];
      const begun = await kept.find('Upstream', state);
      if (begun === undefined || begun['consumed'] || url.searchParams.get('state') !== state || !(await kept.use('Upstream', state)))
        return undefined;
      const [uid, nonce, verifier] = [String(begun['uid']), String(begun['nonce']), String(begun['verifier'])];
      const server = await discovered();
      const parameters = oauth.validateAuthResponse(server, client, url, state);
      const answer = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        await authentication,
        parameters,
        redirectUri,
        verifier,
        options,
      );
      const result = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce, requireIdToken: true });
      await oauth.validateApplicationLevelSignature(server, answer, options);
      const account = accounts.findUpstream(oauth.getValidatedIdTokenClaims(result)!.sub);
      await kept.put('Arrived', uid, account?.active ? { id: account.id } : {}, lifeSeconds);
      return uid;
    },
    async arrived(uid) {
      const { id, consumed } = (await kept.find('Arrived', uid)) ?? {};
      if (typeof id !== 'string' || consumed !== undefined || !(await kept.use('Arrived', uid))) return undefined;
      return accounts.find(id);
    },
  };
}

/** What can be wrong with the file is said at the start, not at the first sign-in. */
function clientAuthentication(file: string): Promise<oauth.ClientAuth> {
  const json = (readJson(file) ?? {}) as Partial<Jwk> & { client_secret?: unknown };
  if (typeof json.client_secret === 'string') return Promise.resolve(oauth.ClientSecretBasic(json.client_secret));
  let key: Buffer;
  try {
    key = createPrivateKey({ key: json as Jwk, format: 'jwk' }).export({ format: 'der', type: 'pkcs8' });
  } catch {
    throw new Error(`${file} must hold a private JWK, or a client_secret.`);
  }
  const algorithm = json.kty === 'RSA' ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' } : { name: 'ECDSA', namedCurve: json.crv ?? '' };
  const imported = webcrypto.subtle.importKey('pkcs8', new Uint8Array(key), algorithm, false, ['sign']);
  return imported.then(made => oauth.PrivateKeyJwt({ key: made as CryptoKey, ...(json.kid === undefined ? {} : { kid: json.kid }) }));
}
