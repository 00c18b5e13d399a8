/**
 * Whether one value of a resource satisfies one value of a query: pure functions, the same for every store.
 * Prefixes mean what R4 says: eq contains, gt and lt look past the ends of the range, sa and eb leave no overlap, ap overlaps.
 * R4: https://hl7.org/fhir/R4/search.html#prefix
 * @module
 */
import { fold } from '../model/fold.ts';
import type { Component, Ranged, ReferenceTest, TokenTest } from './query.ts';
import type { CompositeValue, DateValue, NumberValue, QuantityValue, SimpleValue, TokenValue } from './values.ts';

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
      return (low, high) => low <= last && first <= high;
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
      return (low, high) => low <= end && first <= high;
  }
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

/** `id` alone means any type of `targets`. R4: https://hl7.org/fhir/R4/search.html#reference */
export function matchesReference(value: string, test: ReferenceTest, targets: readonly string[]): boolean {
  if (test.reference !== undefined) return value === test.reference;
  const slash = value.indexOf('/');
  return slash > 0 && value.slice(slash + 1) === test.id && targets.includes(value.slice(0, slash));
}

const segments = (uri: string): string => (uri.endsWith('/') ? uri.slice(0, -1) : uri);

/** `below`: the value lies under the test's path; `above`: the test lies under the value's. Whole path segments only. R4: https://hl7.org/fhir/R4/search.html#uri */
export function matchesUri(value: string, test: string, match: 'exact' | 'above' | 'below'): boolean {
  if (match === 'exact' || value === test) return value === test;
  const [short, long] = match === 'below' ? [segments(test), segments(value)] : [segments(value), segments(test)];
  return short !== '' && (long === short || long.startsWith(short + '/'));
}

let lastTest = '';
let lastFolded = '';

/**
 * @param folded the value, folded
 * @param raw the value as written
 * @param test as written or folded already; a test that folds to nothing (only punctuation) matches nothing, for `exact` compares as written
 * R4: https://hl7.org/fhir/R4/search.html#string
 */
export function matchesString(folded: string, raw: string, test: string, match: 'starts' | 'exact' | 'contains'): boolean {
  if (match === 'exact') return raw === test;
  if (test !== lastTest) [lastTest, lastFolded] = [test, fold(test)];
  if (lastFolded === '') return false;
  return match === 'starts' ? folded.startsWith(lastFolded) : folded.includes(lastFolded);
}

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
