/**
 * Elements leave in R4's order. That in which they came is the sending program's: it would tell one sender from another, and whatever somebody wrote into it.
 * R4: https://hl7.org/fhir/R4/json.html
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';

export interface Ranked {
  /** Place among the properties of its type, in R4's order. */
  readonly rank: number;
}

/** A new object. @param places by property; what has none comes first, as it stands */
export function ordered(object: Json, places: ReadonlyMap<string, Ranked>): Json {
  const rank = (property: string): number => places.get(property)?.rank ?? -1;
  const out: Json = {};
  for (const property of Object.keys(object).sort((one, other) => rank(one) - rank(other))) out[property] = object[property];
  return out;
}
