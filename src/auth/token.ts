/**
 * An access token that came with a request → Access, or 401.
 * Signature, issuer, audience and life are judged once per token; whether its client is switched on, its grant stands and its person may sign in, at every request.
 * RFC 6750 (Bearer), RFC 9068 (JWT access tokens), RFC 8725 (algorithms pinned by the key, never by the token)
 * @module
 */
import type { KeyObject } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import type { Access } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Kept } from '../fhir/store/kept.ts';
import type { Account, Accounts } from './accounts.ts';
import type { Client, Clients } from './clients.ts';
import { type Algorithm, type Jwk, publicKeyOf, tokenAlgorithm } from './keys.ts';
import { accessOf, contextsOf } from './roles.ts';
import { parseScopes } from './scopes.ts';

export interface TokenCheckSettings {
  readonly issuer: string;
  readonly baseUrl: string;
  readonly clients: Clients;
  readonly accounts: Accounts;
  readonly kept: Kept;
  readonly signingKeys: readonly Jwk[];
  readonly now: () => number;
}

interface Verified {
  readonly access: Access;
  /** The registration that the access was made from: another one, another judgement. */
  readonly client: Client;
  /** Likewise, who signed in. */
  readonly account: Account | undefined;
  /** Name of the grant that it came of. */
  readonly grant: string | undefined;
  /** Seconds since 1970. */
  readonly expires: number;
}

/** A token without a grant that was called back is, by its jti, one that was used. */
export const tokenKind = 'AccessToken';
/** Tokens remembered, up to some 10 kB each. */
const most = 2_000;
/** No token of ours is longer. */
const longest = 8192;

const refusal = (text: string, challenge: string): Problem => new Problem('login', text, { headers: { 'WWW-Authenticate': challenge } });
export const invalid = (text: string): Problem => refusal(text, `Bearer realm="noren", error="invalid_token", error_description="${text}"`);

export interface TokenCheck {
  /** At once, where nobody else has to be asked. */
  authenticate: (header: string | undefined) => Access | Promise<Access>;
  /** What a token says, as far as it is good now; `grantName`: under which its grant is kept. Undefined: it opens nothing. */
  inspect: (token: string) => Promise<({ readonly [claim: string]: unknown } & { readonly grantName: string | undefined }) | undefined>;
  forget: () => void;
}

/**
 * Headers with a good token are kept as they came, so that the next one costs a look into a map, not a hash and a signature;
 * whoever can read this process's memory can read its signing key, too.
 */
export function createTokenCheck(settings: TokenCheckSettings): TokenCheck {
  const { issuer, baseUrl, clients, accounts, kept, signingKeys, now } = settings;
  const keys = new Map<string, { key: KeyObject; algorithm: Algorithm }>(
    signingKeys.map(key => [key.kid, { key: publicKeyOf(key), algorithm: tokenAlgorithm(key) }]),
  );
  const seen = new Map<string, Verified>();

  function verify(token: string): Verified {
    const claims = verifiedClaims(token);
    const { client_id, scope, jti, exp, patient, sub, grant } = claims;
    const client = typeof client_id === 'string' ? clients.find(client_id) : undefined;
    if (client === undefined || typeof scope !== 'string' || typeof jti !== 'string' || typeof exp !== 'number')
      throw invalid('The access token is not one of this server.');
    const named = typeof patient === 'string' && literal(patient)?.type === 'Patient' ? patient : undefined;
    const scopes = parseScopes(scope).known.filter(one => contextsOf(client.kind).includes(one.context));
    const account = typeof grant === 'string' && typeof sub === 'string' ? accounts.find(sub) : undefined;
    if (grant !== undefined && (typeof grant !== 'string' || account === undefined || !actsFor(account, client, named)))
      throw invalid('Whoever signed in may not do this any more.');
    return { access: accessOf(client, scopes, named, jti, account), client, account, grant, expires: exp };
  }

  /** As it was when the token was made; an account may have lost a patient since. */
  const actsFor = (account: Account, client: Client, patient: string | undefined): boolean =>
    account.active && (client.kind === 'patient-app' ? account.patients.includes(patient ?? '') : account.organization !== undefined);

  /** Whether what was verified once still holds. */
  const stands = ({ client, account, expires }: Verified): boolean =>
    clients.find(client.client_id) === client && (account === undefined || accounts.find(account.id) === account) && expires > now() / 1000;

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

  /** What a header's token says, judged once. */
  function known(header: string | undefined): Verified {
    const there = header === undefined ? undefined : seen.get(header);
    if (there !== undefined && stands(there)) return there;
    if (header !== undefined) seen.delete(header);
    const token = bearer(header);
    const verified = verify(token);
    // The usual form alone: other spellings of one token must not push out the others' tokens.
    if (header === `Bearer ${token}`) {
      if (seen.size >= most) seen.delete(seen.keys().next().value!);
      seen.set(header, verified);
    }
    return verified;
  }

  function isRevoked({ grant, access }: Verified): boolean | Promise<boolean> {
    if (grant === undefined) return kept.isUsed(tokenKind, access.agent.token!);
    const there = kept.has('Grant', grant);
    return typeof there === 'boolean' ? !there : there.then(is => !is);
  }

  function judged({ client, access }: Verified, revoked: boolean): Access {
    if (!client.active) throw invalid('The client of this access token is switched off.');
    if (revoked) throw invalid('The access token was revoked.');
    return access;
  }

  function authenticate(header: string | undefined): Access | Promise<Access> {
    const verified = known(header);
    const revoked = isRevoked(verified);
    const fresh = clients.fresh();
    if (typeof revoked === 'boolean' && fresh === undefined) return judged(verified, revoked);
    // Of the client what is known after the look.
    return Promise.all([revoked, fresh]).then(([is]) => judged(known(header), is));
  }

  return {
    authenticate,
    async inspect(token) {
      try {
        await authenticate(`Bearer ${token}`);
      } catch (thrown) {
        if (thrown instanceof Problem && thrown.kind === 'login') return undefined;
        throw thrown;
      }
      const claims = verifiedClaims(token);
      return { ...claims, grantName: typeof claims['grant'] === 'string' ? claims['grant'] : undefined };
    },
    forget: () => seen.clear(),
  };
}

export function bearer(header: string | undefined): string {
  if (header === undefined) throw refusal('This needs an access token: send "Authorization: Bearer …".', 'Bearer realm="noren"');
  const [, token] = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(header.slice(0, longest + 16)) ?? [];
  if (token === undefined || header.length > longest) throw invalid('The Authorization header holds no access token.');
  return token;
}

export function headerOf(token: string): Record<string, unknown> | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString());
    return typeof header === 'object' && header !== null ? (header as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
