// https://www.unicode.org/reports/tr11/ (East Asian Width)
import { expect, test } from '@jest/globals';
import { column, cut, styleOf, widthOf } from '../../src/commands/terminal.ts';

test('terminal: Japanese takes two columns a character, half-width kana and Latin one', () => {
  expect([widthOf('abc'), widthOf('山田'), widthOf('ﾔﾏﾀﾞ'), widthOf('ヤマダ'), widthOf('（）'), widthOf('𠮷')]).toEqual([3, 4, 4, 6, 4, 2]);
});

test('terminal: a column has exactly its width, and what is cut says so', () => {
  for (const text of ['', 'abc', '渡辺百合子', '東京都千代田区若草町三丁目5番7号', 'a渡b辺c'])
    expect([text, widthOf(column(text, 8))]).toEqual([text, 8]);
  expect(cut('渡辺百合子', 8)).toBe('渡辺百…');
  expect(cut('渡辺', 4)).toBe('渡辺');
});

test('terminal: colours only on a terminal that has them', () => {
  const strong = (isTTY: boolean, has: boolean) => styleOf({ isTTY, hasColors: () => has }).strong('x');
  expect([strong(true, true), strong(true, false), strong(false, true), styleOf({}).strong('x')]).toEqual([
    '\u001b[1mx\u001b[22m',
    'x',
    'x',
    'x',
  ]);
});
