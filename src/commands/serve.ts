/**
 * `noren serve`: opens the house, serves it, and closes it so that nothing acknowledged is lost.
 * The port is taken first: its number is part of the base URL, and a port in use stops the start before any file is touched.
 * @module
 */
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { baseUrlOf, type Config, crashStep, readConfig, settings } from '../config.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { pagesDirectory } from '../http/app.ts';
import { createLog, type Log } from '../http/log.ts';
import { createApp, createListener } from '../http/server.ts';
import { checkOpen } from './closed.ts';
import { type Command, Refusal, settingsHelp } from './command.ts';
import { lock } from './lock.ts';
import type { House } from './rooms.ts';

export interface Running {
  readonly baseUrl: string;
  readonly port: number;
  /** No new requests; those in flight are answered; then everything is closed. */
  readonly close: () => Promise<void>;
}

export interface Surroundings {
  readonly log?: Log;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Told where an erasure stands. */
  readonly step?: (name: string) => void;
}

const stderrLog: Log = createLog(line => process.stderr.write(line));

/** Requests in flight have this long to be answered when the server stops. */
const stopMs = 10_000;

/**
 * A whole server in this process. Files made from here on are the owner's alone.
 * @throws Refusal with one sentence: port in use, data directory in use or of a newer version, unusable key
 */
export async function startServer(config: Config, { log = stderrLog, now = Date.now, step }: Surroundings = {}): Promise<Running> {
  process.umask(0o077);
  let serve: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => {
    response.writeHead(503, { 'retry-after': '1', 'content-length': '0' }).end();
  };
  const server = createListener(
    { limits: config, audit: { record: async entry => house?.parts.audit.record(entry) }, log, now },
    (request, response) => serve(request, response),
  );
  let house: House | undefined;
  const port = await listen(server, config);
  let unlock = () => {};
  try {
    mkdirSync(config.data, { recursive: true, mode: 0o700 });
    chmodSync(config.data, 0o700);
    unlock = lock(config.data);
    checkOpen(config.data);
    collectInMeasure();
    // Loaded only now: a wrong setting or a port in use is told at once.
    const { openHouse } = await import('./rooms.ts');
    house = await openHouse(config, baseUrlOf(config, port), log, now, step);
  } catch (error) {
    unlock();
    server.close();
    server.closeAllConnections();
    throw refusal(error, config);
  }
  serve = createApp(house.parts);
  const { parts, close } = house;
  let closing: Promise<void> | undefined;
  return {
    baseUrl: parts.baseUrl,
    port,
    close: () =>
      (closing ??= (async () => {
        await stop(server);
        await close();
        unlock();
      })()),
  };
}

/**
 * How often the collector walks the whole index (docs/decisions/0031).
 * Blocks come and go outside the heap: without the first flag each 64 MB of them would have it walk, twice a second under load.
 * Without the second the heap may grow to four times what lives in it before it does.
 */
function collectInMeasure(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  setFlagsFromString('--heap-growing-percent=70');
}

function listen(server: Server, { host, port }: Config): Promise<number> {
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
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** What the rooms say in one sentence is said; a mistake in the code is not dressed up as one. */
function refusal(error: unknown, { data }: Config): unknown {
  if (!(error instanceof Error) || error instanceof Refusal) return error;
  const { code, path: file } = error as NodeJS.ErrnoException;
  if (code !== undefined && /^E[A-Z]+$/.test(code) && file !== undefined && path.resolve(file).startsWith(path.resolve(data)))
    return new Refusal(`The data directory ${data} (${settings.data.variable}) cannot be used: ${code}.`);
  if (code === 'ERR_SQLITE_ERROR')
    return new Refusal(`The database in ${data} (${settings.data.variable}) cannot be opened: ${error.message.replace(/\.$/, '')}.`);
  return error.constructor === Error || error instanceof Problem ? new Refusal(error.message) : error;
}

/** Connections that wait for a next request are closed as soon as they are idle. */
async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const last = setTimeout(() => server.closeAllConnections(), stopMs);
  server.closeIdleConnections();
  await closed;
  clearInterval(sweep);
  clearTimeout(last);
}

const usage = `Usage: noren serve [flags]

Starts the server; prints "ready BASE_URL pid PID" once it answers. The log goes to stderr, one JSON object a line.
SIGTERM or SIGINT: no new requests, those in flight are answered, exit 0. A flag wins over its variable.

${settingsHelp(Object.keys(settings) as (keyof typeof settings)[])}

Exit code 0: stopped by a signal. 1: not started, and one sentence on stderr says why.`;

export const command: Command = {
  name: 'serve',
  summary: 'start the server',
  usage,
  async run(args) {
    const config = readConfig(args, process.env);
    const crash = crashStep(process.env);
    let times = 0;
    const running = await startServer(
      config,
      crash === undefined
        ? {}
        : { step: name => void (name === crash.step && ++times === crash.time && process.kill(process.pid, 'SIGKILL')) },
    );
    if (config.mode === 'sandbox' && !['127.0.0.1', '::1', 'localhost'].includes(config.host)) {
      stderrLog('warn', 'a sandbox is open to other machines: whoever reads its data directory is every client');
    }
    if (!existsSync(pagesDirectory)) stderrLog('warn', 'the pages below /app are not built: run "npm run build:web"');
    stderrLog('info', 'started', { baseUrl: running.baseUrl, mode: config.mode, data: config.data, node: process.versions.node });
    const stopped = new Promise<string>(resolve => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
    });
    process.stdout.write(`ready ${running.baseUrl} pid ${process.pid}\n`);
    const signal = await stopped;
    stderrLog('info', 'stopping', { signal });
    await running.close();
    stderrLog('info', 'stopped');
    return 0;
  },
};
