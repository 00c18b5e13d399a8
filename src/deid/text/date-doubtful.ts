/**
 * Forms that dates have, and other numbers as often: 2024 3 5, 240305, 3/7/9日. What may be a day goes; what an amount stands beside, or a word that counts, stays.
 * @module
 */
import { after, before, type Pattern } from './date-pattern.ts';
import { isDayBeside, isValue } from './fraction.ts';

/** What is counted or named by six digits. */
const counts =
  /(?:番号|コード|code|ID|No\.?|plt|platelets?|血小板|WBC|RBC|コピー|counts?|load|[DR]NA|hCG|菌数|細胞数|ウイルス量|コロニー|[#=])\s?[:は]?\s?$/i;
/** 240305 and 202403 before anything but a unit; 030524 and 060305 where a word tells of a day. */
function isSixDigits(plain: string, start: number, end: number): boolean {
  const [a, b, c] = [0, 2, 4].map(at => Number(plain.slice(start + at, start + at + 2))) as [number, number, number];
  const isDay = (month: number, day: number): boolean => month >= 1 && month <= 12 && day >= 1 && day <= 31;
  if (
    /^\s?(?:\/|個|円|歩|人|件|例|点|[µmkx×]|IU|U(?![a-z])|copies|cells|steps|単位|コピー|万|千)/.test(after(plain, end)) ||
    counts.test(before(plain, start))
  )
    return false;
  const isYear = a === 20 ? b < 40 : a === 19 && b >= 30;
  return (
    (isYear && isDay(c, 1)) ||
    (a >= 15 && a <= 39 && isDay(b, c)) ||
    ((isDay(b, c) || isDay(a, b) || isDay(b, a)) && isDayBeside(plain, start, end))
  );
}

export const doubtful: readonly Pattern[] = [
  // 2024,3,5, 2024 3 5, 令和6、3、5: dates or three numbers; 2024/0305, 2024-W10-2
  {
    expression:
      /(?<![\dA-Za-z]|\d[.,])(?:(?:(?:19|20)\d\d|(?:明治|大正|昭和|平成|令和)\s?\d{1,2})(\s?[,、:~]\s?|\s{1,2})(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])|(?:(?:0?[1-9]|1[0-2]) (?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|3[01]) (?:0?[1-9]|1[0-2])) (?:19[3-9]\d|20[0-3]\d)|(?:19\d\d|20[0-3]\d)[/. ](?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:19|20)\d\d-?W[0-5]\d(?:-?[1-7])?)(?!\d|[.,/:]\d|\s?(?:mg|mL|%|回|例|人|名|年))/g,
    roles: [],
    loose: true,
    // I/O 1950/1225
    holds: (plain, start, end, [text]) => !(/^\d{4}\/\d{4}$/.test(text!) && isValue(plain, start, end)) && 'unsure',
  },
  // 令和六・三・五
  {
    expression:
      /(明治|大正|昭和|平成|令和)(\s?)([元〇零一二三四五六七八九十]{1,3})([・./、,-])([〇零一二三四五六七八九十]{1,3})(\4)([〇零一二三四五六七八九十]{1,3})(?![〇零一二三四五六七八九十])/g,
    roles: ['era', 'between', 'year', 'between', 'month', 'between', 'day'],
  },
  // 240305, 030524, 202403
  {
    expression: /(?<![\dA-Za-z]|\d[.,/-])\d{6}(?![\dA-Za-z]|[.,/-]\d)/g,
    roles: [],
    loose: true,
    holds: (plain, start, end) => isSixDigits(plain, start, end) && 'unsure',
  },
  // 3-5に手術, 3.5手術; K 3.5 手術 is a value
  {
    expression:
      /(?<![\dA-Za-z.%/-])(?:0?[1-9]|1[0-2])[-.](?:0?[1-9]|[12]\d|3[01])(?=\s?(?:に\s?)?(?:再?入院|退院|手術|施行|受診|来院|転院|転棟|発症|初診|再診|撮影|搬送|死亡|永眠))/g,
    roles: [],
    loose: true,
    // What is known to be a day moves: 3.5に入院.
    holds: (plain, start, end, [text]) =>
      !(text!.includes('.') && (/^\s?に/.test(plain.slice(end, end + 2)) || isValue(plain, start, end))) && 'unsure',
  },
  // 3/7/9日
  {
    expression: /(?<![\d./])\d{1,2}(?:\/\d{1,2}){2,8}日(?![間目前後分])/g,
    roles: [],
    loose: true,
    holds: () => 'unsure',
  },
];
