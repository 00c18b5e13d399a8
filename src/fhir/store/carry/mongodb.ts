/**
 * A store in MongoDB, as it is carried. Place: the number of the last entry. What is carried into it has its place in the names of the attempts, so the log itself says how far it is.
 * @module
 */
import { seal, sealAt } from '../block.ts';
import type { CommitRecord } from '../index/state.ts';
import { secretsOf } from '../keys/secrets.ts';
import { isEmptyKeyStore } from '../keys/shared.ts';
import { type About, fits, format, type LogEntry, openCollections, type StoredEntry } from '../mongodb/collections.ts';
import { type Connection, maxTimeMS } from '../mongodb/connection.ts';
import { blockName, indexPlace, notePlace } from '../mongodb/replica.ts';
import { keysInMongo } from './mongodb-keys.ts';
import {
  blocksOf,
  carriedOf,
  entriesOf,
  type Last,
  type Note,
  nameOfStore,
  noteAt,
  otherStore,
  type Piece,
  type Place,
  pieceBlocks,
  type Run,
  registerOf,
  type Side,
  unsealed,
} from './side.ts';

/** Entries in one query. */
const batch = 200;
/** Blocks in one query. */
const asked = 100;

/** Names of attempts that carry: no name that a server gives begins so, and none is the beginning of another. */
const carrying = (number: number): string => `m${number.toString(16).padStart(10, '0')}`;
const nameAt = (number: number, place: Place): string => carrying(number) + place.map(one => one.toString(16).padStart(14, '0')).join('');
function placeIn(name: string): Place {
  const [, first, second] = /^m[0-9a-f]{10}([0-9a-f]{14})([0-9a-f]{14})$/.exec(name) ?? [];
  if (first === undefined || second === undefined) throw new Error('Somebody else has written to the target.');
  return [Number.parseInt(first, 16), Number.parseInt(second, 16)];
}

export interface MongoSide {
  readonly data: Connection;
  readonly keys: Connection;
  readonly master: Buffer;
  /** Told when blocks are put whose entry is not there yet. */
  readonly step?: (name: 'put') => void;
}

export function mongoSide({ data, keys: keysAt, master, step = () => {} }: MongoSide): Side {
  const { database, reach } = data;
  const keys = keysInMongo(keysAt, master);
  const collections = openCollections(data);
  const log = database.collection<StoredEntry>('log', { promoteBuffers: true });
  const about = database.collection<About>('about');
  let register: Buffer | undefined;
  const registerHere = async (): Promise<Buffer> => (register ??= await registerOf(keys, secretsOf((await keys.root())!)));
  const aboutHere = () => reach(() => about.findOne({ _id: 'store' }, { maxTimeMS }));
  const lastEntry = () => reach(async () => (await log.find({}, { sort: { _id: -1 }, limit: 1, maxTimeMS }).toArray())[0]);
  /** As a target: the last entry. */
  let tail: { readonly number: number; readonly last: Last } | undefined;

  const recordsOf = (entry: Pick<LogEntry, 'number' | 'commit' | 'notes'>, key: Buffer): CommitRecord[] =>
    entry.notes.map((note, i) => noteAt(key, note, notePlace(entry, i)));

  /** Versions whose bytes a purge has put anew → the name of their block; a block that was put anew has in order what stays of the one before. And what is not finished. */
  let scanned: { readonly end: number; readonly moved: ReadonlyMap<number, string>; readonly unfinished: boolean } | undefined;
  async function scan(): Promise<NonNullable<typeof scanned>> {
    const end = (await lastEntry())?._id ?? 0;
    if (scanned?.end === end) return scanned;
    const key = await registerHere();
    const moved = new Map<number, string>();
    const unfinished = new Set<number>();
    for (let after = 0; after < end; ) {
      const found = await reach(() =>
        log
          .find({ _id: { $gt: after, $lte: end } }, { projection: { commit: 1, notes: 1 }, sort: { _id: 1 }, limit: batch, maxTimeMS })
          .toArray(),
      );
      if (found.length === 0) break;
      after = found.at(-1)!._id;
      for (const { _id, commit, notes } of found)
        for (const { asks, erase, answers, forget, done } of recordsOf({ number: _id, commit, notes }, key)) {
          for (const [seq, block] of forget?.moved ?? []) moved.set(seq, blockName(commit, block));
          for (const seq of forget?.seqs ?? []) moved.delete(seq);
          if (asks ?? erase ?? forget) unfinished.add(_id);
          for (const one of [answers, done]) if (one !== undefined) unfinished.delete(one);
        }
    }
    scanned = { end, moved, unfinished: unfinished.size > 0 };
    return scanned;
  }

  /** What of some entries is still there. */
  async function pieceOf(entries: readonly LogEntry[]): Promise<Piece> {
    const { moved } = await scan();
    const secrets = await keys.some(entries.flatMap(({ runs }) => runs.map(({ key }) => key)));
    const key = await registerHere();
    const opened: (Omit<Run, 'blocks'> & { readonly names: readonly string[] })[] = [];
    for (const entry of entries) {
      let first = 0;
      entry.runs.forEach(({ key: id, blocks, index }, i) => {
        const secret = secrets.get(id);
        if (secret) {
          const packed = unsealed('index', indexPlace(entry, i), secret, index);
          const records = entriesOf(packed);
          const names = Array.from({ length: blocksOf(records) }, (_, at) => {
            const [one] = records.find(([, length, block]) => block === at && length > 0) ?? [];
            return (one && moved.get(one.seq)) ?? blockName(entry.commit, first + at);
          });
          if (records.length > 0) opened.push({ key: id, secret, entries: records, index: packed, names });
        }
        first += blocks;
      });
    }
    const bodies = await read(opened.flatMap(({ names }) => names));
    return {
      runs: opened.map(({ names, ...run }) => ({
        ...run,
        blocks: names.map((name, at) => {
          const sealed = bodies.get(name);
          if (sealed) return unsealed('body', name, run.secret, sealed);
          if (run.entries.some(([, length, block]) => block === at && length > 0))
            throw new Error('A block that the log names is not in the database.');
          return Buffer.alloc(0);
        }),
      })),
      notes: entries.flatMap(entry => recordsOf(entry, key).map(carriedOf)).filter((one): one is Note => one !== undefined),
      upTo: [entries.at(-1)!.number, 0],
    };
  }

  async function read(names: readonly string[]): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    for (let at = 0; at < names.length; at += asked)
      for (const [name, body] of await collections.blocks(names.slice(at, at + asked))) found.set(name, body);
    return found;
  }

  async function append(runs: readonly Run[], notes: readonly Note[], last: Last, upTo: Place): Promise<void> {
    const key = await registerHere();
    const place = { number: tail!.number + 1, commit: nameAt(tail!.number + 1, upTo) };
    const blocks: (readonly [string, Buffer])[] = [];
    let at = 0;
    const entry: LogEntry = {
      ...place,
      last,
      runs: runs.map(({ key: id, secret, index, blocks: packed }, i) => {
        for (const one of packed) {
          const name = blockName(place.commit, at++);
          if (one.length > 0) blocks.push([name, sealAt('body', name, secret, one)]);
        }
        return { key: id, blocks: packed.length, index: sealAt('index', indexPlace(place, i), secret, index) };
      }),
      notes: notes.map((note, i) => seal(key, Buffer.from(JSON.stringify(note)), notePlace(place, i))),
    };
    if (!fits(entry)) throw new Error('A commit is larger than what an entry of MongoDB takes.');
    await collections.put(entry, blocks);
    step('put');
    if ((await collections.insert(entry)) === 'lost') throw new Error('Somebody else has written to the target.');
    tail = { number: place.number, last };
  }

  return {
    keys,
    numbersKeys: false,

    end: async () => [(await lastEntry())?._id ?? 0, 0],

    async survey() {
      const there = await aboutHere();
      if (there?.keys !== nameOfStore((await keys.root())!)) throw new Error('These are not the keys of this database.');
      if (there.format > format) throw new Error('The database was written by a newer version of Noren.');
      const { unfinished } = await scan();
      const end = await lastEntry();
      return { last: end ? [end.seq, end.time] : [0, 0], unfinished, half: there.carrying !== undefined };
    },

    async *pieces([after]) {
      for (let at = after; ; ) {
        const { entries } = await collections.after(at);
        if (entries.length === 0) return;
        at = entries.at(-1)!.number;
        let held: LogEntry[] = [];
        let number = 0;
        for (const entry of entries) {
          const blocks = entry.runs.reduce((sum, run) => sum + run.blocks, 0);
          if (held.length > 0 && number + blocks > pieceBlocks) {
            yield await pieceOf(held);
            held = [];
            number = 0;
          }
          held.push(entry);
          number += blocks;
        }
        yield await pieceOf(held);
      }
    },

    editions: collections.editions,

    async begin(from, until) {
      const there = await aboutHere();
      const last = await lastEntry();
      if (there ? there.keys !== from || there.carrying?.join() !== until.join() : last !== undefined || !(await isEmptyKeyStore(keysAt)))
        throw new Error(otherStore);
      if (!there) await reach(() => about.insertOne({ _id: 'store', format, keys: from, carrying: until }));
      tail = last ? { number: last._id, last: [last.seq, last.time] } : { number: 0, last: [0, 0] };
      // What was put for an entry that did not come about.
      await collections.drop(carrying(tail.number + 1));
      return last ? placeIn(last.commit) : [0, 0];
    },

    async take({ runs, notes, upTo }) {
      const [{ seq, time }] = runs.at(-1)?.entries.at(-1) ?? [{ seq: tail!.last[0], time: tail!.last[1] }];
      await append(runs, notes, [seq, time], upTo);
    },

    async takeEditions(editions) {
      for (const [mark, definitions] of editions) await collections.putEdition(mark, definitions);
    },

    complete: (last, upTo) => append([], [], last, upTo),

    async open() {
      await reach(() => about.updateOne({ _id: 'store' }, { $unset: { carrying: '' } }));
    },

    async close() {
      await data.close();
      await keys.close();
    },
  };
}
