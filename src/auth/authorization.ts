/**
 * WHO: the authorization server that issues access tokens, and the check of every token that comes back.
 * SMART: https://hl7.org/fhir/smart-app-launch/backend-services.html, https://hl7.org/fhir/smart-app-launch/conformance.html
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { Access } from '../fhir/model/access.ts';
import type { Clients, Mode } from './clients.ts';
import { type Jwk, sandboxSigningKeys } from './keys.ts';
import { openReplay } from './replay.ts';
import { smartConfiguration } from './smart-configuration.ts';
import { createTokenCheck } from './token.ts';

export interface AuthorizationSettings {
  /** `https://host/fhir`, the audience of the tokens. */
  readonly baseUrl: string;
  /** The replay record, and the sandbox's signing key, stand in its `auth` directory. */
  readonly dataDir: string;
  readonly clients: Clients;
  readonly mode: Mode;
  /** Private keys: the first signs, all verify. Production must give them; a sandbox makes its own. */
  readonly signingKeys?: readonly Jwk[];
  /** Default: the origin of baseUrl + `/oauth`. Production must give it. */
  readonly issuer?: string;
  /** 120 to 3600. */
  readonly tokenLifeSeconds: number;
  /** Milliseconds. */
  readonly now?: () => number;
  /** Told of what is our own fault, for the log. */
  readonly onBug?: (error: Error) => void;
  /** Refused token requests of one address within a minute, before it has to wait; 0: no limit. Default 300. */
  readonly refusalsPerMinute?: number;
}

export interface Authorization {
  readonly issuer: string;
  /** To be mounted at the path of the issuer: `app.use(new URL(issuer).pathname, handler)`, before any body parser. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Body of `[base]/.well-known/smart-configuration`. */
  readonly smartConfiguration: () => object;
  /** Value of the Authorization header → Access. @throws Problem `login` with WWW-Authenticate */
  readonly authenticate: (authorizationHeader: string | undefined) => Promise<Access>;
  readonly close: () => Promise<void>;
}

/** @throws Error with one sentence when the settings cannot serve */
export function createAuthorization(settings: AuthorizationSettings): Authorization {
  const { baseUrl, dataDir, clients, mode, tokenLifeSeconds, now = Date.now, onBug = () => {}, refusalsPerMinute = 300 } = settings;
  if (!(tokenLifeSeconds >= 120 && tokenLifeSeconds <= 3600)) throw new Error('The life of a token must be 120 to 3600 seconds.');
  if (mode === 'production' && (settings.signingKeys === undefined || settings.issuer === undefined)) {
    throw new Error('Production mode needs a signing key and an issuer.');
  }
  const issuer = settings.issuer ?? new URL(baseUrl).origin + '/oauth';
  const signingKeys = settings.signingKeys ?? sandboxSigningKeys(dataDir);
  const server = quietly(() => import('./authorization-server.ts')).then(
    ({ createAuthorizationServer, assertionLifeSeconds, clockToleranceSeconds }) => {
      const replay = openReplay(path.join(dataDir, 'auth', 'replay'), assertionLifeSeconds + 2 * clockToleranceSeconds, now);
      return createAuthorizationServer({
        issuer,
        baseUrl,
        clients,
        mode,
        signingKeys,
        tokenLifeSeconds,
        replay,
        now,
        onBug,
        refusalsPerMinute,
      });
    },
  );
  server.catch(onBug);
  const check = createTokenCheck({ issuer, baseUrl, clients, signingKeys, now });
  return {
    issuer,
    handler: (request, response) => void server.then(handle => handle(request, response)).catch(() => unavailable(response)),
    smartConfiguration: () => smartConfiguration(issuer, mode),
    authenticate: async header => check.authenticate(header),
    close: async () => {
      check.forget();
      await server.catch(() => {});
    },
  };
}

function unavailable(response: ServerResponse): void {
  if (!response.headersSent)
    response.writeHead(503, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store', 'Retry-After': '10' });
  response.end(JSON.stringify({ error: 'temporarily_unavailable' }));
}

/**
 * oidc-provider takes a third of a second to load, so it loads while the server starts. It greets a Node that has no LTS name yet with a line
 * on stderr, where only our log may write: that line alone is held back.
 */
async function quietly<T>(load: () => Promise<T>): Promise<T> {
  const warn = console.warn;
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('oidc-provider WARNING: Unsupported runtime')) warn(...words);
  };
  try {
    return await load();
  } finally {
    console.warn = warn;
  }
}
