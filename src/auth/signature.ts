/**
 * A statement that a client signed with a key of its registration: a compact JWS whose payload is JSON. Proof of who said it that outlives the connection.
 * RFC 7515 (JWS), RFC 7518 §3.1; SMART asks for ES384 and RS384: https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html
 * @module
 */
import { verify } from 'node:crypto';
import { type Jwk, publicKeyOf } from './keys.ts';

const part = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());

/** What the statement says; undefined: it is not whole, not signed by one of these keys, or by another algorithm than the key's. */
export function signedBy(keys: readonly Jwk[], jws: string): unknown {
  const [header = '', payload = '', signature = '', ...more] = jws.split('.');
  if (more.length > 0 || signature === '') return undefined;
  try {
    const { alg, kid, crit } = part(header) as { alg?: unknown; kid?: unknown; crit?: unknown };
    const key = keys.find(one => one.kid === kid);
    if (key === undefined || crit !== undefined || alg !== (key.kty === 'RSA' ? 'RS384' : 'ES384')) return undefined;
    const genuine = verify(
      'sha384',
      Buffer.from(`${header}.${payload}`),
      { key: publicKeyOf(key), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    return genuine ? part(payload) : undefined;
  } catch {
    return undefined;
  }
}
