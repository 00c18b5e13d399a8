/**
 * Tables by names, in memory that threads share: a name stands in them as its 64-bit fingerprint, 8 bytes, with a number beside it or none.
 * Two names of one fingerprint come by chance once in 10^19 pairs.
 * @module
 */

/** Fingerprints as two words each. */
export type Fingerprints = Uint32Array<ArrayBuffer>;

/** FNV-1a (32 bits) from two beginnings, mixed: http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fingerprint(name: string, into: Uint32Array, at: number): void {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i);
    a = Math.imul(a ^ c, 0x01000193);
    b = Math.imul(b ^ c, 0x85ebca6b);
    b ^= b >>> 13;
  }
  into[at] = a ^ (a >>> 16);
  // Nothing stands where both words are 0.
  into[at + 1] = (b ^ (b >>> 15)) >>> 0 || 1;
}

export function fingerprintsOf(names: readonly string[]): Fingerprints {
  const all = new Uint32Array(names.length * 2);
  names.forEach((name, i) => void fingerprint(name, all, i * 2));
  return all;
}

const one = new Uint32Array(2);

/** How full a table may be. */
const fullest = 0.75;

/** Open addressing: 11 bytes a name where it is known how many come, 11 to 21 where not; with a number 16, or 16 to 32. */
export class Table {
  #words: Uint32Array<SharedArrayBuffer>;
  #count = 0;
  /** Words of an entry. */
  readonly #entry: 2 | 3;
  /** Entries that it has room for. */
  #slots: number;

  /** @param entry words: 2 names alone, 3 with a number @param of how many names are expected; or what another thread shares, to look into */
  constructor(entry: 2 | 3, of: number | SharedArrayBuffer = 700) {
    this.#entry = entry;
    this.#words = new Uint32Array(typeof of === 'number' ? new SharedArrayBuffer((Math.ceil(of / fullest) + 2) * entry * 4) : of);
    this.#slots = this.#words.length / entry;
  }

  get shared(): SharedArrayBuffer {
    return this.#words.buffer;
  }

  /** Fingerprints, in no order. */
  *[Symbol.iterator](): Generator<readonly [a: number, b: number]> {
    for (let at = 0; at < this.#words.length; at += this.#entry)
      if (this.#words[at + 1] !== 0) yield [this.#words[at]!, this.#words[at + 1]!];
  }

  has(name: string): boolean {
    fingerprint(name, one, 0);
    return this.#words[this.#find(one[0]!, one[1]!) + 1] !== 0;
  }

  /** Number of a name; undefined: it is not there. */
  get(name: string): number | undefined {
    fingerprint(name, one, 0);
    return this.number(one[0]!, one[1]!);
  }

  /** Number of a fingerprint. */
  number(a: number, b: number): number | undefined {
    const at = this.#find(a, b);
    return this.#words[at + 1] === 0 ? undefined : this.#words[at + 2]! | 0;
  }

  /** @param number 32 bits, with a sign */
  put(a: number, b: number, number = 0): void {
    let at = this.#find(a, b);
    if (this.#words[at + 1] === 0) {
      if (this.#count >= Math.floor(this.#slots * fullest)) {
        this.#grow();
        at = this.#find(a, b);
      }
      this.#count++;
      this.#words[at] = a;
      this.#words[at + 1] = b;
    }
    if (this.#entry === 3) this.#words[at + 2] = number;
  }

  /** Where it stands, or would. */
  #find(a: number, b: number): number {
    const words = this.#words;
    const entry = this.#entry;
    // Both words, so that who writes names for one place must hit two. Multiplied by 2^32 over the golden ratio, names that are alike lie apart: Knuth, The Art of Computer Programming 3, 6.4.
    for (
      let slot = Math.floor(((Math.imul(a ^ b, 0x9e3779b1) >>> 0) * this.#slots) / 2 ** 32);
      ;
      slot = slot + 1 === this.#slots ? 0 : slot + 1
    ) {
      const at = slot * entry;
      if (words[at + 1] === 0 || (words[at] === a && words[at + 1] === b)) return at;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#words = new Uint32Array(new SharedArrayBuffer(old.byteLength * 2));
    this.#slots *= 2;
    for (let i = 0; i < old.length; i += this.#entry) {
      if (old[i + 1] === 0) continue;
      const at = this.#find(old[i]!, old[i + 1]!);
      for (let word = 0; word < this.#entry; word++) this.#words[at + word] = old[i + word]!;
    }
  }
}
