/**
 * A store as it is carried from one container to another: its log in pieces without their seals (a seal is bound to its place), its keys without their wrapping, its tombstones.
 * Bodies and index records stay packed. What an erasure or a purge took is in no piece.
 * @module
 */
import { type Entry, open, unpack, unsealAt } from '../block.ts';
import type { CommitRecord } from '../index/state.ts';
import { derive, type Secrets, secretsOf, type Tombstone } from '../keys/secrets.ts';
import type { ListEntry } from '../store.ts';

/** A place in the log of a store, in that store's own numbers; [0, 0] is before everything. */
export type Place = readonly [number, number];

/** Number and time (ms) of a last version. */
export type Last = readonly [seq: number, time: number];

/** Versions under one data key. */
export interface Run {
  /** Number of the data key, and the key. */
  readonly key: number;
  readonly secret: Buffer;
  readonly entries: readonly Entry[];
  /** The same, packed. */
  readonly index: Buffer;
  /** Packed, one for each block; empty where it holds deletions alone. */
  readonly blocks: readonly Buffer[];
}

/** What is carried of a commit besides its versions. */
export type Note = Pick<CommitRecord, 'lists' | 'entries' | 'receipt'>;

/** A piece of the log; all of it is laid down, or nothing. */
export interface Piece {
  readonly runs: readonly Run[];
  readonly notes: readonly Note[];
  /** Where the log goes on. */
  readonly upTo: Place;
}

export interface Survey {
  /** Number and time of the last version that ever was, erased or not. */
  readonly last: Last;
  /** An erasure or a purge was begun whose end is not in the log. */
  readonly unfinished: boolean;
  /** Another store is being carried into it. */
  readonly half: boolean;
}

export interface CarriedKey {
  readonly id: number;
  /** Keyed hash of its owner's name. */
  readonly owner: Buffer;
  readonly key: Buffer;
}

/** The key store of a side. */
export interface SideKeys {
  /** Undefined: there are no keys. @throws Error when the master key does not open it */
  root(): Promise<Buffer | undefined>;
  /** All keys but the root, by number, some at a time. */
  all(): AsyncIterable<readonly CarriedKey[]>;
  /** Those that are there. */
  some(ids: readonly number[]): Promise<ReadonlyMap<number, Buffer>>;
  ofOwner(owner: Buffer): Promise<Buffer | undefined>;
  /** What stays of those who were erased: one stone for each name. */
  stones(): Promise<readonly Tombstone[]>;
  /** Lays down the root of another store; may be called again. */
  begin(root: Buffer): Promise<void>;
  /** Those that are there already stay. */
  take(keys: readonly CarriedKey[]): Promise<void>;
  lay(stones: readonly Tombstone[]): Promise<void>;
  close(): Promise<void>;
}

/** One store, read or laid down. */
export interface Side {
  readonly keys: SideKeys;
  /** Whether keys have numbers without gaps here: those that come from elsewhere are numbered anew. */
  readonly numbersKeys: boolean;
  /** Where its log ends now. */
  end(): Promise<Place>;
  /** @throws Error where the keys are another store's */
  survey(): Promise<Survey>;
  /** The log from a place on. */
  pieces(after: Place): AsyncIterable<Piece>;
  /** What editions of the search parameters consisted of, by their marks (log/edition.ts). */
  editions(): Promise<ReadonlyMap<string, Buffer>>;

  /**
   * Marks an empty store as the one into which another is being carried, or finds that it is.
   * @param from tells which store; `until` where its log ends
   * @returns how far it is
   * @throws Error with one sentence where it holds anything else
   */
  begin(from: string, until: Place): Promise<Place>;
  take(piece: Piece): Promise<void>;
  takeEditions(editions: ReadonlyMap<string, Buffer>): Promise<void>;
  /** Everything is here; from then on it is that far. */
  complete(last: Last, upTo: Place): Promise<void>;
  /** Takes the mark away: servers may start. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Blocks of a piece: one more run than this may be in it. */
export const pieceBlocks = 128;

/** Tells a store from others by the root of its keys. */
export const nameOfStore = (root: Buffer): string => secretsOf(root).secret('store').toString('hex');

/** Why nothing is carried into a store that is not empty. */
export const otherStore =
  'The target holds a store already, or a migration of another one, or of this one as it was before: name an empty target.';

export const wrappingOf = (key: Buffer): Buffer => derive(key, 'wrap');

/** Key of the notes. */
export async function registerOf(keys: SideKeys, { nameOf }: Pick<Secrets, 'nameOf'>): Promise<Buffer> {
  const key = await keys.ofOwner(nameOf('legal', 'register'));
  if (!key) throw new Error('The key of the register is not in the key store.');
  return key;
}

/** @throws Error with one sentence */
export function noteAt(register: Buffer, body: Buffer, place: string): CommitRecord {
  let text: string;
  try {
    text = open(register, body, place).toString();
  } catch {
    throw new Error('A note of the log cannot be opened: it was changed, or these are not its keys.');
  }
  return JSON.parse(text) as CommitRecord;
}

const known = new Set(['lists', 'entries', 'receipt', 'asks', 'erase', 'answers', 'last', 'retire', 'forget', 'done']);

/** What of a note is carried; undefined: nothing. What became of erasures and purges stands in the tombstones and in what is no longer there. */
export function carriedOf(record: CommitRecord): Note | undefined {
  const strange = Object.keys(record).filter(name => !known.has(name));
  if (strange.length > 0) throw new Error(`The log holds what cannot be carried: ${strange.join(', ')}.`);
  const { lists, entries, receipt } = record;
  if (lists.length === 0 && !entries?.length && !receipt) return undefined;
  return { lists, ...(entries === undefined ? {} : { entries }), ...(receipt === undefined ? {} : { receipt }) };
}

/** @throws Error with one sentence */
export function unsealed(...what: Parameters<typeof unsealAt>): Buffer {
  try {
    return unsealAt(...what);
  } catch {
    throw new Error('A block cannot be opened: it was changed, or stands elsewhere.');
  }
}

/** How many blocks a run has that anything lies in. */
export const blocksOf = (entries: readonly Entry[]): number => Math.max(0, ...entries.map(([, , at]) => at + 1));

export const entriesOf = (index: Buffer): Entry[] => JSON.parse(unpack(index).toString()) as Entry[];

/** Of several stones of one name what a start makes of them: all persons, and of two ends the earlier. */
export function mergedStones(stones: Iterable<Tombstone>): Tombstone[] {
  const lines = new Map<string, ListEntry>();
  for (const { name, text } of stones) {
    const line = JSON.parse(text) as ListEntry;
    const before = lines.get(name);
    const until = Math.min(line.until ?? Number.POSITIVE_INFINITY, before?.until ?? Number.POSITIVE_INFINITY);
    lines.set(name, {
      ...line,
      ...before,
      persons: [...new Set([...line.persons, ...(before?.persons ?? [])])],
      ...(until === Number.POSITIVE_INFINITY ? {} : { until }),
    });
  }
  return [...lines].map(([name, line]) => ({ name, text: JSON.stringify(line) })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
