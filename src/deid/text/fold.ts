/**
 * A text in two plainer forms, each with the way back to the original, unit by unit.
 * **plain**: one width, one hyphen, one space, no accents, nothing invisible; what patterns read.
 * **key**: besides, no case, no spaces, hyphens and 長音, one kana script, large kana, one form of each kanji; what names are compared in.
 * Unicode: https://www.unicode.org/reports/tr15/ (NFKC); NFKC alone does not fold 髙, 﨑, 邊, hyphens or variation selectors.
 * @module
 */
import { isDigit } from './letters.ts';
import { variants } from './variants.ts';

export interface Folded {
  readonly text: string;
  readonly plain: string;
  /** Where in `text` that begins from which a unit of `plain` came. */
  readonly start: Int32Array;
  /** And where it ends; what was dropped behind it (a variation selector) is part of it. */
  readonly end: Int32Array;
  readonly key: Uint16Array;
  readonly keyLength: number;
  /** Unit of `plain` from which a unit of `key` came. */
  readonly at: Int32Array;
}

/** Why a text is not judged at all. */
export type Refusal = 'unpaired-surrogate' | 'control-character' | 'private-use' | 'undecodable' | 'too-long';

const drop = 0;
/** More than one unit, or one that depends on its neighbour: see `several` and `unit`. */
const other = 1;
/** Makes the text unreadable. */
const bad = 2;
const dakuten = 0x3099;
const handakuten = 0x309a;
const longMark = 0x30fc;
const hyphen = 0x2d;

const plainOf = new Uint16Array(65_536);
const keyOf = new Uint16Array(65_536);
const several = new Map<number, string>();

const hyphens = '\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\u30a0\ufe58\ufe63\uff0d\u2043\u02d7';
const like: Readonly<Record<string, string>> = {
  '\u301c': '~',
  // Of a fraction or a division, and a line of a box.
  '\u2044': '/',
  '\u2215': '/',
  '\u2571': '/',
  '\u2018': "'",
  '\u2019': "'",
  '\u2032': "'",
  '\u2028': '\n',
  '\u2029': '\n',
  // A pattern of Braille without dots.
  '\u2800': ' ',
  '\u309b': '\u3099',
  '\u309c': '\u309a',
  // Letters that Unicode does not take apart.
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  Ł: 'L',
};
const mark = /[\u0300-\u036f]/g;
const nothing = /^(?:\p{Cf}|\p{Variation_Selector}|\p{Default_Ignorable_Code_Point}|\p{Me}|[\u0300-\u036f])$/u;
const space = /^\p{Zs}$/u;

const alike = 'АВЕЅІЈКМНОРСТУХавеѕіјкморстухԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοικν';
const looks = 'abesijkmhopctyxabesijkmopctyxdhqwabezhikmnoptyxoikv';

/** Numerals of lists, fractions and powers: no digits of a number that follows. ①3/5 is not 13/5. */
const enclosed =
  /[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209c\u2150-\u215f\u2189\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf]/;

function plainForm(c: string): string {
  if (enclosed.test(c)) return c;
  if (hyphens.includes(c)) return '-';
  if (like[c] !== undefined) return like[c];
  if (nothing.test(c)) return '';
  if (space.test(c)) return ' ';
  const folded = c.normalize('NFKC');
  // Accents go; 濁点 are letters' own.
  const bare = c.charCodeAt(0) < 0x2000 ? folded.normalize('NFD').replace(mark, '') : folded;
  return bare === '' ? c : bare;
}

function fillPlain(): void {
  for (let c = 0; c < 65_536; c++) plainOf[c] = c;
  const ranges = [
    [0x80, 0x33ff],
    [0xf900, 0xffef],
  ] as const;
  for (const [from, to] of ranges) {
    for (let c = from; c <= to; c++) {
      const form = plainForm(String.fromCharCode(c));
      if (form === '') plainOf[c] = drop;
      else if (form.length === 1 && form.charCodeAt(0) > bad) plainOf[c] = form.charCodeAt(0);
      else {
        plainOf[c] = other;
        several.set(c, form);
      }
    }
  }
  for (const c of [dakuten, handakuten, 0xff9e, 0xff9f, 0x309b, 0x309c, longMark, 0xff70]) plainOf[c] = other;
  for (let c = 0xd800; c <= 0xdfff; c++) plainOf[c] = other;
  // Controls (tab and line breaks are none), private use, non-characters, and what a decoder puts where it failed.
  for (let c = 0; c < 0x20; c++) if (c !== 9 && c !== 10 && c !== 12 && c !== 13) plainOf[c] = bad;
  for (let c = 0x7f; c < 0xa0; c++) plainOf[c] = c === 0x85 ? 0x0a : bad;
  for (let c = 0xe000; c <= 0xf8ff; c++) plainOf[c] = bad;
  for (const c of [0xfffc, 0xfffd, 0xfffe, 0xffff]) plainOf[c] = bad;
}

function fillKey(): void {
  for (let c = 0; c < 65_536; c++) keyOf[c] = c;
  for (let c = 0x41; c <= 0x5a; c++) keyOf[c] = c + 0x20;
  for (let c = 0x3041; c <= 0x3096; c++) keyOf[c] = c + 0x60;
  const set = (from: string, to: string): void => {
    [...from].forEach((c, i) => {
      keyOf[c.charCodeAt(0)] = to.charCodeAt(i);
      const hiragana = c.charCodeAt(0) - 0x60;
      if (hiragana >= 0x3041 && hiragana <= 0x3096) keyOf[hiragana] = to.charCodeAt(i);
    });
  };
  set('ァィゥェォッャュョヮヵヶヂヅヴヲヰヱ', 'アイウエオツヤユヨワカケジズブオイエ');
  for (const c of " \t\n\v\f\r-・.,'=_’") keyOf[c.charCodeAt(0)] = drop;
  keyOf[longMark] = drop;
  for (const c of '·•|') keyOf[c.charCodeAt(0)] = drop;
  // What stands for a kanji that could not be shown, or should not.
  for (const c of '〓□■◯○?*×') keyOf[c.charCodeAt(0)] = unshown;
  for (const [c, to] of variants) if (c < 65_536) keyOf[c] = to;
  // Letters of other alphabets that look like Latin ones.
  [...alike].forEach((c, i) => {
    keyOf[c.charCodeAt(0)] = looks.charCodeAt(i);
  });
}

/** Key of every sign that stands for a character which could not be shown: ●. */
export const unshown = 0x25cf;

fillPlain();
fillKey();

/** Text longer than this, in UTF-16 units, is not judged. */
export const mostUnits = 1_000_000;

const scratch = {
  size: 0,
  plain: new Uint16Array(0),
  start: new Int32Array(0),
  end: new Int32Array(0),
  key: new Uint16Array(0),
  at: new Int32Array(0),
};

function room(units: number): typeof scratch {
  if (scratch.size < units) {
    const size = Math.max(4096, Math.ceil(units * 1.5));
    Object.assign(scratch, {
      size,
      plain: new Uint16Array(size),
      start: new Int32Array(size),
      end: new Int32Array(size),
      key: new Uint16Array(size),
      at: new Int32Array(size),
    });
  }
  return scratch;
}

/** Most units of the plain form that one character becomes: ﷺ has 18. */
const widest = 18;

/**
 * Both forms of a text, or why it is not judged. The arrays are the module's own and hold until the next call; `plain`, `text` are for keeping.
 */
export function fold(text: string): Folded | Refusal {
  const length = text.length;
  if (length > mostUnits) return 'too-long';
  let { plain, start, end, size } = room(length + widest);
  let n = 0;
  let same = true;
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i);
    const to = plainOf[c]!;
    if (to > bad) {
      if (n >= size - widest) ({ plain, start, end, size } = grown(n));
      plain[n] = to;
      start[n] = i;
      end[n++] = i + 1;
      if (to !== c) same = false;
      continue;
    }
    if (to === bad) return c === 0xfffd || c > 0xfff0 ? 'undecodable' : c >= 0xe000 ? 'private-use' : 'control-character';
    same = false;
    if (to === drop) {
      if (n > 0) end[n - 1] = i + 1;
      continue;
    }
    if (n >= size - widest) ({ plain, start, end, size } = grown(n));
    if (c === longMark || c === 0xff70) {
      // 03ー1234: between digits it is a hyphen.
      const before = n > 0 ? plain[n - 1]! : 0;
      plain[n] = isDigit(before) ? hyphen : longMark;
      start[n] = i;
      end[n++] = i + 1;
      continue;
    }
    if (c === dakuten || c === handakuten || c === 0xff9e || c === 0xff9f || c === 0x309b || c === 0x309c) {
      if (n === 0) continue;
      const combining = c === dakuten || c === 0xff9e || c === 0x309b ? '\u3099' : '\u309a';
      const composed = (String.fromCharCode(plain[n - 1]!) + combining).normalize('NFC');
      if (composed.length === 1) plain[n - 1] = composed.charCodeAt(0);
      end[n - 1] = i + 1;
      continue;
    }
    let form = several.get(c);
    let units = 1;
    if (c >= 0xd800 && c <= 0xdfff) {
      const low = i + 1 < length ? text.charCodeAt(i + 1) : 0;
      if (c > 0xdbff || low < 0xdc00 || low > 0xdfff) return 'unpaired-surrogate';
      units = 2;
      const point = text.codePointAt(i)!;
      // Variation selectors and tags; private use beyond the BMP.
      if (point >= 0xe0000 && point <= 0xe0fff) form = '';
      else if (point >= 0xf0000) return 'private-use';
      else form = String.fromCodePoint(point).normalize('NFKC');
    }
    if (form === '' && n > 0) end[n - 1] = i + units;
    for (let j = 0; j < (form?.length ?? 0); j++) {
      plain[n] = form!.charCodeAt(j);
      start[n] = i;
      end[n++] = i + units;
    }
    if (units === 2) i++;
  }
  const written = same ? text : decode(plain, n);
  return { text, plain: written, start, end, ...keyForm(plain, n) };
}

/** Text whose plain form is longer than the text itself: rare, and told by nobody beforehand. */
function grown(n: number): typeof scratch {
  const { plain, start, end, size } = scratch;
  const next = room(size + 1);
  next.plain.set(plain.subarray(0, n));
  next.start.set(start.subarray(0, n));
  next.end.set(end.subarray(0, n));
  return next;
}

function decode(units: Uint16Array, n: number): string {
  let text = '';
  for (let i = 0; i < n; i += 8192)
    text += String.fromCharCode.apply(null, units.subarray(i, Math.min(n, i + 8192)) as unknown as number[]);
  return text;
}

function keyForm(plain: Uint16Array, n: number): Pick<Folded, 'key' | 'keyLength' | 'at'> {
  const { key, at } = scratch;
  let k = 0;
  for (let i = 0; i < n; i++) {
    const c = plain[i]!;
    let to = keyOf[c]!;
    if (to === drop) continue;
    if ((c === 0x3005 || c === 0x309d || c === 0x30fd) && k > 0)
      to = key[k - 1]!; // 佐々木, 佐佐木; さゝき
    else if ((c === 0x309e || c === 0x30fe) && k > 0) to = voiced(key[k - 1]!); // みすゞ
    if (c >= 0xd800 && c <= 0xdbff && i + 1 < n) {
      const kanji = variants.get((c - 0xd800) * 0x400 + plain[i + 1]! - 0xdc00 + 0x10000);
      if (kanji !== undefined) {
        key[k] = kanji;
        at[k++] = i++;
        continue;
      }
    }
    key[k] = to;
    at[k++] = i;
  }
  return { key, keyLength: k, at };
}

/** ス, ズ; what has no 濁点 as it is. */
const voiced = (c: number): number => {
  const composed = (String.fromCharCode(c) + '\u3099').normalize('NFC');
  return composed.length === 1 ? keyOf[composed.charCodeAt(0)]! : c;
};

/** The key of a form that is looked for; empty where nothing is left, or where the form is unreadable. */
export function keyString(text: string): string {
  const folded = fold(text);
  return typeof folded === 'string' ? '' : decode(folded.key, folded.keyLength);
}
