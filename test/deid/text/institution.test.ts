// Institutions of the registry in the short forms that notes have for them; words that their names share with all others stay.
import { describe, expect, test } from '@jest/globals';
import { dictionary, knownOf, textCleaner } from '../../../src/deid/text/index.ts';

const cleaned = (text: string, ...names: readonly string[]): string => {
  const known = knownOf(
    names.map((name, i) => ({ resourceType: 'Organization' as const, id: `o${i}`, name })),
    'staff',
  );
  return textCleaner(dictionary(known))(text, { shiftDays: 10 })!.text;
};
const houses = [
  '聖マリア記念病院',
  'みなみ内科クリニック',
  '医療法人社団青空会 三軒茶屋訪問看護ステーションひまわり',
  "St. Luke's Medical Center",
];

describe('a known institution by its short form', () => {
  test.each([
    ['みなみ内科で処方', '【施設】で処方'],
    ['前医(みなみ内科)', '前医(【施設】)'],
    ['聖マリア記念HP', '【施設】HP'],
    ['聖マリア記念hosp', '【施設】hosp'],
    ['聖マリア記念より転院', '【施設】より転院'],
    ['訪看ひまわり', '【施設】'],
    ['ひまわりST', '【施設】'],
    ["St. Luke's", '[INSTITUTION]'],
    ["St Luke's MC", '[INSTITUTION] MC'],
    ["at St. Luke's Med Ctr", 'at [INSTITUTION] Med Ctr'],
  ])('%s', (text, gone) => expect(cleaned(text, ...houses)).toBe(gone));
});

describe('what the core of a name shares with other texts stays', () => {
  test.each([
    ['関節リウマチクリニック', '関節リウマチ疑い'],
    ['骨粗鬆症クリニック', '骨粗鬆症で通院'],
    ['頭痛神経内科クリニック', '頭痛神経内科を受診'],
    ['Heart Failure Clinic', 'Diagnosis: Heart Failure'],
    ['Chest Pain Clinic', 'CHEST PAIN at rest'],
    ['リハビリテーション病院', 'リハビリテーション開始'],
    ['もの忘れクリニック', 'もの忘れあり'],
    ['人工透析クリニック', '人工透析導入'],
    ['すこやか医院', 'すこやかに成長'],
    ['消化器病院', '消化器症状'],
    ['General Hospital', 'General condition good'],
    ['Pain Management Clinic', 'Pain Management discussed'],
    ['Mercy Hospital', 'Mercy'],
    ['さくらクリニック', '桜とさくら'],
  ])('%s: %s', (name, text) => expect(cleaned(text, name)).toBe(text));
});
