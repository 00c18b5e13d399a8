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
import { intersect, place } from './postings.ts';

/** Distinct values of one component, and for each row which of them it has. */
class Part {
  readonly row: Column<Uint32Array> = integers();
  /** From 1 on; a hole is a value that nobody has any more. */
  readonly #values: (SimpleValue | undefined)[] = [undefined];
  readonly #uses: number[] = [0];
  readonly #numbers = new Map<string, number>();

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

  /** For each distinct value whether it passes: judged once, not once a row. */
  passing = (test: Component): Uint8Array =>
    Uint8Array.from(this.#values, value => (value !== undefined && matchesComponent(value, test) ? 1 : 0));
}

/** What so many tests have judged is kept while a list is walked; of more it would fill the memory. */
const fewTests = 16;

export class CompositeIndex extends Base {
  readonly #seqs = integers();
  readonly #parts: Part[] = [];
  /** By the tests of a query, which lives no longer than its answer. */
  readonly #judged = new WeakMap<readonly Component[], { readonly rows: number; readonly passing: readonly Uint8Array[] }>();

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
      const passing = values.length <= fewTests ? this.#kept(tests) : this.#passing(tests);
      const parts = this.#parts.map(part => part.row.cells);
      for (let at = 0; at < rows; at++) {
        if (met[at] === 1) continue;
        const row = few ? few[at]! : at;
        if (passing.every((passes, i) => passes[parts[i]![row]!] === 1)) met[at] = 1;
      }
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
    for (const seq of seqs) for (row = place(cells, seq, row, length); row < length && cells[row] === seq; row++) rows.push(row);
    return rows;
  }

  #passing = (tests: readonly Component[]): readonly Uint8Array[] =>
    tests.map((test, i) => this.#parts[i]?.passing(test) ?? new Uint8Array());

  /** A list that is walked piece by piece asks for the same again. */
  #kept(tests: readonly Component[]): readonly Uint8Array[] {
    let judged = this.#judged.get(tests);
    if (judged?.rows !== this.#seqs.length) {
      judged = { rows: this.#seqs.length, passing: this.#passing(tests) };
      this.#judged.set(tests, judged);
    }
    return judged.passing;
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
