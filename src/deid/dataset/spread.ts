/**
 * How numbers are spread, for percentiles, in bounded memory: each number and how often it came, exactly, as long as there are few different ones; then by their first binary digits.
 * Cutting digits off is the same in one step or in several, and how many are left depends only on the numbers: so order does not matter, and two halves put together are the whole.
 * @module
 */

/** Binary digits behind the first that are kept, from step to step: exact; to 0.025 %, 0.1 %, 0.4 %, 1.6 %, 6.3 % of the number. */
const steps = [52, 12, 10, 8, 6, 4] as const;
/** Different numbers that are kept apart. */
const most = 1024;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
/** Index of the word with sign, exponent and the first 20 digits. */
const high = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

function cut(value: number, digits: number): number {
  if (digits === 52) return value;
  float[0] = value;
  words[1 - high] = 0;
  words[high] = (words[high]! & ~((1 << (20 - digits)) - 1)) >>> 0;
  return float[0];
}

export interface SpreadJson {
  readonly step: number;
  readonly counts: readonly (readonly [number, number])[];
}

export class Spread {
  #step = 0;
  #counts = new Map<number, number>();
  #total = 0;

  constructor(json?: SpreadJson) {
    if (json === undefined) return;
    this.#step = json.step;
    for (const [value, count] of json.counts) this.#put(value, count);
  }

  get total(): number {
    return this.#total;
  }

  /** Largest difference between a percentile that it gives and the true one, relative to the latter; 0: exact. */
  get error(): number {
    return this.#step === 0 ? 0 : 2 ** -steps[this.#step]!;
  }

  add(value: number): void {
    this.#put(value, 1);
  }

  merge(other: Spread): void {
    while (this.#step < other.#step) this.#coarsen();
    for (const [value, count] of other.#counts) this.#put(value, count);
  }

  /** The n-th number from below, counted from 1. */
  fromBelow(n: number): number {
    return this.#nth(n, (a, b) => a - b);
  }

  fromAbove(n: number): number {
    return this.#nth(n, (a, b) => b - a);
  }

  toJSON(): SpreadJson {
    return { step: this.#step, counts: [...this.#counts].sort((a, b) => a[0] - b[0]) };
  }

  #put(value: number, count: number): void {
    const at = cut(value, steps[this.#step]!);
    this.#counts.set(at, (this.#counts.get(at) ?? 0) + count);
    this.#total += count;
    while (this.#counts.size > most && this.#step < steps.length - 1) this.#coarsen();
  }

  #coarsen(): void {
    this.#step++;
    const coarse = new Map<number, number>();
    for (const [value, count] of this.#counts) {
      const at = cut(value, steps[this.#step]!);
      coarse.set(at, (coarse.get(at) ?? 0) + count);
    }
    this.#counts = coarse;
  }

  #nth(n: number, order: (a: number, b: number) => number): number {
    let left = n;
    let last = Number.NaN;
    for (const value of [...this.#counts.keys()].sort(order)) {
      last = value;
      left -= this.#counts.get(value)!;
      if (left <= 0) break;
    }
    return last;
  }
}
