/**
 * keep: the value leaves as it is, if it is one of its type: what was handed in nobody has validated, and a name may stand where a truth value should.
 * Only for types that hold no free text; a code only when it is plain ASCII without spaces, as codes are, and where the rule lists `codes` only one of them.
 * R4: https://hl7.org/fhir/R4/datatypes.html#primitive
 * @module
 */
import { isOfLife, readDate } from '../calendar.ts';
import type { Run, Treat } from '../context.ts';
import { type Method, texts } from './method.ts';
import { textList } from './option.ts';

const code = /^[\x21-\x7e]{1,64}$/;
const time = /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?$/;

// A decimal whose digits must stay is a Decimal object (model/json.ts).
const number: Treat = value => (typeof value === 'number' || value instanceof Number ? value : undefined);
const date: Treat = (value, { context: { subject } }: Run) => {
  const read = readDate(value);
  return read !== undefined && (subject === undefined || isOfLife(read, subject)) ? value : undefined;
};
// Of several persons one may be pooled: then not even the year may be told.
const dateOfOne: Treat = (value, run) => (run.context.subject === undefined ? undefined : date(value, run));

const treats: Readonly<Record<string, Treat>> = {
  boolean: value => (typeof value === 'boolean' ? value : undefined),
  integer: number,
  positiveInt: number,
  unsignedInt: number,
  decimal: number,
  code: value => (typeof value === 'string' && code.test(value) ? value : undefined),
  time: value => (typeof value === 'string' && time.test(value) ? value : undefined),
  date,
  dateTime: date,
  instant: date,
};

export const keep: Method = {
  types: Object.keys(treats),
  options: { codes: textList },
  make: (options, _, type) => {
    if (options['codes'] === undefined) return treats[type] === date && options['pooledFrom'] !== undefined ? dateOfOne : treats[type]!;
    if (type !== 'code') throw new Error(`"codes" are of a code, not of ${type}`);
    const codes: ReadonlySet<unknown> = new Set(texts(options, 'codes'));
    return value => (codes.has(value) ? value : undefined);
  },
};
