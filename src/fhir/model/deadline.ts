/**
 * A time limit for work in this thread that somebody else wrote the rules of: V8 stops it wherever it is, in a loop, in the FHIRPath engine or in a regular expression.
 * Costs about 0.1 ms a call; what was stopped leaves no trace but its own half-made values.
 * The limit goes by the clock, and a machine that stands still (suspended, or busy with others) lets the clock run out on work that had hardly begun: such work is
 * started over. Who wrote the rules gains nothing by it, for only work that did not have the processor is.
 * R4: https://hl7.org/fhir/R4/security.html
 * @module
 */
import { createContext, Script } from 'node:vm';
import { Problem } from './outcome.ts';

const place: { run?: () => void } = {};
const context = createContext(place);
const script = new Script('run()');

/** How often work is begun. */
const attempts = 3;

/**
 * What `work` gives. It may be begun more than once, so it must not build on what an attempt before it left; it may not call `withDeadline` itself.
 * @throws Problem `too-costly` where it takes longer than this many milliseconds
 */
export function withDeadline<T>(ms: number, work: () => T): T {
  let result: T | undefined;
  place.run = () => {
    result = work();
  };
  try {
    for (let attempt = 1; ; attempt++) {
      const before = process.threadCpuUsage();
      try {
        script.runInContext(context, { timeout: Math.max(1, Math.ceil(ms)) });
        return result as T;
      } catch (thrown) {
        if ((thrown as { code?: unknown } | undefined)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown;
        const { user, system } = process.threadCpuUsage(before);
        if (attempt === attempts || (user + system) / 1000 > ms / 2) throw new Problem('too-costly');
      }
    }
  } finally {
    delete place.run;
  }
}
