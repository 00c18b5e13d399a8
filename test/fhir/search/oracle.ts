/**
 * A search done the slow, obvious way: every resource is asked, one after the other, by the letter of the specification.
 * Nothing of src/fhir/search/compare.ts is used, so that both can be held against each other.
 * R4: https://hl7.org/fhir/R4/search.html#prefix
 * @module
 */

import { fold } from '../../../src/fhir/model/fold.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { createExtractor, type Extractor } from '../../../src/fhir/search/extract.ts';
import { hierarchyOf, searchParameters } from '../../../src/fhir/search/parameters.ts';
import type {
  Circle,
  Component,
  Include,
  Predicate,
  Ranged,
  SearchQuery,
  Sort,
  StringMatch,
  TextQuery,
  TokenMatch,
  TokenTest,
} from '../../../src/fhir/search/query.ts';
import type { Value, Values } from '../../../src/fhir/search/values.ts';

/** One current resource; the list's order is the order of their last commits. */
export interface Stored {
  readonly type: string;
  readonly id: string;
  readonly resource: AnyResource;
  /** Milliseconds. */
  readonly lastUpdated: number;
}

interface Row extends Stored {
  readonly values: Values;
  readonly extract: Extractor;
}

interface Interval {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

const contains = (outer: Interval, inner: Interval): boolean => outer.from <= inner.from && inner.to <= outer.to;
const overlaps = (a: Interval, b: Interval): boolean => a.from <= b.to && b.from <= a.to;
const above = (limit: number): Interval => ({ from: limit, to: Number.POSITIVE_INFINITY });
const below = (limit: number): Interval => ({ from: Number.NEGATIVE_INFINITY, to: limit });

/** Dates are whole milliseconds, so that one more or less is the next instant. */
function date([from, to]: readonly number[], test: Ranged): boolean {
  const value = { from: from!, to: to! };
  const search = { from: test.low, to: test.high };
  switch (test.prefix) {
    case 'eq':
      return contains(search, value);
    case 'ne':
      return !contains(search, value);
    case 'gt':
      return overlaps(above(test.high + 1), value);
    case 'lt':
      return overlaps(below(test.low - 1), value);
    case 'ge':
      return overlaps(above(test.high + 1), value) || contains(search, value);
    case 'le':
      return overlaps(below(test.low - 1), value) || contains(search, value);
    case 'sa':
      return contains(above(test.high + 1), value);
    case 'eb':
      return contains(below(test.low - 1), value);
    case 'ap':
    case 'po':
      return overlaps(search, value);
    case 'co':
      return contains(value, search);
  }
}

/** A number is a point, a Range an interval; the range of the search ends before `high`. */
function number([from, to]: readonly number[], test: Ranged): boolean {
  const value = { from: from!, to: to! };
  const inside = test.low <= value.from && value.to < test.high;
  switch (test.prefix) {
    case 'eq':
      return inside;
    case 'ne':
      return !inside;
    case 'gt':
      return value.to > test.value;
    case 'lt':
      return value.from < test.value;
    case 'ge':
      return value.to > test.value || value.to === test.value;
    case 'le':
      return value.from < test.value || value.from === test.value;
    case 'sa':
      return value.from > test.value;
    case 'eb':
      return value.to < test.value;
    case 'ap':
    case 'po':
      return overlaps({ from: test.low, to: test.high }, value);
    case 'co':
      return value.from <= test.value && test.value <= value.to;
  }
}

function quantity(
  [low, high, system, code, unit]: readonly (number | string | null)[],
  test: Ranged & { readonly system?: string | null; readonly unitOrCode?: string },
): boolean {
  if (typeof test.system === 'string' && !(system === test.system && (test.unitOrCode === undefined || code === test.unitOrCode)))
    return false;
  if (test.system === null && system !== null) return false;
  if (typeof test.system !== 'string' && test.unitOrCode !== undefined && ![code, unit].includes(test.unitOrCode)) return false;
  return number([low as number, high as number], test);
}

function token([system, code]: readonly (string | null)[], test: TokenTest, match: TokenMatch = 'code'): boolean {
  const lower = (text: string | null | undefined): string | undefined => text?.toLowerCase();
  if (match === 'mime') return lower(code)?.split(';')[0]?.trim() === lower(test.code);
  const same = match === 'code' ? code === test.code : lower(code) === lower(test.code);
  const is = (test.system === undefined || system === test.system) && (test.code === undefined || same);
  return match === 'other' ? !is : is;
}

function string(value: string, test: string, match: StringMatch): boolean {
  if (match === 'exact') return value === test;
  const [have, wanted] = [fold(value), fold(test)];
  if (wanted === '') return false;
  switch (match) {
    case 'starts':
      return have.slice(0, wanted.length) === wanted;
    case 'contains':
      return have.split(wanted).length > 1;
    case 'ends':
      return have.length >= wanted.length && have.slice(-wanted.length) === wanted;
    case 'same':
      return have === wanted;
    case 'other':
      return have !== wanted;
  }
  if (have === '') return false;
  const [a, b] = [[...have][0]!, [...wanted][0]!].map(letter => letter.codePointAt(0)!) as [number, number];
  return { gt: a > b, lt: a < b, ge: a >= b, le: a <= b }[match];
}

/** By vectors from the middle of the earth, where the server has haversines. */
function near([latitude, longitude]: readonly number[], circle: Circle): boolean {
  const vector = (north: number, east: number): [number, number, number] => {
    const [a, b] = [(north * Math.PI) / 180, (east * Math.PI) / 180];
    return [Math.cos(a) * Math.cos(b), Math.cos(a) * Math.sin(b), Math.sin(a)];
  };
  const [x, y, z] = vector(latitude!, longitude!);
  const [u, v, w] = vector(circle.latitude, circle.longitude);
  const cross = Math.hypot(y * w - z * v, z * u - x * w, x * v - y * u);
  return Math.atan2(cross, x * u + y * v + z * w) * 6_371_008.8 <= circle.metres;
}

/** Words of a narrative without its tags, or of every text in the resource but ids, references and data. */
function words(resource: AnyResource, within: 'narrative' | 'resource'): string[] {
  const texts: string[] = [];
  const gather = (node: unknown, key: string): void => {
    if (typeof node === 'string') texts.push(key === 'div' ? node.replace(/<[^>]*>/g, ' ') : node);
    else if (typeof node === 'number') texts.push(String(node));
    else if (typeof node === 'object' && node !== null)
      for (const [name, child] of Object.entries(node)) {
        const as = Array.isArray(node) ? key : name;
        if (!['resourceType', 'id', 'data', 'hash', 'reference', 'contentType'].includes(as)) gather(child, as);
      }
  };
  const { text, meta: _, ...rest } = resource as AnyResource & { text?: { div?: string } };
  gather(text?.div ?? '', 'div');
  if (within === 'resource') gather(rest, '');
  return texts.flatMap(one => one.split(/[\p{P}\p{S}\p{Z}\p{Cc}]+/u).map(fold)).filter(one => one !== '');
}

function hasWords(all: readonly string[], query: TextQuery): boolean {
  if ('not' in query) return !hasWords(all, query.not);
  if ('all' in query) return query.all.every(one => hasWords(all, one));
  if ('any' in query) return query.any.some(one => hasWords(all, one));
  const text = ` ${all.join(' ')} `;
  return text.includes(query.word);
}

/** By path segments: `a/b` is below `a`, `ab` is not. */
function uri(value: string, test: string, match: 'exact' | 'above' | 'below' | 'contains'): boolean {
  if (match === 'contains') return value.toLowerCase().indexOf(test.toLowerCase()) >= 0;
  if (match === 'exact') return value === test;
  const cut = (text: string): string[] => text.replace(/\/$/, '').split('/');
  if (match === 'below' && test.includes('|')) return ofVersion(value, test);
  const [short, long] = match === 'below' ? [cut(test), cut(value)] : [cut(value), cut(test)];
  return short.join('/') !== '' && short.every((segment, i) => long[i] === segment);
}

/** `url|1` means 1 and whatever stands below it: 1.0, 1-beta. */
const ofVersion = (value: string, test: string): boolean => {
  if (!value.startsWith(test)) return false;
  const next = value[test.length];
  return next === undefined || test.endsWith('|') || ['.', '-', '+'].includes(next);
};

/** Whether references lead to a resource: by type and id, or by its canonical URL, with its version where they name one. */
function means(values: readonly Value[], { type, id, resource: { url, version } }: Row): boolean {
  if (values.includes(`${type}/${id}`)) return true;
  if (typeof url !== 'string' || !url.includes(':')) return false;
  if (values.some(value => (value as string).startsWith(`${url}|`))) return values.includes(`${url}|${String(version)}`);
  return values.includes(url);
}

/** The references themselves, and those that stand above or below them. */
function reached(start: string, direction: 'above' | 'below', all: readonly Row[]): string[] {
  const code = hierarchyOf(start.split('/')[0]!);
  const met = [start];
  for (const one of met) {
    const next =
      direction === 'above'
        ? all.filter(row => `${row.type}/${row.id}` === one).flatMap(row => row.values[code!] ?? [])
        : all.filter(row => row.type === start.split('/')[0] && row.values[code!]?.includes(one)).map(row => `${row.type}/${row.id}`);
    for (const other of next as string[]) if (!met.includes(other) && other.startsWith(`${start.split('/')[0]}/`)) met.push(other);
  }
  return met;
}

function component(value: Value, asked: Component): boolean {
  switch (asked.kind) {
    case 'token':
      return token(value as readonly (string | null)[], asked.test);
    case 'string':
      return string(value as string, asked.test, 'starts');
    case 'date':
      return date(value as readonly number[], asked.test);
    case 'number':
      return number(value as readonly number[], asked.test);
    case 'quantity':
      return quantity(value as readonly (number | string | null)[], asked.test);
    case 'reference':
      return asked.test.reference === undefined ? (value as string).split('/')[1] === asked.test.id : value === asked.test.reference;
    case 'uri':
      return value === asked.test;
  }
}

/** Whether one predicate holds for one resource. */
function holds(row: Row, asked: Predicate, all: readonly Row[]): boolean {
  if (asked.kind === 'id') return asked.values.includes(row.id) !== (asked.not === true);
  if (asked.kind === 'lastUpdated') return asked.values.some(test => date([row.lastUpdated, row.lastUpdated], test));
  if (asked.kind === 'has') {
    const others = all.filter(other => other.type === asked.type && means(other.values[asked.code] ?? [], row));
    return others.some(other => holds(other, asked.where, all));
  }
  switch (asked.kind) {
    case 'and':
      return asked.all.every(one => holds(row, one, all));
    case 'or':
      return asked.any.some(one => holds(row, one, all));
    case 'not':
      return !holds(row, asked.denied, all);
    case 'words':
      return hasWords(words(row.resource, asked.within), asked.query);
    case 'concept':
      throw new Error('concepts are resolved before');
  }
  const values = row.values[asked.code] ?? [];
  const any = <T>(tests: readonly T[], matches: (value: Value, test: T) => boolean): boolean =>
    values.some(value => tests.some(test => matches(value, test)));
  switch (asked.kind) {
    case 'token':
      return any(asked.values, (v, t) => token(v as readonly (string | null)[], t, asked.match)) !== asked.not;
    case 'near':
      return any(asked.values, (v, t) => near(v as readonly number[], t));
    case 'string':
      return any(asked.values, (v, t) => string(v as string, t, asked.match));
    case 'date':
      return any(asked.values, (v, t) => date(v as readonly number[], t));
    case 'number':
      return any(asked.values, (v, t) => number(v as readonly number[], t));
    case 'quantity':
      return any(asked.values, (v, t) => quantity(v as readonly (number | string | null)[], t));
    case 'reference':
      if (asked.along) {
        const direction = asked.along;
        return asked.values.some(test => {
          if (test.reference?.includes('|')) return values.some(v => ofVersion(v as string, test.reference!));
          const starts = test.reference === undefined ? asked.targets.map(type => `${type}/${test.id}`) : [test.reference];
          return starts.some(start =>
            (/^[A-Z]\w+\/[^/]+$/.test(start) ? reached(start, direction, all) : [start]).some(one => values.includes(one)),
          );
        });
      }
      return any(asked.values, (v, t) =>
        t.reference === undefined ? asked.targets.some(type => v === `${type}/${t.id}`) : v === t.reference,
      );
    case 'uri':
      return any(asked.values, (v, t) => uri(v as string, t, asked.match));
    case 'composite':
      return any(asked.values, (v, tests) =>
        tests.every((test, i) => ((v as readonly (readonly Value[])[])[i] ?? []).some(one => component(one, test))),
      );
    case 'missing':
      return (
        (values.length === 0 &&
          (row.values[`${asked.code}:identifier`] ?? []).length === 0 &&
          (row.values[`${asked.code}:text`] ?? []).length === 0 &&
          Object.keys(row.values).every(key => !key.startsWith(`${asked.code}#`))) === asked.missing
      );
    case 'chain':
      return asked.alternatives.some(
        ({ type, where }) =>
          all.some(other => other.type === type && means(values, other) && holds(other, where, all)) ||
          insideOf(row, asked.code, type).some(one => holds(one, where, all)),
      );
  }
}

/** What a reference leads to inside the resource. */
const insideOf = ({ resource, values, extract }: Row, code: string, type: string): readonly Row[] =>
  (values[`${code}#${type}`] ?? []).map(value => {
    const found = (resource['contained'] as AnyResource[]).find(({ id }) => id === (value as readonly string[])[1])!;
    return { type, id: found.id!, resource: found, lastUpdated: Number.NaN, values: extract(found), extract };
  });

/** What a resource is sorted by: its least value going up, its greatest going down; undefined when it has none. Through a reference: that of what it leads to. */
function sortKey(row: Row, sort: Sort, all: readonly Row[]): string | number | undefined {
  const { code, type, descending, through } = sort;
  const best = (keys: readonly (string | number)[]) => {
    const ordered = [...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return descending ? ordered.at(-1) : ordered[0];
  };
  if (through) {
    const targets = all.filter(
      other => through.types.includes(other.type) && (row.values[through.code] ?? []).includes(`${other.type}/${other.id}`),
    );
    return best(targets.flatMap(target => sortKey(target, { code, type, descending }, all) ?? []));
  }
  if (type === 'id') return row.id;
  if (type === 'lastUpdated') return row.lastUpdated;
  const keys = (row.values[code] ?? []).map(value => {
    if (typeof value === 'string') return type === 'string' ? fold(value) : value;
    return (type === 'token' ? value[1] : value[0]) as string | number | null;
  });
  return best(keys.filter(key => key !== null));
}

interface Settings {
  readonly base: string;
  readonly timeZone?: string;
}

const rowsOf = (resources: readonly Stored[], settings: Settings): Row[] => {
  const extract = createExtractor(settings);
  return resources.map(one => ({ ...one, values: extract(one.resource), extract }));
};

function matches(query: SearchQuery, all: readonly Row[]): Row[] {
  const parts = query.parts ?? [query];
  const found = all.filter(row => parts.some(({ type, where }) => row.type === type && where.every(asked => holds(row, asked, all))));
  const keyed = found.map((row, at) => ({ row, at, keys: query.sort.map(sort => sortKey(row, sort, all)) }));
  keyed.sort((a, b) => {
    for (const [i, { descending }] of query.sort.entries()) {
      const [x, y] = [a.keys[i], b.keys[i]];
      if (x === y) continue;
      if (x === undefined) return 1;
      if (y === undefined) return -1;
      return x < y === descending ? 1 : -1;
    }
    return a.at - b.at;
  });
  return keyed.map(({ row }) => row);
}

/**
 * ids of all matches, in order: by the sort keys, what has none last in either direction, then by the order of the list. Pages are not cut.
 * @param settings as the server's: what its extractor was made with
 */
export const evaluate = (query: SearchQuery, resources: readonly Stored[], settings: Settings): string[] =>
  matches(query, rowsOf(resources, settings)).map(({ id }) => id);

const nameOf = ({ type, id }: Stored): string => `${type}/${id}`;

/** The same of searches of several types: `Type/id` of the matches in order, and of what is brought along, in no order. */
export function evaluateAll(
  query: SearchQuery,
  resources: readonly Stored[],
  settings: Settings,
): { readonly matches: string[]; readonly included: Set<string> } {
  const all = rowsOf(resources, settings);
  const found = matches(query, all);
  const names = found.map(nameOf);
  const included = new Set<string>();
  const codes = (row: Row, code: string) =>
    code === '*' ? [...searchParameters(row.type).values()].filter(one => one.type === 'reference').map(one => one.code) : [code];
  const leads = (from: Row, to: Row, { source, code, target, among }: Include): boolean =>
    (source === '*' || source === from.type) &&
    (target === undefined || target === to.type) &&
    (among === undefined || among.includes(to.type)) &&
    codes(from, code).some(one => (from.values[one] ?? []).includes(nameOf(to)));
  for (let round = 0, from = found; from.length > 0; round++) {
    const asked = (list: readonly Include[]) => list.filter(one => round === 0 || one.iterate);
    const [include, revinclude] = [asked(query.include), asked(query.revinclude)];
    const next = all.filter(
      row =>
        !names.includes(nameOf(row)) &&
        !included.has(nameOf(row)) &&
        from.some(one => include.some(by => leads(one, row, by)) || revinclude.some(by => leads(row, one, by))),
    );
    for (const row of next) included.add(nameOf(row));
    from = next;
  }
  return { matches: names, included };
}
