// Dates with the name of a month, and what has such a name and is no date. https://hl7.org/fhir/R4/datatypes.html#date
import { describe, expect, test } from '@jest/globals';
import { dictionary, nothingKnown, textCleaner } from '../../../src/deid/text/index.ts';

const clean = textCleaner(dictionary(nothingKnown));
const by = (shiftDays: number, text: string): string => clean(text, { shiftDays })!.text;

describe('a date with the name of a month moves in its form', () => {
  test.each([
    ['MARCH 25, 2024', 'APRIL 4, 2024'],
    ['march 25, 2024', 'april 4, 2024'],
    ['MARCH 5TH', 'MARCH 15TH'],
    ['2024-Mar-25', '2024-Apr-04'],
    ['Mar.25.2024', 'Apr.4.2024'],
    ['15Jul24', '25Jul24'],
    ['Mar 5-Apr 3, 2024', 'Mar 15-Apr 13, 2024'],
    ['March 5-April 3', 'March 15-April 13'],
    ['Mar 5/Apr 3', 'Mar 15/Apr 13'],
    ['5 March 2024, April 9', '15 March 2024, April 19'],
    ['5-Mar-2024, Apr 9', '15-Mar-2024, Apr 19'],
    ['05MAR2024 APR 9', '15MAR2024 APR 19'],
    ['21 May 2024\nAug 13', '31 May 2024\nAug 23'],
    ['2024-Mar-05', '2024-Mar-15'],
    ['25/Mar/2024', '04/Apr/2024'],
    ['5.Mar.2024', '15.Mar.2024'],
    ['Mar/05/2024', 'Mar/15/2024'],
    ['Mar-05-2024', 'Mar-15-2024'],
    ['Mar.5,2024', 'Mar.15,2024'],
    ['28-Dec-23', '7-Jan-24'],
    ['06Mar', '16Mar'],
    ['05MAR2024CT施行', '15MAR2024CT施行'],
    ['5 MarCT施行', '15 MarCT施行'],
    ['Dec 31, 23CT施行', '【日付】CT施行'],
    ['6/Mar', '16/Mar'],
    ["Dec 31 '23", "Jan 10 '24"],
    ["31 Dec '23", "10 Jan '24"],
    ['2023 December 31', '2024 January 10'],
    ['2023, December 31', '2024, January 10'],
    ['Mar 25 2024 Mar 28 2024', 'Apr 4 2024 Apr 7 2024'],
    ['DMJune 25, 2024', 'DMJuly 5, 2024'],
    ['Dec 25, 2023/2024/1/5', 'Jan 4, 2024/2024/1/15'],
    ['Admitted 5 Mar 24, discharged 19 Mar 24.', 'Admitted 15 Mar 24, discharged 29 Mar 24.'],
    ['5th Mar 24, 5th of March 24', '15th Mar 24, 15th of March 24'],
    ['seen 5 and 6 March 24', 'seen 15 and 16 March 24'],
    ['6 Mar 24 CT', '16 Mar 24 CT'],
    ['5 Mar 24 mg', '15 Mar 24 mg'],
    ['5 Mar 10:30, 6 Mar 10 am', '15 Mar 10:30, 16 Mar 10 am'],
    ["5 Mar '24, 5th Mar 24", "15 Mar '24, 15th Mar 24"],
    ['K 5 Mar 24, 5 Mar 24 patients', 'K [DATE], [DATE] patients'],
    ['seen on MONDAY, wednesday', 'seen on THURSDAY, saturday'],
  ])('%s: %s', (text, there) => expect(by(10, text)).toBe(there));
  test('a month and a year', () => {
    expect(by(31, 'Mar/2024, OCT 2024, since APRIL')).toBe('Apr/2024, NOV 2024, since MAY');
    expect(by(31, 'early Mar, late Dec, since Sep')).toBe('early Apr, late Jan, since Oct');
    expect(by(300, "March '24")).toBe("January '25");
  });
});

test.each(['Mar-06', 'Mar5', '2DEC', 'dec 5', 'may 5', '10 mar', '1 May improve'])('%s may be a day, and goes', text =>
  expect(by(10, `then ${text}`)).toMatch(/^then \[DATE\](?: improve)?$/),
);

test.each([
  'DEC 20 mg/day',
  'Mar 3 cm',
  'OCT 5回',
  'May 24 hours',
  'SEPT9, MARCH1 and DEC1',
  'patient may 2 times',
  '2 may improve',
  '5 Marfan',
  'summary 5, sesamum 11',
  'O2 Sat 95 on 2L',
  'SpO2/Sat 95',
  'Baso 1 Eos 3 Mon 5 Lym 30',
  'Mon: 5%',
  'Sun 10 min exposure',
])('%s is none, and stays', text => expect(by(10, text)).toBe(text));

test('a weekday in three letters turns beside a date and behind a word of time; Mon alone goes', () => {
  expect(by(10, 'Sat 3/9, Sun Mar 10; 2024/3/9 Sat, on Sat, Mon/Wed/Fri')).toBe('Tue 3/19, Wed Mar 20; 2024/3/19 Tue, on Tue, Thu/Sat/Mon');
  expect(by(10, 'PT in gym Mon')).toBe('PT in gym [DATE]');
});
