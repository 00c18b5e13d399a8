/**
 * Which entries of a Bundle that was handed in (not read from the store) are about somebody who objected, under any number or record of the person.
 * Who cannot be made out is left out as soon as it could matter.
 * @module
 */

import { namesOf, personsIn } from '../fhir/model/named.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';
import { decide } from './decide.ts';

export interface ObjectionsIn {
  readonly store: Pick<Store, 'lines'>;
  /** Milliseconds. */
  readonly now: number;
  /** Base URL of this server. */
  readonly base?: string;
  /** 10-digit codes of the institutions known here: a patient number whose system names none may be any one's. */
  readonly institutions?: readonly string[];
}

/**
 * Numbers (from 0) of the entries that must be left out: all that name a person with an objection in force, wherever it was made and whatever it is limited to.
 */
export async function objectionsIn(
  bundle: AnyResource,
  { store, now, base, institutions = [] }: ObjectionsIn,
): Promise<ReadonlySet<number>> {
  const entries = (Array.isArray(bundle['entry']) ? bundle['entry'] : []) as Json[];
  const see = (resource: AnyResource, institution?: string) =>
    personsIn(resource, {
      ...(base === undefined ? {} : { base }),
      ...(institution === undefined ? {} : { institution }),
      conditions: true,
    });
  const named = entries.map(entry => {
    const resource = entry?.['resource'] as AnyResource | undefined;
    if (typeof resource !== 'object' || resource === null) return undefined;
    const fullUrl = typeof entry['fullUrl'] === 'string' ? entry['fullUrl'] : undefined;
    const seen = [
      see(resource),
      ...(nameless.test(JSON.stringify(resource).normalize('NFKC')) ? institutions.map(code => see(resource, code)) : []),
    ];
    return { resource, seen, names: seen.flatMap(namesOf), texts: referenceTexts(resource), fullUrl };
  });
  // One person: a Patient's own names, and everybody it is linked to.
  const people = new Groups();
  for (const one of named) {
    if (one === undefined) continue;
    if (one.resource.resourceType === 'Patient' || one.resource.resourceType === 'RelatedPerson') {
      const own = [`${one.resource.resourceType}/${one.resource.id}`, ...(one.fullUrl === undefined ? [] : [one.fullUrl])];
      people.join([...own, ...one.seen.flatMap(one => one.records.filter(r => r.itself).flatMap(r => r.keys)), ...sameAs(one.resource)]);
    }
  }
  const closed = new Set<string>();
  for (const group of people.with(named.flatMap(one => (one === undefined ? [] : one.names)))) {
    const lines = await store.lines(group);
    // Waiting days play no part in research.
    if (decide({ purpose: 'research', lines, now, waitDays: 0, timeZone: 'UTC' }) !== 'clear') for (const name of group) closed.add(name);
  }
  const out = new Set<number>();
  if (closed.size === 0) return out;
  for (const [i, one] of named.entries()) {
    if (one === undefined) continue;
    const all = [...one.names, ...one.texts, ...(one.fullUrl === undefined ? [] : [one.fullUrl])];
    const open = one.seen.some(seen => seen.unresolvable.length > 0) && !one.texts.some(text => people.has(text));
    if (open || all.some(name => closed.has(name))) out.add(i);
  }
  return out;
}

/** A hospital's patient number in the form whose system does not say which hospital's. */
const nameless = /jp_hospital_patientid/i;

/** Patient.link, and the patient of a RelatedPerson: data about the one are data about the other. */
function sameAs(resource: AnyResource): string[] {
  const links = Array.isArray(resource['link']) ? (resource['link'] as Json[]).map(link => link?.['other']) : [];
  return [...links, resource['patient']].flatMap(one => {
    const reference = (one as Json | undefined)?.['reference'];
    return typeof reference === 'string' ? [reference] : [];
  });
}

/** All references as written: inside a Bundle they may be full URLs of its entries. */
function referenceTexts(resource: AnyResource): string[] {
  const texts = new Set<string>();
  const walk = (node: Json): void => {
    for (const [name, child] of Object.entries(node)) {
      if (name === 'reference' && typeof child === 'string') texts.add(child);
      else if (Array.isArray(child)) {
        for (const one of child) if (one !== null && typeof one === 'object') walk(one as Json);
      } else if (child !== null && typeof child === 'object') walk(child as Json);
    }
  };
  walk(resource);
  return [...texts].filter(text => /^urn:|(^|\/)(Patient|RelatedPerson)\//i.test(text));
}

/** Names that mean one person, grown by joining. */
class Groups {
  readonly #group = new Map<string, Set<string>>();

  join(names: readonly string[]): void {
    const joined = new Set(names);
    for (const name of names) for (const one of this.#group.get(name) ?? []) joined.add(one);
    for (const name of joined) this.#group.set(name, joined);
  }

  has = (name: string): boolean => this.#group.has(name);

  /** The groups, and each further name by itself. */
  with(names: readonly string[]): string[][] {
    for (const name of names) if (!this.#group.has(name)) this.join([name]);
    return [...new Set(this.#group.values())].map(group => [...group]);
  }
}
