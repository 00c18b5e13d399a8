/**
 * What was worked out is kept, up to a stated weight; what was not used for longest goes first.
 * @module
 */

export class Kept<Thing> {
  readonly #most: number;
  readonly #things = new Map<string, { readonly thing: Thing; readonly weight: number }>();
  #weight = 0;

  constructor(most: number) {
    this.#most = most;
  }

  find(key: string): Thing | undefined {
    const held = this.#things.get(key);
    if (held === undefined) return undefined;
    // Moved to the end: the first of the map is the one not used for longest.
    this.#things.delete(key);
    this.#things.set(key, held);
    return held.thing;
  }

  put(key: string, thing: Thing, weight: number): void {
    this.#weight += weight - (this.#things.get(key)?.weight ?? 0);
    this.#things.delete(key);
    this.#things.set(key, { thing, weight });
    for (const [oldest, held] of this.#things) {
      if (this.#weight <= this.#most || oldest === key) break;
      this.#things.delete(oldest);
      this.#weight -= held.weight;
    }
  }

  /**
   * @param key '': it is made, and not kept
   * @param make gives the thing and its weight
   */
  get(key: string, make: () => readonly [Thing, number]): Thing {
    const held = this.find(key);
    if (held !== undefined) return held;
    const [thing, weight] = make();
    if (key !== '') this.put(key, thing, weight);
    return thing;
  }
}
