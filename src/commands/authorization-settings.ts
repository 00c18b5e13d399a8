/**
 * What the settings say of authorization beyond what every server has: keys, names and files that are given, and who else signs in or issues tokens.
 * @module
 */
import type { AuthorizationSettings } from '../auth/authorization.ts';
import { readSigningKeys } from '../auth/keys.ts';
import type { Config } from '../config.ts';

type Given = Pick<AuthorizationSettings, 'signingKeys' | 'issuer' | 'accountsFile' | 'upstream' | 'external'>;

/** @throws Error with one sentence when the signing keys cannot be read */
export function authorizationSettings(config: Config, baseUrl: string): Given {
  const { signingKeyFile, issuer, accountsFile, upstreamIssuer, externalIssuer, externalJwksUri, externalAudience = baseUrl } = config;
  return {
    ...(signingKeyFile === undefined ? {} : { signingKeys: readSigningKeys(signingKeyFile) }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(accountsFile === undefined ? {} : { accountsFile }),
    ...(upstreamIssuer === undefined
      ? {}
      : { upstream: { issuer: upstreamIssuer, clientId: config.upstreamClientId!, keyFile: config.upstreamKeyFile! } }),
    ...(externalIssuer === undefined
      ? {}
      : { external: { issuer: externalIssuer, jwksUri: externalJwksUri!, audience: externalAudience } }),
  };
}
