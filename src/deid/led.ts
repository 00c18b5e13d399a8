/**
 * Where the last references led, as they are written: what follows one another in a record refers to the same few. One place for each text, by its length and its end;
 * a map of all of them costs more than it saves, since most references come once and a map outlives them.
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';

const places = 256;

export class Led {
  readonly #texts: (string | undefined)[] = new Array<string | undefined>(places).fill(undefined);
  readonly #to: (Json | undefined)[] = new Array<Json | undefined>(places).fill(undefined);

  /** @param find is asked where it is not known; undefined: nowhere */
  to(text: string, find: (text: string) => Json | undefined): Json | undefined {
    const end = text.length - 1;
    const at =
      (Math.imul(text.charCodeAt(end) ^ (text.charCodeAt(end - 1) << 4) ^ (text.charCodeAt(end - 2) << 8), 0x9e37) ^ end) & (places - 1);
    if (this.#texts[at] !== text) {
      this.#to[at] = find(text);
      this.#texts[at] = text;
    }
    return this.#to[at];
  }
}
