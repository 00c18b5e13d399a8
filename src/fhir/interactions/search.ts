/**
 * search: what matches, of one type, of all types or in a compartment, as a Bundle of stored bytes.
 * R4: https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/http.html#vsearch, https://hl7.org/fhir/R4/search.html
 * @module
 */
import type { Version } from '../model/exchange.ts';
import { information, Problem } from '../model/outcome.ts';
import { isResourceType } from '../model/r4.ts';
import { compartmentTypes } from '../search/compartment.ts';
import { resolveConcepts } from '../search/concepts.ts';
import type { Several } from '../search/parse.ts';
import type { SearchQuery } from '../search/query.ts';
import type { Cursor, Page } from '../store/store.ts';
import { type BundleEntry, bundleBytes, fullUrlOf } from './bundle.ts';
import { conceptsOf } from './concepts.ts';
import type { Pairs } from './criteria.ts';
import type { AtCompartment, AtSystem, AtType, Context, Interaction } from './interaction.ts';
import { openPage, sealPage, urlOf } from './page.ts';
import { patientsOf } from './patients.ts';
import { preferences } from './prefer.ts';
import { readable, searchableTypes } from './searchable.ts';
import { type Subset, subset } from './subset.ts';

/** What a page link carries. */
interface Asked {
  readonly pairs: Pairs;
  readonly cursor?: Cursor;
}

/** `GET [base]/[type]?…` and `POST [base]/[type]/_search`: a searchset, with links to itself and to the next page. */
export const searchType: Interaction<AtType> = ({ type }, context) => search(type, type, context);

/** `GET [base]?_type=…` and `POST [base]/_search`: of all types that this agent may search, or of those that `_type` names. */
export const searchSystem: Interaction<AtSystem> = async (_at, context) => {
  const types = searchableTypes(context.access);
  for (const [name, text] of context.request.query)
    if (name === '_type' && text.split(',').some(type => isResourceType(type.trim()) && !types.includes(type.trim())))
      throw new Problem('forbidden', 'This client may not search all of these types.', { expression: 'http._type' });
  return await search({ types }, '', context);
};

/**
 * `GET [base]/Patient/[id]/[type]?…`, `…/*`, and POST with `_search`. The resource that a compartment is named after must be there for the client: the
 * compartment of one that he may not know of answers like that of one that never was, even where something of his own would be in it.
 */
export const searchCompartment: Interaction<AtCompartment> = async ({ compartment, id, type }, context) => {
  const members = compartmentTypes(compartment);
  if (type !== undefined && !members.includes(type)) throw new Problem('unknown-type', `No ${type} is part of a compartment of this type.`);
  const centre = await context.store.read(readable(context.access), compartment, id);
  if (centre === undefined || centre.deleted) throw new Problem('not-found');
  const types = type === undefined ? searchableTypes(context.access).filter(one => members.includes(one)) : [type];
  return await search({ types, within: { compartment, ids: [id] } }, `${compartment}/${id}/${type ?? '*'}`, context);
};

async function search(of: string | Several, path: string, context: Context) {
  const { request, settings, baseUrl, now, parseSearch } = context;
  const sealed = openPage<Asked>(path, context);
  const { defaultCount, maxCount, timeZone } = settings;
  const lenient = sealed === undefined && preferences(request.headers['prefer']).handling === 'lenient';
  const parameters = await context.store.parameters();
  const options = { lenient, defaultCount, maxCount, timeZone, base: baseUrl, now: now(), parameters };
  const { query: asked, used, ignored } = parseSearch(of, sealed?.pairs ?? request.query, options);
  const query = await resolveConcepts(asked, conceptsOf(context));
  const page = await context.store.search(readable(context.access), query, sealed?.cursor);

  const goOn = (cursor?: Cursor) => sealPage(path, { pairs: used, ...(cursor ? { cursor } : {}) } satisfies Asked, context);
  // What a POST keeps out of the URL stays out of the links; a page link is its own self.
  const isHidden = sealed !== undefined || request.method === 'POST';
  const first = isHidden ? goOn() : urlOf(path, used, context);
  const self = sealed ? urlOf(path, request.query, context) : first;
  const link = [
    { relation: 'self', url: self },
    { relation: 'first', url: first },
    ...(page.previous ? [{ relation: 'previous', url: goOn(page.previous) }] : []),
    ...(page.next ? [{ relation: 'next', url: goOn(page.next) }] : []),
    ...(page.rest ? [{ relation: 'related', url: goOn(page.rest) }] : []),
  ];
  const head = { type: 'searchset', ...(page.total === undefined ? {} : { total: page.total }), link };
  return {
    status: 200,
    bytes: bundleBytes(head, entries(query, page, ignored, context)),
    patients: patientsOf([...page.matches, ...page.included]),
  };
}

function* entries(query: SearchQuery, page: Page, ignored: readonly string[], { baseUrl }: Context): Iterable<BundleEntry> {
  const { summary, elements } = query;
  const isWhole = elements.length === 0 && summary === 'false';
  const bytes = (version: Version) => (isWhole ? version.bytes : subset(version, { summary: summary as Subset['summary'], elements }));
  for (const version of page.matches)
    yield { fullUrl: fullUrlOf(baseUrl, version), resource: bytes(version), rest: { search: { mode: 'match' } } };
  for (const version of page.included)
    yield { fullUrl: fullUrlOf(baseUrl, version), resource: version.bytes, rest: { search: { mode: 'include' } } };
  for (const name of new Set(ignored)) yield outcome(`The search parameter "${name}" is not known here and was left out.`);
  if (page.truncatedIncludes) {
    const where = page.rest ? 'the link "related" leads to more of them' : 'the rest was left out';
    yield outcome(`More resources are included than one page may hold: ${where}.`);
  }
}

const outcome = (text: string): BundleEntry => ({ resource: information(text, 'warning') as never, rest: { search: { mode: 'outcome' } } });
