// Relatives of whom no record tells, by the family name that they share with somebody of whom one does.
import { describe, expect, test } from '@jest/globals';
import { dictionary, knownOf, textCleaner } from '../../../src/deid/text/index.ts';

const cleaner = (family: string, given: string, kana: string): ((text: string) => string) => {
  const known = knownOf(
    [
      {
        resourceType: 'Patient',
        id: 'one',
        name: [
          { family, given: [given] },
          { family: kana, given: ['ケンイチ'] },
        ],
      },
    ],
    'patient',
  );
  const clean = textCleaner(dictionary(known));
  return text => clean(text, { shiftDays: 10 })!.text;
};
const cleaned = cleaner('髙橋', '健一', 'タカハシ');
const ofOneKanji = cleaner('林', '実', 'ハヤシ');

describe('a given name behind a known family name goes with it', () => {
  test.each([
    ['弟 髙橋健二', '弟 【家族】'],
    ['長男：高橋太郎 同居', '長男：【家族】 同居'],
    ['高橋花子（妻）', '【家族】（妻）'],
    ['高橋翔大様（長男）', '【家族】様（長男）'],
    ['高橋翔大さん（長男）', '【家族】さん（長男）'],
    ['緊急連絡先 高橋太郎（長男）', '緊急連絡先 【家族】（長男）'],
    ['保護者 高橋一郎', '保護者 【家族】'],
    ['同居家族：妻 高橋花子、長男 高橋太郎', '同居家族：妻 【家族】、長男 【家族】'],
    ['長女 髙橋 結衣', '長女 【家族】'],
    ['弟高橋翔 来院', '弟【家族】 来院'],
    ['母 高橋はるか（同居）', '母 【家族】（同居）'],
    ['長男：タカハシ タロウ', '長男：【家族】'],
    ['高橋花子さん来院', '【氏名】さん来院'],
    ['高橋誠', '【氏名】'],
    ['Takahashi Kenji (brother)', '[RELATIVE] (brother)'],
    ['Kenji Takahashi (brother)', '[RELATIVE] (brother)'],
    ['Son: Taro Takahashi', 'Son: [RELATIVE]'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
  test.each([
    ['弟 林健二', '弟 【家族】'],
    ['林健二（弟）', '【家族】（弟）'],
  ])('%s', (text, gone) => expect(ofOneKanji(text)).toBe(gone));
});

describe('a family name takes no word of care with it', () => {
  test.each(
    '受診 発熱 入院中 本人 氏来院 様入浴 様本人 家 殿 内科 病棟 希望 紹介 完治 夫 母 一人で歩行 一部改善 主任 菜 より電話 さん来院'.split(
      ' ',
    ),
  )('高橋%s', behind => expect(cleaned(`高橋${behind}`)).toBe(`【氏名】${behind}`));
  test.each(['高橋転倒、妻が発見', '高橋嘔吐、妻が発見', '妻 高橋涙ぐむ'])('%s', text =>
    expect(cleaned(text)).toBe(text.replace('高橋', '【氏名】')),
  );
  test.each(['Takahashi Fell, wife found him', 'Wife: Patient Takahashi fell'])('%s', text =>
    expect(cleaned(text)).toBe(text.replace('Takahashi', '[NAME]')),
  );
  test.each(['妻 高橋同席', '妻高橋来院', '母 高橋より電話', '妻 高橋はいない', '兄 高橋 胃癌', '妻 高橋希望'])('%s', text =>
    expect(cleaned(text)).toBe(text.replace('高橋', '【氏名】')),
  );
  test.each(['兄 林業を営む', '母 林檎を好む', '長女林間学校'])('%s', text => expect(ofOneKanji(text)).toBe(text));
  test.each(['父 高血圧、母高血圧', '長男 高校生', '妻 高度難聴'])('%s', text => expect(cleaner('高', '明', 'コウ')(text)).toBe(text));
  test.each(['林一郎', '東林子', '林檎', '森林一帯'])('%s', text => expect(ofOneKanji(text)).toBe(text));
  test.each([
    ['Takahashi Denies pain', '[NAME] Denies pain'],
    ['Takahashi (wife at bedside)', '[NAME] (wife at bedside)'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
});
