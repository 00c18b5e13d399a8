/**
 * The part of oidc-provider 9 that is used here; the package brings no types.
 * @module
 */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Token {
    readonly kind: string;
    readonly jti: string;
    readonly clientId: string;
    readonly accountId?: string;
    readonly grantId?: string;
    readonly scope?: string;
    readonly scopes: ReadonlySet<string>;
    readonly iat: number;
    readonly exp: number;
    readonly isValid: boolean;
    readonly extra?: { readonly patient?: string };
  }

  interface Saved {
    save(): Promise<string>;
    addOIDCScope(scope: string): void;
    rejectOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    rejectResourceScope(resource: string, scope: string): void;
  }

  interface BrowserSession {
    accountId?: string;
    authorizations?: object | undefined;
    loginAccount(details: { accountId: string }): void;
    persist(): Promise<unknown>;
  }

  export interface Interaction {
    readonly uid: string;
    readonly prompt: { readonly name: string; readonly reasons: readonly string[] };
    readonly params: { readonly [name: string]: string | undefined };
    readonly session?: { accountId: string; readonly cookie: string };
    persist(): Promise<unknown>;
  }

  export interface Context {
    body?: unknown;
    status: number;
    type: string;
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    set(header: string, value: string): void;
    remove(header: string): void;
    oidc: {
      readonly route: string;
      readonly client: { readonly clientId: string };
      readonly account?: object;
      readonly session: { readonly accountId?: string };
      readonly result?: { readonly consent?: { readonly grantId?: string } };
      readonly provider: Provider;
      params: { scope?: string; grant_type?: string; launch?: string; token?: string; token_type_hint?: string; client_assertion?: string };
      /** The form as it came. */
      body?: { readonly [name: string]: string | string[] | undefined };
      entities: { ClientCredentials?: Token; AccessToken?: Token; AuthorizationCode?: Token; RefreshToken?: Token };
    };
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    /** Of the request that is being answered. */
    static readonly ctx: Context | undefined;
    proxy: boolean;
    OIDCContext: { prototype: { clientJwtAuthExpectedAudience(): Set<string> } };
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): void;
    on(event: 'server_error', listener: (context: Context, error: Error) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: object,
      options?: { mergeWithLastSubmission: boolean },
    ): Promise<void>;
    registerGrantType(name: string, handler: (context: Context) => Promise<void>, parameters: readonly string[]): void;
    Grant: { new (owner: { accountId: string; clientId: string }): Saved; find(id: string): Promise<unknown> };
    Session: { find(id: string): Promise<BrowserSession | undefined> };
    RefreshToken: { find(value: string): Promise<Token | undefined> };
  }

  export const interactionPolicy: {
    Check: new (reason: string, description: string, error: string, check: (context: Context) => boolean | Promise<boolean>) => object;
    base(): { get(name: string): { checks: { add(check: object): void } } };
  };

  class ProviderError extends Error {
    constructor(description: string);
  }
  export namespace errors {
    class AccessDenied extends ProviderError {}
    class InvalidClientAuth extends ProviderError {}
    class InvalidGrant extends ProviderError {}
    class InvalidRequest extends ProviderError {}
    class InvalidScope extends ProviderError {}
    class InvalidTarget extends ProviderError {}
    class SessionNotFound extends ProviderError {}
    class UnauthorizedClient extends ProviderError {}
  }
}
