/**
 * The first day on which data may come in after a notice, in days of one time zone. The day of the notice does not count.
 * The rule: docs/consent.md. R4: https://hl7.org/fhir/R4/communication-definitions.html#Communication.sent
 * @module
 */

/** days: so many full days. later-of-month: these, or one calendar month, whichever ends later. */
export type WaitRule = 'days' | 'later-of-month';

const dayMs = 86_400_000;

/** @param noticeDay days since 1970-01-01 */
export function firstPermittedDay(noticeDay: number, waitDays: number, rule: WaitRule = 'days'): number {
  const byDays = noticeDay + waitDays + 1;
  return rule === 'days' ? byDays : Math.max(byDays, afterOneMonth(noticeDay));
}

/**
 * A month that begins with the day after the notice ends the day before the day of the same number; where the next month has no such day, with its last day.
 * 15 January → 16 February; 30 and 31 January → 1 March.
 */
function afterOneMonth(noticeDay: number): number {
  const begins = new Date((noticeDay + 1) * dayMs);
  const [year, month, date] = [begins.getUTCFullYear(), begins.getUTCMonth(), begins.getUTCDate()];
  const daysOfNext = new Date(Date.UTC(year, month + 2, 0)).getUTCDate();
  return Date.UTC(year, date > daysOfNext ? month + 2 : month + 1, date > daysOfNext ? 1 : date) / dayMs;
}

/** `2026-02-28` for a number of days since 1970-01-01. */
export const dateOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);
