/**
 * How fast `noren deidentify` is on files, whole processes with their start: resources and bytes per second for each policy with one and with two workers, beside
 * JSON.parse + JSON.stringify with reading and writing of the same bytes, run just before; and the processor time of the main thread alone, which no worker
 * shares. The ceiling of two workers is what two threads that share nothing gain on this machine, when each parses and serializes lines of the largest file: cores share caches, memory
 * and a host. One worker leaves the collector, V8's compiler and the main thread to the other core: with taskset (Linux) all of them are kept to one core as well, and the gain is told from
 * one worker to two and from one core to two. All are measured in turn, --rounds times, and their medians count. With --memory the peak over more and more resources.
 * The input are lines (NDJSON, a file per type) made of a generated hospital; or, with a folder as argument, the files in it.
 * node bench/deidentify-files.ts [folder] [--patients 2000] [--policy jp-anonymized] [--rounds 3] [--memory 10000,100000,1000000]
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { hospitals } from '../src/generate/hospitals.ts';
import { builtIn } from '../src/release/policies.ts';
import { linesIn } from './lines.ts';

const { values, positionals } = parseArgs({
  options: {
    patients: { type: 'string', default: '2000' },
    policy: { type: 'string', multiple: true },
    memory: { type: 'string' },
    rounds: { type: 'string', default: '3' },
  },
  allowPositionals: true,
});
const scratch = mkdtempSync(path.join(os.tmpdir(), 'noren-bench-files-'));
const keys = path.join(scratch, 'keys.json');
writeFileSync(keys, JSON.stringify({ secret: Buffer.alloc(32, 7).toString('base64'), link: Buffer.alloc(32, 8).toString('base64') }), {
  mode: 0o600,
});

/** A file per type, until there are so many resources. */
function lines(folder: string, patients: number, most = Number.POSITIVE_INFINITY): number {
  mkdirSync(folder);
  const files = new Map<string, number>();
  let count = 0;
  for (const { at } of hospitals({ patients, seed: '1', day: '2026-04-01' })) {
    for (const { bundle } of at) {
      const entries = (bundle.entry ?? []) as { fullUrl?: string; resource: { resourceType: string } }[];
      const names = new Map(entries.map(({ fullUrl, resource }) => [fullUrl!, `${resource.resourceType}/${fullUrl!.slice(9)}`]));
      for (const { fullUrl, resource } of entries) {
        const type = resource.resourceType;
        const id = fullUrl!.slice(9);
        const text = JSON.stringify({ ...resource, id }).replace(/urn:uuid:[0-9a-f-]{36}/g, found => names.get(found) ?? found);
        if (!files.has(type)) files.set(type, openSync(path.join(folder, `${type}.ndjson`), 'a'));
        writeSync(files.get(type)!, `${text}\n`);
        count++;
      }
    }
    if (count >= most) break;
  }
  for (const fd of files.values()) closeSync(fd);
  return count;
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.(nd)?json(\.gz)?$/.test(name))
    .map(name => path.join(folder, name));

interface Figures {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of the main thread: what is done while no second worker can help, or beside them. */
  readonly serialSeconds: number;
  readonly megabytes: number;
}

/** Says at its end what the process used, all threads of it. */
const atEnd = `data:text/javascript,import{isMainThread}from'node:worker_threads';if(isMainThread)process.on('exit',()=>{const u=process.resourceUsage();const t=process.threadCpuUsage();process.stderr.write('USED '+JSON.stringify({...u,serial:t.user+t.system}))})`;

/** One worker, with all threads of the process on one core. */
const oneCore = 'one core';
type Crew = 1 | 2 | typeof oneCore;

async function run(folder: string, policy: string, crew: Crew): Promise<Figures> {
  const out = path.join(scratch, 'out');
  const start = performance.now();
  const [command, ...before] = crew === oneCore ? ['taskset', '-c', '0', process.execPath] : [process.execPath];
  const child = spawn(command!, [
    ...[...before, '--import', atEnd, path.join(import.meta.dirname, '../bin/noren.cjs'), 'deidentify', '--policy', policy, '--keys', keys],
    ...[folder, '--out', out, '--workers', String(crew === oneCore ? 1 : crew), '--rename'],
  ]);
  let said = '';
  child.stdout.resume();
  child.stderr.on('data', data => {
    said += data;
  });
  const [code] = (await once(child, 'close')) as [number];
  const seconds = (performance.now() - start) / 1000;
  rmSync(out, { recursive: true, force: true });
  const used = /USED (\{.*\})/.exec(said)?.[1];
  if (code !== 0 || used === undefined) throw new Error(said);
  const { userCPUTime, systemCPUTime, maxRSS, serial } = JSON.parse(used) as NodeJS.ResourceUsage & { serial: number };
  return { seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, serialSeconds: serial / 1e6, megabytes: maxRSS / 1024 };
}

interface Load {
  readonly resources: number;
  readonly megabytes: number;
}

/** Reads, parses, serializes and writes everything once, in this thread. */
function ceiling(folder: string): Load & { readonly seconds: number } {
  const out = path.join(scratch, 'ceiling');
  mkdirSync(out);
  let resources = 0;
  let bytes = 0;
  const start = performance.now();
  for (const [i, file] of filesIn(folder).entries()) {
    const raw = readFileSync(file);
    const whole = file.endsWith('.gz') ? gunzipSync(raw) : raw;
    bytes += statSync(file).size;
    const to = openSync(path.join(out, String(i)), 'w');
    let written: string[] = [];
    for (const text of file.includes('.ndjson') ? linesIn(whole) : [whole]) {
      const value = JSON.parse(text.toString()) as { entry?: unknown[] };
      resources += value.entry?.length ?? 1;
      written.push(`${JSON.stringify(value)}\n`);
      if (written.length < 1000) continue;
      writeSync(to, written.join(''));
      written = [];
    }
    writeSync(to, written.join(''));
    closeSync(to);
  }
  const seconds = (performance.now() - start) / 1000;
  rmSync(out, { recursive: true });
  return { resources, megabytes: bytes / 1e6, seconds };
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
};

/** Seconds that threads take to parse and serialize lines of a file, each all of them, from when all have read it. */
async function alone(file: string, threads: number): Promise<number> {
  const workers = Array.from({ length: threads }, () => new Worker(new URL('./parse-serialize.ts', import.meta.url), { workerData: file }));
  const answers = () => Promise.all(workers.map(worker => once(worker, 'message')));
  await answers();
  const start = performance.now();
  const done = answers();
  for (const worker of workers) worker.postMessage('go');
  await done;
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(workers.map(worker => worker.terminate()));
  return seconds;
}

try {
  if (values.memory !== undefined) {
    for (const most of values.memory.split(',').map(Number)) {
      const folder = path.join(scratch, 'lines');
      const resources = lines(folder, most, most);
      const { megabytes, seconds } = await run(folder, values.policy?.[0] ?? 'jp-anonymized', 1);
      process.stdout.write(`${String(resources).padStart(9)} resources  ${seconds.toFixed(1)} s  peak ${Math.round(megabytes)} MB\n`);
      rmSync(folder, { recursive: true });
    }
  } else {
    const folder = positionals[0] ?? path.join(scratch, 'lines');
    if (positionals[0] === undefined) lines(folder, Number(values.patients));
    for (const policy of values.policy ?? builtIn) {
      const top = ceiling(folder);
      process.stdout.write(
        `${policy}: ${top.resources} resources, ${top.megabytes.toFixed(1)} MB; parse + serialize, read and written: ${Math.round(top.resources / top.seconds)} resources/s\n`,
      );
      const largest = filesIn(folder)
        .filter(file => file.endsWith('.ndjson'))
        .toSorted((a, b) => statSync(b).size - statSync(a).size)[0];
      const bare = new Map<number, number[]>([1, 2].map(threads => [threads, []]));
      const crews: Crew[] = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? [oneCore, 1, 2] : [1, 2];
      const used = new Map<Crew, Figures[]>(crews.map(crew => [crew, []]));
      for (let round = 0; round < Number(values.rounds); round++)
        for (const crew of crews) {
          if (largest !== undefined && crew !== oneCore) bare.get(crew)!.push(await alone(largest, crew));
          used.get(crew)!.push(await run(folder, policy, crew));
        }
      const gained = largest === undefined ? undefined : (2 * median(bare.get(1)!)) / median(bare.get(2)!);
      if (gained !== undefined) process.stdout.write(`  two threads that parse and serialize, each by itself: × ${gained.toFixed(2)}\n`);
      const seconds = (crew: Crew): number => median(used.get(crew)!.map(one => one.seconds));
      const gain = (from: Crew): string => `× ${(seconds(from) / seconds(2)).toFixed(2)} from ${from === 1 ? 'one worker' : from}`;
      const gains = crews.slice(0, -1).map(gain).join(', ');
      for (const [crew, figures] of used) {
        const of = (figure: keyof Figures): number => median(figures.map(one => one[figure]));
        process.stdout.write(
          `  ${{ [oneCore]: '1 worker, one core', 1: '1 worker          ', 2: '2 workers         ' }[crew]} ${String(Math.round(top.resources / seconds(crew))).padStart(7)} resources/s  ${(top.megabytes / seconds(crew)).toFixed(1).padStart(6)} MB/s  ${of('cpuSeconds').toFixed(1)} s of processor, ${of('serialSeconds').toFixed(1)} of the main thread  ` +
            `peak ${Math.round(of('megabytes'))} MB  ${((100 * top.seconds) / seconds(crew)).toFixed(0)} % of the ceiling` +
            `${crew === 2 ? `  ${gains}` : ''}\n`,
        );
      }
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
