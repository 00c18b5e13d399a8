/**
 * An access token that came with a request → Access, or 401.
 * Signature, issuer, audience and life are judged once per token; whether its client is switched on, at every request.
 * RFC 6750 (Bearer), RFC 9068 (JWT access tokens), RFC 8725 (algorithms pinned by the key, never by the token)
 * @module
 */
import type { KeyObject } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import type { Access } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Client, Clients } from './clients.ts';
import { type Algorithm, type Jwk, publicKeyOf, tokenAlgorithm } from './keys.ts';
import { accessOf, contextOf } from './roles.ts';
import { parseScopes } from './scopes.ts';

export interface TokenCheckSettings {
  readonly issuer: string;
  readonly baseUrl: string;
  readonly clients: Clients;
  readonly signingKeys: readonly Jwk[];
  readonly now: () => number;
}

interface Verified {
  readonly access: Access;
  /** The registration that the access was made from: another one, another judgement. */
  readonly client: Client;
  /** Seconds since 1970. */
  readonly expires: number;
}

/** Tokens remembered, up to some 10 kB each. */
const most = 2_000;
/** No token of ours is longer. */
const longest = 8192;

const refusal = (text: string, challenge: string): Problem => new Problem('login', text, { headers: { 'WWW-Authenticate': challenge } });
const invalid = (text: string): Problem => refusal(text, `Bearer realm="noren", error="invalid_token", error_description="${text}"`);

/**
 * `authenticate` answers synchronously. Headers with a good token are kept as they came, so that the next one costs a look into a map, not a hash and a
 * signature; whoever can read this process's memory can read its signing key, too.
 */
export function createTokenCheck(settings: TokenCheckSettings): {
  authenticate: (header: string | undefined) => Access;
  forget: () => void;
} {
  const { issuer, baseUrl, clients, signingKeys, now } = settings;
  const keys = new Map<string, { key: KeyObject; algorithm: Algorithm }>(
    signingKeys.map(key => [key.kid, { key: publicKeyOf(key), algorithm: tokenAlgorithm(key) }]),
  );
  const seen = new Map<string, Verified>();

  function verify(token: string): Verified {
    const claims = verifiedClaims(token);
    const { client_id, scope, jti, exp, patient } = claims;
    const client = typeof client_id === 'string' ? clients.find(client_id) : undefined;
    if (client === undefined || typeof scope !== 'string' || typeof jti !== 'string' || typeof exp !== 'number')
      throw invalid('The access token is not one of this server.');
    const named = typeof patient === 'string' && literal(patient)?.type === 'Patient' ? patient : undefined;
    const scopes = parseScopes(scope).known.filter(one => one.context === contextOf(client.kind));
    return { access: accessOf(client, scopes, named, jti), client, expires: exp };
  }

  function verifiedClaims(token: string): Record<string, unknown> {
    const header = headerOf(token);
    const known = typeof header?.['kid'] === 'string' ? keys.get(header['kid']) : undefined;
    // An ID token or another JWT by the same key is no access token.
    if (known === undefined || header?.['typ'] !== 'at+jwt') throw invalid('The access token is not one of this server.');
    try {
      const claims = jsonwebtoken.verify(token, known.key, {
        algorithms: [known.algorithm],
        issuer,
        audience: baseUrl,
        clockTimestamp: Math.floor(now() / 1000),
      });
      return typeof claims === 'string' ? {} : claims;
    } catch (error) {
      if (error instanceof jsonwebtoken.TokenExpiredError) throw invalid('The access token has expired.');
      throw invalid('The access token is not one of this server.');
    }
  }

  return {
    authenticate(header) {
      let verified = header === undefined ? undefined : seen.get(header);
      const client = verified && clients.find(verified.client.client_id);
      if (verified === undefined || client !== verified.client || verified.expires <= now() / 1000) {
        if (header !== undefined) seen.delete(header);
        const token = bearer(header);
        verified = verify(token);
        // The usual form alone: other spellings of one token must not push out the others' tokens.
        if (header === `Bearer ${token}`) {
          if (seen.size >= most) seen.delete(seen.keys().next().value!);
          seen.set(header, verified);
        }
      }
      if (!verified.client.active) throw invalid('The client of this access token is switched off.');
      return verified.access;
    },
    forget: () => seen.clear(),
  };
}

function bearer(header: string | undefined): string {
  if (header === undefined) throw refusal('This needs an access token: send "Authorization: Bearer …".', 'Bearer realm="noren"');
  const [, token] = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(header.slice(0, longest + 16)) ?? [];
  if (token === undefined || header.length > longest) throw invalid('The Authorization header holds no access token.');
  return token;
}

function headerOf(token: string): Record<string, unknown> | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString());
    return typeof header === 'object' && header !== null ? (header as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
