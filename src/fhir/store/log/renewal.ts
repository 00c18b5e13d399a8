/**
 * Values that an earlier state of the program took otherwise, or not at all, are taken anew from the bytes: in the background, run by run in the order of the log. The records are stored
 * with them, so that the next start finds nothing to do; one that was cut off goes on where records are of an earlier edition still.
 * Until all are read, nobody is answered by an index that lacks values: whoever asks by one of them is told to wait (state.ts).
 * @module
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { AnyResource } from '../../model/r4.ts';
import type { Values } from '../../search/values.ts';
import type { Entry } from '../block.ts';
import { place } from '../index/postings.ts';
import type { Fit, IndexRecord, State } from '../index/state.ts';
import type { Indexing } from '../store.ts';
import { type Definitions, edition, outdated, type Slot } from './edition.ts';

/** A run of blocks as it is stored. */
export interface StoredRun {
  /** Decrypts and reads them. */
  readonly entries: () => readonly Entry[];
}

/** Where the runs are. */
export interface Runs<R extends StoredRun> {
  /** The next ones in the order of the log, as far as memory has applied it. */
  after(last: R | undefined): Promise<readonly R[]> | readonly R[];
  /** Stores other records with runs, each unless it was changed meanwhile. False: one was; none of these may be counted as read. */
  put(changed: readonly (readonly [run: R, entries: readonly Entry[]])[]): Promise<boolean> | boolean;
}

export interface RenewalParts<R extends StoredRun> {
  readonly state: State;
  readonly runs: Runs<R>;
  readonly valuesOf: (resource: AnyResource) => Values;
  readonly bytes: (seqs: readonly number[]) => readonly Buffer[] | Promise<readonly Buffer[]>;
  /** What an edition consisted of. */
  readonly definitions: (mark: string) => Definitions | undefined;
  /** Told when it does not get on; it is tried again. */
  readonly failed?: (error: unknown) => void;
}

/** Milliseconds of work between two turns of others, and until it is tried again. */
const turnMs = 8;
const againMs = 5000;
/** Milliseconds until what came meanwhile is looked for. */
const waitMs = 20;
/** Versions read at once, and versions whose records are stored at once, unless one run has more. */
const atOnce = 20;
const atOnceStored = 200;

/** Whether the values of a record are of an earlier edition; a deletion has none. */
export const isOutdated = ([{ made }, length]: Entry): boolean => length > 0 && made !== edition().mark;

/**
 * Of the values of a record those that would be taken likewise today. The others may not even look like those of today, and nobody is answered by them.
 * @param definitions what an edition consisted of
 * @returns the same object where all of them are
 */
export function fitting(definitions: (mark: string) => Definitions | undefined): Fit {
  const known = new Map<string, ReadonlySet<string>>();
  return ({ type, made, values }) => {
    if (made === edition().mark) return values;
    const key = `${type} ${made ?? ''}`;
    let unfit = known.get(key);
    if (!unfit) known.set(key, (unfit = new Set(outdated(type, made === undefined ? 'none' : definitions(made)).map(({ code }) => code))));
    const codes = unfit;
    // Those of what is inside go together.
    const isFit = (code: string): boolean => !codes.has(/^[^#]*#/.exec(code)?.[0] ?? code);
    return Object.keys(values).every(isFit) ? values : Object.fromEntries(Object.entries(values).filter(([code]) => isFit(code)));
  };
}

export class Renewal<R extends StoredRun> {
  readonly #parts: RenewalParts<R>;
  /** Type → editions of its records; undefined among them: they name none. */
  readonly #met = new Map<string, Set<string | undefined>>();
  /** Type → what is taken anew. */
  #slots: ReadonlyMap<string, readonly Slot[]> = new Map();
  /** The last run that was read, and the number of its last version. */
  #last: R | undefined;
  #upTo = 0;
  #begun = false;
  readonly #ending = new AbortController();
  #running: Promise<void> | undefined;

  constructor(parts: RenewalParts<R>) {
    this.#parts = parts;
  }

  /** Told all that a start reads, and later what comes from processes of an earlier state. */
  meet(entries: readonly Entry[]): void {
    let isNew = false;
    for (const entry of entries) {
      if (!isOutdated(entry)) continue;
      const [{ type, made }] = entry;
      const marks = this.#met.get(type) ?? new Set();
      isNew ||= !marks.has(made);
      this.#met.set(type, marks.add(made));
    }
    if (isNew && this.#begun) this.begin();
  }

  /** Called when a start has read everything. */
  begin(): void {
    this.#begun = true;
    if (this.#met.size === 0) return;
    const { state, definitions } = this.#parts;
    const slots = new Map<string, readonly Slot[]>();
    for (const [type, marks] of this.#met) {
      const some = [...marks].flatMap(mark => outdated(type, mark === undefined ? 'none' : definitions(mark)));
      slots.set(type, [...new Map(some.map(slot => [slot.code, slot])).values()]);
      state.type(type).renew(slots.get(type)!);
    }
    this.#slots = slots;
    this.#last = undefined;
    this.#upTo = 0;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  /** Versions that were read, for each code. */
  indexing(): Indexing[] {
    const { state } = this.#parts;
    return [...this.#slots].flatMap(([type, slots]) => {
      const { all } = state.type(type);
      return slots.map(({ code, url }) => ({ type, code, url, indexed: place(all, this.#upTo + 1), of: all.length }));
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        await setImmediate();
        const slots = this.#slots;
        const some = await this.#parts.runs.after(this.#last);
        if (slots !== this.#slots) continue;
        if (some.length > 0) await this.#take(some);
        else if (this.#isDone()) return this.#finish();
        else await setTimeout(waitMs, undefined, { signal });
      } catch (error) {
        if (signal.aborted) return;
        this.#parts.failed?.(error);
        await setTimeout(againMs, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }

  /** Reads runs; ends before the first that was changed meanwhile. */
  async #take(runs: readonly R[]): Promise<void> {
    const slots = this.#slots;
    let began = performance.now();
    const turn = async (): Promise<void> => {
      if (performance.now() - began < turnMs) return;
      await setImmediate();
      began = performance.now();
    };
    let taken: (readonly Entry[])[] = [];
    let changed: (readonly [run: R, entries: readonly Entry[]])[] = [];
    let versions = 0;
    for (const run of runs) {
      await turn();
      const entries = run.entries();
      const renewed = entries.some(isOutdated) ? await this.#renewed(entries, turn) : entries;
      taken.push(renewed);
      if (renewed !== entries) changed.push([run, renewed]);
      versions += entries.length;
      if (versions < atOnceStored && run !== runs.at(-1)) continue;
      if (changed.length > 0 && !(await this.#parts.runs.put(changed))) return;
      // Begun anew, or over.
      if (slots !== this.#slots || this.#ending.signal.aborted) return;
      for (const some of taken) for (const entry of some) this.#add(entry);
      this.#last = run;
      [taken, changed, versions] = [[], [], 0];
    }
  }

  /** The entries of a run with the values of today. Of what was taken out of memory nothing is left. */
  async #renewed(entries: readonly Entry[], turn: () => Promise<void>): Promise<readonly Entry[]> {
    const { state, bytes, valuesOf } = this.#parts;
    const { mark } = edition();
    const isThere = ([{ seq }]: Entry): boolean => state.ledger.resource(seq) !== 0;
    const made = new Map<number, IndexRecord>();
    const old = entries.filter(isOutdated);
    for (let at = 0; at < old.length; at += atOnce) {
      await turn();
      const some = old.slice(at, at + atOnce).filter(isThere);
      const read = await bytes(some.map(([{ seq }]) => seq));
      some.forEach(([record], i) => {
        const values = valuesOf(JSON.parse(read[i]!.toString()) as AnyResource);
        made.set(record.seq, { ...record, values, made: mark });
      });
    }
    return entries.filter(isThere).map(([record, ...where]): Entry => [made.get(record.seq) ?? record, ...where]);
  }

  #add([{ seq, type, values }, length]: Entry): void {
    const { state } = this.#parts;
    this.#upTo = seq;
    // What was erased or purged in the meantime is not there any more.
    if (length > 0 && state.ledger.resource(seq) !== 0) state.type(type).readAnew(seq, values);
  }

  #isDone(): boolean {
    for (const type of this.#slots.keys()) if ((this.#parts.state.type(type).all.at(-1) ?? 0) > this.#upTo) return false;
    return true;
  }

  #finish(): void {
    for (const type of this.#slots.keys()) this.#parts.state.type(type).renewed();
    this.#slots = new Map();
    this.#met.clear();
  }
}
