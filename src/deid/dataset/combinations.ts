/**
 * Which looks go together in one person, counted for the report: a pair that few have can name somebody whose single codes many have. Counted in bounded memory: where there are too many pairs, only those
 * are of whose hashes the sum ends in so many zeros, each of these exactly. Which they are depends on the pairs alone, so order does not matter and two halves put together are the whole.
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

/** So that the last bits depend on all. */
function mixed(hash: number): number {
  let out = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  out = Math.imul(out ^ (out >>> 13), 0xc2b2ae35);
  return out ^ (out >>> 16);
}

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

  /** Each with each other. What is not counted is not gone through: of somebody with thousands of codes the pairs are millions. */
  addAll(looks: readonly number[], hash: HashOf): void {
    let level = -1;
    let ends = new Map<number, number[]>();
    for (const [at, b] of looks.entries()) {
      if (level !== this.#level) {
        level = this.#level;
        ends = Map.groupBy(looks.slice(0, at), a => this.#end(mixed(hash(a))));
      }
      const own = mixed(hash(b));
      for (const a of ends.get(this.#end(-own)) ?? []) this.#add(a, b, 1, hash);
      const alike = ends.get(this.#end(own));
      if (alike === undefined) ends.set(this.#end(own), [b]);
      else alike.push(b);
    }
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
    return this.#level === 0 || this.#end(mixed(hash(a)) + mixed(hash(b))) === 0;
  }

  #end(sum: number): number {
    return sum & ((1 << this.#level) - 1);
  }

  #thin(hash: HashOf): void {
    this.#level++;
    for (const key of this.#counts.keys()) if (!this.#takes(Math.floor(key / shift), key % shift, hash)) this.#counts.delete(key);
  }
}
