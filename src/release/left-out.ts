/**
 * What goes with those who are left out of data that are handed in: a resource that names nobody, but is of an encounter of theirs, or of what is of one.
 * @module
 */
import { isObject } from '../deid/context.ts';
import { namesOf, personsIn } from '../fhir/model/named.ts';
import type { Json } from '../fhir/model/r4.ts';
import { identifiedBy, literal } from '../fhir/model/reference.ts';
import type { Entry } from './entries.ts';

const numberOf = ({ system, value }: { readonly system?: unknown; readonly value?: unknown }): string => `${system}|${value}`;

/** @param entries references settled @param out places of the entries that name somebody who is left out @returns these, and those that go with them */
export function leftOut(entries: readonly Entry[], out: ReadonlySet<number>, base: string): ReadonlySet<number> {
  if (out.size === 0) return out;
  const gone = new Set(out);
  const nobodys = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (gone.has(entry.place)) continue;
    const named = personsIn(entry.resource, { base, conditions: true });
    if (namesOf(named).length + named.unresolvable.length > 0) continue;
    for (const target of targetsIn(entry.resource, base)) {
      const met = nobodys.get(target);
      if (met === undefined) nobodys.set(target, [entry]);
      else met.push(entry);
    }
  }
  const left = entries.filter(({ place }) => gone.has(place));
  for (const { name, resource } of left) {
    const { identifier } = resource;
    const numbers = (Array.isArray(identifier) ? identifier : [identifier]).filter(isObject).map(numberOf);
    for (const one of [name, ...numbers].flatMap(target => nobodys.get(target) ?? [])) {
      if (gone.has(one.place)) continue;
      gone.add(one.place);
      left.push(one);
    }
  }
  return gone;
}

/** Everything that a resource refers to: `Type/id`, or the number of a logical reference. */
function targetsIn(resource: Json, base: string): Set<string> {
  const targets = new Set<string>();
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(walk);
    else if (isObject(node)) {
      const { reference, identifier } = node;
      if (typeof reference === 'string') {
        const own = literal(reference, base);
        const meant = identifiedBy(reference)?.identifier;
        if (own !== undefined) targets.add(`${own.type}/${own.id}`);
        else if (meant !== undefined) targets.add(numberOf(meant));
      } else if (isObject(identifier) && node !== resource) targets.add(numberOf(identifier));
      for (const name in node) if (typeof node[name] === 'object') walk(node[name]);
    }
  };
  walk(resource);
  return targets;
}
