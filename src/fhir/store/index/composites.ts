/**
 * Composites: the parts that stand in one and the same element, together. A row for each combination of parts; equal parts are kept once.
 * R4: https://hl7.org/fhir/R4/search.html#composite
 * @module
 */
import { matchesComponent } from '../../search/compare.ts';
import type { Component, Predicate } from '../../search/query.ts';
import type { CompositeValue, SimpleValue, Value } from '../../search/values.ts';
import { type Column, integers } from './column.ts';
import type { Deadline } from './deadline.ts';
import { Base, type Gone, type SortKey } from './parameter.ts';
import { intersect, leap, place } from './postings.ts';

/** Distinct values of one component, and for each row which of them it has. */
class Part {
  readonly row: Column<Uint32Array> = integers();
  /** From 1 on; a hole is a value that nobody has any more. */
  readonly #values: (SimpleValue | undefined)[] = [undefined];
  readonly #uses: number[] = [0];
  readonly #numbers = new Map<string, number>();

  get size(): number {
    return this.#numbers.size;
  }

  push(value: SimpleValue): void {
    const name = JSON.stringify(value);
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#values.push(value) - 1;
      this.#uses.push(0);
      this.#numbers.set(name, number);
    }
    this.#uses[number]!++;
    this.row.push(number);
  }

  /** Empties a row, and forgets its value with its last use. */
  clear(row: number): void {
    const number = this.row.cells[row]!;
    if (number === 0) return;
    this.row.cells[row] = 0;
    if (--this.#uses[number]! > 0) return;
    this.#numbers.delete(JSON.stringify(this.#values[number]));
    this.#values[number] = undefined;
  }

  /** Whether the value of a row passes: each distinct one is judged once, when it is first met. */
  passing(test: Component): (row: number) => boolean {
    const { cells } = this.row;
    const judged = new Uint8Array(this.#values.length);
    return row => {
      const number = cells[row]!;
      if (judged[number] === 0) {
        const value = this.#values[number];
        judged[number] = value !== undefined && matchesComponent(value, test) ? passes : fails;
      }
      return judged[number] === passes;
    };
  }
}

const passes = 1;
const fails = 2;

/** What so many tests have judged is kept while a list is walked; of more it would fill the memory. */
const fewTests = 16;

export class CompositeIndex extends Base {
  readonly #seqs = integers();
  readonly #parts: Part[] = [];
  /** By the tests of a query, which lives no longer than its answer. */
  readonly #judged = new WeakMap<readonly Component[], { readonly rows: number; readonly holds: (row: number) => boolean }>();

  protected put(seq: number, value: Value): void {
    for (const combination of combinations(value as CompositeValue)) {
      this.#seqs.push(seq);
      combination.forEach((part, i) => {
        (this.#parts[i] ??= new Part()).push(part);
      });
    }
  }

  /** Rows stay, empty: nothing finds them. */
  protected take(gone: readonly Gone[]): void {
    const { cells } = this.#seqs;
    for (const [seq] of gone)
      for (let row = place(cells, seq, 0, this.#seqs.length); row < this.#seqs.length && cells[row] === seq; row++)
        for (const part of this.#parts) part.clear(row);
  }

  find(predicate: Predicate, candidates?: readonly number[], deadline?: Deadline): readonly number[] {
    const { values } = predicate as Extract<Predicate, { kind: 'composite' }>;
    const { cells, length } = this.#seqs;
    const few = candidates && candidates.length * 16 < length ? this.#rowsOf(candidates) : undefined;
    const rows = few?.length ?? length;
    /** By row that is looked at: 1 where one of the values was found. */
    const met = new Uint8Array(rows);
    for (const tests of values) {
      deadline?.check();
      const holds = values.length <= fewTests ? this.#kept(tests) : this.#holds(tests);
      for (let at = 0; at < rows; at++) if (met[at] === 0 && holds(few ? few[at]! : at)) met[at] = 1;
    }
    const found: number[] = [];
    for (let at = 0; at < rows; at++) {
      const seq = cells[few ? few[at]! : at]!;
      if (met[at] === 1 && found.at(-1) !== seq) found.push(seq);
    }
    return candidates ? intersect(candidates, found) : found;
  }

  #rowsOf(seqs: readonly number[]): number[] {
    const { cells, length } = this.#seqs;
    const rows: number[] = [];
    let row = 0;
    for (const seq of seqs) for (row = leap(cells, seq, row, length); row < length && cells[row] === seq; row++) rows.push(row);
    return rows;
  }

  #holds(tests: readonly Component[]): (row: number) => boolean {
    const passing = tests.map((test, i) => this.#parts[i]?.passing(test) ?? (() => false));
    const [first, second] = passing;
    if (passing.length === 2) return row => first!(row) && second!(row);
    return row => passing.every(one => one(row));
  }

  /** A list that is walked piece by piece asks for the same again. */
  #kept(tests: readonly Component[]): (row: number) => boolean {
    let judged = this.#judged.get(tests);
    if (judged?.rows !== this.#seqs.length) {
      judged = { rows: this.#seqs.length, holds: this.#holds(tests) };
      this.#judged.set(tests, judged);
    }
    return judged.holds;
  }

  override get entries(): number {
    return this.#parts.reduce((most, { size }) => Math.max(most, size), 0);
  }

  estimate(): number {
    return this.present.length;
  }

  keys(candidates: readonly number[]): SortKey[] {
    return candidates.map(() => null);
  }
}

/** Any value of one part goes with any of the others: they stand in the same element. A part without a value makes none. */
const combinations = (parts: CompositeValue): SimpleValue[][] =>
  parts.reduce<SimpleValue[][]>((all, values) => all.flatMap(begun => values.map(value => [...begun, value])), [[]]);
