/**
 * Texts in the reader's language: `{name}` is filled in, `[漢字|かんじ]` is read aloud by what stands behind the bar. One dictionary per language holds all of them.
 * WCAG: https://www.w3.org/TR/WCAG22/#readable, HTML: https://html.spec.whatwg.org/multipage/text-level-semantics.html#the-ruby-element
 * @module
 */

export type Language = 'ja' | 'en';

/** Text, or text with its reading. */
export interface Piece {
  readonly text: string;
  readonly reading?: string;
}

/** What stands in the dictionary, cut into pieces, with its blanks filled. A blank's value is text, whatever it looks like. */
export function piecesOf(text: string, blanks: Readonly<Record<string, string | number>> = {}): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const [whole, kanji, reading] of text.matchAll(/\[([^[\]|]+)\|([^[\]|]+)\]|[^[]+|\[/g)) {
    if (kanji !== undefined && reading !== undefined) pieces.push({ text: kanji, reading });
    else pieces.push({ text: whole.replace(/\{([a-zA-Z]+)\}/g, (blank, name: string) => String(blanks[name] ?? blank)) });
  }
  return pieces;
}

/** The same without readings: for labels, titles and what a screen reader is told. */
export const plainOf = (text: string, blanks?: Readonly<Record<string, string | number>>): string =>
  piecesOf(text, blanks)
    .map(piece => piece.text)
    .join('');

/** Asked for in the address (`?lang=en`), else chosen in this tab, else the browser's. */
export function languageOf(asked: string | null, chosen: string | null, ofBrowser: readonly string[]): Language {
  for (const one of [asked, chosen]) if (one === 'ja' || one === 'en') return one;
  const first = ofBrowser.map(one => one.slice(0, 2).toLowerCase()).find(one => one === 'ja' || one === 'en');
  return first === 'en' ? 'en' : 'ja';
}

/** A day as people write it; what is no date stays as it is. In Japan's time zone: the law counts days there. */
export function dayOf(value: unknown, language: Language): string {
  const text = typeof value === 'string' ? value : '';
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return text;
  const date = new Date(text.length === 10 ? `${text}T00:00:00+09:00` : text);
  if (Number.isNaN(date.getTime())) return text;
  return new Intl.DateTimeFormat(language === 'ja' ? 'ja-JP' : 'en-GB', { dateStyle: 'long', timeZone: 'Asia/Tokyo' }).format(date);
}

/** Date and time to the minute, in Japan's time zone. */
export function momentOf(value: unknown, language: Language): string {
  const date = new Date(typeof value === 'string' ? value : Number.NaN);
  if (Number.isNaN(date.getTime())) return '';
  return new Intl.DateTimeFormat(language === 'ja' ? 'ja-JP' : 'en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'Asia/Tokyo',
  }).format(date);
}

export const numberOf = (value: number, language: Language): string => value.toLocaleString(language === 'ja' ? 'ja-JP' : 'en-GB');
