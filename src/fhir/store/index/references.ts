/**
 * References in both directions: who refers to a resource, and what a version refers to. Chains, _has and includes walk here.
 * R4: https://hl7.org/fhir/R4/search.html#reference
 * @module
 */
import { isOfVersion } from '../../search/compare.ts';
import type { Predicate } from '../../search/query.ts';
import type { Value } from '../../search/values.ts';
import { integers } from './column.ts';
import type { Ledger } from './ledger.ts';
import { Base, better, fewValues, type Gone, type SortKey } from './parameter.ts';
import { add, gather, listOf, type Postings, place, rest, union } from './postings.ts';

/** References: the number of the target resource → versions that refer to it, and back. */
export class ReferenceIndex extends Base {
  readonly #ledger: Ledger;
  readonly #lists = new Map<number, Postings>();
  readonly #seqs = integers();
  readonly #targets = integers();

  constructor(ledger: Ledger) {
    super();
    this.#ledger = ledger;
  }

  protected put(seq: number, value: Value): void {
    const target = this.#ledger.number(value as string);
    add(this.#lists, target, seq);
    this.#seqs.push(seq);
    this.#targets.push(target);
  }

  /** Rows stay, and lead nowhere (0 is no resource). */
  protected take(gone: readonly Gone[]): void {
    const lists = new Map<number, number[]>();
    for (const [seq] of gone) {
      for (let row = place(this.#seqs.cells, seq, 0, this.#seqs.length); row < this.#seqs.length && this.#seqs.cells[row] === seq; row++) {
        gather(lists, this.#targets.cells[row]!, seq);
        this.#targets.cells[row] = 0;
      }
    }
    for (const [target, seqs] of lists) {
      const left = rest(this.#lists.get(target), seqs);
      if (left === undefined) this.#lists.delete(target);
      else this.#lists.set(target, left);
    }
  }

  /** How many references lead to a resource that any leads to, on average. */
  get fan(): number {
    return this.#seqs.length / Math.max(1, this.#lists.size);
  }

  /** Whether any version refers to a resource. */
  refers(target: number): boolean {
    return this.#lists.has(target);
  }

  /** Versions that refer to a resource, ascending. */
  to(target: number): readonly number[] {
    return listOf(this.#lists.get(target));
  }

  /** Names that are URLs, with the versions that refer to them: canonicals, and resources elsewhere. */
  *urls(): Iterable<readonly [string, readonly number[]]> {
    for (const [target, postings] of this.#lists) {
      const name = this.#ledger.name(target);
      if (name.includes(':')) yield [name, listOf(postings)];
    }
  }

  /** Versions that refer to any of these resources; they are many: one walk over all references. */
  toAny(targets: ReadonlySet<number>): readonly number[] {
    if (targets.size * 4 < this.#lists.size) return union([...targets].map(target => this.to(target)));
    const found: number[] = [];
    for (let row = 0; row < this.#seqs.length; row++) {
      const seq = this.#seqs.cells[row]!;
      if (found[found.length - 1] !== seq && targets.has(this.#targets.cells[row]!)) found.push(seq);
    }
    return found;
  }

  /** Versions that refer to a version of a canonical (`http://e.org/p|1`), or to one that begins with it. */
  toVersions(canonical: string): readonly number[] {
    const lists: (readonly number[])[] = [];
    for (const [target, postings] of this.#lists) if (isOfVersion(this.#ledger.name(target), canonical)) lists.push(listOf(postings));
    return union(lists);
  }

  /** Resources that a version refers to. */
  from(seq: number): number[] {
    const targets: number[] = [];
    for (let row = place(this.#seqs.cells, seq, 0, this.#seqs.length); row < this.#seqs.length && this.#seqs.cells[row] === seq; row++)
      targets.push(this.#targets.cells[row]!);
    return targets;
  }

  #targetsOf({ values, targets }: Extract<Predicate, { kind: 'reference' }>): number[] {
    const names = values.flatMap(test => (test.reference === undefined ? targets.map(type => `${type}/${test.id}`) : [test.reference]));
    return [...new Set(names.map(name => this.#ledger.find(name)))].filter(number => number > 0);
  }

  find(predicate: Predicate): readonly number[] {
    return union(this.#targetsOf(predicate as Extract<Predicate, { kind: 'reference' }>).map(target => this.to(target)));
  }

  estimate(predicate: Predicate): number {
    const { values, targets } = predicate as Extract<Predicate, { kind: 'reference' }>;
    if (values.length * targets.length > fewValues) return this.present.length;
    return this.#targetsOf(predicate as Extract<Predicate, { kind: 'reference' }>).reduce((n, target) => n + this.to(target).length, 0);
  }

  keys(candidates: readonly number[], descending: boolean): SortKey[] {
    return candidates.map(seq =>
      this.from(seq).reduce<SortKey>(
        (key, target) => (better(this.#ledger.name(target), key, descending) ? this.#ledger.name(target) : key),
        null,
      ),
    );
  }
}
