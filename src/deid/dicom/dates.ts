/**
 * DA and DT moved by a person's whole days; the time of day stays, so that intervals stay. A day that is no day of a life (1900-01-01, 9999-12-31) would
 * show by how much it moved, and does not leave; nor does one outside of the days of this person that dates of FHIR may tell of.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part05/sect_6.2.html
 * @module
 */
import { civilOf, isOfLife, middle, readDate, writeDate } from '../calendar.ts';
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

function moved(iso: string, subject: Dated): string | undefined {
  const read = readDate(iso);
  if (read === undefined || standsForNone(read.first) || !isOfLife(read, subject)) return undefined;
  return writeDate(middle(read) + subject.shiftDays, read.precision)?.replaceAll('-', '');
}

/** One value of VR DA, DT or TM; undefined: it is none, or none that may be moved. Fractions of a second go: they are a number of their own. */
export function shifted(vr: string, value: string, subject: Dated): string | undefined {
  if (vr === 'TM') return time.test(value) ? value.replace(/\.\d+$/, '') : undefined;
  if (vr === 'DA') {
    const parts = date.exec(value);
    return parts === null ? undefined : moved(`${parts[1]}-${parts[2]}-${parts[3]}`, subject);
  }
  const parts = dateTime.exec(value);
  if (parts === null) return undefined;
  const [, year, month, day, clock = '', zone = ''] = parts;
  const days = moved([year, month, day].filter(part => part !== undefined).join('-'), subject);
  return days === undefined ? undefined : days + clock.replace(/\.\d+$/, '') + zone;
}

/** Has the form of a value of DA, DT or TM. */
export const isTemporal = (vr: string, value: string): boolean => (vr === 'DA' ? date : vr === 'DT' ? dateTime : time).test(value);
