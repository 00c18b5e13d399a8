/**
 * A search done the slow, obvious way: every resource is asked, one after the other, by the letter of the specification.
 * Nothing of src/fhir/search/compare.ts is used, so that both can be held against each other.
 * R4: https://hl7.org/fhir/R4/search.html#prefix
 * @module
 */

import { fold } from '../../../src/fhir/model/fold.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import type { Component, Predicate, Ranged, SearchQuery, Sort, TokenTest } from '../../../src/fhir/search/query.ts';
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
      return overlaps(search, value);
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
      return overlaps({ from: test.low, to: test.high }, value);
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

const token = ([system, code]: readonly (string | null)[], test: TokenTest): boolean =>
  (test.system === undefined || system === test.system) && (test.code === undefined || code === test.code);

function string(value: string, test: string, match: 'starts' | 'exact' | 'contains'): boolean {
  if (match === 'exact') return value === test;
  const wanted = fold(test);
  if (wanted === '') return false;
  return match === 'starts' ? fold(value).slice(0, wanted.length) === wanted : fold(value).split(wanted).length > 1;
}

/** By path segments: `a/b` is below `a`, `ab` is not. */
function uri(value: string, test: string, match: 'exact' | 'above' | 'below'): boolean {
  if (match === 'exact') return value === test;
  const cut = (text: string): string[] => text.replace(/\/$/, '').split('/');
  const [short, long] = match === 'below' ? [cut(test), cut(value)] : [cut(value), cut(test)];
  return short.join('/') !== '' && short.every((segment, i) => long[i] === segment);
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
    const others = all.filter(other => other.type === asked.type && (other.values[asked.code] ?? []).includes(`${row.type}/${row.id}`));
    return others.some(other => holds(other, asked.where, all));
  }
  const values = row.values[asked.code] ?? [];
  const any = <T>(tests: readonly T[], matches: (value: Value, test: T) => boolean): boolean =>
    values.some(value => tests.some(test => matches(value, test)));
  switch (asked.kind) {
    case 'token':
      return any(asked.values, (v, t) => token(v as readonly (string | null)[], t)) !== asked.not;
    case 'string':
      return any(asked.values, (v, t) => string(v as string, t, asked.match));
    case 'date':
      return any(asked.values, (v, t) => date(v as readonly number[], t));
    case 'number':
      return any(asked.values, (v, t) => number(v as readonly number[], t));
    case 'quantity':
      return any(asked.values, (v, t) => quantity(v as readonly (number | string | null)[], t));
    case 'reference':
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
      return (values.length === 0 && (row.values[`${asked.code}:identifier`] ?? []).length === 0) === asked.missing;
    case 'chain':
      return asked.alternatives.some(({ type, where }) =>
        all.some(other => other.type === type && values.includes(`${type}/${other.id}`) && holds(other, where, all)),
      );
  }
}

/** What a resource is sorted by: its least value going up, its greatest going down; undefined when it has none. */
function sortKey(row: Row, { code, type, descending }: Sort): string | number | undefined {
  if (type === 'id') return row.id;
  if (type === 'lastUpdated') return row.lastUpdated;
  const keys = (row.values[code] ?? []).map(value => {
    if (typeof value === 'string') return type === 'string' ? fold(value) : value;
    return (type === 'token' ? value[1] : value[0]) as string | number | null;
  });
  const known = keys.filter(key => key !== null).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return descending ? known.at(-1) : known[0];
}

/**
 * ids of all matches, in order: by the sort keys, what has none last in either direction, then by the order of the list. Pages are not cut.
 * @param settings as the server's: what its extractor was made with
 */
export function evaluate(
  query: SearchQuery,
  resources: readonly Stored[],
  settings: { readonly base: string; readonly timeZone?: string },
): string[] {
  const extract = createExtractor(settings);
  const all = resources.map(one => ({ ...one, values: extract(one.resource) }));
  const found = all.filter(row => row.type === query.type && query.where.every(asked => holds(row, asked, all)));
  const keyed = found.map((row, at) => ({ row, at, keys: query.sort.map(sort => sortKey(row, sort)) }));
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
  return keyed.map(({ row }) => row.id);
}
