/**
 * Scripts, character by character, in a text that is plain (fold.ts): width is one, so each script is one range or two.
 * @module
 */

/** 々 〆 〇 belong to the kanji; half of a surrogate pair counts as one, for what lies beyond the BMP in Japanese text is a kanji. */
export const isKanji = (c: number): boolean =>
  (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x3005 && c <= 0x3007) || (c >= 0xd800 && c <= 0xdfff);
/** With the 長音. */
export const isKatakana = (c: number): boolean => (c >= 0x30a1 && c <= 0x30fa) || (c >= 0x30fc && c <= 0x30fe);
export const isHiragana = (c: number): boolean => c >= 0x3041 && c <= 0x309e;
export const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
export const isCapital = (c: number): boolean => c >= 0x41 && c <= 0x5a;
/** Of the Latin alphabet; accents are gone. */
export const isLetter = (c: number): boolean => isCapital(c) || (c >= 0x61 && c <= 0x7a);
export const isJapanese = (c: number): boolean => isKanji(c) || isKatakana(c) || isHiragana(c);
/** Space, tab, line break. */
export const isSpace = (c: number): boolean => c === 0x20 || (c >= 0x09 && c <= 0x0d);

/** How many units before `end` (not before `floor`) fulfil a test. */
export function back(text: string, end: number, test: (c: number) => boolean, most: number): number {
  let at = end;
  while (at > 0 && end - at < most && test(text.charCodeAt(at - 1))) at--;
  return at;
}

/** First place from `start` on whose unit does not fulfil a test. */
export function ahead(text: string, start: number, test: (c: number) => boolean, most: number): number {
  let at = start;
  while (at < text.length && at - start < most && test(text.charCodeAt(at))) at++;
  return at;
}
