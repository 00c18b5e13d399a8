/**
 * An Observation whose code says that its value is an age: the value is told in years, so that it is judged like any age. Without it a number with no unit, or in one that
 * nobody knows, would leave as it is. What is an age by its code and nothing that can be read as one goes; so does the year of birth.
 * No list knows all codes of ages: of somebody of whom no age may leave, no number without a unit does that may be an age or a year of birth.
 * R4: https://hl7.org/fhir/R4/observation.html, https://terminology.hl7.org/ValueSet-v3-LOINCObservationActContextAgeType.html
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { isObject } from './context.ts';
import { isTime } from './methods/age-top-code.ts';

/** What codes tell of, LOINC and SNOMED CT. */
type Told = 'age' | 'birth';
const codes: ReadonlyMap<unknown, Told> = new Map([
  // Now, reported, estimated, calculated; at a specimen, an onset, an adverse event, a delivery, at death; an age group.
  ...'30525-0 21611-9 21612-7 29553-5 30972-4 35267-4 35659-2 39016-1 43993-5 46251-5 63900-5 63932-8 397669002 424144002 445518008'
    .split(' ')
    .map(code => [code, 'age'] as const),
  // Year or date.
  ...'21112-8 80904-6 184099003'.split(' ').map(code => [code, 'birth'] as const),
]);

/** Whether a code, of whatever system, is one of an age or a birth. */
export const isAgeCode = (code: unknown): boolean => codes.has(code);

function toldBy(concept: unknown): Told | undefined {
  if (!isObject(concept) || !Array.isArray(concept['coding'])) return undefined;
  for (const coding of concept['coding']) {
    const told = isObject(coding) ? codes.get(coding['code']) : undefined;
    if (told !== undefined) return told;
  }
  return undefined;
}

const inYears = { unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' };

/** A Quantity of an age in a unit of time; undefined: its unit is none. */
function timed(quantity: unknown): unknown {
  if (!isObject(quantity) || isTime(quantity)) return quantity;
  return quantity['unit'] === undefined && quantity['code'] === undefined ? { ...quantity, ...inYears } : undefined;
}

/** Years that somebody may have lived, and in which somebody may have been born. */
const longestLife = 130;
const [firstBirth, lastBirth] = [1850, 2100];
/** How "no unit" is written in UCUM: 1, or {what was counted}. */
const noUnit = /^\s*(?:1|\{[^{}]*\})?\s*$/;

/** Whether a number has no unit and may be an age from so many years on, or a year of birth. */
function mayTell(value: unknown, from: number): boolean {
  const { value: number, unit, code } = isObject(value) ? value : { value };
  const years = Number(number);
  if (!((years >= from && years <= longestLife) || (years >= firstBirth && years <= lastBirth))) return false;
  return [unit, code].every(one => one === undefined || (typeof one === 'string' && noUnit.test(one)));
}

const without = (given: Json, names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)));

const numbers = ['valueInteger', 'valueQuantity', 'valueRange', 'valueRatio', 'valueSampledData'];
/** All values but dates, which move as all dates do. */
const undated = [...numbers, 'valueString', 'valueCodeableConcept'];

/** The Observation, or the component, with its age in a unit of time; what tells of no age is given back as it came. */
function withAge(given: Json, from: number | undefined): Json {
  const told = toldBy(given['code']);
  const { valueInteger, valueQuantity, valueRange, valueCodeableConcept } = given;
  if (told === undefined) {
    const mayBe = from !== undefined && (mayTell(valueInteger, from) || mayTell(valueQuantity, from));
    return mayBe ? without(given, numbers) : given;
  }
  const rest = without(given, undated);
  if (told === 'birth') return rest;
  // 95 in words, of which no text says that it is an age.
  if (isObject(valueCodeableConcept)) return { ...rest, valueCodeableConcept: without(valueCodeableConcept, ['text']) };
  if (valueInteger !== undefined) return { ...rest, valueQuantity: { value: valueInteger, ...inYears } };
  if (isObject(valueRange)) return { ...rest, valueRange: { low: timed(valueRange['low']), high: timed(valueRange['high']) } };
  return valueQuantity === undefined ? rest : { ...rest, valueQuantity: timed(valueQuantity) };
}

/**
 * An Observation whose ages, its own and those of its components, can be judged.
 * @param from years, of somebody of whom no age may leave: numbers without a unit that may be an age from there on, or a year of birth, go by whatever code
 */
export function agesTold(observation: Json, from?: number): Json {
  const own = withAge(observation, from);
  const { component } = own;
  if (!Array.isArray(component)) return own;
  let told: unknown[] | undefined;
  for (let i = 0; i < component.length; i++) {
    const one: unknown = component[i];
    const its = isObject(one) ? withAge(one, from) : one;
    if (its !== one) (told ??= [...(component as unknown[])])[i] = its;
  }
  return told === undefined ? own : { ...own, component: told };
}
