/**
 * Unpacked blocks that are kept for a while, within a stated number of bytes: the ones not used for longest go first.
 * @module
 */
export class Recent {
  readonly #most: number;
  readonly #blocks = new Map<number, Buffer>();
  #held = 0;

  /** @param most bytes */
  constructor(most: number) {
    this.#most = most;
  }

  get(block: number): Buffer | undefined {
    const found = this.#blocks.get(block);
    if (found) {
      // Moved to the end: the first of the map is the one not used for longest.
      this.#blocks.delete(block);
      this.#blocks.set(block, found);
    }
    return found;
  }

  put(block: number, bytes: Buffer): void {
    this.drop([block]);
    this.#blocks.set(block, bytes);
    this.#held += bytes.length;
    for (const [oldest, held] of this.#blocks) {
      if (this.#held <= this.#most || oldest === block) break;
      this.#blocks.delete(oldest);
      this.#held -= held.length;
    }
  }

  drop(blocks: Iterable<number>): void {
    for (const block of blocks) {
      this.#held -= this.#blocks.get(block)?.length ?? 0;
      this.#blocks.delete(block);
    }
  }
}
