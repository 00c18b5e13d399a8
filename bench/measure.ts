/**
 * What every benchmark needs: a server of its own in a process of its own, a closed loop of clients, percentiles, peak memory, one way to print.
 * Figures of one run compare with the ceiling of the same run only: machines are noisy.
 * @module
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fetchToken } from '../src/commands/token.ts';

export interface Target {
  readonly baseUrl: string;
  readonly pid: number;
  readonly data: string;
  /** Authorization header of a client, renewed before the token ends. */
  bearer(client: string): Promise<string>;
  /** @param keep leaves the data for another start */
  stop(keep?: boolean): Promise<void>;
}

/** Starts `noren serve` on a free port. @param data of an earlier start; absent: an empty directory */
export async function startTarget(data: string = mkdtempSync(path.join(os.tmpdir(), 'noren-bench-'))): Promise<Target> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '../src/main.ts'), 'serve', '--port', '0', '--data', data], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>(resolve => child.on('exit', () => resolve()));
  // A benchmark that fails leaves no server behind.
  process.on('exit', () => child.kill());
  const baseUrl = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (part: Buffer) => {
      text += part.toString();
      const ready = /^ready (\S+) pid (\d+)/m.exec(text);
      if (ready) resolve(ready[1]!);
    });
    void ended.then(() => reject(new Error('The server ended at its start; run npm start to see why.')));
  });
  const tokens = new Map<string, { token: string; expiresAt: number }>();
  return {
    baseUrl,
    pid: child.pid!,
    data,
    async bearer(client) {
      let held = tokens.get(client);
      if (!held || held.expiresAt - Date.now() < 60_000) {
        held = await fetchToken({ client, data, url: baseUrl });
        tokens.set(client, held);
      }
      return `Bearer ${held.token}`;
    },
    async stop(keep = false) {
      child.kill('SIGTERM');
      await ended;
      if (!keep) rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Highest resident memory of a process so far in MB, and its size now; 0 where the system does not tell. */
export function memory(pid: number): { peak: number; now: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const megabytes = (name: string): number => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
    return { peak: megabytes('VmHWM'), now: megabytes('VmRSS') };
  } catch {
    return { peak: 0, now: 0 };
  }
}

/** Microseconds of processor time that all threads of a process have taken; 0 where the system does not tell. */
export function processorTime(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return (
      threads.reduce((sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]), 0) / 1000
    );
  } catch {
    return 0;
  }
}

export interface Loop {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
  readonly done: number;
}

/** N clients, each sends and waits, until `seconds` are over or `next` gives nothing more. `work` says how many units were done, or throws. */
export async function closedLoop(
  clients: number,
  seconds: number,
  work: (n: number, client: number) => Promise<number> | undefined,
): Promise<Loop> {
  const times: number[] = [];
  let n = 0;
  let done = 0;
  let failed = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      while (performance.now() < end) {
        const began = performance.now();
        const job = work(n++, client);
        if (!job) return;
        try {
          const units = await job;
          // Not `done += await job`: that reads `done` before it waits, and what the others did meanwhile is forgotten.
          done += units;
        } catch {
          failed++;
        }
        times.push(performance.now() - began);
      }
    }),
  );
  const took = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { perSecond: done / took, p50: at(0.5), p99: at(0.99), failed, done };
}

/** One line: name, rate, latencies, ratio to the ceiling of this run. */
export function print(
  name: string,
  loop: Pick<Loop, 'perSecond' | 'p50' | 'p99'> & { failed?: number },
  unit: string,
  ceiling?: number,
): void {
  const ratio = ceiling === undefined ? '' : `  ${(loop.perSecond / ceiling).toFixed(2)} of the ceiling`;
  const failed = loop.failed ? `  ${loop.failed} FAILED` : '';
  process.stdout.write(
    `${name.padEnd(34)} ${Math.round(loop.perSecond).toLocaleString('en').padStart(9)} ${unit}  p50 ${loop.p50.toFixed(2)} ms  p99 ${loop.p99.toFixed(2)} ms${ratio}${failed}\n`,
  );
}

export { call, closeConnections } from './connection.ts';
