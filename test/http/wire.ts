/**
 * A server on a free port, made of the real wire and of whatever rooms a test hands in; and raw ways to speak to it.
 * @module
 */
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { AuditRecord } from '../../src/audit/record.ts';
import type { Access } from '../../src/fhir/model/access.ts';
import type { Answer, Dispatch, Request, Version } from '../../src/fhir/model/exchange.ts';
import { Problem } from '../../src/fhir/model/outcome.ts';
import { createFiles, shelfOfOne } from '../../src/http/files.ts';
import { createHeld } from '../../src/http/held.ts';
import { jobsOfOne } from '../../src/http/jobs.ts';
import { createLog } from '../../src/http/log.ts';
import { createServer, type Parts } from '../../src/http/server.ts';

export const base = 'http://noren.test/fhir';
export const fhirJson = 'application/fhir+json';

export const access: Access = {
  agent: { client: 'tester', role: 'tester', sender: 'client/tester', purpose: 'TREAT', token: 'jti-1' },
  permits: { '*': 'cruds' },
  operations: [],
  reach: { '*': [{}] },
  without: [],
  studies: [],
};

export const version = (id: string, json: object, versionId = 1): Version => ({
  type: 'Patient',
  id,
  versionId,
  lastUpdated: Date.parse('2026-01-31T12:34:56.789Z'),
  deleted: false,
  bytes: Buffer.from(JSON.stringify(json)),
});

export const limits: Parts['limits'] = {
  maxBodyBytes: 1_000_000,
  maxBodiesBytes: 10_000_000,
  maxDepth: 64,
  maxUrlBytes: 4096,
  maxParameters: 64,
  maxInFlight: 100,
  requestTimeoutMs: 2000,
  bodyTimeoutMs: 4000,
  asyncLifeSeconds: 60,
};

export interface Wire {
  /** Where it listens: `http://127.0.0.1:port`. */
  readonly origin: string;
  readonly port: number;
  readonly server: Server;
  /** What dispatch was asked, in order. */
  readonly asked: Request[];
  readonly records: AuditRecord[];
  readonly log: string[];
  /** A request below the base, with a good token unless the headers say otherwise. */
  readonly fetch: (path: string, init?: RequestInit & { duplex?: 'half' }) => Promise<Response>;
  readonly close: () => Promise<void>;
}

/** Answers every request with 200 and the same Patient. */
const patient: Dispatch = async () => ({ status: 200, version: version('1', { resourceType: 'Patient', id: '1' }) });

export async function startWire(dispatch: Dispatch = patient, more: Partial<Parts> = {}): Promise<Wire> {
  const asked: Request[] = [];
  const records: AuditRecord[] = [];
  const log: string[] = [];
  const now = () => Date.parse('2026-02-01T00:00:00Z');
  const held = createHeld(1_000_000, now);
  const server = createServer({
    baseUrl: base,
    limits,
    held,
    files: createFiles({ baseUrl: base, lifeSeconds: 60, shelf: shelfOfOne(now), held, moment: async () => 0, now }),
    corsOrigins: ['*'],
    trustedProxies: [],
    authenticate: async header => {
      if (header !== 'Bearer good') throw new Problem('login');
      return access;
    },
    narrow: given => given,
    dispatch: async (request, given): Promise<Answer> => {
      asked.push(request);
      return dispatch(request, given);
    },
    audit: {
      record: async entry => {
        records.push(entry);
      },
    },
    underway: () => {},
    jobs: jobsOfOne(now),
    known: { lines: async () => [], moment: async () => 0 },
    ready: () => true,
    smartConfiguration: () => ({ token_endpoint: 'http://noren.test/oauth/token' }),
    landing: { mode: 'sandbox', holdings: async () => [['Organization', 2]], openApi: () => '{}' },
    log: createLog(line => log.push(line)),
    now,
    ...more,
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    port,
    server,
    asked,
    records,
    log,
    fetch: (path, init = {}) =>
      fetch(`${origin}/fhir${path}`, {
        redirect: 'manual',
        ...init,
        headers: { authorization: 'Bearer good', ...(init.headers as Record<string, string>) },
      }),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Writes bytes as they are and reads until the other side closes, or for a while. */
export function speak(port: number, text: string | Buffer, forMs = 1500): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    const timer = setTimeout(() => socket.destroy(), forMs);
    socket.on('data', data => {
      heard += data.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(heard);
    });
    socket.write(text);
  });
}

/** Status, and the code of the outcome's first issue. */
export async function refusal(response: Response): Promise<readonly [status: number, code: string]> {
  const body = (await response.json()) as { resourceType: string; issue: { code: string }[] };
  return [response.status, body.resourceType === 'OperationOutcome' ? body.issue[0]!.code : 'no OperationOutcome'];
}
