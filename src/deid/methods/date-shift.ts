/**
 * date-shift: every date of a person moves by the person's one secret number of days; time of day and zone stay, so that intervals stay to the second
 * (fractions of one go: to the millisecond a time is a number of its own, and the same in every study; a leap second becomes the one before it).
 * A partial date moves from its middle and is cut back to its precision. Without a person there is no shift, and no date; nor is there for a day outside of the person's life.
 * R4: https://hl7.org/fhir/R4/datatypes.html#dateTime
 * @module
 */
import { isOfLife, middle, readDate, writeDate } from '../calendar.ts';
import type { Subject } from '../context.ts';
import { Recent } from '../recent.ts';
import type { Method } from './method.ts';

/** Without what there is but a few times in history: a leap second moved tells the day. */
const timeOf = (time: string): string => {
  const whole = time.includes('.') ? time.replace(/\.\d+/, '') : time;
  return whole.startsWith('60', 7) ? `${whole.slice(0, 7)}59${whole.slice(9)}` : whole;
};

function move(value: unknown, subject: Subject): string | undefined {
  const date = readDate(value);
  if (date === undefined || !isOfLife(date, subject)) return undefined;
  return writeDate(middle(date) + subject.shiftDays, date.precision, timeOf(date.time));
}

/** What differs from one date of a person to the next: its day, minute and second. */
const placeOf = (date: string): number =>
  date.length < 19 ? date.length : date.length + (date.charCodeAt(9) ^ (date.charCodeAt(15) << 1) ^ (date.charCodeAt(18) << 2));

export const dateShift: Method = {
  types: ['date', 'dateTime', 'instant'],
  options: {},
  mark: 'shifted',
  make: () => {
    // Dates of one person are often one: when it was, when it was written down, of each item of a bill when it began and ended.
    const moved = new Recent<string | undefined>(32, placeOf);
    let whose: Subject | undefined;
    const moveOwn = (date: string): string | undefined => move(date, whose!);
    return (value, { context: { subject } }) => {
      if (subject === undefined || typeof value !== 'string') return undefined;
      if (whose !== subject) {
        moved.clear();
        whose = subject;
      }
      return moved.of(value, moveOwn);
    };
  },
};
