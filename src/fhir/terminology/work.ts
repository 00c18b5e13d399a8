/**
 * How much one request may have looked at: steps are counted, and beyond a stated number it is refused as too costly.
 * @module
 */
import { Problem } from '../model/outcome.ts';

/** Concepts looked at, or as much as looking at one costs. A value set over a system of 12,000 takes 12,000. */
const mostSteps = 5_000_000;

export interface Work {
  /** @throws Problem `too-costly` */
  readonly spend: (steps: number) => void;
}

export function newWork(most = mostSteps): Work {
  let left = most;
  return {
    spend(steps) {
      left -= steps;
      if (left < 0) throw new Problem('too-costly');
    },
  };
}
