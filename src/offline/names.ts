/**
 * Which resources are in the input: a set of 64-bit fingerprints of their names in shared memory, 16 bytes a resource at least and 32 at most, one for all workers.
 * Two names of one fingerprint come by chance once in 10^19 pairs; then a reference leaves whose target does not.
 * @module
 */

/** Resources of which the names are told apart; of an input with more, every reference to a type that leaves does. */
const mostNames = 16_000_000;

/** Fingerprints as two words each. */
export type Fingerprints = Uint32Array<ArrayBuffer>;

/** FNV-1a (32 bits) from two beginnings, mixed: http://www.isthe.com/chongo/tech/comp/fnv/ */
function fingerprint(name: string, into: Uint32Array, at: number): void {
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

/** What a worker gets of it. */
export type Shared = SharedArrayBuffer | 'too-many';

export class Names {
  #words: Uint32Array<SharedArrayBuffer>;
  #count = 0;
  #tooMany = false;
  readonly #one = new Uint32Array(2);

  constructor(shared?: Shared) {
    this.#tooMany = shared === 'too-many';
    this.#words = new Uint32Array(typeof shared === 'object' ? shared : new SharedArrayBuffer(8 * 1024));
  }

  get shared(): Shared {
    return this.#tooMany ? 'too-many' : this.#words.buffer;
  }

  add(fingerprints: Fingerprints): void {
    for (let i = 0; i < fingerprints.length && !this.#tooMany; i += 2) {
      if (this.#count * 4 >= this.#words.length) this.#grow();
      if (this.#put(fingerprints[i]!, fingerprints[i + 1]!)) this.#count++;
    }
  }

  /** Whether it is in the input; of an input with too many names always true. */
  has(name: string): boolean {
    if (this.#tooMany) return true;
    fingerprint(name, this.#one, 0);
    const at = this.#find(this.#one[0]!, this.#one[1]!);
    return this.#words[at + 1] !== 0;
  }

  /** Where it stands, or would. */
  #find(a: number, b: number): number {
    const mask = this.#words.length - 2;
    for (let at = (a * 2) & mask; ; at = (at + 2) & mask) {
      if (this.#words[at + 1] === 0 || (this.#words[at] === a && this.#words[at + 1] === b)) return at;
    }
  }

  #put(a: number, b: number): boolean {
    const at = this.#find(a, b);
    if (this.#words[at + 1] !== 0) return false;
    this.#words[at] = a;
    this.#words[at + 1] = b;
    return true;
  }

  #grow(): void {
    if (this.#count >= mostNames) {
      this.#tooMany = true;
      this.#words = new Uint32Array(new SharedArrayBuffer(8));
      return;
    }
    const old = this.#words;
    this.#words = new Uint32Array(new SharedArrayBuffer(old.byteLength * 2));
    for (let i = 0; i < old.length; i += 2) if (old[i + 1] !== 0) this.#put(old[i]!, old[i + 1]!);
  }
}
