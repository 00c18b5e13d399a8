/**
 * The filing (届出) of an institution with the ministers: number, day, operator and text of the notice, kept on its Organization by the operator.
 * Without one that holds today an institution provides nothing (when FILING_REQUIRED). The institution itself cannot write it.
 * R4: https://hl7.org/fhir/R4/organization.html
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import { type Access, asServer } from '../fhir/model/access.ts';
import type { Finding } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import type { Proposal } from '../fhir/store/gate.ts';
import type { Store } from '../fhir/store/store.ts';
import { instants } from './day.ts';
import { noticeTexts } from './notice-text.ts';

export const filingExtension = 'https://noren.example/fhir/StructureDefinition/notice-filing';

export interface Filing {
  readonly number: string;
  /** Milliseconds: start of the day on which it was made, or from which it holds where that is later. */
  readonly from: number;
  /** Milliseconds: end of its last day. */
  readonly until?: number;
  /** As written: a reference, or a name alone. */
  readonly operator: Json;
  /** `url|version` of the notice that was filed. */
  readonly text: string;
}

const extensionsOf = (element: unknown): Json[] => [((element ?? {}) as Json)['extension'] ?? []].flat() as Json[];
const filingsIn = (organization: AnyResource | undefined): Json[] =>
  extensionsOf(organization).filter(one => one['url'] === filingExtension);

/** One filing, or the names of its parts that are missing or unusable. */
function readFiling(extension: Json, timeZone: string): Filing | readonly string[] {
  const part = (name: string, value: string): unknown => extensionsOf(extension).find(one => one['url'] === name)?.[value];
  const number = part('number', 'valueString');
  const filed = instants(part('filed', 'valueDate'), timeZone);
  const operator = part('operator', 'valueReference');
  const text = part('noticeText', 'valueCanonical');
  const period = part('period', 'valuePeriod') as Json | undefined;
  const [start, end] = [period?.['start'], period?.['end']].map(one => (one === undefined ? undefined : instants(one, timeZone)));
  const wrong = [
    ...(typeof number === 'string' && number.trim() !== '' ? [] : ['number']),
    ...(filed === undefined ? ['filed'] : []),
    ...(operator === undefined ? ['operator'] : []),
    ...(typeof text === 'string' && /^[^|]+\|[^|]+$/.test(text) ? [] : ['noticeText']),
    ...((period?.['start'] !== undefined && start === undefined) || (period?.['end'] !== undefined && end === undefined) ? ['period'] : []),
  ];
  if (wrong.length > 0) return wrong;
  return {
    number: number as string,
    from: Math.max(filed!.first, start?.first ?? -Infinity),
    ...(end === undefined ? {} : { until: end.last }),
    operator: operator as Json,
    text: text as string,
  };
}

/** Whole filings of an Organization that hold at an instant. */
export const filingsAt = (organization: AnyResource, now: number, timeZone: string): readonly Filing[] =>
  filingsIn(organization).flatMap(one => {
    const filing = readFiling(one, timeZone);
    return 'number' in filing && filing.from <= now && !(filing.until !== undefined && filing.until < now) ? [filing] : [];
  });

/** Whether an institution has a filing that holds now and names a text on record. */
export async function isFiled(store: Store, institution: string, now: number, timeZone: string): Promise<boolean> {
  const [type, id] = institution.split('/') as [string, string];
  const version = await store.read(asServer('look for the filing of an institution'), type, id);
  if (version === undefined || version.deleted) return false;
  for (const { text } of filingsAt(JSON.parse(version.bytes.toString()) as AnyResource, now, timeZone)) {
    const [url, number] = text.split('|');
    if ((await noticeTexts(store, url)).some(one => one.version === number)) return true;
  }
  return false;
}

/** What a write does to filings: they are whole, and no institution writes, changes or removes one. */
export function judgeFiling({ type, resource, current, expression }: Proposal, access: Access, timeZone: string): readonly Finding[] {
  if (type !== 'Organization') return [];
  const [before, after] = [filingsIn(current), filingsIn(resource)];
  if (before.length === 0 && after.length === 0) return [];
  if (access.agent.role === 'institution' && !isDeepStrictEqual(plain(before), plain(after)))
    return [{ kind: 'forbidden', text: 'The filing of an institution is written by the operator.', expression: `${expression}.extension` }];
  return after.flatMap(one => {
    const filing = readFiling(one, timeZone);
    if ('number' in filing) return [];
    return filing.map(
      (name): Finding => ({ kind: 'business-rule', text: `A filing has a usable part ${name}.`, expression: `${expression}.extension` }),
    );
  });
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
