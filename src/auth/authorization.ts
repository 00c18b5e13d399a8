/**
 * WHO: the authorization server that issues access tokens, and the check of every token that comes back.
 * SMART: https://hl7.org/fhir/smart-app-launch/backend-services.html, https://hl7.org/fhir/smart-app-launch/conformance.html
 * @module
 */
import { hkdfSync } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { Access } from '../fhir/model/access.ts';
import type { Kept } from '../fhir/store/kept.ts';
import { accountsFile, openAccounts } from './accounts.ts';
import { type Clients, isApp, type Mode, originsOf } from './clients.ts';
import { openContexts } from './context.ts';
import { createExternal, type ExternalSettings } from './external.ts';
import type { Describe, Tell } from './interaction.ts';
import { createKeySets, type KeySets } from './jwks.ts';
import { openKept } from './kept.ts';
import { type Jwk, sandboxSigningKeys } from './keys.ts';
import type { Pages } from './pages.ts';
import { smartConfiguration } from './smart-configuration.ts';
import { createTokenCheck } from './token.ts';
import { triesOfAll } from './tries.ts';
import type { UpstreamSettings } from './upstream.ts';

export interface AuthorizationSettings {
  /** `https://host/fhir`, the audience of the tokens. */
  readonly baseUrl: string;
  /** What has to be remembered by one process, and the sandbox's signing keys, stand in its `auth` directory. */
  readonly dataDir: string;
  readonly clients: Clients;
  readonly mode: Mode;
  /** Private keys: the first signs access tokens, the first RSA key ID tokens, all verify. Production must give them; a sandbox makes its own. */
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
  /** Fetches the key sets of clients that keep them at a URL. Default: from hosts outside, over https. */
  readonly keySets?: KeySets;
  /** Another issuer, whose tokens are taken for the clients that are registered for it. */
  readonly external?: ExternalSettings;
  /** http on this machine's addresses is taken for its key set: for tests. */
  readonly loopback?: boolean;
  /** What several processes remember together. Default: files in the data directory, of this process alone. */
  readonly kept?: Kept;
  /** 32 bytes that encrypt what is kept. Default: derived from the first signing key. */
  readonly secret?: Buffer;
  readonly pages: Pages;
  /** Accounts that may sign in. Default: `DATA/auth/accounts.json`. */
  readonly accountsFile?: string;
  /** The OpenID provider that signs in for us. Default: none, passwords of the accounts. */
  readonly upstream?: UpstreamSettings;
  /** Names for the picker of patients. Default: none. */
  readonly describe?: Describe;
}

export interface Authorization {
  readonly issuer: string;
  /** To be mounted at the path of the issuer: `app.use(new URL(issuer).pathname, handler)`, before any body parser. */
  readonly handler: (request: IncomingMessage, response: ServerResponse, tell?: Tell) => void;
  /** Body of `[base]/.well-known/smart-configuration`. */
  readonly smartConfiguration: () => object;
  /** Value of the Authorization header → Access. @throws Problem `login` with WWW-Authenticate */
  readonly authenticate: (authorizationHeader: string | undefined) => Promise<Access>;
  /** Switches a client on or off; what people allowed a client that is switched off is over for good. False: there is no such client. */
  readonly setActive: (clientId: string, active: boolean) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** @throws Error with one sentence when the settings cannot serve */
export function createAuthorization(settings: AuthorizationSettings): Authorization {
  const { baseUrl, dataDir, clients, mode, tokenLifeSeconds, now = Date.now, onBug = () => {}, refusalsPerMinute = 300 } = settings;
  const { pages, describe = async () => undefined, upstream, loopback = false, keySets = createKeySets({ now, loopback }) } = settings;
  if (!(tokenLifeSeconds >= 120 && tokenLifeSeconds <= 3600)) throw new Error('The life of a token must be 120 to 3600 seconds.');
  if (mode === 'production' && (settings.signingKeys === undefined || settings.issuer === undefined)) {
    throw new Error('Production mode needs a signing key and an issuer.');
  }
  const issuer = settings.issuer ?? new URL(baseUrl).origin + '/oauth';
  const signingKeys = settings.signingKeys ?? sandboxSigningKeys(dataDir);
  if (clients.all().some(isApp) && !signingKeys.some(key => key.kty === 'RSA'))
    throw new Error('Apps that people sign in to need an RSA key among the signing keys, for ID tokens.');
  const secret = settings.secret ?? Buffer.from(hkdfSync('sha256', String(signingKeys[0]!.d), 'noren', 'kept', 32));
  const place = (name: string) => path.join(dataDir, 'auth', name);
  const kept = settings.kept ?? openKept(place('kept'), secret, now);
  const contexts = openContexts(kept, now);
  const accounts = openAccounts(
    settings.accountsFile ?? accountsFile(dataDir),
    now,
    onBug,
    settings.kept && triesOfAll(settings.kept, now),
  );
  const check = createTokenCheck({ issuer, baseUrl, clients, accounts, kept, signingKeys, now });
  const external = settings.external && createExternal({ ...settings.external, own: issuer, clients, keySets, loopback, now });
  const parts = { issuer, baseUrl, clients, accounts, contexts, kept, tokenLifeSeconds, check };
  const server = quietly(() =>
    Promise.all([import('./authorization-server.ts'), import('./introspection.ts'), import('./upstream.ts')]),
  ).then(([{ createAuthorizationServer }, { introspection, revocation }, { openUpstream }]) =>
    createAuthorizationServer({
      issuer,
      baseUrl,
      clients,
      mode,
      accounts,
      signingKeys,
      tokenLifeSeconds,
      keySets,
      kept,
      contexts,
      cookieKey: Buffer.from(hkdfSync('sha256', secret, 'noren', 'cookies', 32)).toString('base64url'),
      now,
      onBug,
      refusalsPerMinute,
      pages,
      describe,
      origins: () => originsOf(clients, baseUrl),
      authenticate: check.authenticate,
      elsewhere: upstream === undefined ? undefined : openUpstream(upstream, issuer, accounts, kept),
      ownEndpoints: { introspection: introspection(parts), revocation: revocation(parts) },
    }),
  );
  server.catch(onBug);
  return {
    issuer,
    handler: (request, response, tell) => void server.then(handle => handle(request, response, tell)).catch(() => unavailable(response)),
    smartConfiguration: () => smartConfiguration({ issuer, clients, mode, signingKeys }),
    async authenticate(header) {
      if (!external?.isIts(header)) return check.authenticate(header);
      await clients.fresh();
      return external.authenticate(header);
    },
    async setActive(clientId, active) {
      // Also when it is switched on, and before it is: of what was agreed to elsewhere in the moment when it was switched off, or stayed because that was cut off, nothing comes back.
      if (active) await kept.dropOf('Grant', clientId);
      if (!(await clients.setActive(clientId, active))) return false;
      await kept.dropOf('Grant', clientId);
      return true;
    },
    close: async () => {
      check.forget();
      external?.close();
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
