/**
 * weekday-shift: a day of the week moves with the dates of the person. Kept beside a moved date it would tell the shift but for whole weeks.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Timing (Timing.repeat.dayOfWeek)
 * @module
 */
import type { Method } from './method.ts';

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export const weekdayShift: Method = {
  types: ['code'],
  options: {},
  mark: 'shifted',
  // Mostly they come as a week goes: where the row begins now would tell the shift but for whole weeks.
  order: days,
  make: () => (value, run) => {
    const at = days.indexOf(String(value));
    const shift = run.context.subject?.shiftDays;
    return at < 0 || shift === undefined ? undefined : days[(((at + shift) % 7) + 7) % 7];
  },
};
