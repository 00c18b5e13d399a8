/**
 * One written value of a parameter → its test, by the parameter's type.
 * Every function here gives undefined for what it cannot use; who calls it names the parameter.
 * R4: https://hl7.org/fhir/R4/search.html#ptypes
 * @module
 */
import { isId, isResourceType } from '../model/r4.ts';
import { comparable, typeOfIdentifier } from './convert.ts';
import type { ReadDate } from './dates.ts';
import { readNumber } from './numbers.ts';
import type { Circle, Component, Prefix, Ranged, ReferenceTest, TokenTest } from './query.ts';
import type { ParameterType } from './values.ts';

export interface Reading {
  readonly base: string;
  readonly readDate: ReadDate;
  /** Milliseconds; `ap` on a date spans a tenth of the time between it and the date. */
  readonly now: number;
}

/** Splits at a separator that no backslash stands before; the parts keep their escapes. R4: https://hl7.org/fhir/R4/search.html#escaping */
export function split(text: string, separator: ',' | '$' | '|'): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === separator) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

/** `\,` `\$` `\|` `\\` → what they stand for; any other backslash is itself. */
const unescaped = (text: string): string => (text.includes('\\') ? text.replace(/\\([,$|\\])/g, '$1') : text);

const prefixes = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)$/s;

const prefixed = (text: string): [Prefix, string] => {
  const [, prefix, rest = ''] = prefixes.exec(text)!;
  return [(prefix ?? 'eq') as Prefix, rest];
};

export function readDateTest(text: string, { readDate, now }: Reading): Ranged | undefined {
  const [prefix, written] = prefixed(text);
  // In a URL a plus sign is a blank unless it is escaped, which many forget.
  const span = readDate(written.replace(/ (?=\d\d:\d\d$)/, '+'));
  if (span === undefined) return undefined;
  let [low, high] = span;
  if (prefix === 'ap') {
    const slack = Math.abs(now - (now > high ? high : now < low ? low : now)) / 10;
    low -= slack;
    high += slack;
  }
  return { prefix, low, high, value: low };
}

export function readNumberTest(text: string): Ranged | undefined {
  const [prefix, written] = prefixed(text);
  const number = readNumber(written);
  if (number === undefined) return undefined;
  const { value } = number;
  let { low, high } = number;
  if (prefix === 'ap') {
    low = Math.min(low, value - Math.abs(value) / 10);
    high = Math.max(high, value + Math.abs(value) / 10);
  }
  return { prefix, low, high, value };
}

export function readQuantityTest(text: string): (Ranged & { readonly system?: string; readonly unitOrCode?: string }) | undefined {
  const [number = '', system, code, ...rest] = split(text, '|').map(unescaped);
  const test = readNumberTest(number);
  if (test === undefined || rest.length > 0 || (system !== undefined && code === undefined)) return undefined;
  return {
    ...test,
    ...(system === undefined || system === '' ? {} : { system }),
    ...(code === undefined || code === '' ? {} : { unitOrCode: code }),
  };
}

/** `code`, `system|code`, `|code`, `system|`. */
export function readTokenTest(text: string): TokenTest | undefined {
  const parts = split(text, '|').map(unescaped);
  const [first = '', code] = parts;
  if (parts.length > 2 || (first === '' && (code ?? '') === '')) return undefined;
  if (code === undefined) return { code: first };
  return { system: first === '' ? null : first, ...(code === '' ? {} : { code }) };
}

/** `system|code|value`, all three: the type of an identifier is the system of the test. R4: https://hl7.org/fhir/R4/search.html#token */
export function readTypedIdentifier(text: string): TokenTest | undefined {
  const [system, code, value, ...rest] = split(text, '|').map(unescaped);
  return system && code && value && rest.length === 0 ? { system: typeOfIdentifier(system, code), code: value } : undefined;
}

const metres: Readonly<Record<string, number>> = {
  m: 1,
  km: 1000,
  cm: 0.01,
  '[ft_i]': 0.3048,
  '[yd_i]': 0.9144,
  '[mi_i]': 1609.344,
  '[mi_us]': 1609.347219,
  '[nmi_i]': 1852,
};
/** Where no distance is given. */
const nearby = 50;
/** Half of the way round. */
const farthest = 20_038;
const decimal = /^[+-]?\d{1,3}(?:\.\d{1,20})?$/;

/** `latitude|longitude|distance|unit`; the distance is 50 km, and the unit kilometres, where nothing is said. R4: https://hl7.org/fhir/R4/location.html#positional */
export function readCircle(text: string): Circle | undefined {
  const [north = '', east = '', distance = '', unit = '', ...rest] = split(text, '|').map(unescaped);
  const length = distance === '' ? nearby : /^\d{1,9}(?:\.\d{1,20})?$/.test(distance) ? Number(distance) : Number.NaN;
  const scale = unit === '' || distance === '' ? metres['km']! : Object.hasOwn(metres, unit) ? metres[unit]! : Number.NaN;
  const [latitude, longitude] = [north, east].map(one => (decimal.test(one) ? Number(one) : Number.NaN)) as [number, number];
  const known = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && length * scale <= farthest * 1000;
  return known && rest.length === 0 ? { latitude, longitude, metres: length * scale } : undefined;
}

/** @param only the type of a `:Type` modifier */
export function readReferenceTest(text: string, { base }: Reading, only?: string): ReferenceTest | undefined {
  const written = unescaped(text);
  if (isId(written)) return only === undefined ? { id: written } : { reference: `${only}/${written}` };
  const reference = comparable(written, base);
  if (reference === undefined) return undefined;
  const relative = /^([A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}$/.exec(reference)?.[1];
  if (relative === undefined ? !/^[A-Za-z][A-Za-z0-9+.-]*:./.test(reference) : !isResourceType(relative)) return undefined;
  return only !== undefined && relative !== undefined && relative !== only ? undefined : { reference };
}

export const readText = (text: string): string | undefined => (text === '' ? undefined : unescaped(text));

/** One part of a composite. */
export function readComponent(type: ParameterType, text: string, reading: Reading): Component | undefined {
  const with_ = <T, C>(test: T | undefined, make: (test: T) => C): C | undefined => (test === undefined ? undefined : make(test));
  switch (type) {
    case 'token':
      return with_(readTokenTest(text), test => ({ kind: 'token', test }));
    case 'string':
      return with_(readText(text), test => ({ kind: 'string', test }));
    case 'date':
      return with_(readDateTest(text, reading), test => ({ kind: 'date', test }));
    case 'number':
      return with_(readNumberTest(text), test => ({ kind: 'number', test }));
    case 'quantity':
      return with_(readQuantityTest(text), test => ({ kind: 'quantity', test }));
    case 'reference':
      return with_(readReferenceTest(text, reading), test => ({ kind: 'reference', test }));
    case 'uri':
      return with_(readText(text), test => ({ kind: 'uri', test }));
    default:
      return undefined;
  }
}
