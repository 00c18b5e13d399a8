/**
 * Which looks go together in one person, counted for the report: a pair that few have can name somebody whose single codes many have. Counted in bounded memory: where there are too many pairs, only those
 * are whose hash ends in so many zeros, each of these exactly. Which they are depends on the pairs alone, so order does not matter and two halves put together are the whole.
 * @module
 */

const shift = 2 ** 26;
/** Zeros that a hash of 32 bits may be asked for. */
const deepest = 30;

export interface CombinationsJson {
  /** One of 2^level pairs is counted. */
  readonly level: number;
  readonly pairs: readonly (readonly [number, number, number])[];
}

type HashOf = (look: number) => number;

export class Combinations {
  readonly #most: number;
  #level = 0;
  #counts = new Map<number, number>();

  constructor(most: number) {
    this.#most = most;
  }

  get level(): number {
    return this.#level;
  }

  add(a: number, b: number, hash: HashOf): void {
    this.#add(a, b, 1, hash);
  }

  merge(other: CombinationsJson, numberOf: (look: number) => number, hash: HashOf): void {
    while (this.#level < other.level) this.#thin(hash);
    for (const [a, b, persons] of other.pairs) this.#add(numberOf(a), numberOf(b), persons, hash);
  }

  /** Two looks and how many persons have both. */
  *[Symbol.iterator](): Generator<readonly [number, number, number]> {
    for (const [key, persons] of this.#counts) yield [Math.floor(key / shift), key % shift, persons];
  }

  toJSON(): CombinationsJson {
    return { level: this.#level, pairs: [...this] };
  }

  #add(a: number, b: number, persons: number, hash: HashOf): void {
    if (!this.#takes(a, b, hash)) return;
    const key = a < b ? a * shift + b : b * shift + a;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + persons);
    while (this.#counts.size > this.#most && this.#level < deepest) this.#thin(hash);
  }

  #takes(a: number, b: number, hash: HashOf): boolean {
    if (this.#level === 0) return true;
    // The same for (b, a); mixed, so that the last bits depend on all.
    let mixed = Math.imul(hash(a) ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(hash(b) ^ 0x9e3779b9, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
    mixed ^= mixed >>> 13;
    return (mixed & ((1 << this.#level) - 1)) === 0;
  }

  #thin(hash: HashOf): void {
    this.#level++;
    for (const key of this.#counts.keys()) if (!this.#takes(Math.floor(key / shift), key % shift, hash)) this.#counts.delete(key);
  }
}
