// What HumanName.text says beside the name. https://hl7.org/fhir/R4/datatypes.html#HumanName
import { describe, expect, test } from '@jest/globals';
import { dictionary, knownOf, textCleaner } from '../../../src/deid/text/index.ts';

const cleanOf = (name: unknown, resourceType = 'Patient') => {
  const clean = textCleaner(dictionary(knownOf([{ resourceType, name } as never], 'patient')));
  return (text: string): string => clean(text, { shiftDays: 10 })!.text;
};

describe('every name that a text says is found, whole and in parts', () => {
  test.each([
    ['高橋　健一（タカハシ　ケンイチ）', '健一、高橋、タカハシ、ケンイチ'],
    ['山田太郎(やまだたろう)', '山田、太郎、やまだ、たろうさん、ヤマダ、タロウ'],
    ['高橋（旧姓：佐藤）健一', '高橋、佐藤、健一、佐藤健一'],
    ['高橋健一/タカハシケンイチ', '高橋、健一、タカハシ、ケンイチ'],
    ['患者 山田太郎', '山田、太郎'],
    ['氏名：山田太郎 98歳 男', '山田、太郎'],
    ['山田 太郎, 男', '山田、太郎'],
    ['患者 山田太郎 男 98歳', '山田、太郎'],
    ['ヤマダ タロウ 山田太郎', '山田、太郎、ヤマダ、タロウ'],
    ['山田^太郎=ヤマダ^タロウ', '山田、太郎、ヤマダ、タロウ'],
    ['山田/太郎', '山田、太郎、山田太郎'],
    ['SMITH^JOHN^A', 'Smith、John、SMITH'],
    ['John Smith (Jack)', 'Smith、John、Jack'],
    ['Yamada Taro (山田太郎)', 'Yamada、Taro、山田、太郎'],
    ['Mr John Smith Jr.', 'Smith、John'],
  ])('%s', (text, written) => {
    const clean = cleanOf([{ text }]);
    for (const one of written.split('、'))
      expect([one, clean(`本日、${one}と話した。`)]).toEqual([one, expect.stringMatching(/^本日、【氏名】(?:さん)?と話した。$/)]);
  });
  test.each([
    ['山田太郎（死亡）', '死亡'],
    ['山田太郎（循環器内科）', '循環器内科へ'],
    ['山田太郎（関係者）', '関係者'],
    ['John Smith (Mother)', 'Mother'],
    ['患者 山田太郎', '患者'],
    ['山田 太郎, 男', '男'],
    ['John Smith (deceased)', 'deceased'],
  ])('what is no name in %s stays: %s', (text, stays) => expect(cleanOf([{ text }])(stays)).toBe(stays));
  test('of staff a department in brackets is none', () => {
    const clean = cleanOf([{ text: '田中太郎（リハビリ科）' }, { text: '鈴木一郎(スズキ イチロウ)' }], 'Practitioner');
    expect(clean('リハビリ科、田中太郎、スズキイチロウ')).toBe('リハビリ科、【医療者】、【医療者】');
  });
});

test('Patient.name as a string, which R4 does not allow, is a name all the same', () => {
  for (const name of ['高橋健一', ['高橋健一']]) expect(cleanOf(name)('高橋、健一')).toBe('【氏名】、【氏名】');
});

describe('parts of a name', () => {
  test.each([
    [{ family: 'Smith', given: ['Mary-Jane'] }, 'Mary and Jane', '[NAME] and [NAME]'],
    [{ family: 'Roux', given: ['Jean‐Luc'] }, 'Jean; Luc; jean-luc', '[NAME]; [NAME]; [NAME]'],
    [{ family: 'Van Ek', given: ['Piet'] }, 'Van Ek, van Ek, VAN EK', '[NAME], [NAME], [NAME]'],
    [{ family: "O'Neil", given: ['Piet'] }, "O Neil, O'Neil", '[NAME], [NAME]'],
    [{ family: '王', given: ['偉'] }, '患者王は、患者 王', '患者【氏名】は、患者 【氏名】'],
    [{ family: '東', given: ['学'] }, '患者 東は、患者東', '患者 【氏名】は、患者【氏名】'],
  ])('%j: %s', (name, text, gone) => expect(cleanOf([name])(text)).toBe(gone));
  test.each([
    [{ family: 'Miki', given: ['Anna'] }, 'Mi Ki; the an Na of 140'],
    [{ family: '東', given: ['学'] }, '患者東病棟へ、東側'],
    [{ family: '王', given: ['偉'] }, '患者王国'],
  ])('no part: %j: %s', (name, text) => expect(cleanOf([name])(text)).toBe(text));
});

describe('half in kanji, half in kana', () => {
  const clean = cleanOf([
    { family: '髙橋', given: ['健一'] },
    { family: 'タカハシ', given: ['ケンイチ'] },
  ]);
  test.each([
    ['高はし けん一', '【氏名】'],
    ['高ハシ健一は', '【氏名】は'],
    ['タカ橋ケンイチ', '【氏名】'],
    ['高ハシさん、タカ橋様', '【氏名】さん、【氏名】様'],
  ])('%s', (text, gone) => expect(clean(text)).toBe(gone));
  test('登山した is no 山下', () =>
    expect(
      cleanOf([
        { family: '山下', given: ['健一'] },
        { family: 'ヤマシタ', given: ['ケンイチ'] },
      ])('登山したと報告'),
    ).toBe('登山したと報告'));
});
