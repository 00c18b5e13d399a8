/**
 * The form in which strings are compared: width, case, accents, 濁点, kana script, 長音, spaces and punctuation make no difference.
 * Folding is for comparing alone; what is stored stays as it came. Variants of a kanji (邊, 辺) stay apart.
 * R4: https://hl7.org/fhir/R4/search.html#string, JP Core: http://jpfhir.jp/fhir/core/ (guide-stringSearch)
 * @module
 */

const plainAscii = /^[a-z0-9]*$/;
const ascii = /^[\x00-\x7f]*$/;
const asciiMarks = /[^a-z0-9]+/g;

/** Accents, 濁点 and 半濁点 as NFKD leaves them, and variation selectors. */
const marks = /\p{M}+/gu;
/** Punctuation, symbols, spaces and control characters, but no private-use ones (外字); the 長音 ー is a letter to Unicode, as is the half-width one to NFKD. */
const silent = /[\p{P}\p{S}\p{Z}\p{Cc}\p{Cf}ー]+/gu;
const hiragana = /[ぁ-ゖゝゞ]/g;

/** Letters that Unicode does not take apart, though people write them without. */
const apart: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŋ: 'n',
  þ: 'th',
  ŧ: 't',
};
const inseparable = new RegExp(`[${Object.keys(apart).join('')}]`, 'g');

/** Small kana are the large ones: シヨウ is written for ショウ where machines know no small letters. */
const small: Readonly<Record<string, string>> = Object.fromEntries(
  [...'ァィゥェォッャュョヮヵヶ'].map((c, i) => [c, [...'アイウエオツヤユヨワカケ'][i]!]),
);
const smallKana = /[ァィゥェォッャュョヮヵヶ]/g;

/** Folding twice changes nothing; a text of punctuation alone folds to nothing. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  if (plainAscii.test(lower)) return lower;
  if (ascii.test(lower)) return lower.replace(asciiMarks, '');
  return lower
    .normalize('NFKD')
    .toLowerCase()
    .replace(marks, '')
    .replace(silent, '')
    .replace(inseparable, c => apart[c]!)
    .replace(hiragana, c => String.fromCharCode(c.charCodeAt(0) + 0x60))
    .replace(smallKana, c => small[c]!)
    .normalize('NFC');
}
