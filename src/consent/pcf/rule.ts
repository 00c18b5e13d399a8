/**
 * What a rule of a consent says, once it is understood; and when one rule is narrower than another.
 * An absent element holds for everything; elements of one rule hold together, repeats of one element are alternatives.
 * R4: https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision; IHE PCF: https://profiles.ihe.net/ITI/PCF/content.html
 * @module
 */
import { dateReader, noBeginning, noEnd } from '../../fhir/search/dates.ts';
import { type Coding, confidentiality, covers } from './codes.ts';

/** As written; whole dates are meant to their end. */
export interface Period {
  readonly start?: string;
  readonly end?: string;
}

export interface Data {
  readonly meaning: 'instance' | 'related' | 'authoredby';
  /** `Type/id`, or a foreign URL as written. */
  readonly reference: string;
}

/** Which data a rule is about; an empty list does not limit. */
export interface Limits {
  readonly securityLabel: readonly Coding[];
  readonly dataPeriod: readonly Period[];
  readonly data: readonly Data[];
}

export interface Rule extends Limits {
  readonly type: 'permit' | 'deny';
  /** Absent: every purpose. */
  readonly purpose?: readonly Coding[];
  /** References; absent: everybody. */
  readonly actor?: readonly string[];
  /** Milliseconds: when the rule holds. */
  readonly from: number;
  readonly until: number;
}

export const noLimits: Limits = { securityLabel: [], dataPeriod: [], data: [] };

export const isUnlimited = ({ securityLabel, dataPeriod, data }: Limits): boolean =>
  securityLabel.length + dataPeriod.length + data.length === 0;

/** First and last instant of a Period, or undefined: no dates, or it ends before it begins. */
export function spanOf({ start, end }: Period, timeZone: string): { from: number; until: number } | undefined {
  const read = dateReader(timeZone);
  if (start === undefined && end === undefined) return undefined;
  const first = start === undefined ? noBeginning : read(start)?.[0];
  const last = end === undefined ? noEnd : read(end)?.[1];
  return first === undefined || last === undefined || last < first ? undefined : { from: first, until: last };
}

/** Each of `narrow` lies in one of `wide`; no limit is the widest. */
const within = <T>(narrow: readonly T[], wide: readonly T[], covers: (wide: T, narrow: T) => boolean): boolean =>
  wide.length === 0 || (narrow.length > 0 && narrow.every(one => wide.some(other => covers(other, one))));

const sameLabel = (wide: Coding, narrow: Coding): boolean =>
  wide.system === confidentiality ? narrow.system === wide.system && narrow.code === wide.code : covers(wide, narrow);
const sameData = (a: Data, b: Data): boolean => a.meaning === b.meaning && a.reference === b.reference;

/** Whether all data that one is about are data that the other is about, as far as their words tell. */
export const limitsWithin = (narrow: Limits, wide: Limits, timeZone: string): boolean =>
  within(narrow.securityLabel, wide.securityLabel, sameLabel) &&
  within(narrow.dataPeriod, wide.dataPeriod, (w, n) => {
    const [outer, inner] = [spanOf(w, timeZone), spanOf(n, timeZone)];
    return outer !== undefined && inner !== undefined && outer.from <= inner.from && inner.until <= outer.until;
  }) &&
  within(narrow.data, wide.data, sameData);

export const isNarrowerLimit = (narrow: Limits, wide: Limits, timeZone: string): boolean =>
  limitsWithin(narrow, wide, timeZone) && !limitsWithin(wide, narrow, timeZone);

/** The same of whole rules, with their actors and purposes. */
export function isNarrower(narrow: Rule, wide: Rule, timeZone: string): boolean {
  const inside = (a: Rule, b: Rule): boolean =>
    limitsWithin(a, b, timeZone) &&
    within(a.purpose ?? [], b.purpose ?? [], covers) &&
    within(a.actor ?? [], b.actor ?? [], (one, other) => one === other);
  return inside(narrow, wide) && !inside(wide, narrow);
}
