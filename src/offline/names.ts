/**
 * Which resources are in the input: a set of the fingerprints of their names, 16 bytes a resource at least and 32 at most, one for all workers.
 * Where two names have one fingerprint, a reference leaves whose target does not.
 * @module
 */
import { type Fingerprints, Table } from './table.ts';

/** Resources of which the names are told apart; of an input with more, every reference to a type that leaves does. */
const mostNames = 16_000_000;

/** What a worker gets of it. */
export type Shared = SharedArrayBuffer | 'too-many';

export class Names {
  #table: Table | undefined;

  constructor(shared?: Shared) {
    this.#table = shared === 'too-many' ? undefined : new Table(2, shared);
  }

  get shared(): Shared {
    return this.#table?.shared ?? 'too-many';
  }

  add(fingerprints: Fingerprints): void {
    for (let i = 0; i < fingerprints.length && this.#table !== undefined; i += 2) {
      this.#table.put(fingerprints[i]!, fingerprints[i + 1]!);
      if (this.#table.count > mostNames) this.#table = undefined;
    }
  }

  /** Whether it is in the input; of an input with too many names always true. */
  has(name: string): boolean {
    return this.#table === undefined || this.#table.has(name);
  }
}
