/**
 * Who was told, by one institution: its notices counted by text, channel, recipient and month, and its patients by what would be decided about them today.
 * The institution's own numbers, told to itself or to the operator: nothing is masked.
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { type Access, asServer } from '../fhir/model/access.ts';
import { bornIn } from '../fhir/model/named.ts';
import { type PersonKey, personKeys } from '../fhir/model/person.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { type SearchQuery, searchFor } from '../fhir/search/query.ts';
import type { Cursor, ListEntry, Store } from '../fhir/store/store.ts';
import { dayNumber } from './day.ts';
import { type Decision, decide } from './decide.ts';
import { type GuardianRule, heard } from './guardian.ts';
import { isNotice, noticeCategory } from './notice.ts';
import { isOutdated, type RenoticeRule, textNamed, textsFor } from './renotice.ts';
import { channelOf, recipientsOf } from './told.ts';
import { dateOf, type WaitRule } from './waiting-period.ts';

export interface WhoWasToldParts {
  readonly store: Store;
  /** Milliseconds. */
  readonly now: number;
  readonly timeZone: string;
  readonly waitDays: number;
  readonly waitRule?: WaitRule;
  readonly renotice: RenoticeRule;
  readonly guardian: GuardianRule;
}

/** Why somebody has to be told again. */
export type Again = 'text' | 'representative' | 'of-age' | 'guardian' | 'objection-ended';

export interface Report {
  /** Notices that stand, by what they name; `''`: nothing. A notice to several has several recipients. */
  readonly notices: Readonly<Record<'text' | 'channel' | 'recipient' | 'month', ReadonlyMap<string, number>>>;
  readonly total: number;
  /** Patient numbers. */
  readonly clear: number;
  readonly waiting: number;
  readonly objected: number;
  /** Person key → why, in the order of the keys. */
  readonly again: ReadonlyMap<PersonKey, Again>;
}

const page = 1000;

/** @param institution its reference, and the start of its person keys */
export async function whoWasTold(
  institution: { readonly reference: string; readonly code: string; readonly ownNumbers: string },
  parts: WhoWasToldParts,
): Promise<Report> {
  const { store, now, timeZone } = parts;
  const told = new Map<string, AnyResource>();
  const numbers = new Map<PersonKey, ListEntry[]>();
  const { births, numberOf } = await ownPatients(institution, store);
  for await (const notice of noticesOf(institution, store)) {
    const source = `Communication/${notice.id}`;
    const { reference, keys } = subjectOf(notice, institution);
    const line = await lineOf(source, [...keys, ...(reference === undefined ? [] : [reference])], store);
    // Lines have no numbers in clear. Of a patient who was told by reference and erased since no number is known any more: his reference stands for it.
    const number = keys.find(key => key.startsWith(institution.ownNumbers)) ?? numberOf.get(reference ?? '') ?? reference;
    if (line === undefined || line.until !== undefined || number === undefined) continue;
    told.set(source, notice);
    numbers.set(number, [...(numbers.get(number) ?? []), line]);
  }
  const texts = await textsFor(store, institution.reference);
  const today = dateOf(dayNumber(now, timeZone));
  const isOld = (line: ListEntry, rule: RenoticeRule): boolean => {
    const text = textNamed(told.get(line.source)!);
    return isOutdated({ sent: line.from, ...(text === undefined ? {} : { text }) }, texts, rule, today, timeZone);
  };

  const again = new Map<PersonKey, Again>();
  const found: Record<'clear' | 'wait' | 'objection', number> = { clear: 0, wait: 0, objection: 0 };
  let judged = 0;
  for (const [number, held] of [...numbers].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (++judged % page === 0) await setImmediate();
    const changed = new Set(held.filter(line => isOld(line, parts.renotice)).map(line => line.source));
    const ages =
      births.get(number) === undefined
        ? undefined
        : await heard(held, births.get(number)!, parts.guardian, { now, timeZone, notice: async source => told.get(source) });
    const question = {
      purpose: 'intake',
      lines: await store.lines([number]),
      institution: institution.reference,
      number: store.mark(number),
      now,
      waitDays: parts.waitDays,
      ...(parts.waitRule === undefined ? {} : { waitRule: parts.waitRule }),
      timeZone,
      ...(ages === undefined ? {} : { guarded: ages.guarded }),
    } as const;
    const decided: Decision = decide({ ...question, outdated: new Set([...changed, ...(ages?.outgrown ?? [])]) });
    if (decided === 'clear' || decided === 'wait' || decided === 'objection') found[decided]++;
    else if (!number.startsWith(institution.ownNumbers)) continue;
    else if (decided === 'guardian') again.set(number, 'guardian');
    else if (decided === 'told-again') {
      // The first reason that is enough by itself.
      const marked = new Set(held.filter(line => isOld(line, { onRepresentative: false })).map(line => line.source));
      const because = (outdated: ReadonlySet<string>): boolean => decide({ ...question, outdated }) === 'told-again';
      again.set(number, because(marked) ? 'text' : because(changed) ? 'representative' : 'of-age');
    } else again.set(number, 'objection-ended');
  }
  const standing = [...numbers.values()].flat();
  return {
    notices: counted(standing, told, timeZone),
    total: standing.length,
    clear: found.clear,
    waiting: found.wait,
    objected: found.objection,
    again,
  };
}

function counted(standing: readonly ListEntry[], told: ReadonlyMap<string, AnyResource>, timeZone: string): Report['notices'] {
  const by = { text: new Map<string, number>(), channel: new Map(), recipient: new Map(), month: new Map() };
  const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const { source, from } of standing) {
    const notice = told.get(source)!;
    add(by.text, textNamed(notice) ?? '');
    add(by.channel, channelOf(notice) ?? '');
    for (const recipient of new Set(recipientsOf(notice))) add(by.recipient, recipient);
    add(by.month, dateOf(dayNumber(from, timeZone)).slice(0, 7));
  }
  return by;
}

/** The institution's notices as they are stored, those entered in error too. */
async function* noticesOf({ reference }: { readonly reference: string }, store: Store): AsyncIterable<AnyResource> {
  const where: SearchQuery['where'] = [
    { kind: 'token', code: 'category', values: [noticeCategory], not: false },
    { kind: 'reference', code: 'sender', values: [{ reference }], targets: ['Organization'] },
  ];
  for await (const notice of each(store, asServer('count the notices of an institution'), 'Communication', where))
    if (isNotice(notice)) yield notice;
}

/** Whom a notice names. */
function subjectOf(
  notice: AnyResource,
  { code }: { readonly code: string },
): { reference: string | undefined; keys: readonly PersonKey[] } {
  const subject = notice['subject'] as { reference?: string; identifier?: unknown } | undefined;
  const keys = personKeys({ ...notice, identifier: subject?.identifier } as AnyResource, code);
  return { reference: subject?.reference?.replace(/^.*?(Patient\/[^/]+).*$/, '$1'), keys };
}

/** The line that a notice made, if it made one. */
const lineOf = async (source: string, names: readonly string[], store: Store): Promise<ListEntry | undefined> =>
  (await store.lines(names)).find(line => line.list === 'notice' && line.source === source);

/** The institution's own Patient records: birth dates by patient number, and the number of each. */
async function ownPatients(
  { reference, code, ownNumbers }: { readonly reference: string; readonly code: string; readonly ownNumbers: string },
  store: Store,
): Promise<{ births: ReadonlyMap<PersonKey, readonly string[]>; numberOf: ReadonlyMap<string, PersonKey> }> {
  const own: Access = { ...asServer('know the ages of an institution’s patients'), reach: { '*': [{ sender: reference }] } };
  const births = new Map<PersonKey, string[]>();
  const numberOf = new Map<string, PersonKey>();
  for await (const patient of each(store, own, 'Patient', [])) {
    const { birthDate } = bornIn(patient);
    const number = personKeys(patient, code).find(key => key.startsWith(ownNumbers));
    if (number === undefined) continue;
    numberOf.set(`Patient/${patient.id}`, number);
    if (birthDate !== undefined) births.set(number, [...(births.get(number) ?? []), birthDate]);
  }
  return { births, numberOf };
}

/** All that match, page by page. */
async function* each(store: Store, access: Access, type: string, where: SearchQuery['where']): AsyncIterable<AnyResource> {
  let cursor: Cursor | undefined;
  do {
    const { matches, next } = await store.search(access, searchFor(type, where, page), cursor);
    for (const { bytes } of matches) yield JSON.parse(bytes.toString()) as AnyResource;
    cursor = next;
    // Others have their turn.
    await setImmediate();
  } while (cursor !== undefined);
}
