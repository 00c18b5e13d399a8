/**
 * Rows of a column of ranges in the order of their lower ends, so that few rows are looked at where few can match.
 * Kept as sorted runs that double in length: a new row costs some comparisons, and none is ever moved far.
 * @module
 */
import type { Ranged } from '../../search/query.ts';
import type { Column } from './column.ts';

/** Rows that come together before they are sorted; so many at most are looked at one by one. */
const tail = 1024;

/** Where the lower end of a matching range can lie; undefined: anywhere. */
interface Window {
  readonly from: number;
  readonly to: number;
}

export class Ordered {
  readonly #lows: Column<Float64Array>;
  readonly #highs: Column<Float64Array>;
  readonly #widest: number;
  #runs: Uint32Array[] = [];
  /** Wider than `widest`: their lower end says little, so they are always looked at. */
  #wide: number[] = [];
  /** Rows before this one stand in a run or among the wide ones. */
  #sorted = 0;

  /** @param widest a range that is wider is kept apart: few should be */
  constructor(lows: Column<Float64Array>, highs: Column<Float64Array>, widest: number) {
    this.#lows = lows;
    this.#highs = highs;
    this.#widest = widest;
  }

  /** Called when a row has been added to the columns. */
  grown(): void {
    const { length } = this.#lows;
    if (length - this.#sorted < tail) return;
    const lows = this.#lows.cells;
    const highs = this.#highs.cells;
    const rows: number[] = [];
    for (let row = this.#sorted; row < length; row++) {
      if (highs[row]! - lows[row]! <= this.#widest) rows.push(row);
      // An empty row has no width.
      else if (!Number.isNaN(lows[row]!)) this.#wide.push(row);
    }
    this.#sorted = length;
    let run = Uint32Array.from(rows).sort((a, b) => lows[a]! - lows[b]! || a - b);
    for (let before = this.#runs.at(-1); before !== undefined && before.length <= run.length * 2; before = this.#runs.at(-1)) {
      run = merged(before, run, lows);
      this.#runs.pop();
    }
    this.#runs.push(run);
  }

  /** Takes rows out, before their cells are emptied. */
  drop(rows: ReadonlySet<number>): void {
    this.#runs = this.#runs.map(run => run.filter(row => !rows.has(row)));
    this.#wide = this.#wide.filter(row => !rows.has(row));
  }

  /** How many rows `candidates` would give; Infinity: it would give all. */
  count(tests: readonly Ranged[]): number {
    let n = this.#wide.length + this.#lows.length - this.#sorted;
    for (const test of tests) {
      const window = this.#window(test);
      if (!window) return Number.POSITIVE_INFINITY;
      for (const run of this.#runs) n += Math.max(0, this.#place(run, window.to, true) - this.#place(run, window.from, false));
    }
    return n;
  }

  /** Every row that can satisfy one of the tests, in no order, some perhaps twice; none of these tests may be without a window. */
  candidates(tests: readonly Ranged[]): number[] {
    const rows = [...this.#wide];
    for (let row = this.#sorted; row < this.#lows.length; row++) rows.push(row);
    for (const test of tests) {
      const { from, to } = this.#window(test)!;
      for (const run of this.#runs) {
        const end = this.#place(run, to, true);
        for (let i = this.#place(run, from, false); i < end; i++) rows.push(run[i]!);
      }
    }
    return rows;
  }

  /** The lower end of a range that is no wider than `widest` and meets the test. */
  #window({ prefix, low, high, value }: Ranged): Window | undefined {
    const from = Math.min(low, value) - this.#widest;
    const to = Math.max(high, value);
    switch (prefix) {
      case 'eq':
        return { from, to };
      case 'gt':
      case 'ge':
      case 'sa':
        return { from, to: Number.POSITIVE_INFINITY };
      case 'lt':
      case 'le':
      case 'eb':
        return { from: Number.NEGATIVE_INFINITY, to };
      default:
        return undefined;
    }
  }

  /** First place in a run whose lower end is not below `low`; with `after`, not at it either. */
  #place(run: Uint32Array, low: number, after: boolean): number {
    const lows = this.#lows.cells;
    let from = 0;
    let to = run.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const at = lows[run[middle]!]!;
      if (after ? at <= low : at < low) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function merged(a: Uint32Array, b: Uint32Array, lows: Float64Array): Uint32Array<ArrayBuffer> {
  const both = new Uint32Array(a.length + b.length);
  let i = 0;
  let j = 0;
  for (let at = 0; at < both.length; at++) both[at] = j >= b.length || (i < a.length && lows[a[i]!]! <= lows[b[j]!]!) ? a[i++]! : b[j++]!;
  return both;
}
