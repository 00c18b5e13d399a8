/**
 * The fast way for a CodeableConcept with one coding, of which nothing leaves but that: most of what stands in a resource. The codings that leave are shared
 * (methods/code-system.ts), and so is the concept around each. Whatever is written otherwise goes the way of every other type.
 * R4: https://hl7.org/fhir/R4/datatypes.html#CodeableConcept
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { Absent, type Treat } from './context.ts';
import { bitOf } from './methods/mark.ts';

const removed = bitOf('removed');

/** Concepts kept ready. */
const most = 16_384;

/** @param coding treats one coding @param textCounter counts the text, which does not leave @param otherwise treats any other concept */
export function concept(coding: Treat, textCounter: number, otherwise: Treat): Treat {
  const around = new Map<object, Json>();
  return (value, run) => {
    if (typeof value !== 'object' || value === null) return undefined;
    const { coding: list } = value as Json;
    if (!Array.isArray(list) || list.length !== 1) return otherwise(value, run);
    let text = false;
    for (const name in value) {
      if (name === 'text') text = true;
      else if (name !== 'coding') return otherwise(value, run);
    }
    if (text) {
      run.tally[textCounter]!++;
      run.marks |= removed;
    }
    const left = coding(list[0], run) as object | undefined;
    if (left === undefined || left instanceof Absent) {
      run.marks |= removed;
      return undefined;
    }
    const known = around.get(left);
    if (known !== undefined) return known;
    const made: Json = { coding: [left] };
    if (!Object.isFrozen(left)) return made;
    // Of codings that gave their place to others they are not asked for again.
    if (around.size >= most) around.clear();
    around.set(left, Object.freeze(made) as Json);
    return made;
  };
}
