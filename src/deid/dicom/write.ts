/**
 * Data set → bytes of a Part 10 file: preamble of zeros, file meta information made anew, explicit VR little endian, sequences of undefined length.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part10/chapter_7.html
 * @module
 */
import type { Tag } from './dictionary.ts';
import { type DataSet, type Element, long, textOf } from './element.ts';

/** Of this writer: a UUID below 2.25, the same in every file. PS3.7 D.3.3.2 */
const implementation = '2.25.211838514268373938012470291735204176913';

const encoder = new TextEncoder();

/** A short text of ASCII; undefined: it is another. */
function ascii(text: string): Uint8Array | undefined {
  const { length } = text;
  if (length > 48) return undefined;
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return undefined;
    bytes[at] = code;
  }
  return bytes;
}

/** Bytes of a text, padded to an even number: UIDs with a zero, the rest with a space. PS3.5 6.2 */
export function textBytes(text: string, vr: string): Uint8Array {
  const bytes = ascii(text) ?? encoder.encode(text);
  if (bytes.length % 2 === 0) return bytes;
  const even = new Uint8Array(bytes.length + 1);
  even.set(bytes);
  even[bytes.length] = vr === 'UI' || vr === 'UN' ? 0 : 0x20;
  return even;
}

export const text = (tag: Tag, vr: string, value: string): Element => ({ tag, vr, bytes: textBytes(value, vr) });
export const short = (tag: Tag, value: number): Element => ({ tag, vr: 'US', bytes: Uint8Array.of(value & 0xff, value >> 8) });

const even = (length: number): number => length + (length & 1);
const mostShort = 0xfffe;

/** A value too long for its VR's length goes as UN. PS3.5 6.2.2 */
const written = ({ vr, bytes }: Element): string => (!long.has(vr) && (bytes?.length ?? 0) > mostShort ? 'UN' : vr);

function sizeOf(set: DataSet): number {
  let size = 0;
  for (const element of set.values()) {
    if (element.items !== undefined) {
      size += 12 + 8;
      for (const one of element.items) size += 8 + sizeOf(one) + 8;
    } else if (element.fragments !== undefined) {
      size += 12 + 8 + 8;
      for (const one of element.fragments) size += 8 + even(one.length);
    } else size += (long.has(written(element)) ? 12 : 8) + even(element.bytes!.length);
  }
  return size;
}

class Writer {
  private readonly bytes: Buffer;
  private at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  private head(tag: Tag, length: number): void {
    this.at = this.bytes.writeUInt16LE(tag >>> 16, this.at);
    this.at = this.bytes.writeUInt16LE(tag & 0xffff, this.at);
    this.at = this.bytes.writeUInt32LE(length, this.at);
  }

  private raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    // The byte of padding is a zero already.
    this.at += even(bytes.length);
  }

  set(set: DataSet): void {
    for (const tag of [...set.keys()].sort((a, b) => a - b)) this.element(set.get(tag)!);
  }

  private element(element: Element): void {
    const { tag, items, fragments, bytes } = element;
    const vr = written(element);
    this.at = this.bytes.writeUInt16LE(tag >>> 16, this.at);
    this.at = this.bytes.writeUInt16LE(tag & 0xffff, this.at);
    this.at += this.bytes.write(vr, this.at, 'latin1');
    const length = items === undefined && fragments === undefined ? even(bytes!.length) : 0xffff_ffff;
    this.at = long.has(vr) ? this.bytes.writeUInt32LE(length, this.at + 2) : this.bytes.writeUInt16LE(length, this.at);
    if (items !== undefined) {
      for (const one of items) {
        this.head(0xfffe_e000, 0xffff_ffff);
        this.set(one);
        this.head(0xfffe_e00d, 0);
      }
      this.head(0xfffe_e0dd, 0);
    } else if (fragments !== undefined) {
      this.head(0xfffe_e000, 0);
      for (const one of fragments) {
        this.head(0xfffe_e000, even(one.length));
        this.raw(one);
      }
      this.head(0xfffe_e0dd, 0);
    } else this.raw(bytes!);
  }
}

/** @param set with SOP Class and SOP Instance UID */
export function writeFile(set: DataSet, transferSyntax: string): Uint8Array {
  const elements = [
    { tag: 0x0002_0001, vr: 'OB', bytes: Uint8Array.of(0, 1) },
    text(0x0002_0002, 'UI', textOf(set, 0x0008_0016)),
    text(0x0002_0003, 'UI', textOf(set, 0x0008_0018)),
    text(0x0002_0010, 'UI', transferSyntax),
    text(0x0002_0012, 'UI', implementation),
    text(0x0002_0013, 'SH', 'NOREN'),
  ];
  const meta: DataSet = new Map(elements.map(element => [element.tag, element]));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(sizeOf(meta));
  meta.set(0x0002_0000, { tag: 0x0002_0000, vr: 'UL', bytes: length });
  const bytes = Buffer.alloc(132 + sizeOf(meta) + sizeOf(set));
  bytes.write('DICM', 128, 'latin1');
  const writer = new Writer(bytes, 132);
  writer.set(meta);
  writer.set(set);
  return bytes;
}
