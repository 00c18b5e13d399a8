/**
 * The discovery document: absolute URLs, and only what works.
 * SMART: https://hl7.org/fhir/smart-app-launch/conformance.html#using-well-known
 * @module
 */
import type { Mode } from './clients.ts';

export const tokenEndpointOf = (issuer: string): string => `${issuer}/token`;

/** Body of `[base]/.well-known/smart-configuration`. No `issuer`: that member says that OpenID Connect is offered. */
export function smartConfiguration(issuer: string, mode: Mode): object {
  const system = ['system/*.cruds', 'system/*.rs', 'system/*.read', 'system/*.write', 'system/*.*'];
  return {
    token_endpoint: tokenEndpointOf(issuer),
    jwks_uri: `${issuer}/jwks`,
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    scopes_supported: mode === 'sandbox' ? [...system, 'patient/*.cruds', 'patient/*.rs', 'patient/*.read'] : system,
    code_challenge_methods_supported: ['S256'],
    capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
  };
}
