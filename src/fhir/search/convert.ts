/**
 * From one element to the values it is found by, chosen by the parameter's type and the element's declared type.
 * What has another shape than its type says gives nothing: whether a resource is valid is not asked here.
 * R4: https://hl7.org/fhir/R4/search.html#ptypes
 * @module
 */
import type { AnyResource, Json } from '../model/r4.ts';
import { literal } from '../model/reference.ts';
import { noBeginning, noEnd, type ReadDate } from './dates.ts';
import type { DateValue, NumberValue, ParameterType, PositionValue, QuantityValue, TokenValue, Value } from './values.ts';

export interface Setting {
  readonly base: string;
  readonly readDate: ReadDate;
}

export type Converter = (element: unknown, out: Value[], setting: Setting) => void;

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
const number = (value: unknown): number | undefined => {
  const n = typeof value === 'number' ? value : value instanceof Number ? value.valueOf() : Number.NaN;
  return Number.isFinite(n) ? n : undefined;
};
const most = Number.MAX_VALUE;

const push = (out: Value[], value: unknown): void => {
  const one = text(value);
  if (one !== null) out.push(one);
};

// Tokens. R4: https://hl7.org/fhir/R4/search.html#token

const pair = (system: string | null, code: string | null, out: Value[]): void => {
  if (system !== null || code !== null) out.push([system, code] satisfies TokenValue);
};
const coding: Converter = (e, out) => pair(text((e as Json)['system']), text((e as Json)['code']), out);
export const identifier: Converter = (e, out) => pair(text((e as Json)['system']), text((e as Json)['value']), out);
const tokens: Readonly<Record<string, Converter>> = {
  Coding: coding,
  CodeableConcept: (e, out, setting) => {
    for (const one of list((e as Json)['coding'])) if (one !== null) coding(one, out, setting);
  },
  Identifier: identifier,
  // The system of a ContactPoint is phone or email and no namespace.
  ContactPoint: (e, out) => pair(null, text((e as Json)['value']), out),
};
const primitiveToken: Converter = (e, out) => {
  if (typeof e === 'boolean' || typeof e === 'number') out.push([null, String(e)]);
  else pair(null, text(e), out);
};

/** What a coded element says in words. R4: https://hl7.org/fhir/R4/search.html#token (`:text`) */
const texts: Readonly<Record<string, Converter>> = {
  Coding: (e, out) => push(out, (e as Json)['display']),
  CodeableConcept: (e, out) => {
    push(out, (e as Json)['text']);
    for (const one of list((e as Json)['coding'])) push(out, (one as Json | null)?.['display']);
  },
  Identifier: (e, out) => push(out, ((e as Json)['type'] as Json | undefined)?.['text']),
};

/** The texts of an element that a token is taken from; undefined: its type has none. */
export const textsOf = (elementType: string): Converter | undefined => texts[elementType];

/** One name for the type of an identifier: a system has no blank. */
export const typeOfIdentifier = (system: string, code: string): string => `${system} ${code}`;

/** An Identifier's value by each coding of its type. */
export const typedIdentifier: Converter = (e, out) => {
  const value = text((e as Json)['value']);
  if (value === null) return;
  for (const one of list(((e as Json)['type'] as Json | undefined)?.['coding'])) {
    const [system, code] = [text((one as Json | null)?.['system']), text((one as Json | null)?.['code'])];
    if (system !== null && code !== null) out.push([typeOfIdentifier(system, code), value] satisfies TokenValue);
  }
};

// Positions. R4: https://hl7.org/fhir/R4/location.html#positional

const position: Converter = (e, out) => {
  const [latitude, longitude] = [number((e as Json)['latitude']), number((e as Json)['longitude'])];
  if (latitude !== undefined && longitude !== undefined) out.push([latitude, longitude] satisfies PositionValue);
};

// Strings. R4: https://hl7.org/fhir/R4/search.html#string

const parts =
  (...names: readonly string[]): Converter =>
  (e, out) => {
    for (const name of names) for (const one of list((e as Json)[name])) push(out, one);
  };
const strings: Readonly<Record<string, Converter>> = {
  HumanName: parts('text', 'family', 'given', 'prefix', 'suffix'),
  Address: parts('text', 'line', 'city', 'district', 'state', 'postalCode', 'country'),
  CodeableConcept: parts('text'),
};
const string: Converter = (e, out) => push(out, e);

// Dates. R4: https://hl7.org/fhir/R4/search.html#date

const date: Converter = (e, out, { readDate }) => {
  const span = typeof e === 'string' ? readDate(e) : undefined;
  if (span !== undefined) out.push(span as DateValue);
};
const period: Converter = (e, out, { readDate }) => {
  const { start, end } = e as Json;
  const from = typeof start === 'string' ? readDate(start) : undefined;
  const to = typeof end === 'string' ? readDate(end) : undefined;
  if (from !== undefined || to !== undefined) out.push([from?.[0] ?? noBeginning, to?.[1] ?? noEnd]);
};
/** Only the outer limits matter. */
const timing: Converter = (e, out, setting) => {
  const spans: Value[] = [];
  for (const one of list((e as Json)['event'])) date(one, spans, setting);
  const bounds = ((e as Json)['repeat'] as Json | undefined)?.['boundsPeriod'];
  if (bounds !== undefined && bounds !== null) period(bounds, spans, setting);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const span of spans as DateValue[]) {
    low = Math.min(low, span[0]);
    high = Math.max(high, span[1]);
  }
  if (low <= high) out.push([low, high]);
};
const dates: Readonly<Record<string, Converter>> = { date, dateTime: date, instant: date, Period: period, Timing: timing };

// Numbers and quantities. R4: https://hl7.org/fhir/R4/search.html#quantity

const plainNumber: Converter = (e, out) => {
  const n = number(e);
  if (n !== undefined) out.push([n, n] satisfies NumberValue);
};
const numbers: Readonly<Record<string, Converter>> = {
  decimal: plainNumber,
  integer: plainNumber,
  positiveInt: plainNumber,
  unsignedInt: plainNumber,
  Range: (e, out) => {
    const low = number(((e as Json)['low'] as Json | undefined)?.['value']);
    const high = number(((e as Json)['high'] as Json | undefined)?.['value']);
    if (low !== undefined || high !== undefined) out.push([low ?? -most, high ?? most]);
  },
};

const measured = (low: number, high: number, unit: Json, out: Value[]): void => {
  out.push([low, high, text(unit['system']), text(unit['code']), text(unit['unit'])] satisfies QuantityValue);
};
/** `< 5` is anything below: a query for 5 does not find it, one for more than 4 does. */
const quantity: Converter = (e, out) => {
  const n = number((e as Json)['value']);
  if (n === undefined) return;
  const comparator = text((e as Json)['comparator']) ?? '';
  measured(comparator.startsWith('<') ? -most : n, comparator.startsWith('>') ? most : n, e as Json, out);
};
const quantities: Readonly<Record<string, Converter>> = {
  Quantity: quantity,
  Age: quantity,
  Count: quantity,
  Distance: quantity,
  Duration: quantity,
  Money: (e, out) => {
    const n = number((e as Json)['value']);
    const currency = text((e as Json)['currency']);
    if (n !== undefined) out.push([n, n, currency === null ? null : 'urn:iso:std:iso:4217', currency, null]);
  },
  Range: (e, out) => {
    const { low, high } = e as { low?: Json; high?: Json };
    const from = number(low?.['value']);
    const to = number(high?.['value']);
    if (from !== undefined || to !== undefined) measured(from ?? -most, to ?? most, (low ?? high)!, out);
  },
  /** The range of its measurements. */
  SampledData: (e, out) => {
    const { origin, factor, data, lowerLimit, upperLimit } = e as { origin?: Json } & Json;
    const zero = number(origin?.['value']) ?? 0;
    const scale = number(factor) ?? 1;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const sample of (text(data) ?? '').split(/\s+/)) {
      const raw =
        sample === 'L' ? number(lowerLimit) : sample === 'U' ? number(upperLimit) : sample === '' ? undefined : number(Number(sample));
      if (raw === undefined) continue;
      low = Math.min(low, zero + raw * scale);
      high = Math.max(high, zero + raw * scale);
    }
    if (low <= high) measured(low, high, origin ?? {}, out);
  },
};

// References and URIs. R4: https://hl7.org/fhir/R4/search.html#reference

/** How references are compared: own base and version cut off; contained ones are none. */
export function comparable(reference: string, base: string): string | undefined {
  if (reference === '' || reference.startsWith('#')) return undefined;
  const own = literal(reference, base);
  return own === undefined ? reference : `${own.type}/${own.id}`;
}

/** A canonical with a version is found with it and without. */
const uri: Converter = (e, out) => {
  const one = text(e);
  if (one === null) return;
  out.push(one);
  const bar = one.indexOf('|');
  if (bar > 0) out.push(one.slice(0, bar));
};
const reference = (written: unknown, out: Value[], setting: Setting): void => {
  const one = typeof written === 'string' ? comparable(written, setting.base) : undefined;
  if (one !== undefined) uri(one, out, setting);
};
const references: Readonly<Record<string, Converter>> = {
  Reference: (e, out, setting) => reference((e as Json)['reference'], out, setting),
  canonical: reference,
  uri: reference,
  Resource: (e, out) => {
    const { resourceType, id } = e as AnyResource;
    if (typeof resourceType === 'string' && typeof id === 'string') out.push(`${resourceType}/${id}`);
  },
};

const primitive = /^[a-z]/;

/** An extension counts by its value: what stands in valueString is a string. */
const extension =
  (type: ParameterType): Converter =>
  (e, out, setting) => {
    for (const key of Object.keys(e as Json)) {
      if (!key.startsWith('value')) continue;
      const suffix = key.slice('value'.length);
      const convert = converter(type, suffix) ?? converter(type, suffix.charAt(0).toLowerCase() + suffix.slice(1));
      convert?.((e as Json)[key], out, setting);
    }
  };

/** How elements of a type become values of a parameter type; undefined: they have none (a string is no date, though it may stand where one is asked for). */
export function converter(type: ParameterType, elementType: string): Converter | undefined {
  if (elementType === 'Extension') return extension(type);
  switch (type) {
    case 'token':
      return tokens[elementType] ?? (primitive.test(elementType) ? primitiveToken : undefined);
    case 'string':
      return strings[elementType] ?? (primitive.test(elementType) ? string : undefined);
    case 'date':
      return dates[elementType];
    case 'number':
      return numbers[elementType];
    case 'quantity':
      return quantities[elementType];
    case 'reference':
      return references[elementType];
    case 'uri':
      return primitive.test(elementType) ? uri : undefined;
    case 'special':
      return elementType === 'Location.position' ? position : undefined;
    default:
      return undefined;
  }
}
