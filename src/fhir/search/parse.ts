/**
 * From the query string to a SearchQuery: whatever is unknown or unusable is refused, so that no filter is ever left out in silence.
 * Only a lenient search leaves parameters out, and says which.
 * R4: https://hl7.org/fhir/R4/search.html
 * @module
 */
import { isResourceType, resourceTypes } from '../model/r4.ts';
import { dateReader } from './dates.ts';
import { filter } from './filter.ts';
import { type Parameter, searchParameters } from './parameters.ts';
import { asking, caps, predicate } from './predicate.ts';
import type { Include, Predicate, SearchQuery, Sort } from './query.ts';
import { refuse, shown, Unknown } from './refuse.ts';

export interface ParseOptions {
  /** Unknown parameters are left out and listed instead of refused; a wrong value or modifier is refused all the same. */
  readonly lenient?: boolean;
  /** Resources a page when `_count` is not given. */
  readonly defaultCount: number;
  /** A larger `_count` is cut to this. */
  readonly maxCount: number;
  /** Own base URL, cut off from references. */
  readonly base: string;
  /** IANA zone of dates that name none; default Asia/Tokyo. */
  readonly timeZone?: string;
  /** Milliseconds; what `ap` on dates is measured from. Default: the present. */
  readonly now?: number;
}

export interface Parsed {
  readonly query: SearchQuery;
  /** Names of the parameters that were left out (lenient only); `?` for one that may not be shown. */
  readonly ignored: readonly string[];
  /** What was used, as written (a `_count` that was too large: as cut), for the self link. */
  readonly used: readonly (readonly [string, string])[];
}

/** What the controls of a request have said so far. */
interface Draft {
  where: Predicate[];
  sort: Sort[];
  count: number;
  total: SearchQuery['total'];
  summary: SearchQuery['summary'];
  elements: string[];
  include: Include[];
  revinclude: Include[];
}

type Control = (draft: Draft, text: string, name: string, type: string, options: ParseOptions) => string | undefined;

const oneOf = <T extends string>(name: string, text: string, ...allowed: readonly T[]): T => {
  const found = allowed.find(one => one === text);
  if (found === undefined) throw refuse(name, `has an unusable value: ${allowed.join(', ')}`);
  return found;
};

/** Parameters that shape the answer; each changes the draft and may give the text that the self link shows instead. R4: https://hl7.org/fhir/R4/search.html#return */
const controls: Readonly<Record<string, Control>> = {
  _sort: (draft, text, name, type) => {
    for (const key of text.split(',')) draft.sort.push(sortKey(key, name, type));
    if (draft.sort.length > maxSortKeys) throw refuse(name, `has more than ${maxSortKeys} keys`);
    return undefined;
  },
  _count: (draft, text, name, _type, { maxCount }) => {
    if (!/^\d{1,15}$/.test(text)) throw refuse(name, 'has an unusable value: a whole number, 0 or more');
    draft.count = Math.min(Number(text), maxCount);
    return String(draft.count);
  },
  _total: (draft, text, name) => {
    draft.total = oneOf(name, text, 'none', 'estimate', 'accurate');
    return undefined;
  },
  _summary: (draft, text, name) => {
    draft.summary = oneOf(name, text, 'true', 'text', 'data', 'count', 'false');
    return undefined;
  },
  _elements: (draft, text, name) => {
    const elements = text.split(',').map(one => one.trim());
    if (elements.length > 200 || !elements.every(one => /^[A-Za-z]\w{0,63}$/.test(one)))
      throw refuse(name, 'has an unusable value: names of elements, with commas between');
    draft.elements.push(...elements);
    return undefined;
  },
  _include: (draft, text, name, type) => {
    draft.include.push(include(text, name, type));
    return undefined;
  },
  _revinclude: (draft, text, name, type) => {
    draft.revinclude.push(...revinclude(text, name, type));
    return undefined;
  },
  // How the answer is written is settled before a search is read.
  _format: () => undefined,
  _pretty: (_draft, text, name) => {
    oneOf(name, text, 'true', 'false');
    return undefined;
  },
};

/** Controls that a request may give more than once. */
const repeatable: ReadonlySet<string> = new Set(['_include', '_revinclude', '_format', '_pretty']);

const maxSortKeys = 10;

/** R4: https://hl7.org/fhir/R4/search.html#sort */
function sortKey(key: string, name: string, type: string): Sort {
  const descending = key.startsWith('-');
  const code = descending ? key.slice(1) : key;
  if (code === '_id') return { code, type: 'id', descending };
  if (code === '_lastUpdated') return { code, type: 'lastUpdated', descending };
  const parameter = searchParameters(type).get(code);
  if (parameter === undefined || parameter.type === 'composite' || parameter.type === 'special')
    throw refuse(name, `names a key that ${type} cannot be sorted by`);
  return { code, type: parameter.type, descending };
}

/** The reference parameter that an include names, or `*`. */
function link(source: string, code: string, name: string): Parameter | '*' {
  if (code === '*') return '*';
  const parameter = searchParameters(source).get(code);
  if (parameter?.type !== 'reference') throw refuse(name, 'names no reference parameter');
  return parameter;
}

/** `Observation:subject`, `Observation:subject:Patient`, `Observation:*`, `*`. R4: https://hl7.org/fhir/R4/search.html#include */
function include(text: string, name: string, type: string): Include {
  const [source = '', code = '', target, ...rest] = text === '*' ? [type, '*'] : text.split(':');
  if (source !== type || rest.length > 0) throw refuse(name, `has an unusable value: ${type}:parameter, ${type}:parameter:Type or *`);
  const by = link(source, code, name);
  if (target !== undefined && (by === '*' ? !isResourceType(target) : !by.targets.includes(target)))
    throw refuse(name, 'names a type that its reference does not lead to');
  return { source, code, ...(target === undefined ? {} : { target }) };
}

const leadTo = (source: string, type: string): boolean =>
  searchParameters(source)
    .values()
    .some(p => p.type === 'reference' && p.targets.includes(type));

/** As for `_include`, from the other end; `*` is every type that can refer to this one. */
function revinclude(text: string, name: string, type: string): Include[] {
  if (text === '*') return resourceTypes.filter(source => leadTo(source, type)).map(source => ({ source, code: '*', target: type }));
  const [source = '', code = '', target = type, ...rest] = text.split(':');
  if (!isResourceType(source) || target !== type || rest.length > 0)
    throw refuse(name, `has an unusable value: Type:parameter, Type:parameter:${type} or *`);
  const by = link(source, code, name);
  if (by !== '*' && !by.targets.includes(type)) throw refuse(name, `names a reference that does not lead to ${type}`);
  return [{ source, code, target }];
}

/** Throws Problem `invalid-parameter`, with `http.<name>`. The type must be one of R4's. */
export function parseSearch(type: string, params: readonly (readonly [string, string])[], options: ParseOptions): Parsed {
  if (params.length > caps.parameters) throw refuse('', `list is longer than ${caps.parameters}`);
  const { lenient = false, defaultCount, maxCount, base, timeZone, now = Date.now() } = options;
  const asked = asking({ base, readDate: dateReader(timeZone), now });
  const draft: Draft = {
    where: [],
    sort: [],
    count: Math.min(defaultCount, maxCount),
    total: 'none',
    summary: 'false',
    elements: [],
    include: [],
    revinclude: [],
  };
  const ignored: string[] = [];
  const used: (readonly [string, string])[] = [];
  const seen = new Set<string>();

  for (const [name, text] of params) {
    const control = Object.hasOwn(controls, name) ? controls[name] : undefined;
    if (control !== undefined) {
      if (seen.has(name) && !repeatable.has(name)) throw refuse(name, 'is given more than once');
      seen.add(name);
      used.push([name, control(draft, text, name, type, options) ?? text]);
      continue;
    }
    const [bare = ''] = name.split(':');
    if (Object.hasOwn(controls, bare)) throw refuse(name, 'has a modifier that is not known for it');
    try {
      draft.where.push(name === '_filter' ? filter(type, text, asked) : predicate(type, name, text, asked));
      used.push([name, text]);
    } catch (thrown) {
      if (!lenient || !(thrown instanceof Unknown)) throw thrown;
      ignored.push(shown(name) ?? '?');
    }
  }
  const countOnly = draft.count === 0 || draft.summary === 'count';
  return { query: { type, ...draft, ...(countOnly ? { count: 0, total: 'accurate' } : {}) }, ignored, used };
}
