/**
 * A whole server on a free port: every room real, over HTTP, with a sandbox of its own; and what holds for every answer, whoever asks.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import { startServer } from '../../src/commands/serve.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/http/log.ts';
import { freshStore, isShared } from '../store.ts';

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined: there is none. */
  readonly json: { readonly resourceType: string; readonly [element: string]: unknown } | undefined;
  /** Text of the first issue, or '': no OperationOutcome. */
  readonly why: string;
}

export interface Asking {
  /** JSON that is written as it is, or text. */
  readonly body?: object | string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: tester; '': nobody. */
  readonly client?: string;
}

export interface Whole {
  readonly baseUrl: string;
  readonly port: number;
  /** Lines of the server's log, as they are written. */
  readonly log: readonly string[];
  /** Answered once under 2 s, in JSON, without a 5xx or a stack trace; a refusal with an OperationOutcome. Anything else throws. */
  ask(method: string, path: string, asking?: Asking): Promise<Told>;
  /** Id of what is created. */
  create(resource: object, client?: string): Promise<string>;
  /** How many a search finds. */
  count(query: string): Promise<number>;
  token(client: string): Promise<string>;
  /** Answers to `asked` while the server's clock is so much behind that of the authorization server, which is real. */
  earlier<T>(milliseconds: number, asked: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A working attack takes minutes; a machine that others use as well may make the two seconds of a quiet one ten, and what stands in for a MongoDB is slow by itself. */
const slowestMs = isShared ? 60_000 : 30_000;

/** What holds for all 55 attacks. */
function check(what: string, { status, headers, text, json }: Told, tookMs: number): void {
  const wrong = (why: string) => new Error(`${what}: ${status}: ${why}: ${text.slice(0, 300)}`);
  if (status >= 500) throw wrong('an attack must not reach a fault of the server');
  if (tookMs > slowestMs) throw wrong(`took ${Math.round(tookMs)} ms`);
  if (/\\n\s+at |node:internal|\/src\/[a-z]/.test(text)) throw wrong('shows a stack trace');
  if (text !== '' && !/^application\/fhir\+json/.test(headers.get('content-type') ?? '')) throw wrong('is no FHIR JSON');
  if (headers.get('x-content-type-options') !== 'nosniff') throw wrong('may be sniffed');
  if (status >= 400 && json?.resourceType !== 'OperationOutcome') throw wrong('has no OperationOutcome');
}

export async function openWhole(...flags: string[]): Promise<Whole> {
  const root = mkdtempSync(path.join(tmpdir(), 'noren-whole-'));
  const data = path.join(root, 'data');
  const store = freshStore();
  const log: string[] = [];
  let behind = 0;
  const now = () => Date.now() - behind;
  const running = await startServer(readConfig(['--port', '0', '--data', data, ...store.flags, ...flags]), {
    log: createLog(line => log.push(line)),
    now,
  });
  const { baseUrl, port } = running;
  const tokens = new Map<string, Promise<string>>();
  const token = (client: string) => {
    if (!tokens.has(client)) {
      const issued = fetchToken({ client, data, url: baseUrl, patient: client === 'patient-app' ? 'Patient/p' : undefined });
      tokens.set(
        client,
        issued.then(given => given.token),
      );
    }
    return tokens.get(client)!;
  };

  const ask: Whole['ask'] = async (method, to, { body, headers = {}, client = 'tester' } = {}) => {
    const authorization = client === '' ? undefined : `Bearer ${await token(client)}`;
    const started = performance.now();
    const response = await fetch(to === '' ? baseUrl : `${baseUrl}/${to}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = text === '' ? undefined : (JSON.parse(text) as Told['json']);
    const why = json?.resourceType === 'OperationOutcome' ? ((json as unknown as OperationOutcome).issue[0]!.details?.text ?? '') : '';
    const told = { status: response.status, headers: response.headers, text, json, why };
    check(`${method} ${to.slice(0, 80)}`, told, performance.now() - started);
    return told;
  };

  return {
    baseUrl,
    port,
    log,
    ask,
    token,
    async earlier(milliseconds, asked) {
      behind = milliseconds;
      try {
        return await asked();
      } finally {
        behind = 0;
      }
    },
    async create(resource, client) {
      const { status, json, text } = await ask('POST', (resource as { resourceType: string }).resourceType, {
        body: resource,
        ...(client === undefined ? {} : { client }),
      });
      if (status !== 201) throw new Error(text);
      return json!['id'] as string;
    },
    async count(query) {
      const { status, json, text } = await ask('GET', `${query}${query.includes('?') ? '&' : '?'}_summary=count`);
      if (status !== 200) throw new Error(text);
      return (json as unknown as Bundle).total!;
    },
    async close() {
      await running.close();
      await store.remove();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
