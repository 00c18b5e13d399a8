/**
 * What was last made of texts: references, dates and ids that follow one another in a record are the same few. One place for each text, by some of its letters. A map of all of them
 * costs more than it saves: a text that was just read would be hashed before it is looked for, most come once, and the map outlives them (decision 0037).
 * @module
 */

/** By the end of the text and its length: of ids and references the end is what differs. */
const byEnd = (text: string): number => {
  const end = text.length - 1;
  return Math.imul(text.charCodeAt(end) ^ (text.charCodeAt(end - 1) << 4) ^ (text.charCodeAt(end - 2) << 8), 0x9e37) ^ end;
};

export class Recent<T> {
  readonly #texts: (string | undefined)[];
  readonly #made: (T | undefined)[];
  readonly #placeOf: (text: string) => number;

  /** @param places how many are kept, a power of two @param placeOf a whole number; texts for which it is the same push each other out */
  constructor(places = 256, placeOf = byEnd) {
    this.#texts = new Array<string | undefined>(places).fill(undefined);
    this.#made = new Array<T | undefined>(places).fill(undefined);
    this.#placeOf = placeOf;
  }

  /** @param make is asked where it is not known */
  of(text: string, make: (text: string) => T): T {
    const at = this.#placeOf(text) & (this.#texts.length - 1);
    if (this.#texts[at] !== text) {
      this.#made[at] = make(text);
      this.#texts[at] = text;
    }
    return this.#made[at]!;
  }

  clear(): void {
    this.#texts.fill(undefined);
    this.#made.fill(undefined);
  }
}
