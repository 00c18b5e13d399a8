/**
 * Tokens of another issuer (a Keycloak, say): taken for the clients that are registered as `external`, and never for more than they are registered for.
 * Its keys are fetched ahead and asked for again every half minute; a token that was good once is answered without waiting in between.
 * RFC 9068 (JWT access tokens), RFC 8725 (algorithms pinned by the key, issuers compared to the letter)
 * @module
 */
import type { KeyObject } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import type { Access } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Client, Clients } from './clients.ts';
import { isKeySetUrl, type KeySets } from './jwks.ts';
import { type Jwk, publicKeyOf, publicPart } from './keys.ts';
import { withoutWords } from './launch-scopes.ts';
import { accessOf, contextsOf } from './roles.ts';
import { intersection, parseScopes, type Scope } from './scopes.ts';
import { bearer, headerOf, invalid } from './token.ts';

export interface ExternalSettings {
  /** `iss` of its tokens, to the letter. */
  readonly issuer: string;
  readonly jwksUri: string;
  /** What `aud` must hold. */
  readonly audience: string;
}

interface ExternalParts extends ExternalSettings {
  /** The issuer of our own tokens. */
  readonly own: string;
  readonly clients: Clients;
  readonly keySets: KeySets;
  /** http on this machine's addresses is taken for the key set: for tests and sandboxes. */
  readonly loopback: boolean;
  /** Milliseconds. */
  readonly now: () => number;
}

export interface External {
  /** Whether a header holds a token that says to be of this issuer. Nothing of it is believed yet. */
  isIts(header: string | undefined): header is string;
  /** @throws Problem `login`, or `unavailable` where its keys cannot be had */
  authenticate(header: string): Access | Promise<Access>;
  close(): void;
}

interface Key {
  readonly key: KeyObject;
  readonly algorithm: jsonwebtoken.Algorithm;
  /** The same for the same key, whenever it was fetched. */
  readonly mark: string;
}

interface Seen {
  readonly access: Access;
  readonly client: Client;
  readonly kid: string;
  readonly mark: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

/** Tokens remembered. */
const most = 2_000;
const lookMs = 30_000;
/** Clocks may differ by some seconds; a token that is good for longer than a day is none that we take. */
const clockToleranceSeconds = 5;
const longestLifeSeconds = 86_400;
const notOurs = 'The access token is not one that this server takes.';

/** @throws Error with one sentence when the settings cannot serve */
export function createExternal(parts: ExternalParts): External {
  const { issuer, jwksUri, audience, own, clients, keySets, loopback, now } = parts;
  if (issuer === own) throw new Error('The external issuer must not be the issuer of this server.');
  if (!isKeySetUrl(jwksUri, loopback)) throw new Error('The key set of the external issuer must stand at an https URL of a host outside.');
  const seen = new Map<string, Seen>();
  let keys: ReadonlyMap<string, Key> = new Map();
  /** Milliseconds: until then the keys are what they were. */
  let until = 0;

  async function look(kid?: string): Promise<void> {
    const set = await keySets(jwksUri, kid);
    keys = set === undefined ? new Map() : usable(set);
    until = set === undefined ? 0 : now() + lookMs;
  }

  const ahead = () => void look().catch(() => {});
  ahead();
  const timer = setInterval(ahead, lookMs);
  timer.unref();

  function verified(token: string): Seen {
    const header = headerOf(token);
    const kid = header?.['kid'];
    const known = typeof kid === 'string' ? keys.get(kid) : undefined;
    if (known === undefined || !isAccessToken(header!)) throw invalid(notOurs);
    const claims = claimsOf(token, known);
    const { exp, client_id, azp, typ } = claims;
    // A Keycloak names its ID and refresh tokens in a claim.
    if (typeof exp !== 'number' || (typ !== undefined && typ !== 'Bearer')) throw invalid(notOurs);
    if (exp > now() / 1000 + longestLifeSeconds) throw invalid('The access token lives for longer than a day.');
    if (client_id !== undefined && azp !== undefined && client_id !== azp) throw invalid(notOurs);
    const name = client_id ?? azp;
    const client = typeof name === 'string' ? clients.find(name) : undefined;
    if (client === undefined || client.external !== true)
      throw invalid('The client of this access token is not registered for its issuer.');
    return { access: accessIn(claims, client), client, kid: kid as string, mark: known.mark, expires: exp + clockToleranceSeconds };
  }

  function claimsOf(token: string, { key, algorithm }: Key): Readonly<Record<string, unknown>> {
    try {
      const claims = jsonwebtoken.verify(token, key, {
        algorithms: [algorithm],
        issuer,
        audience,
        clockTimestamp: Math.floor(now() / 1000),
        clockTolerance: clockToleranceSeconds,
      });
      return typeof claims === 'string' ? {} : claims;
    } catch (error) {
      throw invalid(error instanceof jsonwebtoken.TokenExpiredError ? 'The access token has expired.' : notOurs);
    }
  }

  async function judged(header: string): Promise<Access> {
    const token = bearer(header);
    const kid = headerOf(token)?.['kid'];
    await look(typeof kid === 'string' ? kid : undefined);
    if (until === 0) throw new Problem('unavailable', undefined, { headers: { 'Retry-After': '10' } });
    const one = verified(token);
    if (!one.client.active) throw invalid('The client of this access token is switched off.');
    if (header === `Bearer ${token}`) {
      if (seen.size >= most) seen.delete(seen.keys().next().value!);
      seen.set(header, one);
    }
    return one.access;
  }

  const stands = ({ client, kid, mark, expires }: Seen): boolean =>
    now() < until && clients.find(client.client_id) === client && keys.get(kid)?.mark === mark && expires > now() / 1000;

  return {
    isIts: (header): header is string => header !== undefined && (seen.has(header) || issuerIn(header) === issuer),
    authenticate(header) {
      const there = seen.get(header);
      if (there !== undefined && stands(there)) return there.access;
      seen.delete(header);
      return judged(header);
    },
    close() {
      clearInterval(timer);
      seen.clear();
    },
  };
}

/** ID tokens and what else the same key may sign are none; a header that asks to be understood (`crit`) is not. RFC 7515 §4.1.11 */
const isAccessToken = (header: Readonly<Record<string, unknown>>): boolean =>
  !('crit' in header) && (header['typ'] === undefined || /^(application\/)?(at\+)?jwt$/i.test(String(header['typ'])));

/** Unverified. */
function issuerIn(header: string): unknown {
  const [, payload] = /^Bearer +[\w-]+\.([\w-]+)\./i.exec(header) ?? [];
  try {
    return (JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as { iss?: unknown } | null)?.iss;
  } catch {
    return undefined;
  }
}

/** By `kid`; a name that two keys have is nobody's. */
function usable(set: readonly unknown[]): ReadonlyMap<string, Key> {
  const keys = new Map<string, Key>();
  const twice = new Set<string>();
  for (const one of set) {
    const jwk = one as (Jwk & { readonly use?: string; readonly alg?: string }) | null;
    if (typeof jwk?.kid !== 'string' || (jwk.use !== undefined && jwk.use !== 'sig')) continue;
    if (keys.has(jwk.kid)) twice.add(jwk.kid);
    const algorithm = algorithmOf(jwk);
    const key = algorithm === undefined ? undefined : keyOf(jwk);
    if (algorithm !== undefined && key !== undefined)
      keys.set(jwk.kid, { key, algorithm, mark: `${algorithm} ${JSON.stringify(publicPart(jwk))}` });
  }
  for (const kid of twice) keys.delete(kid);
  return keys;
}

/** The one algorithm of a key: as it says, or as is usual for its kind. */
function algorithmOf({ kty, crv, alg }: Jwk & { readonly alg?: string }): jsonwebtoken.Algorithm | undefined {
  const may =
    kty === 'RSA' ? (['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const) : kty === 'EC' ? curves[crv ?? ''] : undefined;
  return alg === undefined ? may?.[0] : may?.find(one => one === alg);
}

const curves: Readonly<Record<string, readonly jsonwebtoken.Algorithm[] | undefined>> = Object.assign(Object.create(null), {
  'P-256': ['ES256'],
  'P-384': ['ES384'],
});

function keyOf(jwk: Jwk): KeyObject | undefined {
  try {
    const key = publicKeyOf(jwk);
    return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048 ? undefined : key;
  } catch {
    return undefined;
  }
}

/** What the token grants ∩ what the client is registered for. `scope` is a text or a list; `patient` an id, or `Patient/<id>`. */
function accessIn({ scope, patient, jti }: Readonly<Record<string, unknown>>, client: Client): Access {
  const text = Array.isArray(scope) && scope.every(one => typeof one === 'string') ? scope.join(' ') : scope;
  if (typeof text !== 'string') throw invalid('The access token names no scopes.');
  const ofKind = (scopes: readonly Scope[]) => scopes.filter(({ context }) => contextsOf(client.kind).includes(context));
  const asked = parseScopes(withoutWords(text));
  if (asked.tooMany) throw invalid('The access token names too many scopes.');
  const granted = intersection(ofKind(asked.known), ofKind(parseScopes(withoutWords(client.scope)).known));
  const token = typeof jti === 'string' && /^[\w.:-]{1,128}$/.test(jti) ? jti : undefined;
  return accessOf(client, granted, patientIn(patient), token);
}

function patientIn(claim: unknown): string | undefined {
  if (claim === undefined) return undefined;
  const reference = typeof claim === 'string' ? (claim.includes('/') ? claim : `Patient/${claim}`) : '';
  const found = literal(reference);
  if (found?.type !== 'Patient' || reference !== `Patient/${found.id}`) throw invalid('The patient of the access token cannot be used.');
  return reference;
}
