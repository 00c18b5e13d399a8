/**
 * Who is asked about: a search for Patient under the allow-list, or the members of a Group; a set of persons, never of records.
 * R4: https://hl7.org/fhir/R4/search.html, https://hl7.org/fhir/R4/group.html
 * @module
 */
import type { Access } from '../fhir/model/access.ts';
import { asServer } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { isId } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Parsed, ParseOptions } from '../fhir/search/parse.ts';
import { type SearchQuery, searchFor } from '../fhir/search/query.ts';
import type { PersonSet, Store } from '../fhir/store/store.ts';
import { allowed } from './allow-list.ts';
import type { Asks } from './asks.ts';

export type ParseSearch = (type: string, params: readonly (readonly [string, string])[], options: ParseOptions) => Parsed;

/** What reads a researcher's query. */
export interface Reader {
  readonly parseSearch: ParseSearch;
  readonly base: string;
  readonly timeZone: string;
  readonly now: number;
  /** Day number. */
  readonly today: number;
  readonly asks: Asks;
}

const notPatient = (): Problem => new Problem('invalid-parameter', 'The query is a search for Patient: "Patient?…".');

/**
 * `Patient?gender=female` → what the store is asked. `Patient?` is everyone.
 * @throws Problem `invalid-parameter`
 */
export function patientQuery(text: string, reader: Reader): SearchQuery {
  const found = /^Patient(?:\?([\s\S]*))?$/.exec(text);
  if (found === null) throw notPatient();
  const params = [...new URLSearchParams(found[1] ?? '')];
  for (const [name] of params) {
    if (name.startsWith('_') && !name.startsWith('_has:'))
      throw new Problem('invalid-parameter', 'Of the parameters that begin with "_" a cohort knows only _has.');
  }
  const { query } = reader.parseSearch('Patient', params, {
    defaultCount: 1,
    maxCount: 1,
    base: reader.base,
    timeZone: reader.timeZone,
    now: reader.now,
  });
  return allowed(query, reader.asks, reader.today);
}

/** The Patients of these ids, as a query of the store. */
export const byIds = (ids: readonly string[]): SearchQuery => searchFor('Patient', [{ kind: 'id', values: ids }], 1);

/** The persons of a cohort. @param access that of a release: without the persons who object */
export async function cohort(store: Store, access: Access, text: string, reader: Reader): Promise<PersonSet> {
  const group = /^Group\/([^/?]+)$/.exec(text)?.[1];
  if (group === undefined) return await store.persons(access, patientQuery(text, reader));
  const ids = isId(group) ? await members(store, group, reader) : [];
  return await store.persons(access, byIds(ids));
}

/** ids of the Patients who are active members. Only a Group that the operator keeps counts: a hospital's own could be made to single somebody out. */
async function members(store: Store, id: string, reader: Reader): Promise<string[]> {
  const server = asServer('the members of a cohort');
  const version = await store.read(server, 'Group', id);
  const sender = await store.sender(server, 'Group', id);
  if (version === undefined || version.deleted || sender === undefined || !sender.startsWith('client/')) {
    throw new Problem('not-found', 'There is no such Group to take a cohort from.');
  }
  const member = (JSON.parse(version.bytes.toString()) as AnyResource)['member'];
  return (Array.isArray(member) ? (member as Json[]) : []).flatMap(one => {
    const reference = (one['entity'] as Json | undefined)?.['reference'];
    const found = typeof reference === 'string' && one['inactive'] !== true ? literal(reference, reader.base) : undefined;
    return found?.type === 'Patient' ? [found.id] : [];
  });
}
