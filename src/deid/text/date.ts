/**
 * Dates in a text, found in every form in which they are written, and written again in the same form a number of days later: 西暦, 和暦 with 元年 and kanji numerals,
 * slashes, dots, hyphens, English months, partial dates, weekdays beside them. A date is a row of pieces; only the pieces that say a number change, each in its own style.
 * Eras begin: 明治 1868-01-25 by the Gregorian calendar, 大正 1912-07-30, 昭和 1926-12-25, 平成 1989-01-08, 令和 2019-05-01.
 * @module
 */
import { dayOf } from '../calendar.ts';
import { isBirthBeside } from './birth.ts';
import { days as ofMonth } from './date-day.ts';
import { doubtful } from './date-doubtful.ts';
import { english, mayHaveName } from './date-english.ts';
import { type FoundDate, type Pattern, type Piece, patterns } from './date-pattern.ts';
import { nextOf, withJoined, withRest } from './date-row.ts';
import { weekdays } from './date-weekday.ts';
import { numeral } from './numeral.ts';

export type { FoundDate, Piece } from './date-pattern.ts';

export const eras = [
  { name: '令和', letter: 'R', from: dayOf(2019, 5, 1), first: 2019 },
  { name: '平成', letter: 'H', from: dayOf(1989, 1, 8), first: 1989 },
  { name: '昭和', letter: 'S', from: dayOf(1926, 12, 25), first: 1926 },
  { name: '大正', letter: 'T', from: dayOf(1912, 7, 30), first: 1912 },
  { name: '明治', letter: 'M', from: dayOf(1868, 1, 25), first: 1868 },
] as const;

export const monthNames = 'january february march april may june july august september october november december'.split(' ');
const maybe =
  /[\d元]|[一二三四五六七八九十][年月日]|曜|(?:明治|大正|昭和|平成|令和)|月水金|火木土|[月火水木金土日][・/][月火水木金土日]|M[/-]?W|Tu?e?[/-]?T|[WM]\/F|(?:day|DAY|Mon|Tue|Wed|Thu|Fri|Sat|Sun|January|February|March|April|May|June|July|August|September|October|November|December)/;

/** All dates, in order, none inside another; the more specific pattern wins. */
export function findDates(plain: string): FoundDate[] {
  const isNamed = mayHaveName.test(plain);
  if (!isNamed && !maybe.test(plain)) return [];
  const found: FoundDate[] = [];
  const taken: boolean[] = [];
  const take = (date: FoundDate): void => {
    for (let i = date.start; i < date.end; i++) taken[i] = true;
    found.push(date);
  };
  for (const pattern of isNamed ? all : unnamed) {
    const { expression, holds } = pattern;
    expression.lastIndex = 0;
    for (let match = expression.exec(plain); match !== null; match = expression.exec(plain)) {
      const start = match.index;
      const end = start + match[0].length;
      if (end === start) {
        expression.lastIndex++;
        continue;
      }
      if (taken[start] || taken[end - 1]) continue;
      const held = holds === undefined || holds(plain, start, end, match as unknown as string[]);
      if (held === false) continue;
      let one = read(pattern, match, start, end);
      if (one === undefined) continue;
      if (held === 'unsure' || isHoliday(plain, start, end)) one = { start, end, pieces: one.pieces, verdict: 'none' };
      take(isBirthBeside(plain, start, end) ? { ...one, verdict: 'birth' } : one);
      for (let next = nextOf(one, plain); next !== undefined && !taken[next.start]; next = nextOf(next, plain)) take(next);
    }
  }
  return found.sort((a, b) => a.start - b.start).map(date => withJoined(withRest(date, plain, taken), plain, taken));
}

/** 3月20日(水・祝), 12/25 クリスマス: one of a few days of the year, which a day that moved would tell. */
const named =
  /元(?:日(?!本)|旦)|[三3]が日|大[晦みそ]|(?:成人|昭和|みどり|こども|子供|海|山|敬老|スポーツ|体育|文化)の日(?![常本中内])|建国記念|春分|憲法記念|秋分|勤労感謝|天皇誕生日|クリスマス|バレンタイン|ハロウィン|(?<!関)節分|七夕|(?:ひな|雛)祭|(?<![A-Za-z])(?:(?:Christmas|Xmas|X-mas|New Year|Thanksgiving|Halloween|Easter|Valentine)(?![a-rt-z])|Independence Day|Memorial Day|Labor Day|Boxing Day|July 4th)/i;
const isHoliday = (plain: string, start: number, end: number): boolean =>
  /\([^)]{0,3}祝/.test(plain.slice(end - 5, end + 4)) ||
  named.test(plain.slice(Math.max(0, start - 14), start)) ||
  named.test(plain.slice(end, end + 16));

const unnamed: readonly Pattern[] = [...doubtful, ...patterns, ...ofMonth, ...weekdays];
const all: readonly Pattern[] = [...english, ...unnamed];

function read({ roles, loose }: Pattern, match: RegExpExecArray, start: number, end: number): FoundDate | undefined {
  const pieces: Piece[] = [];
  const say: { era?: string; year?: number; month?: number; short?: boolean } = {};
  const days: number[] = [];
  roles.forEach((role, i) => {
    const text = match[i + 1];
    if (text === undefined || text === '') return;
    pieces.push({ role, text });
    if (role === 'era') say.era = text.toUpperCase();
    else if (role === 'year') {
      say.year = numeral(text);
      say.short = /^\d{2}$/.test(text);
    } else if (role === 'month') say.month = numeral(text);
    else if (role === 'day') days.push(numeral(text));
    else if (role === 'month-name') say.month = 1 + monthNames.findIndex(month => month.startsWith(text.slice(0, 3).toLowerCase()));
  });
  const span = { start, end, pieces };
  const none = loose ? undefined : ({ ...span, verdict: 'none' } as const);
  let { year } = say;
  if (say.era !== undefined) {
    const era = eras.find(one => one.name === say.era || one.letter === say.era || one.name[0] === say.era)!;
    if (Number.isNaN(year) || year! < 1 || year! > 99) return say.month === undefined ? none : { ...span, verdict: 'none' };
    year = era.first + year! - 1;
  } else if (year !== undefined && say.short) year += 2000;
  // 6年3月5日: of which era nobody says.
  else if (year !== undefined && year < 10) return say.month === undefined ? none : { ...span, verdict: 'none' };
  const { month } = say;
  const [day] = days;
  if ((year !== undefined && Number.isNaN(year)) || (month !== undefined && !(month >= 1 && month <= 12))) return none;
  if (day !== undefined) {
    const most = month === undefined ? 31 : daysIn(year ?? 2000, month);
    if (!days.every(one => one >= 1 && one <= most))
      return month === undefined || month <= 12 ? (year === undefined ? none : { ...span, verdict: 'none' }) : none;
  }
  return {
    ...span,
    ...(year === undefined ? {} : { year }),
    ...(month === undefined ? {} : { month }),
    ...(day === undefined ? {} : { day }),
    ...(days.length > 1 ? { days } : {}),
  };
}

export const daysIn = (year: number, month: number): number =>
  (month === 12 ? dayOf(year + 1, 1, 1) : dayOf(year, month + 1, 1)) - dayOf(year, month, 1);
