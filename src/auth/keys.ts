/**
 * Signing keys as JSON Web Keys: made, named, reduced to their public part.
 * RFC 7517 (JWK), RFC 7518 §3 (algorithms), RFC 7638 (thumbprint as `kid`)
 * @module
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject, type webcrypto } from 'node:crypto';
import path from 'node:path';
import { readJson, writeOwnerOnly } from './files.ts';

type JsonWebKey = webcrypto.JsonWebKey;

/** A key with its name. */
export type Jwk = JsonWebKey & { readonly kid: string };

export type Algorithm = 'RS256' | 'RS384' | 'ES256' | 'ES384';

/** RFC 7638: the members that make the key, in the order of the alphabet. */
function thumbprint(key: JsonWebKey): string {
  const members = key.kty === 'RSA' ? { e: key.e, kty: key.kty, n: key.n } : { crv: key.crv, kty: key.kty, x: key.x, y: key.y };
  return hash('sha256', JSON.stringify(members), 'base64url');
}

/** A new ES384 pair; the private half holds the public one. */
export function createKey(): Jwk {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const key = privateKey.export({ format: 'jwk' });
  return { ...key, alg: 'ES384', use: 'sig', kid: thumbprint(key) };
}

/** A new RS256 pair, for ID tokens: what every client of OpenID Connect can verify. */
function createRsaKey(): Jwk {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  return { ...key, alg: 'RS256', use: 'sig', kid: thumbprint(key) };
}

/** What may be shown to everyone. */
export function publicPart(key: Jwk): Jwk {
  const { kty, crv, x, y, e, n, kid, alg } = key as Jwk & { alg?: string };
  const shown = kty === 'RSA' ? { kty, e, n } : { kty, crv, x, y };
  return { ...shown, kid, use: 'sig', ...(alg === undefined ? {} : { alg }) } as Jwk;
}

export const publicKeyOf = (key: Jwk): KeyObject => createPublicKey({ key: publicPart(key), format: 'jwk' });

/** The one algorithm that this server signs access tokens with by this key. */
export function tokenAlgorithm(key: Jwk): Algorithm {
  if (key.kty === 'RSA') return 'RS256';
  if (key.kty === 'EC' && key.crv === 'P-384') return 'ES384';
  if (key.kty === 'EC' && key.crv === 'P-256') return 'ES256';
  throw new Error('A signing key must be RSA, or EC on P-256 or P-384.');
}

/** JSON of a private JWK or JWKS → its keys; the first one signs, all of them verify. The error is one sentence without any part of the key. */
export function privateKeys(json: unknown, source: string): readonly Jwk[] {
  const { keys } = (json ?? {}) as { keys?: unknown };
  const list = Array.isArray(keys) ? keys : [json];
  if (list.length === 0) throw new Error(`${source} holds no key.`);
  return list.map(one => {
    const key = one as JsonWebKey & { kid?: string };
    try {
      const object = createPrivateKey({ key, format: 'jwk' });
      if (object.asymmetricKeyType === 'rsa' && (object.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) throw new Error();
      const named = { ...key, kid: typeof key.kid === 'string' && key.kid !== '' ? key.kid : thumbprint(key) };
      tokenAlgorithm(named);
      return named;
    } catch {
      throw new Error(`${source} must hold a private JWK or JWKS: RSA of 2048 bits or more, or EC on P-256 or P-384.`);
    }
  });
}

/** The keys of a file that must be there (production). */
export function readSigningKeys(file: string): readonly Jwk[] {
  const json = readJson(file);
  if (json === undefined) throw new Error(`The signing key file ${file} is not there.`);
  return privateKeys(json, file);
}

/** The sandbox's own signing keys: `DATA/auth/signing.key.json`, made on the first start. One for access tokens, then one for ID tokens. */
export function sandboxSigningKeys(dataDir: string): readonly Jwk[] {
  const file = path.join(dataDir, 'auth', 'signing.key.json');
  const keys = readJson(file) === undefined ? [createKey()] : readSigningKeys(file);
  if (!keys.some(key => key.kty === 'RSA')) writeOwnerOnly(file, { keys: [...keys, createRsaKey()] });
  return readSigningKeys(file);
}
