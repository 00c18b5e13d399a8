/**
 * The forms in which dates are written, each as an expression whose groups are the pieces of the date in their order, and what tells it from a fraction, a duration, a vertebra.
 * @module
 */
import { type Reading, readFraction } from './fraction.ts';
import { numeral } from './numeral.ts';

/** What a piece of a date says. */
export type Role = 'era' | 'year' | 'month' | 'day' | 'month-name' | 'ordinal' | 'weekday' | 'between';

const num = '(?:\\d{1,2}|[一二三四五六七八九十]{1,3})';
const week = '(\\s?[(（]?\\s?)([月火水木金土日](?:曜日?)?)(\\s?[)）])';
const weekEn = '(\\s?[(（,]?\\s?)((?:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)(?:day|sday|nesday|rsday|urday)?)(?![a-z])';
const name =
  '(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEPT?|OCT|NOV|DEC)';

/** first … thirty-first */
const inWords =
  '(?:(?:[Tt]wenty[ -])?(?:[Ff]irst|[Ss]econd|[Tt]hird|(?:[Ff]our|[Ff]if|[Ss]ix|[Ss]even|[Ee]igh|[Nn]in)th)|[Tt]hirty[ -][Ff]irst|' +
  '(?:[Tt]en|[Ee]leven|[Tt]welf|(?:[Tt]hir|[Ff]our|[Ff]if|[Ss]ix|[Ss]even|[Ee]igh|[Nn]ine)teen|[Tt]wentie|[Tt]hirtie)th)(?![A-Za-z])';

export interface Pattern {
  readonly expression: RegExp;
  readonly roles: readonly Role[];
  /** Whether a match that is no day of the calendar is no date at all, rather than one that goes. */
  readonly loose?: boolean;
  /** Last word: whether this is a date where it stands. `unsure`: it goes. */
  readonly holds?: (plain: string, start: number, end: number, text: readonly string[]) => boolean | 'unsure';
}

/** What stands beside a place, a few units of it. */
export const before = (plain: string, start: number, n = 12): string => plain.slice(Math.max(0, start - n), start);
export const after = (plain: string, end: number, n = 12): string => plain.slice(end, end + n);

const durationAfter =
  /^ ?(?:間|後|前(?!半)|目|分|毎|ごと|おき|以[上内下]|程度|くらい|ぐらい|ほど|連続|曜|帰り|齢|未満|経過|を要|かけて|に?\s?\d+\s?回|[一二三四五六]回|\d+(?:\.\d+)?\s?(?:回|錠|mg|µ?g|mL|ml|単位|包|カプセル|枚|本|合|箱|時間|食|度|滴|吸入|噴霧)|\s?[×x*])/;
/** Of a drug: so many days, unless the day stands by itself. */
const course = /^ ?(?:量|処方|投与|常|数|内服)/;
const byItself = /(?:^|[、。,\s(~-])$/;
/** A day and no number of days, though no month is near. */
const ofMonth =
  /^\s?(?:に(?!\s?\d*[回度])|の|より|から|まで|、|夜|朝|昼|夕|晩|深夜|未明|早朝|午前|午後|正午|予定|予約|受診|入院|退院|手術|施行|再診|来院|頃|ころ|付|~|-|\()/;
const durationBefore =
  /(?:術後|生後|産後|約|計|第|病日|最大|合計|全|各|毎|発症|入院|開始|生存|在院|連続|最低|最長|過去|今後|及び|POD|day|週|間|\d[.,~\-/]?|か|ヶ|ヵ|カ|ケ|数|[一二三四五六七八九十百〇]) ?$/i;

/** What may be 2,000 of. */
const amountOf =
  /(?<![A-Za-z])(?:to|of|is|was|at|output|intake|volume|level|count|dose|total|max|urine|drain|WBC|BNP|CPK|LDH|AST|ALT|Plt|ferritin|about|over|under|than) $/i;
const holding = (reading: Reading): boolean | 'unsure' => (reading === 'unsure' ? reading : reading === 'day');
/** Of 3/5~10 the second number: what the first one is. */
function ofDay(plain: string, start: number): boolean | 'unsure' {
  const first = /(?<![\d/])\d{1,2}\/\d{1,2}(?:\([月火水木金土日]\))?(?=\s?[~,、・-]\s?$)/.exec(before(plain, start, 16));
  if (first === null || first[0].endsWith(')')) return true;
  const at = Math.max(0, start - 16) + first.index;
  return holding(readFraction(plain, at, at + first[0].length));
}

const version = /(?:[A-Za-z]|第)[.:]? ?$/;
const japanese = /[\u3041-\u30ff\u4e00-\u9fff]/;

/** The more specific first: what one has taken no later one gets. */
export const patterns: readonly Pattern[] = [
  // 令和6年3月5日(火), 昭和四十年三月, 2024年, R6年3月5日
  {
    expression: new RegExp(
      `(?<![A-Za-z0-9])(明治|大正|昭和|平成|令和|[MTSHR明大昭平令](?=\\s{0,2}[\\d元])|)(\\s{0,2})(\\d{1,4}|元|[〇零一二三四五六七八九十百千]{1,6})(\\s{0,2}年度?\\s{0,2})(?:(${num})(\\s{0,2}月(?!齢|間|経)\\s{0,2})(?:(${num})(\\s{0,2}日(?![間本])|(?=\\s?[,、・~-]\\s?\\d{1,2}\\s?日))(?:${week})?)?)?`,
      'g',
    ),
    roles: ['era', 'between', 'year', 'between', 'month', 'between', 'day', 'between', 'between', 'weekday', 'between'],
    loose: true,
    holds: (plain, _start, end, [, era, , year, , month]) => {
      if (era !== '') return true;
      const n = numeral(year!);
      // 95年生
      if (month === undefined && /^\d{2}$/.test(year!)) return /^生(?:ま|れ|$|[\s、。)])/.test(after(plain, end));
      return (n >= 1868 && n <= 2200) || (month !== undefined && /^(?:\d{1,2}|\d{4}|[〇零一二三四五六七八九十]{1,3})$/.test(year!));
    },
  },
  // 2024-03-05T…, 2024/3/5 (火), R6.3.5, H31/4/30, 昭和23.3.5, '24.3.5
  {
    expression: new RegExp(`(?<![A-Za-z0-9./-])(\\d{4})(\\s?[/.・-]\\s?)(\\d{1,2})(\\2)(\\d{1,2})(?![\\d]|[/-]\\d)(?:${week})?`, 'g'),
    roles: ['year', 'between', 'month', 'between', 'day', 'between', 'weekday', 'between'],
  },
  {
    expression: new RegExp(
      `(?<![A-Za-z0-9])(明治|大正|昭和|平成|令和|[MTSHR明大昭平令])(\\.?\\s?)(\\d{1,2}|元)([/.・-])(\\d{1,2})(?:(\\4)(\\d{1,2}))?(?![\\d]|[/-]\\d)(?:${week})?`,
      'g',
    ),
    roles: ['era', 'between', 'year', 'between', 'month', 'between', 'day', 'between', 'weekday', 'between'],
    loose: true,
    // T4-5, S1/2 and S1・2・3 are vertebrae; 平成5-6 are years.
    holds: (_plain, _start, _end, [, era, point, year, separator, , , day]) =>
      day === undefined
        ? /[HR平令昭和]/.test(era!) && /[/.]/.test(separator!) && !point!.includes('.')
        : japanese.test(era!) || !((separator === '・' && Number(year) <= 12) || (era === 'T' && separator === '-')),
  },
  {
    expression: new RegExp(`(?<![\\d./-])('?)(\\d{2})([/.])(\\d{1,2})(\\3)(\\d{1,2})(?![\\d]|[/.-]\\d)(?:${week})?`, 'g'),
    roles: ['between', 'year', 'between', 'month', 'between', 'day', 'between', 'weekday', 'between'],
    loose: true,
    holds: (plain, start, end, [, quote, , separator]) =>
      quote !== '' ||
      (separator === '/'
        ? japanese.test(plain.slice(Math.max(0, start - 20), end + 20))
        : /^ ?(?:版|mm|cm)/.test(after(plain, end)) || version.test(before(plain, start))
          ? false
          : japanese.test(plain.slice(Math.max(0, start - 20), end + 20)) || 'unsure'),
  },
  // 3/5/24
  {
    expression: /(?<![\dA-Za-z./-])(\d{1,2})(\/)(\d{1,2})(\2)(\d{2})(?![\d]|[/.-]\d)/g,
    roles: ['month', 'between', 'day', 'between', 'year'],
  },
  // 3-5-24, 24-03-05, 05.03.24: of which nobody knows which number is what.
  {
    expression: new RegExp(
      `(?<![\\dA-Za-z./-])(?:(0?[1-9]|1[0-2])(-)(0?[1-9]|[12]\\d|3[01])(-)(\\d{2})|(1[3-9]|2\\d|3[01])(-)(0?[1-9]|1[0-2])(-)(\\d{2})|` +
        `(0[1-9]|[12]\\d|3[01])(\\.)(0[1-9]|1[0-2])(\\.)(\\d{2}))(?![\\dA-Za-z%]|[/.-]\\d| ?(?:mg|mL|g|units?|u|cm|mm|単位|錠|分|回)(?![A-Za-z]))`,
      'g',
    ),
    roles: 'month between day between year day between month between year day between month between year'.split(' ') as Role[],
    loose: true,
    holds: () => 'unsure',
  },
  // 03/05/2024, 05.03.2024
  {
    expression: /(?<![\d./-])(\d{1,2})(\s?[/-]\s?)(\d{1,2})(\2)(\d{4})(?![\d]|[/.-]\d)/g,
    roles: ['month', 'between', 'day', 'between', 'year'],
    loose: true,
    holds: (_plain, _start, _end, [, month]) => Number(month) <= 12,
  },
  {
    expression: /(?<![\d./-])(\d{1,2})([./-])(\d{1,2})(\2)(\d{4})(?![\d]|[/.-]\d)/g,
    roles: ['day', 'between', 'month', 'between', 'year'],
  },
  // 20240305, 20240305102030
  {
    expression: /(?<![A-Za-z0-9.-])((?:18|19|20|21)\d\d)(\d\d)(\d\d)(?=T\d|(?:\d{4}|\d{6})?(?![A-Za-z0-9]|-\d))/g,
    roles: ['year', 'month', 'day'],
    loose: true,
  },
  // 2024/3, 2024-03
  {
    expression: /(?<![A-Za-z0-9./-])((?:18|19|20|21)\d\d)([/.-])(\d{1,2})(?![\d]|[/.-]\d)/g,
    roles: ['year', 'between', 'month'],
    loose: true,
    holds: (plain, _start, end, [, , separator, month]) =>
      separator === '/' || (month!.length === 2 && !/^\s?[a-zA-Z%]/.test(after(plain, end))),
  },
  // March 5, 2024; Mar. 5th
  {
    expression: new RegExp(
      `(?<![A-Za-z])(${name})(\\.?\\s)(\\d{1,2})(st|nd|rd|th|)(?![\\d]|[.:/]\\d)(?:(,?\\s)(\\d{4})(?!\\d))?(?:${weekEn})?`,
      'g',
    ),
    roles: ['month-name', 'between', 'day', 'ordinal', 'between', 'year', 'between', 'weekday'],
    loose: true,
  },
  // 04JUL1961, 04JUL61, 5-Mar-24
  {
    expression: new RegExp(`(?<![A-Za-z0-9.])(\\d{1,2})(-?)(${name})(\\2)(\\d{4}|\\d{2})(?![\\d-])`, 'g'),
    roles: ['day', 'between', 'month-name', 'between', 'year'],
    loose: true,
  },
  // March the fifth, fifth of March 2024: no day in words is written.
  {
    expression: new RegExp(
      `(?<![A-Za-z])(${name})(\\.?\\s(?:the\\s)?${inWords})(?:(,?\\s)(\\d{4})(?!\\d))?|` +
        `(?<![A-Za-z])(${inWords}\\s(?:day\\s)?of\\s)(${name})(?![a-z])(?:(,?\\s)(\\d{4})(?!\\d))?`,
      'g',
    ),
    roles: ['month-name', 'between', 'between', 'year', 'between', 'month-name', 'between', 'year'],
    loose: true,
    holds: () => 'unsure',
  },
  // 5 March 2024, 5-Mar-2024, 5th of March
  {
    expression: new RegExp(
      `(?<![A-Za-z0-9.])(\\d{1,2})(st|nd|rd|th|)(\\s(?:of\\s)?|-)(${name})(?![a-z])(\\.?)(?:(,?\\s|-)(\\d{4})(?!\\d))?`,
      'g',
    ),
    roles: ['day', 'ordinal', 'between', 'month-name', 'between', 'between', 'year'],
    loose: true,
  },
  // March 2024
  {
    expression: new RegExp(`(?<![A-Za-z])(${name})(\\.?,?\\s(?:of\\s)?)(\\d{4})(?!\\d)`, 'g'),
    roles: ['month-name', 'between', 'year'],
    loose: true,
  },
  // since March
  {
    expression:
      /(?<=\b(?:in|since|until|till|by|from|during|last|early|late|mid|next|this|of)[\s-])(January|February|March|April|May|June|July|August|September|October|November|December)(?![A-Za-z])/g,
    roles: ['month-name'],
    loose: true,
  },
  // in 2019
  {
    expression:
      /(?<=\b(?:in|since|until|till|from|year|before|after|circa|around|early|late|mid|during|by)[\s-])((?:18|19|20)\d\d)(?![\d.,]\d|\d|[/-]\d|\s?(?:mg|ml|g|kg|cells|steps|kcal|cc|units|U|IU)\b)/gi,
    roles: ['year'],
    loose: true,
  },
  // FY2019, 1995~1997, (1995), 1995生, 2019 fall
  {
    expression:
      /(?<![A-Za-z0-9.,/-])((?:19|20)\d\d)(?=\s?[~-]\s?(?:19|20)\d\d(?!\d|-)|\)| ?生|\s(?:spring|summer|fall|autumn|winter)\b)|(?<=(?:19|20)\d\d年?\s?[~-]\s?)((?:19|20)\d\d)(?![\d-])|(?<=(?:FY|spring|summer|fall|autumn|winter)[ ']?)((?:19|20)\d\d)(?!\d)/gi,
    roles: ['year', 'year', 'year'],
    loose: true,
  },
  // s/p CABG 2019, of which nobody knows whether it is a year
  {
    expression: /(?<=[A-Za-z]{3} )(19[3-9]\d|20[0-3]\d)(?=[,;)]|\.(?!\d)|$|\s(?:and|with|for)\b)/g,
    roles: ['year'],
    loose: true,
    holds: (plain, start) => (amountOf.test(before(plain, start)) ? false : 'unsure'),
  },
  // 3月5日(火), 3月
  {
    expression: new RegExp(
      `(?<![\\d〇一二三四五六七八九十.かヶヵカケ/-]|[^去昨今来前翌同当毎]年)(${num})(\\s{0,2}月\\s{0,2})(?:(${num})(\\s{0,2}日(?![間本])|(?=\\s?[,、・~-]\\s?\\d{1,2}\\s?日))(?:${week})?)?`,
      'g',
    ),
    roles: ['month', 'between', 'day', 'between', 'between', 'weekday', 'between'],
    loose: true,
    holds: (plain, start, end, [, , , day]) =>
      day !== undefined ||
      (!/^\s*(?:齢|間|経|前|後|分|に\d回|\d回|曜|以[上内])/.test(after(plain, end)) &&
        !/(?:生後|術後|約|数|経過|治療|第)\s?$/.test(before(plain, start))),
  },
  // 昭和56年に結婚、58年に: of the same era, or so many years.
  {
    expression: /(?<![\d〇一二三四五六七八九十.])(\d{1,2})年(?=(?:に(?!\s?\d+\s?回)|頃|から|より|の?[春夏秋冬]|、|末|初))/g,
    roles: ['year'],
    loose: true,
    holds: (plain, start, _end, [, year]) => {
      const era = /(?:明治|大正|昭和|平成|令和|[MTSHR])(\d{1,2})年[^。\n]{0,30}$/.exec(before(plain, start, 40));
      return era !== null && Number(year) >= Number(era[1]) && Number(year) <= 64 ? 'unsure' : false;
    },
  },
  // S56胃切除, H10 子宮筋腫; R0切除 is a margin, H2 a receptor.
  {
    expression: /(?<![A-Za-z0-9./-])(?:(S)([2-5]\d|6[0-4])|(H)([3-9]|[12]\d|3[01])|(R)([3-9]|1\d))(?= ?[\u4e00-\u9fff](?!ブ))/g,
    roles: ['era', 'year', 'era', 'year', 'era', 'year'],
    loose: true,
  },
  // 3/5(火)
  {
    expression: new RegExp(`(?<![\\dA-Za-z/])(\\d{1,2})(/)(\\d{1,2})(?![\\d/])(?:${week})?`, 'g'),
    roles: ['month', 'between', 'day', 'between', 'weekday', 'between'],
    loose: true,
    holds: (plain, start, end, [, , , , , weekday]) => weekday !== undefined || holding(readFraction(plain, start, end)),
  },
  // since 25/3
  {
    expression: /(?<![\dA-Za-z./-])(1[3-9]|2\d|3[01])(\/)(0?[1-9]|1[0-2])(?![\d/]|\.\d)/g,
    roles: ['day', 'between', 'month'],
    loose: true,
    holds: (plain, start, end) => {
      const reading = readFraction(plain, start, end);
      return reading === 'day' ? holding(reading) : false;
    },
  },
  // 3/5~10, 3月5日~10日, 3月5、6日: the second day.
  {
    expression:
      /(?<=(?:\d(?:\/\d{1,2}|日)|月\d{1,2})(?:\([月火水木金土日]\))?\s?[~-]\s?)(\d{1,2})(日|)(?![\d/.月時:歳%]|\s?(?:mg|mL|回|点|度|間|年|分|名|人|例))/g,
    roles: ['day', 'between'],
    loose: true,
    holds: (plain, start) => ofDay(plain, start),
  },
  {
    expression: /(?<=(?:\/\d{1,2}|月\d{1,2})(?:日|)\s?[,、・]\s?)(\d{1,2})(?=[、,。にのよ)~・]|\s|$|日(?!間|目|前|後|分))/g,
    roles: ['day'],
    loose: true,
    holds: (plain, start) => /(?:^|[^\d/])\d{1,2}(?:\/|月)\d{1,2}日?\s?[,、・]\s?$/.test(before(plain, start, 14)) && ofDay(plain, start),
  },
  // 5日に
  {
    expression: new RegExp(`(?<![\\d.])(\\d{1,2})(日)(?:${week})?`, 'g'),
    roles: ['day', 'between', 'between', 'weekday', 'between'],
    loose: true,
    // 1日の尿量 is that of a day.
    holds: (plain, start, end, [, day]) =>
      !(day === '1' && plain[end] === 'の') &&
      !durationAfter.test(after(plain, end)) &&
      !durationBefore.test(before(plain, start)) &&
      (!course.test(after(plain, end)) || byItself.test(before(plain, start, 1))) &&
      (ofMonth.test(after(plain, end)) || /月|\/\d/.test(before(plain, start, 40))),
  },
  // 火曜日
  { expression: /([月火水木金土日])(?=曜)/g, roles: ['weekday'], loose: true },
  // 3/5(火)、12(火)
  {
    expression: new RegExp(`(?<![\\d./])(\\d{1,2})(?:${week})`, 'g'),
    roles: ['day', 'between', 'weekday', 'between'],
    loose: true,
    holds: (plain, start) => /月|\/\d/.test(before(plain, start, 40)),
  },
  // 12(火), Mon 3/5
  { expression: /(?<=\d\s?[(（])([月火水木金土日])(?=[)）])/g, roles: ['weekday'], loose: true },
  { expression: /(?<![A-Za-z])(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?=[.,]?\s\d{1,2}[/ ]\S)/g, roles: ['weekday'], loose: true },
  {
    expression: /(?<![A-Za-z])(Mon|Tue|Wed|Thu|Fri)(?![A-Za-z])|(?<=\b(?:on|next|last|every|this|by|until) )(Sat|Sun)(?![A-Za-z])/g,
    roles: ['weekday', 'weekday'],
    loose: true,
  },
  // 月水金, 火・木
  { expression: /(月)(水)(金)|(火)(木)(土)/g, roles: ['weekday', 'weekday', 'weekday', 'weekday', 'weekday', 'weekday'], loose: true },
  {
    expression: /(?<![\u4e00-\u9fff])([月火水木金土日])([・/])([月火水木金土日])(?:([・/])([月火水木金土日]))?(?![\u4e00-\u9fff曜])/g,
    roles: ['weekday', 'between', 'weekday', 'between', 'weekday'],
    loose: true,
  },
  // on the 5th
  {
    expression: /(?<=\b(?:on|since|until|by|from) the )(\d{1,2})(st|nd|rd|th)(?=[.,;)]|\s(?:of|he|she|and|at|for|with|after|to|in)\b|$)/g,
    roles: ['day', 'ordinal'],
    loose: true,
  },
  {
    expression: /(?<![A-Za-z])(Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)(?![a-rt-z])/g,
    roles: ['weekday'],
    loose: true,
  },
];
