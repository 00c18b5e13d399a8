/**
 * What goes with those who are left out of data that are handed in: a resource that names nobody, but is of an encounter of theirs, or a result of theirs, or of what is one.
 * @module
 */
import { isObject } from '../deid/context.ts';
import { namesOf, personsIn } from '../fhir/model/named.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { eachReference, identifiedBy, literal } from '../fhir/model/reference.ts';
import { patientCompartment } from '../fhir/search/compartment.ts';
import type { Entry } from './entries.ts';

/** None, where there is no value: a system alone is many things'. */
const numberIn = ({ system, value }: { readonly system?: unknown; readonly value?: unknown }): string[] =>
  value === undefined ? [] : [`${system}|${value}`];

/** @param entries references settled @param out places of the entries that name somebody who is left out @returns these, and those that go with them */
export function leftOut(entries: readonly Entry[], out: ReadonlySet<number>, base: string): ReadonlySet<number> {
  if (out.size === 0) return out;
  const gone = new Set(out);
  const [theirs, others] = [new Set<string>(), new Set<string>()];
  const nobodys: Entry[] = [];
  for (const entry of entries) {
    if (gone.has(entry.place)) for (const name of namesOfEntry(entry)) theirs.add(name);
    else if (namesNobody(entry.resource, base)) nobodys.push(entry);
    else for (const name of namesOfEntry(entry)) others.add(name);
  }
  const referring = new Map<string, Entry[]>();
  const referredTo = new Map<string, Entry[]>();
  for (const entry of nobodys) {
    const targets = [...targetsIn(entry.resource, base)];
    // What is of an encounter of somebody else is his, whoever shares a care team with both.
    if (targets.some(target => others.has(target)) && !targets.some(target => theirs.has(target))) continue;
    for (const target of targets) put(referring, target, entry);
    // A result of theirs is, a medication or an institution is everybody's.
    if (patientCompartment(entry.resource.resourceType).length > 0) for (const name of namesOfEntry(entry)) put(referredTo, name, entry);
  }
  const left = entries.filter(({ place }) => gone.has(place));
  for (const entry of left) {
    const along = [
      ...namesOfEntry(entry).flatMap(name => taken(referring, name)),
      ...[...targetsIn(entry.resource, base)].flatMap(target => taken(referredTo, target)),
    ];
    for (const one of along) {
      if (gone.has(one.place)) continue;
      gone.add(one.place);
      left.push(one);
    }
  }
  return gone;
}

function namesNobody(resource: AnyResource, base: string): boolean {
  const named = personsIn(resource, { base, conditions: true });
  return namesOf(named).length + named.unresolvable.length === 0;
}

/** `Type/id`, and its numbers. */
function namesOfEntry({ name, resource: { identifier } }: Entry): string[] {
  return [name, ...(Array.isArray(identifier) ? identifier : [identifier]).filter(isObject).flatMap(numberIn)];
}

function put(lists: Map<string, Entry[]>, name: string, entry: Entry): void {
  const met = lists.get(name);
  if (met === undefined) lists.set(name, [entry]);
  else met.push(entry);
}

/** Each list once: what is on it goes with the first who leads there, and thousands may share one number. */
function taken(lists: Map<string, Entry[]>, name: string): readonly Entry[] {
  const met = lists.get(name) ?? [];
  lists.delete(name);
  return met;
}

/** Everything that a resource refers to: `Type/id`, or the number of a logical reference. */
function targetsIn(resource: Json, base: string): Set<string> {
  const targets = new Set<string>();
  eachReference(resource, ({ reference, identifier }) => {
    if (typeof reference !== 'string') {
      for (const number of numberIn(identifier as Json)) targets.add(number);
      return;
    }
    const own = literal(reference, base);
    const meant = identifiedBy(reference)?.identifier;
    if (own !== undefined) targets.add(`${own.type}/${own.id}`);
    else if (meant !== undefined) for (const number of numberIn(meant)) targets.add(number);
  });
  return targets;
}
