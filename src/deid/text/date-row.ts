/**
 * What is joined to a date: other days of its month (3/5~10, 3/6,7,8, 3/6及び8日), the month and day in which it ends (2024.3.6-3.10), and numbers that nobody can read (2024/03/06-001).
 * Days move with their date; with such numbers the whole row goes, for it may be another date.
 * @module
 */
import type { FoundDate } from './date-pattern.ts';
import { isDayBehind } from './fraction.ts';
import { numeral } from './numeral.ts';

const unit = '(?:mg|g|mL|ml|kg|cm|mm|[回点度間年分名人例錠本枚包個件]|単位)';
const counted = `\\d|[.:/]\\d|\\s?[x×]\\s?\\d|\\s?(?:${unit}|mmHg|[%歳才ヶか箇月週秒時割度代床台杯滴個件種類枚])`;
/** Perhaps so many days, of which date-day.ts knows more. */
const many = '[間目前後分毎投処続]|ごと|おき|以[上内下]|くらい|ぐらい|ほど|程度';
/** 五, 二十日 */
const inKanji = `[一二三四五六七八九十]{1,3}(?=日(?!${many}))`;
/** 3/5~10, 五日〜七日 */
const through = new RegExp(`(\\s?[~-]\\s?)(\\d{1,2}|${inKanji})(日(?!${many})|(?!日))(?![\\d/.月時:歳%]|\\s?${unit})`, 'y');
/** 三月五日から七日 */
const from = new RegExp(`(\\s?(?:から|より)\\s?)(\\d{1,2}|${inKanji})(日(?!${many}))`, 'y');
/** 9/17 and the 19th; 9/17, 19th */
const ordinals = /(\s?(?:[,、・~→-]|->)\s?|,?\s(?:and|or|to|through|thru|until)\s)((?:on\s)?the\s)?(\d{1,2})(st|nd|rd|th)(?![A-Za-z])/y;
/** Behind a day without an article no thing is counted, as of 4th and 5th ribs, 3rd of 6 cycles. */
const stops = /^(?:(?:,|,? (?:and|or)|[~-]) ?\d{1,2}(?:st|nd|rd|th)(?![a-z])){0,8}(?:$|[.;)]|,(?!\s?(?:\d|and|or))|\s?[\u3041-\u9fff])/;
/** Behind a day that a word joins: and 19th at noon. */
const goesOn = /^\s(?:s?he|they|pt|at|after|was|were)(?![a-z])/;
/** Behind a day, and not behind the 5th rib. */
const timely = /^(?:$|[.,;)]|\s?[\u3041-\u9fff]|\s(?:of|s?he|they|pt|and|at|for|with|after|to|in|was|were)(?![a-z]))/;
/** 3/5→7, 3/5夜〜7朝, 3/5 7日: a day, or what it came to, or so many */
const perhaps = new RegExp(
  `(\\s?(?:→|->)\\s?)(\\d{1,2})(?![\\d/.:A-Za-zァ-ヺ]|${counted})|([朝昼夕夜](?:から)?\\s?[~-]?\\s?)(\\d{1,2})(?=日?の?[朝昼夕夜])|(\\s{1,2})(\\d{1,2})日(?!${many})(?:\\s?[(（[]?[月火水木金土日][)）\\]])?`,
  'y',
);
/** 3/6,7 */
const and = new RegExp(
  `(\\s?(?:[,、・]|及び|および|並びに|ならびに|と|か|または|ないし)\\s?)(\\d{1,2}|${inKanji})(日(?!${many})|)(?![\\d/.月時:歳%]|\\s?${unit})(?:(?=[にのよ両]|(?<=日))|(?=[、,。)~・と及お並な-]|\\s|$)())`,
  'y',
);
/** 2024.3.6-3.10, 2024.3.6から3.10; 2024.3.6, 3.10 may be another number */
const until = /(\s?(?:[,、・~→-]|から|より|to(?=\s))\s?)(\d{1,2})([/.])(\d{1,2})(?![\d/]|\.\d|\s?(?:mg|mL|%))/y;

const at = (expression: RegExp, plain: string, start: number): RegExpExecArray | null => {
  expression.lastIndex = start;
  return expression.exec(plain);
};

const isDay = (text: string): boolean => Number(text) >= 1 && Number(text) <= 31;

/** The day in words of order behind one that tells its day. */
function nthOf({ end, pieces, verdict }: FoundDate, plain: string): FoundDate | undefined {
  const nth = at(ordinals, plain, end);
  if (nth === null || !isDay(nth[3]!) || !pieces.some(({ role }) => role === 'day')) return undefined;
  const to = end + nth[0].length;
  const hasArticle = nth[2] !== undefined;
  if (!hasArticle && !stops.test(plain.slice(to, to + 80)) && !(/[a-z]/.test(nth[1]!) && goesOn.test(plain.slice(to, to + 8))))
    return undefined;
  const isSure = verdict === undefined && (!hasArticle || timely.test(plain.slice(to, to + 8)));
  return {
    start: to - nth[3]!.length - nth[4]!.length,
    end: to,
    pieces: [
      { role: 'day', text: nth[3]! },
      { role: 'ordinal', text: nth[4]! },
    ],
    day: Number(nth[3]),
    ...(isSure ? {} : { verdict: 'none' }),
  };
}

/** The date that continues one which tells month and day, or undefined. */
export function nextOf(date: FoundDate, plain: string): FoundDate | undefined {
  const { end, pieces, verdict } = date;
  const none = verdict === undefined ? {} : ({ verdict: 'none' } as const);
  const nth = nthOf(date, plain);
  if (nth !== undefined) return nth;
  const last = pieces.filter(({ role, text }) => role !== 'weekday' && (role !== 'between' || !/[(（)）日]/.test(text))).at(-1);
  if (last?.role !== 'day' || pieces.some(({ role }) => role === 'month-name')) return undefined;
  const hasYear = pieces.some(({ role }) => role === 'year');
  const to = hasYear ? at(until, plain, end) : null;
  if (to !== null && pieces.some(({ role, text }) => role === 'between' && text.trim() === to[3])) {
    const [month, day] = [Number(to[2]), Number(to[4])];
    if (month >= 1 && month <= 12 && day >= 1 && day <= 31) {
      const start = end + to[1]!.length;
      const row = [
        { role: 'month', text: to[2]! },
        { role: 'between', text: to[3]! },
        { role: 'day', text: to[4]! },
      ] as const;
      const isOpen = to[3] === '.' && /[,、・]/.test(to[1]!);
      return { start, end: end + to[0].length, pieces: row, month, day, ...(isOpen ? ({ verdict: 'none' } as const) : none) };
    }
  }
  const open = at(perhaps, plain, end);
  const text = open?.[2] ?? open?.[4] ?? open?.[6];
  if (open !== null && text !== undefined && isDay(text)) {
    const to = end + open[0].length;
    return {
      start: end + (open[1] ?? open[3] ?? open[5]!).length,
      end: to,
      pieces: [{ role: 'day', text }],
      day: Number(text),
      verdict: 'none',
    };
  }
  const one = at(through, plain, end) ?? at(from, plain, end) ?? at(and, plain, end);
  if (one === null) return undefined;
  const day = numeral(one[2]!);
  if (!(day >= 1 && day <= 31)) return undefined;
  const start = end + one[1]!.length;
  const row = [{ role: 'day', text: one[2]! } as const, ...(one[3] === '' ? [] : [{ role: 'between', text: one[3]! } as const])];
  // 2024/3/5, 7, 12 may be values.
  const isOpen = one[4] !== undefined && (hasYear || /^\s[A-Za-z]/.test(plain.slice(end + one[0].length, end + one[0].length + 2)));
  return { start, end: end + one[0].length, pieces: row, day, ...(isOpen ? ({ verdict: 'none' } as const) : none) };
}

const sign = '[\\s./,、・:_\\\\~-]';
/** 9/17 of 2022 9/17, 0917, 第37週, W37-6 */
const restOfYear = new RegExp(
  `${sign}{1,3}(?:0?[1-9]|1[0-2])${sign}{1,3}(?:0?[1-9]|[12]\\d|3[01])日?(?!${counted})|[\\s./_-]?(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])(?!${counted})|の?\\s?第\\s?\\d{1,2}週(?!間)|-?W\\d\\d(?:-\\d)?`,
  'y',
);
/** 17 of 2022年9月17 */
const restOfMonth = new RegExp(`の?\\s?(?:0?[1-9]|[12]\\d|3[01])(?!${counted})`, 'y');
/** 2022 of Sep 17/2022, 17 Sep of 2022 */
const restOfDay = new RegExp(
  `(?:\\s{0,2}[-/,._]\\s{0,2}|\\s{1,3}(?:(?:of|in)\\s)?)(?:19|20)\\d\\d(?!${counted}|年|[-/]\\d|\\s?(?:mL|IU|U|cc|kcal|units?|steps)(?![A-Za-z]))`,
  'iy',
);
/** Behind 2型, 5-FU and 3/5 strength no day ends. */
const ends = /^\s?(?:$|\n|[。、,.;:)」](?!\d))/;
/** 17/9 of 17 / 9 / 2022, 17 of 17/Sep 2022 */
const before = {
  year: /(?<![\d.])(?:(?:[0-2]?\d|3[01])(\s?[-/.]\s?|\s{1,2})(?:[0-2]?\d|3[01])\1|(?:0?[1-9]|1[0-2])\s?[-/]\s?)$/,
  month: /(?<![\d./])(?:0?[1-9]|[12]\d|3[01])[-/.]\s?$/,
};

/** What a date lacks and stands beside it in another form goes with it, for it is true. */
export function withRest(date: FoundDate, plain: string, taken: readonly boolean[]): FoundDate {
  const { pieces, verdict } = date;
  const has = (role: string): boolean => pieces.some(one => one.role === role);
  const [isYear, isNamed, isDay] = [has('year'), has('month-name'), has('day')];
  const isMonth = isNamed || has('month');
  let { start, end } = date;
  const behind =
    isYear && !isMonth ? restOfYear : has('month') && !isDay ? restOfMonth : isNamed && isDay && !isYear ? restOfDay : undefined;
  const rest = behind && at(behind, plain, end);
  const to = end + (rest?.[0].length ?? 0);
  // 2024年3月5 2型
  const isTight = rest != null && /^の?\d/.test(rest[0]) && plain[to] === ' ';
  if (
    rest != null &&
    !taken[to - 1] &&
    (isDay || isTight || /[週W]/.test(rest[0]) || ends.test(plain.slice(to, to + 3)) || isDayBehind(plain, to))
  )
    end = to;
  if (isYear && !isDay && !has('era') && (!isMonth || isNamed)) {
    // Of 1.2. 2022 the blank parts two sentences.
    const from = start + (pieces[0]!.role === 'between' ? pieces[0]!.text.length : 0);
    const ahead = before[isNamed ? 'month' : 'year'].exec(plain.slice(Math.max(0, from - 12), from));
    if (ahead !== null && !taken[from - ahead[0].length]) start = from - ahead[0].length;
  }
  return start === date.start && end === date.end ? date : { start, end, pieces, verdict: verdict ?? 'none' };
}

const joint = /[/.\\_-]/;
/** -10:30, -7日間: no part of the date. */
const apart = new RegExp(`^.(?:(?:[01]?\\d|2[0-3]):[0-5]\\d|\\d{1,3}(?:日[間目]|\\s?${unit}))`);

/** Tells a month, and is more than 3/5, beside which there may be anything. */
const isWhole = ({ pieces }: FoundDate): boolean =>
  pieces.some(({ role }) => role === 'month-name') ||
  (pieces.some(({ role }) => role === 'month') && pieces.some(({ role, text }) => role === 'year' || text.includes('月')));

/** The date with the numbers that are joined to it, where there are any that no date has: then all of them go. */
export function withJoined(date: FoundDate, plain: string, taken: readonly boolean[]): FoundDate {
  const isLoose = (i: number): boolean => !taken[i] && /[\d/.\\_-]/.test(plain[i] ?? ' ');
  const isNumber = (i: number): boolean => !taken[i] && /\d/.test(plain[i] ?? ' ');
  const isAhead = joint.test(plain[date.end] ?? ' ') && isNumber(date.end + 1) && !apart.test(plain.slice(date.end, date.end + 8));
  const isBehind = joint.test(plain[date.start - 1] ?? ' ') && isNumber(date.start - 2);
  if (!(isAhead || isBehind) || !isWhole(date)) return date;
  let { start, end } = date;
  if (isAhead) {
    while (isLoose(end)) end++;
    while (!/\d/.test(plain[end - 1]!)) end--;
  }
  if (isBehind) {
    let from = start - 1;
    while (isLoose(from - 1)) from--;
    while (!/\d/.test(plain[from]!)) from++;
    // 10:30-2024/3/5, 1.2024/3/5
    const isItem = /^\d{1,2}\.$/.test(plain.slice(from, start)) && !/[\dA-Za-z]/.test(plain[from - 1] ?? ' ');
    if (plain[from - 1] !== ':' && !isItem) start = from;
  }
  return start === date.start && end === date.end ? date : { start, end, pieces: date.pieces, verdict: date.verdict ?? 'none' };
}
