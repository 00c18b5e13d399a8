/**
 * People by the first letters of their names: T.Y., Y.T., Y氏, J. Smith.
 * Letters stand for so much else that only those of the patient and his family count, with points between, beside a title or beside a name of theirs.
 * @module
 */
import { each } from './each.ts';
import type { Emit } from './entity.ts';
import { keyString } from './fold.ts';
import type { KnownName } from './known.ts';
import { divide, longest } from './person.ts';
import { romaji } from './romaji.ts';

/** First letters of a word in any of its ways: ジ J or Z, ツ T, フ F or H. */
function first(word: string): string[] {
  const key = keyString(word);
  const ways = /^[a-z]/.test(key) ? [key] : romaji(key);
  return [...new Set(ways.map(way => way[0]!.toUpperCase()))];
}

/** Given names that are all written as letters: each has several, and together as many as their product. */
const mostGiven = 4;

/** Initials of a person, in either order, with and without those between; the single letters too. */
export function initialsOf({ family, given, text }: KnownName): string[] {
  const parts = family === undefined ? divide((text ?? '').slice(0, longest)) : { family, given: given.join(' ') };
  if (parts === undefined) return [];
  const families = first(parts.family.slice(0, longest));
  const words = parts.given
    .slice(0, longest)
    .split(/\s+/)
    .filter(word => word !== '')
    .map(first);
  const crossed = (lists: readonly string[][]): string[] =>
    lists.reduce<string[]>((all, list) => all.flatMap(one => list.map(other => one + other)), ['']);
  const orders = [[families], ...words.map(word => [word])];
  for (const word of words) orders.push([word, families], [families, word]);
  if (words.length > 1 && words.length <= mostGiven) orders.push([...words, families], [families, ...words]);
  return [...new Set(orders.flatMap(crossed))].filter(one => one !== '');
}

/** Abbreviations that are written with points. */
const abbreviations: ReadonlySet<string> = new Set(
  'AM PM CC HR BP RR MD DO RN NP PA PO IV IM SC SL PR QD BID TID QID QHS PRN HS AC PC OD OS OU VS PE DM HT TP ER ED OR US UK EU DC NS PT OT ST CT MR ID PH PS'.split(
    ' ',
  ),
);
const dotted = /(?<![A-Za-z])(?<![A-Z]\.)[A-Z](?:[.・] ?[A-Z]){1,2}\.?(?![A-Za-z])/g;
const called = /(?<![A-Za-z])(?<![A-Z]\.)[A-Z]{1,3}(?= ?(?:様(?!式|子|相)|さま|さん|氏(?!名)|君|くん|ちゃん|殿(?!部)))/g;
const labelled = /(?<=(?:患者|氏名|イニシャル|(?<![A-Za-z])(?:pt|patient|initials))\.? ?[:は]? ?)[A-Za-z]{2,3}(?![A-Za-z])/gi;
const title = /^ ?(?:様|さま|さん|氏|君|くん|ちゃん|殿)/;

export function findInitials(plain: string, initials: ReadonlySet<string>, emit: Emit): void {
  if (!/[A-Z]/.test(plain)) return;
  each(dotted, plain, ({ 0: text, index }) => {
    const letters = text.replace(/[^A-Z]/g, '');
    const end = index + text.length;
    if (title.test(plain.slice(end, end + 4)) || (initials.has(letters) && !abbreviations.has(letters))) emit(index, end, 'name');
  });
  for (const expression of [called, labelled])
    each(expression, plain, ({ 0: text, index }) => {
      if (initials.has(text)) emit(index, index + text.length, 'name');
    });
}

/** A name with the initials that stand beside it: J. Smith, Smith J., Jonathan F. Smith. */
export function withInitials(
  plain: string,
  start: number,
  end: number,
  initials: ReadonlySet<string>,
): readonly [start: number, end: number] {
  const before = /(?<![A-Za-z])(?<![A-Z]\.)(?:([A-Z])(?:\.? |\.)){1,2}$/.exec(plain.slice(Math.max(0, start - 7), start));
  const behind = /^(?:,? |\.)([A-Z])(?![A-Za-z'’])\.?(?! ?\d)/.exec(plain.slice(end, end + 5));
  return [
    before !== null && initials.has(before[1]!) ? start - before[0].length : start,
    behind !== null && initials.has(behind[1]!) ? end + behind[0].length : end,
  ];
}
