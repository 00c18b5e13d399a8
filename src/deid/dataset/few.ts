/**
 * Fewer than k persons, or not: who they are as long as they are fewer, then only that there are enough. So what a survey remembers of persons is bounded by k for each code,
 * and the union of several such sets is exact as far as anybody asks.
 * @module
 */
import { createHash } from 'node:crypto';

/** A number (52 bits) for a person's name, the same in every process. Two of a million persons share one once in 9,000 surveys, and are then counted as one. */
export function token(person: string): number {
  const hash = createHash('sha256').update(person).digest();
  return hash.readUInt32LE(0) * 2 ** 20 + (hash.readUInt32LE(4) >>> 12);
}

/** Sorted tokens while they are fewer than k; then `enough`. */
export type FewJson = readonly number[] | 'enough';

export class Few {
  #tokens: number[] | undefined = [];

  constructor(json?: FewJson) {
    this.#tokens = json === 'enough' ? undefined : [...(json ?? [])];
  }

  /** k persons or more. */
  get enough(): boolean {
    return this.#tokens === undefined;
  }

  /** How many, as long as they are fewer than k. */
  get size(): number {
    return this.#tokens?.length ?? Number.POSITIVE_INFINITY;
  }

  add(person: number, k: number): void {
    const tokens = this.#tokens;
    if (tokens === undefined || tokens.includes(person)) return;
    tokens.push(person);
    if (tokens.length >= k) this.#tokens = undefined;
  }

  /** Everybody of another set too. */
  union(other: Few, k: number): void {
    if (other.#tokens === undefined) this.#tokens = undefined;
    else for (const person of other.#tokens) this.add(person, k);
  }

  /** Enough, whoever they are: for what is bounded by other means. */
  fill(): void {
    this.#tokens = undefined;
  }

  toJSON(): FewJson {
    return this.#tokens === undefined ? 'enough' : [...this.#tokens].sort((a, b) => a - b);
  }
}
