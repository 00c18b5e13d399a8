/**
 * The collections: `log`, whose entries have the numbers 1, 2, 3 … and `blocks`, ciphertext that entries name. The only file with queries for resources.
 * One thing decides here: that of all who insert an entry under one number one succeeds. What it means is never changed: its index records are put anew with the values of a later state, or
 * without those of versions that a later entry takes out, and that may be done again by whomever.
 * What the database shows without keys: how many entries, versions and blocks, when, their sizes, which share a key; by which search parameters they were indexed.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { type Collection, MongoBulkWriteError } from 'mongodb';
import { type Connection, isDuplicate, maxTimeMS, unavailable } from './connection.ts';

/** A run of blocks under one data key. */
export interface StoredRun {
  readonly key: number;
  readonly blocks: number;
  /** The sealed index records. */
  readonly index: Buffer;
  /** They stand among the blocks. */
  readonly apart?: true;
}

/** All that the commits of one group leave. */
export interface LogEntry {
  readonly number: number;
  /** The attempt that won the number; its blocks bear this name. */
  readonly commit: string;
  /** Number and time of the last version given with it or before it. */
  readonly last: readonly [seq: number, time: number];
  readonly runs: readonly StoredRun[];
  /** Sealed records of the commits. */
  readonly notes: readonly Buffer[];
}

/** What the database is. */
export interface About {
  readonly _id: 'store';
  readonly format: number;
  /** Tells one key store from another. */
  readonly keys: string;
  /** While another store is being carried into this one: where its log ends. */
  readonly carrying?: readonly [number, number];
}

export interface StoredEntry {
  readonly _id: number;
  readonly commit: string;
  readonly seq: number;
  readonly time: number;
  /** An index that is too large stands among the blocks, as `<commit>.index.<run>`. */
  readonly runs: readonly { readonly key: number; readonly blocks: number; readonly index?: Buffer }[];
  readonly notes: readonly Buffer[];
}

interface StoredBlock {
  readonly _id: string;
  readonly body: Buffer;
  /** Stands with the first of several; the others are `<_id>/1`, `<_id>/2` … */
  readonly parts?: number;
}

/** A document may have 16 MB; so much of a block stands in one. */
const partBytes = 8 * 1024 * 1024;
/** Indexes of an entry that together are larger stand apart, as far as they are no small ones. */
const entryBytes = 4 * 1024 * 1024;
const smallIndexBytes = 16 * 1024;
/** Largest sum of what must stand in the entry itself. */
const mostEntryBytes = 14 * 1024 * 1024;
/** Index records put in the place of others stand in one document, whatever they were in before. */
export const mostIndexBytes = 15 * 1024 * 1024;
/** For a run beside its index. */
const runBytes = 64;
/** Read at once. */
const batch = 200;
const batchBytes = 16 * 1024 * 1024;

/** Which indexes of an entry stand apart. */
function apart({ runs }: LogEntry): (index: Buffer) => boolean {
  const whole = runs.reduce((sum, { index }) => sum + index.length, 0);
  return index => whole > entryBytes && index.length > smallIndexBytes;
}

/** Whether an entry can be stored. */
export function fits(entry: LogEntry): boolean {
  const isApart = apart(entry);
  const bytes = entry.runs.reduce((sum, { index }) => sum + runBytes + (isApart(index) ? 0 : index.length), 0);
  return entry.notes.reduce((sum, note) => sum + note.length, bytes) < mostEntryBytes;
}

/** A fresh name for an attempt; it begins with its time in seconds. */
export const newCommit = (now: number): string => timeOf(now) + randomBytes(8).toString('hex');
const timeOf = (now: number): string =>
  Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0');

/** Counts up when older programs can no longer read the log. 1: they know of no purges. */
export const format = 2;
/** Names of attempts hold their time, by which what came to nothing is swept after a day: clocks need not agree better than this. */
const skewMs = 3_600_000;

export interface Collections {
  /**
   * Marks the database as the store of these keys, or finds that it is.
   * @param keys tells one key store from another
   * @throws Error with one sentence: other keys, a newer format, or a clock that is far from the database's
   */
  claim(keys: string): Promise<void>;
  /** The first entries after a number, in order, and whether there may be more. */
  after(number: number): Promise<{ readonly entries: readonly LogEntry[]; readonly more: boolean }>;
  /** Entries by their numbers, in order. */
  entries(numbers: readonly number[]): Promise<readonly LogEntry[]>;
  /** Lost: another entry has the number, for good. May be called again with the same entry until it answers. */
  insert(entry: LogEntry): Promise<'taken' | 'lost'>;
  /**
   * Puts other sealed records in the place of those of some runs of an entry, unless they were changed since it was read. False: they were.
   * Records that have grown out of the room there is are left as they are.
   */
  reindex(entry: LogEntry, indexes: ReadonlyMap<number, Buffer>): Promise<boolean>;
  /** What editions of the search parameters consisted of, as they were put, by their marks. */
  editions(): Promise<ReadonlyMap<string, Buffer>>;
  /** Passed over where it is there. */
  putEdition(mark: string, definitions: Buffer): Promise<void>;
  /** Which attempt has a number. */
  commitOf(number: number): Promise<string | undefined>;
  /** Puts blocks, and what does not fit into the entry. */
  put(entry: LogEntry, blocks: readonly (readonly [name: string, body: Buffer])[]): Promise<void>;
  blocks(names: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
  /** Deletes blocks by their names. */
  dropBlocks(names: readonly string[]): Promise<void>;
  /** Deletes what an attempt put that lost its number. */
  drop(commit: string): Promise<void>;
  /** Deletes blocks put between two times (ms) whose attempt is not among those of the log. */
  sweep(from: number, until: number, isInLog: (commit: string) => boolean): Promise<number>;
}

const refuseHalf = (there: About | null): void => {
  if (there?.carrying) throw new Error('The migration into this database is not finished: call noren migrate again.');
};

/** To be asked before keys are made for a database. @throws Error where another store is being carried into it */
export const checkWhole = ({ database, reach }: Connection): Promise<void> =>
  reach(async () => refuseHalf(await database.collection<About>('about').findOne({ _id: 'store' }, { maxTimeMS })));

export function openCollections({ database, reach }: Connection): Collections {
  const log: Collection<StoredEntry> = database.collection('log', { promoteBuffers: true });
  const editions: Collection<{ readonly _id: string; readonly definitions: Buffer }> = database.collection('about', {
    promoteBuffers: true,
  });
  const blocks: Collection<StoredBlock> = database.collection('blocks', { promoteBuffers: true });

  async function read(names: readonly string[]): Promise<Map<string, Buffer>> {
    const find = (ids: readonly string[]) =>
      ids.length === 1
        ? blocks.findOne({ _id: ids[0]! }, { maxTimeMS }).then(one => (one ? [one] : []))
        : blocks.find({ _id: { $in: [...ids] } }, { maxTimeMS }).toArray();
    const found = new Map((await find(names)).map(one => [one._id, one]));
    const whole = new Map<string, Buffer>();
    for (const [name, { body, parts = 1 }] of found) {
      const rest = Array.from({ length: parts - 1 }, (_, i) => `${name}/${i + 1}`);
      const more = rest.length === 0 ? [] : await find(rest);
      const byName = new Map(more.map(one => [one._id, one.body]));
      whole.set(name, rest.length === 0 ? body : Buffer.concat([body, ...rest.map(part => byName.get(part)!)]));
    }
    return whole;
  }

  async function entryOf(stored: StoredEntry): Promise<LogEntry> {
    const names = stored.runs.flatMap(({ index }, i) => (index ? [] : [`${stored.commit}.index.${i}`]));
    const indexes = names.length === 0 ? undefined : await read(names);
    return {
      number: stored._id,
      commit: stored.commit,
      last: [stored.seq, stored.time],
      runs: stored.runs.map(({ key, blocks: count, index }, i) => ({
        key,
        blocks: count,
        ...(index ? { index } : { index: indexes!.get(`${stored.commit}.index.${i}`)!, apart: true }),
      })),
      notes: stored.notes,
    };
  }

  return {
    claim: keys =>
      reach(async () => {
        const { localTime } = await database.admin().command({ hello: 1 });
        if (localTime instanceof Date && Math.abs(localTime.getTime() - Date.now()) > skewMs)
          throw new Error('The clocks of this machine and of MongoDB are more than an hour apart.');
        const about = database.collection<About>('about');
        try {
          await about.insertOne({ _id: 'store', format, keys });
        } catch (error) {
          if (!isDuplicate(error)) throw error;
        }
        const there = await about.findOne({ _id: 'store' }, { maxTimeMS });
        if (there && there.format > format) throw new Error('The database was written by a newer version of Noren.');
        if (there && there.keys !== keys) throw new Error('These are not the keys of this database.');
        refuseHalf(there);
        if (there && there.format < format) await about.updateOne({ _id: 'store' }, { $set: { format } });
      }),

    after: number =>
      reach(async () => {
        const entries: LogEntry[] = [];
        let bytes = 0;
        const cursor = log.find({ _id: { $gt: number } }, { sort: { _id: 1 }, limit: batch, batchSize: batch, maxTimeMS });
        try {
          for await (const stored of cursor) {
            const entry = await entryOf(stored);
            entries.push(entry);
            bytes += entry.runs.reduce((sum, { index }) => sum + index.length, 0);
            if (bytes > batchBytes) return { entries, more: true };
          }
        } finally {
          await cursor.close();
        }
        return { entries, more: entries.length === batch };
      }),

    entries: numbers =>
      reach(async () => {
        const stored = await log.find({ _id: { $in: [...numbers] } }, { sort: { _id: 1 }, maxTimeMS }).toArray();
        return await Promise.all(stored.map(entryOf));
      }),

    insert: entry =>
      reach(async () => {
        const isApart = apart(entry);
        const { number, commit, last, runs, notes } = entry;
        try {
          await log.insertOne({
            _id: number,
            commit,
            seq: last[0],
            time: last[1],
            runs: runs.map(({ key, blocks: count, index }) => ({ key, blocks: count, ...(isApart(index) ? {} : { index }) })),
            notes,
          });
          return 'taken';
        } catch (error) {
          if (!isDuplicate(error)) throw error;
        }
        // Perhaps it was this very entry, sent before by a call that got no answer.
        const there = await log.findOne({ _id: number }, { projection: { commit: 1 }, maxTimeMS });
        // Not yet with a majority: it may still be undone.
        if (!there) throw unavailable();
        return there.commit === commit ? 'taken' : 'lost';
      }),

    reindex: ({ number, commit, runs }, indexes) =>
      reach(async () => {
        const inside = [...indexes].filter(([at]) => !runs[at]!.apart);
        const grown = inside.reduce((sum, [at, index]) => sum + index.length - runs[at]!.index.length, 0);
        const size = runs.reduce((sum, { index, apart }) => sum + (apart ? 0 : index.length), 0);
        let done = true;
        if (inside.length > 0 && size + grown < mostEntryBytes) {
          const before = Object.fromEntries(inside.map(([at]) => [`runs.${at}.index`, runs[at]!.index]));
          const after = Object.fromEntries(inside.map(([at, index]) => [`runs.${at}.index`, index]));
          done = (await log.updateOne({ _id: number, commit, ...before }, { $set: after })).matchedCount > 0;
        }
        for (const [at, index] of indexes) {
          const name = `${commit}.index.${at}`;
          if (!runs[at]!.apart || index.length > mostIndexBytes) continue;
          const body = runs[at]!.index.subarray(0, partBytes);
          const { matchedCount } = await blocks.updateOne({ _id: name, body }, { $set: { body: index }, $unset: { parts: 1 } });
          if (matchedCount === 0) done = false;
          else await blocks.deleteMany({ _id: { $gte: `${name}/`, $lt: `${name}0` } });
        }
        return done;
      }),

    editions: () =>
      reach(async () => {
        const found = await editions.find({ _id: { $gte: 'edition ', $lt: 'edition~' } }, { maxTimeMS }).toArray();
        return new Map(found.map(({ _id, definitions }) => [_id.slice('edition '.length), definitions]));
      }),

    putEdition: (mark, definitions) =>
      reach(async () => {
        try {
          await editions.insertOne({ _id: `edition ${mark}`, definitions });
        } catch (error) {
          if (!isDuplicate(error)) throw error;
        }
      }),

    commitOf: number => reach(async () => (await log.findOne({ _id: number }, { projection: { commit: 1 }, maxTimeMS }))?.commit),

    put: (entry, sealed) =>
      reach(async () => {
        const isApart = apart(entry);
        const large = entry.runs.flatMap(({ index }, i) => (isApart(index) ? [[`${entry.commit}.index.${i}`, index] as const] : []));
        const documents = [...sealed, ...large].flatMap(([name, body]) => partsOf(name, body));
        // A message of the protocol has 48 MB.
        for (let at = 0; at < documents.length; ) {
          const some: StoredBlock[] = [];
          for (let bytes = 0; at < documents.length && (some.length === 0 || bytes + documents[at]!.body.length < batchBytes); at++) {
            some.push(documents[at]!);
            bytes += documents[at]!.body.length;
          }
          await insertAll(some);
        }
      }),

    blocks: names => reach(() => read(names)),

    dropBlocks: names =>
      reach(async () => {
        for (const name of names) {
          // First the parts, which nobody finds without the first.
          await blocks.deleteMany({ _id: { $gte: `${name}/`, $lt: `${name}0` } });
          await blocks.deleteOne({ _id: name });
        }
      }),

    drop: commit => reach(async () => void (await blocks.deleteMany({ _id: { $gte: commit, $lt: `${commit}~` } }))),

    sweep: (from, until, isInLog) =>
      reach(async () => {
        const old = blocks.find({ _id: { $gte: timeOf(from), $lt: timeOf(until) } }, { projection: { _id: 1 }, maxTimeMS: 60_000 });
        const orphans: string[] = [];
        for await (const { _id } of old) if (!isInLog(_id.slice(0, _id.indexOf('.')))) orphans.push(_id);
        for (let at = 0; at < orphans.length; at += 1000) await blocks.deleteMany({ _id: { $in: orphans.slice(at, at + 1000) } });
        return orphans.length;
      }, 600_000),
  };

  /** Blocks are named afresh for each attempt: one that is there came by this very call, sent again. */
  async function insertAll(documents: readonly StoredBlock[]): Promise<void> {
    if (documents.length === 0) return;
    try {
      await blocks.insertMany(documents, { ordered: false });
    } catch (error) {
      const others = error instanceof MongoBulkWriteError && [error.writeErrors].flat().some(one => one.code !== 11000);
      if (!isDuplicate(error) || others) throw error;
    }
  }
}

function partsOf(name: string, body: Buffer): StoredBlock[] {
  const parts = Math.max(1, Math.ceil(body.length / partBytes));
  return Array.from({ length: parts }, (_, i) => ({
    _id: i === 0 ? name : `${name}/${i}`,
    body: body.subarray(i * partBytes, (i + 1) * partBytes),
    ...(i === 0 && parts > 1 ? { parts } : {}),
  }));
}
