/**
 * history: versions newest first, deletions too, of one resource, of a type, or of everything.
 * R4: https://hl7.org/fhir/R4/http.html#history
 * @module
 */
import { Problem } from '../model/outcome.ts';
import { dateReader } from '../search/dates.ts';
import type { HistoryCursor, HistoryOf, HistoryQuery } from '../store/store.ts';
import { bundleBytes, historyEntry } from './bundle.ts';
import type { Pairs } from './criteria.ts';
import type { AtSystem, AtType, Context, Interaction } from './interaction.ts';
import { openPage, sealPage, urlOf } from './page.ts';
import { patientsOf } from './patients.ts';
import { preferences } from './prefer.ts';
import { searchable } from './searchable.ts';

/** What a page link carries: what was asked, and where to go on. */
interface Asked {
  readonly query: HistoryQuery;
  readonly cursor?: HistoryCursor;
}

/** `GET [base]/[type]/[id]/_history`. */
export const historyInstance: Interaction = (at, context) => answer(at, `${at.type}/${at.id}/_history`, context);

/** `GET [base]/[type]/_history`: of the type's resources that a search may find. */
export const historyType: Interaction<AtType> = (at, context) => answer(at, `${at.type}/_history`, context);

/** `GET [base]/_history`: of all types that this agent may search. */
export const historySystem: Interaction<AtSystem> = (_at, context) =>
  answer({}, '_history', { ...context, access: searchable(context.access) });

async function answer(of: HistoryOf, path: string, context: Context) {
  const { store, access, baseUrl, request } = context;
  const sealed = openPage<Asked>(path, context);
  const { query, used } = sealed ? { query: sealed.query, used: request.query } : ask(request.query, context);
  const page = await store.history(access, of, { ...query, ...(sealed?.cursor ? { cursor: sealed.cursor } : {}) });
  if (!page) throw new Problem('not-found');
  const { total, versions, next } = page;
  const link = [
    { relation: 'self', url: urlOf(path, used, context) },
    { relation: 'first', url: sealed ? sealPage(path, { query } satisfies Asked, context) : urlOf(path, used, context) },
    ...(next ? [{ relation: 'next', url: sealPage(path, { query, cursor: next } satisfies Asked, context) }] : []),
  ];
  const bytes = bundleBytes(
    { type: 'history', ...(total === undefined ? {} : { total }), link },
    versions.map(version => historyEntry(version, baseUrl)),
  );
  return { status: 200, bytes, patients: patientsOf(versions) };
}

const instant =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/** What else is asked a lenient client is not refused: the link `self` shows what was used. */
const known: ReadonlySet<string> = new Set(['_count', '_since', '_at', '_sort', '_summary']);

function ask(pairs: Pairs, { settings, request }: Context): { query: HistoryQuery; used: Pairs } {
  const query: { -readonly [K in keyof HistoryQuery]: HistoryQuery[K] } = { count: settings.defaultCount };
  const seen = new Set<string>();
  const isLenient = preferences(request.headers['prefer']).handling === 'lenient';
  const used = pairs.flatMap(([name, value]): readonly (readonly [string, string])[] => {
    const refuse = (why: string) => new Problem('invalid-parameter', `${name} ${why}.`, { expression: `http.${name}` });
    // In a URL a plus sign is a blank unless it is escaped, which many forget.
    const written = value.replace(/ (?=\d\d:\d\d$)/, '+');
    if (name === '_format' || name === '_pretty') return [[name, value]];
    if (!known.has(name)) {
      if (isLenient) return [];
      throw new Problem('invalid-parameter', 'A history takes _count, _since, _at, _sort and _summary only.');
    }
    if (seen.has(name)) throw refuse('is given more than once');
    seen.add(name);
    if (name === '_sort') {
      if (value !== '-_lastUpdated') throw refuse('has an unusable value: -_lastUpdated, newest first, is the one order');
      return [[name, value]];
    }
    if (name === '_summary') {
      if (value !== 'count' && value !== 'false') throw refuse('has an unusable value: count or false');
      return [[name, value]];
    }
    if (name === '_count') {
      if (!/^\d{1,15}$/.test(value)) throw refuse('has an unusable value');
      query.count = Math.min(Number(value), settings.maxCount);
      return [[name, String(query.count)]];
    }
    if (name === '_since') {
      query.since = instant.test(written) ? Date.parse(written) : Number.NaN;
      if (Number.isNaN(query.since)) throw refuse('has an unusable value: an instant with its zone');
    } else {
      const span = dateReader(settings.timeZone)(written);
      if (span === undefined) throw refuse('has an unusable value: a date or an instant');
      query.at = span;
    }
    return [[name, value]];
  });
  const alone = pairs.some(([name, value]) => name === '_summary' && value === 'count');
  return { query: alone ? { ...query, count: 0 } : query, used };
}
