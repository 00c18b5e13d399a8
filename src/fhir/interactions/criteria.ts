/**
 * Criteria of the conditional interactions: a search that must name what it means.
 * What cannot be used is refused, never left out: criteria that say nothing would mean everything.
 * R4: https://hl7.org/fhir/R4/http.html#ccreate, https://hl7.org/fhir/R4/http.html#cond-update, https://hl7.org/fhir/R4/http.html#2.36.3.4
 * @module
 */
import { Problem } from '../model/outcome.ts';
import type { SearchQuery } from '../search/query.ts';
import type { Criteria } from '../store/store.ts';
import type { Context } from './interaction.ts';

export type Pairs = readonly (readonly [string, string])[];

/** `identifier=x&active=true` → pairs. */
export const pairsOf = (query: string): Pairs => [...new URLSearchParams(query)];

/** Throws 400 for unknown parameters and 412 where nothing is left that could choose. */
export function parseCriteria(type: string, pairs: Pairs, { parseSearch, settings, baseUrl, now }: Context): SearchQuery {
  const { defaultCount, maxCount, timeZone } = settings;
  const { query } = parseSearch(type, pairs, { defaultCount, maxCount, timeZone, base: baseUrl, now: now() });
  if (query.where.length === 0) throw new Problem('precondition-failed', 'The criteria hold no search parameter.');
  return query;
}

/** The one match of the criteria, or none; throws 412 for more. The result goes into the commit, so that it holds there too. */
export async function decide(type: string, pairs: Pairs, context: Context): Promise<Criteria> {
  const criteria = await decideAll(type, pairs, context, 1);
  if (criteria.ids.length > 1) throw new Problem('multiple-matches');
  return criteria;
}

/** All that match, at most one more than `most`. */
export async function decideAll(type: string, pairs: Pairs, context: Context, most: number): Promise<Criteria> {
  const { store, access } = context;
  const query = parseCriteria(type, pairs, context);
  return { access, query, ids: [...(await store.match(access, query, most))].sort() };
}
