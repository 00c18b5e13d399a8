/**
 * Long work in short turns: whoever works calls `pause` often, and now and then it lets other requests have theirs.
 * @module
 */

/** Longest time (ms) that work holds the others up. */
const turnMs = 25;

export class Turn {
  #since = performance.now();

  /** True when it is time to let others in; cheap enough to be asked for each item. */
  over(): boolean {
    return performance.now() - this.#since > turnMs;
  }

  async pause(): Promise<void> {
    if (!this.over()) return;
    await new Promise(resolve => setImmediate(resolve));
    this.#since = performance.now();
  }
}
