/**
 * Names of staff that are everyday words, in a row with one that is none or stands behind a label: 佐々木/森/南, Drs. Young and Rose.
 * @module
 */
import type { Span } from './entity.ts';
import { isJapanese, isLetter, isSpace } from './letters.ts';

const marks = '/、,・&→';
const between = /^(?: ?[/、,・&→] ?| and )$/;
/** Behind a comma a word may begin a clause: Rose, Will follow. */
const clause = /^ [a-z]/;

/** Whether something of a row stands on either side, and no word on any. */
export function mayBeInRow(plain: string, start: number, end: number): boolean {
  const [before, behind] = [plain.charCodeAt(start - 1), plain.charCodeAt(end)];
  if (isJapanese(before) || isLetter(before) || isJapanese(behind) || isLetter(behind)) return false;
  return isSpace(before) || isSpace(behind) || marks.includes(plain[start - 1] ?? '。') || marks.includes(plain[end] ?? '。');
}

/** Those of the doubtful names that a row leads to from a sure one; over a space only from the left, where the label stands. */
export function inRow(plain: string, doubtful: readonly Span[], sure: readonly Span[]): Span[] {
  const staff = sure.filter(({ entity }) => entity === 'staff');
  const starts = new Set(staff.map(({ start }) => start));
  const ends = new Set(staff.map(({ end }) => end));
  const ordered = [...doubtful].sort((a, b) => a.start - b.start);
  const found = new Set<Span>();
  const joins = (text: string): boolean => between.test(text);
  for (const one of ordered)
    for (let n = 1; n <= 5; n++) {
      const text = plain.slice(one.start - n, one.start);
      if (
        ends.has(one.start - n) &&
        (text === ' ' || (joins(text) && !(text.includes(',') && clause.test(plain.slice(one.end, one.end + 2)))))
      ) {
        found.add(one);
        ends.add(one.end);
        starts.add(one.start);
        break;
      }
    }
  for (const one of ordered.reverse())
    for (let n = 1; n <= 5; n++)
      if (starts.has(one.end + n) && joins(plain.slice(one.end, one.end + n))) {
        found.add(one);
        starts.add(one.start);
        break;
      }
  return [...found];
}
