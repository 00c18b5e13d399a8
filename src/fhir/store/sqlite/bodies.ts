/**
 * Bytes of stored versions: a block is read, decrypted and unpacked once and kept for a while, within a stated number of bytes.
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import { openBody } from '../block.ts';
import type { Place } from '../index/ledger.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Files } from './files.ts';

export class Bodies {
  readonly #files: Files;
  readonly #keyring: Keyring;
  readonly #most: number;
  readonly #cache = new Map<number, Buffer>();
  #held = 0;

  constructor(files: Files, keyring: Keyring, cacheBytes: number) {
    this.#files = files;
    this.#keyring = keyring;
    this.#most = cacheBytes;
  }

  /** @throws Problem deleted, when the key was destroyed */
  at({ block, offset, length }: Place): Buffer {
    return length === 0 ? Buffer.alloc(0) : this.#block(block).subarray(offset, offset + length);
  }

  /** Forgets unpacked blocks. */
  drop(blocks: Iterable<number>): void {
    for (const number of blocks) {
      this.#held -= this.#cache.get(number)?.length ?? 0;
      this.#cache.delete(number);
    }
  }

  #block(number: number): Buffer {
    const cached = this.#cache.get(number);
    if (cached) {
      // Moved to the end: the first of the map is the one not used for longest.
      this.#cache.delete(number);
      this.#cache.set(number, cached);
      return cached;
    }
    const stored = this.#files.body(number);
    const key = stored && this.#keyring.key(stored.key);
    if (!key) throw new Problem('deleted', 'The data were erased.');
    const bytes = openBody(number, key, stored.body);
    this.#cache.set(number, bytes);
    this.#held += bytes.length;
    for (const [oldest, held] of this.#cache) {
      if (this.#held <= this.#most || oldest === number) break;
      this.#cache.delete(oldest);
      this.#held -= held.length;
    }
    return bytes;
  }
}
