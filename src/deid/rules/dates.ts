/**
 * Dates as the format treats them: cut to the year, or moved by the days of offsets.ts.
 * R4: https://hl7.org/fhir/R4/datatypes.html#dateTime
 * @module
 */
import { type Civil, civilOf, dayOf, digits } from '../calendar.ts';
import { ValueError } from './errors.ts';
import type { Run } from './run.ts';

/** R4's patterns, looked for anywhere in the text; a time counts with seconds and zone only. */
const shape =
  /([0-9](?:[0-9](?:[0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01])(?:(T(?:[01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(?:\.[0-9]+)?)(Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)))?)?)?/;

const oldest = 89;

/** Years from a date to today. */
function indicatedAge(year: number, month: number, day: number, now: Civil): number {
  return now.year - year - (now.month < month || (now.month === month && now.day < day) ? 1 : 0);
}

/** The year; undefined if it tells an age over 89, or is no date. */
export function redactedDate(text: string, now: Civil): string | undefined {
  const found = shape.exec(text);
  if (found === null) return undefined;
  return indicatedAge(Number(found[1]), Number(found[2] ?? 1), Number(found[3] ?? 1), now) > oldest ? undefined : found[1];
}

/** A date with or without time and zone, and nothing else, as almost all are; not the 60th second. */
const usualTime = /T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))$/y;

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Where in the text the time begins, the zone, and what is behind it; without a time all the same. */
  readonly time: number;
  readonly zone: number;
  readonly end: number;
  /** The second is the 60th. */
  readonly leap: boolean;
}

/** undefined: it has to be looked for by its shape. */
function usual(text: string): Parts | undefined {
  const { length } = text;
  if (length < 10 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  if (!(year > 0 && month > 0 && month < 13 && day > 0 && day < 32)) return undefined;
  if (length === 10) return { year, month, day, time: length, zone: length, end: length, leap: false };
  usualTime.lastIndex = 10;
  if (!usualTime.test(text)) return undefined;
  return { year, month, day, time: 10, zone: length - (text.endsWith('Z') ? 1 : 6), end: length, leap: false };
}

/** undefined: there is no date with a day in it. */
function partsOf(text: string): Parts | undefined {
  const parts = usual(text);
  if (parts !== undefined) return parts;
  const found = shape.exec(text);
  if (found?.[3] === undefined) return undefined;
  const [, year, month, day, at = '', second, to = ''] = found;
  const time = found.index + 10;
  const zone = time + at.length;
  return { year: Number(year), month: Number(month), day: Number(day), time, zone, end: zone + to.length, leap: second === '60' };
}

/** A date with a time of up to 54 letters. */
const short = Buffer.alloc(64);

function write(n: number, written: Buffer, at: number, digits: number): void {
  for (let i = at + digits - 1, left = n; i >= at; i--) {
    const tens = Math.floor(left / 10);
    written[i] = 48 + left - 10 * tens;
    left = tens;
  }
}

/** In one piece (joined.ts): a date and, of a text, a time with zeros for its digits, and the zone. */
function dateText({ year, month, day }: Civil, text: string, time: number, zone: number, end: number): string {
  const length = 10 + end - time;
  const written = length > short.length ? Buffer.alloc(length) : short;
  write(year, written, 0, 4);
  write(month, written, 5, 2);
  write(day, written, 8, 2);
  written[4] = written[7] = 45;
  let at = 10;
  for (let i = time; i < end; i++) {
    const c = text.charCodeAt(i);
    written[at++] = i < zone && c >= 48 && c < 58 ? 48 : c;
  }
  return written.toString('latin1', 0, length);
}

const wholeInstant = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/;

/** An instant as the format writes one anew: its zone in digits, no zeros at the end of its fraction. What is none stays. */
export function instantText(text: string): string {
  const found = wholeInstant.exec(text);
  if (found === null) return text;
  const [, time = '', fraction = '', zone = ''] = found;
  const digits = fraction.replace(/(?<!0)0+$/, '');
  return time + (digits === '' ? '' : '.' + digits) + (zone === 'Z' ? '+00:00' : zone);
}

/** The date moved, its time blanked; undefined: it is to be redacted. @throws ValueError for a day or second that no calendar has */
export function shiftedDate(text: string, withTime: boolean, run: Run, rule: number, place: string): string | undefined {
  const parts = partsOf(text);
  if (parts === undefined) return undefined;
  const { year, month, day, time, zone, end, leap } = parts;
  const { context, parameters, prefix, offset } = run.means;
  if (indicatedAge(year, month, day, context.now) > oldest) return undefined;
  const from = dayOf(year, month, day);
  if (day > 28 && civilOf(from).month !== month) throw new ValueError(place, 'is a day that no calendar has');
  if (withTime && leap) throw new ValueError(place, 'has a 60th second, which cannot be moved');
  const to = civilOf(from + (parameters.dateShiftFixedOffsetInDays ?? offset(prefix || run.rootId(rule))));
  if (!(to.year >= 1 && to.year <= 9999)) throw new ValueError(place, 'would move out of the years 1 to 9999');
  return dateText(to, text, time, zone, withTime ? end : time);
}
