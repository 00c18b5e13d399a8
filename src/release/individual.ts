/**
 * One person as a release sees him: all Patient records together, one pseudonym, one shift, one answer to whether he was ever 90.
 * @module
 */

import { type Civil, civilOf, type Days, dayOf, middle, readDate, yearsBetween } from '../deid/calendar.ts';
import type { CompiledPolicy } from '../deid/compile.ts';
import type { Subject } from '../deid/context.ts';
import { withheld } from '../deid/deidentify.ts';
import type { SeriesKeys } from '../deid/keys.ts';
import type { Known } from '../deid/text/index.ts';
import { type PersonKey, personKeys } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';

export interface Individual {
  /** Name that pseudonym and shift are drawn from. */
  readonly anchor: string;
  /** The person's Patient records, oldest first. */
  readonly records: readonly AnyResource[];
  /** What resources call them: `Patient/<id>`, a fullUrl. */
  readonly names: readonly string[];
  readonly keys: ReadonlySet<PersonKey>;
  readonly subject: Subject;
  /** What the person's records say of people and places, for texts that are cleaned; absent where the policy lets none out. */
  readonly known?: Known;
  /** `Patient.id` in the release. */
  readonly pseudonym: string;
}

/** What each record has for itself; whom a `contained` is for may stand in another record. */
const notShared: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'implicitRules', 'modifierExtension', 'contained']);

/** `_birthDate` → `birthDate`, `deceasedBoolean` → `deceased`: what one record alone gives, with all that belongs to it. */
const elementOf = (property: string): string =>
  property.replace(/^_/, '').replace(/^(deceased|multipleBirth)(?:Boolean|DateTime|Integer)$/, '$1');

/** Whether a record knows an element better than an older one, which has it too. */
function knowsBetter(element: string, record: AnyResource, known: AnyResource): boolean {
  if (element === 'deceased')
    return (
      known['deceasedDateTime'] === undefined &&
      (record['deceasedDateTime'] !== undefined || (known['deceasedBoolean'] !== true && record['deceasedBoolean'] === true))
    );
  const { [element]: value } = known;
  const unsure = value === undefined || (element === 'gender' && value === 'unknown') || (element === 'active' && value === false);
  return unsure && record[element] !== undefined;
}

/** All Patient records of one person in one, oldest first: the first that has an element gives it; a death that one record knows is a death. Records that do not leave give nothing; where there is no other, neither does it. */
export function merged(records: readonly AnyResource[]): AnyResource {
  const sound = records.filter(record => !withheld(record));
  const out: AnyResource = { resourceType: 'Patient', id: String(records[0]?.id ?? '') };
  if (sound.length === 0)
    for (const name of ['implicitRules', 'modifierExtension']) if (records[0]?.[name] !== undefined) out[name] = records[0][name];
  const givers = new Map<string, AnyResource>();
  for (const record of sound.length === 0 ? records : sound) {
    for (const property in record) {
      if (notShared.has(property)) continue;
      const element = elementOf(property);
      const giver = givers.get(element);
      if (giver !== record) {
        if (giver !== undefined && !knowsBetter(element, record, giver)) continue;
        for (const given in giver) if (elementOf(given) === element) delete out[given];
        givers.set(element, record);
      }
      out[property] = record[property];
    }
  }
  if (records.length === 1 && records[0]!['contained'] !== undefined) out['contained'] = records[0]!['contained'];
  return out;
}

/** Latest day up to a limit that any date in these resources names; what the store wrote about them (meta) is not meant. */
export function lastDay(resources: Iterable<AnyResource>, until = Number.POSITIVE_INFINITY): number {
  let last = Number.NEGATIVE_INFINITY;
  const walk = (value: unknown): void => {
    if (typeof value === 'string') {
      if (value.length < 4 || value.charCodeAt(0) > 57 || value.charCodeAt(0) < 48) return;
      const date = readDate(value);
      if (date !== undefined && date.last > last && date.last <= until) last = date.last;
    } else if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === 'object' && value !== null)
      for (const name in value as Json) if (name !== 'meta') walk((value as Json)[name]);
  };
  for (const resource of resources) walk(resource);
  return last;
}

/** Years; whose birth is not known has lived no longer. */
const longestLife = 120;
/** Days before birth that may be told of (a pregnancy), and days from today that may be planned. Dates further off are 1900-01-01 or 9999-12-31: no days. */
const beforeBirth = 366;
const ahead = 3653;

/** Latest day that a date may tell of, as a day number: what is further off is no day. */
export const lastPlanned = (today: number): number => today + ahead;

/** Days of birth that records tell; one that is still to come is none. */
const births = (records: readonly AnyResource[], today: number) =>
  records.flatMap(record => readDate(record['birthDate']) ?? []).filter(birth => birth.first <= today);

/** The birth that is known best: to the day before the month, to the month before the year; of several, the oldest record's. */
function closest(all: readonly Days[]): Days | undefined {
  const [best] = all.toSorted((a, b) => a.last - a.first - (b.last - b.first));
  return best === undefined ? undefined : { first: best.first, last: best.last };
}

/** Whether the age of a person must be looked at closely, with all of the person's data: who will be about `from` years old on the last day that may be planned, or is, or whose birth nobody knows. */
export function nearlyOld(records: readonly AnyResource[], from: number | undefined, today: number): boolean {
  const all = births(records, today);
  return from !== undefined && (all.length === 0 || all.some(birth => yearsBetween(birth.first, lastPlanned(today)) >= from - 2));
}

/**
 * @param lastDay latest day up to a limit of all data of the person that are here, needed for those who are nearly old
 * @param today day number of the release
 * @param known what the records say of people and places, where the policy lets texts out that are cleaned; absent: none leaves
 */
export function individual(
  who: { anchor: string; records: readonly AnyResource[]; names: readonly string[] },
  lastDay: (until: number) => number,
  { keys, compiled: { policy, cleans, keepsDays }, today }: { keys: SeriesKeys; compiled: CompiledPolicy; today: number },
  known?: () => Known,
): Individual {
  const shiftDays = keepsDays ? 0 : keys.shiftDays(who.anchor);
  const from = policy.pooledFrom;
  const told = births(who.records, today);
  const born = told.map(birth => birth.first);
  const notBefore = born.length === 0 ? back(today, longestLife) : Math.min(...born) - beforeBirth;
  const notAfter = lastPlanned(today);
  const birth = closest(told);
  const pseudonym = keys.pseudonym('Patient', who.anchor);
  const always = { id: pseudonym, shiftDays, notAfter, ...(birth === undefined ? {} : { born: birth }) };
  let subject: Subject = { ...always, pooled: false, notBefore };
  if (from !== undefined && nearlyOld(who.records, from, today)) {
    const death = Math.max(...who.records.map(record => readDate(record['deceasedDateTime'])?.last ?? Number.NEGATIVE_INFINITY));
    const alive = death === Number.NEGATIVE_INFINITY;
    const last = Math.max(alive ? today : death, lastDay(notAfter));
    const pooled =
      // Two dates far apart, or an age and a later date, tell it of somebody whose birth nobody knows.
      born.length === 0 ||
      told.some(
        birth =>
          yearsBetween(birth.first, last) >= from ||
          // The date that leaves is a shifted one, and whoever reads it knows what day it is.
          (alive && yearsBetween(monthOf(middle(birth) + shiftDays), today) >= from),
      );
    // Files may tell of days that nobody has looked for: none leaves behind the last one, or by which somebody would be pooled who is not.
    subject = pooled
      ? { ...always, pooled, notBefore: Math.max(notBefore, back(last, from - 1)), notAfter: Math.min(notAfter, last) }
      : { ...subject, notAfter: Math.min(notAfter, birthdayOf(Math.min(...born), from) - 1) };
  }
  return {
    ...who,
    keys: new Set(who.records.flatMap(record => personKeys(record))),
    subject,
    ...(cleans && known !== undefined ? { known: known() } : {}),
    pseudonym,
  };
}

const monthOf = (day: number): number => {
  const { year, month }: Civil = civilOf(day);
  return dayOf(year, month, 1);
};

/** The day from which on somebody born on a day is so many years old. */
const birthdayOf = (born: number, years: number): number => {
  const at = civilOf(born);
  return dayOf(at.year + years, at.month, at.day);
};

const back = (day: number, years: number): number => {
  const at = civilOf(day);
  return dayOf(at.year - years, at.month, 1);
};
