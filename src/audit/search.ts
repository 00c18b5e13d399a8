/**
 * Search over the audit log (over those of all processes), newest first: segments are read backwards in blocks, only hits are rendered, nothing is kept.
 * R4: https://hl7.org/fhir/R4/auditevent.html#search, https://hl7.org/fhir/R4/search.html
 * @module
 */
import { open } from 'node:fs/promises';
import type { AuditEvent, Bundle, BundleEntry } from '@medplum/fhirtypes';
import { countOf, defaultBase, idOf, parseEventId, render } from './event.ts';
import { type AuditLog, compareRecords, merged } from './logs.ts';
import { type AuditQuery, type Position, parseQuery, positionText } from './query.ts';
import type { Recorded } from './record.ts';
import { linesBackward, linesForward, parseLine, readHead, segmentNumbers, segmentPath } from './segment.ts';

/** The log as far as it was durable when the search began. */
export interface Snapshot extends AuditLog {
  /** The last segment, and how many of its bytes count. */
  readonly segment: number;
  readonly bytes: number;
}

export interface SearchOptions {
  /** Base URL for links and for the recording server's name. */
  readonly base?: string;
  /** The URL of this request, for `self`. */
  readonly self?: string;
  /** URL of the next page from the position where it begins; default: the same query with `_position=`. */
  readonly link?: (position: string) => string;
}

/** A request may have lasted this long before its record was written: slack when whole segments are skipped by date. */
const slackMs = 3_600_000;

/** Searchset Bundle; its `next` link carries the position `<number>-<index>` of the last event given. */
export async function search(
  logs: readonly Snapshot[],
  parameters: readonly (readonly [string, string])[],
  options: SearchOptions = {},
): Promise<Bundle<AuditEvent>> {
  const query = parseQuery(parameters);
  const entry: BundleEntry<AuditEvent>[] = [];
  let total = 0;
  let more = false;
  let last: Position | undefined;
  const after = query.position;
  const streams = logs.map(log => recordsOf(log, forLog(log, query)));
  scan: for await (const records of merged(streams, (a, b) => (query.descending ? -compareRecords(a, b) : compareRecords(a, b)))) {
    for (const record of records) {
      if (!query.record(record)) continue;
      for (let k = 0; k < countOf(record); k++) {
        // Within a record the events keep their order in both directions, so a position is passed in the direction of the sort.
        if (!query.event(record, k)) continue;
        total++;
        if (after !== undefined && !passed(record, k, after, query.descending)) continue;
        if (entry.length < query.count) {
          entry.push({
            fullUrl: `${options.base ?? defaultBase}/AuditEvent/${idOf(record, k)}`,
            resource: render(record, k, options.base)!,
            search: { mode: 'match' },
          });
          last = { log: record.log ?? '', seq: record.seq, index: k, ...(logs.length === 1 ? {} : { recorded: record.recorded }) };
        } else {
          more = query.count > 0;
          if (!query.total) break scan;
        }
      }
    }
    await new Promise(setImmediate);
  }
  const self = options.self ?? urlOf(options.base, parameters);
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(query.total ? { total } : {}),
    link: [
      { relation: 'self', url: self },
      ...(more && last !== undefined
        ? [{ relation: 'next', url: (options.link ?? (p => urlOf(options.base, parameters, p)))(positionText(last)) }]
        : []),
    ],
    ...(entry.length === 0 ? {} : { entry }),
  };
}

function passed(record: Recorded, k: number, after: Position, descending: boolean): boolean {
  const { log = '', seq } = record;
  if (log === after.log && seq === after.seq) return k > after.index;
  // A log that came into being after the page was made has nothing on it.
  if (log !== after.log && after.recorded === undefined) return true;
  const order = log === after.log ? seq - after.seq : compareRecords(record, { ...after, recorded: after.recorded! });
  return descending ? order < 0 : order > 0;
}

/** The position in a log rules out segments by number; that in another one, by time. */
function forLog({ name }: Snapshot, query: AuditQuery): AuditQuery {
  const { position, ...rest } = query;
  if (position === undefined || position.log === name) return query;
  const { recorded } = position;
  if (recorded === undefined || query.total) return rest;
  return query.descending ? { ...rest, to: Math.min(query.to, recorded) } : { ...rest, from: Math.max(query.from, recorded) };
}

function urlOf(base: string | undefined, parameters: readonly (readonly [string, string])[], position?: string): string {
  const kept = parameters.filter(([name]) => name !== '_position');
  const query = new URLSearchParams(
    [...kept, ...(position === undefined ? [] : [['_position', position] as const])].map(([a, b]) => [a, b]),
  ).toString();
  return `${base ?? defaultBase}/AuditEvent${query === '' ? '' : `?${query}`}`;
}

/** One event by its id, or undefined. */
export async function find(logs: readonly Snapshot[], id: string, base?: string): Promise<AuditEvent | undefined> {
  const wanted = parseEventId(id);
  const log = logs.find(({ name }) => name === wanted?.log);
  if (wanted === undefined || log === undefined) return undefined;
  let segment: number | undefined;
  for (const number of (await segmentNumbers(log.directory)).filter(n => n <= log.segment).reverse()) {
    const head = await readHead(log.directory, number);
    if (head !== undefined && head.first <= wanted.seq) {
      segment = number;
      break;
    }
  }
  if (segment === undefined) return undefined;
  const prefix = `${wanted.seq} `;
  for await (const lines of textsOf(log, segment, false)) {
    const text = lines.find(line => line.startsWith(prefix));
    const record = text === undefined ? undefined : recordOf(log, text);
    if (record !== undefined) {
      const event = render(record, wanted.index, base);
      return event?.id === id ? event : undefined;
    }
  }
  return undefined;
}

/** Records in blocks, in the order of the query, without the segments that its dates rule out. */
async function* recordsOf(
  log: Snapshot,
  query: { descending: boolean; from: number; to: number; position?: { seq: number }; total: boolean },
): AsyncGenerator<Recorded[]> {
  const numbers = (await segmentNumbers(log.directory)).filter(n => n <= log.segment);
  const heads = await Promise.all(numbers.map(n => readHead(log.directory, n)));
  const order = numbers.map((number, i) => ({ number, head: heads[i], next: heads[i + 1] }));
  if (query.descending) order.reverse();
  for (const { number, head, next } of order) {
    if (head !== undefined && head.begun - slackMs > query.to) continue;
    if (next !== undefined && next.begun + slackMs < query.from) continue;
    if (query.position !== undefined && !query.total) {
      if (query.descending && head !== undefined && head.first > query.position.seq) continue;
      if (!query.descending && next !== undefined && next.first <= query.position.seq) continue;
    }
    for await (const lines of textsOf(log, number, query.descending)) yield lines.flatMap(line => recordOf(log, line) ?? []);
  }
}

async function* textsOf(log: Snapshot, number: number, backward: boolean): AsyncGenerator<string[]> {
  const file = await open(segmentPath(log.directory, number), 'r');
  try {
    const bytes = number === log.segment ? log.bytes : (await file.stat()).size;
    if (backward) yield* linesBackward(file, bytes);
    else for await (const lines of linesForward(file, 0, bytes)) yield lines.flatMap(line => (line.torn ? [] : [line.text]));
  } finally {
    await file.close();
  }
}

/** A line that cannot be read is `verify`'s business; a search goes on behind it. */
function recordOf({ name }: AuditLog, text: string): Recorded | undefined {
  const line = parseLine(text);
  if (line === undefined) return undefined;
  try {
    return { ...(JSON.parse(line.json) as Recorded), seq: line.seq, ...(name === '' ? {} : { log: name }) };
  } catch {
    return undefined;
  }
}
