/**
 * DA and DT moved by a person's whole days; the time of day stays, so that intervals stay. A day that is no day of a life (1900-01-01, 9999-12-31) would
 * show by how much it moved, and does not leave; nor does one outside of the days of this person that dates of FHIR may tell of.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part05/sect_6.2.html
 * @module
 */
import { civilOf, isOfLife, middle, readDate, type Written, writeDate } from '../calendar.ts';
import type { Subject } from '../context.ts';

/** By how much a person's dates move, and which may: true day numbers, as those of FHIR. */
export type Dated = Pick<Subject, 'shiftDays' | 'notBefore' | 'notAfter'>;

const date = /^(\d{4})\.?(\d{2})\.?(\d{2})$/;
const dateTime =
  /^(\d{4})(?:(\d{2})(?:(\d{2})((?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?)?)?)?([+-](?:0\d|1[0-4])[0-5]\d)?$/;
const time = /^(?:[01]\d|2[0-3]):?(?:[0-5]\d:?(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?$/;

/** Values that stand for "no date" in one system or another. */
function standsForNone(first: number): boolean {
  const { year, month, day } = civilOf(first);
  return year <= 1900 || year >= 2100 || (year === 1970 && month === 1 && day === 1);
}

/** A time of day without its fraction, and without what there is but a few times in history: a leap second moved tells the day. */
const clockOf = (time: string): string => time.replace(/\.\d+$/, '').replace(/^(\d\d:?\d\d:?)60$/, '$159');

/** The days of a DA or DT, and the time with its zone that stands behind them. */
function partsOf(vr: string, value: string): { readonly days: Written; readonly rest: string } | undefined {
  const [, year, month, day, clock = '', zone = ''] = (vr === 'DA' ? date : dateTime).exec(value) ?? [];
  const days = readDate([year, month, day].filter(part => part !== undefined).join('-'));
  return days === undefined ? undefined : { days, rest: clockOf(clock) + zone };
}

/** One value of VR DA, DT or TM; undefined: it is none, or none that may be moved. Fractions of a second go: they are a number of their own. */
export function shifted(vr: string, value: string, subject: Dated): string | undefined {
  if (vr === 'TM') return time.test(value) ? clockOf(value) : undefined;
  const parts = partsOf(vr, value);
  if (parts === undefined || standsForNone(parts.days.first) || !isOfLife(parts.days, subject)) return undefined;
  const moved = writeDate(middle(parts.days) + subject.shiftDays, parts.days.precision);
  return moved === undefined ? undefined : moved.replaceAll('-', '') + parts.rest;
}

/** Whether one value of VR DA, DT or TM may leave as it is: outside of a person's days none may. */
export function mayStay(vr: string, value: string, subject: Dated): boolean {
  const parts = vr === 'TM' ? undefined : partsOf(vr, value);
  return vr === 'TM' || (parts !== undefined && isOfLife(parts.days, subject));
}

/** Has the form of a value of DA, DT or TM. */
export const isTemporal = (vr: string, value: string): boolean => (vr === 'DA' ? date : vr === 'DT' ? dateTime : time).test(value);
