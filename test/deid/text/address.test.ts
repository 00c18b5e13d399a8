// Addresses in the writings of single cities, and of one that is known its short forms.
import { expect, test } from '@jest/globals';
import { dictionary, knownOf, textCleaner } from '../../../src/deid/text/index.ts';

const cleanerOf = (city: string, line: string): ((text: string) => string) => {
  const patient = { resourceType: 'Patient' as const, id: 'one', address: [{ city, line: [line] }] };
  const clean = textCleaner(dictionary(knownOf([patient], 'patient')));
  return text => clean(text, { shiftDays: 10 })!.text;
};
const inSakai = cleanerOf('堺市', '南区茶山台2-5-1');
const inTokyo = cleanerOf('世田谷区', '三軒茶屋1-2-3 コーポ青葉201');

test.each(['茶山台2丁5-1', '茶山台2丁5番1号', '南区茶山台2丁5番1号', '茶山台', '宮園町3丁2-1', '北1西2 3-4', '南3条西5'])('%s', text =>
  expect(inSakai(`${text}に転居`)).toBe('【住所】に転居'),
);
test.each(['三軒茶屋一ノ二ノ三', '三軒茶屋1ノ2ノ3', 'コーポ青葉201', '青葉201号', '青葉201'])('%s', text =>
  expect(inTokyo(`${text}に転居`)).toBe('【住所】に転居'),
);
test.each(['豆腐2丁', '右上1北2', 'C3西2', '北3階西2号室', '青葉が茂る', '三ノ輪'])('%s stays', text => expect(inTokyo(text)).toBe(text));
