/**
 * Who is too young to be told alone, and who has grown up since a guardian was told. Ages are those of calendar days: a year of life is over on the birthday.
 * The rule: docs/consent.md. R4: https://hl7.org/fhir/R4/patient-definitions.html#Patient.birthDate
 * @module
 */
import { asServer } from '../fhir/model/access.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { ListEntry, Store } from '../fhir/store/store.ts';
import { dayNumber } from './day.ts';
import { guardianWasTold, patientWasTold } from './told.ts';
import { dateOf } from './waiting-period.ts';

export interface GuardianRule {
  /** Whoever is younger on the day of the notice is told together with a guardian; 0: nobody. */
  readonly requiredUnderAge: number;
  /** Whoever was told through a guardian alone is told again when this old; 0: nobody. */
  readonly renoticeAtAge: number;
}

/** Full years on a day. A birth date that is only known to the month or year counts as its last day. */
export function ageOn(birthDate: string, date: string): number | undefined {
  const parts = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(birthDate);
  if (!parts) return undefined;
  const [, year, month = '12', day = '31'] = parts;
  return Number(date.slice(0, 4)) - Number(year) - (date.slice(5) < `${month}-${day}` ? 1 : 0);
}

/** The notices of one person, judged by his age. */
export interface Heard {
  /** Sources of notices that count for his age: old enough to hear it alone, or a guardian was told. */
  readonly guarded: ReadonlySet<string>;
  /** Sources of notices that a guardian heard for him, who has since come of age. */
  readonly outgrown: ReadonlySet<string>;
}

/**
 * @param birthDates as far as they are known; the youngest counts
 * @param notice source → Communication; undefined: it cannot be read, and then nobody knows who was told
 */
export async function heard(
  lines: readonly ListEntry[],
  birthDates: readonly string[],
  rule: GuardianRule,
  at: { readonly now: number; readonly timeZone: string; readonly notice: (source: string) => Promise<AnyResource | undefined> },
): Promise<Heard> {
  const guarded = new Set<string>();
  const outgrown = new Set<string>();
  const youngest = (day: number): number => Math.min(...birthDates.map(one => ageOn(one, dateOf(day)) ?? Infinity));
  for (const { source, from } of lines) {
    const age = youngest(dayNumber(from, at.timeZone));
    if (age >= Math.max(rule.requiredUnderAge, rule.renoticeAtAge)) {
      guarded.add(source);
      continue;
    }
    const notice = await at.notice(source);
    if (age >= rule.requiredUnderAge || (notice !== undefined && guardianWasTold(notice))) guarded.add(source);
    const isGrown = age < rule.renoticeAtAge && youngest(dayNumber(at.now, at.timeZone)) >= rule.renoticeAtAge;
    if (isGrown && !(notice !== undefined && patientWasTold(notice))) outgrown.add(source);
  }
  return { guarded, outgrown };
}

/** Source of a notice → its Communication as it is stored. */
export const storedNotice =
  (store: Store) =>
  async (source: string): Promise<AnyResource | undefined> => {
    const [type, id] = source.split('/') as [string, string];
    const version = await store.read(asServer('find whom a notice was given to'), type, id);
    return version === undefined || version.deleted ? undefined : (JSON.parse(version.bytes.toString()) as AnyResource);
  };
