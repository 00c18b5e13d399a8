/**
 * The state that the log makes: all indexes in memory, built from the same records whether they are being written or read back at a start.
 * The files hold these records only encrypted, so no index on disk can be read, and destroying a patient's key takes the index rows along.
 * @module
 */

import type { Json } from '../../model/r4.ts';
import { searchParameters } from '../../search/parameters.ts';
import type { Values } from '../../search/values.ts';
import type { BookEntry, ListEntry, Receipt } from '../store.ts';
import { integers } from './column.ts';
import { Ledger, type Place } from './ledger.ts';
import { Lists } from './lists.ts';
import type { ParameterIndex } from './parameter.ts';
import { parameterIndex } from './parameters.ts';
import { type Mentions, Persons } from './persons.ts';
import { add, type Postings } from './postings.ts';
import { ReferenceIndex } from './references.ts';

/** What the index must know of one version; with its place it is all that a start needs. */
export interface IndexRecord {
  readonly seq: number;
  readonly type: string;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly sender: string;
  readonly values: Values;
  readonly mentions: Mentions;
}

/** What a commit leaves behind besides its versions. */
export interface CommitRecord {
  readonly lists: readonly ListEntry[];
  readonly entries?: readonly BookEntry[];
  readonly receipt?: Receipt & { readonly versions: readonly number[] };
}

/** All versions of one resource type that are no deletions, and the indexes of its parameters. */
export class TypeIndex {
  readonly all: number[] = [];
  readonly #parameters = new Map<string, ParameterIndex>();

  constructor(type: string, ledger: Ledger) {
    for (const [code, parameter] of searchParameters(type)) {
      const made = parameterIndex(parameter.type, ledger);
      if (!made) continue;
      this.#parameters.set(code, made);
      if (parameter.type === 'reference') this.#parameters.set(`${code}:identifier`, parameterIndex('token', ledger)!);
    }
  }

  /** Undefined: R4 has no such parameter for this type, or it cannot be indexed. */
  parameter(code: string): ParameterIndex | undefined {
    return this.#parameters.get(code);
  }

  reference(code: string): ReferenceIndex | undefined {
    const found = this.#parameters.get(code);
    return found instanceof ReferenceIndex ? found : undefined;
  }

  /** Codes of all reference parameters. */
  *references(): Iterable<[string, ReferenceIndex]> {
    for (const [code, index] of this.#parameters) if (index instanceof ReferenceIndex) yield [code, index];
  }
}

export class State {
  readonly ledger = new Ledger();
  readonly persons = new Persons();
  readonly lists = new Lists(this.persons);
  readonly #types = new Map<string, TypeIndex>();
  readonly #books = new Map<string, Json[]>();
  readonly #receipts = new Map<string, NonNullable<CommitRecord['receipt']>>();
  /** Version → number of the name it mentions, and one more; 0: nobody, or several. */
  readonly #about = integers();
  /** Versions that mention several names. */
  readonly #aboutMany = new Map<number, readonly number[]>();
  /** Number of a name → versions that mention it. */
  readonly #mentioning = new Map<number, Postings>();

  /** Applies one version. Numbers must come in ascending order. */
  apply(record: IndexRecord, place: Place): void {
    const { seq, type, mentions } = record;
    this.ledger.add(this.ledger.number(`${type}/${record.id}`), seq, record.time, record.sender, place);
    if (mentions.same.length > 0) this.persons.join(mentions.same);
    if (mentions.about.length > 0) {
      const numbers = mentions.about.map(name => this.persons.number(name));
      if (numbers.length === 1) this.#about.set(seq, numbers[0]! + 1);
      else this.#aboutMany.set(seq, numbers);
      for (const number of numbers) add(this.#mentioning, number, seq);
    }
    if (place.length === 0) return;
    const index = this.type(type);
    index.all.push(seq);
    for (const code in record.values) index.parameter(code)?.add(seq, record.values[code]!);
  }

  note(commit: CommitRecord): void {
    for (const line of commit.lists) this.lists.put(line);
    for (const { book, entry } of commit.entries ?? []) {
      const entries = this.#books.get(book);
      if (entries) entries.push(entry);
      else this.#books.set(book, [entry]);
    }
    if (commit.receipt) this.#receipts.set(commit.receipt.key, commit.receipt);
  }

  type(name: string): TypeIndex {
    let index = this.#types.get(name);
    if (!index) {
      index = new TypeIndex(name, this.ledger);
      this.#types.set(name, index);
    }
    return index;
  }

  book(name: string): readonly Json[] {
    return this.#books.get(name) ?? [];
  }

  receipt(key: string): CommitRecord['receipt'] {
    return this.#receipts.get(key);
  }

  /** Persons (roots) whom a version is about. */
  about(seq: number): readonly number[] {
    const one = this.#about.at(seq);
    if (one > 0) return [this.persons.person(one - 1)];
    return (this.#aboutMany.get(seq) ?? []).map(number => this.persons.person(number));
  }

  /** Versions that mention a name. */
  mentioning(name: number): Postings | undefined {
    return this.#mentioning.get(name);
  }
}
