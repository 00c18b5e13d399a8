/**
 * Forgetting versions: the blocks in which they lie are written anew without them, and memory is as if they had never been.
 * Others share their keys, so no key can be destroyed for it, unless nothing is left under one. What an older copy of the files holds can still be read with the keys.
 * @module
 */
import { type Entry, openBody, openIndex, sealBody, sealIndex } from '../block.ts';
import type { Place } from '../index/ledger.ts';
import type { IndexRecord, State } from '../index/state.ts';
import type { Keyring } from '../keys/keyring.ts';
import { keepLegal, linesWithAll, versionsOf } from '../log/forgotten.ts';
import type { Forget, ListEntry } from '../store.ts';
import type { Bodies } from './bodies.ts';
import type { Files } from './files.ts';

interface ForgetterParts {
  readonly state: State;
  readonly files: Files;
  readonly keyring: Keyring;
  readonly bodies: Bodies;
}

/** A block as it will be. */
interface Block {
  readonly number: number;
  readonly key: Buffer;
  /** Of the first block of a run. */
  readonly entries?: readonly Entry[];
  readonly bodies: readonly Buffer[];
}

export interface Forgetting {
  readonly records: readonly IndexRecord[];
  readonly blocks: readonly Block[];
  /** Where what stays lies from then on. */
  readonly places: readonly (readonly [seq: number, place: Place])[];
  /** Lines of persons whose records go, which name from then on whom they mean by these records. */
  readonly lines: readonly ListEntry[];
  /** Numbers of the keys of the blocks. */
  readonly keys: readonly number[];
}

export class Forgetter {
  readonly #parts: ForgetterParts;

  constructor(parts: ForgetterParts) {
    this.#parts = parts;
  }

  /** Changes nothing. Throws Problem: `not-found`, `conflict` for the current version alone, `business-rule` for the legal record. */
  plan(wanted: readonly Forget[]): Forgetting | undefined {
    if (wanted.length === 0) return undefined;
    const { files, keyring, state } = this.#parts;
    const gone = new Set(wanted.flatMap(one => versionsOf(state, one)));
    const runs = new Set([...gone].map(seq => files.firstOfRun(state.ledger.place(seq).block)));
    const records: IndexRecord[] = [];
    const blocks: Block[] = [];
    const places: (readonly [number, Place])[] = [];
    const keys = new Set<number>();
    for (const first of runs) {
      const id = files.key(first)!;
      const key = keyring.key(id)!;
      const entries = openIndex(first, key, files.index(first));
      keys.add(id);
      for (const [record] of entries) if (gone.has(record.seq)) records.push(record);
      const last = Math.max(...entries.map(([, , at]) => at));
      for (let at = 0; at <= last; at++) {
        const number = first + at;
        const bytes = openBody(number, key, files.body(number)!.body);
        const bodies: Buffer[] = [];
        let [from, offset] = [0, 0];
        for (const [{ seq }, length] of entries.filter(entry => entry[2] === at)) {
          if (!gone.has(seq)) {
            bodies.push(bytes.subarray(from, from + length));
            places.push([seq, { block: number, offset, length }]);
            offset += length;
          }
          from += length;
        }
        const kept = at === 0 ? { entries: entries.filter(([{ seq }]) => !gone.has(seq)) } : {};
        blocks.push({ number, key, bodies, ...kept });
      }
    }
    keepLegal(records);
    return { records, blocks, places, keys: [...keys], lines: linesWithAll(state, records) };
  }

  /** Within the open transaction. */
  carryOut({ records, blocks, places }: Forgetting): void {
    const { files, state, bodies } = this.#parts;
    for (const { number, key, entries, bodies } of blocks)
      files.rewriteBlock(number, entries === undefined ? null : sealIndex(number, key, entries), sealBody(number, key, bodies));
    state.remove(records);
    for (const [seq, place] of places) state.ledger.move(seq, place);
    bodies.drop(blocks.map(({ number }) => number));
  }

  /**
   * Once the transaction is done: nothing of it is left in the log beside the file. A key under which nothing lies any more is destroyed, which reaches older copies too.
   * @param isBare whether nothing lies under a key
   */
  settle({ keys }: Forgetting, isBare: (key: number) => boolean): void {
    const { files, keyring } = this.#parts;
    files.settle();
    const bare = keys.filter(isBare);
    if (bare.length > 0) keyring.destroy(bare);
  }
}
