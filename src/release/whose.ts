/**
 * Whose a resource is: one person of the release, nobody, several, or somebody who is not in it. Decided by everybody whom the resource names, in every form.
 * @module
 */
import { isObject } from '../deid/context.ts';
import { personsIn } from '../fhir/model/named.ts';
import { type PersonKey, personKey, personKeys } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { identifiedBy, literal } from '../fhir/model/reference.ts';
import { containedIn } from '../fhir/search/compile.ts';
import type { Individual } from './individual.ts';

/** The people of a release, by every name: each person the same object every time. */
export interface People<T = Individual> {
  readonly byName: Pick<ReadonlyMap<string, T>, 'get' | 'has'>;
  readonly byKey: Pick<ReadonlyMap<PersonKey, T>, 'get' | 'has'>;
}

export type Whose<T = Individual> =
  /** One person's: dates move by his shift. */
  | { readonly kind: 'one'; readonly individual: T }
  /** Nobody's, or several persons': it leaves without dates. */
  | { readonly kind: 'undated' }
  /** Its subject is somebody outside of the release: it does not leave. */
  | { readonly kind: 'foreign' };

export function people(individuals: Iterable<Individual>): People {
  const byName = new Map<string, Individual>();
  const byKey = new Map<PersonKey, Individual>();
  for (const one of individuals) {
    for (const name of one.names) byName.set(name, one);
    for (const key of one.keys) byKey.set(key, one);
  }
  return { byName, byKey };
}

export function whose<T>(resource: AnyResource, people: People<T>, base: string): Whose<T> {
  const { byName, byKey } = people;
  const named = personsIn(resource, { base, conditions: true });
  const met = new Set<T>();
  let strangers = named.unresolvable.length;
  const add = (individual: T | undefined): void => {
    if (individual === undefined) strangers++;
    else met.add(individual);
  };
  for (const reference of named.references) if (reference.startsWith('Patient/')) add(byName.get(reference));
  for (const { key } of named.identifiers) add(byKey.get(key));
  for (const { key } of named.perhaps) {
    const individual = byKey.get(key);
    if (individual !== undefined) met.add(individual);
  }
  for (const record of named.records) if (!record.itself) add(record.keys.map(key => byKey.get(key)).find(one => one !== undefined));
  if (isForeign(resource, people, base) || (met.size === 0 && strangers > 0)) return { kind: 'foreign' };
  const [first, ...rest] = met;
  // Not even where two have the same shift: dates would tell that they have.
  if (first === undefined || strangers > 0 || rest.length > 0) return { kind: 'undated' };
  return { kind: 'one', individual: first };
}

/** What the resource is about is somebody who is not in the release, by whatever form the resource names him. */
function isForeign(resource: AnyResource, { byName, byKey }: People<unknown>, base: string): boolean {
  return ['subject', 'patient', 'beneficiary'].some(element => {
    const subject = resource[element];
    if (!isObject(subject)) return false;
    const { reference, identifier, type } = subject;
    if (typeof reference === 'string') {
      if (byName.has(reference)) return false;
      if (reference.startsWith('#')) return isForeignRecord(resource, reference.slice(1), byKey);
      const meant = identifiedBy(reference);
      if (meant?.type === 'Patient') return !isKnown(meant.identifier, byKey);
      const found = literal(reference, base);
      return found === undefined || (found.type === 'Patient' && !byName.has(`Patient/${found.id}`));
    }
    if (!isObject(identifier) || (type !== undefined && type !== 'Patient')) return false;
    return !isKnown(identifier, byKey);
  });
}

function isKnown(identifier: Json, byKey: People<unknown>['byKey']): boolean {
  const key = personKey(identifier);
  return key !== undefined && byKey.has(key);
}

/** A Patient record inside the resource that is nobody's of the release. */
function isForeignRecord(resource: AnyResource, id: string, byKey: People<unknown>['byKey']): boolean {
  const record = containedIn(resource).get(id);
  return record?.resourceType === 'Patient' && !personKeys(record).some(key => byKey.has(key));
}
