/**
 * Taking versions out for all processes. An entry of the log says which, and holds anew what lay in the same blocks; every process takes them from memory when it meets it, before it
 * answers anything after it. Then their index records are taken out of the entries in which they came, the old blocks are deleted, and an entry says that it is done; only then anybody
 * is answered. What is done after the decision only takes away, and may be done again, by any process: one that finds it undone for some time does the rest.
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import { type Entry, openIndex, sealIndex } from '../block.ts';
import type { Forgotten, IndexRecord } from '../index/state.ts';
import type { SharedKeyring } from '../keys/shared.ts';
import { keepLegal, linesWithAll, versionsOf } from '../log/forgotten.ts';
import type { Forget, ListEntry } from '../store.ts';
import type { Bodies } from './bodies.ts';
import { type Collections, mostIndexBytes } from './collections.ts';
import type { Decider, Draft, Step } from './decider.ts';
import { ongoing } from './ongoing.ts';
import { indexPlace, type Replica } from './replica.ts';

export interface PurgesParts {
  readonly collections: Collections;
  readonly replica: Replica;
  readonly keyring: SharedKeyring;
  readonly bodies: Bodies;
  readonly decider: Decider;
  readonly step: (name: Step) => void;
}

export interface Purge {
  readonly forgotten: Forgotten;
  /** Data keys under which nothing lies any more. */
  readonly keys: readonly number[];
  /** What stays of the blocks. */
  readonly runs: Draft['runs'];
  readonly lines: readonly ListEntry[];
}

/** Milliseconds after which what another process has begun is finished here. */
const patienceMs = 10_000;
/** Entries read at once. */
const atOnce = 50;

export class Purges {
  readonly #parts: PurgesParts;
  /** Numbers of the entries that are being carried out here. */
  readonly #ongoing = ongoing(number => this.#carryOut(number));

  constructor(parts: PurgesParts) {
    this.#parts = parts;
  }

  /** Changes nothing. Throws Problem: `not-found`, `precondition-failed`, `conflict` for the current version alone, `business-rule` for the legal record, `too-costly`. */
  async plan(wanted: readonly Forget[]): Promise<Purge> {
    const { replica, keyring, bodies } = this.#parts;
    const { state } = replica;
    const gone = new Set(wanted.flatMap(one => versionsOf(state, one)));
    const blocks = new Set([...gone].filter(seq => !state.ledger.deleted(seq)).map(seq => state.ledger.place(seq).block));
    const homes = [...new Map([...gone].map(seq => replica.homeOf(seq)).map(home => [home.join(), home])).values()];
    const entries = new Map((await this.#entries(homes.map(([number]) => number))).map(entry => [entry.number, entry]));
    const records: IndexRecord[] = [];
    /** Data key → what stays under it in these runs. */
    const left = new Map<number, Entry[]>();
    for (const [number, at] of homes) {
      const entry = entries.get(number)!;
      const { key: id, index } = entry.runs[at]!;
      const key = keyring.key(id)!;
      const all = openIndex(indexPlace(entry, at), key, index);
      const stays = all.filter(([{ seq }]) => !gone.has(seq));
      for (const [record] of all) if (gone.has(record.seq)) records.push(record);
      if (sealIndex(indexPlace(entry, at), key, stays).length > mostIndexBytes)
        throw new Problem('too-costly', 'What came in the same transaction is more than what can be written anew.');
      left.set(id, [...(left.get(id) ?? []), ...stays]);
    }
    keepLegal(records);
    const keys: number[] = [];
    for (const [id, stays] of left) if (stays.length === 0 && (await this.#isBare(id, gone))) keys.push(id);

    const runs: Draft['runs'][number][] = [];
    const moved: Forgotten['moved'][number][] = [];
    let block = 0;
    for (const [id, entriesLeft] of left) {
      if (keys.includes(id)) continue;
      const places = entriesLeft.map(([{ seq }]) => ({ seq, ...state.ledger.place(seq) })).filter(({ length }) => length > 0);
      const run: Buffer[][] = [];
      // One block for each that was: what lies in a block came in one run.
      for (const [, some] of Map.groupBy(
        places.filter(place => blocks.has(place.block)),
        place => place.block,
      )) {
        run.push([...(await bodies.of(some.map(({ seq }) => seq)))]);
        let offset = 0;
        for (const { seq, length } of some) {
          moved.push([seq, block, offset, length]);
          offset += length;
        }
        block++;
      }
      if (run.length > 0) runs.push({ key: { id, key: keyring.key(id)! }, entries: [], blocks: run });
    }
    return {
      forgotten: { seqs: [...gone], runs: homes, moved, blocks: [...blocks].map(one => replica.nameOf(one)) },
      keys,
      runs,
      lines: linesWithAll(state, records),
    };
  }

  /** What an entry took out, to its end. */
  carryOut = (number: number): Promise<void> => this.#ongoing.do(number);

  /** What others have begun and left. @param sinceMs how long ago at least; 0 at a start */
  async finishLeft(sinceMs = patienceMs): Promise<void> {
    const until = performance.now() - sinceMs;
    for (const [number, { since }] of [...this.#parts.replica.purges])
      if (since <= until && !this.#ongoing.has(number)) await this.carryOut(number);
  }

  idle = (): Promise<void> => this.#ongoing.idle();

  async #carryOut(number: number): Promise<void> {
    const { collections, replica, keyring, decider, step } = this.#parts;
    const purge = replica.purges.get(number);
    if (!purge) return;
    const { forgotten, keys } = purge;
    for (const [entry, at] of forgotten.runs) await this.#takeOut(entry, at, new Set(forgotten.seqs));
    step('rewritten');
    await collections.dropBlocks(forgotten.blocks);
    if (keys.length > 0) await keyring.destroy(keys);
    step('destroyed');
    const { state } = replica;
    const draft = (): Draft => ({ runs: [], notes: [{ lists: [], done: number }], last: [state.ledger.last, state.ledger.latest] });
    await decider.decide({ draft: async () => (replica.purges.has(number) ? draft() : undefined) });
    step('done');
  }

  /** Until it is seen that the entry does not have them: somebody else may put its records at the same time. */
  async #takeOut(number: number, at: number, gone: ReadonlySet<number>): Promise<void> {
    const { collections, keyring } = this.#parts;
    for (;;) {
      const [entry] = await collections.entries([number]);
      const { key: id, index } = entry!.runs[at]!;
      const key = keyring.key(id);
      if (!key) return;
      const all = openIndex(indexPlace(entry!, at), key, index);
      const stays = all.filter(([{ seq }]) => !gone.has(seq));
      if (stays.length === all.length) return;
      await collections.reindex(entry!, new Map([[at, sealIndex(indexPlace(entry!, at), key, stays)]]));
    }
  }

  /** Whether nothing would lie under a key without these. */
  async #isBare(id: number, gone: ReadonlySet<number>): Promise<boolean> {
    const { replica, keyring } = this.#parts;
    const { ledger } = replica.state;
    const key = keyring.key(id)!;
    const numbers = [...new Set(replica.eraser.runsOf(id).map(block => replica.entryOf(block)))];
    for (let from = 0; from < numbers.length; from += atOnce)
      for (const entry of await this.#entries(numbers.slice(from, from + atOnce)))
        for (const [at, run] of entry.runs.entries())
          if (run.key === id)
            for (const [{ seq }] of openIndex(indexPlace(entry, at), key, run.index))
              if (!gone.has(seq) && ledger.resource(seq) !== 0) return false;
    return true;
  }

  async #entries(numbers: readonly number[]) {
    return await this.#parts.collections.entries([...new Set(numbers)]);
  }
}
