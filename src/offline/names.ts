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

/** Names on their way there: how large the table must be is known when all are. */
export class NamesMet {
  #lists: Fingerprints[] | undefined = [];
  #count = 0;

  add(fingerprints: Fingerprints): void {
    this.#count += fingerprints.length / 2;
    if (this.#count > mostNames) this.#lists = undefined;
    this.#lists?.push(fingerprints);
  }

  /** All of them; afterwards there are none here. */
  share(): Shared {
    if (this.#lists === undefined) return 'too-many';
    const table = new Table(2, this.#count);
    for (let list = this.#lists.pop(); list !== undefined; list = this.#lists.pop())
      for (let i = 0; i < list.length; i += 2) table.put(list[i]!, list[i + 1]!);
    this.#count = 0;
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
