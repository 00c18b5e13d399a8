/**
 * A port is taken, and given back when those who are on it have their answers.
 * @module
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../config.ts';
import { Refusal } from './command.ts';

/** Requests in flight have this long to be answered when the server stops. */
const stopMs = 10_000;

/** Where the system itself can share a port between processes (SO_REUSEPORT): one that is killed takes along what waited for it alone. */
const canShare = ['linux', 'freebsd'].includes(process.platform);

/**
 * The port that is really open.
 * @param shared with the other workers: by the system, or else by node:cluster
 * @throws Refusal with one sentence
 */
export function listen(server: Server, { host, port }: Pick<Config, 'host' | 'port'>, shared = false): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const at = `${host}:${port} (HOST, PORT)`;
      reject(
        new Refusal(
          error.code === 'EADDRINUSE'
            ? `${at} is in use by another program.`
            : error.code === 'EACCES'
              ? `${at} may not be used by this user.`
              : `${at} is no address of this machine (${error.code}).`,
        ),
      );
    };
    server.once('error', failed);
    server.listen({ port, host, ...(shared && canShare ? { exclusive: true, reusePort: true } : {}) }, () => {
      server.off('error', failed);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** A port that can be taken: the one that is set, or a free one. @throws Refusal with one sentence */
export async function findPort(config: Pick<Config, 'host' | 'port'>): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, config);
  await new Promise(resolve => probe.close(resolve));
  return port;
}

/** Connections that wait for a next request are closed as soon as they are idle. */
export async function stopListening(server: Server): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const last = setTimeout(() => server.closeAllConnections(), stopMs);
  server.closeIdleConnections();
  await closed;
  clearInterval(sweep);
  clearTimeout(last);
}
