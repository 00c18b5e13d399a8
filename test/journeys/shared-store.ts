/**
 * Several servers over one MongoDB, each a process with a data directory of its own and the same keys and clients; and what is sent to them.
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bearer } from '../../src/commands/bearer.ts';
import { dropDatabase, freshUri } from '../fhir/store/mongodb/database.ts';
import { serveApart } from './apart.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly total?: number;
    readonly id?: string;
    readonly entry?: readonly { readonly response: { readonly location: string } }[];
  };
  readonly text: string;
}

export interface One {
  readonly url: string;
  readonly child: ChildProcess;
  ask(client: string, method: string, to: string, body?: object, headers?: Record<string, string>): Promise<Answered>;
  stop(): Promise<void>;
}

export interface SharedServers {
  readonly uri: string;
  /** Data directory of the first start: the keys of the clients, the accounts. */
  readonly first: string;
  start(environment?: Record<string, string>): Promise<One>;
  remove(): Promise<void>;
}

/** The first start makes keys and clients, which all that come later share. */
export async function sharedServers(uri = freshUri()): Promise<SharedServers> {
  const root = mkdtempSync(path.join(os.tmpdir(), 'noren-shared-'));
  const running = new Set<ChildProcess>();
  let number = 0;
  const first = path.join(root, '0');
  const start = async (environment: Record<string, string> = {}): Promise<One> => {
    const data = path.join(root, String(number++));
    if (data !== first) cpSync(first, data, { recursive: true, filter: file => !/audit|noren\.lock/.test(path.basename(file)) });
    const { url, child } = await serveApart(data, { STORE: uri, ...environment });
    running.add(child);
    // A suite may take longer than a token is good for.
    const tokens = new Map<string, ReturnType<typeof bearer>>();
    return {
      url,
      child,
      async ask(client, method, to, body, headers = {}) {
        if (!tokens.has(client)) tokens.set(client, bearer({ client, data, url }));
        const response = await fetch(to === '' ? url : `${url}/${to}`, {
          method,
          headers: { authorization: `Bearer ${await tokens.get(client)!()}`, 'content-type': 'application/fhir+json', ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        return { status: response.status, headers: response.headers, text, body: text.startsWith('{') ? JSON.parse(text) : {} };
      },
      async stop() {
        running.delete(child);
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGTERM');
        await once(child, 'exit');
      },
    };
  };
  await (await start()).stop();
  return {
    uri,
    first,
    start,
    async remove() {
      for (const child of running) child.kill('SIGKILL');
      await dropDatabase(uri);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A transaction of a patient and two observations; all share one tag. */
export function bundle(): { readonly tag: string; readonly body: object } {
  const tag = randomUUID();
  const subject = `urn:uuid:${randomUUID()}`;
  const meta = { tag: [{ system: 'urn:bundle', code: tag }] };
  const add = (resource: { resourceType: string }, fullUrl = `urn:uuid:${randomUUID()}`) => ({
    fullUrl,
    resource: { ...resource, meta },
    request: { method: 'POST', url: resource.resourceType },
  });
  const value = () => add({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: subject } } as never);
  return {
    tag,
    body: { resourceType: 'Bundle', type: 'transaction', entry: [add({ resourceType: 'Patient' }, subject), value(), value()] },
  };
}

export interface Load {
  /** Tags of bundles that were answered with 200. */
  readonly acknowledged: string[];
  /** Tags of all that were sent. */
  readonly sent: string[];
  /** Other answers. */
  readonly refused: Answered[];
  end(): Promise<void>;
}

/** Bundles without a pause from several clients, until `end` or until the server is gone. */
export function load(server: One, clients: number): Load {
  const result = { acknowledged: [] as string[], sent: [] as string[], refused: [] as Answered[] };
  let run = true;
  const sending = Array.from({ length: clients }, async () => {
    while (run) {
      const { tag, body } = bundle();
      result.sent.push(tag);
      try {
        const answer = await server.ask('tester', 'POST', '', body);
        if (answer.status === 200) result.acknowledged.push(tag);
        else {
          result.refused.push(answer);
          await new Promise(resolve => setTimeout(resolve, 50));
        }
      } catch {
        if (server.child.exitCode !== null || server.child.signalCode !== null) return;
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    }
  });
  return {
    ...result,
    async end() {
      run = false;
      await Promise.all(sending);
    },
  };
}

/** Bundles of which something is missing: acknowledged ones that are not whole, and any that is there in part. */
export async function notWhole(server: One, { acknowledged, sent }: Pick<Load, 'acknowledged' | 'sent'>): Promise<string[]> {
  const sure = new Set(acknowledged);
  const wrong: string[] = [];
  const count = async (type: string, tag: string): Promise<number> =>
    (await server.ask('tester', 'GET', `${type}?_tag=urn:bundle|${tag}&_summary=count`)).body.total ?? Number.NaN;
  for (const tag of sent) {
    const [patients, observations] = [await count('Patient', tag), await count('Observation', tag)];
    const whole = patients === 1 && observations === 2;
    const absent = patients === 0 && observations === 0;
    if (!whole && (sure.has(tag) || !absent)) wrong.push(`${tag}: ${patients} and ${observations}${sure.has(tag) ? ', acknowledged' : ''}`);
  }
  return wrong;
}
