/**
 * What a token is worth, told to clients that can prove to be themselves; and a token called back by the client it was given to.
 * oidc-provider refuses JWT access tokens at both endpoints, so they stand here; it authenticates the client first.
 * RFC 7662, RFC 7009; SMART: https://hl7.org/fhir/smart-app-launch/token-introspection.html
 * @module
 */
import { type Context, errors, type Token } from 'oidc-provider';
import type { Kept } from '../fhir/store/kept.ts';
import type { Account, Accounts } from './accounts.ts';
import { isPublic } from './adapter.ts';
import type { Client, Clients } from './clients.ts';
import { type Contexts, parametersOf } from './context.ts';
import { type TokenCheck, tokenKind } from './token.ts';

export interface IntrospectionParts {
  readonly issuer: string;
  readonly baseUrl: string;
  readonly clients: Clients;
  readonly accounts: Accounts;
  readonly contexts: Contexts;
  readonly kept: Kept;
  /** As long as a token of ours can live at most. */
  readonly tokenLifeSeconds: number;
  readonly check: Pick<TokenCheck, 'inspect'>;
}

const tokenOf = ({ oidc }: Context): string => {
  const { token } = oidc.params;
  if (token === undefined) throw new errors.InvalidRequest("missing required parameter 'token'");
  return token;
};

/** Undefined: no refresh token, or one that nothing can be had for any more. */
async function refreshToken({ oidc }: Context, { clients, accounts }: IntrospectionParts): Promise<Token | undefined> {
  const { provider } = oidc;
  const token = await provider.RefreshToken.find(oidc.params.token ?? '');
  if (!token?.isValid || (await provider.Grant.find(token.grantId ?? '')) === undefined) return undefined;
  return clients.find(token.clientId)?.active && accounts.find(token.accountId ?? '')?.active ? token : undefined;
}

export const introspection =
  (parts: IntrospectionParts) =>
  async (context: Context): Promise<void> => {
    const { issuer, baseUrl, clients, accounts, contexts, check } = parts;
    if (isPublic(registered(context, clients))) throw new errors.InvalidClientAuth('a public client cannot prove to be itself');
    const token = tokenOf(context);
    const person = (sub: unknown, scope: string): { fhirUser?: string } => {
      const account: Account | undefined = typeof sub === 'string' ? accounts.find(sub) : undefined;
      const told = account !== undefined && ['openid', 'fhirUser'].every(word => scope.split(' ').includes(word));
      return told ? { fhirUser: `${baseUrl}/${account.fhirUser}` } : {};
    };
    const claims = await check.inspect(token);
    if (claims !== undefined) {
      const { scope, client_id, exp, iat, iss, aud, sub, jti, patient, grantName } = claims;
      const held = grantName === undefined ? undefined : await contexts.named(grantName);
      const started = held !== undefined ? parametersOf(held) : typeof patient === 'string' ? { patient: patient.split('/')[1]! } : {};
      context.body = {
        active: true,
        ...{ scope, client_id, token_type: 'Bearer', exp, iat, iss, aud, sub, jti },
        ...person(sub, String(scope)),
        ...started,
      };
      return;
    }
    const refresh = await refreshToken(context, parts);
    if (refresh === undefined) {
      context.body = { active: false };
      return;
    }
    const { scope = '', clientId: client_id, exp, iat, accountId: sub, grantId = '' } = refresh;
    context.body = {
      active: true,
      ...{ scope, client_id, exp, iat, iss: issuer, sub },
      ...person(sub, scope),
      ...parametersOf((await contexts.of(grantId)) ?? {}),
    };
  };

/** Whatever of a grant is called back, takes all that came of the grant along. An unknown token is as good as called back. */
export const revocation =
  (parts: IntrospectionParts) =>
  async (context: Context): Promise<void> => {
    const { clients, kept, tokenLifeSeconds, check } = parts;
    const client = registered(context, clients);
    const token = tokenOf(context);
    const own = (owner: unknown) => {
      if (owner !== client.client_id) throw new errors.InvalidRequest('the token was given to another client');
    };
    context.body = {};
    const claims = await check.inspect(token);
    if (claims !== undefined) {
      own(claims.client_id);
      if (claims.grantName === undefined) await kept.use(tokenKind, String(claims.jti), tokenLifeSeconds);
      else await kept.dropNamed('Grant', claims.grantName);
      return;
    }
    const refresh = await context.oidc.provider.RefreshToken.find(token);
    if (refresh?.grantId === undefined) return;
    own(refresh.clientId);
    await kept.drop('Grant', refresh.grantId);
  };

const registered = ({ oidc }: Context, clients: Clients): Client => clients.find(oidc.client.clientId)!;
