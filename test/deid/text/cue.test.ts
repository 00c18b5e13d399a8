// Names that no record knows, and the words beside them; what only looks like one stays.
import { describe, expect, test } from '@jest/globals';
import { dictionary, nothingKnown, textCleaner } from '../../../src/deid/text/index.ts';

const clean = textCleaner(dictionary(nothingKnown));
const cleaned = (text: string): string => clean(text, { shiftDays: 10 })!.text;

describe('people by their title or label', () => {
  test.each([
    ['佐久間先生より紹介', '【医療者】先生より紹介'],
    ['循環器内科 宇佐美医師', '循環器内科 【医療者】医師'],
    ['当院循環器内科宇佐美医師', '当院循環器内科【医療者】医師'],
    ['Dr.丹羽に報告', 'Dr.【医療者】に報告'],
    ['丹羽Drの指示', '【医療者】Drの指示'],
    ['植田 一郎 様', '【氏名】 様'],
    ['小鳥遊 花子様', '【氏名】様'],
    ['高血圧（綾辻様）', '高血圧（【氏名】様）'],
    ['付き添いは綾辻様。', '付き添いは【氏名】様。'],
    ['片桐さん', '【氏名】さん'],
    ['タナカさん', '【氏名】さん'],
    ['山田氏', '【氏名】氏'],
    ['主治医：勘解由小路', '主治医：【医療者】'],
    ['術者/熊谷 助手/児玉', '術者/【医療者】 助手/【医療者】'],
    ['キーパーソン：相沢 花子（妻）', 'キーパーソン：【家族】（妻）'],
    ['Dr. Emily Smith agreed', 'Dr. [STAFF] agreed'],
    ['Seen by John O’Connor', 'Seen by [STAFF]'],
    ['Robert Johnson, MD', '[STAFF], MD'],
    ['Mrs. Garcia is well', 'Mrs. [RELATIVE] is well'],
    ['Patient: Maria Garcia', 'Patient: [RELATIVE]'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
});

describe('what was before a name is not part of it', () => {
  test.each([
    ['心停止 佐々木医師蘇生', '心停止 【医療者】医師蘇生'],
    ['下痢 林看護師報告', '下痢 【医療者】看護師報告'],
    ['御手洗 東先生', '【医療者】先生'],
    ['意識障害 森医師コール', '意識障害 【医療者】医師コール'],
    ['血圧低下 森医師に報告', '血圧低下 【医療者】医師に報告'],
    ['転倒 林看護師発見', '転倒 【医療者】看護師発見'],
    ['輸血開始 森医師', '輸血開始 【医療者】医師'],
    ['夜間せん妄 林看護師', '夜間せん妄 【医療者】看護師'],
    ['左下肺野に浸潤影 佐々木先生', '左下肺野に浸潤影 【医療者】先生'],
    ['MRSA 検出 佐々木医師報告', 'MRSA 検出 【医療者】医師報告'],
    ['2024年3月5日入院 森医師に報告', '2024年3月15日入院 【医療者】医師に報告'],
    ['入浴 高橋様', '入浴 【氏名】様'],
    // No list has these families.
    ['意識障害 綾辻医師コール', '意識障害 【医療者】医師コール'],
    ['左肺癌 綾辻先生', '左肺癌 【医療者】先生'],
    ['綾辻 隆先生', '【医療者】先生'],
    ['綾辻 美咲先生', '【医療者】先生'],
    ['山田 南様', '【氏名】様'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
});

describe('places by their kind', () => {
  test.each([
    ['若葉クリニックを受診', '【施設】を受診'],
    ['昨日さくら病院へ', '昨日【施設】へ'],
    ['近所の山手通りクリニックに通院', '近所の【施設】に通院'],
    ['ひまわり内科クリニック', '【施設】'],
    ['松風大学医学部附属病院に転院', '【施設】に転院'],
    ['株式会社緑山製作所に勤務', '【勤務先・学校】に勤務'],
    ['若竹小学校の健診', '【勤務先・学校】の健診'],
    ['勤務先：緑山運輸', '勤務先：【勤務先・学校】'],
    ['住所：港区南麻布', '住所：【住所】'],
    ['東京都港区南麻布1-2-3に在住', '【住所】に在住'],
    ['さいたま市浦和区高砂三丁目五番七号', '【住所】'],
    ['高砂3丁目の自宅', '【住所】の自宅'],
    ['123 Maple Street, Springfield, IL 62704', '[ADDRESS]'],
    ['transferred to Green Valley Hospital', 'transferred to [INSTITUTION]'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
});

describe('what names nobody stays', () => {
  test.each([
    ...'患者様の希望 奥様に説明 お子様の付き添い 皆様へ 神様 落ち着いた様子 多様な症状 前回と同様 仕様 一様に 異様 水様便 粘液様の痰 膿様 タール様便 コーヒー残渣様 すりガラス様の陰影 狭心症様の胸痛 この様な 便（水様） 痰（粘液様） 喀痰は膿性様。'.split(
      ' ',
    ),
    ...'主治医の先生 担当医師より説明 麻酔科医師 他院の先生 看護師さん お父さん 患者さん 赤ちゃん 殿部に褥瘡 氏名 各氏 たくさん 医師会 主治医：未定 担当医：なし'.split(
      ' ',
    ),
    ...'近くの病院 大学病院 総合病院 当病院 かかりつけ医院 紹介元病院 訪問看護ステーション 調剤薬局 小学校の頃 病院食 市民病院 前のクリニック 救急病院'.split(
      ' ',
    ),
    ...'橋本病 川崎病 長谷川式 小松菜 千葉県在住 森田療法'.split(' '),
    'Dr報告',
    'Drコール',
    'Dr. to review',
    'The hospital',
    'General Hospital',
    'No MD available',
  ])('%s', text => expect(cleaned(text)).toBe(text));
});
