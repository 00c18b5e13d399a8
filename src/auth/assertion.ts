/**
 * A client's assertion: the JWT by which it proves to be itself at the token endpoint. For `noren token` and for tests; the server only verifies.
 * SMART: https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#authenticating-to-the-token-endpoint
 * @module
 */
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import type { Jwk } from './keys.ts';

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs ES384 or RS384, as the key is. It lives one minute: only as long as the request needs. */
export function assertion(clientId: string, tokenEndpoint: string, key: Jwk, now: () => number = Date.now): string {
  const seconds = Math.floor(now() / 1000);
  const header = { alg: key.kty === 'RSA' ? 'RS384' : 'ES384', kid: key.kid, typ: 'JWT' };
  const claims = { iss: clientId, sub: clientId, aud: tokenEndpoint, jti: randomUUID(), iat: seconds, exp: seconds + 60 };
  const input = `${encode(header)}.${encode(claims)}`;
  const signature = sign('sha384', Buffer.from(input), { key: createPrivateKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}
