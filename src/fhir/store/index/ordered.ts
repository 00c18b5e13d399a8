/**
 * Rows of a column of ranges in the order of their lower ends: few rows are looked at where few can match, and a sorted page is read off from where it begins.
 * Apart by how wide the ranges are, so that a day is not looked for among the months before it. Kept as sorted runs that double in length: a new row costs some
 * comparisons, and none is ever moved far.
 * @module
 */
import type { Ranged } from '../../search/query.ts';
import type { Column } from './column.ts';

/** Rows that come together before they are sorted; so many at most are looked at one by one. */
const tail = 1024;

/** Rows whose ranges are no wider than this, and too wide for the band before. */
interface Band {
  readonly widest: number;
  readonly runs: Uint32Array[];
}

/** A part of a run that is still to be walked. */
interface Span {
  readonly run: Uint32Array;
  from: number;
  to: number;
}

/** Where the lower end of a matching range can lie; undefined: anywhere. */
interface Window {
  readonly from: number;
  readonly to: number;
}

export class Ordered {
  readonly #lows: Column<Float64Array>;
  readonly #highs: Column<Float64Array>;
  readonly #bands: readonly Band[];
  /** Rows before this one stand in a run. */
  #sorted = 0;
  /** The others, sorted while nothing changes. */
  #rest: { readonly length: number; readonly rows: Uint32Array } | undefined;

  /** @param widths of the ranges that are usual here, ascending */
  constructor(lows: Column<Float64Array>, highs: Column<Float64Array>, widths: readonly number[]) {
    this.#lows = lows;
    this.#highs = highs;
    this.#bands = [...widths, Number.POSITIVE_INFINITY].map(widest => ({ widest, runs: [] }));
  }

  /** Called when a row has been added to the columns. */
  grown(): void {
    const { length } = this.#lows;
    if (length - this.#sorted < tail) return;
    const lows = this.#lows.cells;
    const highs = this.#highs.cells;
    const rows = this.#bands.map((): number[] => []);
    for (let row = this.#sorted; row < length; row++) {
      // An empty row has no width.
      if (Number.isNaN(lows[row]!)) continue;
      const width = highs[row]! - lows[row]!;
      rows.at(this.#bands.findIndex(({ widest }) => width <= widest))!.push(row);
    }
    this.#sorted = length;
    this.#bands.forEach(({ runs }, i) => {
      if (rows[i]!.length === 0) return;
      let run = sorted(rows[i]!, lows);
      for (let before = runs.at(-1); before !== undefined && before.length <= run.length * 2; before = runs.at(-1)) {
        run = merged(before, run, lows);
        runs.pop();
      }
      runs.push(run);
    });
  }

  /** Takes rows out, before their cells are emptied. */
  drop(rows: ReadonlySet<number>): void {
    for (const { runs } of this.#bands) {
      const left = runs.map(run => run.filter(row => !rows.has(row))).filter(run => run.length > 0);
      runs.splice(0, runs.length, ...left);
    }
    this.#rest = undefined;
  }

  /** How many rows `candidates` would give; Infinity: it would give all. */
  count(tests: readonly Ranged[]): number {
    let n = this.#lows.length - this.#sorted;
    for (const test of tests) {
      if (!windowOf(test, 0)) return Number.POSITIVE_INFINITY;
      for (const { from, to } of this.#spans([test])) n += to - from;
    }
    return n;
  }

  /** Every row that can satisfy one of the tests, in no order, some perhaps twice; none of these tests may be without a window. */
  candidates(tests: readonly Ranged[]): number[] {
    const rows: number[] = [];
    for (let row = this.#sorted; row < this.#lows.length; row++) rows.push(row);
    for (const test of tests) for (const { run, from, to } of this.#spans([test])) for (let i = from; i < to; i++) rows.push(run[i]!);
    return rows;
  }

  /**
   * Rows by their lower end, either way; of equal ones the smaller row is first.
   * @param after only what comes after such a row, which need not be there
   * @param tests only rows that can satisfy all of them, and others
   */
  *walk(isDescending: boolean, after?: { readonly low: number; readonly row: number }, tests: readonly Ranged[] = []): Iterable<number> {
    const lows = this.#lows.cells;
    const rest = this.#tail();
    const spans = [...this.#spans(tests), { run: rest, from: 0, to: rest.length }];
    if (!isDescending) {
      if (after) for (const span of spans) span.from = this.#place(span, after.low, after.row);
      yield* merging(spans, lows);
      return;
    }
    if (after) {
      const equal = spans.map(span => ({ ...span, from: this.#place(span, after.low, after.row), to: this.#place(span, after.low) }));
      yield* merging(equal, lows);
      for (const span of spans) span.to = this.#place(span, after.low, -1);
    }
    for (let left = spans.filter(isLeft); left.length > 0; left = left.every(isLeft) ? left : left.filter(isLeft)) {
      const lowOf = ({ run, to }: Span): number => lows[run[to - 1]!]!;
      let last = left[0]!;
      for (const span of left) if (lowOf(span) > lowOf(last)) last = span;
      const low = lowOf(last);
      const equal: Span[] = [];
      for (const span of left) {
        if (lowOf(span) !== low) continue;
        const { run, from, to } = span;
        // Mostly it is one row.
        span.to = to - 1 > from && lows[run[to - 2]!] === low ? this.#place(span, low, -1) : to - 1;
        equal.push({ run, from: span.to, to });
      }
      yield* merging(equal, lows);
    }
  }

  /** The parts of all runs where rows can satisfy all tests. */
  #spans(tests: readonly Ranged[]): Span[] {
    return this.#bands.flatMap(({ widest, runs }) => {
      const windows = tests.flatMap(test => windowOf(test, widest) ?? []);
      return runs.map(run => {
        const span = { run, from: 0, to: run.length };
        for (const { from, to } of windows) {
          span.from = this.#place(span, from, -1);
          span.to = this.#place(span, to);
        }
        return span;
      });
    });
  }

  /** Rows in no run, sorted. */
  #tail(): Uint32Array {
    const { length, cells } = this.#lows;
    if (this.#rest?.length !== length) {
      const rows: number[] = [];
      for (let row = this.#sorted; row < length; row++) if (!Number.isNaN(cells[row]!)) rows.push(row);
      this.#rest = { length, rows: sorted(rows, cells) };
    }
    return this.#rest.rows;
  }

  /** First place in a part of a run after this lower end and row. */
  #place({ run, from, to }: Span, low: number, row = Number.POSITIVE_INFINITY): number {
    const lows = this.#lows.cells;
    let first = from;
    let last = to;
    while (first < last) {
      const middle = (first + last) >>> 1;
      const at = lows[run[middle]!]!;
      if (at < low || (at === low && run[middle]! <= row)) first = middle + 1;
      else last = middle;
    }
    return first;
  }
}

/** The lower end of a range that is no wider than `widest` and meets the test. */
function windowOf({ prefix, low, high, value }: Ranged, widest: number): Window | undefined {
  const from = Math.min(low, value) - widest;
  const to = Math.max(high, value);
  switch (prefix) {
    case 'eq':
    case 'ap':
    case 'po':
    case 'co':
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

const sorted = (rows: readonly number[], lows: Float64Array): Uint32Array =>
  Uint32Array.from(rows).sort((a, b) => (lows[a]! < lows[b]! ? -1 : lows[a]! > lows[b]! ? 1 : a - b));

function merged(a: Uint32Array, b: Uint32Array, lows: Float64Array): Uint32Array {
  const both = new Uint32Array(a.length + b.length);
  let i = 0;
  let j = 0;
  for (let at = 0; at < both.length; at++) both[at] = j >= b.length || (i < a.length && lows[a[i]!]! <= lows[b[j]!]!) ? a[i++]! : b[j++]!;
  return both;
}

const isLeft = ({ from, to }: Span): boolean => from < to;

/** What is left of some runs, in one order. */
function* merging(spans: readonly Span[], lows: Float64Array): Iterable<number> {
  const left = spans.filter(isLeft);
  while (left.length > 1) {
    let least = left[0]!;
    for (const span of left) {
      const [a, b] = [span.run[span.from]!, least.run[least.from]!];
      if (lows[a]! < lows[b]! || (lows[a] === lows[b] && a < b)) least = span;
    }
    yield least.run[least.from++]!;
    if (least.from === least.to) left.splice(left.indexOf(least), 1);
  }
  for (const { run, from, to } of left) for (let i = from; i < to; i++) yield run[i]!;
}
