/**
 * date-shift: every date of a person moves by the person's one secret number of days; time of day and zone stay, so that intervals stay to the second
 * (fractions of one go: to the millisecond a time is a number of its own, and the same in every study).
 * A partial date moves from its middle and is cut back to its precision. Without a person there is no shift, and no date; nor is there for a day outside of the person's life.
 * R4: https://hl7.org/fhir/R4/datatypes.html#dateTime
 * @module
 */
import { isOfLife, middle, readDate, writeDate } from '../calendar.ts';
import type { Method } from './method.ts';

export const dateShift: Method = {
  types: ['date', 'dateTime', 'instant'],
  mark: 'shifted',
  make: () => (value, run) => {
    const subject = run.context.subject;
    if (subject === undefined) return undefined;
    const date = readDate(value);
    if (date === undefined || !isOfLife(date, subject)) return undefined;
    return writeDate(middle(date) + subject.shiftDays, date.precision, date.time.replace(/\.\d+/, ''));
  },
};
