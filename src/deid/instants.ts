/**
 * Instants that leave as dates: an instant has no form of a year, so what is left of it stands in an extension (DAPL: `dapl-deidentified-instant-extension`).
 * R4: https://hl7.org/fhir/R4/datatypes.html#instant
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { elementsOf } from '../fhir/profile/elements.ts';
import type { Run, Treat } from './context.ts';
import { type Policy, PolicyError } from './policy.ts';

/** Extensions with the instants of a resource of a type; undefined: the policy wants none. @param dateTime how the policy makes a dateTime @throws PolicyError */
export function instantsOf(
  { instants = [] }: Policy,
  type: string,
  dateTime: () => Treat | undefined,
): ((resource: Json, run: Run) => Json[]) | undefined {
  const wanted = instants.filter(one => one.on === type);
  if (wanted.length === 0) return undefined;
  for (const { at } of wanted)
    if (elementsOf(type).get(at)?.type !== 'instant') throw new PolicyError(`instants.${type}.${at}`, 'R4 has no such instant');
  const treat = dateTime();
  if (treat === undefined) throw new PolicyError('instants', 'the policy has no method for dateTime');
  return (resource, run) =>
    wanted.flatMap(({ at, url }) => {
      const date = treat(resource[at], run);
      return typeof date === 'string' ? [{ url, valueDateTime: date }] : [];
    });
}
