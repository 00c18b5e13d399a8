/**
 * The data set: a Bundle of type collection, each resource under its pseudonym, in an order that the pseudonyms make, and at its end a Provenance that says how.
 * R4: https://hl7.org/fhir/R4/bundle.html, https://hl7.org/fhir/R4/provenance.html
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { CompiledPolicy } from '../deid/compile.ts';
import type { Context } from '../deid/context.ts';
import { addTo, countsOf, deidentify, newTally, withheld } from '../deid/deidentify.ts';
import { joined } from '../deid/joined.ts';
import { Recent } from '../deid/recent.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { cleanerFor } from './cleaning.ts';
import { type Individual, merged } from './individual.ts';
import type { Item, Material } from './material.ts';
import { keyOf, numberOf, patientKey } from './numbers.ts';
import { type Left, withoutPeculiar } from './peculiar.ts';
import { planMark, provenance } from './provenance.ts';
import type { Series } from './series.ts';
import { Turn } from './turn.ts';

/** Root of the full URLs: a name space of pseudonyms, not an address. */
export const canonical = 'https://noren.example/fhir';

export interface Package {
  /** The Bundle, serialized in pieces. */
  readonly bytes: readonly Buffer[];
  /** Its entries one by one, the Provenance last. */
  readonly entries: readonly Packed[];
  /** Resources that left, the Provenance not counted. */
  readonly resources: number;
  /** `urn:uuid:` of the Bundle. */
  readonly dataSet: string;
  /** Keyed hash (hex) of what was made coarser for the data set as a whole, as in the Provenance. */
  readonly plan?: string;
  /** With a plan: rare pairs of codes that leave. */
  readonly rarePairs?: number;
}

/** What a reference to somebody becomes. @param leaves whether Patients do; else it names the pseudonym, so that what is one person's can be told */
export const toPatient = ({ pseudonym }: Pick<Individual, 'pseudonym'>, leaves: boolean): Json =>
  leaves
    ? { reference: joined('Patient/', pseudonym) }
    : { type: 'Patient', identifier: { system: `${canonical}/sid/pseudonym`, value: pseudonym } };

/** @param types that the caller wants @param files the data set leaves as files, not as a Bundle */
export async function pack(material: Material, types: ReadonlySet<string>, series: Series, files = false): Promise<Package> {
  const { keys, compiled, base, today } = series;
  // Pseudonyms once each: many references lead to one resource.
  const ids = new Map(material.items.map(item => [item.name, keys.pseudonym(item.type, item.name.slice(item.type.length + 1))]));
  const others = new Map(material.items.map(item => [item.name, { reference: joined(item.type, '/', ids.get(item.name)!) }]));
  const patients = types.has('Patient');
  const persons = new Map(material.individuals.map(one => [one, toPatient(one, patients && !one.records.every(withheld))]));
  const lead = (reference: string): Json | undefined => {
    const individual = material.people.byName.get(reference);
    return individual === undefined ? others.get(reference) : persons.get(individual);
  };
  const identified = (identifier: Json, type: string | undefined): Json | undefined => {
    const key = patientKey(identifier, type);
    const individual = key === undefined ? undefined : material.people.byKey.get(key);
    if (individual !== undefined) return persons.get(individual);
    const number = numberOf(identifier);
    const name = number === undefined ? undefined : material.numbers.get(keyOf(type, number));
    return typeof name === 'string' ? others.get(name) : undefined;
  };
  const led = new Recent<Json | undefined>();
  const tally = newTally(compiled);
  const entries: Packed[] = [];
  const write = ({ id, resource }: Left): void => {
    entries.push(packed(resource, id));
  };
  const { dataSet } = compiled;
  const kept: Left[] = [];
  /** Whether it left. */
  const give = (resource: AnyResource, id: string, person: Individual | undefined, rest: Pick<Context, 'personKeys'> = {}): boolean => {
    const of = person === undefined ? {} : { subject: person.subject, ...cleanerOf(person) };
    const left = deidentify(compiled, resource, { keys, base, id, today, lead, led, identified, ...of, ...rest }, tally);
    if (left === undefined) return false;
    const one = { id, resource: left, ...(person === undefined ? {} : { person: person.pseudonym }) };
    if (dataSet === undefined) write(one);
    else kept.push(one);
    return true;
  };
  const giveItem = ({ name, whose, read }: Item): boolean =>
    give(read(), ids.get(name)!, whose.kind === 'one' ? whose.individual : undefined);
  const cleanerOf = cleaners(material, compiled);
  const turn = new Turn();
  // Files first: which of them leave is known when they were looked into, and nothing leads to the others.
  for (const item of material.items) {
    if (item.type !== 'Binary') continue;
    await turn.pause();
    if (!giveItem(item)) others.delete(item.name);
  }
  if (patients) for (const one of material.individuals) give(merged(one.records), one.pseudonym, one, { personKeys: [...one.keys] });
  for (const item of material.items) {
    if (item.type === 'Binary') continue;
    await turn.pause();
    giveItem(item);
  }
  let peculiar: Pick<Package, 'plan' | 'rarePairs'> = {};
  if (dataSet !== undefined) {
    const { left, changes, hash, rarePairs } = await withoutPeculiar(kept, dataSet);
    addTo(tally, compiled, 'peculiar-descriptions', changes);
    for (const one of left) write(one);
    peculiar = { plan: planMark(hash, series), rarePairs };
  }
  const id = randomUUID();
  const last = provenance(id, randomUUID(), countsOf(compiled, tally), series, files, peculiar.plan);
  return {
    bytes: collection(id, entries, last, series),
    entries: [...entries, packed(last, last.id)],
    resources: entries.length,
    dataSet: `urn:uuid:${id}`,
    ...peculiar,
  };
}

/** One entry of a data set: the type and id under which the resource leaves, and the entry serialized. */
export interface Packed {
  readonly type: string;
  readonly id: string;
  readonly bytes: Buffer;
}

export const packed = (resource: AnyResource, id: string): Packed => ({
  type: resource.resourceType,
  id,
  bytes: Buffer.from(JSON.stringify({ fullUrl: `${canonical}/${resource.resourceType}/${id}`, resource })),
});

/** Pseudonyms are keyed hashes: their order is the key's, and tells nothing of the order in which they came. */
export const inOrder = (entries: readonly Packed[]): Packed[] => entries.toSorted((a, b) => (a.id < b.id ? -1 : 1));

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
  for (const entry of inOrder(entries)) bytes.push(entry.bytes, comma);
  bytes.push(packed(last, last.id).bytes, Buffer.from(']}'));
  return bytes;
}

/** How the texts of a person are cleaned. The dictionary of one person at a time: resources of one stand together. */
function cleaners({ registry }: Material, { policy }: CompiledPolicy): (person: Individual) => Pick<Context, 'clean'> {
  let last: Individual | undefined;
  let clean: Context['clean'];
  return person => {
    if (registry === undefined || person.known === undefined) return {};
    if (last !== person) {
      clean = cleanerFor(registry, person.known, policy);
      last = person;
    }
    return clean === undefined ? {} : { clean };
  };
}
