/**
 * Forgetting versions: the blocks in which they lie are written anew without them, and memory is as if they had never been.
 * Others share their keys, so no key can be destroyed for it, unless nothing is left under one. What an older copy of the files holds can still be read with the keys.
 * The legal record is not forgotten, and lines keep meaning everybody whom they meant.
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import { type Entry, openBody, openIndex, sealBody, sealIndex } from '../block.ts';
import type { Place } from '../index/ledger.ts';
import type { IndexRecord, State } from '../index/state.ts';
import type { Keyring } from '../keys/keyring.ts';
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
    const gone = new Set(wanted.flatMap(one => this.#versions(one)));
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
    if (records.some(({ legal }) => legal))
      throw new Problem('business-rule', 'Consents, notices and receipts are the legal record: it is kept.');
    return { records, blocks, places, keys: [...keys], lines: this.#lines(records) };
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

  #versions({ type, id, what, versionId }: Forget): number[] {
    const { ledger } = this.#parts.state;
    const current = ledger.current(ledger.find(`${type}/${id}`));
    if (current === 0) throw new Problem('not-found');
    const all: number[] = [];
    for (let seq = current; seq !== 0; seq = ledger.previous(seq)) all.push(seq);
    if (what === 'all') return all;
    if (what === 'history' && versionId !== undefined && ledger.versionId(current) !== versionId)
      throw new Problem('precondition-failed', 'The resource has another version by now.');
    if (what === 'history') return all.slice(1);
    const one = all.find(seq => ledger.versionId(seq) === versionId);
    if (one === undefined) throw new Problem('not-found');
    if (one === current) throw new Problem('conflict', 'This is the current version: delete the resource, or purge it.');
    return [one];
  }

  /** What a record of a person joined stays one person for the lines that name it, also when the next start reads no such record. */
  #lines(records: readonly IndexRecord[]): ListEntry[] {
    const { persons, lists } = this.#parts.state;
    const lines = new Map<string, ListEntry>();
    for (const { mentions } of records) {
      const [own] = mentions.same;
      if (own === undefined) continue;
      const names = persons.names(persons.person(persons.number(own))).map(number => persons.label(number));
      for (const line of lists.of(names)) {
        const key = `${line.list} ${line.source}`;
        lines.set(key, { ...line, persons: [...new Set([...(lines.get(key) ?? line).persons, ...names])] });
      }
    }
    return [...lines.values()];
  }
}
