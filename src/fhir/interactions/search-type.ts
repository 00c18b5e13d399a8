/**
 * search-type: the resources of one type that match, as a Bundle of stored bytes.
 * R4: https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/search.html
 * @module
 */
import { type Access, permits, reachOf } from '../model/access.ts';
import type { Version } from '../model/exchange.ts';
import { information } from '../model/outcome.ts';
import { resolveConcepts } from '../search/concepts.ts';
import type { SearchQuery } from '../search/query.ts';
import type { Cursor, Page } from '../store/store.ts';
import { type BundleEntry, bundleBytes, fullUrlOf } from './bundle.ts';
import type { Pairs } from './criteria.ts';
import type { AtType, Context, Interaction } from './interaction.ts';
import { openPage, sealPage } from './page.ts';
import { patientsOf } from './patients.ts';
import { preferences } from './prefer.ts';
import { type Subset, subset } from './subset.ts';

/** What a page link carries. */
interface Asked {
  readonly pairs: Pairs;
  readonly cursor?: Cursor;
}

/** `GET [base]/[type]?…` and `POST [base]/[type]/_search`: a searchset, with links to itself and to the next page. */
export const searchType: Interaction<AtType> = async ({ type }, context) => {
  const { request, settings, baseUrl, now, parseSearch } = context;
  const sealed = openPage<Asked>(type, context);
  const { defaultCount, maxCount, timeZone } = settings;
  const lenient = sealed === undefined && preferences(request.headers['prefer']).handling === 'lenient';
  const {
    query: asked,
    used,
    ignored,
  } = parseSearch(type, sealed?.pairs ?? request.query, {
    lenient,
    defaultCount,
    maxCount,
    timeZone,
    base: baseUrl,
    now: now(),
    parameters: await context.store.parameters(),
  });
  const query = await resolveConcepts(asked, context.terminology?.(context.access));
  const page = await context.store.search(readable(context.access), query, sealed?.cursor);

  // What a POST keeps out of the URL stays out of the links; a page link is its own self.
  const self = sealed
    ? urlOf(type, request.query, context)
    : request.method === 'POST'
      ? sealPage(type, { pairs: used } satisfies Asked, context)
      : urlOf(type, used, context);
  const next = page.next && sealPage(type, { pairs: used, cursor: page.next } satisfies Asked, context);
  const link = [{ relation: 'self', url: self }, ...(next === undefined ? [] : [{ relation: 'next', url: next }])];
  const head = { type: 'searchset', ...(page.total === undefined ? {} : { total: page.total }), link };
  return {
    status: 200,
    bytes: bundleBytes(head, entries(query, page, ignored, context)),
    patients: patientsOf([...page.matches, ...page.included]),
  };
};

function* entries(query: SearchQuery, page: Page, ignored: readonly string[], { baseUrl }: Context): Iterable<BundleEntry> {
  const { summary, elements } = query;
  const isWhole = elements.length === 0 && summary === 'false';
  const bytes = (version: Version) => (isWhole ? version.bytes : subset(version, { summary: summary as Subset['summary'], elements }));
  for (const version of page.matches)
    yield { fullUrl: fullUrlOf(baseUrl, version), resource: bytes(version), rest: { search: { mode: 'match' } } };
  for (const version of page.included)
    yield { fullUrl: fullUrlOf(baseUrl, version), resource: version.bytes, rest: { search: { mode: 'include' } } };
  for (const name of new Set(ignored)) yield outcome(`The search parameter "${name}" is not known here and was left out.`);
  if (page.truncatedIncludes) yield outcome('More resources would have been included than one page may hold; the rest was left out.');
}

const outcome = (text: string): BundleEntry => ({ resource: information(text, 'warning') as never, rest: { search: { mode: 'outcome' } } });

const urlOf = (type: string, pairs: Pairs, { baseUrl }: Context): string =>
  `${baseUrl}/${type}${pairs.length === 0 ? '' : `?${pairs.map(pair => pair.map(encodeURIComponent).join('=')).join('&')}`}`;

/** The same access without the types that this agent may neither read nor search: no include, chain or _has goes through them. */
function readable(access: Access): Access {
  const types = new Set(['*', ...Object.keys(access.reach), ...Object.keys(access.permits)]);
  const reach = Object.fromEntries(
    [...types].map(type => [type, permits(access, 'r', type) || permits(access, 's', type) ? reachOf(access, type) : []]),
  );
  return { ...access, reach };
}
