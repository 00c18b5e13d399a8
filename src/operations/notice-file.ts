/**
 * A file of notices → rows: CSV with a line of column names (RFC 4180), or NDJSON, each line an object of the same names or a Communication.
 * UTF-8 with or without a byte order mark, or Shift_JIS, as the files of Japanese hospitals often are.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Attachment
 * @module
 */
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';

/** What one row says of a notice, as it was written. */
export interface NoticeRow {
  /** The institution's own patient number. */
  readonly number?: string;
  readonly identifier?: Json;
  /** date or dateTime */
  readonly sent?: string;
  /** `url|version` */
  readonly text?: string;
  readonly channel?: string;
  readonly recipient: readonly string[];
  readonly note?: string;
  /** A whole notice. */
  readonly resource?: AnyResource;
  /** What keeps it from being read. */
  readonly wrong?: string;
}

/** Bytes of a file, once decoded from base64. */
export const mostBytes = 4 * 1024 * 1024;

const place = { expression: "Parameters.parameter.where(name='file')" };
const unusable = (text: string): Problem => new Problem('invalid-parameter', text, place);

const columns = ['number', 'sent', 'text', 'channel', 'recipient', 'note'] as const;
type Column = (typeof columns)[number];

/** Throws 400 for a file that cannot be read at all, 413 for one that is too large. */
export function rowsOf(attachment: Json): readonly NoticeRow[] {
  const { contentType, data, url } = attachment;
  if (url !== undefined || typeof data !== 'string') throw unusable('The file comes as data in the Attachment; a url is not followed.');
  if (typeof contentType !== 'string') throw unusable('The file says its contentType.');
  const [type, ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map(part => part.trim());
  const isCsv = type === 'text/csv';
  if (!isCsv && !['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson'].includes(type!))
    throw unusable('The file is text/csv, application/ndjson or application/fhir+ndjson.');
  if (data.length > (mostBytes * 4) / 3 + 4) throw new Problem('too-long', `A file of notices has ${mostBytes} bytes at most.`, place);
  const charset = parameters.find(one => one.startsWith('charset='))?.slice('charset='.length);
  const text = decoded(Buffer.from(data, 'base64'), charset);
  return isCsv ? fromCsv(text) : fromNdjson(text);
}

/** A byte order mark is taken off. Nothing said: UTF-8, and Shift_JIS where the bytes are none. */
function decoded(bytes: Buffer, charset: string | undefined): string {
  const names = charset === undefined ? ['utf-8', 'shift_jis'] : [charset.replaceAll('"', '')];
  if (!names.every(name => ['utf-8', 'utf8', 'shift_jis', 'shift-jis', 'windows-31j'].includes(name)))
    throw unusable('The charset of a file is UTF-8 or Shift_JIS.');
  for (const name of names) {
    try {
      return new TextDecoder(name, { fatal: true }).decode(bytes);
    } catch {
      // The next one may fit.
    }
  }
  throw unusable('The file does not have the charset that it says.');
}

function fromCsv(text: string): readonly NoticeRow[] {
  const [head, ...records] = csvRecords(text);
  const names = (head ?? []).map(cell => cell.normalize('NFKC').trim().toLowerCase());
  if (!names.includes('number')) throw unusable('The first line of a CSV file names its columns, number among them.');
  if (!names.every(name => columns.includes(name as Column)) || new Set(names).size !== names.length)
    throw unusable(`The columns of a CSV file are, once each: ${columns.join(', ')}.`);
  return records.map((cells): NoticeRow => {
    if (cells.length !== names.length) return { recipient: [], wrong: 'The row does not have as many cells as there are columns.' };
    return rowIn(Object.fromEntries(names.map((name, i) => [name, cells[i]!.trim()])));
  });
}

/** RFC 4180: cells may be quoted, hold line breaks and doubled quotes; empty lines are passed over. */
function csvRecords(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let cell = '';
  let quoted = false;
  const endRecord = () => {
    record.push(cell);
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
    cell = '';
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i]!;
      else quoted = false;
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === ',') {
      record.push(cell);
      cell = '';
    } else if (c === '\n') endRecord();
    else if (c !== '\r') cell += c;
  }
  if (quoted) throw unusable('A quotation mark in the CSV file is not closed.');
  if (cell !== '' || record.length > 0) endRecord();
  return records;
}

const fromNdjson = (text: string): readonly NoticeRow[] =>
  text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map((line): NoticeRow => {
      let json: unknown;
      try {
        json = JSON.parse(line);
      } catch {
        return { recipient: [], wrong: 'The line is not well-formed JSON.' };
      }
      if (typeof json !== 'object' || json === null || Array.isArray(json)) return { recipient: [], wrong: 'The line is no JSON object.' };
      const resource = json as AnyResource;
      if (resource.resourceType === 'Communication') return { recipient: [], resource };
      if (!Object.keys(json).every(name => columns.includes(name as Column) || name === 'identifier'))
        return { recipient: [], wrong: 'The line has a member that is not known.' };
      return rowIn(json as Json);
    });

/** Members of one row, in either format. Several recipients stand in a list, or one after the other with blanks between. */
function rowIn(row: Json): NoticeRow {
  const recipient = (Array.isArray(row['recipient']) ? row['recipient'] : String(row['recipient'] ?? '').split(/\s+/)).filter(
    one => one !== '',
  ) as unknown[];
  const said = ['number', 'sent', 'text', 'channel', 'note'].filter(name => row[name] !== undefined && row[name] !== '');
  const { identifier } = row;
  if (![...said.map(name => row[name]), ...recipient].every(one => typeof one === 'string'))
    return { recipient: [], wrong: 'The row has a value that is no text.' };
  if (identifier !== undefined && (typeof identifier !== 'object' || identifier === null || Array.isArray(identifier)))
    return { recipient: [], wrong: 'The identifier of the row is none.' };
  return {
    ...Object.fromEntries(said.map(name => [name, row[name]])),
    ...(identifier === undefined ? {} : { identifier: identifier as Json }),
    recipient: recipient as string[],
  };
}
