/** A small real HTTP server to run scripts against: it keeps what is put there, remembers what it was asked, and answers oddly where a test says so. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extensionUrls } from '../../src/testscript/extensions.ts';
import type { ScriptResult } from '../../src/testscript/result.ts';
import { runSuite, type Suite } from '../../src/testscript/suite.ts';

export interface Asked {
  readonly method: string;
  /** Behind the base. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Returns true when it has answered. */
type Odd = (asked: Asked, response: ServerResponse) => boolean;

export interface Lab {
  readonly base: string;
  /** All requests but that for the CapabilityStatement at the beginning. */
  readonly asked: Asked[];
  odd: Odd;
  /** The next request for the CapabilityStatement is the runner's own. */
  greet: boolean;
  statement: Record<string, unknown> | undefined;
  close(): Promise<void>;
}

export async function openLab(): Promise<Lab> {
  const kept = new Map<string, object | 'deleted'>();
  let ids = 0;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const asked: Asked = {
        method: request.method!,
        url: request.url!.replace(/^\/fhir\/?/, ''),
        headers: request.headers,
        body: Buffer.concat(pieces).toString(),
      };
      if (asked.url === 'metadata' && lab.greet) {
        lab.greet = false;
        if (lab.statement === undefined) response.writeHead(500).end();
        else json(response, 200, { resourceType: 'CapabilityStatement', ...lab.statement });
        return;
      }
      lab.asked.push(asked);
      if (lab.odd(asked, response)) return;
      plain(asked, response);
    });
  });

  function plain({ method, url, body }: Asked, response: ServerResponse): void {
    const path = url.split('?')[0]!;
    const parts = path.split('/');
    if (method === 'POST' && /^[A-Z]\w+$/.test(path)) {
      const id = `s${++ids}`;
      const resource = { ...(JSON.parse(body) as object), id, meta: { versionId: '1' } };
      kept.set(`${path}/${id}`, resource);
      json(response, 201, resource, { location: `${lab.base}/${path}/${id}/_history/1`, etag: 'W/"1"' });
    } else if (method === 'PUT' && parts.length === 2) {
      const had = kept.has(path);
      kept.set(path, JSON.parse(body) as object);
      json(response, had ? 200 : 201, JSON.parse(body) as object);
    } else if (method === 'DELETE' && parts.length === 2) {
      kept.set(path, 'deleted');
      response.writeHead(204).end();
    } else if (method === 'GET' && kept.has(path)) {
      const found = kept.get(path)!;
      if (found === 'deleted') json(response, 410, outcome('deleted'));
      else json(response, 200, found, { etag: 'W/"1"' });
    } else if (method === 'GET' && parts.length === 1 && path !== 'metadata')
      json(response, 200, { resourceType: 'Bundle', type: 'searchset', total: 0, link: [{ relation: 'self', url: lab.base }] });
    else json(response, 404, outcome('not-found'));
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const lab: Lab = {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`,
    asked: [],
    odd: () => false,
    greet: false,
    statement: { fhirVersion: '4.0.1', rest: [{ mode: 'server', resource: [{ type: 'Patient', interaction: [{ code: 'read' }] }] }] },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return lab;
}

export const outcome = (code: string) => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code, details: { text: `It is ${code}.` } }],
});

/** @returns true, for it is the answer */
export function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): true {
  response.writeHead(status, { 'content-type': 'application/fhir+json; charset=utf-8', ...headers }).end(JSON.stringify(body));
  return true;
}

/** One script against the lab; the lab forgets before what it was asked. */
export async function run(lab: Lab, script: object, more: Partial<Suite> = {}, file = '/nowhere/script.json'): Promise<ScriptResult> {
  lab.asked.length = 0;
  lab.greet = true;
  const { results } = await runSuite(
    [{ source: { file, bundle: new Map() }, json: { resourceType: 'TestScript', name: 'T', ...script } }],
    {
      base: new URL(lab.base),
      urls: extensionUrls(),
      ...more,
    },
  );
  return results[0]!;
}

export const read = (url: string, more: object = {}) => ({ operation: { type: { code: 'read' }, url, ...more } });
export const op = (operation: object) => ({ operation });
export const check = (assert: object) => ({ assert });
export const test = (...action: object[]) => ({ name: 'test', action });

/** Results of the actions of the only test, as words. */
export const words = (result: ScriptResult, at = 0): string => result.tests[at]!.actions.map(a => a.result).join(' ');

/** A fixture with its resource in it. */
export const fixture = (id: string, resource: unknown, more: object = {}) => ({
  id,
  autocreate: false,
  autodelete: false,
  resource,
  ...more,
});
export const patient = { resourceType: 'Patient', active: true, name: [{ family: 'Test' }] };

/** `${name}` as a script writes it. */
export const ref = (name: string): string => `$\{${name}}`;
