// https://www.unicode.org/reports/tr15/ and what NFKC leaves: 髙, 﨑, 邊, hyphens, variation selectors
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Folded, fold, keyString } from '../../../src/deid/text/fold.ts';

const folded = (text: string): Folded => {
  const one = fold(text);
  if (typeof one === 'string') throw new Error(one);
  return one;
};

test.each([
  ['ﾔﾏﾀﾞ ﾀﾛｳ', 'ヤマダ タロウ'],
  ['１８７－５', '187-5'],
  ['０３ー１２３４', '03-1234'],
  ['サトー', 'サトー'],
  ['㈱青葉 ㍻', '(株)青葉 平成'],
  ['か\u3099', 'が'],
  ['Jürgen Müller', 'Jurgen Muller'],
  ['髙\u{E0100}橋', '髙橋'],
  ['a\u200bb\u2014c', 'ab-c'],
])('plain: %s is read as %s', (text, plain) => expect(folded(text).plain).toBe(plain));

test.each([
  ['髙﨑 邊', '高崎辺'],
  ['𠮷田', '吉田'],
  ['佐々木', '佐佐木'],
  ['ｻﾄｰ・さとう', 'サトサトウ'],
  ['しようじ', 'シヨウジ'],
  ['ショウジ', 'シヨウジ'],
  ['ミヅキ', 'ミズキ'],
  ['Yamada, TARO', 'yamadataro'],
  ['０３-1234 5678', '0312345678'],
  ['山\u3000田\n太郎', '山田太郎'],
])('key: %s is compared as %s', (text, key) => expect(keyString(text)).toBe(key));

test.each([
  ['a\ud800b', 'unpaired-surrogate'],
  ['\udc00', 'unpaired-surrogate'],
  ['a\u0000', 'control-character'],
  ['a\u0085b\u009f', 'control-character'],
  ['\ue000', 'private-use'],
  ['\u{f0000}', 'private-use'],
  ['a\ufffd', 'undecodable'],
  ['x'.repeat(1_000_001), 'too-long'],
])('a text that cannot be judged says why', (text, why) => expect(fold(text)).toBe(why));

test('tab, line breaks and every kind of space are read', () => {
  expect(folded('a\tb\r\nc\u3000d\u00a0e\u2003f').plain).toBe('a\tb\r\nc d e f');
});

const tricky = fc.string({
  unit: fc.constantFrom(
    ...'a1Ａ１山髙ガｶがｱｰー・- 　'.split(''),
    'ﾞ',
    'ﾟ',
    '\u3099',
    '\u{E0100}',
    '𠮷',
    '㈱',
    '㍻',
    'ﷺ',
    '\u200b',
    'é',
    'e\u0301',
    '々',
    '①',
  ),
  maxLength: 40,
});

test('offsets map back: the sources of the units follow each other and cover the text, and each folds to its units again', () => {
  fc.assert(
    fc.property(tricky, text => {
      const { plain, start, end, at, keyLength } = folded(text);
      const starts = Array.from(start.subarray(0, plain.length));
      const ends = Array.from(end.subarray(0, plain.length));
      const keys = Array.from(at.subarray(0, keyLength));
      let covered = starts[0] ?? text.length;
      // What stands before the first unit is invisible.
      expect(folded(text.slice(0, covered)).plain).toBe('');
      for (let i = 0; i < plain.length; i++) {
        expect([covered, i > 0 ? starts[i - 1] : -1]).toContain(starts[i]);
        covered = ends[i]!;
        const source = text.slice(starts[i], ends[i]);
        // The mark of voice and the hyphen between digits are read by what stands before them.
        if (!/^[ー\uff70]/.test(source)) expect(folded(source).plain).toContain(plain[i]);
      }
      if (plain.length > 0) expect(covered).toBe(text.length);
      expect(keys).toEqual([...keys].sort((a, b) => a - b));
    }),
    { numRuns: 2000 },
  );
});

test('folding the plain form again changes nothing', () => {
  fc.assert(
    fc.property(tricky, text => {
      const { plain } = folded(text);
      expect(folded(plain).plain).toBe(plain);
    }),
  );
});
