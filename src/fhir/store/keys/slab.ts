/**
 * Data keys in memory, 32 bytes each in large pieces: a process of several that share a store holds all keys of what its index holds, so that it can take out of the index
 * what was erased elsewhere, whose keys nobody can read any more.
 * @module
 */
const keyBytes = 32;
const pieceKeys = 4096;

export class KeySlab {
  readonly #slots = new Map<number, number>();
  readonly #pieces: Buffer[] = [];
  readonly #free: number[] = [];
  #next = 0;

  has(id: number): boolean {
    return this.#slots.has(id);
  }

  put(id: number, key: Buffer): void {
    if (this.#slots.has(id)) return;
    const slot = this.#free.pop() ?? this.#next++;
    if (slot >= this.#pieces.length * pieceKeys) this.#pieces.push(Buffer.alloc(keyBytes * pieceKeys));
    this.#place(slot).set(key);
    this.#slots.set(id, slot);
  }

  /** A copy: it stays whole for who is using it when the key is forgotten. */
  get(id: number): Buffer | undefined {
    const slot = this.#slots.get(id);
    return slot === undefined ? undefined : Buffer.from(this.#place(slot));
  }

  forget(id: number): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#place(slot).fill(0);
    this.#slots.delete(id);
    this.#free.push(slot);
  }

  #place(slot: number): Buffer {
    const at = (slot % pieceKeys) * keyBytes;
    return this.#pieces[Math.floor(slot / pieceKeys)]!.subarray(at, at + keyBytes);
  }
}
