/**
 * Bytes → data set: Part 10 files with and without preamble or file meta information, explicit and implicit VR, little and big endian, deflated, with known and
 * undefined lengths. Refuses (Withheld) what it cannot read to the last byte: what is cut short may be anything. One pass; depth, elements and inflated bytes are bounded.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part10/chapter_7.html, part05/chapter_7.html, annex A
 * @module
 */
import { inflateRawSync } from 'node:zlib';
import { isPrivate, signed, type Tag, vrOf } from './dictionary.ts';
import { type DataSet, type Element, latin1, long, shortOf, textOf, Withheld, widths } from './element.ts';

export const syntax = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  encapsulatedUncompressed: '1.2.840.10008.1.2.1.98',
  deflated: '1.2.840.10008.1.2.1.99',
  bigEndian: '1.2.840.10008.1.2.2',
  rle: '1.2.840.10008.1.2.5',
} as const;

const mostDepth = 32;
const mostElements = 1_000_000;
const mostInflatedBytes = 1 << 29;
/** Beyond 16 MiB no more than this times what it was: pictures shrink less. */
const mostInflation = 100;
const undefinedLength = 0xffff_ffff;
const item = 0xfffe_e000;
const itemEnd = 0xfffe_e00d;
const sequenceEnd = 0xfffe_e0dd;
const pixelData = 0x7fe0_0010;

export interface File {
  readonly meta: DataSet;
  readonly set: DataSet;
  /** UID; without file meta information what the bytes look like. */
  readonly transferSyntax: string;
}

/** @throws Withheld */
export function readFile(bytes: Uint8Array): File {
  const start = latin1(bytes.subarray(128, 132)) === 'DICM' ? 132 : latin1(bytes.subarray(0, 4)) === 'DICM' ? 4 : 0;
  const meta = new Reader(bytes, start, false, false).meta();
  const declared = textOf(meta.set, 0x0002_0010);
  if (start === 0 && meta.set.size === 0 && !looksLikeDataSet(bytes)) throw new Withheld('is no DICOM object');
  const transferSyntax = declared === '' ? guess(bytes, meta.end) : declared;
  return { meta: meta.set, transferSyntax, set: readSet(bytes, meta.end, transferSyntax) };
}

function readSet(bytes: Uint8Array, from: number, transferSyntax: string): DataSet {
  if (transferSyntax === syntax.deflated) {
    let inflated: Uint8Array;
    try {
      inflated = inflateRawSync(bytes.subarray(from), {
        maxOutputLength: Math.min(mostInflatedBytes, (1 << 24) + mostInflation * bytes.length),
      });
    } catch {
      throw new Withheld('cannot be inflated');
    }
    return new Reader(inflated, 0, true, false).all();
  }
  const explicit = transferSyntax !== syntax.implicit;
  return new Reader(bytes, from, explicit, transferSyntax === syntax.bigEndian).all();
}

/** Two letters in one number → VR. */
const vrs = new Map([...widths.keys()].map(vr => [vr.charCodeAt(0) * 256 + vr.charCodeAt(1), vr]));
const vrAt = (bytes: Uint8Array, at: number): string | undefined => vrs.get(bytes[at]! * 256 + bytes[at + 1]!);
const isVr = (bytes: Uint8Array, at: number): boolean => vrAt(bytes, at) !== undefined;

/** What follows looks like the first element of a data set: a low even group, and a VR or a length that fits. */
function looksLikeDataSet(bytes: Uint8Array): boolean {
  if (bytes.length < 16) return false;
  const group = bytes[0]! | (bytes[1]! << 8);
  if (group === 0x0800) return isVr(bytes, 4);
  return group === 0x0008 && (isVr(bytes, 4) || new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) < bytes.length);
}

function guess(bytes: Uint8Array, at: number): string {
  if (!isVr(bytes, at + 4)) return syntax.implicit;
  return bytes[at] === 0 && bytes[at + 1] !== 0 ? syntax.bigEndian : syntax.explicit;
}

class Reader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly little: boolean;
  private explicit: boolean;
  private at: number;
  private elements = 0;

  constructor(bytes: Uint8Array, at: number, explicit: boolean, bigEndian: boolean) {
    // A Buffer's views are Buffers, which cost more.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at;
    this.explicit = explicit;
    this.little = !bigEndian;
  }

  /** File meta information: group 0002, little endian, whatever its length says. */
  meta(): { set: DataSet; end: number } {
    const set: DataSet = new Map();
    while (this.at + 8 <= this.bytes.length && this.view.getUint16(this.at, true) === 0x0002) {
      this.explicit = isVr(this.bytes, this.at + 4);
      const element = this.element(this.tag(), this.bytes.length, 0);
      set.set(element.tag, element);
    }
    return { set, end: this.at };
  }

  all(): DataSet {
    const set: DataSet = new Map();
    this.fill(set, this.bytes.length, 0, false);
    withSigns(set, false);
    return set;
  }

  private need(count: number, end: number): void {
    if (count > end - this.at) throw new Withheld('is cut short');
  }

  private tag(): Tag {
    const tag = this.view.getUint16(this.at, this.little) * 0x1_0000 + this.view.getUint16(this.at + 2, this.little);
    this.at += 4;
    return tag;
  }

  /** Attributes up to `end`, or up to the delimiter of an item of undefined length. */
  private fill(set: DataSet, end: number, depth: number, delimited: boolean): void {
    if (depth > mostDepth) throw new Withheld('is nested too deeply');
    for (;;) {
      if (this.at === end && !delimited) return;
      this.need(8, end);
      const tag = this.tag();
      if (tag === itemEnd && delimited) {
        this.at += 4;
        return;
      }
      if (tag >= item && tag <= sequenceEnd) throw new Withheld('has a delimiter where none may stand');
      const element = this.element(tag, end, depth);
      set.set(tag, element);
    }
  }

  private element(tag: Tag, end: number, depth: number): Element {
    if (++this.elements > mostElements) throw new Withheld('has too many attributes');
    this.need(4, end);
    const known = vrOf(tag);
    let vr = known ?? 'UN';
    let length: number;
    if (this.explicit) {
      const written = vrAt(this.bytes, this.at);
      if (written === undefined) throw new Withheld('has a value representation that DICOM does not know');
      vr = written;
      if (long.has(vr)) {
        this.need(8, end);
        length = this.view.getUint32(this.at + 4, this.little);
        this.at += 8;
      } else {
        length = this.view.getUint16(this.at + 2, this.little);
        this.at += 4;
      }
    } else {
      length = this.view.getUint32(this.at, this.little);
      this.at += 4;
    }
    if (length === undefinedLength) {
      if (tag === pixelData && vr !== 'UN' && vr !== 'SQ') return { tag, vr, fragments: this.fragments(end) };
      if (vr !== 'UN' && vr !== 'SQ') throw new Withheld('has an undefined length where none may stand');
      // PS3.5 6.2.2: UN of undefined length is a sequence in implicit VR.
      return { tag, vr: 'SQ', items: this.as(vr === 'UN' ? false : this.explicit, () => this.items(end, depth, true)) };
    }
    this.need(length, end);
    const stop = this.at + length;
    if (vr === 'SQ' || (vr === 'UN' && known === 'SQ')) {
      const items = this.as(vr === 'UN' ? false : this.explicit, () => this.items(stop, depth, false));
      return { tag, vr: 'SQ', items };
    }
    if (vr === 'UN' && known !== undefined && !isPrivate(tag)) vr = known;
    const value = this.bytes.subarray(this.at, stop);
    this.at = stop;
    return { tag, vr, bytes: this.little ? value : swapped(value, widths.get(vr)!) };
  }

  private as<T>(explicit: boolean, work: () => T): T {
    const before = this.explicit;
    this.explicit = explicit;
    const result = work();
    this.explicit = before;
    return result;
  }

  private items(end: number, depth: number, delimited: boolean): DataSet[] {
    const items: DataSet[] = [];
    for (;;) {
      if (this.at === end && !delimited) return items;
      this.need(8, end);
      const tag = this.tag();
      const length = this.view.getUint32(this.at, this.little);
      this.at += 4;
      if (tag === sequenceEnd && delimited) return items;
      if (tag !== item) throw new Withheld('has a sequence that is none');
      if (++this.elements > mostElements) throw new Withheld('has too many attributes');
      const set: DataSet = new Map();
      if (length === undefinedLength) this.fill(set, end, depth + 1, true);
      else {
        this.need(length, end);
        this.fill(set, this.at + length, depth + 1, false);
      }
      items.push(set);
    }
  }

  /** Encapsulated pixel data without its offset table. PS3.5 A.4 */
  private fragments(end: number): Uint8Array[] {
    const fragments: Uint8Array[] = [];
    for (let first = true; ; first = false) {
      this.need(8, end);
      const tag = this.tag();
      const length = this.view.getUint32(this.at, this.little);
      this.at += 4;
      if (tag === sequenceEnd) return fragments;
      if (tag !== item || length === undefinedLength) throw new Withheld('has pixel data that are none');
      if (++this.elements > mostElements) throw new Withheld('has too many attributes');
      this.need(length, end);
      if (!first) fragments.push(this.bytes.subarray(this.at, this.at + length));
      this.at += length;
    }
  }
}

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  if (width === 1) return bytes;
  const copy = Buffer.from(bytes);
  const whole = copy.subarray(0, copy.length - (copy.length % width));
  if (width === 2) whole.swap16();
  else if (width === 4) whole.swap32();
  else whole.swap64();
  return copy;
}

/** Implicit VR does not tell US from SS: Pixel Representation does, here or in the data set around. PS3.5 A.1 */
function withSigns(set: DataSet, outer: boolean): void {
  const representation = shortOf(set, 0x0028_0103);
  const negative = representation === undefined ? outer : representation === 1;
  for (const [tag, element] of set) {
    if (element.items !== undefined) for (const one of element.items) withSigns(one, negative);
    else if (negative && element.vr === 'US' && signed.has(tag)) set.set(tag, { ...element, vr: 'SS' });
  }
}
