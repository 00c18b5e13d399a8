/**
 * The criterion minimumId: the body contains everything that stands in a fixture. Ids of the resource are not looked at, the order of a list neither,
 * and more may be there; what stands twice in the fixture stands twice in the body. Every difference is reported.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert.minimumId
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { Fault } from '../fault.ts';
import { textOf } from '../message.ts';
import { isJson } from '../pick.ts';
import type { Judge } from './criterion.ts';

const mostSteps = 2_000_000;
const mostDifferences = 100;

class Comparison {
  private steps = 0;

  private step(): void {
    if (++this.steps > mostSteps) throw new Fault('The fixture and the body are too large to compare.');
  }

  /** Differences of `wanted` from `actual`, at most `most` of them. */
  differences(wanted: unknown, actual: unknown, path: string, most = mostDifferences): string[] {
    this.step();
    if (actual === undefined) return [`${path} is not there`];
    if (Array.isArray(wanted)) return this.list(wanted, Array.isArray(actual) ? actual : undefined, path, most);
    if (isJson(wanted) && textOf(wanted) === undefined)
      return isJson(actual) ? this.object(wanted, actual, path, most) : [`${path} is no object`];
    const [a, b] = [textOf(wanted), textOf(actual)];
    const numbers = typeof wanted !== 'string' && typeof actual !== 'string' && typeof wanted !== 'boolean' && typeof actual !== 'boolean';
    return a === b && typeof (wanted ?? '') === typeof (actual ?? '')
      ? []
      : numbers && a !== undefined && b !== undefined && Number(a) === Number(b)
        ? []
        : [`${path} is another value`];
  }

  private object(wanted: Json, actual: Json, path: string, most: number): string[] {
    const found: string[] = [];
    for (const [key, value] of Object.entries(wanted)) {
      if (key === 'id' && typeof wanted['resourceType'] === 'string') continue;
      found.push(...this.differences(value, Object.hasOwn(actual, key) ? actual[key] : undefined, `${path}.${key}`, most - found.length));
      if (found.length >= most) break;
    }
    return found;
  }

  private holds(wanted: unknown, actual: unknown): boolean {
    return this.differences(wanted, actual, '', 1).length === 0;
  }

  /** Each wanted member gets a member of its own: a matching, found by augmenting ways. */
  private list(wanted: readonly unknown[], actual: readonly unknown[] | undefined, path: string, most: number): string[] {
    if (actual === undefined) return [`${path} is no list`];
    const fits = wanted.map(w => actual.flatMap((a, i) => (this.holds(w, a) ? [i] : [])));
    const takenBy = new Map<number, number>();
    const place = (w: number, tried: Set<number>): boolean => {
      for (const i of fits[w]!) {
        this.step();
        if (tried.has(i)) continue;
        tried.add(i);
        const other = takenBy.get(i);
        if (other === undefined || place(other, tried)) {
          takenBy.set(i, w);
          return true;
        }
      }
      return false;
    };
    const found: string[] = [];
    for (const [w, value] of wanted.entries()) {
      if (place(w, new Set()) || found.length >= most) continue;
      const closest = wanted.length === 1 && actual.length === 1 ? this.differences(value, actual[0], `${path}[0]`, most) : undefined;
      found.push(...(closest ?? [fits[w]!.length === 0 ? `${path}[${w}] is not there` : `${path}[${w}] is not there as often`]));
    }
    return found;
  }
}

export const minimumId: Judge = async ({ says }, message, { memory, variables }) => {
  const wanted = await variables.body(memory.get(says).body);
  if (message.json === undefined) return `The ${message.kind} has no body that can be read.`;
  const root = isJson(wanted) && typeof wanted['resourceType'] === 'string' ? wanted['resourceType'] : '$';
  const found = new Comparison().differences(wanted, message.json, root);
  return found.length === 0 ? undefined : `The body does not contain ${says}: ${found.join('; ')}.`;
};
