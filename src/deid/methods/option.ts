/**
 * What a rule may say for its method: each method declares its options by name, each with the kind of value it takes.
 * A name that the method does not know stops the load: passed over, a misspelt option would let out what it was to protect.
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';

export interface Option {
  /** How the sentence about a value of another kind goes on: `true or false`. */
  readonly kind: string;
  readonly is: (value: unknown) => boolean;
}

/** Name → kind of its value. */
export type Options = Readonly<Record<string, Option>>;

const isText = (value: unknown): value is string => typeof value === 'string';
const isFilled = (value: unknown): value is string => isText(value) && value !== '';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every(isFilled);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Whether an object has these names and no others; a name that ends in `?` may be missing. */
const has = (value: unknown, parts: Readonly<Record<string, (part: unknown) => boolean>>): boolean =>
  isObject(value) &&
  Object.keys(value).every(name => Object.hasOwn(parts, name) || Object.hasOwn(parts, `${name}?`)) &&
  Object.entries(parts).every(([name, is]) => {
    const part = value[name.replace('?', '')];
    return part === undefined ? name.endsWith('?') : is(part);
  });

const entries = (value: unknown, is: (one: unknown) => boolean): boolean => isObject(value) && Object.values(value).every(is);

export const flag: Option = { kind: 'true or false', is: value => typeof value === 'boolean' };
export const aText: Option = { kind: 'a text', is: isText };
export const url: Option = { kind: 'a URL', is: isFilled };
export const textList: Option = { kind: 'a list of texts', is: isTexts };
export const areaList: Option = {
  kind: 'a list of three digits each',
  is: value => Array.isArray(value) && isTexts(value) && value.every(area => /^\d{3}$/.test(area as string)),
};
export const notNegative: Option = { kind: 'a number, 0 or more', is: value => isNumber(value) && value >= 0 };
export const something: Option = {
  kind: 'a value of the element’s type',
  is: value => value !== undefined && value !== null && !(isObject(value) && Object.keys(value).length === 0),
};
export const anObject: Option = { kind: 'an object', is: isObject };

export const wholeNumber = (least: number, most = Number.POSITIVE_INFINITY): Option => ({
  kind: most === Number.POSITIVE_INFINITY ? `a whole number, ${least} or more` : `a whole number, ${least} to ${most}`,
  is: value => isNumber(value) && Number.isInteger(value) && value >= least && value <= most,
});

export const oneOfWords = (...words: readonly string[]): Option => ({
  kind: `one of ${words.join(', ')}`,
  is: value => words.some(word => word === value),
});

/** Rows with a system, or the prefix of one and what may follow it, and perhaps the form of its codes. */
export const formList = (key: 'system' | 'prefix'): Option => ({
  kind: `a list in which each has "${key}" and perhaps "code"${key === 'prefix' ? ' and "names"' : ''}`,
  is: value =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(row => has(row, { [key]: isText, 'code?': isText, ...(key === 'prefix' ? { 'names?': isText } : {}) })),
});

export const codeLists: Option = {
  kind: 'an object with a list of codes for each system',
  is: value => entries(value, one => Array.isArray(one) && one.every(isText)),
};

export const areaTable: Option = {
  kind: 'an object with the area of each prefecture and municipality',
  is: value => entries(value, isText),
};

export const bandTable: Option = {
  kind: 'an object with "width", and perhaps "bottom" and "top", for each unit',
  is: value => entries(value, one => has(one, { width: isNumber, 'bottom?': isNumber, 'top?': isNumber })),
};

export const stepTable: Option = {
  kind: 'an object with "steps" (a whole number) or "until" (a form of codes) for each system',
  is: value =>
    entries(value, one => has(one, { steps: steps => Number.isInteger(steps) && (steps as number) > 0 }) || has(one, { until: isText })),
};

/** What is wrong with the options of a rule, and which of them it is; undefined: nothing. */
export function wrongOption(method: string, known: Options, given: Json): { readonly name: string; readonly text: string } | undefined {
  for (const [name, value] of Object.entries(given)) {
    const option = Object.hasOwn(known, name) ? known[name] : undefined;
    if (option === undefined) {
      const names = Object.keys(known);
      const knows = names.length === 0 ? 'it knows none' : `it knows ${names.map(one => `"${one}"`).join(', ')}`;
      return { name, text: `the method "${method}" has no option "${name}": ${knows}` };
    }
    if (!option.is(value)) return { name, text: `"${name}" of the method "${method}" must be ${option.kind}` };
  }
  return undefined;
}
