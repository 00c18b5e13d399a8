/**
 * How an entry comes into the log: blocks are put under a fresh name, then the entry is inserted under the next number; whose insert succeeds has decided. Who loses reads what won,
 * judges again, and tries the number after it. An insert without an answer is sent again, the very same, until it is known who has the number: nothing is guessed.
 * R4: https://hl7.org/fhir/R4/http.html#transaction
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../model/outcome.ts';
import { type Entry, seal, sealBody, sealIndex } from '../block.ts';
import type { CommitRecord } from '../index/state.ts';
import type { DataKey } from '../keys/keyring.ts';
import { type Collections, fits, type LogEntry, newCommit } from './collections.ts';
import { blockName, indexPlace, notePlace, type OpenEntry, type Records, type Replica } from './replica.ts';

/** Where a commit, an erasure or a purge stands, for tests that end the process there. */
export type Step = 'put' | 'decided' | 'applied' | 'rewritten' | 'destroyed' | 'done';

/** What is to be the next entry. */
export interface Draft {
  readonly runs: readonly { readonly key: DataKey; readonly entries: readonly Entry[]; readonly blocks: readonly (readonly Buffer[])[] }[];
  readonly notes: readonly CommitRecord[];
  /** Number and time of the last version with it or before it. */
  readonly last: readonly [seq: number, time: number];
  /** Records under the data keys that it destroys. */
  readonly records?: Records;
}

export interface Work {
  /** Called before each look at the log: what is there by then is judged against what the look finds. */
  readonly look?: () => void;
  /** Made for the state of this moment; undefined: there is nothing to write (any more). */
  readonly draft: () => Promise<Draft | undefined>;
  /** Another process had the number. Throws to give up. */
  readonly lost?: () => void;
  /** Nobody knows yet whether it is stored, and it may take long to know. */
  readonly unknown?: () => void;
}

export interface DeciderParts {
  readonly collections: Collections;
  readonly replica: Replica;
  /** Key of the notes. */
  readonly register: Buffer;
  readonly step: (name: Step) => void;
}

/** Milliseconds after which whoever waits for a decision without an answer is told so. */
const patienceMs = 8000;
/** Milliseconds after which an entry is not sent any more: its blocks may be swept one day. */
const sendingMs = 3_600_000;

export class Decider {
  readonly #parts: DeciderParts;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(parts: DeciderParts) {
    this.#parts = parts;
  }

  /** One entry at a time in this process. Gives it once it is decided and applied, or undefined where there was nothing to write. */
  decide(work: Work): Promise<OpenEntry | undefined> {
    const decided = this.#last.then(() => this.#decide(work));
    this.#last = decided.catch(() => {});
    return decided;
  }

  /** From here on no decision is waited for that the database does not give. Resolves when what is under way is decided. */
  close(): Promise<unknown> {
    this.#closed = true;
    return this.#last;
  }

  async #decide(work: Work): Promise<OpenEntry | undefined> {
    const { collections, replica, register, step } = this.#parts;
    for (let losses = 0; ; losses++) {
      // Whoever has just won would win again.
      if (losses > 0) await sleep(Math.random() * Math.min(100, 2 ** Math.min(losses, 6)));
      work.look?.();
      await replica.catchUp();
      const number = replica.applied + 1;
      const draft = await work.draft();
      if (!draft) return undefined;
      const still = (): boolean => replica.applied === number - 1;
      if (!still()) continue;
      const { opened, blocks } = sealed(draft, { number, commit: newCommit(Date.now()) }, register);
      const { entry } = opened;
      const began = performance.now();
      await collections.put(entry, blocks);
      step('put');
      const won = still() && performance.now() - began < sendingMs && (await this.#insert(entry, began, work));
      if (!won) {
        // What stays is swept later.
        if (blocks.length > 0) void collections.drop(entry.commit).catch(() => {});
        work.lost?.();
        continue;
      }
      step('decided');
      // A reader may have met it already.
      if (still()) replica.apply(opened, draft.records);
      step('applied');
      return opened;
    }
  }

  /** Whether the entry has its number. */
  async #insert(entry: LogEntry, began: number, { unknown }: Work): Promise<boolean> {
    const { collections } = this.#parts;
    let told = false;
    for (let tries = 0; ; tries++) {
      try {
        if (performance.now() - began > sendingMs) return (await collections.commitOf(entry.number)) === entry.commit;
        return (await collections.insert(entry)) === 'taken';
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (this.#closed) {
          unknown?.();
          throw error;
        }
        if (!told && performance.now() - began > patienceMs) {
          told = true;
          unknown?.();
        }
        await sleep(Math.min(2000, 100 * 2 ** tries));
      }
    }
  }
}

/** @throws Problem too-long */
function sealed(draft: Draft, place: Pick<LogEntry, 'number' | 'commit'>, register: Buffer) {
  const blocks: (readonly [name: string, body: Buffer])[] = [];
  let at = 0;
  const runs = draft.runs.map(({ key, entries, blocks: run }, i) => {
    for (const bodies of run) {
      const name = blockName(place.commit, at++);
      // Of a deletion nothing is ever read.
      if (bodies.some(bytes => bytes.length > 0)) blocks.push([name, sealBody(name, key.key, bodies)]);
    }
    return { key: key.id, blocks: run.length, index: sealIndex(indexPlace(place, i), key.key, entries) };
  });
  const notes = draft.notes.map((note, i) => seal(register, Buffer.from(JSON.stringify(note)), notePlace(place, i)));
  const entry: LogEntry = { ...place, last: draft.last, runs, notes };
  if (!fits(entry)) throw new Problem('too-long', 'The request is larger than what one commit takes.');
  const opened: OpenEntry = { entry, runs: draft.runs.map(({ entries }) => entries), notes: draft.notes };
  return { opened, blocks };
}
