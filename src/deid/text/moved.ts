/**
 * A date that was found in a text, written a number of days later in the form in which it stands there.
 * What says no year takes that of the date before it in the text, or of a common year: then the distance may be a day off where a February has 29.
 * @module
 */
import { civilOf, dayOf } from '../calendar.ts';
import { daysIn, eras, type FoundDate, monthNames } from './date.ts';

/** The date before, in the same text: true values. */
export interface Reference {
  readonly year: number;
  readonly month?: number;
  readonly day?: number;
}

export interface Window {
  readonly shiftDays: number;
  /** True day numbers between which dates may leave. */
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** A common year, for dates that tell none. */
const anyYear = 2001;
/** Years outside these stand for no day of a life: 1900-01-01, 9999-12-31. */
const [firstYear, lastYear] = [1901, 2098];
const week = '日月火水木金土';
const weekEn = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** First and last day that a found date can mean, true; undefined: it says only a weekday, or a day of a month that nothing tells. */
export function daysOf({ year, month, day }: FoundDate, reference: Reference | undefined): { first: number; last: number } | undefined {
  const y = year ?? reference?.year ?? anyYear;
  if (month !== undefined && day !== undefined) {
    const at = dayOf(y, month, Math.min(day, daysIn(y, month)));
    return { first: at, last: at };
  }
  if (month !== undefined) return { first: dayOf(y, month, 1), last: dayOf(y, month, daysIn(y, month)) };
  if (year !== undefined) return { first: dayOf(y, 1, 1), last: dayOf(y, 12, 31) };
  if (day === undefined || reference?.month === undefined) return undefined;
  // 3月5日に入院、12日に手術: of the same month, or where it is over, of the next.
  const next = reference.day !== undefined && day < reference.day;
  const [inYear, inMonth] = next ? (reference.month === 12 ? [y + 1, 1] : [y, reference.month + 1]) : [y, reference.month];
  const at = dayOf(inYear, inMonth, Math.min(day, daysIn(inYear, inMonth)));
  return { first: at, last: at };
}

/**
 * The date's text, moved; undefined: it cannot be moved and goes.
 * @param original the pieces as they are in the original text, in full width for one
 * @param isPadded whether its months and days have two digits
 */
export function moved(
  date: FoundDate,
  original: readonly string[],
  { shiftDays, notBefore, notAfter }: Window,
  reference: Reference | undefined,
  isPadded: boolean,
): string | undefined {
  const onlyWeekday = date.pieces.every(({ role }) => role === 'weekday' || role === 'between');
  if (onlyWeekday)
    return date.pieces.map((piece, i) => (piece.role === 'weekday' ? weekday(piece.text, shiftDays) : original[i]!)).join('');
  const days = daysOf(date, reference);
  if (days === undefined || isSquare(date, original)) return undefined;
  if (date.year !== undefined && (date.year < firstYear || date.year > lastYear)) return undefined;
  // Mar 6-10, 2024: true days of the row.
  const row = (date.days ?? []).map(one => days.first + one - date.day!);
  if (notBefore !== undefined && [days.first, ...row].some(one => one < notBefore)) return undefined;
  if (notAfter !== undefined && [days.last, ...row].some(one => one > notAfter)) return undefined;
  const to = Math.floor((days.first + days.last) / 2) + shiftDays;
  const { year, month, day } = civilOf(to);
  const rowTo = row.map(one => civilOf(one + shiftDays));
  // Written with one month and one year, which both days must have.
  if (rowTo.some(one => one.month !== month || one.year !== year)) return undefined;
  const era = eras.find(one => to >= one.from);
  if (era === undefined) return undefined;
  // In 05MAY2024 and 5-May-2024 MAY is a name cut to three letters, as JUN would be; in May 5, 2024 it is a whole one.
  const isTight = date.day !== undefined && !date.pieces.some(({ role, text }) => role === 'between' && text.includes(' '));
  const inEra = date.pieces.some(({ role }) => role === 'era');
  const isByPlace = date.pieces.some(
    ({ role, text }) =>
      (role === 'month' || role === 'day' || (role === 'year' && inEra)) && /[〇零]|^[一二三四五六七八九]{2,}$/.test(text),
  );
  const isBlank = hasBlanks(date);
  // Of 2024/3/ 5 the month has none.
  const inBlanks = (number: string, i: number): string =>
    isBlank && (date.pieces[i]!.text.length === 2 || /\s$/.test(date.pieces[i - 1]?.text ?? '')) ? number.padStart(2) : number;
  let nth = -1;
  return date.pieces
    .map(({ role, text }, i) => {
      if (role === 'day') nth++;
      const ofRow = rowTo[nth]?.day ?? day;
      switch (role) {
        case 'era':
          return text.length > 1 ? era.name : /[A-Z]/i.test(text) ? styled(era.letter, original[i]!) : era.name[0];
        case 'year':
          if (!inEra && /^\d\d$/.test(text)) return styled(String(year % 100).padStart(2, '0'), original[i]!);
          // R06 and 2024 stay as wide as they are; of H31/04/30 the zero of the month tells how a year of one digit is written.
          return written(
            inEra ? year - era.first + 1 : year,
            text,
            original[i]!,
            text.startsWith('0') || text.length === 4 || (isPadded && text.length === 2) ? text.length : 1,
            isByPlace,
            inEra,
          );
        case 'month':
          return inBlanks(written(month, text, original[i]!, isPadded ? 2 : 1, isByPlace), i);
        case 'day':
          return inBlanks(written(ofRow, text, original[i]!, isPadded ? 2 : 1, isByPlace), i);
        case 'month-name':
          return monthName(month, text, isTight);
        case 'ordinal':
          return text === text.toUpperCase() ? ordinal(ofRow).toUpperCase() : ordinal(ofRow);
        case 'weekday':
          return weekday(text, shiftDays);
        default:
          return isBlank && /\s$/.test(text) ? original[i]!.slice(0, -1) : original[i]!;
      }
    })
    .join('');
}

/** 2024/ 3/ 5, 2024/ 3/15, R6.3. 5: a blank in the place of a zero, which tells as much. R6. 3. 5 and 2024 / 3 / 5 are written with blanks. */
const hasBlanks = ({ pieces }: FoundDate): boolean => {
  const signs = pieces.filter(
    ({ role, text }, i) => role === 'between' && /^(?:month|day)$/.test(pieces[i + 1]?.role ?? '') && /[/.・_\\-]/.test(text),
  );
  const isOpen = signs.map(({ text }) => /^\S+\s$/.test(text));
  return isOpen.includes(true) && (isOpen.includes(false) || signs.every(({ text }) => !text.startsWith('.')));
};

/** ㋂, ㏤: number and sign in one character, of which nothing else can be written. */
const isSquare = ({ pieces }: FoundDate, original: readonly string[]): boolean =>
  pieces.some(({ text }, i) => /^\d/.test(text) && /[\u32c0-\u32cb\u33e0-\u33fe]/.test(original[i]!));

/** Full width where the original is. */
const styled = (text: string, original: string): string =>
  /[\uff01-\uff5e]/.test(original) ? text.replace(/[!-~]/g, c => String.fromCharCode(c.charCodeAt(0) + 0xfee0)) : text;

const kanji = '〇一二三四五六七八九';

/** A number in the style of another: kanji by place (二〇二四) or by value (四十五), full width; in digits at least so many. */
function written(value: number, like: string, original: string, digits: number, isByPlace: boolean, inEra = false): string {
  if (/^\d/.test(like)) return styled(String(value).padStart(digits, '0'), original);
  if (like === '元' || (inEra && value === 1)) return value === 1 ? '元' : isByPlace ? byPlace(value) : byValue(value);
  return isByPlace || /^[〇零一二三四五六七八九]{2,}$/.test(like) ? byPlace(value) : byValue(value);
}

const byPlace = (value: number): string => [...String(value)].map(d => kanji[Number(d)]!).join('');

function byValue(value: number): string {
  if (value >= 1000) return byPlace(value);
  const [tens, ones] = [Math.floor(value / 10), value % 10];
  return (tens === 0 ? '' : (tens === 1 ? '' : kanji[tens]!) + '十') + (ones === 0 && tens > 0 ? '' : kanji[ones]!);
}

function monthName(month: number, like: string, isTight: boolean): string {
  const whole = monthNames[month - 1]!;
  const short =
    like.length === 3 && (isTight || like.toLowerCase() !== 'may')
      ? whole.slice(0, 3)
      : like.length === 4 && /^sept$/i.test(like)
        ? whole.slice(0, 3)
        : whole;
  if (like === like.toLowerCase()) return short;
  return like === like.toUpperCase() ? short.toUpperCase() : short[0]!.toUpperCase() + short.slice(1);
}

const ordinal = (n: number): string => (n % 100 >= 11 && n % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th'));

function weekday(text: string, shiftDays: number): string {
  const turn = (at: number): number => (((at + shiftDays) % 7) + 7) % 7;
  const at = week.indexOf(text[0]!);
  if (at >= 0) return week[turn(at)]! + text.slice(1);
  const english = weekEn.findIndex(name => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase());
  const to = weekEn[turn(english)]!.slice(0, /day$/i.test(text) ? undefined : 3);
  if (text === text.toLowerCase()) return to.toLowerCase();
  return text === text.toUpperCase() ? to.toUpperCase() : to;
}

/** What a date tells the next one: its true year and, where it has them, month and day. */
export function referenceOf(date: FoundDate, before: Reference | undefined): Reference | undefined {
  const days = daysOf(date, before);
  if (days === undefined || (date.year === undefined && before === undefined && date.month === undefined)) return before;
  const { year, month, day } = civilOf(days.first);
  if (date.month === undefined && date.day === undefined) return { year };
  return date.day === undefined ? { year, month } : { year, month, day };
}
