// Where somebody lives, works and is cared for, of which no record knows; a kind of place alone names none.
import { describe, expect, test } from '@jest/globals';
import { dictionary, nothingKnown, textCleaner } from '../../../src/deid/text/index.ts';

const clean = textCleaner(dictionary(nothingKnown));
const cleaned = (text: string): string => clean(text, { shiftDays: 10 })!.text;

describe('what is said of a place names it', () => {
  test.each([
    ['横浜市在住', '【住所】在住'],
    ['長女は世田谷区に住む', '長女は【住所】に住む'],
    ['横浜市中区本町1-1在住', '【住所】在住'],
    ['広島市中区本通', '【住所】'],
    ['名古屋市中村区から来院', '【住所】から来院'],
    ['札幌市中央区北1条西2丁目', '【住所】'],
    ['足立区綾瀬', '【住所】'],
    ['北24条西5丁目に住む', '【住所】に住む'],
    ['板橋区大山町3丁目', '【住所】'],
    ['春日井市井上町', '【住所】'],
    ['長野市中条', '【住所】中条'],
    ['足立区医師会', '【住所】医師会'],
    ['さいたま市の出身', '【住所】の出身'],
    ['西多摩郡奥多摩町', '【住所】'],
    ['蒲田駅前で転倒', '【住所】前で転倒'],
    ['パークハイム南町405に独居', '【住所】に独居'],
    ['さくら荘に住む', '【住所】に住む'],
    ['35.5614, 139.7161', '[ADDRESS]'],
    ['北緯35度33分40秒', '【住所】'],
    ['サ高住「さくらの里」に入居', 'サ高住「【施設】」に入居'],
    ['グループホームやすらぎより入院', 'グループホーム【施設】より入院'],
    ['元三菱重工の技術者', '元【勤務先・学校】の技術者'],
    ['ソニー勤務', '【勤務先・学校】勤務'],
    ['トヨタの工場で受傷', '【勤務先・学校】の工場で受傷'],
    ['worked at Boeing for 30 years', 'worked at [WORKPLACE] for 30 years'],
    ['She lives alone in Springfield.', 'She lives alone in [ADDRESS].'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
});

describe('a kind of place names none', () => {
  test.each([
    ...'市中肺炎 重症市中肺炎 市中の感染 市井の人 都市中心部 学区外 北区域 中央区分 東北区間 市販薬 同市内 大都市 地区担当 対照区 最寄り駅 各駅停車 下町で育つ 賃貸マンション 高層マンション 市営団地 別荘 工場に勤務 コンビニに勤務 事務職で勤務 夜間勤務 交代勤務 看護師として勤務'.split(
      ' ',
    ),
    ...'グループホームに入所 デイサービスから帰宅 デイサービスなし 特別養護老人ホームへ 会社を退職 東京都在住'.split(' '),
    'Works as a teacher. Worked at home.',
    'lives in the ICU',
  ])('%s', text => expect(cleaned(text)).toBe(text));
});
