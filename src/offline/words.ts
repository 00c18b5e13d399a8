/**
 * Words that are met again and again in the bytes of texts (names of elements, systems, types), each known by a number of its own, without making a text of it.
 * @module
 */

/** Words that are told apart, and bytes of the longest. */
const most = 4096;
const longest = 1024;

/** Open addressing, at most half full. */
export class Words {
  readonly #slots = new Int32Array(2 * most).fill(-1);
  readonly #from = new Int32Array(most);
  readonly #length = new Int32Array(most);
  readonly #told = new Uint8Array(most);
  readonly #tell: (word: string) => number;
  #bytes = new Uint8Array(1 << 14);
  #end = 0;
  #count = 0;

  /** @param tell what is to be known of a word: asked once */
  constructor(tell: (word: string) => number) {
    this.#tell = tell;
  }

  /** Number of a word; -1: there are too many to tell apart. @param hash of these bytes */
  at(bytes: Buffer, from: number, to: number, hash: number): number {
    const length = to - from;
    for (let slot = (hash ^ (hash >>> 13)) & (2 * most - 1); ; slot = (slot + 1) & (2 * most - 1)) {
      const word = this.#slots[slot]!;
      if (word < 0) return this.#add(slot, bytes, from, to);
      if (this.#length[word] !== length) continue;
      const known = this.#bytes;
      const start = this.#from[word]!;
      let i = 0;
      while (i < length && known[start + i] === bytes[from + i]) i++;
      if (i === length) return word;
    }
  }

  /** Where the word ends if it stands there, else 0. */
  end(word: number, bytes: Buffer, from: number): number {
    const length = this.#length[word]!;
    const known = this.#bytes;
    const start = this.#from[word]!;
    for (let i = 0; i < length; i++) if (known[start + i] !== bytes[from + i]) return 0;
    return from + length;
  }

  told(word: number): number {
    return this.#told[word]!;
  }

  /** What is to be known of these bytes, also where there are too many. */
  of(bytes: Buffer, from: number, to: number): number {
    let hash = 0;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const word = this.at(bytes, from, to, hash);
    return word < 0 ? this.#tell(bytes.toString('utf8', from, to)) : this.#told[word]!;
  }

  #add(slot: number, bytes: Buffer, from: number, to: number): number {
    const length = to - from;
    if (this.#count >= most || length > longest) return -1;
    if (this.#end + length > this.#bytes.length) {
      const more = new Uint8Array(Math.max(2 * this.#bytes.length, this.#end + length));
      more.set(this.#bytes);
      this.#bytes = more;
    }
    this.#bytes.set(bytes.subarray(from, to), this.#end);
    const word = this.#count++;
    this.#from[word] = this.#end;
    this.#length[word] = length;
    this.#end += length;
    this.#told[word] = this.#tell(bytes.toString('utf8', from, to));
    this.#slots[slot] = word;
    return word;
  }
}
