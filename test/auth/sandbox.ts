/**
 * A sandbox for the tests of auth/: clients, keys and authorization server of a first start, over real HTTP on a free port.
 * @module
 */
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import { assertion, assertionType } from '../../src/auth/assertion.ts';
import { type Authorization, type AuthorizationSettings, createAuthorization } from '../../src/auth/authorization.ts';
import { type Clients, createSandboxClients } from '../../src/auth/clients.ts';
import { readJson } from '../../src/auth/files.ts';
import type { Jwk } from '../../src/auth/keys.ts';
import { clientKeyFile } from '../../src/auth/layout.ts';
import { answerOf } from '../../src/fhir/model/outcome.ts';
import { pages } from '../../src/http/sign-in/pages.ts';

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly [name: string]: unknown };
}

export interface Sandbox {
  readonly baseUrl: string;
  readonly tokenEndpoint: string;
  readonly dataDir: string;
  readonly clients: Clients;
  readonly authorization: Authorization;
  /** Milliseconds by which the server's own clock is ahead. */
  clockMs: number;
  key(client: string): Jwk;
  /** Posts a form to the token endpoint. */
  post(form: Record<string, string> | string, headers?: Record<string, string>): Promise<Answered>;
  /** A token request as a right client makes it, with other parameters or another assertion. */
  ask(client: string, parameters?: Record<string, string>): Promise<Answered>;
  /** The access token itself. */
  token(client: string, parameters?: Record<string, string>): Promise<string>;
  close(): Promise<void>;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT with any header and claims; without a signer the signature is empty. */
export function jwt(header: object, claims: object, signer?: (input: string) => Buffer): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signer?.(input).toString('base64url') ?? ''}`;
}

export const signedBy =
  (key: Jwk, digest = 'sha384') =>
  (input: string): Buffer =>
    sign(digest, Buffer.from(input), { key: createPrivateKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' });

/** Claims of a right assertion. */
export const claimsOf = (client: string, aud: string): Record<string, unknown> => ({
  iss: client,
  sub: client,
  aud,
  jti: randomUUID(),
  exp: Math.floor(Date.now() / 1000) + 60,
});

/** @param more `dataDir` of an earlier sandbox makes this a restart of it */
export async function startSandbox(more: Partial<AuthorizationSettings> = {}): Promise<Sandbox> {
  const dataDir = more.dataDir ?? mkdtempSync(path.join(tmpdir(), 'noren-auth-'));
  const clients = more.clients ?? createSandboxClients(dataDir);
  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
  const sandbox: Sandbox = {
    baseUrl,
    dataDir,
    clients,
    clockMs: 0,
    get tokenEndpoint() {
      return `${authorization.issuer}/token`;
    },
    get authorization() {
      return authorization;
    },
    key: client => readJson(clientKeyFile(dataDir, client)) as Jwk,
    async post(form, headers = {}) {
      const response = await fetch(sandbox.tokenEndpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answered['body'] };
    },
    ask: (client, parameters = {}) =>
      sandbox.post({
        grant_type: 'client_credentials',
        client_assertion_type: assertionType,
        ...('client_assertion' in parameters ? {} : { client_assertion: assertion(client, sandbox.tokenEndpoint, sandbox.key(client)) }),
        ...parameters,
      }),
    async token(client, parameters) {
      const { status, body } = await sandbox.ask(client, parameters);
      if (status !== 200) throw new Error(JSON.stringify(body));
      return body['access_token'] as string;
    },
    async close() {
      await authorization.close();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  const authorization = createAuthorization({
    baseUrl,
    dataDir,
    clients,
    mode: 'sandbox',
    tokenLifeSeconds: 300,
    pages,
    now: () => Date.now() + sandbox.clockMs,
    onBug: error => {
      throw error;
    },
    ...more,
  });
  app.use(new URL(authorization.issuer).pathname, (request, response) => authorization.handler(request, response));
  app.get('/fhir/.well-known/smart-configuration', (_request, response) => {
    response.json(authorization.smartConfiguration());
  });
  app.get('/fhir/Patient', async (request, response) => {
    try {
      response.json(await authorization.authenticate(request.headers.authorization));
    } catch (thrown) {
      const { status, headers, outcome } = answerOf(thrown);
      response.status(status).set(headers).json(outcome);
    }
  });
  return sandbox;
}

export const remove = (sandbox: Sandbox): void => rmSync(sandbox.dataDir, { recursive: true, force: true });
