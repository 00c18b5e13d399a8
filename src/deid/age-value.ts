/**
 * An Observation whose code says that its value is an age: the value is told in years, so that it is judged like any age. Without it a number with no unit, or in one that
 * nobody knows, would leave as it is. What is an age by its code and nothing that can be read as one goes.
 * R4: https://hl7.org/fhir/R4/observation.html
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { isObject } from './context.ts';
import { isTime } from './methods/age-top-code.ts';

/** Codes whose value is an age in years: LOINC and SNOMED CT. */
const codes: ReadonlySet<unknown> = new Set(['30525-0', '21612-7', '29553-5', '35659-2', '424144002', '397669002']);

/** Whether a code, of whatever system, is one of an age. */
export const isAgeCode = (code: unknown): boolean => codes.has(code);

const isAge = (concept: unknown): boolean =>
  isObject(concept) && Array.isArray(concept['coding']) && concept['coding'].some(coding => isObject(coding) && isAgeCode(coding['code']));

const inYears = { unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' };

/** A Quantity of an age in a unit of time; undefined: its unit is none. */
function told(quantity: unknown): unknown {
  if (!isObject(quantity) || isTime(quantity)) return quantity;
  return quantity['unit'] === undefined && quantity['code'] === undefined ? { ...quantity, ...inYears } : undefined;
}

/** The Observation, or the component, with its age in a unit of time; what tells of no age is given back as it came. */
function withAge(given: Json): Json {
  if (!isAge(given['code'])) return given;
  const { valueInteger, valueQuantity, valueRange, valueCodeableConcept, ...others } = given;
  const { valueRatio: _, valueSampledData: __, valueString: ___, ...rest } = others;
  // 95 in words, of which no text says that it is an age.
  if (isObject(valueCodeableConcept)) {
    const { text: ____, ...coded } = valueCodeableConcept;
    return { ...rest, valueCodeableConcept: coded };
  }
  if (valueInteger !== undefined) return { ...rest, valueQuantity: { value: valueInteger, ...inYears } };
  if (isObject(valueRange)) return { ...rest, valueRange: { low: told(valueRange['low']), high: told(valueRange['high']) } };
  return valueQuantity === undefined ? rest : { ...rest, valueQuantity: told(valueQuantity) };
}

/** An Observation whose ages, its own and those of its components, can be judged. */
export function agesTold(observation: Json): Json {
  const own = withAge(observation);
  const { component } = own;
  if (!Array.isArray(component) || !component.some(one => isObject(one) && isAge(one['code']))) return own;
  return { ...own, component: component.map((one: unknown) => (isObject(one) ? withAge(one) : one)) };
}
