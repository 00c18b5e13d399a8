/**
 * Dates as the format treats them: cut to the year, or moved by −50 to +50 days that a polynomial over the id and the key gives.
 * That shift can be foretold (docs/deidentification/rules.md); it is here because the output must be the same.
 * R4: https://hl7.org/fhir/R4/datatypes.html#dateTime
 * @module
 */
import { type Civil, civilOf, dayOf } from '../calendar.ts';
import { joined } from '../joined.ts';
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

/** −50 to +50 days; of the prefix that was asked for last it is known. */
export function offsets(key: string): (prefix: string) => number {
  let last = '';
  let days = offsetOf('', key);
  return prefix => {
    if (prefix !== last) days = offsetOf((last = prefix), key);
    return days;
  };
}

/** −50 to +50 days. Formula: h = (h·131 + b) mod 101 over the UTF-8 bytes of prefix and key. */
export function offsetOf(prefix: string, key: string): number {
  let h = 0;
  for (const byte of Buffer.from(prefix + key)) h = (h * 131 + byte) % 101;
  return h - 50;
}

/** The date moved, its time blanked; undefined: it is to be redacted. @throws ValueError for a day or second that no calendar has */
export function shiftedDate(text: string, withTime: boolean, run: Run, rule: number, place: string): string | undefined {
  const found = shape.exec(text);
  if (found?.[3] === undefined) return undefined;
  const [, y, m, d, time, second, zone] = found;
  const year = Number(y);
  const month = Number(m);
  const day = Number(d);
  const { context, parameters, prefix, offset } = run.means;
  if (indicatedAge(year, month, day, context.now) > oldest) return undefined;
  const from = dayOf(year, month, day);
  if (civilOf(from).month !== month) throw new ValueError(place, 'is a day that no calendar has');
  if (withTime && second === '60') throw new ValueError(place, 'has a 60th second, which cannot be moved');
  const to = civilOf(from + (parameters.dateShiftFixedOffsetInDays ?? offset(prefix || run.rootId(rule))));
  if (to.year < 1 || to.year > 9999 || Number.isNaN(to.year)) throw new ValueError(place, 'would move out of the years 1 to 9999');
  const moved = `${String(to.year).padStart(4, '0')}-${String(to.month).padStart(2, '0')}-${String(to.day).padStart(2, '0')}`;
  return time === undefined || !withTime ? moved : joined(moved, time.replace(/[0-9]/g, '0'), zone!);
}
