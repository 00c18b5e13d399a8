/**
 * `noren serve`: opens the house, serves it, and closes it so that nothing acknowledged is lost.
 * The port is taken first: its number is part of the base URL, and a port in use stops the start before any file is touched. One of several processes (workers.ts) is told the
 * port, and takes it when it can answer.
 * @module
 */
import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { workerDirectory } from '../audit/logs.ts';
import { baseUrlOf, type Config, readConfig, settings, workerOf } from '../config.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { pagesDirectory } from '../http/app.ts';
import { createLog, type Log } from '../http/log.ts';
import { createApp, createListener } from '../http/server.ts';
import { type Command, Refusal, settingsHelp } from './command.ts';
import { crashing } from './crashing.ts';
import { takeData } from './data-directory.ts';
import { listen, stopListening } from './listen.ts';
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
  /** Which of several processes this is, from 1; absent: it serves alone. */
  readonly worker?: number;
}

const stderrLog: Log = createLog(line => process.stderr.write(line));

/**
 * A whole server in this process. Files made from here on are the owner's alone.
 * @throws Refusal with one sentence: port in use, data directory in use or of a newer version, unusable key
 */
export async function startServer(config: Config, { log = stderrLog, now = Date.now, step, worker }: Surroundings = {}): Promise<Running> {
  process.umask(0o077);
  let serve: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => {
    response.writeHead(503, { 'retry-after': '1', 'content-length': '0' }).end();
  };
  const server = createListener(
    { limits: config, audit: { record: async entry => house?.parts.audit.record(entry) }, log, now },
    (request, response) => serve(request, response),
  );
  let house: House | undefined;
  const port = worker === undefined ? await listen(server, config) : config.port;
  let unlock = () => {};
  try {
    unlock = worker === undefined ? takeData(config.data) : takeData(workerDirectory(config.data, worker));
    collectInMeasure();
    // Loaded only now: a wrong setting or a port in use is told at once.
    const { openHouse } = await import('./rooms.ts');
    house = await openHouse(config, baseUrlOf(config, port), log, now, step, worker);
    serve = createApp(house.parts);
    if (worker !== undefined) await listen(server, config, true);
  } catch (error) {
    await house?.close();
    unlock();
    server.close();
    server.closeAllConnections();
    throw refusal(error, config);
  }
  const { parts, close } = house;
  let closing: Promise<void> | undefined;
  return {
    baseUrl: parts.baseUrl,
    port,
    close: () =>
      (closing ??= (async () => {
        await stopListening(server);
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

const usage = `Usage: noren serve [flags]

Starts the server; prints "ready BASE_URL pid PID" once it answers. The log goes to stderr, one JSON object a line.
SIGTERM or SIGINT: no new requests, those in flight are answered, exit 0. A flag wins over its variable.
With --workers N (MongoDB alone) N processes answer on the port; one that ends is started again.

${settingsHelp(Object.keys(settings) as (keyof typeof settings)[])}

Exit code 0: stopped by a signal. 1: not started, or given up; one sentence on stderr says why.`;

/** The signal that ends this process. */
const signalled = (): Promise<string> =>
  new Promise(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });

function sayWhatIsOpen({ mode, host }: Config, log: Log): void {
  if (mode === 'sandbox' && !['127.0.0.1', '::1', 'localhost'].includes(host))
    log('warn', 'a sandbox is open to other machines: whoever reads its data directory is every client');
  if (!existsSync(pagesDirectory)) log('warn', 'the pages below /app are not built: run "npm run build:web"');
}

export const command: Command = {
  name: 'serve',
  summary: 'start the server',
  usage,
  async run(args) {
    const config = readConfig(args, process.env);
    const one = workerOf(process.env);
    if (one === undefined && config.workers > 1) {
      const { supervise } = await import('./workers.ts');
      return supervise(config, args, stderrLog, signalled());
    }
    const log: Log = one === undefined ? stderrLog : (level, message, more) => stderrLog(level, message, { worker: one.number, ...more });
    // What it hears its supervisor by would keep it alive.
    const leave = () => cluster.worker?.disconnect();
    const step = crashing();
    const running = await startServer(one === undefined ? config : { ...config, port: one.port }, {
      log,
      ...(step === undefined ? {} : { step }),
      ...(one === undefined ? {} : { worker: one.number }),
    }).catch(error => {
      leave();
      throw error;
    });
    if (one === undefined || one.number === 1) sayWhatIsOpen(config, log);
    log('info', 'started', { baseUrl: running.baseUrl, mode: config.mode, data: config.data, node: process.versions.node });
    const stopped = signalled();
    if (one === undefined) process.stdout.write(`ready ${running.baseUrl} pid ${process.pid}\n`);
    else process.send!('ready');
    log('info', 'stopping', { signal: await stopped });
    await running.close();
    log('info', 'stopped');
    leave();
    return 0;
  },
};
