/**
 * An Observation whose code says that its value is an age: the value is told in years, so that it is judged like any age. Without it a number with no unit, or in one that
 * nobody knows, would leave as it is. What is an age by its code and nothing that can be read as one goes; so does a year or a date of birth: moved by the day it would tell whoever knows the birth by how much.
 * No list knows all codes of ages: of somebody of whom no age may leave, no number without a unit does that may be an age or a year of birth.
 * R4: https://hl7.org/fhir/R4/observation.html, https://terminology.hl7.org/ValueSet-v3-LOINCObservationActContextAgeType.html
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { civilOf, type Days, readDate } from './calendar.ts';
import { isObject, type Subject } from './context.ts';
import { isTime, mayBeAge } from './methods/age-top-code.ts';
import type { Policy } from './policy.ts';

/** What codes tell of: LOINC, SNOMED CT, NCI Thesaurus. */
type Told = 'age' | 'birth';
const codes: ReadonlyMap<unknown, Told> = new Map([
  // Now, reported, estimated, calculated; at a specimen, an onset, an adverse event, a delivery, at death; an age group.
  ...'30525-0 21611-9 21612-7 29553-5 30972-4 35267-4 35659-2 39016-1 43993-5 46251-5 63900-5 63932-8 C25150 397669002 424144002 445518008'
    .split(' ')
    .map(code => [code, 'age'] as const),
  // Date, time, year.
  ...'21112-8 57715-5 80904-6 C68615 184099003'.split(' ').map(code => [code, 'birth'] as const),
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

const numbers: ReadonlySet<string> = new Set([
  'valueInteger',
  'valueQuantity',
  'valueRange',
  'valueRatio',
  'valueSampledData',
  'valueString',
]);

const without = (given: Json, isGone: (name: string) => boolean): Json =>
  Object.fromEntries(Object.entries(given).filter(([name]) => !isGone(name)));

/** A number in a text, and nothing else but the signs of more or less; of what else texts say of ages the cleaning of texts takes care. */
const isWord = (text: unknown, from: number): boolean =>
  typeof text === 'string' && mayBeAge(text.normalize('NFKC').replace(/^[\s<>=~≤≥≦≧約]+|[\s+]+$/g, ''), from);

/** Whether a value of an Observation may be an age or a year of birth, though no unit and no code says so. */
function isUntold({ valueInteger, valueQuantity, valueRatio, valueSampledData, valueString }: Json, from: number): boolean {
  if (isWord(valueString, from)) return true;
  if (isObject(valueSampledData) && typeof valueSampledData['data'] === 'string')
    return valueSampledData['data'].split(' ').some(one => mayBeAge({ ...(valueSampledData['origin'] as object), value: one }, from));
  return [valueInteger, valueQuantity, valueRatio].some(one => mayBeAge(one, from));
}

/** Whether a value is the very day of a birth: whatever the code, it is that of somebody born then. */
function tellsBirth({ valueDateTime, valuePeriod, valueInteger, valueQuantity }: Json, born: Days | undefined): boolean {
  if (born === undefined || born.first !== born.last) return false;
  if (valueDateTime !== undefined) return isDay(valueDateTime, born);
  if (isObject(valuePeriod)) return isDay(valuePeriod['start'], born) || isDay(valuePeriod['end'], born);
  const number = Number(valueInteger ?? (isObject(valueQuantity) ? valueQuantity['value'] : undefined));
  if (!(number > 10_000_000)) return false;
  const { year, month, day } = civilOf(born.first);
  return number === 10_000 * year + 100 * month + day;
}

function isDay(date: unknown, born: Days): boolean {
  const day = date === undefined ? undefined : readDate(date);
  return day?.first === born.first && day.last === born.first;
}

const toldIn = (given: Json, born: Days | undefined): Told | undefined =>
  toldBy(given['code']) ?? (tellsBirth(given, born) ? 'birth' : undefined);
const valueless = (given: Json): Json => without(given, name => /^_?value/.test(name));

/** The Observation, or the component, without a value that tells a birth: where the birth date itself leaves coarser, or not at all. */
const birthGone = (given: Json, born: Days | undefined): Json => (toldIn(given, born) === 'birth' ? valueless(given) : given);

/** The Observation, or the component, with its age in a unit of time; what tells of no age is given back as it came. */
function withAge(given: Json, from: number | undefined, born: Days | undefined): Json {
  const told = toldIn(given, born);
  const { valueInteger, valueQuantity, valueRange, valueCodeableConcept } = given;
  if (told === undefined) {
    if (from === undefined) return given;
    if (isObject(valueCodeableConcept) && isWord(valueCodeableConcept['text'], from))
      return { ...given, valueCodeableConcept: without(valueCodeableConcept, name => name === 'text') };
    return isUntold(given, from) ? without(given, name => numbers.has(name)) : given;
  }
  const rest = valueless(given);
  if (told === 'birth') return rest;
  // 95 in words, of which no text says that it is an age.
  if (isObject(valueCodeableConcept)) return { ...rest, valueCodeableConcept: without(valueCodeableConcept, name => name === 'text') };
  if (valueInteger !== undefined) return { ...rest, valueQuantity: { value: valueInteger, ...inYears } };
  if (isObject(valueRange)) return { ...rest, valueRange: { low: timed(valueRange['low']), high: timed(valueRange['high']) } };
  return valueQuantity === undefined ? rest : { ...rest, valueQuantity: timed(valueQuantity) };
}

/**
 * An Observation whose ages, its own and those of its components, can be judged.
 * @param born when the person was
 * @param from years, of somebody of whom no age may leave: numbers without a unit that may be an age from there on, or a year of birth, go by whatever code
 */
export const agesTold = (observation: Json, from?: number, born?: Days): Json =>
  andComponents(observation, one => withAge(one, from, born));

/** What is judged of Observations before a policy treats them. @param bornAsIs birth dates leave as exact as they are */
export function judging(
  { pooledFrom }: Pick<Policy, 'pooledFrom'>,
  bornAsIs: boolean,
): (observation: Json, subject: Subject | undefined) => Json {
  // Of several persons one may be pooled.
  if (pooledFrom !== undefined)
    return (observation, subject) => agesTold(observation, subject?.pooled === false ? undefined : pooledFrom, subject?.born);
  if (bornAsIs) return observation => observation;
  return (observation, subject) => andComponents(observation, one => birthGone(one, subject?.born));
}

function andComponents(observation: Json, judge: (given: Json) => Json): Json {
  const own = judge(observation);
  const { component } = own;
  if (!Array.isArray(component)) return own;
  let told: unknown[] | undefined;
  for (let i = 0; i < component.length; i++) {
    const one: unknown = component[i];
    const its = isObject(one) ? judge(one) : one;
    if (its !== one) (told ??= [...(component as unknown[])])[i] = its;
  }
  return told === undefined ? own : { ...own, component: told };
}
