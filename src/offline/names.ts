/**
 * Which resources are in the input: a set of the fingerprints of their names, 11 bytes a resource, one for all workers.
 * Where two names have one fingerprint, a reference leaves whose target does not.
 * @module
 */
import { type Fingerprints, Table } from './table.ts';

/** Resources of which the names are told apart; of an input with more, every reference to a type that leaves does. */
const mostNames = 16_000_000;

/** What a worker gets of it. */
export type Shared = SharedArrayBuffer | 'too-many';

/** Words of a chunk of names. */
const chunkWords = 1 << 18;

/** Names on their way there: how large the table must be is known when all are. */
export class NamesMet {
  /** All full but the last one: files may be many, and have few names each. */
  #chunks: Uint32Array[] = [];
  #words = 0;

  add(fingerprints: Fingerprints): void {
    for (let from = 0; from < fingerprints.length && !this.#areTooMany; ) {
      const at = this.#words % chunkWords;
      if (at === 0) this.#chunks.push(new Uint32Array(chunkWords));
      const some = fingerprints.subarray(from, from + chunkWords - at);
      this.#chunks.at(-1)!.set(some, at);
      this.#words += some.length;
      from += some.length;
    }
    if (this.#areTooMany) this.#chunks = [];
  }

  get #areTooMany(): boolean {
    return this.#words > 2 * mostNames;
  }

  /** All of them; afterwards there are none here. */
  share(): Shared {
    if (this.#areTooMany) return 'too-many';
    const table = new Table(2, this.#words / 2);
    for (let chunk = this.#chunks.pop(); chunk !== undefined; chunk = this.#chunks.pop()) {
      const end = this.#words - this.#chunks.length * chunkWords;
      for (let i = 0; i < end; i += 2) table.put(chunk[i]!, chunk[i + 1]!);
      this.#words -= end;
    }
    return table.shared;
  }
}

export class Names {
  readonly #table: Table | undefined;

  constructor(shared: Shared) {
    this.#table = shared === 'too-many' ? undefined : new Table(2, shared);
  }

  /** Whether it is in the input; of an input with too many names always true. */
  has(name: string): boolean {
    return this.#table === undefined || this.#table.has(name);
  }
}
