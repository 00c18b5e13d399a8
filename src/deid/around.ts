/**
 * Treatments around others: that counts, that asks for a code of a value set, that goes through a list.
 * @module
 */
import { Absent, type Treat } from './context.ts';
import { bitOf } from './methods/mark.ts';

const removed = bitOf('removed');

/** Counts what is treated, and marks its resource. */
export function counted(treat: Treat, counter: number, bit: number): Treat {
  return (value, run) => {
    run.tally[counter]!++;
    run.marks |= bit;
    return treat(value, run);
  };
}

/** A code that must come from a value set leaves only if it does: what was handed in nobody has validated. */
export const bound = (treat: Treat, test: (code: string) => boolean, kept: boolean): Treat =>
  kept
    ? value => (typeof value === 'string' && test(value) ? value : undefined)
    : (value, run) => (typeof value === 'string' && test(value) ? treat(value, run) : undefined);

/** Each item of a repeating element; a primitive that would be absent leaves its list. @param order of the values that leave; absent: as they came */
export const each =
  (treat: Treat, order?: readonly unknown[]): Treat =>
  (value, run) => {
    if (!Array.isArray(value)) return undefined;
    if (value.length === 1) {
      const treated = treat(value[0], run);
      return treated === undefined || treated instanceof Absent ? undefined : [treated];
    }
    // A copy has the right size from the beginning.
    const out: unknown[] = value.slice();
    let left = 0;
    for (let at = 0; at < value.length; at++) {
      const treated = treat(value[at], run);
      if (treated === undefined || treated instanceof Absent) run.marks |= removed;
      else out[left++] = treated;
    }
    if (left === 0) return undefined;
    if (left < out.length) out.length = left;
    return order === undefined ? out : out.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  };
