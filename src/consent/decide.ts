/**
 * The one decision: may data of this person be taken in, or used for research, now? `clear` or the reason why not; what is not sure is not clear.
 * Notice: `noticeDate + waitDays < today` in dates of one time zone, so the first permitted day is the notice's day + waitDays + 1 (waiting-period.ts).
 * Objection: one in force closes everything it covers; one that has ended leaves data closed until a notice given after its end.
 * @module
 */
import type { PersonKey } from '../fhir/model/person.ts';
import type { ListEntry } from '../fhir/store/store.ts';
import { dayNumber } from './day.ts';
import { firstPermittedDay, type WaitRule } from './waiting-period.ts';

export type Decision = 'clear' | 'objection' | 'no-number' | 'no-notice' | 'guardian' | 'told-again' | 'wait';

export interface Question {
  /** intake: an institution sends data. care: somebody else writes, where no notice is asked for. research: data are to be used. */
  readonly purpose: 'intake' | 'care' | 'research';
  /** Lines on record about the person, under every record and number of the person. */
  readonly lines: readonly ListEntry[];
  /** `Organization/hospital-1`: who sends, or sent, the data. Absent for research on data of unknown origin: then every objection covers it. */
  readonly institution?: string;
  /** The one number that the institution itself gave the patient, in the form in which the lines name persons: a notice counts for this number alone, whoever is said to be the same person. */
  readonly number?: PersonKey;
  /** Milliseconds. */
  readonly now: number;
  readonly waitDays: number;
  /** Default: days alone. */
  readonly waitRule?: WaitRule;
  /** Sources of notices that must be given anew and count no more. */
  readonly outdated?: ReadonlySet<string>;
  /** Sources of notices that count for the age of the person: given to somebody old enough, or to a guardian too. Absent: his age is not known, and all count. */
  readonly guarded?: ReadonlySet<string>;
  /** IANA name, `Asia/Tokyo`. */
  readonly timeZone: string;
}

export function decide({ purpose, lines, institution, number, now, waitDays, waitRule, outdated, guarded, timeZone }: Question): Decision {
  const objections = lines.filter(line => line.list === 'objection' && covers(line, institution));
  if (objections.some(line => inForce(line, now))) return 'objection';
  if (purpose !== 'intake') return 'clear';
  if (institution === undefined || number === undefined) return 'no-number';
  const ended = Math.max(-Infinity, ...objections.map(line => (line.from > now ? -Infinity : line.until!)));
  const notices = lines.filter(
    line => line.list === 'notice' && counts(line, institution, number) && line.from <= now && line.from > ended,
  );
  if (notices.length === 0) return 'no-notice';
  const understood = notices.filter(line => guarded === undefined || guarded.has(line.source));
  if (understood.length === 0) return 'guardian';
  const held = understood.filter(line => !outdated?.has(line.source));
  if (held.length === 0) return 'told-again';
  const today = dayNumber(now, timeZone);
  return held.some(line => firstPermittedDay(dayNumber(line.from, timeZone), waitDays, waitRule) <= today) ? 'clear' : 'wait';
}

/** An objection without a sender covers all institutions; a question without one is covered by all objections. */
const covers = (line: ListEntry, institution: string | undefined): boolean =>
  line.sender === undefined || institution === undefined || line.sender === institution;

/** A line whose times cannot be compared counts as in force. */
export const inForce = (line: ListEntry, now: number): boolean => !(line.from > now) && !(line.until !== undefined && line.until < now);

/** Given by this institution, for this number, and not taken back. */
const counts = (line: ListEntry, institution: string, number: PersonKey): boolean =>
  line.sender === institution && line.until === undefined && line.persons.includes(number);
