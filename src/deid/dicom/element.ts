/**
 * A data set in memory: attributes by tag, values in little endian, sequences as data sets. What was read is never changed; what is to be written is made anew.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part05/chapter_7.html
 * @module
 */
import type { Tag } from './dictionary.ts';

export interface Element {
  readonly tag: Tag;
  readonly vr: string;
  /** Of everything but a sequence and encapsulated pixels: a view of what was read, or bytes of its own. */
  readonly bytes?: Uint8Array;
  /** Of a sequence. */
  readonly items?: readonly DataSet[];
  /** Of encapsulated pixel data: what follows the offset table. */
  readonly fragments?: readonly Uint8Array[];
}

export type DataSet = Map<Tag, Element>;

/** Why an object does not leave; never a piece of what stands in it. */
export class Withheld extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.name = 'Withheld';
    this.reason = reason;
  }
}

/** Every value representation, and how many bytes one number of it has; 1: text or bytes. PS3.5 6.2 */
export const widths: ReadonlyMap<string, number> = new Map(
  'AE1 AS1 AT2 CS1 DA1 DS1 DT1 FD8 FL4 IS1 LO1 LT1 OB1 OD8 OF4 OL4 OV8 OW2 PN1 SH1 SL4 SQ1 SS2 ST1 SV8 TM1 UC1 UI1 UL4 UN1 UR1 US2 UT1 UV8'
    .split(' ')
    .map(word => [word.slice(0, 2), Number(word.slice(2))]),
);

/** Their length has 32 bits, after two bytes of nothing. PS3.5 7.1.2 */
export const long: ReadonlySet<string> = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));

/** Each byte a character. Most values are short: for them a Buffer costs more than the text. */
export function latin1(bytes: Uint8Array): string {
  if (bytes.length > 48) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Without the spaces and zeros around it. A loop: a regular expression for the end takes the square of a long run of spaces. */
export function trimmed(text: string): string {
  const isPadding = (at: number): boolean => text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0;
  let start = 0;
  let end = text.length;
  while (start < end && isPadding(start)) start++;
  while (end > start && isPadding(end - 1)) end--;
  return text.slice(start, end);
}

/** A text of the default repertoire without its padding; '' when there is none. */
export function textOf(set: DataSet | undefined, tag: Tag): string {
  const bytes = set?.get(tag)?.bytes;
  return bytes === undefined || bytes.length > 65_536 ? '' : trimmed(latin1(bytes));
}

/** The first unsigned number of 16 bits. */
export function shortOf(set: DataSet, tag: Tag): number | undefined {
  const bytes = set.get(tag)?.bytes;
  return bytes === undefined || bytes.length < 2 ? undefined : bytes[0]! | (bytes[1]! << 8);
}
