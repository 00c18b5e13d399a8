/**
 * What SMART asks of a client's assertion beyond RFC 7523. The signature, iss, sub, jti and a coming `exp` are verified already.
 * SMART: https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#authenticating-to-the-token-endpoint
 * @module
 */
import { errors } from 'oidc-provider';

/** An assertion may live 5 minutes, and clocks may differ by some seconds. */
export const assertionLifeSeconds = 300;
export const clockToleranceSeconds = 5;

/**
 * @param keySetUrl the `jwks_uri` that the client is registered with
 * @throws InvalidClientAuth
 */
export function assertAssertion(
  claims: Record<string, unknown>,
  header: Record<string, unknown>,
  tokenEndpoint: string,
  now: () => number,
  keySetUrl?: string,
): void {
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
  if ('jku' in header && (keySetUrl === undefined || header['jku'] !== keySetUrl)) refuse('jku is not the registered URL');
  if ('jwk' in header || 'x5u' in header || 'x5c' in header) refuse('keys are registered, not sent');
}
