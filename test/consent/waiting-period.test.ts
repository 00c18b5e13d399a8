// docs/consent.md ("The waiting period"): the first permitted day, to the day of Asia/Tokyo.
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayNumber } from '../../src/consent/day.ts';
import { dateOf, firstPermittedDay } from '../../src/consent/waiting-period.ts';
import { type Ground, notice, openGround, patient, refusal } from './ground.ts';

const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

describe('30 days', () => {
  test.each([
    ['2026-05-01', '2026-06-01'],
    ['2026-01-31', '2026-03-03'],
    ['2026-02-01', '2026-03-04'],
    ['2028-01-31', '2028-03-02'],
    ['2028-02-28', '2028-03-30'],
    ['2028-02-29', '2028-03-31'],
    ['2027-12-01', '2028-01-01'],
  ])('told on %s: from %s', (told, first) => expect(dateOf(firstPermittedDay(day(told), 30))).toBe(first));
});

describe('30 days or one calendar month, whichever ends later', () => {
  test.each([
    // The month is longer.
    ['2026-01-15', '2026-02-16'],
    ['2026-07-31', '2026-09-01'],
    ['2026-07-30', '2026-08-31'],
    ['2026-12-31', '2027-02-01'],
    // The 30 days are longer.
    ['2026-01-31', '2026-03-03'],
    ['2026-01-29', '2026-03-01'],
    ['2026-02-10', '2026-03-13'],
    ['2028-02-10', '2028-03-12'],
    ['2028-02-29', '2028-04-01'],
    // Both the same.
    ['2026-04-10', '2026-05-11'],
  ])('told on %s: from %s', (told, first) => expect(dateOf(firstPermittedDay(day(told), 30, 'later-of-month'))).toBe(first));

  test('a month ends on its last day where it has no day of that number', () => {
    expect(dateOf(firstPermittedDay(day('2026-01-30'), 0, 'later-of-month'))).toBe('2026-03-01');
    expect(dateOf(firstPermittedDay(day('2026-01-31'), 0, 'later-of-month'))).toBe('2026-03-01');
    expect(dateOf(firstPermittedDay(day('2028-01-30'), 0, 'later-of-month'))).toBe('2028-03-01');
    expect(dateOf(firstPermittedDay(day('2028-01-28'), 0, 'later-of-month'))).toBe('2028-02-29');
  });

  test('never before the days alone, never more than a month and a day after them, never earlier for a later notice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 60 }), (told, days) => {
        const [alone, later] = [firstPermittedDay(told, days), firstPermittedDay(told, days, 'later-of-month')];
        expect(later).toBeGreaterThanOrEqual(alone);
        expect(later - told).toBeLessThanOrEqual(Math.max(days + 1, 32));
        expect(firstPermittedDay(told + 1, days, 'later-of-month')).toBeGreaterThanOrEqual(later);
      }),
    );
  });
});

describe('at the gate', () => {
  let g: Ground;
  afterEach(() => g.close());
  const intakeAt = async (sent: string, now: string, settings = {}) => {
    g = await openGround(settings);
    g.at(Date.parse(sent));
    await g.write('hospital-1', notice('hospital-1', '1', 0, { sent }));
    g.at(Date.parse(now));
    const answer = await refusal(g.write('hospital-1', patient('hospital-1', '1')));
    return answer === 'taken' ? answer : answer.texts.join();
  };

  test.each([
    ['day 29', '2026-05-01T10:00:00+09:00', '2026-05-30T10:00:00+09:00', /young/],
    ['day 30 at 23:30 in Tokyo', '2026-05-01T10:00:00+09:00', '2026-05-31T23:30:00+09:00', /young/],
    ['day 31 at 00:30 in Tokyo, which is day 30 in UTC', '2026-05-01T10:00:00+09:00', '2026-05-31T15:30:00Z', /taken/],
    ['told at 23:30 in Tokyo', '2026-05-01T14:30:00Z', '2026-06-01T00:30:00+09:00', /taken/],
    ['told at 00:30 in Tokyo, which is the day before in UTC', '2026-05-01T15:30:00Z', '2026-06-01T10:00:00+09:00', /young/],
    ['over a leap day, day 30', '2028-02-10', '2028-03-11T23:59:59+09:00', /young/],
    ['over a leap day, day 31', '2028-02-10', '2028-03-12T00:00:00+09:00', /taken/],
  ])('%s', async (_, sent, now, expected) => expect(await intakeAt(sent, now)).toMatch(expected));

  test('the later of both: 31 days of July are not enough after 31 July', async () => {
    const settings = { waitRule: 'later-of-month' };
    expect(await intakeAt('2026-07-31', '2026-08-31T12:00:00+09:00', settings)).toMatch(/young/);
    await g.close();
    expect(await intakeAt('2026-07-31', '2026-09-01T00:00:00+09:00', settings)).toBe('taken');
  });
});

test('the day of an instant is Tokyo’s', () => {
  expect(dateOf(dayNumber(Date.parse('2026-05-01T14:59:59Z'), 'Asia/Tokyo'))).toBe('2026-05-01');
  expect(dateOf(dayNumber(Date.parse('2026-05-01T15:00:00Z'), 'Asia/Tokyo'))).toBe('2026-05-02');
});
