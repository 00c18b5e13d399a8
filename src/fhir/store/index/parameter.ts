/**
 * What the index of one search parameter of one resource type is asked: values → numbers of the versions that have them.
 * R4: https://hl7.org/fhir/R4/search.html#ptypes
 * @module
 */
import type { Predicate } from '../../search/query.ts';
import type { Value } from '../../search/values.ts';
import type { Deadline } from './deadline.ts';
import { among, strike } from './postings.ts';

/** A sort key: text or number; null where there is no value. */
export type SortKey = string | number | null;

/** With more alternatives than these it is not looked up how many each has. */
export const fewValues = 256;

/** A version that is taken out, with the values it was put in with. */
export type Gone = readonly [seq: number, values: readonly Value[]];

export interface ParameterIndex {
  /** Versions that have any value, ascending. */
  readonly present: readonly number[];
  /** Entries of its largest Map. */
  readonly entries: number;
  add(seq: number, values: readonly Value[]): void;
  /** Takes versions out, ascending, and every value that no other version has. */
  remove(gone: readonly Gone[]): void;
  /** The same where it is not known with which values: all there are are looked through. */
  strike(seqs: readonly number[]): void;
  /** Versions that satisfy the predicate, ascending; among `candidates` when given. */
  find(predicate: Predicate, candidates?: readonly number[], deadline?: Deadline): readonly number[];
  /** What `find` gives after a number, piece by piece: no more is looked at than is taken. Absent, or undefined: it would be no less work. */
  pieces?(predicate: Predicate, after: number): Iterable<readonly number[]> | undefined;
  /** Roughly how many `find` would give, without doing it. */
  estimate(predicate: Predicate): number;
  /** Lowest (or, descending, highest) value of each of the versions, which ascend. */
  keys(candidates: readonly number[], descending: boolean): SortKey[];
  /**
   * Versions that have a value, by their keys and then by number, where they stand in this order already; absent: they do not.
   * @param after only what comes after such a version
   * @param met predicates of this parameter: what cannot meet all of them may be left out
   */
  inOrder?(descending: boolean, after: After | undefined, met: readonly Predicate[]): Iterable<number>;
}

/** A place in an order: a key that is not null, and a number. */
export interface After {
  readonly key: string | number;
  readonly seq: number;
}

export const better = (key: SortKey, than: SortKey | undefined, descending: boolean): boolean =>
  than === undefined || than === null || (key !== null && (descending ? key > than : key < than));

export abstract class Base implements ParameterIndex {
  readonly present: number[] = [];

  get entries(): number {
    return 0;
  }

  add(seq: number, values: readonly Value[]): void {
    this.present.push(seq);
    for (const value of values) this.put(seq, value);
  }

  remove(gone: readonly Gone[]): void {
    strike(
      this.present,
      gone.map(([seq]) => seq),
    );
    this.take(gone);
  }

  strike(seqs: readonly number[]): void {
    const here = among(this.present, seqs);
    if (here.length > 0) this.remove(this.valued(here));
  }

  /** Versions with their values, where `take` must know them. */
  protected valued(seqs: readonly number[]): Gone[] {
    return seqs.map(seq => [seq, []]);
  }

  protected abstract take(gone: readonly Gone[]): void;
  protected abstract put(seq: number, value: Value): void;
  abstract find(predicate: Predicate, candidates?: readonly number[], deadline?: Deadline): readonly number[];
  abstract estimate(predicate: Predicate): number;
  abstract keys(candidates: readonly number[], descending: boolean): SortKey[];
}
