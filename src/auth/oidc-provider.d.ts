/**
 * The part of oidc-provider 9 that authorization-server.ts uses; the package brings no types.
 * @module
 */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface TokenContext {
    body?: unknown;
    set(header: string, value: string): void;
    remove(header: string): void;
    oidc: {
      params: { scope?: string };
      /** The form as it came. */
      body?: { readonly [name: string]: string | string[] | undefined };
      entities: { ClientCredentials?: { extra?: { patient?: string } } };
    };
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    OIDCContext: { prototype: { clientJwtAuthExpectedAudience(): Set<string> } };
    use(middleware: (context: TokenContext, next: () => Promise<void>) => Promise<void>): void;
    on(event: 'server_error', listener: (context: unknown, error: Error) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  }

  export namespace errors {
    class InvalidClientAuth extends Error {
      constructor(detail: string);
    }
    class InvalidRequest extends Error {
      constructor(description: string);
    }
    class InvalidScope extends Error {
      constructor(description: string, scope?: string);
    }
    class InvalidTarget extends Error {
      constructor(description: string);
    }
    class UnauthorizedClient extends Error {
      constructor(description: string);
    }
  }
}
