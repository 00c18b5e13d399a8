/**
 * What an institution says it gave and received in a span of days, held against what is here: notices, objections, withdrawals. 150,000 objections were once recorded at
 * practices and never forwarded, for three years; nobody had counted. Whoever reports nothing, or something else than is here, brings nothing in.
 * @module
 */
import { type Access, asServer } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { type Ranged, type SearchQuery, searchFor } from '../fhir/search/query.ts';
import type { Cursor, ListCheck, Store } from '../fhir/store/store.ts';
import { isNotice, noticeCategory } from './notice.ts';
import { isObjection } from './objection.ts';
import { stopsBook, stopsIn } from './stops.ts';

export const reportsBook = 'reports';

export interface Counts {
  /** Given in the span, by Communication.sent. */
  readonly notices: number;
  /** Received in the span, by Consent.dateTime, withdrawn since or not. */
  readonly objections: number;
  /** Withdrawn in the span, by the time at which the withdrawal came here. */
  readonly withdrawals: number;
}
export const countNames = ['notices', 'objections', 'withdrawals'] as const;

/** Entry of the book `reports`. */
export interface Report {
  readonly institution: string;
  /** First and last day, `2026-06-15`. */
  readonly start: string;
  readonly end: string;
  readonly reported: Counts;
  readonly held: Counts;
  readonly match: boolean;
  /** Milliseconds. */
  readonly time: number;
  /** The signed statement, as it came. */
  readonly signature: string;
}

/** Milliseconds, inclusive. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export async function heldCounts(store: Store, institution: string, { first, last }: Span): Promise<Counts> {
  const sent: Access = { ...asServer('hold a report against what is here'), reach: { '*': [{ sender: institution }] } };
  const within: Ranged = { prefix: 'eq', low: first, high: last, value: first };
  const notices = await all(store, asServer('hold a report against what is here'), {
    type: 'Communication',
    where: [
      { kind: 'reference', code: 'sender', values: [{ reference: institution }], targets: ['Organization'] },
      { kind: 'token', code: 'category', values: [noticeCategory], not: false },
      { kind: 'token', code: 'status', values: [{ code: 'completed' }], not: false },
      { kind: 'date', code: 'sent', values: [within] },
    ],
  });
  const made = await all(store, sent, { type: 'Consent', where: [{ kind: 'date', code: 'date', values: [within] }] });
  const inactive = await all(store, sent, {
    type: 'Consent',
    where: [{ kind: 'token', code: 'status', values: [{ code: 'inactive' }], not: false }],
  });
  let withdrawals = 0;
  for (const consent of inactive.filter(isObjection)) {
    const time = await withdrawnAt(store, sent, consent);
    if (time >= first && time <= last) withdrawals++;
  }
  return { notices: notices.filter(isNotice).length, objections: made.filter(isObjection).length, withdrawals };
}

/** Time of the first version that is inactive. */
async function withdrawnAt(store: Store, access: Access, consent: AnyResource): Promise<number> {
  let time = Number.NaN;
  for (let n = Number(consent.meta!['versionId']); n > 0; n--) {
    const version = await store.version(access, 'Consent', consent.id!, n);
    if (version === undefined || version.deleted || (JSON.parse(version.bytes.toString()) as AnyResource)['status'] !== 'inactive') break;
    time = version.lastUpdated;
  }
  return time;
}

async function all(store: Store, access: Access, { type, where }: Pick<SearchQuery, 'type' | 'where'>): Promise<readonly AnyResource[]> {
  const query: SearchQuery = searchFor(type, where, 500);
  const resources: AnyResource[] = [];
  let cursor: Cursor | undefined;
  do {
    const page = await store.search(access, query, cursor);
    resources.push(...page.matches.map(one => JSON.parse(one.bytes.toString()) as AnyResource));
    cursor = page.next;
  } while (cursor !== undefined);
  return resources;
}

const dayMs = 86_400_000;

/**
 * Refuses an institution's intake while a report of its does not match, or while it is silent: at once, and again inside the commit.
 * @param silenceDays 0: silence does not matter
 */
export const reportCheck = (institution: string, silenceDays: number, now: () => number, expression: string): ListCheck => ({
  persons: [],
  judge: (_, book) => {
    if (stopsIn(book(stopsBook)).some(stop => stop.event === 'mismatch' && stop.institution === institution))
      throw new Problem(
        'business-rule',
        'A report of this institution does not agree with what is here; intake waits for a report of the same days that does.',
        { expression },
      );
    if (silenceDays === 0) return;
    // A report speaks of its days and of no later one, and only as of when it came: an old one that is sent again tells nothing new.
    const spoken = (book(reportsBook) as unknown as readonly Report[])
      .filter(one => one.match && one.institution === institution)
      .map(one => Math.min(one.time, Date.parse(one.end) + dayMs));
    if (!spoken.some(last => now() - last <= silenceDays * dayMs))
      throw new Problem(
        'business-rule',
        'This institution has not reported its counts for too long; intake waits for a report that matches.',
        {
          expression,
        },
      );
  },
});

/** What a report does to the stops of its institution: a match ends the mismatches within its days, anything else is one. */
export const stopOf = (report: Report): Json => ({
  event: report.match ? 'match' : 'mismatch',
  what: ['intake'],
  institution: report.institution,
  reason: 'reconciliation',
  time: report.time,
  by: 'noren',
  span: { start: report.start, end: report.end },
});
