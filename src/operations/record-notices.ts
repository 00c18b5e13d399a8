/**
 * $record-notices: many notices in one call, from a list, a file, or a scanner at the front desk. Each becomes a Communication that is created as any is, past the gate;
 * the same patient, day, text and channel again stores nothing twice, unless somebody else was told as well.
 * Definition: profiles/OperationDefinition-record-notices.json; R4: https://hl7.org/fhir/R4/communication.html
 * @module
 */
import { createHmac } from 'node:crypto';
import { dayNumber, instants } from '../consent/day.ts';
import { storedNotice } from '../consent/guardian.ts';
import { isNotice, noticeCategory } from '../consent/notice.ts';
import { textNamed, textsFor } from '../consent/renotice.ts';
import { channelOf, channels, recipients, recipientsOf, toldElements } from '../consent/told.ts';
import { dateOf } from '../consent/waiting-period.ts';
import { deeds } from '../fhir/interactions/deeds.ts';
import type { Access } from '../fhir/model/access.ts';
import type { Answer, Dispatch } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { personKey } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';
import { type InstitutionParts, institutionIn, type TheInstitution } from './institution.ts';
import { type NoticeRow, rowsOf } from './notice-file.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

export interface RecordNoticesParts extends InstitutionParts {
  readonly store: Store;
  /** The composed dispatch: a notice takes the way of any other request. */
  readonly dispatch: () => Dispatch;
  readonly secret: (purpose: string) => Buffer;
  /** Milliseconds. */
  readonly now: () => number;
  readonly settings: { readonly timeZone: string };
}

/** Rows of one call. */
const mostRows = 5000;
/** Creates in flight at once: as many as may share one commit of the store. */
const atOnce = 64;
/** System of the identifier by which a notice is found again. */
const markSystem = 'https://noren.example/fhir/sid/recorded-notice';

const place = (name: string): { expression: string } => ({ expression: `Parameters.parameter.where(name='${name}')` });

type Outcome = 'recorded' | 'already' | { readonly because: string };

/** What all rows of a call share that do not say it themselves. */
interface Defaults {
  readonly sent: string;
  readonly text?: string;
  readonly channel?: string;
  readonly recipient: readonly string[];
}

export function recordNotices(parts: RecordNoticesParts): Operation {
  const { store, dispatch, now } = parts;
  const { timeZone } = parts.settings;
  const secret = parts.secret('record-notices');

  /** Url and version of the institution's own text in use; undefined: none, or several. */
  async function currentText(institution: string, date: string): Promise<string | undefined> {
    const own = (await textsFor(store, institution)).filter(one => one.sender === institution && one.isActive && one.date <= date);
    if (new Set(own.map(one => one.url)).size > 1) return undefined;
    return own.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : a.version < b.version ? -1 : 1)).at(-1)?.canonical;
  }

  async function one(row: NoticeRow, defaults: Defaults, institution: TheInstitution, access: Access) {
    const notice = row.wrong === undefined ? noticeOf(row, defaults, institution) : row.wrong;
    if (typeof notice === 'string') return { because: notice };
    const subject = (notice['subject'] ?? {}) as Json;
    const key = personKey(subject['identifier'], institution.code);
    const sent = instants(notice['sent'], timeZone);
    // What cannot be told apart is not recorded twice by anybody's word: the gate says what is missing.
    if (key === undefined || sent === undefined) return await create(notice, undefined, access);
    const day = dayNumber(sent.first, timeZone);
    const lines = (await store.lines([key])).filter(line => line.sender === undefined || line.sender === institution.reference);
    // Whoever objected and came back is told anew, be it on the same day.
    const ended = Math.max(0, ...lines.map(line => (line.list === 'objection' ? (line.until ?? 0) : 0)));
    const known = lines.filter(
      line =>
        line.list === 'notice' &&
        line.until === undefined &&
        line.persons.includes(store.mark(key)) &&
        line.from >= ended &&
        dayNumber(line.from, timeZone) === day,
    );
    for (const { source } of known) {
      const other = await storedNotice(store)(source);
      if (other !== undefined && tellsAsMuch(other, notice)) return 'already';
    }
    const told = [
      institution.reference,
      key,
      day,
      ended,
      textNamed(notice) ?? '',
      channelOf(notice) ?? '',
      [...recipientsOf(notice)].sort(),
    ];
    return await create(notice, createHmac('sha256', secret).update(JSON.stringify(told)).digest('base64url'), access);
  }

  async function create(notice: AnyResource, mark: string | undefined, access: Access) {
    const identifier = [notice['identifier'] ?? []].flat();
    const body = { ...notice, ...(mark === undefined ? {} : { identifier: [...identifier, { system: markSystem, value: mark }] }) };
    const criteria =
      mark === undefined ? {} : { 'if-none-exist': `identifier=${encodeURIComponent(`${markSystem}|${mark}`)}&status=completed` };
    try {
      return await dispatch()({ method: 'POST', path: 'Communication', query: [], headers: criteria, body: body as AnyResource }, access);
    } catch (thrown) {
      // The server's own trouble is no row's fault.
      if (!(thrown instanceof Problem) || thrown.status >= 500) throw thrown;
      return { because: [...new Set(thrown.findings.map(finding => finding.text ?? thrown.message))].join(' ') };
    }
  }

  async function run(given: Given, access: Access): Promise<Answer> {
    const institution = institutionIn(given, access, parts);
    const rows = rowsIn(given);
    if (rows.length > mostRows) throw new Problem('too-long', `One call records ${mostRows} notices at most.`);
    const today = dateOf(dayNumber(now(), timeZone));
    const text = (given.get('text')?.[0] as string | undefined) ?? (await currentText(institution.reference, today));
    const channel = given.get('channel')?.[0] as string | undefined;
    const defaults: Defaults = {
      sent: (given.get('sent')?.[0] as string | undefined) ?? today,
      ...(text === undefined ? {} : { text }),
      ...(channel === undefined ? {} : { channel }),
      recipient: (given.get('recipient') ?? []) as string[],
    };
    const outcomes: Outcome[] = new Array(rows.length);
    const done = deeds();
    const waiting = rows.entries();
    const work = async () => {
      for (const [index, row] of waiting) {
        const found = await one(row, defaults, institution, access);
        if (typeof found === 'string') outcomes[index] = 'already';
        else if ('because' in found) outcomes[index] = found;
        else {
          outcomes[index] = found.status === 201 ? 'recorded' : 'already';
          if (found.status === 201) done.add('POST', found);
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return { status: 200, resource: answer(outcomes), entries: done.entries };
  }

  return { definition: definitionOf('record-notices'), run };
}

/** The same text by the same channel, to everybody to whom the other was given: a guardian who is told as well is something new. */
const tellsAsMuch = (notice: AnyResource, other: AnyResource): boolean =>
  textNamed(notice) === textNamed(other) &&
  channelOf(notice) === channelOf(other) &&
  recipientsOf(other).every(one => recipientsOf(notice).includes(one));

/** One manner of naming them in a call. */
function rowsIn(given: Given): readonly NoticeRow[] {
  const ways = ['notice', 'file', 'scan'].filter(name => given.has(name));
  if (ways.length !== 1)
    throw new Problem('invalid-parameter', 'A call has notices, or a file, or scans: one of them.', place(ways[1] ?? 'notice'));
  if (given.has('file')) return rowsOf(given.get('file')![0] as Json);
  if (given.has('scan')) return (given.get('scan') as string[]).map(number => ({ number, recipient: [] }));
  return (given.get('notice') as Given[]).map((row): NoticeRow => {
    const text = (name: string) => row.get(name)?.[0] as string | undefined;
    return {
      ...Object.fromEntries(['number', 'sent', 'text', 'channel', 'note'].flatMap(name => (row.has(name) ? [[name, text(name)]] : []))),
      ...(row.has('identifier') ? { identifier: row.get('identifier')![0] as Json } : {}),
      recipient: (row.get('recipient') ?? []) as string[],
    };
  });
}

/** A patient number as a scanner or a form gives it: in full width, with blanks or a line break around it. */
function folded(number: string): string | undefined {
  const text = number
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Cc}]/gu, '')
    .trim();
  return /^[0-9A-Za-z][0-9A-Za-z._/-]{0,63}$/.test(text) ? text : undefined;
}

/** `2026/4/1`, as spreadsheets write it → `2026-04-01`; anything else as it is. */
function dated(sent: string): string {
  const parts = /^(\d{4})[/.](\d{1,2})[/.](\d{1,2})$/.exec(sent.normalize('NFKC').trim());
  return parts === null ? sent : `${parts[1]}-${parts[2]!.padStart(2, '0')}-${parts[3]!.padStart(2, '0')}`;
}

/** The Communication, or why there can be none. */
function noticeOf(row: NoticeRow, defaults: Defaults, institution: TheInstitution): AnyResource | string {
  if (row.resource !== undefined) return isNotice(row.resource) ? row.resource : 'The Communication is no notice.';
  if ((row.number === undefined) === (row.identifier === undefined)) return 'The row has a patient number or an identifier: one of them.';
  const value = row.number === undefined ? undefined : folded(row.number);
  if (row.number !== undefined && value === undefined) return 'The row has no usable patient number.';
  const channel = row.channel ?? defaults.channel;
  const to = row.recipient.length > 0 ? row.recipient : defaults.recipient;
  if (channel !== undefined && !channels.includes(channel)) return `The channel of a notice is one of: ${channels.join(', ')}.`;
  if (!to.every(one => recipients.includes(one))) return `The recipients of a notice are of: ${recipients.join(', ')}.`;
  const text = row.text ?? defaults.text;
  return {
    resourceType: 'Communication',
    ...toldElements(channel, [...new Set(to)]),
    ...(text === undefined ? {} : { instantiatesCanonical: [text] }),
    status: 'completed',
    category: [{ coding: [noticeCategory] }],
    subject: { identifier: row.identifier ?? { system: institution.numberSystem, value } },
    sent: dated(row.sent ?? defaults.sent),
    sender: { reference: institution.reference },
    ...(row.note === undefined ? {} : { note: [{ text: row.note }] }),
  } as AnyResource;
}

function answer(outcomes: readonly Outcome[]): AnyResource {
  const count = (kind: Outcome) => outcomes.filter(one => one === kind).length;
  const refused = outcomes.flatMap((one, i) => (typeof one === 'string' ? [] : [{ row: i + 1, because: one.because }]));
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'recorded', valueUnsignedInt: count('recorded') },
      { name: 'already', valueUnsignedInt: count('already') },
      { name: 'refused', valueUnsignedInt: refused.length },
      ...refused.map(({ row, because }) => ({
        name: 'row',
        part: [
          { name: 'number', valuePositiveInt: row },
          { name: 'because', valueString: because },
        ],
      })),
    ],
  } as unknown as AnyResource;
}
