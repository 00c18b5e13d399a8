/**
 * Treatment by a policy in Noren's language: as a release does it, one text at a time.
 * A reference leads to somebody of the input, or to a resource of the input that is of a type that leaves; whether that very resource will leave is not asked,
 * since that would take a third pass.
 * @module
 */
import type { Context } from '../deid/context.ts';
import { countsOf, deidentify, newTally, withheld } from '../deid/deidentify.ts';
import { joined } from '../deid/joined.ts';
import { personKey } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { merged } from '../release/individual.ts';
import { collection, type Packed, packed, toPatient } from '../release/package.ts';
import { provenance } from '../release/provenance.ts';
import type { Series } from '../release/series.ts';
import { people, whose } from '../release/whose.ts';
import type { Names } from './names.ts';
import type { Person } from './people.ts';
import { placeOf, resourcesOf } from './resources.ts';
import { atOf } from './survey.ts';
import { type Made, Tallies, type Treatment } from './treatment.ts';

/** Where references lead, kept for those that come often. */
const mostKept = 20_000;

/** @param names of the resources that are in the input */
export function byPolicy(series: Series, persons: readonly Person[], names: Names): Treatment {
  const { keys, compiled, base, today } = series;
  const whom = people(persons);
  const first = new Map(persons.map(person => [person.at, person]));
  const leads = new Map<string, Json | undefined>();

  const leadOf = (reference: string): Json | undefined => {
    const person = whom.byName.get(reference);
    if (person !== undefined) return toPatient(person, compiled.types.has('Patient'));
    const slash = reference.indexOf('/');
    const type = reference.slice(0, Math.max(0, slash));
    if (type === 'Patient' || !compiled.types.has(type) || !names.has(reference)) return undefined;
    return { reference: joined(type, '/', keys.pseudonym(type, reference.slice(slash + 1))) };
  };
  const lead = (reference: string): Json | undefined => {
    if (leads.has(reference)) return leads.get(reference);
    if (leads.size >= mostKept) leads.clear();
    const made = leadOf(reference);
    leads.set(reference, made);
    return made;
  };
  const identified = (identifier: Json): Json | undefined => {
    const key = personKey(identifier);
    const person = key === undefined ? undefined : whom.byKey.get(key);
    return person === undefined ? undefined : lead(person.names[0]!);
  };

  /** Whom it is told of, and what is treated; undefined: it does not leave. */
  const asOf = (
    resource: AnyResource,
    name: string,
    at: string,
  ): { id: string; resource: AnyResource; rest: Partial<Context> } | undefined => {
    if (resource.resourceType === 'Patient') {
      const person = first.get(at);
      if (person === undefined) return undefined;
      const record = merged(person.records.length === 0 ? [resource] : person.records);
      return { id: person.pseudonym, resource: record, rest: { subject: person.subject, personKeys: [...person.keys] } };
    }
    if (!compiled.types.has(resource.resourceType) || withheld(resource)) return undefined;
    const owner = whose(resource, whom, base);
    if (owner.kind === 'foreign') return undefined;
    const id = keys.pseudonym(resource.resourceType, name.slice(resource.resourceType.length + 1));
    return { id, resource, rest: owner.kind === 'one' ? { subject: owner.individual.subject } : {} };
  };

  return {
    keepsOrder: false,
    resource(root, where, tallies): Made | undefined {
      const tally = newTally(compiled);
      const out: { id: string; resource: AnyResource }[] = [];
      for (const { place, name, resource } of resourcesOf(root, where, base)) {
        Tallies.add(tallies.read, resource.resourceType);
        const given = asOf(resource, name, atOf(where, place));
        if (given === undefined) {
          // A second record of one person has left in the first.
          if (resource.resourceType !== 'Patient') tally[compiled.counters.indexOf('withheld')]!++;
          continue;
        }
        const left = deidentify(compiled, given.resource, { keys, base, id: given.id, today, lead, identified, ...given.rest }, tally);
        if (left === undefined) continue;
        Tallies.add(tallies.left, left.resourceType);
        out.push({ id: given.id, resource: left });
      }
      const counts = countsOf(compiled, tally);
      for (const [name, count] of Object.entries(counts)) Tallies.add(tallies.measures, name, count);
      if (root.resourceType !== 'Bundle') {
        const [one] = out;
        return one === undefined ? undefined : { key: one.id, bytes: Buffer.from(JSON.stringify(one.resource)) };
      }
      const id = keys.pseudonym('Bundle', placeOf(where));
      const entries: Packed[] = out.map(one => packed(one.resource, one.id));
      const evidence = provenance(id, keys.pseudonym('Provenance', placeOf(where)), counts, series);
      return { key: id, bytes: Buffer.concat(collection(id, entries, evidence, series)) };
    },
  };
}
