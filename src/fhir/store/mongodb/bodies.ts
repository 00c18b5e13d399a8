/**
 * Bytes of stored versions: blocks are read from the database by their names, several in one round trip, decrypted, unpacked and kept for a while.
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import { openBody } from '../block.ts';
import type { Place } from '../index/ledger.ts';
import type { SharedKeyring } from '../keys/shared.ts';
import { Recent } from '../log/recent.ts';
import type { Collections } from './collections.ts';
import { unavailable } from './connection.ts';
import type { Replica } from './replica.ts';

interface Wanted {
  readonly block: number;
  readonly name: string;
  readonly keyId: number;
  readonly key: Buffer;
}

/** A block is not there any more. */
class Gone extends Error {}

export class Bodies {
  readonly #collections: Collections;
  readonly #keyring: SharedKeyring;
  readonly #replica: () => Replica;
  readonly #recent: Recent;
  /** Blocks of which what stays lies elsewhere. */
  readonly #left = new Set<number>();

  constructor(collections: Collections, keyring: SharedKeyring, cacheBytes: number, replica: () => Replica) {
    this.#collections = collections;
    this.#keyring = keyring;
    this.#replica = replica;
    this.#recent = new Recent(cacheBytes);
  }

  /**
   * Of versions by their numbers, in order; at once when all of them are at hand.
   * @throws Problem `deleted` when a key was destroyed, `unavailable` when one was taken out while it was read
   */
  of(seqs: readonly number[]): readonly Buffer[] | Promise<readonly Buffer[]> {
    const places = this.#placesOf(seqs);
    const read = this.#at(places);
    return read instanceof Promise ? read.catch(error => this.#again(seqs, places, error)) : read;
  }

  /** A block is gone only when an entry of the log says where what is left of it lies. */
  async #again(seqs: readonly number[], places: readonly Place[], error: unknown): Promise<readonly Buffer[]> {
    if (!(error instanceof Gone)) throw error;
    const replica = this.#replica();
    await replica.catchUp();
    if (seqs.some(seq => replica.state.ledger.resource(seq) === 0))
      throw unavailable('Something of it was taken out while it was read; try again.');
    if (this.#placesOf(seqs).every(({ block }, i) => block === places[i]!.block))
      throw new Error('a block that the log names is not in the database');
    return this.of(seqs);
  }

  #placesOf(seqs: readonly number[]): Place[] {
    const { ledger } = this.#replica().state;
    return seqs.map(seq => ledger.place(seq));
  }

  #at(places: readonly Place[]): readonly Buffer[] | Promise<readonly Buffer[]> {
    const blocks = new Map<number, Buffer>();
    const wanted: Wanted[] = [];
    for (const block of new Set(places.filter(({ length }) => length > 0).map(place => place.block))) {
      const bytes = this.#recent.get(block);
      if (bytes) blocks.set(block, bytes);
      else wanted.push(this.#want(block));
    }
    const cut = (): Buffer[] =>
      places.map(({ block, offset, length }) => (length === 0 ? Buffer.alloc(0) : blocks.get(block)!.subarray(offset, offset + length)));
    if (wanted.length === 0) return cut();
    return this.#read(wanted).then(read => {
      for (const [block, bytes] of read) blocks.set(block, bytes);
      return cut();
    });
  }

  /** Forgets unpacked blocks. */
  drop(blocks: Iterable<number>): void {
    this.#recent.drop(blocks);
  }

  /** The same, for good: what is read late is not kept. */
  leave(blocks: Iterable<number>): void {
    for (const block of blocks) this.#left.add(block);
    this.drop(blocks);
  }

  /** The key is taken now: what is asked for before an erasure is answered as it was. */
  #want(block: number): Wanted {
    const replica = this.#replica();
    const keyId = replica.keyOf(block);
    const key = this.#keyring.key(keyId);
    if (!key) throw new Problem('deleted', 'The data were erased.');
    return { block, name: replica.nameOf(block), keyId, key };
  }

  async #read(wanted: readonly Wanted[]): Promise<ReadonlyMap<number, Buffer>> {
    const sealed = await this.#collections.blocks(wanted.map(({ name }) => name));
    const read = new Map<number, Buffer>();
    for (const { block, name, keyId, key } of wanted) {
      const body = sealed.get(name);
      if (!body) throw new Gone();
      const bytes = openBody(name, key, body);
      read.set(block, bytes);
      // Unless it was erased or purged meanwhile.
      if (this.#keyring.key(keyId) && !this.#left.has(block)) this.#recent.put(block, bytes);
    }
    return read;
  }
}
