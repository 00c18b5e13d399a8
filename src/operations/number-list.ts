/**
 * A list of patient numbers as institutions keep them, CSV or NDJSON: each row with the bytes it came in, so that a list can be given back with rows left out
 * and nothing else changed. CSV: https://www.rfc-editor.org/rfc/rfc4180
 * @module
 */
import { Problem } from '../fhir/model/outcome.ts';
import type { Json } from '../fhir/model/r4.ts';

export interface Row {
  /** As it stands in the list, with its end of line. */
  readonly text: string;
  /** Undefined: the row names none. */
  readonly identifier: Json | undefined;
}

export interface NumberList {
  readonly contentType: string;
  /** What stands before the rows: a byte order mark and the heads of the columns. */
  readonly head: string;
  readonly rows: readonly Row[];
}

const wrong = (text: string): Problem => new Problem('invalid-parameter', text, { expression: "Parameters.parameter.where(name='file')" });

/**
 * @param system of a number that stands without one
 * @throws Problem `invalid-parameter`, and `too-costly` beyond `most` rows
 */
export function readNumberList(attachment: Json, system: string | undefined, most: number): NumberList {
  const { contentType, data } = attachment;
  const kind = typeof contentType === 'string' ? contentType.split(';')[0]!.trim().toLowerCase() : '';
  if (typeof data !== 'string') throw wrong('The parameter file holds its data itself.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(data, 'base64'));
  } catch {
    throw wrong('The list is UTF-8.');
  }
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const records = recordsIn(text.slice(mark.length), kind === 'text/csv', most + 1);
  const told = { contentType: kind, head: mark };
  if (kind === 'application/ndjson' || kind === 'application/x-ndjson' || kind === 'application/fhir+ndjson') {
    const rows = records.map(one => ({ text: one, identifier: withSystem(jsonOf(one), system) }));
    if (rows.length > most) throw tooLong(most);
    return { ...told, rows };
  }
  if (kind !== 'text/csv') throw wrong('The list is text/csv or application/ndjson.');
  const [head, ...lines] = records;
  if (lines.length > most) throw tooLong(most);
  const columns = head === undefined ? [] : fieldsOf(head).map(one => one.trim().toLowerCase());
  const [at, systemAt] = [columns.indexOf('value'), columns.indexOf('system')];
  if (at < 0 || new Set(columns).size < columns.length) throw wrong('The first line of the list names its columns; one of them is value.');
  const rows = lines.map(line => {
    const fields = fieldsOf(line);
    const own = systemAt < 0 ? '' : (fields[systemAt] ?? '').trim();
    const isWhole = fields.length === columns.length;
    return {
      text: line,
      identifier: isWhole ? withSystem({ value: fields[at]!, ...(own === '' ? {} : { system: own }) }, system) : undefined,
    };
  });
  return { ...told, head: mark + head, rows };
}

const tooLong = (most: number): Problem =>
  new Problem('too-costly', `A list has ${most} rows at most.`, { expression: "Parameters.parameter.where(name='file')" });

/** Lines with their ends; in CSV an end of line within quotes belongs to its field. Empty lines go with the line before. */
function recordsIn(text: string, quoted: boolean, most: number): string[] {
  const records: string[] = [];
  let start = 0;
  let inside = false;
  for (let i = 0; i < text.length && records.length <= most; i++) {
    const character = text[i];
    if (quoted && character === '"') inside = !inside;
    else if (character === '\n' && !inside) {
      add(text.slice(start, i + 1));
      start = i + 1;
    }
  }
  if (start < text.length && records.length <= most) add(text.slice(start));
  function add(record: string): void {
    if (record.trim() !== '' || records.length === 0) records.push(record);
    else records[records.length - 1] += record;
  }
  return records.filter(record => record.trim() !== '');
}

function fieldsOf(line: string): string[] {
  const fields = [''];
  let inside = false;
  for (const character of line.replace(/(?<![\r\n])[\r\n]+$/, '')) {
    if (character === '"') inside = !inside;
    if (character === ',' && !inside) fields.push('');
    else fields[fields.length - 1] += character;
  }
  return fields.map(field => /^\s*"([\s\S]*)"\s*$/.exec(field)?.[1]?.replaceAll('""', '"') ?? field);
}

function jsonOf(line: string): Json | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Json) : undefined;
  } catch {
    return undefined;
  }
}

const withSystem = (identifier: Json | undefined, system: string | undefined): Json | undefined =>
  identifier === undefined || identifier['system'] !== undefined || system === undefined ? identifier : { ...identifier, system };
