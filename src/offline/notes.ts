/**
 * What the first pass saw of each text of a piece, so that the second need not look again: two words a text, and worth something only while the bytes are the same.
 * @module
 */
import type { Scan } from './scan.ts';
import { fingerprint } from './table.ts';

/** Of each text in its order: the fingerprint of the one Patient that it refers to. */
export type Notes = Uint32Array<ArrayBuffer>;

/** In place of a fingerprint, whose second word is never 0: look again; or it refers to no Patient. */
const again = 0;
const nobody = 1;

/** The fingerprint of the only Patient that a text refers to, or that there is none. */
export type Only = readonly [a: number, b: number] | 'nobody';

/** Notes that are being taken. */
export class Noting {
  #words = new Uint32Array(1024);
  #end = 0;

  /** @param scan of the text */
  add({ plain, decimals, persons }: Scan): void {
    if (this.#end === this.#words.length) {
      const more = new Uint32Array(2 * this.#end);
      more.set(this.#words);
      this.#words = more;
    }
    const [only, ...others] = plain && !decimals ? persons.filter(name => name.startsWith('Patient/')) : [];
    if (only !== undefined && others.length === 0) fingerprint(only, this.#words, this.#end);
    else this.#words[this.#end] = plain && !decimals && only === undefined ? nobody : again;
    this.#end += 2;
  }

  taken(): Notes {
    return this.#words.slice(0, this.#end);
  }
}

/** @returns undefined: it must be looked at again */
export function noted(notes: Notes, text: number): Only | undefined {
  const [a, b] = [notes[text * 2], notes[text * 2 + 1]];
  if (b !== undefined && b !== 0) return [a!, b];
  return a === nobody ? 'nobody' : undefined;
}
