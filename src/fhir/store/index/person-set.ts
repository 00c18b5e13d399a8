/**
 * Sets of persons as bits: counting a criterion, or several together, is a matter of words of 32.
 * @module
 */
import type { PersonSet } from '../store.ts';

const bitsIn = (word: number): number => {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
};

export class Bits implements PersonSet {
  readonly words: Uint32Array;

  constructor(words: Uint32Array) {
    this.words = words;
  }

  /** A set with room for `size` numbers. */
  static of(size: number, numbers: Iterable<number> = []): Bits {
    const words = new Uint32Array((size + 31) >>> 5);
    for (const number of numbers) words[number >>> 5]! |= 1 << (number & 31);
    return new Bits(words);
  }

  get size(): number {
    let n = 0;
    for (const word of this.words) n += bitsIn(word);
    return n;
  }

  has(number: number): boolean {
    return ((this.words[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.words.length; i++)
      for (let word = this.words[i]!; word !== 0; word &= word - 1) yield i * 32 + 31 - Math.clz32(word & -word);
  }

  #with(other: PersonSet, combine: (a: number, b: number) => number): Bits {
    const b = (other as Bits).words;
    const words = new Uint32Array(Math.max(this.words.length, b.length));
    for (let i = 0; i < words.length; i++) words[i] = combine(this.words[i] ?? 0, b[i] ?? 0);
    return new Bits(words);
  }

  and = (other: PersonSet): Bits => this.#with(other, (a, b) => a & b);
  or = (other: PersonSet): Bits => this.#with(other, (a, b) => a | b);
  minus = (other: PersonSet): Bits => this.#with(other, (a, b) => a & ~b);
}
