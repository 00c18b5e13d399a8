/**
 * A Bundle that somebody hands in to be de-identified: its Patients are grouped into persons, its references by full URL become plain ones, nothing is stored.
 * R4: https://hl7.org/fhir/R4/bundle.html#references
 * @module
 */
import { isObject } from '../deid/context.ts';
import { namesOf, personsIn } from '../fhir/model/named.ts';
import { personKeys } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import { registryIn } from './cleaning.ts';
import { type Individual, individual } from './individual.ts';
import { Collection, type Material } from './material.ts';
import type { Series } from './series.ts';
import { Turn } from './turn.ts';
import { people } from './whose.ts';

/** The Bundle with an id for every resource that has none, so that each can be called by a name of its own. */
export const withIds = (bundle: AnyResource): AnyResource => ({
  ...bundle,
  ...(Array.isArray(bundle['entry'])
    ? {
        entry: (bundle['entry'] as unknown[]).map((entry, place) =>
          isObject(entry) && isObject(entry['resource']) && entry['resource']['id'] === undefined
            ? { ...entry, resource: { ...entry['resource'], id: `entry-${place}` } }
            : entry,
        ),
      }
    : {}),
});

interface Entry {
  readonly name: string;
  readonly resource: AnyResource;
  /** About somebody who objected. */
  readonly out: boolean;
}

/** @param out places of the entries that must be left out @throws Problem `too-costly` */
export async function ofBundle(
  bundle: AnyResource,
  out: ReadonlySet<number>,
  types: ReadonlySet<string>,
  series: Series,
  most: number,
): Promise<Material> {
  const turn = new Turn();
  const entries = entriesOf(bundle, out, series.base);
  const known = { keys: series.keys, compiled: series.compiled, today: series.today };
  let index: ReadonlyMap<string, AnyResource[]> | undefined;
  const individuals: Individual[] = [];
  for (const group of persons(entries, series.base)) {
    await turn.pause();
    if (group.some(entry => entry.out)) continue;
    const names = group.map(entry => entry.name);
    const records = group.map(entry => entry.resource);
    const about = () => {
      index ??= byName(entries, series.base);
      return [...names, ...records.flatMap(record => personKeys(record))].flatMap(name => index?.get(name) ?? []);
    };
    individuals.push(individual({ anchor: names[0]!, records, names }, about, known));
  }
  const whom = people(individuals);
  const collection = new Collection(most, series.base);
  for (const { name, resource, out: left } of entries) {
    await turn.pause();
    if (!left && types.has(resource.resourceType)) collection.add(name, resource, whom, () => resource);
  }
  const registry = series.compiled.cleans ? { registry: registryIn(entries.map(entry => entry.resource)) } : {};
  return { individuals, people: whom, items: [...collection.items.values()], ...registry };
}

/** Resources by everybody whom they name. */
function byName(entries: readonly Entry[], base: string): ReadonlyMap<string, AnyResource[]> {
  const found = new Map<string, AnyResource[]>();
  for (const { name, resource } of entries) {
    for (const named of new Set([...namesOf(personsIn(resource, { base })), name])) {
      const met = found.get(named);
      if (met === undefined) found.set(named, [resource]);
      else met.push(resource);
    }
  }
  return found;
}

function entriesOf(bundle: AnyResource, out: ReadonlySet<number>, base: string): Entry[] {
  const given = (Array.isArray(bundle['entry']) ? bundle['entry'] : []) as unknown[];
  const named = new Map<string, string>();
  const taken = new Set<string>();
  const found = given.flatMap((entry, place) => {
    const resource = isObject(entry) ? entry['resource'] : undefined;
    if (!isObject(entry) || !isObject(resource) || typeof resource['resourceType'] !== 'string') return [];
    const type = resource['resourceType'];
    let name = `${type}/${typeof resource['id'] === 'string' ? resource['id'] : `entry-${place}`}`;
    // Two entries of one id (a history, a careless sender) are two resources.
    if (taken.has(name)) name = `${type}/entry-${place}`;
    taken.add(name);
    if (typeof entry['fullUrl'] === 'string') named.set(entry['fullUrl'], name);
    return [{ name, resource: resource as AnyResource, out: out.has(place) }];
  });
  const settle = (text: string): string => {
    const own = literal(text, base);
    return named.get(text) ?? (own === undefined ? text : `${own.type}/${own.id}`);
  };
  return found.map(entry => ({
    ...entry,
    resource: { ...(settled(entry.resource, settle) as AnyResource), id: entry.name.slice(entry.name.indexOf('/') + 1) },
  }));
}

/** With every reference settled; what has none to settle is the very same. */
function settled(value: unknown, settle: (text: string) => string): unknown {
  if (Array.isArray(value)) {
    let out: unknown[] | undefined;
    for (const [i, one] of (value as unknown[]).entries()) {
      const child = typeof one === 'object' ? settled(one, settle) : one;
      if (child !== one) (out ??= [...(value as unknown[])])[i] = child;
    }
    return out ?? value;
  }
  // A Decimal is a number.
  if (!isObject(value) || value instanceof Number) return value;
  let out: Json | undefined;
  for (const name in value) {
    const given = value[name];
    const child =
      typeof given === 'object' ? settled(given, settle) : name === 'reference' && typeof given === 'string' ? settle(given) : given;
    // No element is called __proto__, and as a key it would be more than one.
    if (child !== given && name !== '__proto__') (out ??= { ...value })[name] = child;
  }
  return out ?? value;
}

/** Patients who share an identifier or are joined by Patient.link, together; each person's records in the order of the Bundle. */
function persons(entries: readonly Entry[], base: string): Entry[][] {
  const patients = entries.filter(entry => entry.resource.resourceType === 'Patient');
  // Union-find: each record leads to an earlier one of the same person, the first to itself.
  const leader = patients.map((_, i) => i);
  const lead = (i: number): number => {
    let at = i;
    while (leader[at] !== at) at = leader[at] = leader[leader[at]!]!;
    return at;
  };
  const first = new Map<string, number>();
  patients.forEach((entry, i) => {
    for (const name of [entry.name, ...personKeys(entry.resource), ...linksOf(entry.resource, base)]) {
      const met = first.get(name);
      if (met === undefined) first.set(name, i);
      else {
        const [a, b] = [lead(met), lead(i)];
        leader[Math.max(a, b)] = Math.min(a, b);
      }
    }
  });
  const groups = new Map<number, Entry[]>();
  patients.forEach((entry, i) => {
    const group = groups.get(lead(i));
    if (group === undefined) groups.set(lead(i), [entry]);
    else group.push(entry);
  });
  return [...groups.values()];
}

/** `Patient/<id>` of every Patient.link. */
const linksOf = (patient: AnyResource, base: string): string[] =>
  (Array.isArray(patient['link']) ? (patient['link'] as unknown[]) : []).flatMap(link => {
    const text = isObject(link) && isObject(link['other']) ? link['other']['reference'] : undefined;
    const own = typeof text === 'string' ? literal(text, base) : undefined;
    return own?.type === 'Patient' ? [`Patient/${own.id}`] : [];
  });
