/**
 * One address before several servers, as a load balancer gives it: each request goes to the server after the last one's, or to the one that it names (`x-server: 1`).
 * @module
 */
import { createServer, request as send } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';

export interface Address {
  readonly origin: string;
  /** Ports of the servers behind it. */
  readonly ports: number[];
  close(): Promise<void>;
}

/** A port that nobody listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createSocketServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

export async function oneAddress(): Promise<Address> {
  const ports: number[] = [];
  let last = 0;
  const server = createServer((request, response) => {
    const { 'x-server': named, ...headers } = request.headers;
    const port = ports[named === undefined ? ++last % ports.length : Number(named)]!;
    const onward = send({ port, host: '127.0.0.1', method: request.method, path: request.url, headers }, answer => {
      response.writeHead(answer.statusCode!, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ports,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
