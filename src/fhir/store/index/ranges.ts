/**
 * Dates, numbers and quantities: columns of ranges, a row per value, in order of the version.
 * Where few rows can match they are found by their order (ordered.ts); else the column is walked, a million rows in some ten milliseconds.
 * R4: https://hl7.org/fhir/R4/search.html#date, https://hl7.org/fhir/R4/search.html#number, https://hl7.org/fhir/R4/search.html#quantity
 * @module
 */
import { anyRange, dateTest, matchesQuantity, numberTest, type RangeTest } from '../../search/compare.ts';
import type { Predicate, Ranged } from '../../search/query.ts';
import type { DateValue, QuantityValue, Value } from '../../search/values.ts';
import { floats, integers } from './column.ts';
import { type Deadline, stride } from './deadline.ts';
import { Ordered } from './ordered.ts';
import { type After, Base, type Gone, type SortKey } from './parameter.ts';
import { ascending, intersect, leap, place } from './postings.ts';

/** Dates, numbers, quantities: a row per value, in order of the version. */
export abstract class RangeIndex extends Base {
  readonly seqs = integers();
  readonly lows = floats();
  readonly highs = floats();
  readonly #ordered: Ordered;
  /** Whether no version ever had two values: then its one value is what it is sorted by. */
  #isSingle = true;

  /** @param widths of the ranges that are usual here, ascending, in the unit of the values */
  constructor(widths: readonly number[]) {
    super();
    this.#ordered = new Ordered(this.lows, this.highs, widths);
  }

  protected put(seq: number, value: Value): void {
    const [low, high] = value as DateValue;
    const { length, cells } = this.seqs;
    if (length > 0 && cells[length - 1] === seq) this.#isSingle = false;
    this.seqs.push(seq);
    this.lows.push(low);
    this.highs.push(high);
    this.#ordered.grown();
  }

  /** Rows stay, without a value. */
  protected take(gone: readonly Gone[]): void {
    const { cells, length } = this.seqs;
    const rows = new Set<number>();
    for (const [seq] of gone) for (let row = place(cells, seq, 0, length); row < length && cells[row] === seq; row++) rows.add(row);
    this.#ordered.drop(rows);
    for (const row of rows) this.clear(row);
  }

  protected clear(row: number): void {
    this.lows.cells[row] = Number.NaN;
    this.highs.cells[row] = Number.NaN;
  }

  /** Whether a row satisfies the predicate. */
  protected abstract test(predicate: Predicate): (row: number) => boolean;

  find(predicate: Predicate, candidates?: readonly number[], deadline?: Deadline): readonly number[] {
    const holds = this.test(predicate);
    const { cells } = this.seqs;
    const { length } = this.seqs;
    const found: number[] = [];
    const { values } = predicate as { values: readonly Ranged[] };
    const few = this.#ordered.count(values);
    if (few * 4 < Math.min(length, (candidates?.length ?? length) * 16)) {
      // Rows in their order are versions in theirs.
      for (const row of ascending(this.#ordered.candidates(values))) if (found.at(-1) !== cells[row] && holds(row)) found.push(cells[row]!);
      return candidates ? intersect(candidates, found) : found;
    }
    if (candidates && candidates.length * 16 < length) {
      let row = 0;
      for (const seq of candidates) {
        row = leap(cells, seq, row, length);
        for (let at = row; at < length && cells[at] === seq; at++) {
          if (holds(at)) {
            found.push(seq);
            break;
          }
        }
      }
      return found;
    }
    let last = 0;
    for (let row = 0; row < length; row++) {
      if (row % stride === 0) deadline?.check();
      if (cells[row] !== last && holds(row)) {
        last = cells[row]!;
        found.push(last);
      }
    }
    return candidates ? intersect(candidates, found) : found;
  }

  pieces(predicate: Predicate, after: number): Iterable<readonly number[]> | undefined {
    const { values } = predicate as { values: readonly Ranged[] };
    return this.#ordered.count(values) * 4 < this.seqs.length ? this.#among(predicate, after) : undefined;
  }

  *#among(predicate: Predicate, after: number): Iterable<readonly number[]> {
    const holds = this.test(predicate);
    const { cells, length } = this.seqs;
    const rows = ascending(this.#ordered.candidates((predicate as { values: readonly Ranged[] }).values));
    let piece: number[] = [];
    for (let i = place(rows, place(cells, after + 1, 0, length)); i < rows.length; i++) {
      const seq = cells[rows[i]!]!;
      if (piece.at(-1) === seq || !holds(rows[i]!)) continue;
      if (piece.length === 64) {
        yield piece;
        piece = [];
      }
      piece.push(seq);
    }
    yield piece;
  }

  estimate(predicate: Predicate): number {
    return Math.min(this.present.length, this.#ordered.count((predicate as { values: readonly Ranged[] }).values));
  }

  /** As `keys` has it; those that cannot meet the predicate (of this parameter) are left out where that is known. */
  *inOrder(isDescending: boolean, after: After | undefined, met: readonly Predicate[]): Iterable<number> {
    const { cells, length } = this.seqs;
    const row = after && { low: after.key as number, row: place(cells, after.seq + 1, 0, length) - 1 };
    // The row of another value may be the one that meets a predicate.
    const tests = this.#isSingle ? met.flatMap(one => oneOf((one as { values: readonly Ranged[] }).values)) : [];
    let last = 0;
    for (const at of this.#ordered.walk(isDescending, row, tests)) {
      const seq = cells[at]!;
      if (seq === last || (!this.#isSingle && this.keys([seq], isDescending)[0] !== this.lows.cells[at])) continue;
      last = seq;
      yield seq;
    }
  }

  keys(candidates: readonly number[], descending: boolean): SortKey[] {
    const { cells } = this.seqs;
    const { length } = this.seqs;
    const few = candidates.length * 16 < length;
    let row = 0;
    return candidates.map(seq => {
      if (few) row = leap(cells, seq, row, length);
      else while (row < length && cells[row]! < seq) row++;
      let key: SortKey = null;
      for (let at = row; at < length && cells[at] === seq; at++) {
        const low = this.lows.cells[at]!;
        if (key === null || (descending ? low > key : low < key)) key = low;
      }
      return key;
    });
  }
}

const oneOf = <T>(list: readonly T[]): readonly T[] => (list.length === 1 ? list : []);

const hour = 3600 * 1000;

/** Most dates are instants, days (of up to 25 hours) or months. */
const spans = [60_000, 25 * hour, 32 * 24 * hour];

export class DateIndex extends RangeIndex {
  constructor() {
    super(spans);
  }

  protected test(predicate: Predicate): (row: number) => boolean {
    return ranged(this, anyRange((predicate as Extract<Predicate, { kind: 'date' }>).values, dateTest));
  }
}

/** Most numbers are exact; ranges of some are narrow. */
const widths = [0, 1];

export class NumberIndex extends RangeIndex {
  constructor() {
    super(widths);
  }

  protected test(predicate: Predicate): (row: number) => boolean {
    return ranged(this, anyRange((predicate as Extract<Predicate, { kind: 'number' }>).values, numberTest));
  }
}

const ranged = (index: RangeIndex, test: RangeTest): ((row: number) => boolean) => {
  const lows = index.lows.cells;
  const highs = index.highs.cells;
  return row => test(lows[row]!, highs[row]!);
};

export class QuantityIndex extends RangeIndex {
  readonly #unit = integers();
  readonly #units: QuantityValue[] = [];
  readonly #uses: number[] = [];
  readonly #numbers = new Map<string, number>();

  constructor() {
    super(widths);
  }

  override get entries(): number {
    return this.#numbers.size;
  }

  protected override put(seq: number, value: Value): void {
    super.put(seq, value);
    const [, , system, code, unit] = value as QuantityValue;
    const name = JSON.stringify([system, code, unit]);
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#units.push([0, 0, system, code, unit]) - 1;
      this.#uses.push(0);
      this.#numbers.set(name, number);
    }
    this.#uses[number]!++;
    this.#unit.push(number);
  }

  /** A unit may be any text: it goes with its last row. */
  protected override clear(row: number): void {
    if (Number.isNaN(this.lows.cells[row])) return;
    super.clear(row);
    const number = this.#unit.cells[row]!;
    if (--this.#uses[number]! > 0) return;
    const [, , system, code, unit] = this.#units[number]!;
    this.#numbers.delete(JSON.stringify([system, code, unit]));
    this.#units[number] = [0, 0, null, null, null];
  }

  protected test(predicate: Predicate): (row: number) => boolean {
    const { values } = predicate as Extract<Predicate, { kind: 'quantity' }>;
    const lows = this.lows.cells;
    const highs = this.highs.cells;
    const units = this.#unit.cells;
    // A unit is judged once, not once a row: what is left to do by row is the range.
    const alike = this.#units.map(unit => {
      const some = values.filter(test =>
        matchesQuantity([test.low, test.value, unit[2], unit[3], unit[4]], { ...test, prefix: 'ap', low: -Infinity, high: Infinity }),
      );
      return some.length === 0 ? undefined : anyRange(some, numberTest);
    });
    return row => alike[units[row]!]?.(lows[row]!, highs[row]!) ?? false;
  }
}
