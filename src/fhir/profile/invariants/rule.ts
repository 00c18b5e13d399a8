/**
 * What an invariant is here: a plain function that says whether it holds, and the few words of FHIRPath that such functions are written in.
 * R4: https://hl7.org/fhir/R4/conformance-rules.html#constraints
 * @module
 */
import type { Json } from '../../model/r4.ts';
import { type Context, isObject } from '../findings.ts';

/** Whether the rule holds for `element`; shapes are not sure yet, so it must not throw on any JSON. */
export type Rule = (element: Json, context: Context) => boolean;
export type Rules = Readonly<Record<string, Rule>>;

/** `element.name.exists()`; a primitive with an extension and no value exists too. */
export const has = (element: Json, name: string): boolean => element[name] !== undefined || element[`_${name}`] !== undefined;

/** `name[x].exists()`. */
export function hasChoice(element: Json, name: string): boolean {
  for (const key in element) {
    const start = key.charCodeAt(0) === 0x5f ? 1 : 0;
    const next = key.charCodeAt(start + name.length);
    if (next >= 0x41 && next <= 0x5a && key.startsWith(name, start)) return true;
  }
  return false;
}

/** Items of a repeating element that are objects. */
export const items = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : []);

/** Items of a repeating primitive. */
export const values = (value: unknown): unknown[] =>
  Array.isArray(value) ? value.filter(v => v !== null) : value === undefined ? [] : [value];

/** How often an element is there. */
export const count = (element: Json, name: string): number => {
  const value = element[name] ?? element[`_${name}`];
  return Array.isArray(value) ? value.length : value === undefined ? 0 : 1;
};

export const child = (element: Json, name: string): Json => (isObject(element[name]) ? element[name] : {});

/** Whether a CodeableConcept has a coding of this system and one of these codes. */
export const coded = (concept: unknown, system: string, ...codes: string[]): boolean =>
  items(isObject(concept) ? concept['coding'] : undefined).some(c => c['system'] === system && codes.includes(c['code'] as string));

export const isDistinct = (list: readonly unknown[]): boolean => new Set(list).size === list.length;

/** Everything below, depth first, without the element itself. */
export function* descendants(value: unknown): Generator<Json> {
  for (const inner of Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []) {
    if (isObject(inner)) yield inner;
    yield* descendants(inner);
  }
}

export const ucum = 'http://unitsofmeasure.org';
