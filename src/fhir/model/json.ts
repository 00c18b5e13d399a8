/**
 * JSON in and out without losing a digit: a decimal such as 7.20 stays 7.20. Strict: UTF-8, no key twice, no bomb.
 * R4: https://hl7.org/fhir/R4/datatypes.html#decimal, https://hl7.org/fhir/R4/json.html
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { Problem } from './outcome.ts';

/** A number whose text (7.20, 1e3) a plain number would not give back. Computes like a number; JSON.stringify writes its text. */
export class Decimal extends Number {
  readonly text: string;
  constructor(text: string) {
    super(text);
    this.text = text;
  }
  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.text);
  }
}

/** A number of JSON or XML as it is kept: plain where a plain number gives the same text back, else a Decimal. @param text has the form of a JSON number */
export const numeral = (text: string): number | Decimal => (canonical(text) ? Number(text) : new Decimal(text));

const { isArray } = Array;

/** What one pass over the text knows of it. If the text is no JSON, this means nothing: JSON.parse says so. */
interface Survey {
  /** How many keys stand in it. */
  keys: number;
  /** Numbers to keep as Decimal: which one it is in the text, counted from 0, and its text; in order. */
  decimals: (readonly [number, string])[];
}

/** More digits than any measurement has; R4 asks for 18. */
export const longestNumber = 1000;
const quote = 0x22;
const backslash = 0x5c;

/** Whether String(Number(text)) gives the text back. */
function canonical(text: string): boolean {
  return String(Number(text)) === text;
}

function survey(text: Uint8Array, maxDepth: number): Survey {
  const decimals: (readonly [number, string])[] = [];
  const end = text.length;
  let keys = 0;
  let numbers = 0;
  let depth = 0;
  let at = 0;
  while (at < end) {
    const c = text[at++]!;
    if (c === quote) {
      while (at < end) {
        const s = text[at++];
        if (s === quote) break;
        if (s === backslash) at++;
      }
    } else if (c === 0x3a) {
      keys++;
    } else if (c === 0x7b || c === 0x5b) {
      if (++depth > maxDepth) throw new Problem('too-deep');
    } else if (c === 0x7d || c === 0x5d) {
      depth--;
    } else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      const start = at - 1;
      let dot = 0;
      let other = c === 0x2d;
      for (; at < end; at++) {
        const d = text[at]!;
        if (d >= 0x30 && d <= 0x39) continue;
        if (d === 0x2e) dot = at;
        else if (d === 0x2d || d === 0x2b || d === 0x65 || d === 0x45) other = true;
        else break;
      }
      if (other || at - start > 15 || (dot > 0 && !isShort(text, start, dot, at))) {
        if (at - start > longestNumber) throw new Problem('invalid-value', 'A number of the body is too long.');
        let number = '';
        for (let d = start; d < at; d++) number += String.fromCharCode(text[d]!);
        if (!canonical(number)) decimals.push([numbers, number]);
      }
      numbers++;
    }
  }
  return { keys, decimals };
}

/** Whether at most 14 digits with a dot among them are written as a plain number would be: no 0 at the end, and none before the dot and behind it. */
const isShort = (text: Uint8Array, start: number, dot: number, end: number): boolean =>
  text[end - 1] !== 0x30 && end - 1 > dot && (text[start] !== 0x30 || text[dot + 1] !== 0x30);

/** How many keys stand in an object, and in all below it. */
function keysIn(object: Readonly<Record<string, unknown>>): number {
  let keys = 0;
  for (const key in object) {
    keys++;
    const value = object[key];
    if (typeof value === 'object' && value !== null) keys += isArray(value) ? keysOf(value) : keysIn(value as Record<string, unknown>);
  }
  return keys;
}

function keysOf(list: readonly unknown[]): number {
  let keys = 0;
  for (let i = 0; i < list.length; i++) {
    const value = list[i];
    if (typeof value === 'object' && value !== null) keys += isArray(value) ? keysOf(value) : keysIn(value as Record<string, unknown>);
  }
  return keys;
}

/** Goes through a parsed value in the order of its text, and puts Decimals where `survey` saw them. */
class Walk {
  /** False when a key looks like a number: JavaScript moves such keys to the front, so the order is not that of the text. */
  ordered = true;
  private number = 0;
  private next = 0;
  private readonly decimals: Survey['decimals'];

  constructor(decimals: Survey['decimals']) {
    this.decimals = decimals;
  }

  /** What stands in place of the number that comes now. */
  private numeral(plain: number): number | Decimal {
    const decimal = this.decimals[this.next];
    if (decimal?.[0] !== this.number++) return plain;
    this.next++;
    return new Decimal(decimal[1]);
  }

  root(value: unknown): unknown {
    if (typeof value === 'number') return this.numeral(value);
    if (isArray(value)) this.array(value);
    else if (typeof value === 'object' && value !== null) this.object(value as Record<string, unknown>);
    return value;
  }

  private array(list: unknown[]): void {
    for (let i = 0; i < list.length; i++) {
      const value = list[i];
      if (typeof value === 'object' && value !== null) {
        if (isArray(value)) this.array(value);
        else this.object(value as Record<string, unknown>);
      } else if (typeof value === 'number') {
        const numeral = this.numeral(value);
        if (numeral !== value) list[i] = numeral;
      }
    }
  }

  private object(object: Record<string, unknown>): void {
    for (const key in object) {
      const first = key.charCodeAt(0);
      if (first <= 0x39 && first >= 0x30) this.ordered = false;
      const value = object[key];
      if (typeof value === 'object' && value !== null) {
        if (isArray(value)) this.array(value);
        else this.object(value as Record<string, unknown>);
      } else if (typeof value === 'number') {
        const numeral = this.numeral(value);
        // JSON.parse made `__proto__` a key of its own; an assignment would set the prototype instead.
        if (numeral !== value && key !== '__proto__') object[key] = numeral;
      }
    }
  }
}

/** The slow way to the same Decimals, for texts whose keys look like numbers. */
const withSource = (text: string): unknown =>
  JSON.parse(text, (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && !canonical(context.source) ? new Decimal(context.source) : value,
  );

/**
 * A body → its value. Numbers that would lose digits become Decimal; the rest is what JSON.parse gives, `__proto__` a key like any other.
 * @param limits.maxDepth how deep arrays and objects may be nested, 100 unless told
 * @throws Problem `invalid-json` (not UTF-8, empty, malformed), `too-deep`, `invalid-structure` (a key twice in one object)
 */
export function parseJson(bytes: Buffer | string, limits: { maxDepth?: number } = {}): unknown {
  let text = typeof bytes === 'string' ? bytes : bytes.toString('utf8');
  // What is not UTF-8 has become this character.
  if (typeof bytes !== 'string' && text.includes('\ufffd') && !isUtf8(bytes)) throw new Problem('invalid-json', 'The body is not UTF-8.');
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  if (text === '') throw new Problem('invalid-json', 'The body is empty.');
  // A byte order mark means nothing to `survey`.
  const { keys, decimals } = survey(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, limits.maxDepth ?? 100);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message would show a piece of the body.
    throw new Problem('invalid-json');
  }
  if (keysOf([value]) !== keys) throw new Problem('invalid-structure', 'An object of the body has the same element twice.');
  if (decimals.length === 0) return value;
  const walk = new Walk(decimals);
  value = walk.root(value);
  return walk.ordered ? value : withSource(text);
}
