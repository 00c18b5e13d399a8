/**
 * Letters that stand in a text for those who open it, and not for those who read it letter by letter.
 * @module
 */

/** Letters by their numbers: of HTML, URLs, quoted-printable, JSON, RTF, programs and Unicode; words of a mail's head in base64. Whoever opens the text may see letters there. */
const numbered = new RegExp(
  [
    String.raw`&#(?:x0{0,4}[1-9a-f][0-9a-f]{2,5}|0{0,4}[1-9]\d{2,6})`,
    String.raw`(?:&#(?:x[4-7][0-9a-f]|[6-9]\d|1[01]\d|12[0-2]);?){2}`,
    '(?:%[0-9a-f]{2}){3}',
    '(?:=[0-9a-f]{2}){3}',
    String.raw`(?:\\x[0-9a-f]{2}){3}`,
    String.raw`(?:\\'[0-9a-f]{2}){3}`,
    String.raw`(?:\\[0-3][0-7]{2}){3}`,
    String.raw`(?:\\u|%u|(?<![a-z\d])u\+)[0-9a-f]{4}`,
    String.raw`\\[ux]\{[0-9a-f]{2}`,
    String.raw`=\?[\w-]{1,40}\?[bq]\?`,
  ].join('|'),
  'i',
);
/** Signs that letters are seen in another order by, or not at all: overrides of direction, annotations between lines, tags. */
const unseen = /[\u202d\u202e\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;
/** Markup within text: a word may stand half inside of an element, half outside. A `<br>` parts lines, and `<A>` is a heading. */
const tagged = /<\/[a-z]|<[a-z][^<>]*(?<!br\s?)\/>|<!--|<!\[CDATA\[/i;

/** One of these is in whatever is found: most texts have none. */
const sign = /[&%=\\+<\u202d\u202e\ufff9-\ufffb\udb40]/;

export const hidesLetters = (text: string): boolean => sign.test(text) && (numbered.test(text) || unseen.test(text) || tagged.test(text));
