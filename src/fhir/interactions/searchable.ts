/**
 * What several types may be asked for at once: of each only what a search of that type alone could find.
 * R4: https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/http.html#history
 * SMART: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html (`s` is search, and the histories of a type and of the system)
 * @module
 */
import { type Access, permits, type Reach, reachOf } from '../model/access.ts';
import { resourceTypes } from '../model/r4.ts';

/** The types that the agent may search. */
export const searchableTypes = (access: Access): readonly string[] => resourceTypes.filter(type => permits(access, 's', type));

/** The same access, of each type what a search may know of; nothing of the others. */
export function searchable(access: Access): Access {
  const reach = searchableTypes(access).map((type): [string, Reach] => [
    type,
    reachOf(access, type).filter(({ letters }) => letters === undefined || letters.includes('s')),
  ]);
  return { ...access, reach: Object.fromEntries(reach) };
}

/** The same access without the types that this agent may neither read nor search: no include, chain or _has goes through them. */
export function readable(access: Access): Access {
  const types = new Set(['*', ...Object.keys(access.reach), ...Object.keys(access.permits)]);
  const reach = Object.fromEntries(
    [...types].map(type => [type, permits(access, 'r', type) || permits(access, 's', type) ? reachOf(access, type) : []]),
  );
  return { ...access, reach };
}
