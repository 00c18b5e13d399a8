/**
 * What this process knows: the state that the log makes, applied entry by entry without a gap; a reader never meets half an entry. The same log makes the same state in every process.
 * An erasure is met in the log like everything else: the versions go from memory, with their keys, before anything is answered from it.
 * @module
 */
import { type Entry, open, openIndex } from '../block.ts';
import { floats, integers } from '../index/column.ts';
import { type CommitRecord, type Fit, type Forgotten, type IndexRecord, type Intention, State } from '../index/state.ts';
import type { SharedKeyring } from '../keys/shared.ts';
import { Eraser } from '../log/erase.ts';
import type { LineName } from '../store.ts';
import type { Collections, LogEntry } from './collections.ts';

/** An entry, opened. */
export interface OpenEntry {
  readonly entry: LogEntry;
  /** Of each run; undefined: its key is destroyed. */
  readonly runs: readonly (readonly Entry[] | undefined)[];
  readonly notes: readonly CommitRecord[];
}

/** Records under data keys, read before memory is changed, where they are asked for without waiting. */
export type Records = ReadonlyMap<number, readonly IndexRecord[]>;

/** Of an entry that asks for erasures, or that says what they are: not finished yet. */
export interface Unfinished {
  readonly asks: readonly LineName[];
  /** Absent while it is only asked for. */
  readonly intentions?: readonly Intention[];
  /** Number of the entry that asked. */
  readonly asked: number;
  /** When this process met it, `performance.now()`. */
  readonly since: number;
}

/** Of an entry that takes versions out: their bytes are not gone yet. */
export interface Unpurged {
  readonly forgotten: Forgotten;
  /** Data keys to destroy. */
  readonly keys: readonly number[];
  /** When this process met it, `performance.now()`. */
  readonly since: number;
}

export interface ReplicaParts {
  readonly collections: Collections;
  readonly keyring: SharedKeyring;
  readonly keeps: (sender: string, type: string) => boolean;
  readonly fit: Fit;
  /** Forgets unpacked blocks. */
  readonly drop: (blocks: ReadonlySet<number>) => void;
  /** The same, for good. */
  readonly leave: (blocks: ReadonlySet<number>) => void;
  /** Told all records that come from the log. */
  readonly met: (entries: readonly Entry[]) => void;
}

/** Thrown where records are asked for that were not read yet. */
class Unread extends Error {
  readonly key: number;
  constructor(key: number) {
    super('records that were not read');
    this.key = key;
  }
}

export const indexPlace = (entry: Pick<LogEntry, 'number' | 'commit'>, run: number): string => `${entry.number} ${entry.commit} ${run}`;
export const notePlace = (entry: Pick<LogEntry, 'number' | 'commit'>, note: number): string =>
  `note ${entry.number} ${entry.commit} ${note}`;
export const blockName = (commit: string, index: number): string => `${commit}.${index}`;

export class Replica {
  readonly state: State;
  readonly eraser: Eraser;
  /** By the number of the entry that says so last. */
  readonly unfinished = new Map<number, Unfinished>();
  /** By the number of the entry. */
  readonly purges = new Map<number, Unpurged>();
  /** Number of the last entry applied. */
  applied = 0;
  readonly #parts: ReplicaParts;
  #register: Buffer = Buffer.alloc(0);
  #broken = false;

  /** By entry. */
  readonly #commits: string[] = [''];
  readonly #firstBlocks = integers();
  /** By run: its first block, its entry, its number there, its key. */
  readonly #runBlocks = integers();
  readonly #runEntries = integers();
  readonly #runPlaces = integers();
  readonly #runKeys = floats();
  /** Versions whose bytes were put anew → the run with their records. */
  readonly #homes = new Map<number, number>();
  #nextBlock = 1;

  #looking: Promise<void> | undefined;
  #queued: Promise<void> | undefined;
  #read: Records = new Map();

  constructor(parts: ReplicaParts) {
    this.#parts = parts;
    this.state = new State(undefined, parts.fit);
    this.eraser = new Eraser({
      state: this.state,
      keyOf: block => this.keyOf(block),
      keeps: parts.keeps,
      drop: parts.drop,
      records: key => {
        const found = this.#read.get(key);
        if (!found) throw new Unread(key);
        return found;
      },
    });
  }

  /** False once memory may be other than what the log says: only a start helps. */
  get whole(): boolean {
    return !this.#broken;
  }

  /** Reads the whole log, then what tombstones say that it does not. @param register key of the notes */
  async start(register: Buffer): Promise<void> {
    this.#register = register;
    await this.catchUp();
    this.eraser.readTombstones(await this.#parts.keyring.tombstones());
  }

  /**
   * Brings memory up to everything that was in the log when this was called. Calls that come together share one look, which begins after the last of them came.
   * @throws Problem unavailable
   */
  catchUp(): Promise<void> {
    if (!this.#looking) return this.#look();
    this.#queued ??= this.#looking.catch(() => {}).then(() => this.#look());
    return this.#queued;
  }

  #look(): Promise<void> {
    this.#queued = undefined;
    const look = this.#follow().finally(() => {
      if (this.#looking === look) this.#looking = undefined;
    });
    this.#looking = look;
    return look;
  }

  async #follow(): Promise<void> {
    for (let again = true; again; ) {
      const { entries, more } = await this.#parts.collections.after(this.applied);
      if (entries.length === 0) return;
      const passedOver = await this.#take(entries);
      // A key was gone before the entry that says so was met: it is in the log by now.
      again = more || passedOver;
    }
  }

  /** True when runs were passed over whose key is gone. */
  async #take(entries: readonly LogEntry[]): Promise<boolean> {
    const { keyring } = this.#parts;
    await keyring.learn(entries.flatMap(({ runs }) => runs.map(({ key }) => key)));
    let passedOver = false;
    for (const entry of entries) {
      if (entry.number <= this.applied) continue;
      const opened = this.#opened(entry);
      passedOver ||= opened.runs.includes(undefined);
      const keys = opened.notes.flatMap(({ erase = [] }) => erase.flatMap(one => one.keys));
      const records = keys.length === 0 ? undefined : await this.#recordsUnder(keys);
      // Somebody else may have come by in the wait.
      if (entry.number > this.applied) this.apply(opened, records);
    }
    return passedOver;
  }

  /** What does not open was changed in the database, or is under other keys: nothing can be answered any more. */
  #opened(entry: LogEntry): OpenEntry {
    try {
      return this.#open(entry);
    } catch (error) {
      this.#broken = true;
      throw new Error(`entry ${entry.number} of the log cannot be opened`, { cause: error });
    }
  }

  #open(entry: LogEntry): OpenEntry {
    const { keyring } = this.#parts;
    return {
      entry,
      runs: entry.runs.map(({ key: id, index }, i) => {
        const key = keyring.key(id);
        return key && openIndex(indexPlace(entry, i), key, index);
      }),
      notes: entry.notes.map((note, i) => JSON.parse(open(this.#register, note, notePlace(entry, i)).toString()) as CommitRecord),
    };
  }

  /** Applies the entry after the last one, whole. @param records those under the keys that it destroys */
  apply({ entry, runs, notes }: OpenEntry, records: Records = new Map()): void {
    const { keyring } = this.#parts;
    if (entry.number !== this.applied + 1 || this.#broken) {
      this.#broken = true;
      throw new Error('the log has a gap');
    }
    this.#broken = true;
    this.#read = records;
    this.#commits[entry.number] = entry.commit;
    this.#firstBlocks.set(entry.number, this.#nextBlock);
    runs.forEach((entries, i) => {
      const { key, blocks } = entry.runs[i]!;
      if (entries) this.#applyRun(entry.number, i, key, entries);
      this.#nextBlock += blocks;
    });
    for (const entries of runs) if (entries) this.#parts.met(entries);
    const now = performance.now();
    for (const note of notes) {
      this.state.note(note);
      if (note.asks) this.unfinished.set(entry.number, { asks: note.asks, asked: entry.number, since: now });
      if (note.done !== undefined) {
        this.unfinished.delete(note.done);
        this.purges.delete(note.done);
      }
      if (note.forget) {
        this.#forget(note.forget, this.#firstBlocks.at(entry.number));
        const keys = note.retire ?? [];
        this.eraser.retire(keys);
        keyring.forget(keys);
        this.purges.set(entry.number, { forgotten: note.forget, keys, since: now });
      }
      if (!note.erase) continue;
      for (const intention of note.erase) {
        this.eraser.purge(this.eraser.resume(intention));
        keyring.forget(intention.keys);
      }
      this.unfinished.delete(note.answers!);
      this.unfinished.set(entry.number, { asks: [], intentions: note.erase, asked: note.answers!, since: now });
    }
    this.state.ledger.reserve(...entry.last);
    this.applied = entry.number;
    this.#read = new Map();
    this.#broken = false;
  }

  /** A start may meet no version any more of those that are meant. */
  #forget({ seqs, moved }: Forgotten, first: number): void {
    const { ledger } = this.state;
    const here = moved.filter(([seq]) => ledger.resource(seq) !== 0);
    const blocks = new Set([...seqs, ...here.map(([seq]) => seq)].map(seq => ledger.place(seq).block));
    for (const [seq] of here) this.#homes.set(seq, this.#homeRun(seq));
    this.state.strike(seqs);
    for (const seq of seqs) this.#homes.delete(seq);
    for (const [seq, block, offset, length] of here) ledger.move(seq, { block: first + block, offset, length });
    this.#parts.leave(blocks);
  }

  #homeRun = (seq: number): number => this.#homes.get(seq) ?? this.#runOf(this.state.ledger.place(seq).block);

  /** Where the record of a version stands: the number of the entry, and of the run in it. */
  homeOf(seq: number): readonly [entry: number, run: number] {
    const run = this.#homeRun(seq);
    return [this.#runEntries.at(run), this.#runPlaces.at(run)];
  }

  #applyRun(number: number, at: number, key: number, entries: readonly Entry[]): void {
    const first = this.#nextBlock;
    this.#runBlocks.push(first);
    this.#runEntries.push(number);
    this.#runPlaces.push(at);
    this.#runKeys.push(key);
    this.eraser.run(key, first);
    let block = 0;
    let offset = 0;
    for (const [record, length, at] of entries) {
      if (at !== block) offset = 0;
      block = at;
      this.state.apply(record, { block: first + at, offset, length });
      offset += length;
    }
  }

  /** Number of the data key of a block. */
  keyOf(block: number): number {
    return this.#runKeys.at(this.#runOf(block));
  }

  /** Number of the entry of a block. */
  entryOf(block: number): number {
    return this.#runEntries.at(this.#runOf(block));
  }

  /** Name of a block in the database. */
  nameOf(block: number): string {
    const entry = this.#runEntries.at(this.#runOf(block));
    return blockName(this.#commits[entry]!, block - this.#firstBlocks.at(entry));
  }

  /** Name of the attempt that has a number. */
  commitOf(entry: number): string {
    return this.#commits[entry]!;
  }

  /** Names of all attempts that won. */
  commits(): ReadonlySet<string> {
    return new Set(this.#commits);
  }

  /** The last run that begins at the block or before it. */
  #runOf(block: number): number {
    let [low, high] = [0, this.#runBlocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#runBlocks.at(middle) <= block) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * Does what asks for records under data keys without waiting: what it misses is read, and it is done again, until nothing is missing and the log has not moved in between.
   * It must change nothing.
   */
  async withRecords<T>(work: () => T): Promise<{ readonly result: T; readonly records: Records }> {
    const records = new Map<number, readonly IndexRecord[]>();
    for (let at = this.applied; ; ) {
      if (at !== this.applied) records.clear();
      at = this.applied;
      this.#read = records;
      try {
        return { result: work(), records };
      } catch (error) {
        if (!(error instanceof Unread)) throw error;
        for (const [key, some] of await this.#recordsUnder([error.key])) records.set(key, some);
      } finally {
        this.#read = new Map();
      }
    }
  }

  async #recordsUnder(ids: readonly number[]): Promise<Map<number, readonly IndexRecord[]>> {
    const { keyring, collections } = this.#parts;
    const records = new Map<number, IndexRecord[]>(ids.map(id => [id, []]));
    const keys = new Map(ids.flatMap(id => [[id, keyring.key(id)] as const]).filter(([, key]) => key !== undefined));
    const numbers = new Set([...keys.keys()].flatMap(id => this.eraser.runsOf(id).map(block => this.#runEntries.at(this.#runOf(block)))));
    const sorted = [...numbers].sort((a, b) => a - b);
    // Few at a time: entries carry everything of their group.
    for (let at = 0; at < sorted.length; at += 50)
      for (const entry of await collections.entries(sorted.slice(at, at + 50)))
        entry.runs.forEach(({ key: id, index }, i) => {
          const key = keys.get(id);
          if (key) for (const [record] of openIndex(indexPlace(entry, i), key, index)) records.get(id)!.push(record);
        });
    return records;
  }
}
