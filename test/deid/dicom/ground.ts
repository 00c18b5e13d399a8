/**
 * DICOM bytes for tests, written by hand in every transfer syntax: nothing here is shared with the reader and the writer under test.
 * @module
 */
import { deflateRawSync } from 'node:zlib';

export type Value = Uint8Array | string | number | readonly Item[];
export interface Entry {
  readonly tag: number;
  readonly vr: string;
  readonly value: Value;
}
export type Item = readonly Entry[];

export const ct = '1.2.840.10008.5.1.4.1.1.2';

export const syntaxes = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  deflated: '1.2.840.10008.1.2.1.99',
  bigEndian: '1.2.840.10008.1.2.2',
  rle: '1.2.840.10008.1.2.5',
  jpeg: '1.2.840.10008.1.2.4.50',
} as const;

const numberWidth: Readonly<Record<string, number>> = {
  US: 2,
  SS: 2,
  AT: 2,
  OW: 2,
  UL: 4,
  SL: 4,
  FL: 4,
  OF: 4,
  OL: 4,
  FD: 8,
  OD: 8,
  OV: 8,
  SV: 8,
  UV: 8,
};
const longVrs = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));

export interface Form {
  readonly explicit: boolean;
  readonly big: boolean;
  /** Sequences and items with delimiters. */
  readonly undefinedLengths: boolean;
}

const u16 = (n: number, big: boolean): Buffer => (big ? Buffer.from([n >> 8, n & 255]) : Buffer.from([n & 255, n >> 8]));
const u32 = (n: number, big: boolean): Buffer => {
  const b = Buffer.alloc(4);
  if (big) b.writeUInt32BE(n);
  else b.writeUInt32LE(n);
  return b;
};
const tagBytes = (tag: number, big: boolean): Buffer => Buffer.concat([u16(Math.floor(tag / 65_536), big), u16(tag % 65_536, big)]);

/** Little-endian bytes of a value that is no sequence; text in UTF-8, padded. */
function bytesOf({ vr, value }: Entry): Buffer {
  if (typeof value === 'number') {
    const b = Buffer.alloc(numberWidth[vr] ?? 2);
    b.writeUInt16LE(value);
    return b;
  }
  const raw = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value as Uint8Array);
  return raw.length % 2 === 0 ? raw : Buffer.concat([raw, Buffer.from([vr === 'UI' || vr.startsWith('O') ? 0 : 0x20])]);
}

function swap(bytes: Buffer, vr: string): Buffer {
  const width = numberWidth[vr] ?? 1;
  if (width === 2) return Buffer.from(bytes).swap16();
  if (width === 4) return Buffer.from(bytes).swap32();
  return width === 8 ? Buffer.from(bytes).swap64() : bytes;
}

export function dataSet(entries: Item, form: Form): Buffer {
  const { explicit, big, undefinedLengths } = form;
  const parts: Buffer[] = [];
  for (const entry of [...entries].sort((a, b) => a.tag - b.tag)) {
    const isSequence = Array.isArray(entry.value);
    let body: Buffer;
    if (isSequence) {
      const items = (entry.value as readonly Item[]).map(item => {
        const inner = dataSet(item, form);
        return undefinedLengths
          ? Buffer.concat([tagBytes(0xfffee000, big), u32(0xffffffff, big), inner, tagBytes(0xfffee00d, big), u32(0, big)])
          : Buffer.concat([tagBytes(0xfffee000, big), u32(inner.length, big), inner]);
      });
      body = Buffer.concat(undefinedLengths ? [...items, tagBytes(0xfffee0dd, big), u32(0, big)] : items);
    } else body = big ? swap(bytesOf(entry), entry.vr) : bytesOf(entry);
    const length = isSequence && undefinedLengths ? 0xffffffff : body.length;
    parts.push(tagBytes(entry.tag, big));
    if (!explicit) parts.push(u32(length, big));
    else if (longVrs.has(entry.vr)) parts.push(Buffer.from(entry.vr + '\0\0', 'latin1'), u32(length, big));
    else parts.push(Buffer.from(entry.vr, 'latin1'), u16(length, big));
    parts.push(body);
  }
  return Buffer.concat(parts);
}

const little: Form = { explicit: true, big: false, undefinedLengths: false };

/** A Part 10 file with a preamble and file meta information that both tell something. */
export function file(entries: Item, syntax: string, undefinedLengths = false, tail: Uint8Array = Buffer.alloc(0)): Buffer {
  const uid = (tag: number): string => String(entries.find(e => e.tag === tag)?.value ?? '');
  const meta = dataSet(
    [
      { tag: 0x00020002, vr: 'UI', value: uid(0x00080016) },
      { tag: 0x00020003, vr: 'UI', value: uid(0x00080018) },
      { tag: 0x00020010, vr: 'UI', value: syntax },
      { tag: 0x00020016, vr: 'AE', value: 'CANARYAE' },
      { tag: 0x00020102, vr: 'OB', value: Buffer.from('CANARYPRIVATE') },
    ],
    little,
  );
  const form: Form = { explicit: syntax !== syntaxes.implicit, big: syntax === syntaxes.bigEndian, undefinedLengths };
  const body = Buffer.concat([dataSet(entries, form), tail]);
  return Buffer.concat([
    Buffer.from('CANARYPREAMBLE'.padEnd(128, '!')),
    Buffer.from('DICM'),
    dataSet([{ tag: 0x00020000, vr: 'UL', value: u32(meta.length, false) }], little),
    meta,
    syntax === syntaxes.deflated ? deflateRawSync(body) : body,
  ]);
}

/** Encapsulated pixel data, to stand behind a data set. */
export function encapsulated(fragments: readonly Uint8Array[]): Buffer {
  const item = (bytes: Uint8Array): Buffer => Buffer.concat([tagBytes(0xfffee000, false), u32(bytes.length, false), bytes]);
  return Buffer.concat([
    tagBytes(0x7fe00010, false),
    Buffer.from('OB\0\0', 'latin1'),
    u32(0xffffffff, false),
    item(Buffer.alloc(0)),
    ...fragments.map(item),
    tagBytes(0xfffee0dd, false),
    u32(0, false),
  ]);
}

export const entry = (tag: number, vr: string, value: Value): Entry => ({ tag, vr, value });

/** What an object of a chest needs to be looked at; a later entry of the same tag wins. */
export function chest(more: Item = [], pixels: Uint8Array | null = Buffer.alloc(16 * 2)): Item {
  const entries = new Map<number, Entry>();
  for (const one of [
    entry(0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'),
    entry(0x00080016, 'UI', ct),
    entry(0x00080018, 'UI', '1.2.392.200036.1.2.3'),
    entry(0x00080060, 'CS', 'CT'),
    entry(0x00180015, 'CS', 'CHEST'),
    entry(0x0020000d, 'UI', '1.2.392.200036.1'),
    entry(0x0020000e, 'UI', '1.2.392.200036.1.2'),
    entry(0x00280002, 'US', 1),
    entry(0x00280004, 'CS', 'MONOCHROME2'),
    entry(0x00280010, 'US', 4),
    entry(0x00280011, 'US', 4),
    entry(0x00280100, 'US', 16),
    entry(0x00280101, 'US', 12),
    entry(0x00280102, 'US', 11),
    entry(0x00280103, 'US', 0),
    ...(pixels === null ? [] : [entry(0x7fe00010, 'OW', pixels)]),
    ...more,
  ])
    entries.set(one.tag, one);
  return [...entries.values()];
}

/** Every character of an encoding's two-byte part, by what TextDecoder makes of it: Node encodes UTF-8 and UTF-16 alone. */
function encoderOf(label: string): (text: string) => Buffer {
  const decoder = new TextDecoder(label);
  const table = new Map<string, number[]>();
  for (let a = 0x81; a < 0xff; a++)
    for (let b = 0x40; b < 0xff; b++) {
      const text = decoder.decode(Uint8Array.of(a, b));
      if ([...text].length === 1 && text !== '\ufffd' && !table.has(text)) table.set(text, [a, b]);
    }
  return text =>
    Buffer.from(
      [...text].flatMap(c => {
        const bytes = table.get(c) ?? (c.charCodeAt(0) < 0x80 ? [c.charCodeAt(0)] : undefined);
        if (bytes === undefined) throw new Error('not in ' + label);
        return bytes;
      }),
    );
}

export const shiftJis = encoderOf('shift_jis');
export const eucJp = encoderOf('euc-jp');
export const eucKr = encoderOf('euc-kr');
export const gb18030 = encoderOf('gb18030');
/** The two-byte characters of JIS X 0208 as ISO 2022 IR 87 has them, without escape sequences. */
export const jis = (text: string): Buffer => Buffer.from(eucJp(text).map(byte => byte & 0x7f));

/** A text in every encoding that it may hide in. */
export function writings(text: string): Buffer[] {
  const all: (() => Buffer)[] = [
    () => Buffer.from(text),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.from(text, 'utf16le').swap16(),
    () => shiftJis(text),
    () => eucJp(text),
    () => jis(text),
    () => eucKr(text),
    () => gb18030(text),
  ];
  return all.flatMap(write => {
    try {
      return [write()];
    } catch {
      return [];
    }
  });
}
