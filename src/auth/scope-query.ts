/**
 * The query of a scope (`Observation.rs?category=http://…|laboratory`): plain conditions on the resource itself, or no scope at all.
 * Modifiers, chains, `_has`, `_filter`, what shapes an answer, dates (which depend on a zone) and whatever is unknown are refused.
 * SMART: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters
 * @module
 */
import type { Criterion } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { parseSearch } from '../fhir/search/parse.ts';
import type { Predicate } from '../fhir/search/query.ts';

/** What may be asked of the resource by itself, whatever the day and the zone. */
const plain: ReadonlySet<Predicate['kind']> = new Set(['token', 'string', 'uri', 'reference', 'number', 'quantity']);

/** More conditions, or a longer text, than any scope has use for. */
const most = 10;
const longest = 1000;

/** The conditions, all of which must hold; undefined where the text is no such query. */
export function scopeQuery(type: string, text: string): readonly Criterion[] | undefined {
  const pairs = pairsOf(text);
  if (pairs === undefined) return undefined;
  try {
    // References are compared as `Type/id`: no base is cut off, so an absolute one finds nothing.
    const { query } = parseSearch(type, pairs, { defaultCount: 0, maxCount: 0, base: 'urn:none' });
    return query.where.length === pairs.length && query.where.every(one => plain.has(one.kind)) ? query.where : undefined;
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined;
    throw thrown;
  }
}

/** The conditions as they are written, decoded: [parameter, value]. */
export function pairsOf(text: string): (readonly [string, string])[] | undefined {
  if (text.length > longest) return undefined;
  const pairs: (readonly [string, string])[] = [];
  for (const part of text.split('&', most + 1)) {
    const [, name, value] = /^([a-z][A-Za-z-]*|_(?:tag|profile|security|source))=([\x21\x23-\x25\x27-\x5b\x5d-\x7e]+)$/.exec(part) ?? [];
    if (name === undefined || value === undefined) return undefined;
    try {
      pairs.push([name, decodeURIComponent(value)]);
    } catch {
      return undefined;
    }
  }
  return pairs.length > most ? undefined : pairs;
}
