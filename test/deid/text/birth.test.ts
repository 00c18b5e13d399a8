// Years of birth by the words beside them; 45 CFR 164.514(b)(2)(i)(C): no element of a date that tells an age over 89
import { describe, expect, test } from '@jest/globals';
import { dictionary, nothingKnown, textCleaner } from '../../../src/deid/text/index.ts';

const clean = textCleaner(dictionary(nothingKnown));
const cleaned = (text: string): string => clean(text, { shiftDays: 300 })!.text;

describe('a year with a birth word beside it goes, whoever was born', () => {
  test.each([
    ['YOB 1926', 'YOB [BIRTH DATE]'],
    ['YOB: 26', 'YOB: [BIRTH DATE]'],
    ['year of birth 1926', 'year of birth [BIRTH DATE]'],
    ['D.O.B. 1926', 'D.O.B. [BIRTH DATE]'],
    ['born in 1926', 'born in [BIRTH DATE]'],
    ['Born 1926', 'Born [BIRTH DATE]'],
    ['born around 1926', 'born around [BIRTH DATE]'],
    ["born '26", 'born [BIRTH DATE]'],
    ['born in the late 1920s', 'born in the [BIRTH DATE]'],
    ['born in Springfield, Ohio, 1926', 'born in [ADDRESS], Ohio, [BIRTH DATE]'],
    ['born to farmers in 1926', 'born to farmers in [BIRTH DATE]'],
    ['YOB - 1926', 'YOB - [BIRTH DATE]'],
    ['1926 YOB', '[BIRTH DATE] YOB'],
    ['DOB S6', 'DOB [BIRTH DATE]'],
    ['born Taisho 15', 'born [BIRTH DATE]'],
    ['b. 1926', 'b. [BIRTH DATE]'],
    ['(b 1926)', '(b [BIRTH DATE])'],
    ['b. 5/10/1926', 'b. [BIRTH DATE]'],
    ['a 1926-born man', 'a [BIRTH DATE]-born man'],
    ['1926年生', '【生年月日】生'],
    ['1926年生の男性', '【生年月日】生の男性'],
    ['1926年(大正15年)生まれ', '【生年月日】(【生年月日】)生まれ'],
    ['1926年頃の生まれ', '【生年月日】頃の生まれ'],
    ['1926年に旭川で生まれた', '【生年月日】に旭川で生まれた'],
    ['1926年うまれ', '【生年月日】うまれ'],
    ['1926年に出生', '【生年月日】に出生'],
    ['1920年代生まれ', '【生年月日】代生まれ'],
    ['大正15年生', '【生年月日】生'],
    ['大正十五年生まれ', '【生年月日】生まれ'],
    ['T15生', '【生年月日】生'],
    ['T15生です、大正15年生だが', '【生年月日】生です、【生年月日】生だが'],
    ['Ｔ１５生', '【生年月日】生'],
    ['T15年生', '【生年月日】生'],
    ['大15生', '【生年月日】生'],
    ['T15.5生', '【生年月日】生'],
    ['生年：1926', '生年：【生年月日】'],
    ['生年:T15', '生年:【生年月日】'],
    ['出生：1926年', '出生：【生年月日】'],
    ['生まれは1926年', '生まれは【生年月日】'],
    ['大正生まれ', '【生年月日】生まれ'],
    ['生年月日（西暦）1926年', '生年月日（西暦）【生年月日】'],
    ['産まれたのは1926年', '産まれたのは【生年月日】'],
    ["'26生", '【生年月日】生'],
    ['DOB 261201', 'DOB [BIRTH DATE]'],
    ['DOB 1950.9', 'DOB [BIRTH DATE]'],
    ['祖父（1926〜2020）', '祖父（【生年月日】〜2021）'],
    ['昭和一桁生まれ', '【生年月日】生まれ'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
});

describe('what is no birth stays, and dates beside it move', () => {
  test.each([
    'T12圧迫骨折',
    'T12生検',
    'S8生検',
    '生食500mL',
    '出生体重 1926 g',
    '出生 1926g',
    'birth weight 2010 g',
    '生まれつき',
    '小学6年生の孫',
    'born at 39 weeks',
    'b. 2000 mL',
    'HBV (b 5, c 7)',
    "'26生検",
  ])('%s', text => expect(cleaned(text)).toBe(text));
  test.each([
    ['2024年3月5日生検', '2024年12月30日生検'],
    ['2024年3月5日生化学', '2024年12月30日生化学'],
    ['2024年3月5日、生まれつきの', '2024年12月30日、生まれつきの'],
    ['2024年3月5日出生前診断', '2024年12月30日出生前診断'],
    ['2010年生体肝移植', '2011年生体肝移植'],
    ['cohort (1998-2010)', 'cohort (1999-2011)'],
  ])('%s', (text, there) => expect(cleaned(text)).toBe(there));
});
