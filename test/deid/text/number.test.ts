// マイナンバー and 保険者番号 check digits; ISO/IEC 7812-1 (Luhn); CLINS rule R1021 (institution numbers)
import { describe, expect, test } from '@jest/globals';
import { dictionary, nothingKnown, textCleaner } from '../../../src/deid/text/index.ts';
import { isCardNumber, isInstitutionNumber, isInsurerNumber, isMyNumber } from '../../../src/deid/text/number.ts';
import { insurerCheckDigit } from '../../../src/generate/numbers.ts';

const clean = textCleaner(dictionary(nothingKnown));
const cleaned = (text: string): string => clean(text, { shiftDays: 10 })!.text;

test('マイナンバー: the sample number checks, and no other last digit does', () => {
  expect(isMyNumber('123456789018')).toBe(true);
  for (let last = 0; last < 10; last++) expect(isMyNumber(`12345678901${last}`)).toBe(last === 8);
  expect(isMyNumber('12345678901')).toBe(false);
});

test('保険者番号: 33120015 checks, as do all that the generator makes', () => {
  expect(isInsurerNumber('33120015')).toBe(true);
  expect(isInsurerNumber('33120016')).toBe(false);
  for (const body of ['0613037', '3127123', '13044']) expect(isInsurerNumber(body + insurerCheckDigit(body))).toBe(true);
});

test('card numbers and institution numbers', () => {
  expect(isCardNumber('4111111111111111')).toBe(true);
  expect(isCardNumber('4111111111111112')).toBe(false);
  expect(isInstitutionNumber('1319999991')).toBe(true);
  expect(isInstitutionNumber('1389999991')).toBe(false);
});

describe('numbers that nobody knows beforehand go', () => {
  test.each([
    ['番号は123456789018です', '番号は【個人番号】です'],
    ['１２３４　５６７８　９０１８', '[MY NUMBER]'],
    ['保険者番号：33120015', '保険者番号：【保険者番号】'],
    ['保険者番号 138057', '保険者番号 【保険者番号】'],
    ['33120015の保険', '【保険者番号】の保険'],
    ['公費負担者番号 54136015 受給者番号 1234567', '公費負担者番号 【公費番号】 受給者番号 【公費番号】'],
    ['記号 1234 番号 567890 枝番 05', '記号 【被保険者番号】 番号 【被保険者番号】 枝番 【被保険者番号】'],
    ['被保険者証記号・番号：１２３４５・６７８９０', '被保険者証記号・番号：【被保険者番号】'],
    ['被保険者患者番号：00012345:あいう:１８７:05', '被保険者患者番号：【被保険者番号】'],
    ['医療機関コード1319999991', '医療機関コード【医療機関コード】'],
    ['麻薬施用者免許番号 第12-3456号', '麻薬施用者免許番号 【免許番号】'],
    ['医籍登録 第234567号', '医籍登録 【免許番号】'],
    ['運転免許証 301234567890', '運転免許証 【旅券・免許証】'],
    ['旅券 TR1234567', '旅券 【旅券・免許証】'],
    ['品川 300 あ 12-34', '【車両番号】'],
    ['4111-1111-1111-1111', '[CARD NUMBER]'],
    ['12 4111 1111 1111 1111', '12 [CARD NUMBER]'],
    ['患者ID：A-1234', '患者ID：【識別番号】'],
    ['MRN 00-4711', 'MRN [IDENTIFIER]'],
    ['ID: 20240305', 'ID: [IDENTIFIER]'],
    ['〒105-0012', '〒【郵便番号】'],
    ['番号 123456', '番号 【識別番号】'],
    ['０３ー１２３４ー５６７８', '【電話】'],
    ['〇三－一二三四－五六七八', '【電話】'],
    ['〇九〇一二三四五六七八', '【電話】'],
    ['03-1111-2222 内線 123', '【電話】 内線 【電話】'],
    ['ext 22.', 'ext [PHONE].'],
    ['1 2 3 4 5 6 7 8 9 0 1 8', '[MY NUMBER]'],
    ['1234・5678・9018', '【個人番号】'],
    ['一二三四五六七八九〇一八', '【番号】'],
    ['t.yamada at example dot jp', '[E-MAIL]'],
    ['t.yamada(at)example.jp', '[E-MAIL]'],
    ['t.yamada @example.co.jp', '[E-MAIL]'],
    ['yamada@病院.jp', '【メール】'],
    ['t.yamada@[192.0.2.1]', '[E-MAIL]'],
    ['t.yamadaアットマークexample.jp', '【メール】'],
    ['yamada.example.jp/about', '[LINK]'],
    ['Instagram @taro_y31', 'Instagram [LINK]'],
    ['LINEのIDはyamataro', 'LINEのIDは【リンク】'],
    ['192.168.10.25', '[IDENTIFIER]'],
    ['した．192.168.1.20', 'した．【識別番号】'],
    ['305号室', '【番号】号室'],
    ['Room 412, bed 2.', 'Room [NUMBER], bed [NUMBER].'],
    ['暗証番号は1123', '暗証番号は【識別番号】'],
    ['身体障害者手帳 第12345号', '身体障害者手帳 【識別番号】'],
    ['〇九〇（一二三四）五六七八', '【電話】'],
    ['(03)1234-5678', '[PHONE]'],
    ['09012345678', '[PHONE]'],
    ['+81-90-1234-5678', '[PHONE]'],
    ['℡ 1234-5678', '℡ [PHONE]'],
    ['call 555-123-4567', 'call [PHONE]'],
    ['a.b-c@mail.example.jp へ', '【メール】 へ'],
    ['ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ', '[E-MAIL]'],
    ['see https://example.jp/a?b=1 now', 'see [LINK] now'],
    ['urn:uuid:01b972fc-5183-8fa4-0954-10a7c5f5a36e', '[IDENTIFIER]'],
    ['伝票 98765432109', '伝票 【番号】'],
    ['AB123456', '[IDENTIFIER]'],
    ['UID 1.2.840.113619.2.55.3.604688119.971.1386332893.467 参照', 'UID 【識別番号】 参照'],
    ['090・1111・2222', '【電話】'],
    ['090／1111／2222', '[PHONE]'],
    ['03、1234、5678', '[PHONE]'],
    ['090_1111_2222', '[PHONE]'],
    ['保険証番号 12-3456', '保険証番号 【被保険者番号】'],
    ['診察券 12345、カルテ12345', '診察券 【識別番号】、カルテ【識別番号】'],
    ['手帳番号 第12345号', '手帳番号 【識別番号】'],
    ['1.3.12.2.1107.5.1.4.1、2.16.840.1.113883.19', '[IDENTIFIER]、[IDENTIFIER]'],
    ['1.03-9876-5432', '1.[PHONE]'],
    ['MR# 12345', 'MR# [IDENTIFIER]'],
    ['20240305CT施行', '20240315CT施行'],
    ['20241305CT施行、20240231CT施行', '【番号】CT施行、【日付】CT施行'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
});

describe('numbers of medicine stay', () => {
  test.each([
    'WBC 12000、血小板 250000',
    'HCV RNA 1200000 IU/mL',
    'HbA1c 6.5%、CA19-9 37',
    '1234567.5',
    '0.1234567',
    'BP 120/80, HR 72',
    'SARS-CoV-2 RNA 1.5x10^6 copies',
    'PM2.5 IL-6 CD4 350',
    'ICD-10 E11.9',
    '塩化ナトリウム 1000mL',
    '血糖 120 130 140 150 160',
    '12 34 56 78 90 12 34',
    '1.2.840.10008.5.1.4.1.1.2',
    '1.05 120 1000',
    '1.2.3.4.5.600',
    '2.5.10.20.40.80.160',
    '検体は 01、234、567',
    'カルテ 2冊、お薬手帳 2冊',
    'MR 1234',
  ])('%s', text => expect(cleaned(text)).toBe(text));
});

describe('ages of 90 and more go, others stay', () => {
  test.each([
    ['92歳、女性', '【高齢】歳、女性'],
    ['96y.o. F', '[OLD AGE]y.o. F'],
    ['九十二歳', '【高齢】歳'],
    ['a 101-year-old man', 'a [OLD AGE]-year-old man'],
    ['89歳', '89歳'],
    ['八十九歳', '八十九歳'],
    ['九六歳、一〇二歳', '【高齢】歳、【高齢】歳'],
    ['９６ｻｲ', '【高齢】ｻｲ'],
    ['数え96、卒寿', '数え【高齢】、【高齢】'],
    ['高齢96例', '高齢96例'],
    ['96 yrs', '[OLD AGE] yrs'],
    ['ninety-six years old, in her nineties', '[OLD AGE] years old, in her [OLD AGE]'],
    ['30 pack-years in the nineties', '30 pack-years in the nineties'],
    ['aged 72', 'aged 72'],
    ['190cm 95kg', '190cm 95kg'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
});
