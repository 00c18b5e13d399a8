/**
 * Treatment by a policy in Noren's language: as a release does it, one text at a time.
 * A reference leads to somebody of the input, or to a resource of the input that is of a type that leaves; whether that very resource will leave is not asked,
 * since that would take a pass more.
 * @module
 */
import type { Context } from '../deid/context.ts';
import { planFrom, type Ready } from '../deid/dataset/index.ts';
import { addTo, deidentify, newTally, type Tally, withheld } from '../deid/deidentify.ts';
import { joined } from '../deid/joined.ts';
import { Recent } from '../deid/recent.ts';
import { personKeys } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { merged } from '../release/individual.ts';
import { numberOf, patientKey } from '../release/numbers.ts';
import { collection, packed, toPatient } from '../release/package.ts';
import { type Left, unpeculiar } from '../release/peculiar.ts';
import { planMark, provenance } from '../release/provenance.ts';
import type { Series } from '../release/series.ts';
import { whose } from '../release/whose.ts';
import { Binaries } from './binaries.ts';
import { cleaners, type SharedTexts } from './cleaners.ts';
import type { Names } from './names.ts';
import type { Only } from './notes.ts';
import type { Numbers } from './numbers.ts';
import { objectsBy } from './objects.ts';
import { type Person, Persons, type SharedPeople } from './people.ts';
import { placeOf, resourcesOf, type Where } from './resources.ts';
import type { Shelf } from './shelf.ts';
import { atOf } from './survey.ts';
import { type Made, Tallies, type Treatment } from './treatment.ts';

/** What is known of the whole input before a line is written. */
export interface Known {
  readonly people: SharedPeople;
  readonly shelf: Shelf;
  readonly names: Names;
  readonly numbers: Numbers;
  /** Where texts are cleaned. */
  readonly texts?: SharedTexts;
}

export function byPolicy(series: Series, { people, shelf, names, numbers, texts }: Known): Treatment {
  const { keys, compiled, base, today } = series;
  const whom = new Persons(people, shelf);
  const led = new Recent<Json | undefined>();
  const binaries = new Binaries(whom, base);
  const tally = newTally(compiled);
  const cleanerOf = texts === undefined ? undefined : cleaners(texts, shelf, compiled.policy);
  let peculiar: Ready['apply'] | undefined;
  let plan: string | undefined;

  const lead = (reference: string): Json | undefined => {
    const person = whom.byName.get(reference);
    if (person !== undefined) return toPatient(person, compiled.types.has('Patient'));
    const slash = reference.indexOf('/');
    const type = reference.slice(0, Math.max(0, slash));
    if (type === 'Patient' || !compiled.types.has(type) || !names.has(reference)) return undefined;
    if (type === 'Binary' && !binaries.leaves(reference)) return undefined;
    return { reference: joined(type, '/', keys.pseudonym(type, reference.slice(slash + 1))) };
  };
  const identified = (identifier: Json, type: string | undefined): Json | undefined => {
    const key = patientKey(identifier, type);
    const person = key === undefined ? undefined : whom.byKey.get(key);
    if (person !== undefined) return toPatient(person, compiled.types.has('Patient'));
    const number = numberOf(identifier);
    const found = number === undefined ? undefined : numbers.get(type, number);
    return found && { reference: joined(found.type, '/', found.pseudonym) };
  };

  /** Whom it is told of, and what is treated; undefined: it does not leave. */
  const asOf = (
    resource: AnyResource,
    name: string,
    at: string,
    only: Only | undefined,
  ): { id: string; resource: AnyResource; person?: Person; rest: Pick<Context, 'personKeys'> } | undefined => {
    if (resource.resourceType === 'Patient') {
      const person = whom.byName.get(name);
      if (person === undefined || !whom.isAt(person, at)) return undefined;
      const { record, keys } = whom.severalOf(person) ?? { record: merged([resource]), keys: personKeys(resource) };
      return { id: person.pseudonym, resource: record, person, rest: { personKeys: keys } };
    }
    if (!compiled.types.has(resource.resourceType) || withheld(resource)) return undefined;
    const owner =
      resource.resourceType === 'Binary'
        ? binaries.whose(name, resource)
        : only === undefined
          ? whose(resource, whom, base)
          : whom.whose(only);
    if (owner.kind === 'foreign') return undefined;
    const id = keys.pseudonym(resource.resourceType, name.slice(resource.resourceType.length + 1));
    return { id, resource, ...(owner.kind === 'one' ? { person: owner.individual } : {}), rest: {} };
  };

  const leavingOf = (resource: AnyResource, name: string, at: string, only: Only | undefined, tally: Tally): Left | undefined => {
    const given = asOf(resource, name, at, only);
    if (given === undefined) {
      // A second record of one person has left in the first.
      if (resource.resourceType !== 'Patient') addTo(tally, compiled, 'withheld', 1);
      return undefined;
    }
    const { id, person, rest } = given;
    const of =
      person === undefined
        ? {}
        : { subject: person.subject, ...(cleanerOf === undefined ? {} : { clean: cleanerOf(whom.numberOf(person)) }) };
    const left = deidentify(compiled, given.resource, { keys, base, id, today, lead, led, identified, ...of, ...rest }, tally);
    return left === undefined ? undefined : { id, resource: left, ...(person === undefined ? {} : { person: person.pseudonym }) };
  };

  /** What the policy leaves of a text. @param read is told of each resource's type */
  const leaving = (root: AnyResource, where: Where, only: Only | undefined, read: (type: string) => void): Left[] => {
    tally.fill(0);
    whom.forget();
    const all: Left[] = [];
    for (const { place, name, resource } of resourcesOf(root, where, base)) {
      read(resource.resourceType);
      const left = leavingOf(resource, name, atOf(where, place), only, tally);
      if (left !== undefined) all.push(left);
    }
    return all;
  };

  const { dataSet } = compiled;
  const object = objectsBy(series, whom);
  return {
    keepsOrder: false,
    ...(object === undefined ? {} : { object }),
    ...(compiled.types.has('Binary')
      ? {
          binaries: {
            known: binaries,
            leaving: (root, where) =>
              resourcesOf(root, where, base).flatMap(({ name, resource }): string[] => {
                const left = resource.resourceType === 'Binary' && leavingOf(resource, name, '', undefined, newTally(compiled));
                return left ? [name] : [];
              }),
          },
        }
      : {}),
    ...(dataSet === undefined
      ? {}
      : {
          dataSet: {
            leaving: (root, where, only) => leaving(root, where, only, () => {}),
            plan: json => {
              const made = planFrom(json);
              peculiar = made.apply;
              plan = planMark(made.hash, series);
            },
          },
        }),
    resource(read, where, tallies, only): Made | undefined {
      const root = read();
      let out = leaving(root, where, only, type => Tallies.add(tallies.read, type));
      if (dataSet !== undefined) {
        if (peculiar === undefined) throw new Error('the data set was not counted');
        const apply = peculiar;
        out = out.flatMap(one => {
          const { left, changes } = unpeculiar(one, apply);
          addTo(tally, compiled, 'peculiar-descriptions', changes);
          return left === undefined ? [] : [left];
        });
      }
      for (const { resource } of out) Tallies.add(tallies.left, resource.resourceType);
      for (const [i, name] of compiled.counters.entries()) if (tally[i] !== 0) Tallies.add(tallies.measures, name, tally[i]);
      if (root.resourceType !== 'Bundle') {
        const [one] = out;
        return one === undefined ? undefined : { key: one.id, text: JSON.stringify(one.resource) };
      }
      const id = keys.pseudonym('Bundle', placeOf(where));
      // Without counts: those of one person's Bundle would tell how much there was of him.
      const evidence = provenance(id, keys.pseudonym('Provenance', placeOf(where)), {}, series, false, plan);
      const entries = out.map(one => packed(one.resource, one.id));
      return { key: id, text: Buffer.concat(collection(id, entries, evidence, series)) };
    },
  };
}
