/**
 * Bytes of stored versions: a block is read, decrypted and unpacked once and kept for a while.
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import { openBody } from '../block.ts';
import type { Place } from '../index/ledger.ts';
import type { Keyring } from '../keys/keyring.ts';
import { Recent } from '../log/recent.ts';
import type { Files } from './files.ts';

export class Bodies {
  readonly #files: Files;
  readonly #keyring: Keyring;
  readonly #recent: Recent;

  constructor(files: Files, keyring: Keyring, cacheBytes: number) {
    this.#files = files;
    this.#keyring = keyring;
    this.#recent = new Recent(cacheBytes);
  }

  /** @throws Problem deleted, when the key was destroyed */
  at({ block, offset, length }: Place): Buffer {
    return length === 0 ? Buffer.alloc(0) : this.#block(block).subarray(offset, offset + length);
  }

  /** Forgets unpacked blocks. */
  drop(blocks: Iterable<number>): void {
    this.#recent.drop(blocks);
  }

  #block(number: number): Buffer {
    const recent = this.#recent.get(number);
    if (recent) return recent;
    const stored = this.#files.body(number);
    const key = stored && this.#keyring.key(stored.key);
    if (!key) throw new Problem('deleted', 'The data were erased.');
    const bytes = openBody(number, key, stored.body);
    this.#recent.put(number, bytes);
    return bytes;
  }
}
