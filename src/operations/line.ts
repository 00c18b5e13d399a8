/**
 * A line: so many at once, a few more wait, whoever comes then is asked to come again. For work that holds much memory while it lasts.
 * R4: https://hl7.org/fhir/R4/http.html#Status-Codes
 * @module
 */
import { Problem } from '../fhir/model/outcome.ts';

/** Runs a piece of work when its turn has come. @throws Problem `unavailable` when too many wait */
export type Line = <T>(work: () => Promise<T>) => Promise<T>;

export function createLine(atOnce: number, mostWaiting: number): Line {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async work => {
    if (running >= atOnce) {
      if (waiting.length >= mostWaiting)
        throw new Problem('unavailable', 'Too many of these are under way; try again later.', { headers: { 'Retry-After': '30' } });
      // Whoever leaves hands over the place: `running` stays what it is.
      await new Promise<void>(resolve => waiting.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
