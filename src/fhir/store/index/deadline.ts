/**
 * How long one search may keep the processor: loops over whole indexes ask now and then.
 * @module
 */
import { Problem } from '../../model/outcome.ts';

export class Deadline {
  readonly #end: number;

  /** @param ms from now on */
  constructor(ms: number) {
    this.#end = performance.now() + ms;
  }

  /** @throws Problem too-costly */
  check(): void {
    if (performance.now() > this.#end)
      throw new Problem(
        'too-costly',
        'The search would take longer than one request may: narrow it by parameters that few resources meet.',
      );
  }
}

/** Steps of a loop between two looks at the clock. */
export const stride = 0x4000;
