/**
 * The JSON of a configuration as its author wrote it: a byte order mark, comments and trailing commas are taken, the order of keys is kept (also of those that
 * look like numbers, which JSON.parse moves to the front), and a key twice in one object is an error (JSON.parse takes the last).
 * Objects come as Map, numbers keep their digits. RFC 8259: https://www.rfc-editor.org/rfc/rfc8259
 * @module
 */
import { Decimal, longestNumber, numeral } from '../../fhir/model/json.ts';
import { PolicyError } from '../policy.ts';

export type Members = ReadonlyMap<string, unknown>;

export const isMembers = (value: unknown): value is Members => value instanceof Map;

const mostDepth = 100;
const blank = /(?:[ \t\r\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const word = /true|false|null/y;

/** @param place what the text is, for the message of an error. @throws PolicyError with the line */
export function readJson(text: string, place: string): unknown {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const wrong = (what: string): PolicyError => new PolicyError(`${place}, line ${text.slice(0, at).split('\n').length}`, what);
  const take = (shape: RegExp): string | undefined => {
    shape.lastIndex = at;
    const found = shape.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const next = (): string | undefined => {
    take(blank);
    return text[at];
  };

  /** What stands between two brackets, with commas between and perhaps one at the end. */
  function items(end: string, depth: number, item: (depth: number) => void): void {
    if (depth > mostDepth) throw wrong('is nested too deeply');
    at++;
    while (next() !== end) {
      item(depth + 1);
      if (next() === ',') at++;
      else if (text[at] !== end) throw wrong(`"," or "${end}" is missing`);
    }
    at++;
  }

  function object(depth: number): Members {
    const members = new Map<string, unknown>();
    items('}', depth, below => {
      const key = take(string);
      if (key === undefined) throw wrong('the name of a member is missing');
      const name = JSON.parse(key) as string;
      if (members.has(name)) throw wrong(`"${name}" stands twice in one object`);
      if (next() !== ':') throw wrong('":" is missing');
      at++;
      members.set(name, value(below));
    });
    return members;
  }

  function value(depth: number): unknown {
    const first = next();
    if (first === '{') return object(depth);
    if (first === '[') {
      const list: unknown[] = [];
      items(']', depth, below => list.push(value(below)));
      return list;
    }
    if (first === '"') {
      const found = take(string);
      if (found === undefined) throw wrong('is a text without end, or with a character that JSON does not have');
      return JSON.parse(found);
    }
    const literal = take(word);
    if (literal !== undefined) return JSON.parse(literal);
    const digits = take(number);
    if (digits === undefined) throw wrong('is no JSON');
    if (digits.length > longestNumber) throw wrong('is too long a number');
    return numeral(digits);
  }

  const read = value(0);
  if (next() !== undefined) throw wrong('something stands behind the end of the JSON');
  return read;
}

/** The same value with plain objects in the place of Maps. */
export function plainJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainJson);
  if (isMembers(value)) return Object.fromEntries([...value].map(([name, one]) => [name, plainJson(one)]));
  return value;
}

/** A number in decimal notation without exponent: what the format calls its text. */
export function decimalText(value: number | Decimal): string {
  const text = value instanceof Decimal ? value.text : String(value);
  const parts = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(text);
  if (parts === null) return text;
  const [, sign, whole = '', fraction = '', exponent] = parts;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (Math.abs(point) > longestNumber) return text;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  const integer = digits
    .slice(0, point)
    .padEnd(point, '0')
    .replace(/^0+(?=\d)/, '');
  const rest = digits.slice(point);
  return sign + integer + (rest === '' ? '' : '.' + rest);
}

/** A value of JSON as text: numbers in decimal notation, truth values as `True` and `False`. */
export function textOf(value: string | number | boolean | Decimal): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return decimalText(value);
}
