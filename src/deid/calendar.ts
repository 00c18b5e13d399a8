/**
 * Calendar days as numbers (days since 1970-01-01, proleptic Gregorian), and FHIR dates moved by whole days in the precision they have.
 * R4: https://hl7.org/fhir/R4/datatypes.html#dateTime
 * @module
 */
import { joined } from './joined.ts';

/** Day number of a calendar date. Formula: Howard Hinnant, days_from_civil. */
export function dayOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

export interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The calendar date of a day number. Formula: Howard Hinnant, civil_from_days. */
export function civilOf(dayNumber: number): Civil {
  const z = dayNumber + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

export type Precision = 'year' | 'month' | 'day';

/** A day that is known, or the days that a month or year leaves open. */
export interface Days {
  /** First day that may be meant, as a day number. */
  readonly first: number;
  /** Last day that may be meant; the first one where it is known to the day. */
  readonly last: number;
}

/** A FHIR date, dateTime or instant, taken apart. */
export interface Written extends Days {
  readonly precision: Precision;
  /** `T…` with the zone, as written; empty without a time. */
  readonly time: string;
}

const timeShape = /^T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/** The number that the digits from one place to another make; NaN where one is none. Each date of each resource is read: a regular expression took thrice as long. */
export function digits(text: string, from: number, to: number): number {
  let n = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    n = n * 10 + digit;
  }
  return n;
}

const dash = 45;

/** undefined: no date, dateTime or instant of FHIR, or a day that is none. */
export function readDate(text: unknown): Written | undefined {
  if (typeof text !== 'string' || text.length < 4) return undefined;
  const year = digits(text, 0, 4);
  if (!(year > 0)) return undefined;
  if (text.length === 4) return { precision: 'year', first: dayOf(year, 1, 1), last: dayOf(year, 12, 31), time: '' };
  const month = text.charCodeAt(4) === dash && text.length >= 7 ? digits(text, 5, 7) : 0;
  if (!(month >= 1 && month <= 12)) return undefined;
  const ofMonth = dayOf(year, month, 1);
  const next = month === 12 ? dayOf(year + 1, 1, 1) : dayOf(year, month + 1, 1);
  if (text.length === 7) return { precision: 'month', first: ofMonth, last: next - 1, time: '' };
  const day = text.charCodeAt(7) === dash && text.length >= 10 ? ofMonth + digits(text, 8, 10) - 1 : next;
  if (!(day >= ofMonth && day < next)) return undefined;
  if (text.length === 10) return { precision: 'day', first: day, last: day, time: '' };
  const time = text.slice(10);
  return timeShape.test(time) ? { precision: 'day', first: day, last: day, time } : undefined;
}

const two = (n: number): string => (n < 10 ? '0' + n : String(n));

/** A day number in a precision; undefined outside the years that FHIR can write. */
export function writeDate(dayNumber: number, precision: Precision, time = ''): string | undefined {
  const { year, month, day } = civilOf(dayNumber);
  if (year < 1 || year > 9999) return undefined;
  const y = String(year).padStart(4, '0');
  if (precision === 'year') return y;
  if (precision === 'month') return `${y}-${two(month)}`;
  const date = `${y}-${two(month)}-${two(day)}`;
  return time === '' ? date : joined(date, time);
}

/** Whether a date lies within the days of a person's life that may leave, true days before any shift. */
export const isOfLife = (date: Written, { notBefore, notAfter }: { readonly notBefore?: number; readonly notAfter?: number }): boolean =>
  (notBefore === undefined || date.first >= notBefore) && (notAfter === undefined || date.last <= notAfter);

/** The day in the middle of what a partial date can mean; of a full date, the day itself. */
export const middle = (date: Written): number => Math.floor((date.first + date.last) / 2);

/** Whole years from one day to another. */
export function yearsBetween(from: number, to: number): number {
  const a = civilOf(from);
  const b = civilOf(to);
  return b.year - a.year - (b.month < a.month || (b.month === a.month && b.day < a.day) ? 1 : 0);
}
