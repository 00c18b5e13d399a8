/**
 * What patient lists cost as they grow: a notice for every person and an objection of every tenth, without any other data. At each size the memory of a line, how long a look for a person's
 * lines takes, what a commit pays for being judged by them, and what a search pays that leaves objectors out; at the end a start.
 * Ceilings of the same run: a look into a Map of so many strings; the same commit with no check; the same search with nobody left out.
 * node bench/lists.ts [--persons 10000,100000,1000000]
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { asServer, leavingOut } from '../src/fhir/model/access.ts';
import { parseSearch } from '../src/fhir/search/parse.ts';
import { openKeyring } from '../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../src/fhir/store/sqlite/store.ts';
import type { ListEntry } from '../src/fhir/store/store.ts';

const { values } = parseArgs({ options: { persons: { type: 'string', default: '10000,100000,1000000' }, open: { type: 'string' } } });
const base = 'http://noren.bench/fhir';
const sender = 'Organization/hospital-1';
const directory = values.open ?? mkdtempSync(path.join(tmpdir(), 'noren-bench-lists-'));
const resident = (): number => process.memoryUsage.rss() / 1e6;

const empty = resident();
const opening = performance.now();
const keyring = openKeyring({ directory: path.join(directory, 'keys'), master: Buffer.alloc(32, 1) });
const store = await openSqliteStore({
  directory: path.join(directory, 'store'),
  keyring,
  baseUrl: base,
  timeZone: 'Asia/Tokyo',
  synchronous: 'normal',
});
const everything = asServer('measure');
const research = leavingOut(everything, 'objection');

const { query } = parseSearch('Observation', [['status', 'final']], { base, timeZone: 'Asia/Tokyo', defaultCount: 50, maxCount: 1000 });

if (values.open !== undefined) {
  // A process of its own: memory of a start alone.
  const opened = performance.now();
  const megabytes = resident() - empty;
  await store.search(research, query);
  const searched = performance.now() - opened;
  process.stdout.write(
    `${((opened - opening) / 1000).toFixed(1)} s, ${Math.round(megabytes)} MB more than before; first search that leaves objectors out ${Math.round(searched)} ms\n`,
  );
  await store.close();
  process.exit();
}

const patient = (n: number): string => `Patient/p${n}`;
const number = (n: number): string => `urn:oid:1.2.392.100495.20.3.51.11318814790|${String(n).padStart(8, '0')}`;
const line = (list: string, source: string, n: number): ListEntry => ({
  list,
  source,
  persons: [patient(n), number(n)],
  sender,
  from: 1_700_000_000_000,
});
/** Microseconds of processor time of one run, the mean of so many: what others do on the machine falsifies it less. */
async function each(runs: number, work: (n: number) => unknown): Promise<number> {
  const before = process.threadCpuUsage();
  for (let n = 0; n < runs; n++) await work(n);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / runs;
}
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;
/** The same of two kinds of work, in turns: the medians of the rounds. */
async function inTurns(runs: number, one: (n: number) => unknown, other: (n: number) => unknown): Promise<[number, number]> {
  const [ones, others]: [number[], number[]] = [[], []];
  await each(runs, one);
  await each(runs, other);
  for (let round = 0; round < 9; round++) {
    ones.push(await each(runs, one));
    others.push(await each(runs, other));
  }
  return [median(ones), median(others)];
}
const row = (name: string, micros: number, ceiling?: number): void =>
  void process.stdout.write(
    `  ${name.padEnd(52)} ${micros.toFixed(1).padStart(10)} µs${ceiling === undefined ? '' : `  ${(ceiling / micros).toFixed(2)} of the ceiling`}\n`,
  );

// Somebody to be found, at all sizes.
await store.commit({
  writes: Array.from({ length: 1000 }, (_, n) => ({
    type: 'Observation',
    id: `o${n}`,
    resource: { resourceType: 'Observation', id: `o${n}`, status: 'final', subject: { reference: patient(n) }, code: { text: 'x' } },
    expect: 'absent',
    sender,
  })),
});

let persons = 0;
let written = 0;
for (const size of values.persons.split(',').map(Number)) {
  const before = { persons, resident: resident(), at: performance.now() };
  while (persons < size) {
    const lists: ListEntry[] = [];
    for (const end = Math.min(size, persons + 1000); persons < end; persons++) {
      lists.push(line('notice', `Communication/${persons}`, persons));
      if (persons % 10 === 9) lists.push(line('objection', `Consent/${persons}`, persons));
    }
    await store.commit({ writes: [], lists });
  }
  const lines = (persons - before.persons) * 1.1;
  const took = performance.now() - before.at;
  process.stdout.write(
    `${persons.toLocaleString('en')} persons with a notice, every tenth with an objection: ${Math.round(((resident() - before.resident) * 1e6) / lines)} bytes of memory a line, ${Math.round(lines / (took / 1000)).toLocaleString('en')} lines/s\n`,
  );

  const plain = new Map(Array.from({ length: persons }, (_, n) => [number(n), n]));
  const some = Array.from({ length: 20_000 }, (_, n) => number((n * 7919) % persons));
  await each(some.length, n => plain.get(some[n]!));
  const map = await each(some.length, n => plain.get(some[n]!));
  row('ceiling: a look into a Map', map);
  await each(some.length, n => store.lines([some[n]!]));
  row('the lines of a person, by number', await each(some.length, n => store.lines([some[n]!])), map);

  const write = (n: number) => ({
    writes: [
      {
        type: 'Basic',
        id: `b${written++}`,
        resource: { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: patient((n * 7919) % persons) } },
        expect: 'absent' as const,
        sender,
      },
    ],
  });
  const checked = (n: number) => ({
    ...write(n),
    checks: [
      {
        persons: [patient((n * 7919) % persons)],
        judge: (found: readonly ListEntry[]) => {
          if (!found.some(({ list }) => list === 'notice')) throw new Error('there is a notice');
        },
      },
    ],
  });
  const [free, judged] = await inTurns(
    300,
    n => store.commit(write(n)),
    n => store.commit(checked(n)),
  );
  row('ceiling: a commit of one resource, no check', free);
  row('a commit that is judged by the lines of its patient', judged, free);
  const [all, left] = await inTurns(
    2000,
    () => store.search(everything, query),
    () => store.search(research, query),
  );
  row('ceiling: a search of 1,000 with nobody left out', all);
  row('the same with objectors left out', left, all);
}
await store.close();
keyring.close();
const again = execFileSync(process.execPath, [import.meta.filename, '--open', directory]).toString();
process.stdout.write(`start over ${Math.round(persons * 1.1).toLocaleString('en')} lines: ${again}`);
rmSync(directory, { recursive: true, force: true });
