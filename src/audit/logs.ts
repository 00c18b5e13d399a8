/**
 * The logs of one server: each of its processes has one of its own, with a chain of its own, and whoever reads reads them all.
 * `DATA/audit` is that of a process that serves alone, `DATA/worker-2/audit` that of the second of several (`w2` in the ids of its events).
 * @module
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Recorded } from './record.ts';

export interface AuditLog {
  /** `` or `w1`, `w2` …; stands before the number of a record. */
  readonly name: string;
  readonly directory: string;
}

/** Directory of one of several processes, below DATA. */
export const workerDirectory = (data: string, worker: number): string => path.join(data, `worker-${worker}`);

/** The log that a process writes. @param worker from 1; absent: it serves alone */
export const logOf = (data: string, worker?: number): AuditLog =>
  worker === undefined
    ? { name: '', directory: path.join(data, 'audit') }
    : { name: `w${worker}`, directory: path.join(workerDirectory(data, worker), 'audit') };

/** The logs that there are below a data directory. */
export async function logsIn(data: string): Promise<readonly AuditLog[]> {
  const has = async ({ directory }: AuditLog): Promise<boolean> => (await readdir(directory).catch(() => [])).length > 0;
  const workers = (await readdir(data)).flatMap(name => /^worker-([1-9]\d{0,2})$/.exec(name)?.[1] ?? []).map(Number);
  const logs = [logOf(data), ...workers.sort((a, b) => a - b).map(worker => logOf(data, worker))];
  const there = await Promise.all(logs.map(has));
  return logs.filter((_, i) => there[i]);
}

/** Order of the records of all logs: by time, then log, then number. Within one log the number alone says the same. */
export const compareRecords = (a: Place, b: Place): number => a.recorded - b.recorded || compareNames(a.log, b.log) || a.seq - b.seq;
type Place = Pick<Recorded, 'recorded' | 'seq' | 'log'>;
const compareNames = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0);

/** Several streams of records, each in order, as one. */
export async function* merged(
  streams: readonly AsyncGenerator<Recorded[]>[],
  compare: (a: Recorded, b: Recorded) => number,
): AsyncGenerator<Recorded[]> {
  if (streams.length === 1) {
    yield* streams[0]!;
    return;
  }
  interface Head {
    readonly stream: AsyncGenerator<Recorded[]>;
    block: Recorded[];
    at: number;
  }
  const refilled = async (head: Head): Promise<boolean> => {
    for (head.at = 0; ; ) {
      const { done, value } = await head.stream.next();
      if (done) return false;
      if (value.length > 0) {
        head.block = value;
        return true;
      }
    }
  };
  let heads: Head[] = [];
  try {
    for (const stream of streams) {
      const head: Head = { stream, block: [], at: 0 };
      if (await refilled(head)) heads.push(head);
    }
    while (heads.length > 0) {
      const records: Recorded[] = [];
      let first: Head;
      do {
        first = heads.reduce((one, other) => (compare(one.block[one.at]!, other.block[other.at]!) <= 0 ? one : other));
        records.push(first.block[first.at++]!);
      } while (first.at < first.block.length);
      yield records;
      if (!(await refilled(first))) heads = heads.filter(head => head !== first);
    }
  } finally {
    for (const stream of streams) await stream.return(undefined);
  }
}
