/**
 * Finds any number of forms in one pass (Aho and Corasick 1975, doi:10.1145/360825.360855), in typed arrays: about 32 bytes per state.
 * Each state but the root is reached by one edge, so the edges stand in one hash table of states; who reaches it, and by which unit, says the state itself.
 * @module
 */

/** A place that a form ends, and what was told about the form. Units of the key; `end` is behind the last one. */
export type Hit = (start: number, end: number, told: number) => void;

export class Automaton {
  readonly states: number;
  readonly bytes: number;
  readonly #slots: Int32Array;
  readonly #parent: Int32Array;
  readonly #unit: Uint16Array;
  readonly #depth: Uint16Array;
  /** State to go on from when no edge fits. */
  readonly #fail: Int32Array;
  /** What is told about the form that ends here; 0: none does. */
  readonly #told: Int32Array;
  /** Nearest shorter form that ends here too; 0: none. */
  readonly #shorter: Int32Array;
  /** Bit per unit: whether any form begins with it. */
  readonly #first: Uint8Array;

  /** @param forms key → what `scan` tells about it, above 0 */
  constructor(forms: ReadonlyMap<string, number>) {
    let units = 1;
    for (const form of forms.keys()) units += form.length;
    let slots = new Int32Array(64);
    let parent = new Int32Array(Math.min(units, 1 << 12));
    let unit = new Uint16Array(parent.length);
    let depth = new Uint16Array(parent.length);
    let told = new Int32Array(parent.length);
    const first = new Uint8Array(8192);
    let states = 1;
    let deepest = 0;

    const grow = (): void => {
      const size = Math.min(units, parent.length * 2);
      parent = copy(parent, new Int32Array(size));
      unit = copy(unit, new Uint16Array(size));
      depth = copy(depth, new Uint16Array(size));
      told = copy(told, new Int32Array(size));
    };
    const rehash = (): void => {
      slots = new Int32Array(slots.length * 2);
      for (let s = 1; s < states; s++) put(s);
    };
    const put = (state: number): void => {
      let i = hash(parent[state]!, unit[state]!) & (slots.length - 1);
      while (slots[i] !== 0) i = (i + 1) & (slots.length - 1);
      slots[i] = state;
    };

    for (const [form, what] of forms) {
      let state = 0;
      for (let i = 0; i < form.length; i++) {
        const c = form.charCodeAt(i);
        let next = edge(slots, parent, unit, state, c);
        if (next === 0) {
          if (states === parent.length) grow();
          next = states++;
          parent[next] = state;
          unit[next] = c;
          depth[next] = i + 1;
          if (states * 2 > slots.length) rehash();
          else put(next);
        }
        state = next;
      }
      if (state !== 0) {
        told[state] = what;
        deepest = Math.max(deepest, form.length);
        const c = form.charCodeAt(0);
        first[c >> 3]! |= 1 << (c & 7);
      }
    }

    const fail = new Int32Array(states);
    const shorter = new Int32Array(states);
    for (const state of byDepth(depth, states, deepest)) {
      if (depth[state]! < 2) continue;
      const c = unit[state]!;
      let from = fail[parent[state]!]!;
      let next = edge(slots, parent, unit, from, c);
      while (next === 0 && from !== 0) {
        from = fail[from]!;
        next = edge(slots, parent, unit, from, c);
      }
      fail[state] = next;
      shorter[state] = told[next] === 0 ? shorter[next]! : next;
    }

    this.states = states;
    this.#slots = slots;
    this.#parent = parent.subarray(0, states);
    this.#unit = unit.subarray(0, states);
    this.#depth = depth.subarray(0, states);
    this.#told = told.subarray(0, states);
    this.#fail = fail;
    this.#shorter = shorter;
    this.#first = first;
    this.bytes =
      slots.byteLength + parent.byteLength + unit.byteLength + depth.byteLength + told.byteLength + 8 * states + first.byteLength;
  }

  /** Every form that stands anywhere in the first `length` units, shorter ones within longer ones too. */
  scan(key: Uint16Array, length: number, hit: Hit): void {
    if (this.states === 1) return;
    const slots = this.#slots;
    const parent = this.#parent;
    const unit = this.#unit;
    const fail = this.#fail;
    const told = this.#told;
    const shorter = this.#shorter;
    const first = this.#first;
    let state = 0;
    for (let i = 0; i < length; i++) {
      const c = key[i]!;
      let next = 0;
      while (state !== 0 && (next = edge(slots, parent, unit, state, c)) === 0) state = fail[state]!;
      if (state === 0) {
        if ((first[c >> 3]! & (1 << (c & 7))) === 0) continue;
        next = edge(slots, parent, unit, 0, c);
      }
      state = next;
      for (let at = told[state] === 0 ? shorter[state]! : state; at !== 0; at = shorter[at]!) {
        hit(i + 1 - this.#depth[at]!, i + 1, told[at]!);
      }
    }
  }
}

const hash = (state: number, unit: number): number => {
  const mixed = Math.imul(Math.imul(state, 0x9e3779b1) ^ unit, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
};

/** The state that an edge leads to; 0: no such edge. */
function edge(slots: Int32Array, parent: Int32Array, units: Uint16Array, state: number, unit: number): number {
  const mask = slots.length - 1;
  let i = hash(state, unit) & mask;
  for (let found = slots[i]!; found !== 0; found = slots[i]!) {
    if (units[found] === unit && parent[found] === state) return found;
    i = (i + 1) & mask;
  }
  return 0;
}

function copy<T extends Int32Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** All states but the root, the nearer to it the earlier. */
function byDepth(depth: Uint16Array, states: number, deepest: number): Int32Array {
  const next = new Int32Array(deepest + 2);
  for (let s = 1; s < states; s++) next[depth[s]! + 1]!++;
  for (let d = 1; d < next.length; d++) next[d]! += next[d - 1]!;
  const order = new Int32Array(Math.max(0, states - 1));
  for (let s = 1; s < states; s++) order[next[depth[s]!]!++] = s;
  return order;
}
