/**
 * A server of somebody else's files, on a free port: what stands at each path, and what was asked of it.
 * @module
 */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Source {
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  readonly asked: IncomingMessage[];
  /** What stands at a path: the body, or whoever answers. What is not there answers 404. */
  readonly files: Map<string, string | Buffer | RequestListener>;
  readonly close: () => Promise<void>;
}

export async function openSource(): Promise<Source> {
  const files: Source['files'] = new Map();
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    const file = files.get(request.url!);
    if (typeof file === 'function') file(request, response);
    else if (file === undefined) response.writeHead(404).end('nothing of 山田');
    else response.end(file);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    files,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A file of NDJSON. */
export const lines = (...resources: readonly object[]): string => resources.map(one => `${JSON.stringify(one)}\n`).join('');
