/**
 * What an attachment says it is, and what its first bytes say. Where the two do not agree, it is neither.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Attachment; media types: RFC 9110 8.3.1
 * @module
 */

export interface ContentType {
  /** In lower case, without parameters. */
  readonly essence: string;
  /** undefined: not said. */
  readonly charset?: string;
}

const shape = /^([a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127})\s*((?:;[^;]*){0,8})$/;

/** undefined: no media type. */
export function contentType(text: string): ContentType | undefined {
  if (text.length > 1000) return undefined;
  const found = shape.exec(text.trim().toLowerCase());
  if (found === null) return undefined;
  const charset = /;\s*charset\s*=\s*"?([a-z0-9_.:-]{1,40})"?\s*(?:;|$)/.exec(found[2]!)?.[1];
  return { essence: found[1]!, ...(charset === undefined ? {} : { charset }) };
}

/** First bytes of what is no text, as latin1. */
const signatures = [
  '%PDF',
  '{\\rtf',
  'PK\x03\x04',
  'PK\x05\x06',
  '\x1f\x8b',
  'BZh',
  '7z\xbc\xaf',
  'Rar!',
  '\xfd7zXZ',
  '(\xb5/\xfd',
  '\x89PNG',
  'GIF8',
  '\xff\xd8\xff',
  'BM',
  'II*\0',
  'MM\0*',
  'RIFF',
  'OggS',
  'ID3',
  '\xff\xfb',
  'fLaC',
  '\xd0\xcf\x11\xe0',
  '\x7fELF',
  'MZ',
  'SQLite format 3',
  '\0\0\0\x0cjP',
  // Texts with a structure that no cleaner here knows.
  'MSH|',
  'BEGIN:V',
  'From ',
  'MIME-Version',
  'data:',
];

export type Looks = 'dicom' | 'markup' | 'other' | 'text';

/** What the first bytes are of; everything that is nothing else is text. */
export function looks(bytes: Uint8Array): Looks {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 160)).toString('latin1');
  if (start.startsWith('DICM', 128)) return 'dicom';
  // UTF-16 has a zero beside each letter, and blanks may stand before anything.
  const body = start.replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*/, '').replaceAll('\0', '');
  if (signatures.some(signature => start.startsWith(signature) || body.startsWith(signature)) || start.startsWith('ftyp', 4))
    return 'other';
  if (/^(?:\{\s*["}]|\[\s*[{"\]])/.test(body)) return 'other';
  return body.startsWith('<') ? 'markup' : 'text';
}
