/**
 * Erasing a person for all processes. An entry of the log asks for it, in the commit of the objection; a later one says what it means (versions, keys, names), worked out against the state
 * before it; then the tombstone is laid down and the keys go; then an entry of the book says that it is done, and only then is anybody answered. Every process takes the versions
 * from memory when it meets the second entry. Each step may be done again, by any process: one that finds a step undone for some time does the rest.
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import type { CommitRecord } from '../index/state.ts';
import type { SharedKeyring } from '../keys/shared.ts';
import type { Erased, Plan } from '../log/erase.ts';
import type { ListEntry } from '../store.ts';
import type { Decider, Draft, Step } from './decider.ts';
import { ongoing } from './ongoing.ts';
import type { Replica, Unfinished } from './replica.ts';

export interface ErasuresParts {
  readonly replica: Replica;
  readonly keyring: SharedKeyring;
  readonly decider: Decider;
  readonly now: () => number;
  readonly erased?: (erasure: Erased) => Promise<void>;
  readonly failed?: (error: unknown) => void;
  readonly step: (name: Step) => void;
}

/** Milliseconds after which what another process has begun is finished here. */
const patienceMs = 10_000;

export class Erasures {
  readonly #parts: ErasuresParts;
  /** Numbers of the asks that are being carried out here. */
  readonly #ongoing = ongoing(asked => this.#carryOut(asked));

  constructor(parts: ErasuresParts) {
    this.#parts = parts;
  }

  /** Tried before anything is written. False: it cannot be carried out, and somebody is told. */
  async can(line: ListEntry): Promise<boolean> {
    const { replica, now } = this.#parts;
    return !((await this.#planned(() => replica.eraser.plan(line, now(), new Set()))) instanceof Error);
  }

  /** What an entry asked for, to its end. */
  carryOut = (asked: number): Promise<void> => this.#ongoing.do(asked);

  /** What others have begun and left. @param sinceMs how long ago at least; 0 at a start */
  async finishLeft(sinceMs = patienceMs): Promise<void> {
    const { replica } = this.#parts;
    const until = performance.now() - sinceMs;
    const left = [...replica.unfinished.values()].filter(({ asked, since }) => since <= until && !this.#ongoing.has(asked));
    for (const { asked } of left) await this.carryOut(asked);
  }

  idle = (): Promise<void> => this.#ongoing.idle();

  async #carryOut(asked: number): Promise<void> {
    const { decider, replica, keyring, now, erased, step } = this.#parts;
    await decider.decide({ draft: () => this.#intentions(asked) });
    const found = [...replica.unfinished].find(([, one]) => one.asked === asked);
    if (!found) return;
    const [number, { intentions = [] }] = found;
    for (const intention of intentions)
      await keyring.destroy(intention.keys, { ...replica.eraser.stone(intention), version: replica.commitOf(number) });
    step('destroyed');
    const done = now();
    const entries = intentions.map(({ source, counts, keys, time }): Erased => ({ source, counts, keys: keys.length, time, done }));
    try {
      for (const entry of entries) await erased?.(entry);
    } catch {
      // The keys are gone: it is told by whoever finishes it later.
      return;
    }
    const note: CommitRecord = { lists: [], entries: entries.map(entry => ({ book: 'erasures', entry: { ...entry } })), done: number };
    await decider.decide({ draft: async () => (replica.unfinished.has(number) ? this.#draft(note) : undefined) });
    step('done');
  }

  /** Worked out anew whenever the log has moved. */
  async #intentions(asked: number): Promise<Draft | undefined> {
    const { replica, keyring, now } = this.#parts;
    const { state, eraser } = replica;
    const ask: Unfinished | undefined = replica.unfinished.get(asked);
    if (!ask || ask.intentions) return undefined;
    const time = Math.max(now(), state.ledger.latest);
    const planned = await this.#planned(() => {
      const plans: Plan[] = [];
      for (const { list, source } of ask.asks)
        plans.push(eraser.plan(state.lists.get(list, source)!, time, new Set(plans.flatMap(({ intention }) => intention.keys))));
      return { plans, closings: eraser.closings(plans) };
    });
    // The line holds all the same, and the sweep of what is due asks again.
    if (planned instanceof Error) return this.#draft({ lists: [], done: asked });
    const { plans, closings } = planned.result;
    const { last, latest } = state.ledger;
    const runs = closings.map(({ key, record }, i) => ({
      key: { id: key, key: keyring.key(key)! },
      entries: [[{ ...record, seq: last + 1 + i, time }, 0, 0] as const],
      blocks: [[Buffer.alloc(0)]],
    }));
    const note: CommitRecord = { lists: [], erase: plans.map(({ intention }) => intention), answers: asked };
    return { runs, notes: [note], last: [last + runs.length, runs.length === 0 ? latest : time], records: planned.records };
  }

  async #planned<T>(work: () => T): Promise<{ readonly result: T; readonly records: NonNullable<Draft['records']> } | Error> {
    const { replica, failed } = this.#parts;
    try {
      return await replica.withRecords(work);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof Problem) throw error;
      failed?.(error);
      return error;
    }
  }

  #draft(note: CommitRecord): Draft {
    const { last, latest } = this.#parts.replica.state.ledger;
    return { runs: [], notes: [note], last: [last, latest] };
  }
}
