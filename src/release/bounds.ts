/**
 * What published sums tell about another sum: the least and the greatest value that it can have, for anyone who knows how the sums hang together.
 * Linear programming over the disjoint parts of which all sums are made, by the simplex method with two phases; in steps, so that whoever asks can let others in between.
 * Method: Chvátal, Linear Programming, ch. 8; attack on suppressed cells: Fischetti and Salazar, Management Science 47 (2001).
 * @module
 */

/** A sum over parts: which of them, and its published value. */
export interface Known {
  readonly parts: readonly number[];
  readonly value: number;
}

/** Work that may still be done, in cells of the tableau made or touched; shared by the questions of one report. */
export interface Budget {
  left: number;
}

export interface Bounds {
  readonly low: number;
  /** Infinity: no published sum limits it. */
  readonly high: number;
}

const tiny = 1e-7;

/** A question that is answered in steps. */
export type Steps<T> = Generator<void, T>;

/**
 * Least and greatest value of the sum over `target`, when every part is 0 or more and all known sums hold.
 * @param parts how many parts there are
 * @returns undefined when the budget was used up
 */
export function* bounds(
  target: readonly number[],
  known: readonly Known[],
  parts: number,
  budget: Budget = { left: 1e9 },
): Steps<Bounds | undefined> {
  if (budget.left <= 0) return undefined;
  const nothing = new Uint8Array(parts);
  for (const one of known) if (one.value === 0) for (const part of one.parts) nothing[part] = 1;
  const rows = known.filter(one => one.value > 0);
  const inTarget = new Uint8Array(parts);
  for (const part of target) inTarget[part] = 1;
  // Parts that stand in the same sums cannot be told apart: one column for all of them.
  const inRows: number[][] = Array.from({ length: parts }, () => []);
  rows.forEach((row, r) => {
    for (const part of row.parts) inRows[part]!.push(r);
  });
  const columns = new Map<string, { rows: readonly number[]; cost: number }>();
  for (let part = 0; part < parts; part++) {
    if (nothing[part] === 1) continue;
    const cost = inTarget[part]!;
    const own = inRows[part]!;
    if (own.length === 0) {
      if (cost === 1)
        return { low: (yield* lowOf(rows, columns, inRows, nothing, inTarget, parts, budget)) ?? 0, high: Number.POSITIVE_INFINITY };
      continue;
    }
    columns.set(`${cost}|${own.join()}`, { rows: own, cost });
  }
  return yield* solve([...columns.values()], rows, budget);
}

/** The lower bound alone, where a part that no sum limits makes the upper one infinite. */
function* lowOf(
  rows: readonly Known[],
  columns: Map<string, { rows: readonly number[]; cost: number }>,
  inRows: readonly (readonly number[])[],
  nothing: Uint8Array,
  inTarget: Uint8Array,
  parts: number,
  budget: Budget,
): Steps<number | undefined> {
  for (let part = 0; part < parts; part++) {
    const own = inRows[part]!;
    if (nothing[part] === 0 && own.length > 0) columns.set(`${inTarget[part]}|${own.join()}`, { rows: own, cost: inTarget[part]! });
  }
  return (yield* solve([...columns.values()], rows, budget))?.low;
}

function* solve(
  columns: readonly { rows: readonly number[]; cost: number }[],
  rows: readonly Known[],
  budget: Budget,
): Steps<Bounds | undefined> {
  budget.left -= columns.length * rows.length;
  if (budget.left <= 0) return undefined;
  const tableau = new Tableau(columns, rows, budget);
  if (!(yield* tableau.feasible())) return undefined;
  const low = yield* tableau.least(columns.map(column => column.cost));
  const high = low === undefined ? undefined : yield* tableau.least(columns.map(column => -column.cost));
  return low === undefined || high === undefined ? undefined : { low, high: -high };
}

/** Rows: equations with their basic variable; columns: variables, then the right-hand side. */
class Tableau {
  readonly #cells: Float64Array[];
  readonly #basis: Int32Array;
  readonly #width: number;
  readonly #budget: Budget;
  #steps = 0;

  constructor(columns: readonly { rows: readonly number[] }[], rows: readonly Known[], budget: Budget) {
    this.#width = columns.length;
    this.#budget = budget;
    this.#cells = rows.map(row => {
      const cells = new Float64Array(this.#width + 1);
      cells[this.#width] = row.value;
      return cells;
    });
    columns.forEach((column, c) => {
      for (const r of column.rows) this.#cells[r]![c] = 1;
    });
    // -1: an artificial variable, of which phase one wants to be rid.
    this.#basis = new Int32Array(rows.length).fill(-1);
  }

  /** Phase one: a vertex without artificial variables. False when the steps were used up. */
  *feasible(): Steps<boolean> {
    for (;;) {
      yield;
      const gain = new Float64Array(this.#width);
      let open = 0;
      for (const [r, cells] of this.#cells.entries()) {
        if (this.#basis[r] !== -1) continue;
        open += cells[this.#width]!;
        for (let c = 0; c < this.#width; c++) gain[c]! += cells[c]!;
      }
      if (open <= tiny) break;
      const enter = pick(gain, this.#steps);
      if (enter < 0) return false;
      if (!this.#step(enter)) return false;
    }
    // Equations that say nothing new keep an artificial variable at 0: any variable may take its place.
    for (const [r, cells] of this.#cells.entries()) {
      if (this.#basis[r] !== -1) continue;
      const c = cells.findIndex((cell, i) => i < this.#width && Math.abs(cell) > 1e-6);
      if (c >= 0) this.#pivot(r, c);
    }
    return this.#budget.left > 0;
  }

  /** Phase two from the vertex at hand: the least value of a sum with these weights. */
  *least(cost: readonly number[]): Steps<number | undefined> {
    for (;;) {
      yield;
      const gain = new Float64Array(this.#width);
      for (let c = 0; c < this.#width; c++) gain[c] = -cost[c]!;
      let value = 0;
      for (const [r, cells] of this.#cells.entries()) {
        const weight = this.#basis[r] === -1 ? 0 : cost[this.#basis[r]!]!;
        if (weight === 0) continue;
        value += weight * cells[this.#width]!;
        for (let c = 0; c < this.#width; c++) gain[c]! += weight * cells[c]!;
      }
      const enter = pick(gain, this.#steps);
      if (enter < 0) return value;
      if (!this.#step(enter)) return this.#budget.left > 0 ? Number.NEGATIVE_INFINITY : undefined;
    }
  }

  /** Brings a variable in; false: it may grow without end, or the steps are used up. */
  #step(enter: number): boolean {
    let leave = -1;
    let best = Number.POSITIVE_INFINITY;
    for (const [r, cells] of this.#cells.entries()) {
      if (cells[enter]! <= tiny) continue;
      const ratio = cells[this.#width]! / cells[enter]!;
      if (ratio < best - tiny || (ratio <= best + tiny && leave >= 0 && this.#basis[r]! < this.#basis[leave]!)) {
        best = Math.min(best, ratio);
        leave = r;
      }
    }
    if (leave < 0 || this.#budget.left <= 0) return false;
    this.#steps++;
    this.#budget.left -= this.#cells.length * this.#width;
    this.#pivot(leave, enter);
    return true;
  }

  #pivot(row: number, column: number): void {
    const pivot = this.#cells[row]!;
    const by = pivot[column]!;
    for (let c = 0; c <= this.#width; c++) pivot[c]! /= by;
    for (const [r, cells] of this.#cells.entries()) {
      const factor = cells[column]!;
      if (r === row || factor === 0) continue;
      for (let c = 0; c <= this.#width; c++) cells[c]! -= factor * pivot[c]!;
      cells[column] = 0;
    }
    this.#basis[row] = column;
  }
}

/** The variable that gains most; when many steps were taken the first that gains (Bland), so that no circle is possible. */
function pick(gain: Float64Array, steps: number): number {
  let best = -1;
  for (let c = 0; c < gain.length; c++) {
    if (gain[c]! <= tiny) continue;
    if (steps > 2500) return c;
    if (best < 0 || gain[c]! > gain[best]!) best = c;
  }
  return best;
}
