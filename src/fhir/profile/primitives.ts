/**
 * The formats of R4's primitive types, each as a test of a JSON value; dates by the calendar. All run in time linear in the text.
 * R4: https://hl7.org/fhir/R4/datatypes.html#primitive
 * @module
 */
import { Decimal } from '../model/json.ts';
import { isId } from '../model/r4.ts';

type Test = (value: unknown) => boolean;

// R4: "Strings SHALL NOT contain Unicode character points below 32, except for" tab, line feed, carriage return.
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
const longestString = 1_048_576;

// R4's regex lets a text of blanks through; that strings hold more is a SHOULD.
const text = (value: unknown): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= longestString && !control.test(value);

// `\S` of the specification is XML Schema's: no-break and ideographic spaces (\u00a0, \u3000) are letters to it, and RFC 3987 allows them.
const space = /[\u0000-\u0020]/;
const uri = (value: unknown): boolean => typeof value === 'string' && value !== '' && !space.test(value);

// "no leading or trailing whitespace and … no whitespace other than single spaces in the contents": here the sentence is stricter than R4's
// regex, R5's regex follows the sentence, and so does HL7's validator: a no-break space is none of these single spaces.
const odd = /[^\S ]|^ | {2}| $/;
const code = (value: unknown): boolean => typeof value === 'string' && value !== '' && !odd.test(value) && !control.test(value);

const two = (value: string, at: number): number => {
  const tens = value.charCodeAt(at) - 48;
  const ones = value.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
};

const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Length of the date that `value` begins with (4, 7 or 10), or 0: none. */
function dateLength(value: string): number {
  const century = two(value, 0);
  const rest = two(value, 2);
  if (century < 0 || rest < 0 || century + rest === 0) return 0;
  if (value.charCodeAt(4) !== 0x2d) return 4;
  const month = two(value, 5);
  if (month < 1 || month > 12) return 0;
  if (value.charCodeAt(7) !== 0x2d) return 7;
  const day = two(value, 8);
  const last = month === 2 && isLeap(century * 100 + rest) ? 29 : days[month - 1]!;
  return day >= 1 && day <= last ? 10 : 0;
}

/** Index after the time that stands at `at` (hh:mm:ss, perhaps with a fraction), or 0: none. */
function timeEnd(value: string, at: number): number {
  const hour = two(value, at);
  const minute = two(value, at + 3);
  const second = two(value, at + 6);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return 0;
  if (value.charCodeAt(at + 2) !== 0x3a || value.charCodeAt(at + 5) !== 0x3a) return 0;
  let end = at + 8;
  if (value.charCodeAt(end) !== 0x2e) return end;
  end++;
  const first = end;
  while (value.charCodeAt(end) >= 48 && value.charCodeAt(end) <= 57) end++;
  return end > first ? end : 0;
}

/** Whether a time with its zone stands from `at` to the end. */
function zonedTime(value: string, at: number): boolean {
  const end = timeEnd(value, at);
  if (end === 0) return false;
  const zone = value.charCodeAt(end);
  if (zone === 0x5a) return value.length === end + 1;
  if ((zone !== 0x2b && zone !== 0x2d) || value.length !== end + 6 || value.charCodeAt(end + 3) !== 0x3a) return false;
  const hours = two(value, end + 1);
  const minutes = two(value, end + 4);
  return minutes >= 0 && minutes <= 59 && hours >= 0 && (hours < 14 || (hours === 14 && minutes === 0));
}

const date = (value: unknown): boolean => typeof value === 'string' && value.length >= 4 && dateLength(value) === value.length;

const dateTime = (value: unknown): boolean => {
  if (typeof value !== 'string' || value.length < 4) return false;
  const length = dateLength(value);
  return length !== 0 && (value.length === length || (length === 10 && value.charCodeAt(10) === 0x54 && zonedTime(value, 11)));
};

const instant = (value: unknown): boolean =>
  typeof value === 'string' && dateLength(value) === 10 && value.charCodeAt(10) === 0x54 && zonedTime(value, 11);

const time = (value: unknown): boolean => typeof value === 'string' && value.length >= 8 && timeEnd(value, 0) === value.length;

const between =
  (least: number): Test =>
  value =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 2_147_483_647;

const decimal = (value: unknown): boolean =>
  typeof value === 'number' ? Number.isFinite(value) : value instanceof Decimal && Number.isFinite(value.valueOf());

const oid = /^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$/;
const uuid = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function base64Binary(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false;
  const tight = value.replace(/[ \t\r\n]+/g, '');
  return tight.length > 0 && tight.length % 4 === 0 && /^[0-9A-Za-z+/]+={0,2}$/.test(tight);
}

/** Primitive type → test. `xhtml` is tested as text here; what may stand in a narrative says narrative.ts. */
export const primitives: Readonly<Record<string, Test>> = {
  base64Binary,
  boolean: value => typeof value === 'boolean',
  canonical: uri,
  code,
  date,
  dateTime,
  decimal,
  id: value => typeof value === 'string' && isId(value),
  instant,
  integer: between(-2_147_483_648),
  markdown: text,
  oid: value => typeof value === 'string' && oid.test(value),
  positiveInt: between(1),
  string: text,
  time,
  unsignedInt: between(0),
  uri,
  url: uri,
  uuid: value => typeof value === 'string' && uuid.test(value),
  xhtml: value => typeof value === 'string' && !control.test(value),
};
