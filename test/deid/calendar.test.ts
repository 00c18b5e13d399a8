// https://hl7.org/fhir/R4/datatypes.html#dateTime
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { civilOf, dayOf, middle, readDate, writeDate, yearsBetween } from '../../src/deid/calendar.ts';

test('calendar: day numbers agree with those of the platform, over all years FHIR can write', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }), (year, month, day) => {
      const date = new Date(Date.UTC(2000, month - 1, day));
      date.setUTCFullYear(year);
      expect(dayOf(year, month, day)).toBe(Math.floor(date.getTime() / 86_400_000));
      expect(civilOf(dayOf(year, month, day))).toEqual({ year, month, day });
    }),
  );
});

test.each([
  ['2024-02-29', 'day'],
  ['2024-02', 'month'],
  ['2024', 'year'],
  ['2024-02-29T23:59:60+09:00', 'day'],
  ['2015-02-07T13:28:17.239Z', 'day'],
])('calendar: %s is read with the precision %s, and written as it was', (text, precision) => {
  const date = readDate(text)!;
  expect(date.precision).toBe(precision);
  expect(writeDate(middle(date), date.precision, date.time)).toBe(text);
});

test.each([
  '2023-02-29',
  '2024-13',
  '24-01-01',
  '2024-1-1',
  '2024-01-01T10:00:00',
  '2024-01-01T24:00:00Z',
  '0000',
  '',
  5,
  null,
  '２０２４',
])('calendar: %p is no date', text => {
  expect(readDate(text)).toBeUndefined();
});

test('calendar: a day outside the years 1 to 9999 cannot be written', () => {
  expect(writeDate(dayOf(1, 1, 1) - 1, 'day')).toBeUndefined();
  expect(writeDate(dayOf(9999, 12, 31) + 1, 'year')).toBeUndefined();
});

test('calendar: years are whole on the birthday, not a day before', () => {
  expect(yearsBetween(dayOf(1936, 11, 22), dayOf(2026, 11, 22))).toBe(90);
  expect(yearsBetween(dayOf(1936, 11, 23), dayOf(2026, 11, 22))).toBe(89);
  expect(yearsBetween(dayOf(1936, 2, 29), dayOf(2026, 2, 28))).toBe(89);
});
