/**
 * What a server says of itself, and what this app asks for by it. Nothing here is ours alone: any SMART server answers so.
 * SMART: https://hl7.org/fhir/smart-app-launch/conformance.html#using-well-known
 * @module
 */
import type { AuthorizationServer } from 'oauth4webapi';
import { Failure, failureOf, noAnswer } from './failure.ts';

export interface Configuration extends AuthorizationServer {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly capabilities: string[];
}

/** @throws Failure: away, offline, or refused when the document is not whole */
export async function discover(iss: string, online: () => boolean): Promise<Configuration> {
  let response: Response;
  try {
    response = await fetch(`${iss}/.well-known/smart-configuration`, { headers: { accept: 'application/json' } });
  } catch {
    throw noAnswer(online());
  }
  if (!response.ok) throw failureOf(response.status, undefined);
  const told = (await response.json().catch(() => ({}))) as Partial<Configuration>;
  const { authorization_endpoint, token_endpoint } = told;
  if (typeof authorization_endpoint !== 'string' || typeof token_endpoint !== 'string') throw new Failure('absent');
  const capabilities = Array.isArray(told.capabilities) ? told.capabilities : [];
  const openId = capabilities.includes('sso-openid-connect') && typeof told.issuer === 'string' ? await identityOf(told.issuer) : {};
  // A server without OpenID Connect names no issuer; the endpoint then stands for it, and no ID token is asked for.
  return {
    ...openId,
    ...told,
    issuer: told.issuer ?? new URL(token_endpoint).origin,
    authorization_endpoint,
    token_endpoint,
    capabilities,
  };
}

/** What SMART's document leaves to OpenID Connect's: how ID tokens are signed. Where it cannot be had, the defaults hold. */
async function identityOf(issuer: string): Promise<Partial<AuthorizationServer>> {
  try {
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      headers: { accept: 'application/json' },
    });
    const told = (await response.json()) as Partial<AuthorizationServer>;
    return response.ok && told.issuer === issuer ? told : {};
  } catch {
    return {};
  }
}

/** Scopes of version 2, as a server may have them in version 1 only: letters → `read`, `write`, `*`. */
const first = (scope: string): string =>
  scope.replace(/\.([cruds]+)$/, (_, letters: string) => {
    const [reads, writes] = [/[rs]/.test(letters), /[cud]/.test(letters)];
    return `.${reads && writes ? '*' : writes ? 'write' : 'read'}`;
  });

export interface Wanted {
  /** `patient/Consent.crus` … */
  readonly resources: readonly string[];
  /** The server is to say which patient it is about. */
  readonly patient: boolean;
  /** An EHR's launch. */
  readonly launched: boolean;
}

/** Scopes for what this server can do: identity, context and a refresh token only where they are offered. */
export function scopesFor({ capabilities }: Pick<Configuration, 'capabilities'>, { resources, patient, launched }: Wanted): string {
  const has = (capability: string) => capabilities.includes(capability);
  const onlyFirst = has('permission-v1') && !has('permission-v2');
  const staying = has('permission-online') ? ['online_access'] : has('permission-offline') ? ['offline_access'] : [];
  return [
    ...(has('sso-openid-connect') ? ['openid', 'fhirUser'] : []),
    ...(launched ? ['launch'] : patient ? ['launch/patient'] : []),
    ...staying,
    ...(onlyFirst ? [...new Set(resources.map(first))] : resources),
  ].join(' ');
}
