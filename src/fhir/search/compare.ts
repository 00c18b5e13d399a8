/**
 * Whether one value of a resource satisfies one value of a query: pure functions, the same for every store.
 * Prefixes mean what R4 says: eq contains, gt and lt look past the ends of the range, sa and eb leave no overlap, ap overlaps.
 * R4: https://hl7.org/fhir/R4/search.html#prefix
 * @module
 */
import { fold } from '../model/fold.ts';
import type { Circle, Component, Ranged, ReferenceTest, StringMatch, TokenMatch, TokenTest, UriMatch } from './query.ts';
import type { CompositeValue, DateValue, NumberValue, PositionValue, QuantityValue, SimpleValue, TokenValue } from './values.ts';

/** Whether a range of a resource satisfies a value of a query. */
export type RangeTest = (low: number, high: number) => boolean;

/** The prefix is looked at once, for as many ranges as there are. R4: https://hl7.org/fhir/R4/search.html#date */
export function dateTest(test: Ranged): RangeTest {
  const { low: first, high: last } = test;
  switch (test.prefix) {
    case 'eq':
      return (low, high) => first <= low && high <= last;
    case 'ne':
      return (low, high) => low < first || last < high;
    case 'gt':
      return (_, high) => high > last;
    case 'lt':
      return low => low < first;
    case 'ge':
      return (low, high) => high > last || first <= low;
    case 'le':
      return (low, high) => low < first || high <= last;
    case 'sa':
      return low => low > last;
    case 'eb':
      return (_, high) => high < first;
    case 'ap':
    case 'po':
      return (low, high) => low <= last && first <= high;
    case 'co':
      return (low, high) => low <= first && last <= high;
  }
}

export const matchesDate = ([low, high]: DateValue, test: Ranged): boolean => dateTest(test)(low, high);

/** eq and ne by the range that the written precision means; gt, lt, ge, le, sa, eb by the exact number. R4: https://hl7.org/fhir/R4/search.html#number */
export function numberTest(test: Ranged): RangeTest {
  const { low: first, high: end, value } = test;
  switch (test.prefix) {
    case 'eq':
      return (low, high) => first <= low && high < end;
    case 'ne':
      return (low, high) => low < first || end <= high;
    case 'gt':
      return (_, high) => high > value;
    case 'lt':
      return low => low < value;
    case 'ge':
      return (_, high) => high >= value;
    case 'le':
      return low => low <= value;
    case 'sa':
      return low => low > value;
    case 'eb':
      return (_, high) => high < value;
    case 'ap':
    case 'po':
      return (low, high) => low <= end && first <= high;
    case 'co':
      return (low, high) => low <= value && value <= high;
  }
}

/** From so many values on they are put together before any range is looked at. */
const many = 16;

/**
 * Whether a range satisfies any of the tests, made by `one`. Of a thousand alternatives no thousand are tried: `gt`, `lt` and the like are one test, that of the
 * least or the greatest; containing and overlapping ranges are found among those sorted by their beginning.
 */
export function anyRange(tests: readonly Ranged[], one: (test: Ranged) => RangeTest): RangeTest {
  if (tests.length < many) {
    const each = tests.map(one);
    const [only] = each;
    if (each.length === 1 && only) return only;
    return (low, high) => each.some(test => test(low, high));
  }
  const groups = [...Map.groupBy(tests, test => test.prefix)].map(([prefix, some]): RangeTest => {
    if (prefix === 'eq' || prefix === 'ap' || prefix === 'po') return inAny(some, one);
    if (prefix === 'co') {
      const each = some.map(one);
      return (low, high) => each.some(test => test(low, high));
    }
    // Of these, the test with the least and the one with the greatest ends hold where any does.
    const ends = [
      some.reduce((a, b) => (b.low < a.low ? b : a)),
      some.reduce((a, b) => (b.low > a.low ? b : a)),
      some.reduce((a, b) => (b.high < a.high ? b : a)),
      some.reduce((a, b) => (b.high > a.high ? b : a)),
      some.reduce((a, b) => (b.value < a.value ? b : a)),
      some.reduce((a, b) => (b.value > a.value ? b : a)),
    ];
    const each = [...new Set(ends)].map(one);
    return (low, high) => each.some(test => test(low, high));
  });
  return (low, high) => groups.some(test => test(low, high));
}

/** Only a test that begins early enough and, of those, ends latest can hold: both are found by halving. */
function inAny(tests: readonly Ranged[], one: (test: Ranged) => RangeTest): RangeTest {
  const sorted = [...tests].sort((a, b) => a.low - b.low);
  const latest: RangeTest[] = [];
  let last = sorted[0]!;
  for (const test of sorted) {
    if (test.high > last.high) last = test;
    latest.push(one(last));
  }
  const contains = sorted[0]!.prefix === 'eq';
  return (low, high) => {
    const limit = contains ? low : high;
    let from = 0;
    let to = sorted.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (sorted[middle]!.low <= limit) from = middle + 1;
      else to = middle;
    }
    return from > 0 && latest[from - 1]!(low, high);
  };
}

export const matchesNumber = ([low, high]: NumberValue, test: Ranged): boolean => numberTest(test)(low, high);

/** With a system, the code must be that system's; without, code or unit may be meant. R4: https://hl7.org/fhir/R4/search.html#quantity */
export function matchesQuantity(
  value: QuantityValue,
  test: Ranged & { readonly system?: string | null; readonly unitOrCode?: string },
): boolean {
  const [low, high, system, code, unit] = value;
  if (test.system !== undefined && test.system !== system) return false;
  if (test.unitOrCode !== undefined && test.unitOrCode !== code && (typeof test.system === 'string' || test.unitOrCode !== unit))
    return false;
  return matchesNumber([low, high], test);
}

/** Letter by letter: codes are case-sensitive. R4: https://hl7.org/fhir/R4/search.html#token */
export const matchesToken = (value: TokenValue, test: TokenTest): boolean =>
  (test.system === undefined || test.system === value[0]) && (test.code === undefined || test.code === value[1]);

const alike = (a: string | null, b: string): boolean => a !== null && a.toLowerCase() === b.toLowerCase();

/** The other ways to compare a token. R4: https://hl7.org/fhir/R4/search.html#mimetype, https://hl7.org/fhir/R4/search_filter.html */
export function matchesTokenBy(match: TokenMatch, value: TokenValue, test: TokenTest): boolean {
  if (match === 'code') return matchesToken(value, test);
  const [system, code] = value;
  if (match === 'mime') return code !== null && alike(code.split(';', 1)[0]!.trim(), test.code ?? '');
  const same = (test.system === undefined || test.system === system) && (test.code === undefined || alike(code, test.code));
  return match === 'other' ? !same : same;
}

const radius = 6_371_008.8;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres along the great circle between two places (haversine; the earth as a sphere: up to 0.5 % off). */
export function metresBetween([latitude, longitude]: PositionValue, to: Pick<Circle, 'latitude' | 'longitude'>): number {
  const [a, b] = [radians(latitude), radians(to.latitude)];
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(radians(to.longitude - longitude) / 2) ** 2;
  return 2 * radius * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** `id` alone means any type of `targets`. R4: https://hl7.org/fhir/R4/search.html#reference */
export function matchesReference(value: string, test: ReferenceTest, targets: readonly string[]): boolean {
  if (test.reference !== undefined) return value === test.reference;
  const slash = value.indexOf('/');
  return slash > 0 && value.slice(slash + 1) === test.id && targets.includes(value.slice(0, slash));
}

const segments = (uri: string): string => (uri.endsWith('/') ? uri.slice(0, -1) : uri);

/**
 * `below`: the value lies under the test's path; `above`: the test lies under the value's. Whole path segments only. With a version, `below` means that
 * version of a canonical and those that begin with it (`|1` finds `|1.0`).
 * R4: https://hl7.org/fhir/R4/search.html#uri, https://hl7.org/fhir/R4/search.html#versions
 */
export function matchesUri(value: string, test: string, match: UriMatch): boolean {
  if (match === 'contains') return value.toLowerCase().includes(test.toLowerCase());
  if (match === 'exact' || value === test) return value === test;
  if (match === 'below' && test.includes('|')) return isOfVersion(value, test);
  const [short, long] = match === 'below' ? [segments(test), segments(value)] : [segments(value), segments(test)];
  return short !== '' && (long === short || long.startsWith(short + '/'));
}

/** `http://e.org/p|1.2` is of version `http://e.org/p|1`, and `http://e.org/p|12` is not. */
export const isOfVersion = (value: string, test: string): boolean =>
  value === test || (value.startsWith(test) && (test.endsWith('|') || /^[.\-+]/.test(value.slice(test.length))));

let lastTest = '';
let lastFolded = '';

/**
 * @param folded the value, folded
 * @param raw the value as written
 * @param test as written or folded already; a test that folds to nothing (only punctuation) matches nothing, for `exact` compares as written
 * R4: https://hl7.org/fhir/R4/search.html#string, https://hl7.org/fhir/R4/search_filter.html
 */
export function matchesString(folded: string, raw: string, test: string, match: StringMatch): boolean {
  if (match === 'exact') return raw === test;
  if (test !== lastTest) [lastTest, lastFolded] = [test, fold(test)];
  if (lastFolded === '') return false;
  switch (match) {
    case 'starts':
      return folded.startsWith(lastFolded);
    case 'contains':
      return folded.includes(lastFolded);
    case 'ends':
      return folded.endsWith(lastFolded);
    case 'same':
      return folded === lastFolded;
    case 'other':
      return folded !== lastFolded;
    default:
      return folded !== '' && inOrder(folded.codePointAt(0)! - lastFolded.codePointAt(0)!, match);
  }
}

const inOrder = (difference: number, match: 'gt' | 'lt' | 'ge' | 'le'): boolean =>
  difference === 0 ? match === 'ge' || match === 'le' : difference > 0 === (match === 'gt' || match === 'ge');

/** Whether one value of a component of a composite satisfies its test. */
export function matchesComponent(value: SimpleValue, test: Component): boolean {
  switch (test.kind) {
    case 'token':
      return matchesToken(value as TokenValue, test.test);
    case 'string':
      return matchesString(fold(value as string), value as string, test.test, 'starts');
    case 'date':
      return matchesDate(value as DateValue, test.test);
    case 'number':
      return matchesNumber(value as NumberValue, test.test);
    case 'quantity':
      return matchesQuantity(value as QuantityValue, test.test);
    case 'reference':
      return test.test.reference === undefined ? (value as string).endsWith('/' + test.test.id) : value === test.test.reference;
    case 'uri':
      return value === test.test;
  }
}

/** All tests hold within this one element. R4: https://hl7.org/fhir/R4/search.html#combining */
export const matchesComposite = (value: CompositeValue, tests: readonly Component[]): boolean =>
  tests.every((test, i) => value[i]?.some(one => matchesComponent(one, test)) ?? false);
