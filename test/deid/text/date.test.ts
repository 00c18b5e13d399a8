// https://hl7.org/fhir/R4/datatypes.html#date; 和暦: 明治 to 令和
import { describe, expect, test } from '@jest/globals';
import { dayOf } from '../../../src/deid/calendar.ts';

import { dictionary, nothingKnown, textCleaner } from '../../../src/deid/text/index.ts';
import { numeral } from '../../../src/deid/text/numeral.ts';

const clean = textCleaner(dictionary(nothingKnown));
const by = (shiftDays: number, text: string, life = {}): string => clean(text, { shiftDays, ...life })!.text;

describe('a date moves in the form in which it is written', () => {
  test.each([
    ['2024年3月5日に入院', '2024年3月15日に入院'],
    ['２０２４年０３月０５日', '２０２４年０３月１５日'],
    ['令和6年3月5日', '令和6年3月15日'],
    ['昭和63.12.30', '平成1.1.9'],
    ['平成31/4/25', '令和1/5/5'],
    ['平成２３－３－５', '平成２３－３－１５'],
    ['昭60・3・5', '昭60・3・15'],
    ['S60・3・5', 'S60・3・15'],
    ['H.23.3.5', 'H.23.3.15'],
    ['平成5.3', '平成5.3'],
    ['Ｒ６．３．５', 'Ｒ６．３．１５'],
    ['R6.3.5', 'R6.3.15'],
    ['H31/4/30', 'R1/5/10'],
    ['平成31年4月25日', '令和1年5月5日'],
    ['平成三十一年四月二十五日', '令和元年五月五日'],
    ['昭和64年1月5日', '平成1年1月15日'],
    ['令和元年12月25日', '令和二年1月4日'],
    ['二〇二四年十二月二十五日', '二〇二五年一月四日'],
    ['2024/03/05', '2024/03/15'],
    ['2024/3/5', '2024/3/15'],
    ['2024-03-05T10:20:30+09:00', '2024-03-15T10:20:30+09:00'],
    ['2024.3.25', '2024.4.4'],
    ['20240305', '20240315'],
    ["'24.3.5", "'24.3.15"],
    ['24/12/25に', '25/1/4に'],
    ['March 5th, 2024', 'March 15th, 2024'],
    ['Mar 22, 2024', 'Apr 1, 2024'],
    ['MAR 22, 2024', 'APR 1, 2024'],
    ['22nd of March 2024', '1st of April 2024'],
    ['5-Mar-2024', '15-Mar-2024'],
    ['28-Dec-23', '7-Jan-24'],
    ['04JUL2024 14:00', '14JUL2024 14:00'],
    ['25MAY2024', '04JUN2024'],
    ['2024・3・5', '2024・3・15'],
    ['3 / 5 / 2024', '3 / 15 / 2024'],
    ['03/25/2024', '04/04/2024'],
    ['25.03.2024', '04.04.2024'],
    ['2024年3月25日（月）', '2024年4月4日（木）'],
    ['2024/3/25(月)', '2024/4/4(木)'],
    ['毎週火曜日', '毎週金曜日'],
    ['on Tuesday', 'on Friday'],
  ])('%s: %s', (text, moved) => expect(by(10, text)).toBe(moved));

  test.each([
    ['2024年3月頃', 200, '2024年10月頃'],
    ['2024/03', 200, '2024/10'],
    ['2024年に手術', 300, '2025年に手術'],
    ['平成20年より通院', 300, '平成21年より通院'],
    ['in 2019', 300, 'in 2020'],
    ['March 2024', 200, 'October 2024'],
    ['2024 March', 200, '2024 October'],
    ['since March', 31, 'since April'],
    ['since May', 31, 'since June'],
    ['(1995)、1995〜1997年', 300, '(1996)、1996〜1998年'],
    ['FY2019, fall 2019, 2019 winter', 300, 'FY2020, fall 2020, 2020 winter'],
  ])('a partial date moves from its middle: %s by %d days', (text, days, moved) => expect(by(days, text)).toBe(moved));

  test('the year of the date before counts for those that have none', () => {
    expect(by(1, '2024年2月28日入院、2月29日手術、3月1日ICU退室')).toBe('2024年2月29日入院、3月1日手術、3月2日ICU退室');
    expect(by(10, '2024年3月5日に入院、12日に手術、2日に退院')).toBe('2024年3月15日に入院、22日に手術、12日に退院');
    expect(by(10, '2024/3/5〜10日入院、3/12-14 外泊')).toBe('2024/3/15〜20日入院、3/22-24 外泊');
    expect(by(-65, '2024年3月5日発症、3/10入院')).toBe('2023年12月31日発症、1/5入院');
  });

  test.each([
    ['令和 6 年 3 月 5 日', '令和 6 年 3 月 15 日'],
    ['2024 / 3 / 5', '2024 / 3 / 15'],
    ['検査日 2024/3/ 5', '検査日 2024/3/15'],
    ['2023/11/ 2 CT', '2023/11/12 CT'],
    ['2024/12/ 5', '2024/12/15'],
    ['2024-3- 5', '2024-3-15'],
    ['R6/3/ 5、R6.3. 5', 'R6/3/15、R6.3.15'],
    ['2024/ 3/ 5、2024/ 3/25', '2024/ 3/15、2024/ 4/ 4'],
    ['令和六・三・五', '令和六・三・十五'],
    ['2024年3/5', '2024年3/15'],
    ['2024年3月5、6日', '2024年3月15、16日'],
    ['3月5日・6日に', '3月15日・16日に'],
    ['3/5、6に発熱', '3/15、16に発熱'],
    ['3/5、2回嘔吐', '3/15、2回嘔吐'],
    ['3月5日〜10日', '3月15日〜20日'],
    ['2024年3月5日、12日9時に手術', '2024年3月15日、22日9時に手術'],
    ['3/5(火)、12(火)', '3/15(金)、22(金)'],
    ['Mon 3/5 and Tue 3/6', 'Thu 3/15 and Fri 3/16'],
    ['3/1〜3/5、3/8 - 3/10', '3/11〜3/15、3/18 - 3/20'],
    ['予約 10:30\n3/5に発症', '予約 10:30\n3/15に発症'],
    ['3/5 回診、3/6 点滴、3/7が初診、3/8 月曜', '3/15 回診、3/16 点滴、3/17が初診、3/18 木曜'],
    ['3/5より抗菌薬5日投与、12日処方変更', '3/15より抗菌薬5日投与、22日処方変更'],
    ['①3/5入院 ②3/6手術', '①3/15入院 ②3/16手術'],
    ['1.3/5入院', '1.3/15入院'],
    ['平30.12.1、令6.3.5、昭40年3月5日', '平30.12.11、令6.3.15、昭40年3月15日'],
    ['seen 3/5/24', 'seen 3/15/24'],
    ['外来 24.3.5', '外来 24.3.15'],
    ['去年12月3日', '去年12月13日'],
    ['透析は月水金', '透析は木土月'],
    ['MWF dialysis, TTS HD, M-W-F, clinic T/Th/Sat', '[DATE] dialysis, [DATE] HD, [DATE], clinic [DATE]'],
    ['TTS score, MWF ratio, M/F', 'TTS score, MWF ratio, M/F'],
    ['月・水・金に訪問', '木・土・月に訪問'],
    ['clinic on Tue and next Sat', 'clinic on Fri and next Tue'],
    ['20240305T103000', '20240315T103000'],
    ['after a period on 3/5', 'after a period on 3/15'],
    ['discharged 3/9. Symptoms since 3/5.', 'discharged 3/19. Symptoms since 3/15.'],
    ['seen on 25/3', 'seen on 4/4'],
    ['seen on 3/5, again from 3/10 to 3/12', 'seen on 3/15, again from 3/20 to 3/22'],
    ['2024年3月、同月12日', '2024年3月、同月22日'],
  ])('several days, spaces, hours: %s', (text, there) => expect(by(10, text)).toBe(there));

  test.each([
    ['軽快した．2024/6/11に退院', '軽快した．2024/6/21に退院'],
    ['軽快した．6/11に退院', '軽快した．6/21に退院'],
    ['…2024/6/11', '…2024/6/21'],
    ['-2024/6/11', '-2024/6/21'],
    ['stable.6/11/24', 'stable.6/21/24'],
    ['1.06/11/2024に', '1.06/21/2024に'],
    ['CT2024/3/5で肺炎像', 'CT2024/3/15で肺炎像'],
    ['MRI3/6施行', 'MRI3/16施行'],
    ['℃2024/6/11', '℃2024/6/21'],
    ['CT2024年3月6日', 'CT2024年3月16日'],
    ['CTR6.3.6', 'CT[DATE]'],
    ['r6.3.6', '[DATE]'],
    ['on 24.3.5 for CHF', 'on [DATE] for CHF'],
    ['20240305CT施行', '20240315CT施行'],
    ['2024_03_05', '2024_03_15'],
    ['2024\\03\\05', '2024\\03\\15'],
  ])('a full stop, a unit or letters before it are no part of it: %s', (text, there) => expect(by(10, text)).toBe(there));
  test.each([
    ['DM2024年6月', 40, 'DM2024年7月'],
    ['03/2024', 31, '04/2024'],
    ['3/2024', 31, '4/2024'],
    ['2024年3-5月', 31, '2024年4-6月'],
    ['2024/3-2024/5', 31, '2024/4-2024/6'],
  ])('months: %s by %d days', (text, days, there) => expect(by(days, text)).toBe(there));

  test.each([
    ['二〇二四年一〇月一〇日', '二〇二四年一〇月二〇日'],
    ['三月二〇日に入院', '三月三〇日に入院'],
    ['二〇二四年一二月二五日', '二〇二五年一月四日'],
    ['平成三〇年四月二〇日', '平成三〇年四月三〇日'],
    ['九月二一日', '一〇月一日'],
    ['九月二十一日', '十月一日'],
  ])('kanji by place stay by place: %s', (text, there) => expect(by(10, text)).toBe(there));

  test.each([
    ['2023年12/31', '2024年1/10'],
    ['令和5年12/31に', '令和6年1/10に'],
    ['2023年の12月31日', '2024年の1月10日'],
  ])('a year apart from its day is of one date with it: %s', (text, there) => expect(by(10, text)).toBe(there));

  test('every day of 150 years in every form with a year: intervals stay to the day', () => {
    for (let day = dayOf(1930, 1, 1); day < dayOf(2080, 1, 1); day += 97) {
      const iso = new Date(day * 86_400_000).toISOString().slice(0, 10);
      const there = by(133, iso);
      expect((Date.parse(there) - Date.parse(iso)) / 86_400_000).toBe(133);
      for (const form of ['ja-JP-u-ca-japanese', 'ja-JP-u-ca-gregory']) {
        const written = (at: number) =>
          new Intl.DateTimeFormat(form, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(at * 86_400_000)).replace('元年', '1年');
        expect(by(133, written(day))).toBe(written(day + 133));
      }
    }
  });
});

describe('what is no date stays', () => {
  test.each([
    '1日3回、14日分',
    '術後5日目',
    '3日間投与',
    '3日前より',
    '5年前に手術',
    '3か月後',
    'MMTは右5/5、左4/5',
    '血圧120/80',
    'NRS 3/10',
    'L4/5の狭小化',
    'Levine 2/6',
    '筋力 左4/5、右3/5',
    'motor 4/5, RUE 3/5, 2/6 systolic murmur, Gleason 4/5',
    '1/2量に減量',
    '5日投与',
    '3/5点',
    'フロモックス5日処方',
    '排便3日なし',
    '1日の尿量',
    'Grade 3/4',
    'T4-5',
    'may improve',
    '12.5.1版',
    'Ver. 12.5.1',
    '5th rib, the 4th ventricle, on the 5th toe',
    '0.3/0.5',
    '土木作業',
    '体温36.5',
    '2/6収縮期雑音',
    '心雑音 3/6',
    '1/2T、眠前',
    'RASS 1/2、GCS 12/15、血圧 120/80',
    'Hb 12/11 g/dL',
    'pain 5/10, improved from 8/10 to 3/10',
    '主食 8/10、副食 5/10',
    'S1・2・3領域',
    'S.1.2',
    '右R7.8 左R7.9',
    '説明5.3',
    'SPSS 24.3.5',
    'L3/4/10',
    'ABG 7.44/36/68',
    '1/2000に希釈',
  ])('%s', text => expect(by(10, text)).toBe(text));
});

describe('what cannot move goes', () => {
  test.each([
    ['2024年3月5日', '【日付】'],
    ['3/5より', '【日付】より'],
    ['火曜日', '【日付】曜日'],
    ['in 2019', 'in [DATE]'],
  ])('without a person: %s', (text, gone) => expect(clean(text)!.text).toBe(gone));
  test.each([
    ['2024/02/30', '[DATE]'],
    ['2024年㋂㏤に', '【日付】に'],
    ['R1/2', '[DATE]'],
    ['03-2024', '[DATE]'],
    ['2024,3,5', '[DATE]'],
    ['2024 03 05', '[DATE]'],
    ['1/2000 of them', '[DATE] of them'],
    ['9999年12月31日', '【日付】'],
    ['1900-01-01', '[DATE]'],
    ['12日に手術', '【日付】に手術'],
    ['6年3月5日', '【日付】'],
    ['24/12/25', '[DATE]'],
    ['先月5日より', '先月【日付】より'],
    ['Hb 12/11', 'Hb [DATE]'],
    ['痛み増強し3/10に受診', '痛み増強し【日付】に受診'],
    ['CRP 3.4(3/5)', 'CRP 3.4([DATE])'],
    ['3/5切除術', '【日付】切除術'],
    ['after a period 3/5', 'after a period [DATE]'],
    ['admitted on March fifth', 'admitted on [DATE]'],
    ['July the Fourth, 2024.', '[DATE].'],
    ['the twenty-first of December', 'the [DATE]'],
    ['the second day of June 2023', 'the [DATE]'],
    ['the twelfth of May and July thirty-first', 'the [DATE] and [DATE]'],
  ])('with one: %s', (text, gone) => expect(by(10, text)).toBe(gone));
  test('outside of the life that the caller says', () => {
    const life = { notBefore: dayOf(2000, 1, 1), notAfter: dayOf(2030, 1, 1) };
    expect(by(1, '1999-12-31 2000-01-01 2030-01-02', life)).toBe('[DATE] 2000-01-02 [DATE]');
  });
});

describe('birth dates go, in any form', () => {
  const known = textCleaner(dictionary({ ...nothingKnown, birthDates: ['1950-03-05'], dates: ['2024-06-07'] }));
  test.each([
    ['1950年3月5日', '【生年月日】'],
    ['昭和25年3月5日', '【生年月日】'],
    ['S25.3.5', '[BIRTH DATE]'],
    ['昭和25.3.5', '【生年月日】'],
    ['昭25/03/05', '【生年月日】'],
    ['昭和２５・３・５', '【生年月日】'],
    ['S.25.3.5', '[BIRTH DATE]'],
    ["'50.3.5", '[BIRTH DATE]'],
    ['昭和25年3月、長崎にて', '【生年月日】、長崎にて'],
    ['1950/3', '[BIRTH DATE]'],
    ['5/3/50', '[BIRTH DATE]'],
    ['05/03/1950', '[BIRTH DATE]'],
    ['３月５日が誕生日', '【生年月日】が誕生日'],
    ['生年月日：1951/4/6', '生年月日：【生年月日】'],
    ['昭和26年4月生まれ', '【生年月日】生まれ'],
    ['1951生まれ', '【生年月日】生まれ'],
    ['51年生', '【生年月日】生'],
    ['DOB 4/6/1951', 'DOB [BIRTH DATE]'],
    ['検体 240607', '検体 【日付】'],
  ])('%s', (text, gone) => expect(known(text, { shiftDays: 10 })!.text).toBe(gone));
});

test.each([
  ['元', 1],
  ['十', 10],
  ['二十三', 23],
  ['二〇二四', 2024],
  ['千九百八十', 1980],
  ['12', 12],
  ['〇', 0],
])('numeral %s is %d', (text, value) => expect(numeral(text)).toBe(value));

test.each(['3-5-24', '24-03-05', '05.03.24', '二七年十一月二三日'])(
  '%s: nobody knows which number is the year, or of which era, so it goes',
  text => expect(by(10, `${text} seen`)).not.toMatch(/\d|月/),
);

describe('a day in a form that other numbers have too goes', () => {
  test.each([
    '240305',
    '入院 030524',
    '202403',
    '2024 3 5',
    '2024、3、5',
    '令和6、3、5',
    '2024:03:05',
    '2024/0305',
    '3 5 2024',
    '2024.3',
    '24・3・5',
    '24 / 3 / 5に',
    '6.17.23',
    '9-17に手術',
    'CT 9.17手術',
    '9.17手術',
    'day 3 (9/20)',
    'T1_9_27',
    'LDH 34.9.12 で',
    '9 / 17',
    '5 mg ×6/11',
    '5 mg × 6/11',
    'SpO2 97%6/11',
    'JUN17',
  ])('%s', text =>
    expect(by(10, text)).toMatch(/^(?:入院 |CT |LDH |day 3 \(|5 mg × ?|SpO2 97%)?(?:【日付】|\[DATE\]|\[NUMBER\])(?:に|\)| で|に?手術)?$/),
  );
  test('202403-05', () => expect(by(10, '202403-05')).not.toMatch(/\d/));
  test.each([
    'Plt 240305',
    '240305/μL',
    'BNP 2022.9 pg/mL',
    'v9.17.22',
    '50%1/2',
    '5 12 2000 mL',
    '12 / 24 / 48 h',
    'OCT4',
    'output 1632\nDEC1 gene',
    'JANIS 3901 / MARCH6',
    'INR 5/9/9',
    'INR 5 / 9 / 9週',
    '9/60日',
    'WBC 2022.9',
    'BNP 1980.5。',
    'LOINC 2160-0',
    'LOINC 2093-3',
    'range 5-2000',
    'Cr 3.5 手術',
    'platelets 240305',
    'HCV RNA 240305',
    'I/O 1950/1225',
    'VA R 0.7',
    'Hb 16.9 / 5',
    'CD3 / 5-FU',
    'output 1867 / 5 days',
  ])('%s is an amount, a version or a gene', text => expect(by(10, text)).toBe(text));
  test.each([
    ['R6・3・5', 'R6・3・15'],
    ['R6 / 3 / 5', 'R6 / 3 / 15'],
    ['R6. 3. 5', 'R6. 3. 15'],
    ['2024\u22153\u22155', '2024\u22153\u221515'],
    ['since6/11', 'since6/21'],
    ['9.17に手術', '9.27に手術'],
  ])('%s moves', (text, there) => expect(by(10, text)).toBe(there));
});
