/**
 * One walk through the bytes of a resource instead of three through its value: whether it is JSON with no element twice and no number that JSON.parse would lose digits of,
 * whom it refers to, and the latest day that it tells of. What it is not sure of it leaves to parseJson, personsIn and lastDay, which it must never contradict.
 * JSON: https://www.rfc-editor.org/rfc/rfc8259
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { readDate } from '../deid/calendar.ts';
import { longestNumber } from '../fhir/model/json.ts';
import { isResourceType } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import { Words } from './words.ts';

/** What is asked of the values of some elements. */
const kinds = {
  other: 0,
  reference: 1,
  identifier: 2,
  system: 3,
  address: 4,
  type: 5,
  resourceType: 6,
  id: 7,
  meta: 8,
  withheld: 9,
  fullUrl: 10,
} as const;
const kindOf: Readonly<Record<string, number>> = {
  reference: kinds.reference,
  identifier: kinds.identifier,
  system: kinds.system,
  url: kinds.address,
  uri: kinds.address,
  valueUri: kinds.address,
  valueUrl: kinds.address,
  valueCanonical: kinds.address,
  type: kinds.type,
  resourceType: kinds.resourceType,
  id: kinds.id,
  meta: kinds.meta,
  implicitRules: kinds.withheld,
  modifierExtension: kinds.withheld,
  fullUrl: kinds.fullUrl,
};

const person: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson']);
/** Types that are people, or hold resources: looked at as values. */
const close: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson', 'Person', 'Bundle', 'Parameters']);
/** As in fhir/model/named.ts. */
const maybeNumber = /3\.51\.1|patientid|[^\x20-\x7e]/i;

const deepest = 100;
const isSpace = (c: number): boolean => c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
const isHex = (c: number): boolean => isDigit(c) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x66);
/** Bytes at which a string ends, or is more than its bytes. */
const stops = new Uint8Array(256);
stops.fill(1, 0, 0x20);
stops[0x22] = stops[0x5c] = 1;
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;

export class Scan {
  /** It is a resource of R4 in JSON, no element twice; else parseJson tells. */
  sure = false;
  /** It refers to people as `Type/id` alone and holds no other resource: `persons`, `lastDay`, `name` and `withheld` are all that is to be known of it. */
  plain = false;
  /** Some number would not be written again as it is. */
  decimals = false;
  /** Type of the resource. */
  type = '';
  id: string | undefined;
  /** implicitRules or modifierExtension is there. */
  withheld = false;
  /** `Patient/id`, `RelatedPerson/id` that it refers to, each once. */
  persons: string[] = [];
  /** As of release/individual.ts. */
  lastDay = Number.NEGATIVE_INFINITY;

  readonly #until: number;
  readonly #keys = new Words(key => kindOf[key] ?? kinds.other);
  readonly #systems = new Words(system => (maybeNumber.test(system) ? 1 : 0));
  readonly #addresses: Words;
  /** Of what stands before the slash of a reference: 1 a person, 0 another type, 2 no type. */
  readonly #types = new Words(type => (person.has(type) ? 1 : isResourceType(type) ? 0 : 2));
  readonly #roots: string[] = [];
  /** By the two keys that came last: the one that came behind them. */
  readonly #next = new Int32Array(8192).fill(-1);
  /** By depth and key: the object in which the key was last met. */
  #met = new Int32Array((deepest + 1) * 4096);
  /** By depth: the object that refers to somebody who is no person, or that says that it refers to a person. */
  readonly #others = new Int32Array(deepest + 2);
  readonly #typed = new Int32Array(deepest + 2);
  readonly #objects = new Int32Array(deepest + 2);
  #object = 0;
  /** Digits of the latest day, YYYYMMDD. */
  #digits = 0;
  /** Where the string ends that was read last, and whether it has an escape. */
  #end = 0;
  #escaped = false;

  /** @param until latest day that counts; absent: days are not looked for @param base references below it are relative ones */
  constructor(until: number | undefined, base: string) {
    this.#until = until ?? Number.NEGATIVE_INFINITY;
    this.#addresses = new Words(url => (person.has(literal(url, base)?.type ?? '') ? 1 : 0));
  }

  /** The properties are of this text until the next; where it is not `sure`, the others mean nothing, and it is not `plain`. */
  read(bytes: Buffer): void {
    this.plain = true;
    this.decimals = false;
    this.withheld = false;
    this.type = '';
    this.id = undefined;
    if (this.persons.length > 0) this.persons = [];
    this.lastDay = Number.NEGATIVE_INFINITY;
    this.#digits = this.#until === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : 0;
    // Before numbers of objects come round again.
    if (this.#object > 2 ** 30) {
      this.#object = 0;
      for (const list of [this.#met, this.#others, this.#typed]) list.fill(0);
    }
    this.sure = isUtf8(bytes) && this.#walk(bytes) && this.type !== '';
    this.plain &&= this.sure;
  }

  #walk(bytes: Buffer): boolean {
    const end = bytes.length;
    const objects = this.#objects;
    let depth = 0;
    /** Depth from which on everything stands within a meta; 0: nothing does. */
    let meta = 0;
    let kind = 0;
    /** Stands for the keys that were read last. */
    let last = 0;
    let at = 0;
    while (at < end && isSpace(bytes[at]!)) at++;
    if (bytes[at] !== 0x7b) return false;
    for (;;) {
      // A value.
      let c = bytes[at]!;
      let closed = true;
      if (c === 0x22) {
        if (!this.#string(bytes, at)) return false;
        const to = this.#end;
        this.#look(bytes, at + 1, to, kind, depth, meta === 0 && kind !== kinds.meta);
        at = to + 1;
      } else if (c === 0x7b || c === 0x5b) {
        if (++depth > deepest) return false;
        objects[depth] = c === 0x7b ? ++this.#object : 0;
        // A logical reference: whoever it is.
        if (c === 0x7b && kind === kinds.identifier) this.plain = false;
        if (kind === kinds.meta && meta === 0) meta = depth;
        at++;
        while (at < end && isSpace(bytes[at]!)) at++;
        closed = bytes[at] === (c === 0x7b ? 0x7d : 0x5d);
        if (closed) {
          if (meta === depth) meta = 0;
          depth--;
          at++;
        } else if (c === 0x5b) {
          kind = kinds.other;
          continue;
        }
      } else if (isDigit(c) || c === 0x2d) {
        at = this.#number(bytes, at);
        if (at < 0) return false;
      } else if (c === 0x74) {
        if (bytes[at + 1] !== 0x72 || bytes[at + 2] !== 0x75 || bytes[at + 3] !== 0x65) return false;
        at += 4;
      } else if (c === 0x66) {
        if (bytes[at + 1] !== 0x61 || bytes[at + 2] !== 0x6c || bytes[at + 3] !== 0x73 || bytes[at + 4] !== 0x65) return false;
        at += 5;
      } else if (c === 0x6e) {
        if (bytes[at + 1] !== 0x75 || bytes[at + 2] !== 0x6c || bytes[at + 3] !== 0x6c) return false;
        at += 4;
      } else return false;
      // What comes behind a value: the next one, or the end of what it stands in.
      while (closed) {
        while (at < end && isSpace(bytes[at]!)) at++;
        if (depth === 0) return at === end;
        c = bytes[at++]!;
        const isObject = objects[depth] !== 0;
        if (c === 0x2c) {
          while (at < end && isSpace(bytes[at]!)) at++;
          closed = false;
          if (!isObject) kind = kinds.other;
        } else if (c === (isObject ? 0x7d : 0x5d)) {
          if (meta === depth) meta = 0;
          depth--;
        } else return false;
      }
      if (objects[depth] === 0) continue;
      // A key.
      if (bytes[at] !== 0x22) return false;
      const from = ++at;
      // Behind the same keys the same one comes again and again.
      let key = this.#next[last]!;
      const guessed = key < 0 ? 0 : this.#keys.end(key, bytes, from);
      if (guessed > 0 && bytes[guessed] === 0x22) at = guessed;
      else {
        let hash = 0;
        for (; (c = bytes[at]!) !== 0x22; at++) {
          if (stops[c] !== 0) return false;
          hash = Math.imul(hash ^ c, 0x01000193);
        }
        key = this.#keys.at(bytes, from, at, hash);
        if (key < 0) return false;
        this.#next[last] = key;
      }
      last = ((last << 6) ^ key) & 8191;
      const place = depth * 4096 + key;
      if (this.#met[place] === objects[depth]) return false;
      this.#met[place] = objects[depth]!;
      kind = this.#keys.told(key);
      if (kind >= kinds.resourceType) kind = this.#own(kind, depth);
      at++;
      while (at < end && isSpace(bytes[at]!)) at++;
      if (bytes[at++] !== 0x3a) return false;
      while (at < end && isSpace(bytes[at]!)) at++;
    }
  }

  /** Of keys that mean something to the resource itself, or that stand in one within. */
  #own(kind: number, depth: number): number {
    if (kind === kinds.meta) return kind;
    if (depth > 1) {
      if (kind === kinds.resourceType || kind === kinds.fullUrl) this.plain = false;
      return kinds.other;
    }
    if (kind === kinds.withheld) this.withheld = true;
    else if (kind === kinds.fullUrl) this.plain = false;
    return kind;
  }

  /** Goes to the quote behind a string. */
  #string(bytes: Buffer, quote: number): boolean {
    let at = quote + 1;
    this.#escaped = false;
    for (;;) {
      while (stops[bytes[at]!] === 0) at++;
      let c = bytes[at];
      if (c === 0x22) break;
      // A control character, or the end of the text.
      if (c !== 0x5c) return false;
      this.#escaped = true;
      c = bytes[at + 1];
      at += 2;
      // " \\ / b f n r t
      if (c === 0x22 || c === 0x5c || c === 0x2f || c === 0x62 || c === 0x66 || c === 0x6e || c === 0x72 || c === 0x74) continue;
      if (c !== 0x75) return false;
      for (const until = at + 4; at < until; at++) if (!isHex(bytes[at]!)) return false;
    }
    this.#end = at;
    return true;
  }

  /** A number, and whether a plain number gives its text back; -1: none. */
  #number(bytes: Buffer, from: number): number {
    let at = from;
    if (bytes[at] === 0x2d) at++;
    const whole = at;
    while (isDigit(bytes[at]!)) at++;
    if (at === whole || (bytes[whole] === 0x30 && at > whole + 1)) return -1;
    let plain = whole === from || bytes[whole] !== 0x30;
    if (bytes[at] === 0x2e) {
      const point = at++;
      while (isDigit(bytes[at]!)) at++;
      if (at === point + 1) return -1;
      // 0.0000001 is written 1e-7; -0.5 is as it is.
      plain = bytes[at - 1] !== 0x30 && at - point <= 7;
    }
    if ((bytes[at]! | 0x20) === 0x65) {
      plain = false;
      at++;
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
      const power = at;
      while (isDigit(bytes[at]!)) at++;
      if (at === power) return -1;
    }
    if (at - from > longestNumber) return -1;
    if (!plain || at - from > 15) this.decimals = true;
    return at;
  }

  /** What a string says, by its key: whom it refers to, what day it is. */
  #look(bytes: Buffer, from: number, to: number, kind: number, depth: number, tellsDays: boolean): void {
    const first = bytes[from]!;
    if (isDigit(first)) {
      if (this.#escaped) this.plain = false;
      else if (tellsDays && to - from >= 4) this.#day(bytes, from, to);
    } else if (first === 0x5c && bytes[from + 1] === 0x75) this.plain = false;
    if (kind === kinds.other || kind === kinds.meta) return;
    if (this.#escaped) {
      // As it is written it may mean anything.
      this.plain = false;
      if (kind === kinds.resourceType) this.type = '';
      return;
    }
    if (kind === kinds.reference) this.#reference(bytes, from, to, depth);
    else if (kind === kinds.system) {
      if (this.#systems.of(bytes, from, to) !== 0) this.plain = false;
    } else if (kind === kinds.address) {
      if (this.#addresses.of(bytes, from, to) !== 0) this.plain = false;
    } else if (kind === kinds.type) {
      if (bytes[to - 1] !== 0x74 && bytes[to - 1] !== 0x6e) return;
      const text = bytes.toString('utf8', from, to);
      if (!person.has(text.slice(text.lastIndexOf('/') + 1))) return;
      this.#typed[depth] = this.#objects[depth]!;
      if (this.#others[depth] === this.#objects[depth]) this.plain = false;
    } else if (kind === kinds.resourceType) {
      const type = this.#root(bytes, from, to);
      this.type = type;
      if (close.has(type)) this.plain = false;
    } else if (kind === kinds.id) {
      const id = bytes.toString('latin1', from, to);
      for (let i = 0; i < id.length; i++) if (id.charCodeAt(i) > 0x7e) this.plain = false;
      this.id = id;
    }
  }

  /** The type of R4 that these bytes name, or ''. */
  #root(bytes: Buffer, from: number, to: number): string {
    for (const type of this.#roots) {
      if (type.length !== to - from) continue;
      let i = 0;
      while (i < type.length && type.charCodeAt(i) === bytes[from + i]) i++;
      if (i === type.length) return type;
    }
    const type = bytes.toString('utf8', from, to);
    if (!isResourceType(type)) return '';
    this.#roots.push(type);
    return type;
  }

  #reference(bytes: Buffer, from: number, to: number, depth: number): void {
    if (bytes[from] === 0x23) return;
    let at = from;
    let hash = 0;
    for (let c = bytes[at]!; (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a; c = bytes[++at]!) hash = Math.imul(hash ^ c, 0x01000193);
    const slash = at;
    let sure = bytes[at] === 0x2f && to - at >= 2 && to - at <= 65;
    for (at++; at < to; at++) {
      const c = bytes[at]!;
      sure &&= isDigit(c) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) || c === 0x2d || c === 0x2e;
    }
    const word = sure ? this.#types.at(bytes, from, slash, hash) : -1;
    const told = word < 0 ? 2 : this.#types.told(word);
    if (told === 1) {
      const name = bytes.toString('latin1', from, to);
      if (!this.persons.includes(name)) this.persons.push(name);
    } else if (told === 0) {
      this.#others[depth] = this.#objects[depth]!;
      if (this.#typed[depth] === this.#objects[depth]) this.plain = false;
    } else this.plain = false;
  }

  /** What is no later than the latest day is not taken apart. */
  #day(bytes: Buffer, from: number, to: number): void {
    const length = to - from;
    if (length > 4 && bytes[from + 4] !== 0x2d) return;
    const digit = (i: number): number => bytes[from + i]! - 0x30;
    let day = 1000 * digit(0) + 100 * digit(1) + 10 * digit(2) + digit(3);
    day = 100 * day + (length >= 7 ? 10 * digit(5) + digit(6) : 12);
    day = 100 * day + (length >= 10 ? 10 * digit(8) + digit(9) : 31);
    if (!(day > this.#digits)) return;
    const last = readDate(bytes.toString('utf8', from, to))?.last;
    if (last === undefined || last > this.#until) return;
    this.#digits = day;
    if (last > this.lastDay) this.lastDay = last;
  }
}
