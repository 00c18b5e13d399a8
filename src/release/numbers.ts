/**
 * Resources by their business identifiers, for references that say no more: a number leads to what alone has it.
 * R4: https://hl7.org/fhir/R4/references.html#logical
 * @module
 */
import { isObject } from '../deid/context.ts';
import { type PersonKey, personKey } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';

/** An Identifier as it is written, system and value, told apart by the length of the first; undefined: it lacks one of them, and may be anybody's. */
export const numberOf = ({ system, value }: Json): string | undefined =>
  typeof system === 'string' && typeof value === 'string' ? `${system.length}:${system}|${value}` : undefined;

/** Numbers of a resource, each once. */
export function numbersOf({ identifier }: AnyResource): string[] {
  const list = Array.isArray(identifier) ? identifier : [identifier];
  return [...new Set(list.flatMap(one => (isObject(one) ? (numberOf(one) ?? []) : [])))];
}

/** The patient whom a reference by an identifier may mean: what is said to be of another type is none, whoever has that number. */
export const patientKey = (identifier: Json, type: string | undefined): PersonKey | undefined =>
  type === undefined || type === 'Patient' ? personKey(identifier) : undefined;

/** By what a reference to a number finds. @param type that the reference says; absent: whatever has the number */
export const keyOf = (type: string | undefined, number: string): string => `${type ?? ''}?${number}`;
