// https://hl7.org/fhir/R4/search.html#string, http://jpfhir.jp/fhir/core/ (guide-stringSearch)
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../../src/fhir/model/fold.ts';

const same = (...texts: string[]): void => {
  for (const text of texts) expect(fold(text)).toBe(fold(texts[0]!));
};

test('fold: case, accents and ligatures make no difference', () => {
  same('Müller', 'muller', 'MÜLLER', 'Mu\u0308ller');
  same('Straße', 'STRASSE');
  same('Łódź', 'lodz');
  same('Søren', 'soren');
  same('ﬁ', 'fi');
});

test('fold: full and half width make no difference', () => {
  same('ＡＢＣ１２', 'abc12');
  same('ｶﾞｷﾞ', 'ガギ');
  same('①', '1');
});

test('fold: 濁点, 半濁点, small kana, 長音 and the kana script make no difference', () => {
  same('やまだ', 'ヤマダ', 'ﾔﾏﾀﾞ', 'ヤマタ');
  same('パ', 'バ', 'ハ', 'は', 'ぱ');
  same('ショウコ', 'しようこ');
  same('サーバー', 'サハ', 'ｻｰﾊﾞｰ');
  same('ヴ', 'ウ', 'ゔ');
});

test('fold: spaces and punctuation make no difference', () => {
  same('山田 太郎', '山田　太郎', '山田太郎', '山田・太郎');
  same("O'Brien-Smith", 'obrien smith');
});

test('fold: kanji variants stay apart', () => {
  expect(fold('渡邊')).not.toBe(fold('渡辺'));
  expect(fold('髙橋')).not.toBe(fold('高橋'));
  // A variation selector chooses a shape of the same character.
  same('葛\u{E0100}城', '葛城');
});

test('fold: private-use characters (外字) are kept, punctuation alone is nothing', () => {
  expect(fold('\uE000')).toBe('\uE000');
  expect(fold('%_-・ー')).toBe('');
});

test('fold: folding twice changes nothing, and the quick way for ASCII gives what the long way gives', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => fold(fold(text)) === fold(text)),
    { numRuns: 500 },
  );
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), text => fold(fold(text)) === fold(text)));
  // The accented letter makes the whole text go the long way.
  fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), text => fold(`${text}é`) === `${fold(text)}e`));
});
