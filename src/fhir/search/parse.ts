/**
 * From the query string to a SearchQuery: whatever is unknown or unusable is refused, so that no filter is ever left out in silence.
 * Only a lenient search leaves parameters out, and says which.
 * R4: https://hl7.org/fhir/R4/search.html
 * @module
 */
import { isId, isResourceType } from '../model/r4.ts';
import { membership } from './compartment.ts';
import { include, revinclude, sortKey } from './controls.ts';
import { dateReader } from './dates.ts';
import { filter } from './filter.ts';
import type { Parameter } from './parameters.ts';
import { type Asking, asking, caps, predicate } from './predicate.ts';
import type { Include, Part, Predicate, SearchQuery, Sort } from './query.ts';
import { refuse, shown, Unknown } from './refuse.ts';

export interface ParseOptions {
  /** Unknown parameters, and controls that ask what is not served, are left out and listed instead of refused; a wrong value or modifier is refused all the same. */
  readonly lenient?: boolean;
  /** Resources a page when `_count` is not given. */
  readonly defaultCount: number;
  /** A larger `_count` is cut to this. */
  readonly maxCount: number;
  /** Own base URL, cut off from references. */
  readonly base: string;
  /** IANA zone of dates that name none; default Asia/Tokyo. */
  readonly timeZone?: string;
  /** Search parameters of a type, by code; default: those of the specification and of this server. */
  readonly parameters?: (type: string) => ReadonlyMap<string, Parameter>;
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

/** What is searched when it is not all of one type. */
export interface Several {
  /** Types that are searched; of them those that `_type` names, if it is given. */
  readonly types: readonly string[];
  /** Only what is in the compartment of one of these resources. */
  readonly within?: { readonly compartment: string; readonly ids: readonly string[] };
}

/** What the controls of a request have said so far. */
interface Draft {
  sort: Sort[];
  count: number;
  total: SearchQuery['total'];
  summary: SearchQuery['summary'];
  elements: string[];
  include: Include[];
  revinclude: Include[];
}

type Control = (draft: Draft, text: string, name: string, types: readonly string[], options: ParseOptions) => string | undefined;

const oneOf = <T extends string>(name: string, text: string, ...allowed: readonly T[]): T => {
  const found = allowed.find(one => one === text);
  if (found === undefined) throw refuse(name, `has an unusable value: ${allowed.join(', ')}`);
  return found;
};

type Including = (text: string, name: string, types: readonly string[], again: boolean, known: ParseOptions['parameters']) => Include[];

/** A control under its three names; `:recurse` is what `:iterate` was called before R4. */
function including(name: '_include' | '_revinclude', read: Including): Record<string, Control> {
  const control =
    (again: boolean): Control =>
    (draft, text, as, types, { parameters }) => {
      const list = name === '_include' ? draft.include : draft.revinclude;
      // The same once more brings nothing more.
      const told = new Set(list.map(one => JSON.stringify(one)));
      list.push(...read(text, as, types, again, parameters).filter(one => !told.has(JSON.stringify(one))));
      return undefined;
    };
  return { [name]: control(false), [`${name}:iterate`]: control(true), [`${name}:recurse`]: control(true) };
}

/** Parameters that shape the answer; each changes the draft and may give the text that the self link shows instead. R4: https://hl7.org/fhir/R4/search.html#return */
const controls: Readonly<Record<string, Control>> = {
  _sort: (draft, text, name, types, { parameters }) => {
    for (const key of text.split(',')) draft.sort.push(sortKey(key, name, types, parameters));
    if (draft.sort.length > maxSortKeys) throw refuse(name, `has more than ${maxSortKeys} keys`);
    return undefined;
  },
  _count: (draft, text, name, _types, { maxCount }) => {
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
  ...including('_include', include),
  ...including('_revinclude', revinclude),
  // Chains look into what is contained; what is contained is no result of its own.
  _contained: (_draft, text, name) => {
    if (oneOf(name, text, 'true', 'false', 'both') !== 'false') throw new Unknown(name, '', 'is served with the value false only');
    return undefined;
  },
  _containedType: (_draft, text, name) => {
    oneOf(name, text, 'container', 'contained');
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
const repeatable: ReadonlySet<string> = new Set([
  ...['_include', '_revinclude'].flatMap(name => [name, `${name}:iterate`, `${name}:recurse`]),
  '_format',
  '_pretty',
]);

const maxSortKeys = 10;

/** `_list=42`: what a List names. R4: https://hl7.org/fhir/R4/search.html#list */
function inList(name: string, text: string): Predicate {
  if (text.startsWith('$')) throw refuse(name, 'names a functional list, of which there are none here');
  const ids = text.split(',');
  if (!ids.every(isId)) throw refuse(name, 'has an unusable value: the id of a List');
  return { kind: 'has', type: 'List', code: 'item', where: { kind: 'id', values: ids } };
}

/** The types that `_type` names, or those that are searched without it. R4: https://hl7.org/fhir/R4/http.html#search */
function typesOf({ types }: Several, params: Pairs): readonly string[] {
  const named = params.filter(([name]) => name === '_type');
  if (named.length > 1) throw refuse('_type', 'is given more than once');
  const asked = named[0]?.[1].split(',').map(one => one.trim());
  if (asked && !asked.every(isResourceType)) throw refuse('_type', 'has an unusable value: names of resource types, with commas between');
  return asked ? types.filter(type => asked.includes(type)) : types;
}

type Pairs = readonly (readonly [string, string])[];

/**
 * @param of a resource type, one of R4's; or several, of which each must have every parameter
 * Throws Problem `invalid-parameter`, with `http.<name>`.
 */
export function parseSearch(of: string | Several, params: Pairs, options: ParseOptions): Parsed {
  if (params.length > caps.parameters) throw refuse('', `list is longer than ${caps.parameters}`);
  const { lenient = false, defaultCount, maxCount, base, timeZone, now = Date.now() } = options;
  const types = typeof of === 'string' ? [of] : typesOf(of, params);
  const readings = { count: 0 };
  const reading = { base, readDate: dateReader(timeZone), now };
  const asked = new Map(types.map((type): [string, Asking] => [type, asking(reading, options.parameters, readings)]));
  const where = new Map(types.map((type): [string, Predicate[]] => [type, []]));
  const read = (type: string, name: string, text: string): Predicate => {
    if (name === '_list') return inList(name, text);
    return name === '_filter' ? filter(type, text, asked.get(type)!) : predicate(type, name, text, asked.get(type)!);
  };
  const draft: Draft = {
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
    }
    const [bare = ''] = name.split(':');
    if (control === undefined && Object.hasOwn(controls, bare)) throw refuse(name, 'has a modifier that is not known for it');
    try {
      if (control !== undefined) {
        used.push([name, control(draft, text, name, types, options) ?? text]);
        continue;
      }
      if (name !== '_type' || typeof of === 'string') {
        const predicates = types.map(type => read(type, name, text));
        types.forEach((type, i) => void where.get(type)!.push(predicates[i]!));
      }
      used.push([name, text]);
    } catch (thrown) {
      if (!lenient || !(thrown instanceof Unknown)) throw thrown;
      ignored.push(shown(name) ?? '?');
    }
  }
  if (draft.summary === 'text' && draft.include.length + draft.revinclude.length > 0)
    throw refuse('_summary', 'has the value text, with which nothing can be included');
  const countOnly = draft.count === 0 || draft.summary === 'count';
  const found: Pick<SearchQuery, 'type' | 'where' | 'parts'> =
    typeof of === 'string' ? { type: of, where: where.get(of)! } : { type: '', where: [], parts: partsOf(of, where) };
  return { query: { ...found, ...draft, ...(countOnly ? { count: 0, total: 'accurate' } : {}) }, ignored, used };
}

/** A part for each type; in a compartment, one for each way to be in it. */
const partsOf = ({ within }: Several, where: ReadonlyMap<string, readonly Predicate[]>): Part[] =>
  [...where].flatMap(([type, all]) =>
    within === undefined
      ? [{ type, where: all }]
      : membership(within.compartment, within.ids, type).map(belongs => ({ type, where: [belongs, ...all] })),
  );
