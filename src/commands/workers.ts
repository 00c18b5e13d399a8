/**
 * `noren serve --workers N`: this process starts N that serve on one port (node:cluster), starts one again that has ended, and ends with them. It answers no request itself.
 * The first one is ready before the others begin: what a first start makes is made once. Which of them a connection goes to, the system settles (listen.ts).
 * @module
 */
import cluster, { type Worker } from 'node:cluster';
import path from 'node:path';
import { baseUrlOf, type Config, workerEnvironment } from '../config.ts';
import type { Log } from '../http/log.ts';
import { Refusal } from './command.ts';
import { takeData } from './data-directory.ts';
import { findPort } from './listen.ts';

/** One that ends sooner after it was ready has ended at once. */
const steadyMs = 10_000;
/** So many times in a row one may end at once; it is started again at once, then after half a second, one, two. */
const most = 5;
const pauseMs = 500;
/** Longer than a server takes to stop by itself. */
const lastMs = 30_000;

interface Crew {
  /** False: one ended before it was ready, and has said why. */
  readonly ready: Promise<boolean>;
  /** One ended at once again and again. */
  readonly lost: Promise<Refusal>;
  /** Ends all. True: they ended as they should. */
  stop(): Promise<boolean>;
}

/** @param args of the command line, for the processes that serve */
function startCrew(size: number, port: number, args: readonly string[], log: Log): Crew {
  cluster.setupPrimary({ exec: path.join(import.meta.dirname, '../main.ts'), args: ['serve', ...args] });
  const alive = new Map<number, Worker>();
  const pauses = new Set<NodeJS.Timeout>();
  const lost = Promise.withResolvers<Refusal>();
  let stopping = false;
  let clean = true;

  /** Starts one, and again when it ends. False: it ended before it was ready, when none of its kind ever was. */
  function start(number: number, failures = 0): Promise<boolean> {
    if (stopping) return Promise.resolve(false);
    const worker = cluster.fork(workerEnvironment(number, port));
    alive.set(number, worker);
    let readyAt: number | undefined;
    return new Promise(resolve => {
      worker.once('message', () => {
        readyAt = performance.now();
        log('info', 'a worker is ready', { worker: number, pid: worker.process.pid });
        resolve(true);
      });
      worker.once('exit', (code, signal) => {
        alive.delete(number);
        if (stopping) {
          clean &&= code === 0 || signal === 'SIGTERM';
          return resolve(false);
        }
        log('error', 'a worker has ended', { worker: number, ...(signal === null ? { code } : { signal }) });
        if (readyAt === undefined && failures === 0) return resolve(false);
        const steady = readyAt !== undefined && performance.now() - readyAt > steadyMs;
        const again = steady ? 1 : failures + 1;
        if (again >= most) return lost.resolve(new Refusal(`Worker ${number} ended at once ${most} times in a row; given up.`));
        const pause = setTimeout(
          () => {
            pauses.delete(pause);
            void start(number, again);
          },
          again === 1 ? 0 : pauseMs * 2 ** (again - 2),
        );
        pauses.add(pause);
      });
    });
  }

  const rest = () => Promise.all(Array.from({ length: size - 1 }, (_, i) => start(i + 2)));
  const ready = start(1).then(async isFirst => isFirst && (await rest()).every(isReady => isReady));
  return {
    ready,
    lost: lost.promise,
    async stop() {
      stopping = true;
      for (const pause of pauses) clearTimeout(pause);
      const ended = [...alive.values()].map(worker => new Promise(resolve => worker.once('exit', resolve)));
      for (const worker of alive.values()) worker.process.kill('SIGTERM');
      const last = setTimeout(() => {
        clean = false;
        for (const worker of alive.values()) worker.process.kill('SIGKILL');
      }, lastMs);
      await Promise.all(ended);
      clearTimeout(last);
      return clean;
    },
  };
}

/**
 * @param signal resolves with the signal that ends it
 * @returns exit code @throws Refusal with one sentence; where a worker did not start, it says the sentence
 */
export async function supervise(config: Config, args: readonly string[], log: Log, signal: Promise<string>): Promise<number> {
  process.umask(0o077);
  const port = await findPort(config);
  const giveBack = takeData(config.data);
  try {
    const crew = startCrew(config.workers, port, args, log);
    const first = await Promise.race([signal, crew.lost, crew.ready]);
    if (first === true) {
      const baseUrl = baseUrlOf(config, port);
      log('info', 'started', { baseUrl, mode: config.mode, data: config.data, node: process.versions.node, workers: config.workers });
      process.stdout.write(`ready ${baseUrl} pid ${process.pid}\n`);
    }
    const end = first === true ? await Promise.race([signal, crew.lost]) : first;
    log('info', 'stopping', typeof end === 'string' ? { signal: end } : {});
    const clean = await crew.stop();
    log('info', 'stopped');
    if (end instanceof Refusal) throw end;
    return clean && end !== false ? 0 : 1;
  } finally {
    giveBack();
  }
}
