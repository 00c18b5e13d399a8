/**
 * Text in the character sets of DICOM: single-byte sets, ISO 2022 with its escape sequences (Japanese IR 13, 87, 159, Korean 149, Chinese 58), UTF-8, GB18030 and GBK.
 * What is not written in the declared set is no text (undefined): nobody can say what it means, so nobody can clean it.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part03/sect_C.12.html#sect_C.12.1.1.2, part05/chapter_6.html, annexes H to K
 * @module
 */

const decoders = new Map<string, TextDecoder>();
function decodeAs(label: string, bytes: Uint8Array): string | undefined {
  let decoder = decoders.get(label);
  if (decoder === undefined) decoders.set(label, (decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true })));
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Number of the registered set → encoding of its upper half. */
const singleByte: Readonly<Record<string, string>> = {
  '13': 'shift_jis',
  '100': 'latin1',
  '101': 'iso-8859-2',
  '109': 'iso-8859-3',
  '110': 'iso-8859-4',
  '126': 'iso-8859-7',
  '127': 'iso-8859-6',
  '138': 'iso-8859-8',
  '144': 'iso-8859-5',
  '148': 'iso-8859-9',
  '166': 'windows-874',
  '203': 'iso-8859-15',
};

/** A set that an escape sequence puts into G0 or G1. */
interface Designation {
  readonly half: 0 | 1;
  readonly bytes: 1 | 2;
  /** What the bytes are in, once they are brought to where that encoding has them. */
  readonly label: string;
  /** The defined term that announces it. */
  readonly term: string;
}

/** Bytes after ESC → set. PS3.3 tables C.12-3 and C.12-4 */
const designations: readonly (readonly [string, Designation])[] = [
  ['(B', { half: 0, bytes: 1, label: 'ascii', term: '6' }],
  ['(J', { half: 0, bytes: 1, label: 'ascii', term: '13' }],
  [')I', { half: 1, bytes: 1, label: 'shift_jis', term: '13' }],
  ['-A', { half: 1, bytes: 1, label: 'latin1', term: '100' }],
  ['-B', { half: 1, bytes: 1, label: 'iso-8859-2', term: '101' }],
  ['-C', { half: 1, bytes: 1, label: 'iso-8859-3', term: '109' }],
  ['-D', { half: 1, bytes: 1, label: 'iso-8859-4', term: '110' }],
  ['-F', { half: 1, bytes: 1, label: 'iso-8859-7', term: '126' }],
  ['-G', { half: 1, bytes: 1, label: 'iso-8859-6', term: '127' }],
  ['-H', { half: 1, bytes: 1, label: 'iso-8859-8', term: '138' }],
  ['-L', { half: 1, bytes: 1, label: 'iso-8859-5', term: '144' }],
  ['-M', { half: 1, bytes: 1, label: 'iso-8859-9', term: '148' }],
  ['-T', { half: 1, bytes: 1, label: 'windows-874', term: '166' }],
  ['-b', { half: 1, bytes: 1, label: 'iso-8859-15', term: '203' }],
  ['$B', { half: 0, bytes: 2, label: 'euc-jp', term: '87' }],
  ['$(D', { half: 0, bytes: 2, label: 'euc-jp-212', term: '159' }],
  ['$)C', { half: 1, bytes: 2, label: 'euc-kr', term: '149' }],
  ['$)A', { half: 1, bytes: 2, label: 'gbk', term: '58' }],
];

/** Text of these VRs is in the declared set; of every other in ASCII. PS3.5 6.1.2.3 */
export const extended: ReadonlySet<string> = new Set('LO LT PN SH ST UC UT'.split(' '));

/** Decodes one value field, all its values together; undefined: it is not written in the declared set. */
export type Decode = (bytes: Uint8Array) => string | undefined;

const isAscii = (bytes: Uint8Array): boolean => {
  for (const byte of bytes) if (byte > 0x7e || byte === 0x1b) return false;
  return true;
};

const ascii: Decode = bytes => (isAscii(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1') : undefined);

/** A decoder for a value of (0008,0005) Specific Character Set; undefined: a set that is not known. */
export function decoderOf(declared: string): Decode | undefined {
  const terms = declared.split('\\').map(term => term.trim().toUpperCase().replaceAll('_', ' '));
  if (terms.length === 1) {
    const term = terms[0]!;
    if (term === '' || term === 'ISO IR 6') return ascii;
    if (term === 'ISO IR 192') return bytes => decodeAs('utf-8', bytes);
    if (term === 'GB18030' || term === 'GBK') return bytes => (bytes.includes(0x1b) ? undefined : decodeAs('gb18030', bytes));
    const label = singleByte[/^ISO IR (\d+)$/.exec(term)?.[1] ?? ''];
    if (label !== undefined) return bytes => (bytes.includes(0x1b) ? undefined : oneByte(label, bytes));
  }
  const numbers = terms.map(term => (term === '' ? '6' : /^ISO (?:2022 )?IR (\d+)$/.exec(term)?.[1]));
  const known = new Set(['6', ...designations.map(([, { term }]) => term)]);
  if (numbers.some(number => number === undefined || !known.has(number))) return undefined;
  return bytes => iso2022(bytes, new Set(numbers as string[]), singleByte[numbers[0]!]);
}

/** The C1 controls are no text, and windows-1252 is not ISO 8859-1. */
function oneByte(label: string, bytes: Uint8Array): string | undefined {
  if (isAscii(bytes)) return ascii(bytes);
  if (bytes.some(byte => byte >= 0x7f && byte < 0xa0)) return undefined;
  if (label === 'shift_jis' && bytes.some(byte => byte > 0xdf)) return undefined;
  return label === 'latin1' ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1') : decodeAs(label, bytes);
}

/** Runs of one set each. After a delimiter (control characters, and \ ^ = in the single-byte part) the sets of the beginning hold again. */
function iso2022(bytes: Uint8Array, terms: ReadonlySet<string>, upper: string | undefined): string | undefined {
  const first: Designation | undefined = upper === undefined ? undefined : { half: 1, bytes: 1, label: upper, term: '' };
  const plain: Designation = { half: 0, bytes: 1, label: 'ascii', term: '6' };
  let g0 = plain;
  let g1 = first;
  let out = '';
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte === 0x1b) {
      const found = designations.find(([code]) => [...code].every((c, i) => bytes[at + 1 + i] === c.charCodeAt(0)));
      if (found === undefined || (found[1].term !== '6' && !terms.has(found[1].term))) return undefined;
      if (found[1].half === 0) g0 = found[1];
      else g1 = found[1];
      at += 1 + found[0].length;
      continue;
    }
    if (byte < 0x20 || (g0.bytes === 1 && (byte === 0x5c || byte === 0x5e || byte === 0x3d))) {
      g0 = plain;
      g1 = first;
      out += String.fromCharCode(byte);
      at++;
      continue;
    }
    const set: Designation | undefined = byte < 0x80 ? g0 : g1;
    if (set === undefined) return undefined;
    const end = runEnd(bytes, at, byte < 0x80, set);
    const run = set.label === 'ascii' ? ascii(bytes.subarray(at, end)) : decodeRun(bytes.subarray(at, end), set);
    if (run === undefined) return undefined;
    out += run;
    at = end;
  }
  return out;
}

function runEnd(bytes: Uint8Array, from: number, low: boolean, set: Designation): number {
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte < 0x21 || byte < 0x80 !== low) {
      if (byte !== 0x20 || set.bytes === 2) break;
    }
    if (set.bytes === 1 && low && (byte === 0x5c || byte === 0x5e || byte === 0x3d)) break;
    at += set.bytes;
  }
  // A space in G0 of two bytes stands for itself.
  return at === from ? from + 1 : Math.min(at, bytes.length);
}

function decodeRun(run: Uint8Array, set: Designation): string | undefined {
  if (run.length === 1 && run[0] === 0x20) return ' ';
  if (set.bytes === 1) return oneByte(set.label, run);
  if (set.label === 'euc-jp-212') {
    const wide = new Uint8Array((run.length / 2) * 3);
    for (let i = 0, o = 0; i < run.length; i += 2) {
      wide[o++] = 0x8f;
      wide[o++] = run[i]! | 0x80;
      wide[o++] = run[i + 1]! | 0x80;
    }
    return decodeAs('euc-jp', wide);
  }
  return decodeAs(
    set.label,
    run.map(byte => byte | 0x80),
  );
}
