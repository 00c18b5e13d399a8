/**
 * What is on file about one person for a decision by IHE PCF: the active Consents of all his records, and whether who asks belongs to the groups they name.
 * Consents, groups and roles are read with the asker's own access; only whose records are one person's the server looks up for itself.
 * IHE PCF: https://profiles.ihe.net/ITI/PCF/ITI-108.html
 * @module
 */
import { type Access, asServer } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { personKey } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { dateReader } from '../fhir/search/dates.ts';
import { type Predicate, type SearchQuery, searchFor } from '../fhir/search/query.ts';
import type { Cursor, Store } from '../fhir/store/store.ts';
import { type Reading, referenceOf } from './pcf/read.ts';

/** Consents of one person; more are no answer. */
const most = 1000;

const query = (type: string, where: readonly Predicate[]): SearchQuery => searchFor(type, where, 200);

const parse = (bytes: Buffer): AnyResource => JSON.parse(bytes.toString()) as AnyResource;

/** The current resource, if it is there for this access. */
export async function current(store: Store, access: Access, reference: string): Promise<AnyResource | undefined> {
  const [type, id] = reference.split('/') as [string, string];
  const version = await store.read(access, type, id);
  return version === undefined || version.deleted ? undefined : parse(version.bytes);
}

/** References of all records of the person whose record this is; of one that is not here, itself. */
export async function recordsOf(store: Store, patient: string): Promise<readonly string[]> {
  const access = asServer('find the records of a person');
  const set = await store.persons(access, query('Patient', [{ kind: 'id', values: [patient.slice('Patient/'.length)] }]));
  const records = [patient];
  for await (const person of store.each(access, set)) records.push(...person.records);
  return [...new Set(records)];
}

/** Active Consents whose patient is one of these records, by reference or by an identifier. Throws Problem `too-costly`. */
export async function consentsOf(store: Store, access: Access, records: readonly string[]): Promise<readonly AnyResource[]> {
  const server = asServer('find the identifiers of a person');
  const patients = (await Promise.all(records.map(record => current(store, server, record)))).flatMap(one => one ?? []);
  const identifiers = patients.flatMap(one => [one['identifier'] ?? []].flat() as Json[]);
  const active: Predicate = { kind: 'token', code: 'status', values: [{ code: 'active' }], not: false };
  const found = await all(store, access, [
    { kind: 'reference', code: 'patient', values: records.map(reference => ({ reference })), targets: ['Patient'] },
    active,
  ]);
  const values = [...new Set(identifiers.flatMap(({ value }) => (typeof value === 'string' ? spellings(value) : [])))];
  const named =
    values.length === 0
      ? []
      : await all(store, access, [
          { kind: 'token', code: 'patient:identifier', values: values.map(code => ({ code })), not: false },
          active,
        ]);
  const own = named.filter(one => {
    const identifier = (one['patient'] as Json)['identifier'] as Json;
    return identifiers.some(known => isSame(known, identifier));
  });
  return [...new Map([...found, ...own].map(one => [one.id, one])).values()];
}

async function all(store: Store, access: Access, where: readonly Predicate[]): Promise<readonly AnyResource[]> {
  const resources: AnyResource[] = [];
  let cursor: Cursor | undefined;
  do {
    const page = await store.search(access, query('Consent', where), cursor);
    resources.push(...page.matches.map(one => parse(one.bytes)));
    if (resources.length > most) throw new Problem('too-costly', 'There are more consents on file than one decision may ask for.');
    cursor = page.next;
  } while (cursor !== undefined);
  return resources;
}

/** A value as it may be written: half width, full width, digits alone in full width. */
function spellings(value: string): string[] {
  const half = value.normalize('NFKC').trim();
  const wide = (pattern: RegExp): string => half.replace(pattern, c => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
  return [value, half, wide(/[!-~]/g), wide(/[0-9]/g)];
}

function isSame(a: Json, b: Json): boolean {
  const [one, other] = [personKey(a), personKey(b)];
  return one !== undefined ? one === other : a['system'] === b['system'] && a['value'] === b['value'];
}

export interface Belongs {
  /** The actors, what their roles stand for, and the groups in which they are. */
  readonly actors: readonly string[];
  /** Groups that cannot be read, or do not name their members. */
  readonly perhaps: readonly string[];
}

/** What else the actors are: a PractitionerRole's practitioner and organisation, members of these groups. */
export async function belongs(
  store: Store,
  access: Access,
  actors: readonly string[],
  groups: readonly string[],
  at: Reading & { readonly now: number },
): Promise<Belongs> {
  const known = new Set(actors);
  for (const actor of actors.filter(one => one.startsWith('PractitionerRole/'))) {
    const role = await current(store, access, actor);
    for (const name of ['practitioner', 'organization']) {
      const one = referenceOf(role?.[name], at);
      if (one !== undefined) known.add(one);
    }
  }
  const perhaps: string[] = [];
  for (const group of groups.filter(one => !known.has(one))) {
    const members = membersOf(await current(store, access, group), at);
    if (members === undefined) perhaps.push(group);
    else if (members.some(member => known.has(member))) known.add(group);
  }
  return { actors: [...known], perhaps };
}

/** Who is in it now; undefined: it does not say. */
function membersOf(group: AnyResource | undefined, at: Reading & { readonly now: number }): readonly string[] | undefined {
  if (group === undefined || group['modifierExtension'] !== undefined || !Array.isArray(group['member'])) return undefined;
  const read = dateReader(at.timeZone);
  return (group['member'] as Json[]).flatMap(({ entity, inactive, period }) => {
    const { start, end } = (period ?? {}) as Json;
    const [from, until] = [start, end].map(one => (typeof one === 'string' ? read(one) : undefined));
    const isNow = (from === undefined || from[0] <= at.now) && (until === undefined || at.now <= until[1]);
    const member = inactive === true || !isNow ? undefined : referenceOf(entity, at);
    return member ?? [];
  });
}
