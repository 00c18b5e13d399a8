/**
 * Ages at events: whole years from the day of birth to a date of the resource, as an extension; where dates are cut to years, this is what tells a child from an adult.
 * From `pooledFrom` years on it says so much and no more. Of somebody pooled no lower age leaves: 70 in one year and a visit twenty years later tell as much.
 * R4: https://hl7.org/fhir/R4/extensibility.html; DAPL: an age over 89 is `>= 90 a`
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { elementsOf } from '../fhir/profile/elements.ts';
import { civilOf, dayOf, readDate, yearsBetween } from './calendar.ts';
import { isObject, type Run } from './context.ts';
import { atLeast } from './methods/generalize-date.ts';
import { type Policy, PolicyError } from './policy.ts';

type AgeDay = (resource: Json, run: Run) => number | undefined;

const years = (value: number): Json => ({ value, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' });

/** Extensions with the ages of a resource of a type; undefined: the policy wants none. @throws PolicyError */
export function agesOf(policy: Policy, type: string): ((resource: Json, run: Run) => Json[] | undefined) | undefined {
  const wanted = policy.ages
    .filter(age => age.on === type)
    .map(({ at, url }) => ({ url, day: dayAt(type, at), itself: at === 'today' || at === 'year-end' }));
  if (wanted.length === 0) return undefined;
  const from = policy.pooledFrom;
  return (resource, run) => {
    const told = wanted.flatMap(({ url, day, itself }): Json[] => {
      const subject = run.context.subject;
      const at = day(resource, run);
      if (subject?.born === undefined || at === undefined || at < subject.born || at > (subject.notAfter ?? at)) return [];
      const age = yearsBetween(subject.born, at);
      if (from !== undefined && age >= from) return [{ url, valueQuantity: atLeast(from) }];
      if (!subject.pooled) return [{ url, valueQuantity: years(age) }];
      // Of the person himself, who has reached it since: so that nobody takes "old" for "missing".
      return itself && from !== undefined ? [{ url, valueQuantity: atLeast(from) }] : [];
    });
    return told.length === 0 ? undefined : told;
  };
}

/** Nobody has an age after death. */
const isDead = ({ deceasedBoolean, deceasedDateTime }: Json): boolean => deceasedBoolean === true || deceasedDateTime !== undefined;

function dayAt(type: string, at: string): AgeDay {
  if (at === 'today') return (resource, run) => (isDead(resource) ? undefined : run.context.today);
  if (at === 'year-end')
    return (resource, run) =>
      isDead(resource) || run.context.today === undefined ? undefined : dayOf(civilOf(run.context.today).year - 1, 12, 31);
  const names = at.split('.');
  const [first, ...rest] = names;
  const properties = [...elementsOf(type)].filter(([property, { path }]) => property === first || path === `${type}.${first}`);
  if (properties.length === 0) throw new PolicyError(`ages.${type}.${at}`, 'R4 has no such element');
  return resource => {
    for (const [property] of properties) {
      let value: unknown = resource[property];
      for (const name of rest) value = isObject(value) ? value[name] : undefined;
      // A Period tells by its start.
      const date = readDate(isObject(value) ? value['start'] : value);
      if (date !== undefined) return date.first;
    }
    return undefined;
  };
}
