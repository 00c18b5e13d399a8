// JP Core: characters and search (full and half width, variant kanji)
import { expect, test } from '@jest/globals';
import { inHalfWidth, inHiragana, inVariant, name } from '../../src/generate/names.ts';
import { random } from '../../src/generate/random.ts';

test('names: NFKC brings half width back', () => {
  expect(inHalfWidth('ヤマダ')).toBe('ﾔﾏﾀﾞ');
  for (let i = 0; i < 300; i++) {
    const { familyKana, givenKana } = name(random(i), i % 2 === 0 ? 'female' : 'male');
    for (const kana of [familyKana, givenKana]) {
      expect(kana).toMatch(/^[ァ-ヶー]+$/);
      expect(inHalfWidth(kana).normalize('NFKC')).toBe(kana);
      expect(inHalfWidth(kana)).toMatch(/^[｡-ﾟ]+$/);
    }
  }
});

test('names: hiragana for katakana', () => {
  expect(inHiragana('サトウ')).toBe('さとう');
});

test('names: a variant differs in one character that NFKC does not fold', () => {
  expect(inVariant('高橋')).toBe('髙橋');
  expect(inVariant('渡辺')).toBe('渡邊');
  expect(inVariant('田中')).toBeUndefined();
  expect(inVariant('吉田')!.normalize('NFKC')).not.toBe('吉田');
});

test('names: common surnames come often, many come at all', () => {
  const families = Array.from({ length: 3000 }, (_, i) => name(random('often', i), 'male').family);
  expect(families.filter(f => f === '佐藤').length).toBeGreaterThan(families.filter(f => f === '真鍋').length * 3);
  expect(new Set(families).size).toBeGreaterThan(100);
});
