/**
 * A time limit for work in this thread that somebody else wrote the rules of: V8 stops it wherever it is, in a loop, in the FHIRPath engine or in a regular expression.
 * Costs about 0.1 ms a call; what was stopped leaves no trace but its own half-made values.
 * The limit goes by the clock, and a machine that stands still (suspended, or busy with others) lets the clock run out on work that had hardly begun: work that had the
 * processor for less than half of its limit is begun once more. So it may take twice the limit by the clock, but not twice by the processor.
 * R4: https://hl7.org/fhir/R4/security.html
 * @module
 */
import { createContext, Script } from 'node:vm';
import { Problem } from './outcome.ts';

const place: { run?: () => void } = {};
const context = createContext(place);
const script = new Script('run()');

/**
 * What `work` gives. It may be begun twice, so it must not build on what the first attempt left; it may not call `withDeadline` itself.
 * @throws Problem `too-costly` where it takes longer than this many milliseconds
 */
export function withDeadline<T>(ms: number, work: () => T): T {
  let result: T | undefined;
  place.run = () => {
    result = work();
  };
  try {
    const before = process.threadCpuUsage();
    let ended = runs(ms);
    if (!ended) {
      const { user, system } = process.threadCpuUsage(before);
      ended = (user + system) / 1000 < ms / 2 && runs(ms);
    }
    if (!ended) throw new Problem('too-costly');
    return result as T;
  } finally {
    delete place.run;
  }
}

/** Whether the work in its place ends in so many milliseconds. */
function runs(ms: number): boolean {
  try {
    script.runInContext(context, { timeout: Math.max(1, Math.ceil(ms)) });
    return true;
  } catch (thrown) {
    if ((thrown as { code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw thrown;
  }
}
