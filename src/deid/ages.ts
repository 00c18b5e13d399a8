/**
 * Ages at events, in whole years, as an extension; where dates are cut to years, this is what tells a child from an adult.
 * Every resource that is to have one has exactly one: an age, a span of years (a band, or a birth or event that is known by month or year), `pooledFrom` years or more, or the reason why there is none.
 * Of somebody pooled only he himself has an age, and that is `>= 90 a`. At events it is masked, also from 90 on: "90 or more" beside a year tells how much more there is today, and the first
 * such visit after another one tells the year of birth.
 * R4: https://hl7.org/fhir/R4/extensibility.html; DAPL: an age over 89 is `>= 90 a`
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { elementsOf } from '../fhir/profile/elements.ts';
import { civilOf, type Days, dayOf, isOfLife, readDate, yearsBetween } from './calendar.ts';
import { absentReason, isObject, masked, type Run } from './context.ts';
import { atLeast } from './methods/generalize-date.ts';
import { type AgeAt, type Policy, PolicyError } from './policy.ts';

const years = (value: number): Json => ({ value, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' });

/** DAPL takes a Quantity or a Range, and one of them has to be there. */
const absent = (reason: Json): Json => ({ valueQuantity: { extension: [reason] } });

/** Nobody knows when the birth, the event or the death was. */
const unknown = absent({ url: absentReason, valueCode: 'unknown' });
/** Not yet born on that day. */
const unborn = absent({ url: absentReason, valueCode: 'not-applicable' });
const withheld = absent(masked);

/** Extensions with the ages of a resource of a type; undefined: the policy wants none. @throws PolicyError */
export function agesOf({ ages, pooledFrom }: Policy, type: string): ((resource: Json, run: Run) => Json[]) | undefined {
  const wanted = ages
    .filter(age => age.on === type)
    .map(age => {
      const told = age.at === 'today' || age.at === 'year-end' ? ofPerson(age, pooledFrom) : atEvent(age, pooledFrom);
      return (resource: Json, run: Run): Json => ({ url: age.url, ...told(resource, run) });
    });
  return wanted.length === 0 ? undefined : (resource, run) => wanted.map(told => told(resource, run));
}

type Told = (resource: Json, run: Run) => Json;

/** The age today, or on the last 31 December; of somebody who died before, the age at death. */
function ofPerson({ at, years: width }: AgeAt, pooledFrom: number | undefined): Told {
  return (resource, { context: { subject, today } }) => {
    if (subject?.born === undefined || today === undefined) return unknown;
    const isDead = resource['deceasedBoolean'] === true || resource['deceasedDateTime'] !== undefined;
    const death = readDate(resource['deceasedDateTime']);
    if (isDead && (death === undefined || death.last < subject.born.first)) return unknown;
    // Also of whom it is only a planned visit that pools, or a death that nobody noted at once: who is pooled has one age.
    if (pooledFrom !== undefined && subject.pooled) return { valueQuantity: atLeast(pooledFrom) };
    if (death !== undefined && !isOfLife(death, subject)) return unknown;
    const day = at === 'today' ? today : dayOf(civilOf(today).year - 1, 12, 31);
    const until = (last = day): number => Math.min(day, last);
    return between(subject.born, { first: until(death?.first), last: until(death?.last) }, width, pooledFrom);
  };
}

/** The age at the date that an element holds. */
function atEvent({ on, at, years: width }: AgeAt, pooledFrom: number | undefined): Told {
  const dated = dateAt(on, at);
  return (resource, { context: { subject } }) => {
    if (subject?.born === undefined) return unknown;
    if (subject.pooled) return withheld;
    const date = readDate(dated(resource));
    return date === undefined || !isOfLife(date, subject) ? unknown : between(subject.born, date, width, pooledFrom);
  };
}

/** @param width years of a band; undefined: the age itself, where it is one */
function between(born: Days, at: Days, width: number | undefined, pooledFrom = Number.POSITIVE_INFINITY): Json {
  const highest = yearsBetween(born.first, at.last);
  if (highest >= pooledFrom) return withheld;
  // A band tells no more of those who are not yet born.
  if (highest < 0 && width === undefined) return unborn;
  const [low, high] = [Math.max(0, yearsBetween(born.last, at.first)), Math.max(0, highest)];
  if (width === undefined) return low === high ? { valueQuantity: years(low) } : { valueRange: { low: years(low), high: years(high) } };
  const band = (age: number): number => Math.floor(age / width) * width;
  return { valueRange: { low: years(band(low)), high: years(Math.min(band(high) + width, pooledFrom) - 1) } };
}

/** Of a Period the start, or the end where that is all that is known; of a Timing its earliest event, or its bounds. */
function dateIn({ start, end, event, repeat }: Json): unknown {
  const bounds = isObject(repeat) ? repeat['boundsPeriod'] : undefined;
  return (
    start ??
    end ??
    (Array.isArray(event) ? event.filter(one => typeof one === 'string').sort()[0] : undefined) ??
    (isObject(bounds) ? dateIn(bounds) : undefined)
  );
}

/** What an element of a resource holds. @throws PolicyError where R4 has no such element */
function dateAt(type: string, at: string): (resource: Json) => unknown {
  const [first, ...rest] = at.split('.');
  const properties = [...elementsOf(type)].filter(([property, { path }]) => property === first || path === `${type}.${first}`);
  if (properties.length === 0) throw new PolicyError(`ages.${type}.${at}`, 'R4 has no such element');
  return resource => {
    for (const [property] of properties) {
      let value: unknown = resource[property];
      for (const name of rest) value = isObject(value) ? value[name] : undefined;
      const date = isObject(value) ? dateIn(value) : value;
      if (date !== undefined) return date;
    }
    return undefined;
  };
}
