// Ages of 90 and more, and of somebody pooled all of them: docs/deidentification.md, age-top-code
import { describe, expect, test } from '@jest/globals';
import { dictionary, nothingKnown, textCleaner } from '../../../src/deid/text/index.ts';
import { cpuTime } from '../../cpu-time.ts';

const clean = textCleaner(dictionary(nothingKnown));
const cleaned = (text: string): string => clean(text, { shiftDays: 10, pooled: false })!.text;
const pooled = (text: string): string => clean(text, { shiftDays: 10, pooled: true })!.text;

const list = (text: string): string[] => text.trim().split('\n');

describe('from 90 on an age goes, in any writing', () => {
  test.each([
    ['現在は御年97', '現在は御年【高齢】'],
    ['満97で独居', '満【高齢】で独居'],
    ['齢97', '齢【高齢】'],
    ['97 M admitted', '[OLD AGE] M admitted'],
    ['97F', '[OLD AGE]F'],
    ['This 97F fell', 'This [OLD AGE]F fell'],
    ['97yoF', '[OLD AGE]yoF'],
    ['(97F), [97 M]', '([OLD AGE]F), [[OLD AGE] M]'],
    ['her 97 birthday', 'her [OLD AGE] birthday'],
    ['F/97', 'F/[OLD AGE]'],
    ['97 female', '[OLD AGE] female'],
    ['a nonagenarian', 'a [OLD AGE]'],
    ['two centenarians', 'two [OLD AGE]'],
    ['a supercentenarian', 'a [OLD AGE]'],
    ['卒寿、白寿、百寿、茶寿、皇寿、珍寿', '【高齢】、【高齢】、【高齢】、【高齢】、【高齢】、【高齢】'],
    ['97.5歳', '【高齢】歳'],
    ['90〜97歳', '【高齢】〜【高齢】歳'],
    ['80-97歳', '80-【高齢】歳'],
    ['97 M, admitted', '[OLD AGE] M, admitted'],
    ['97, male', '[OLD AGE], male'],
    ['Male, 97', 'Male, [OLD AGE]'],
    ['she is 97.', 'she is [OLD AGE].'],
    ['died at 97', 'died at [OLD AGE]'],
    ['母は97で他界、父:95', '母は【高齢】で他界、父:【高齢】'],
    ['at the age of 97', 'at the age of [OLD AGE]'],
    ['turned 97', 'turned [OLD AGE]'],
    ['97th birthday', '[OLD AGE]th birthday'],
    ['ninetieth birthday', '[OLD AGE] birthday'],
    ['aged ninety-seven', 'aged [OLD AGE]'],
    ['one-hundred-and-two-year-old', '[OLD AGE]-year-old'],
    ['woman in her late 90s', 'woman in her late [OLD AGE]s'],
    ['御年九十七', '御年【高齢】'],
    ['した．97歳', 'した．【高齢】歳'],
    ['stable.97-year-old', 'stable.[OLD AGE]-year-old'],
    ['…97歳男性', '…【高齢】歳男性'],
    ['した．90代女性', 'した．【高齢】代女性'],
    ['した．93で死亡', 'した．【高齢】で死亡'],
    ['1.97歳男性', '1.【高齢】歳男性'],
    ['年齢（97）', '年齢（【高齢】）'],
    ['年齢/性別 97/女', '年齢/性別 【高齢】/女'],
    ['97、女性', '【高齢】、女性'],
    ['女性、97', '女性、【高齢】'],
    ['（97・女）', '（【高齢】・女）'],
    ['父は97で老衰', '父は【高齢】で老衰'],
    ['祖父98老衰', '祖父【高齢】老衰'],
    ['父92（存命）', '父【高齢】（存命）'],
    ['母：95（健在）', '母：【高齢】（健在）'],
    ['義母93と同居', '義母【高齢】と同居'],
    ['姑95同居', '姑【高齢】同居'],
    ['妻91要介護3', '妻【高齢】要介護3'],
    ['夫は91で', '夫は【高齢】で'],
    ['父 胃癌(92)、母 老衰(98)', '父 胃癌(【高齢】)、母 老衰(【高齢】)'],
    ['父：脳梗塞（91）', '父：脳梗塞（【高齢】）'],
    ['母 91 CVA', '母 【高齢】 CVA'],
    ['母(90代)', '母(【高齢】代)'],
    ['Father 91 MI, mother 95 CVA', 'Father [OLD AGE] MI, mother [OLD AGE] CVA'],
    ['Father (d. 93)', 'Father (d. [OLD AGE])'],
    ['父 97死亡', '父 【高齢】死亡'],
    ['今年97になる', '今年【高齢】になる'],
    ['97になった', '【高齢】になった'],
    ['母は97になられた', '母は【高齢】になられた'],
    ['97の母と同居', '【高齢】の母と同居'],
    ['90代半ば', '【高齢】代半ば'],
    ['90台女性', '【高齢】台女性'],
    ['生まれてから95年', '生まれてから【高齢】年'],
    ['95年の生涯', '【高齢】年の生涯'],
    ['Age/Sex 97 F', 'Age/Sex [OLD AGE] F'],
    ['mother 97', 'mother [OLD AGE]'],
    ['mother is 97, father alive at 95', 'mother is [OLD AGE], father alive at [OLD AGE]'],
    ["She's 97", "She's [OLD AGE]"],
    ['dead at 97', 'dead at [OLD AGE]'],
    ['lived to 97', 'lived to [OLD AGE]'],
    ['97 WF', '[OLD AGE] WF'],
    ['97yoWF', '[OLD AGE]yoWF'],
    ['97 white female', '[OLD AGE] white female'],
    ['97 elderly woman', '[OLD AGE] elderly woman'],
    ['F 97', 'F [OLD AGE]'],
    ['97|F', '[OLD AGE]|F'],
    ['ninetyseven years old', '[OLD AGE] years old'],
    ['1176 months old, 1176か月', '【高齢】 months old, 【高齢】か月'],
    ['35405 days old', '[OLD AGE] days old'],
    ['0097歳', '【高齢】歳'],
    ['97+歳', '【高齢】+歳'],
    ['97、98歳', '【高齢】、【高齢】歳'],
    ['Cr 1.2、92〜97歳', 'Cr 1.2、【高齢】〜【高齢】歳'],
    ['97±2歳', '【高齢】±2歳'],
    ['本日97〜99歳', '本日【高齢】〜【高齢】歳'],
    ['97-99 years', '[OLD AGE]-[OLD AGE] years'],
    ['97 BF', '[OLD AGE] BF'],
    ['she is turning 90', 'she is turning [OLD AGE]'],
    ['97を迎えた', '【高齢】を迎えた'],
    ['97にて永眠', '【高齢】にて永眠'],
    ['Age in years: 97', 'Age in years: [OLD AGE]'],
    ['age|97', 'age|[OLD AGE]'],
    ['male (97)', 'male ([OLD AGE])'],
    ['97:男', '【高齢】:男'],
    ['her 97th year of life', 'her [OLD AGE]th year of life'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
});

describe('what is no such age stays', () => {
  test.each(
    list(`
満月
肥満97kg
満97日
97 mmHg
97 M/mL
高齢97%
月齢97
百歳体操
SpO2 97
母 血圧 95
母 血圧(95)
父 血圧 140/95
母 SpO2 95
母 119番通報
妻が119通報
長男 110に電話
Father 90 BP stable
妻95kg
妻 95 kg
兄弟95名
母指95
分母95例
Father BP 95
Father 91 bpm
mother weighs 95 kg
HR 97, male
died at 97 days
she is 97% on RA
酵母97
男性97例
walked 100m with cane
血圧90代、脈拍90代前半
HR in the 90s
SBP low 90s
temp 97F
T 98F
fever to 101F
drainage 100 mL
stage 97
turned 90 degrees
head turned 90
turned 90 to the left
97-year graft survival
97 male nurses
97 HF
97 BM today
SpO2 97、女性
SpO2 97、60歳
day 97、女性ホルモン
97の父母
血圧は97になった
年齢(97例)
mother 97% effaced
0.97歳
体重1.97歳
97年に手術
90 male patients
99mTc
M97
patient was turned 90
500 months
3-5 years
89歳
80代の男性
in her 80s
eighty-three years old
米寿、傘寿、喜寿
an octogenarian`),
  )('%s', text => expect(cleaned(text)).toBe(text));
});

describe('of somebody pooled every age goes, and nobody sees which of them were old', () => {
  test.each([
    ['2009年5月10日に83歳で手術', '2009年5月20日に【年齢】歳で手術'],
    ['97歳', '【年齢】歳'],
    ['5歳で喘息', '【年齢】歳で喘息'],
    ['80代', '【年齢】代'],
    ['80過ぎ、八十路', '【年齢】過ぎ、【年齢】路'],
    ['60代で発症', '【年齢】代で発症'],
    ['in her 80s', 'in her [AGE]s'],
    ['in the late 70s', 'in the late [AGE]s'],
    ['his eighties', 'his [AGE]'],
    ['八十三歳、三十代', '【年齢】歳、【年齢】代'],
    ['eighty-three years old', '[AGE] years old'],
    ['twenty-year-old', '[AGE]-year-old'],
    ['aged sixty', 'aged [AGE]'],
    ['還暦、古希、喜寿、傘寿、米寿', '【年齢】、【年齢】、【年齢】、【年齢】、【年齢】'],
    ['an octogenarian', 'an [AGE]'],
    ['母(60)、孫(5)', '母(【年齢】)、孫(【年齢】)'],
    ['80〜83歳', '【年齢】〜【年齢】歳'],
    ['ages 80 to 83', 'ages [AGE] to [AGE]'],
    ['aged 80-83', 'aged [AGE]-[AGE]'],
    ['83M, 83 F admitted, 83/F', '[AGE]M, [AGE] F admitted, [AGE]/F'],
    ['83yo, 83 y/o, 83y', '[AGE]yo, [AGE] y/o, [AGE]y'],
    ['turned 83', 'turned [AGE]'],
    ["she (83), older than 80, in the 80's", "she ([AGE]), older than [AGE], in the [AGE]'s"],
    ['患者（83）', '患者（【年齢】）'],
    ['数え83、享年83', '数え【年齢】、享年【年齢】'],
    ['married for 65 years', 'married for [AGE] years'],
    ['喫煙歴75年、75年前に手術', '喫煙歴【年齢】年、【年齢】年前に手術'],
    ['結婚70年目、連れ添って65年', '結婚【年齢】年目、連れ添って【年齢】年'],
    ['七十五年前に', '【年齢】年前に'],
    ['初潮12、閉経 52', '初潮【年齢】、閉経 【年齢】'],
    ['84 months old', '[AGE] months old'],
    ['patient was turned 90', 'patient was turned [AGE]'],
    ['83 AF', '[AGE] AF'],
  ])('%s', (text, gone) => expect(pooled(text)).toBe(gone));
  test.each(
    list(`
5年前、3日間
120か月、36 months
HR 83 AF, 10 BM
5 years ago
for 20 years
20-year history of DM
forty years ago, forty units
in 5 years
5-year survival
喫煙歴30年、20年前に手術、結婚40年目
昭和 60年間
十五年前
16F Foley placed
stage 3, page 2, average 7
月齢6、在胎39週、生後3か月
血圧120代、HR 90代
HR over 90, SpO2(97)
30代目、1男2女
3サイクル
高齢97%
T12圧迫骨折
満2か月`),
  )('no age stays: %s', text => expect(pooled(text)).toBe(text));
});

test('pooled from another age on: a decade goes that reaches it', () => {
  const from = textCleaner(dictionary(nothingKnown), { pooledFrom: 85 });
  expect(from('80代の男性、eighty-four years, eighty-five years, 米寿')!.text).toBe(
    '【高齢】代の男性、eighty-four years, 【高齢】 years, 【高齢】',
  );
});

test('long rows of what begins an age or a birth take no longer than others', () => {
  const units =
    '満9|御年9|母9|母は9|9で|9, |9 M|. 9 M|she is 9|died at 9|9 to |生/|born a |9歳|9~|9-|97F|97M w|. 97F|temp 97F|血圧90代|90s|late |her 9|turned |ninety-|hundred and |age |八十|寿|b. |born |born in A |Taisho 1|T1生|大正1|1926 |1926年|1926年頃|2024年3月5日東|mother, alive |97 white old |歴7|六十|生後9|今年9|(1926-|10/10 |2024/10/10 |生まれ|出生'.split(
      '|',
    );
  for (const unit of units) {
    const text = unit.repeat(Math.ceil(40_000 / unit.length));
    const before = cpuTime();
    pooled(text);
    expect([unit, cpuTime() - before < 1000]).toEqual([unit, true]);
  }
});
