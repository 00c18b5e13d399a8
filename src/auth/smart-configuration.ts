/**
 * The discovery documents: absolute URLs, and only what works.
 * SMART: https://hl7.org/fhir/smart-app-launch/conformance.html#using-well-known; OpenID Connect Discovery 1.0 §3
 * @module
 */
import { type Clients, isApp, type Mode } from './clients.ts';
import { type Jwk, tokenAlgorithm } from './keys.ts';
import { words } from './launch-scopes.ts';

/** Where each endpoint stands. */
export const placesOf = (issuer: string) => ({
  authorization: `${issuer}/authorize`,
  token: `${issuer}/token`,
  introspection: `${issuer}/introspect`,
  revocation: `${issuer}/revoke`,
  jwks: `${issuer}/jwks`,
  launch: `${issuer}/launch`,
});

export interface Discovered {
  readonly issuer: string;
  readonly clients: Clients;
  readonly mode: Mode;
  readonly signingKeys: readonly Jwk[];
}

function common({ issuer, clients, mode }: Discovered) {
  const places = placesOf(issuer);
  const apps = clients.all().some(client => isApp(client));
  const system = ['system/*.cruds', 'system/*.rs', 'system/*.read', 'system/*.write', 'system/*.*'];
  const people = ['patient/*.cruds', 'patient/*.rs', 'patient/*.read', 'user/*.cruds', 'user/*.rs', 'user/*.read'];
  return {
    issuer,
    ...(apps ? { authorization_endpoint: places.authorization } : {}),
    token_endpoint: places.token,
    introspection_endpoint: places.introspection,
    revocation_endpoint: places.revocation,
    jwks_uri: places.jwks,
    grant_types_supported: apps ? ['authorization_code', 'refresh_token', 'client_credentials'] : ['client_credentials'],
    token_endpoint_auth_methods_supported: apps ? ['private_key_jwt', 'none'] : ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    scopes_supported: [...(apps ? [...words, ...people] : mode === 'sandbox' ? people.slice(0, 3) : []), ...system],
    ...(apps ? { response_types_supported: ['code'], authorization_response_iss_parameter_supported: true } : {}),
    code_challenge_methods_supported: ['S256'],
  };
}

/** Body of `[base]/.well-known/smart-configuration`. Without an app nobody signs in: then there is no `issuer` of identities. */
export function smartConfiguration(discovered: Discovered): object {
  const { issuer, ...all } = common(discovered);
  const apps = 'authorization_endpoint' in all;
  const capabilities = apps
    ? [
        'launch-ehr',
        'launch-standalone',
        'authorize-post',
        'client-public',
        'client-confidential-asymmetric',
        'sso-openid-connect',
        'context-banner',
        'context-ehr-patient',
        'context-ehr-encounter',
        'context-standalone-patient',
        'permission-offline',
        'permission-online',
        'permission-patient',
        'permission-user',
        'permission-v1',
        'permission-v2',
      ]
    : ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'];
  return { ...(apps ? { issuer } : {}), ...all, capabilities };
}

/** Body of `[issuer]/.well-known/openid-configuration`. */
export function openidConfiguration(discovered: Discovered): object {
  const { signingKeys } = discovered;
  const algorithm = signingKeys.some(key => key.kty === 'RSA') ? 'RS256' : tokenAlgorithm(signingKeys[0]!);
  return {
    ...common(discovered),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [algorithm],
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'fhirUser'],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    ui_locales_supported: ['ja', 'en'],
  };
}
