/**
 * A Bundle that somebody hands in to be de-identified: its Patients are grouped into persons, nothing is stored.
 * R4: https://hl7.org/fhir/R4/bundle.html#references
 * @module
 */
import { isObject } from '../deid/context.ts';
import { namesOf, personsIn } from '../fhir/model/named.ts';
import { personKeys } from '../fhir/model/person.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { knownAbout, registryIn, relativesOf } from './cleaning.ts';
import { type Entry, entriesOf } from './entries.ts';
import { type Individual, individual, lastDay } from './individual.ts';
import { leftOut } from './left-out.ts';
import { Collection, type Material } from './material.ts';
import { persons, tiesOf } from './persons.ts';
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

/** @param named places of the entries that name somebody who must be left out @throws Problem `too-costly` */
export async function ofBundle(
  bundle: AnyResource,
  named: ReadonlySet<number>,
  types: ReadonlySet<string>,
  series: Series,
  most: number,
): Promise<Material> {
  const turn = new Turn();
  const entries = entriesOf(bundle, series.base);
  const out = leftOut(entries, named, series.base);
  const patients = entries.filter(entry => entry.resource.resourceType === 'Patient');
  const known = { keys: series.keys, compiled: series.compiled, today: series.today };
  let index: ReadonlyMap<string, AnyResource[]> | undefined;
  const individuals: Individual[] = [];
  for (const group of persons(patients, ({ name, resource }) => tiesOf(name, resource, series.base))) {
    await turn.pause();
    if (group.some(entry => out.has(entry.place))) continue;
    const names = group.map(entry => entry.name);
    const records = group.map(entry => entry.resource);
    const about = () => {
      index ??= byName(entries, series.base);
      return [...names, ...records.flatMap(record => personKeys(record))].flatMap(name => index?.get(name) ?? []);
    };
    const relatives = series.compiled.cleans
      ? await relativesOf(about(), names, series.base, async references => references.flatMap(name => index?.get(name) ?? []))
      : [];
    individuals.push(
      individual(
        { anchor: names[0]!, records, names },
        until => lastDay(about(), until),
        known,
        () => knownAbout(about(), names, relatives),
      ),
    );
  }
  const whom = people(individuals);
  const collection = new Collection(most, series.base, types);
  for (const { place, name, resource } of entries) {
    await turn.pause();
    if (!out.has(place) && types.has(resource.resourceType)) collection.add(name, resource, whom, () => resource);
    else collection.pass(name, resource, whom);
  }
  const registry = series.compiled.cleans ? { registry: registryIn(entries.map(entry => entry.resource)) } : {};
  return { individuals, people: whom, items: collection.items(whom), numbers: collection.numbers, ...registry };
}

/** Resources by everybody whom they name. */
function byName(entries: readonly Entry[], base: string): ReadonlyMap<string, AnyResource[]> {
  const found = new Map<string, AnyResource[]>();
  for (const { name, resource } of entries) {
    for (const named of new Set([...namesOf(personsIn(resource, { base, conditions: true })), name])) {
      const met = found.get(named);
      if (met === undefined) found.set(named, [resource]);
      else met.push(resource);
    }
  }
  return found;
}
