// Names that the records have in katakana alone, in Latin letters. https://hl7.org/fhir/R4/datatypes.html#HumanName
import { describe, expect, test } from '@jest/globals';
import { dictionary, knownOf, textCleaner } from '../../../src/deid/text/index.ts';
import { cpuTime } from '../../cpu-time.ts';

const of = (family: string, given: string): ((text: string) => string) => {
  const clean = textCleaner(dictionary(knownOf([{ resourceType: 'Patient', name: [{ family, given: [given] }] }], 'patient')));
  return text => clean(text, { shiftDays: 10 })!.text;
};

describe('both names beside each other, as they are spelled', () => {
  test.each([
    ['スミス', 'マイケル', 'Michael Smith'],
    ['ジョンソン', 'メアリー', 'JOHNSON, MARY'],
    ['ウィリアムズ', 'ロバート', 'Robert T. Williams'],
    ['キャンベル', 'ケビン', 'kevin campbell'],
    ['ウォーカー', 'リサ', 'Lisa Walker'],
    ['シュミット', 'ハンナ', 'Hanna Schmidt'],
    ['ライト', 'サンドラ', 'Sandra Wright'],
    ['エバンス', 'ヒュー', 'Hugh Evans'],
    ['ロビンソン', 'マシュー', 'Matthew Robinson'],
  ])('%s %s: %s', (family, given, text) => expect(of(family, given)(`Seen today: ${text}, stable.`)).toBe('Seen today: [NAME], stable.'));
  test('of a text in one piece', () => {
    const clean = textCleaner(dictionary(knownOf([{ resourceType: 'Patient', name: [{ text: 'マイケル・スミス' }] }], 'patient')));
    expect(clean('Smith was seen.', { shiftDays: 10 })!.text).toBe('[NAME] was seen.');
  });
});

describe('one of them', () => {
  const clean = of('スミス', 'マイケル');
  test.each([
    ['Mr. Smith was seen', 'Mr. [NAME] was seen'],
    ['Smyth was seen', '[NAME] was seen'],
    ['Mike feels better', '[NAME] feels better'],
  ])('%s', (text, there) => expect(clean(text)).toBe(there));
  test.each(['the smooth same muscle', 'SAME day', 'some mile more'])('%s is no name', text => expect(clean(text)).toBe(text));
  test('of a Japanese name a word of the same sound is none', () =>
    expect(of('タナカ', 'ハナコ')('Think of the tank.')).toBe('Think of the tank.'));
  test.each([
    ['ユリ', 'Will follow up'],
    ['ジュン', 'Gene test, Jack knife'],
    ['レイ', 'Chest X-Ray'],
  ])('%s has no English name', (given, text) => expect(of('タナカ', given)(text)).toBe(text));
  test('a month is no name', () => expect(of('ブラウン', 'メアリー')('in May 2024')).toBe('in May 2024'));
});

test('of a name that is known in Latin letters no sound is looked for', () => {
  const names = [
    { family: 'スミス', given: ['マイケル'] },
    { family: 'Smith', given: ['Michael'] },
  ];
  const clean = textCleaner(dictionary(knownOf([{ resourceType: 'Patient', name: names }], 'patient')));
  expect(clean('Samoyed, Smooth', { shiftDays: 10 })!.text).toBe('Samoyed, Smooth');
});

test('long rows of words and letters take no longer than others', () => {
  const clean = of('スミス', 'マイケル');
  for (const unit of ['Smith ', 'Michael Smith ', 's', 'r ', 'Th', 'Mr. S', 'M. '])
    expect([unit, measured(() => clean(unit.repeat(100_000 / unit.length))) < 1000]).toEqual([unit, true]);
});

function measured(run: () => unknown): number {
  const before = cpuTime();
  run();
  return cpuTime() - before;
}
