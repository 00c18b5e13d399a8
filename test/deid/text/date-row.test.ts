// Dates in rows move together or go together: a true day beside a moved one tells by how many days. https://hl7.org/fhir/R4/datatypes.html#date
import { describe, expect, test } from '@jest/globals';
import { type Civil, civilOf, dayOf } from '../../../src/deid/calendar.ts';
import { dictionary, knownOf, nothingKnown, textCleaner } from '../../../src/deid/text/index.ts';
import { isSlow } from '../../slow.ts';

const clean = textCleaner(dictionary(nothingKnown));
const by = (shiftDays: number, text: string): string => clean(text, { shiftDays })!.text;
const two = (n: number): string => String(n).padStart(2, '0');
const months = 'January February March April May June July August September October November December'.split(' ');

const forms: Readonly<Record<string, (date: Civil) => string>> = {
  'YYYY-MM-DD': ({ year, month, day }) => `${year}-${two(month)}-${two(day)}`,
  'YYYY/M/D': ({ year, month, day }) => `${year}/${month}/${day}`,
  'YYYY.M.D': ({ year, month, day }) => `${year}.${month}.${day}`,
  年月日: ({ year, month, day }) => `${year}年${month}月${day}日`,
  令和: ({ year, month, day }) => `令和${year - 2018}年${month}月${day}日`,
  'R.': ({ year, month, day }) => `R${year - 2018}.${month}.${day}`,
  'R/': ({ year, month, day }) => `R${year - 2018}/${month}/${day}`,
  月日: ({ month, day }) => `${month}月${day}日`,
  'M/D': ({ month, day }) => `${month}/${day}`,
  YYYYMMDD: ({ year, month, day }) => `${year}${two(month)}${two(day)}`,
  'MM/DD/YYYY': ({ year, month, day }) => `${two(month)}/${two(day)}/${year}`,
  'Month D, YYYY': ({ year, month, day }) => `${months[month - 1]!} ${day}, ${year}`,
  'D Mon YYYY': ({ year, month, day }) => `${day} ${months[month - 1]!.slice(0, 3)} ${year}`,
  'DD-Mon-YYYY': ({ year, month, day }) => `${two(day)}-${months[month - 1]!.slice(0, 3)}-${year}`,
  'M/D/YY': ({ year, month, day }) => `${month}/${day}/${two(year % 100)}`,
};
const signs = [
  ...'〜 ~ - – − ー ― ‐ から より と 、 , ・ → / ( : ; ＝ | 及び ならびに & + 〜（ .. … > =>'.split(' '),
  ...[' - ', ', ', ' to ', ' and ', ' ', '\n', '　'],
];
const pairs: readonly (readonly [first: number, last: number, shiftDays: number])[] = [
  [dayOf(2024, 6, 11), dayOf(2024, 6, 17), 45],
  [dayOf(2024, 3, 5), dayOf(2024, 3, 10), 10],
  [dayOf(2023, 5, 28), dayOf(2023, 6, 3), -20],
];

test('form × sign × form: neither date stays as it was, nor any part of it', () => {
  let all = 0;
  let tried = 0;
  let movedBoth = 0;
  const wrong: string[] = [];
  for (const first of Object.values(forms))
    for (const last of Object.values(forms))
      for (const sign of signs)
        for (const [from, to, shiftDays] of pairs) {
          // A twentieth of all, in which every sign meets every form.
          if (all++ % 20 !== 0 && !isSlow) continue;
          tried++;
          const text = `入院 ${first(civilOf(from))}${sign}${last(civilOf(to))} まで`;
          const out = by(shiftDays, text).replace(/【[^】]+】/g, '◆');
          const [a, b] = [first(civilOf(from + shiftDays)), last(civilOf(to + shiftDays))];
          const moved = `入院 ${a}${sign}${b} まで`;
          const may = [moved, `入院 ◆${sign}${b} まで`, `入院 ${a}${sign}◆ まで`, `入院 ◆${sign}◆ まで`, '入院 ◆ まで'];
          if (!may.includes(out)) wrong.push(`${text}: ${out}`);
          if (out === moved) movedBoth++;
        }
  expect(wrong).toEqual([]);
  expect(movedBoth / tried).toBeGreaterThan(0.9);
});

test('of a known birth none of it stays: 05Mar31', () => {
  const own = textCleaner(dictionary(knownOf([{ resourceType: 'Patient', birthDate: '1931-03-05' }], 'patient')));
  for (const text of ['05Mar31生', 'born 5Mar31.']) expect(own(text, { shiftDays: 10 })!.text).not.toMatch(/5|Mar|31\b/);
});

describe('several days of one month and year', () => {
  test.each([
    ['2024.3.6-3.10', '2024.3.16-3.20'],
    ['R6.3.6-3.10', 'R6.3.16-3.20'],
    ['2024.3.6から3.10', '2024.3.16から3.20'],
    ['2024.3.6→3.10', '2024.3.16→3.20'],
    ['2024.3.6 to 3.10', '2024.3.16 to 3.20'],
    ['3.6に入院、INR 2.5に低下、3.5から4.2に上昇', '3.16に入院、INR 2.5に低下、3.5から4.2に上昇'],
    ['R6.3.6-10', 'R6.3.16-20'],
    ['2024/3/5-10:30', '2024/3/15-10:30'],
    ['24/3/6-24/3/10入院', '24/3/16-24/3/20入院'],
    ['Mar 6-10, 2024', 'Mar 16-20, 2024'],
    ['6-10 March 2024', '16-20 March 2024'],
    ['March 6 and 7, 2024', 'March 16 and 17, 2024'],
    ['March 1st, 2nd and 3rd', 'March 11th, 12th and 13th'],
    ['March 5, 6, 7, 8 and 9, 2024', 'March 15, 16, 17, 18 and 19, 2024'],
    ['5,6,7,8,9 March 2024', '15,16,17,18,19 March 2024'],
    ['3月5、6、7日に', '3月15、16、17日に'],
    ['on 3/5 and the 7th.', 'on 3/15 and the 17th.'],
    ['on 3/5, 7th, and 9th.', 'on 3/15, 17th, and 19th.'],
    ['on 3/5 and 7th at noon', 'on 3/15 and 17th at noon'],
    ['Mar 5, 2024 to the 7th', 'Mar 15, 2024 to the 17th'],
    ['on 3/5 and the 7th rib', 'on 3/15 and the [DATE] rib'],
    ['2024/3/5→7', '2024/3/15→[DATE]'],
    ['on 3/5夜〜7朝', 'on 3/15夜〜【日付】朝'],
    ['2024/3/5→50 mg', '2024/3/15→50 mg'],
    ['2024/3/5 7日(木)', '2024/3/15 【日付】'],
    ['2024/3/5 7日間', '2024/3/15 7日間'],
    ['2024/3/5 / 3/7 まで', '2024/3/15 / 3/17 まで'],
    ['since June 2024年3月5日', 'since June 2024年3月15日'],
    ['3月5, 6, 7日', '3月15, 16, 17日'],
    ['令和六年三月五日〜七日', '令和六年三月十五日〜十七日'],
    ['三月五日、六日に', '三月十五日、十六日に'],
    ['三月五日から七日まで', '三月十五日から十七日まで'],
    ['2024.3.5, 3.12, 3.19に施行', '2024.3.15, 【日付】, 3.29に施行'],
    ['2024/3/6、7に', '2024/3/16、17に'],
    ['3/6,7,8に', '3/16,17,18に'],
    ['3/6、8、10に透析', '3/16、18、20に透析'],
    ['3/6及び8日', '3/16及び18日'],
    ['3/6と8日に', '3/16と18日に'],
    ['3/5, 10 mg', '[DATE], 10 mg'],
    ['2024年3月5日、2回嘔吐', '2024年3月15日、2回嘔吐'],
    ['2024/3/5-7日間投与', '2024/3/15-7日間投与'],
    ['2024年3月5日-2回', '2024年3月15日-2回'],
  ])('%s: %s', (text, there) => expect(by(10, text)).toBe(there));

  test('a row that would end in another month goes, for it has one name of a month', () =>
    expect(by(10, 'Mar 18-22, 2024 and Dec 20-24, 2024')).toBe('[DATE] and [DATE]'));
  test('outside of the life that the caller says any day of it lets the row go', () => {
    const life = { shiftDays: 1, notBefore: dayOf(2024, 3, 1), notAfter: dayOf(2024, 3, 8) };
    expect(clean('Mar 6-7, 2024, Mar 6-9, 2024', life)!.text).toBe('Mar 7-8, 2024, [DATE]');
  });
});

describe('what is joined and may be anything goes as a whole', () => {
  test.each([
    ['2024/03/06-001', '[DATE]'],
    ['20240306-0310', '[DATE]'],
    ['10-2024/3/6', '[DATE]'],
    ['2024/03-05', '[DATE]'],
    ['3/6/10/8/10', '[DATE]'],
    ['Mar 5, 24', '[DATE]'],
    ['2024/3/8, 7, 12', '2024/3/18, [DATE], [DATE]'],
    ['3月20日(水・祝)', '【日付】'],
    ['12/25 クリスマス', '【日付】 クリスマス'],
    ['3/5 関節分離術', '3/15 関節分離術'],
    ['3/5 成人の日常生活', '3/15 成人の日常生活'],
    ['on 3/5 Eastern score', 'on 3/15 Eastern score'],
    ['敬老の日(9/16)', '敬老の日(【日付】)'],
    ['Christmas, Dec 25, 2024', 'Christmas, [DATE]'],
  ])('%s: %s', (text, there) => expect(by(10, text)).toBe(there));
  test.each(['0466-12-34-56', '5/5/5/5の筋力', '12/24/48/72時間'])('%s is no row of dates', text =>
    expect(by(10, text)).not.toMatch(/日付|DATE/),
  );
});

describe('of a date nothing stays that another form of writing has cut off', () => {
  test.each([
    ['2022年9月17に入院', '【日付】に入院'],
    ['2022年9月17x', '【日付】x'],
    ['2022年第37週', '【日付】'],
    ['since 2022-W37-6', 'since [DATE]'],
    ['since 2022 9 17', 'since [DATE]'],
    ['Sep 17/2022', '[DATE]'],
    ['Sep  17,  2022', 'Sep  27,  2022'],
    ['2022Sep17', '2022Sep27'],
    ['Sep_17_2022', 'Sep_27_2022'],
    ['17.Sep.22', '27.Sep.22'],
    ['1.Sep.17,2022', '1.Sep.27,2022'],
    ['/17SEP22', '/27SEP22'],
    ['17-Sep.-2022', '27-Sep.-2022'],
    ['May 21/8/13/2024', '[DATE]'],
    ['17 / 9 / 2022', '27 / 9 / 2022'],
    ['大正111年9月17日', '【日付】'],
    ['3/7/9日', '【日付】'],
  ])('%s: %s', (text, there) => expect(by(10, text)).toBe(there));
  test.each([
    ['9月3回受診', '9月3回受診'],
    ['2022年3、4回', '2022年3、4回'],
    ['9月17日後3日', '9月27日後3日'],
    ['2019年3月2型糖尿病と診断', '2019年3月2型糖尿病と診断'],
    ['2020年5月5-FU開始', '2020年5月5-FU開始'],
    ['2020年5月 12誘導心電図', '2020年5月 12誘導心電図'],
    ['2019年5月29x26mm', '2019年5月29x26mm'],
    ['Stroke in 2019, 5/5 strength', 'Stroke in 2019, 5/5 strength'],
    ['since 2015, 2-3 drinks', 'since 2015, 2-3 drinks'],
    ['HbA1c 6.8 2019年診断', 'HbA1c 6.8 2019年診断'],
    ['E/A 1.5. 2017年に', 'E/A 1.5. 2017年に'],
    ['2020年39週で出生', '2020年39週で出生'],
    ['2024/3/5→3cycles', '2024/3/15→3cycles'],
    ['2024/3/5→2コース目', '2024/3/15→2コース目'],
    ['On 3/5, 2nd dose given', 'On 3/15, 2nd dose given'],
    ['On 3/5, 4th and 5th ribs fractured', 'On 3/15, 4th and 5th ribs fractured'],
    ['March 5, 3rd of 6 cycles', 'March 15, 3rd of 6 cycles'],
    ['on 9/17後3日', 'on 9/27後3日'],
  ])('an amount beside it is no part of it: %s', (text, there) => expect(by(10, text)).toBe(there));
  test.each([
    ['Sat, 17 sep 2022', 'Tue, 27 sep 2022'],
    ['MON 6/5', 'THU 6/15'],
    ['Tues 6/6', 'Fri 6/16'],
    ['9月17日 土', '9月27日 火'],
    ['9/17土、', '9/27火、'],
    ['2022年9月17日[土]', '2022年9月27日[火]'],
    ['2022年9月17日(土)〜20日(火)', '2022年9月27日(火)〜30日(金)'],
    ['9/20(火曜)', '9/30(金曜)'],
  ])('its weekday turns with it: %s', (text, there) => expect(by(10, text)).toBe(there));
  test.each(['BP 120/80 sat 98 RA', 'BP 110/70, SAT 96', 'APGAR 9/10 sat in chair', '120/80 Sat 98', '在院日数 12[日]'])(
    'behind another number no weekday stands: %s',
    text => expect(by(10, text)).toBe(text),
  );
  test('who sat up on 3/5', () => expect(by(10, 'On 3/5 sat up in bed')).toBe('On 3/15 sat up in bed'));
  test.each(['Sat dec to 90', 'Sat may drop', '1月5日 水 200 mL'])('%s is no weekday', text =>
    expect(by(7 * 52 + 1, text)).toMatch(/Sat|水/),
  );
});
