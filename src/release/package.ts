/**
 * The data set: a Bundle of type collection, each resource under its pseudonym, in an order that the pseudonyms make, and at its end a Provenance that says how.
 * R4: https://hl7.org/fhir/R4/bundle.html, https://hl7.org/fhir/R4/provenance.html
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Context } from '../deid/context.ts';
import { countsOf, deidentify, newTally } from '../deid/deidentify.ts';
import { joined } from '../deid/joined.ts';
import { personKey } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { type Individual, merged } from './individual.ts';
import type { Material } from './material.ts';
import { provenance } from './provenance.ts';
import type { Series } from './series.ts';
import { Turn } from './turn.ts';

/** Root of the full URLs: a name space of pseudonyms, not an address. */
export const canonical = 'https://noren.example/fhir';

export interface Package {
  /** The Bundle, serialized in pieces. */
  readonly bytes: readonly Buffer[];
  /** Resources that left, the Provenance not counted. */
  readonly resources: number;
}

/** What a reference to somebody becomes. @param leaves whether Patients do; else it names the pseudonym, so that what is one person's can be told */
export const toPatient = ({ pseudonym }: Individual, leaves: boolean): Json =>
  leaves
    ? { reference: joined('Patient/', pseudonym) }
    : { type: 'Patient', identifier: { system: `${canonical}/sid/pseudonym`, value: pseudonym } };

/** @param types that the caller wants */
export async function pack(material: Material, types: ReadonlySet<string>, series: Series): Promise<Package> {
  const { keys, compiled, base, today } = series;
  // Pseudonyms once each: many references lead to one resource.
  const ids = new Map(material.items.map(item => [item.name, keys.pseudonym(item.type, item.name.slice(item.type.length + 1))]));
  const others = new Map(material.items.map(item => [item.name, { reference: joined(item.type, '/', ids.get(item.name)!) }]));
  const patients = types.has('Patient');
  const persons = new Map(material.individuals.map(one => [one, toPatient(one, patients)]));
  const lead = (reference: string): Json | undefined => {
    const individual = material.people.byName.get(reference);
    return individual === undefined ? others.get(reference) : persons.get(individual);
  };
  const identified = (identifier: Json): Json | undefined => {
    const key = personKey(identifier);
    const individual = key === undefined ? undefined : material.people.byKey.get(key);
    return individual === undefined ? undefined : persons.get(individual);
  };
  const tally = newTally(compiled);
  const entries: Packed[] = [];
  const give = (resource: AnyResource, id: string, rest: Pick<Context, 'subject' | 'personKeys'>): void => {
    const left = deidentify(compiled, resource, { keys, base, id, today, lead, identified, ...rest }, tally);
    if (left !== undefined) entries.push(packed(left, id));
  };
  if (patients)
    for (const one of material.individuals) give(merged(one.records), one.pseudonym, { subject: one.subject, personKeys: [...one.keys] });
  const turn = new Turn();
  for (const item of material.items) {
    await turn.pause();
    const id = ids.get(item.name)!;
    give(item.read(), id, item.whose.kind === 'one' ? { subject: item.whose.individual.subject } : {});
  }
  const id = randomUUID();
  const last = provenance(id, randomUUID(), countsOf(compiled, tally), series);
  return { bytes: collection(id, entries, last, series), resources: entries.length };
}

/** One entry of a data set: the id under which the resource leaves, and the entry serialized. */
export interface Packed {
  readonly id: string;
  readonly bytes: Buffer;
}

export const packed = (resource: AnyResource, id: string): Packed => ({
  id,
  bytes: Buffer.from(JSON.stringify({ fullUrl: `${canonical}/${resource.resourceType}/${id}`, resource })),
});

/** The Bundle, serialized in pieces. @param last its last entry, the evidence */
export function collection(
  id: string,
  entries: readonly Packed[],
  last: AnyResource & { id: string },
  { compiled, now }: Pick<Series, 'compiled' | 'now'>,
): Buffer[] {
  const head = {
    resourceType: 'Bundle',
    id,
    meta: { security: [compiled.policy.label] },
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${id}` },
    type: 'collection',
    timestamp: new Date(now).toISOString(),
  };
  const comma = Buffer.from(',');
  const bytes: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"entry":[`)];
  // Pseudonyms are keyed hashes: their order is the key's, and tells nothing of the order in which they came.
  for (const entry of entries.toSorted((a, b) => (a.id < b.id ? -1 : 1))) bytes.push(entry.bytes, comma);
  bytes.push(packed(last, last.id).bytes, Buffer.from(']}'));
  return bytes;
}
