/**
 * The operators of an assert, over the texts that its criterion found.
 * R4: https://hl7.org/fhir/R4/valueset-assert-operator-codes.html
 * @module
 */
import { Fault, shown } from '../fault.ts';
import type { Operator } from '../script.ts';

const decimal = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const same = (a: string, b: string): boolean => a === b || (decimal.test(a) && decimal.test(b) && Number(a) === Number(b));

/** Numbers by value, times that have a zone by the moment, other texts by their characters. */
function order(a: string, b: string): number {
  if (decimal.test(a) && decimal.test(b)) return Number(a) - Number(b);
  const zoned = /^[^T]*T.*(?:Z|[+-]\d\d:\d\d)$/;
  if (zoned.test(a) && zoned.test(b)) return Date.parse(a) - Date.parse(b);
  return a < b ? -1 : a > b ? 1 : 0;
}

const list = (text: string): string[] => text.split(',').map(t => t.trim());

const words: Readonly<Record<Exclude<Operator, 'eval'>, string>> = {
  equals: 'be',
  notEquals: 'not be',
  in: 'be one of',
  notIn: 'be none of',
  greaterThan: 'be greater than',
  lessThan: 'be less than',
  empty: 'be empty',
  notEmpty: 'be there',
  contains: 'contain',
  notContains: 'not contain',
};

function holds(operator: Exclude<Operator, 'eval'>, actual: readonly string[], expected: string, any: boolean): boolean {
  const some = (test: (value: string) => boolean): boolean => (any || actual.length === 1) && actual.some(test);
  switch (operator) {
    case 'equals':
      return some(a => same(a, expected));
    case 'notEquals':
      return !some(a => same(a, expected));
    case 'in':
      return some(a => list(expected).some(e => same(a, e)));
    case 'notIn':
      return !actual.some(a => list(expected).some(e => same(a, e)));
    case 'greaterThan':
      return some(a => order(a, expected) > 0);
    case 'lessThan':
      return some(a => order(a, expected) < 0);
    case 'contains':
      return actual.some(a => a.includes(expected));
    case 'notContains':
      return !actual.some(a => a.includes(expected));
    case 'empty':
      return actual.every(a => a === '');
    case 'notEmpty':
      return actual.some(a => a !== '');
  }
}

/**
 * What does not hold, as a sentence; undefined: it holds.
 * @param what of the message is judged: `The header ETag`
 * @param any of several values one is enough, as XPath compares; else several are equal to nothing
 * @throws Fault when the operator needs a value and there is none
 */
export function compare(
  what: string,
  operator: Operator,
  actual: readonly string[],
  expected: string | undefined,
  any = false,
): string | undefined {
  if (operator === 'eval') throw new Fault('The operator eval is for expressions only.');
  const alone = operator === 'empty' || operator === 'notEmpty';
  if (!alone && expected === undefined) throw new Fault(`The assert has no value to compare with (${operator}).`);
  if (holds(operator, actual, expected ?? '', any)) return undefined;
  const found =
    actual.length === 0
      ? 'nothing'
      : actual.length === 1
        ? JSON.stringify(shown(actual[0]!))
        : `${actual.length} values: ${shown(actual.join(', '))}`;
  return `${what} should ${words[operator]}${alone ? '' : ` ${JSON.stringify(shown(expected!))}`}, and is ${found}.`;
}
