/**
 * The forms in which dates are written, each as an expression whose groups are the pieces of the date in their order, and what tells it from a fraction, a duration, a vertebra.
 * @module
 */
import { isDayBeside, isValue, type Reading, readFraction, readThree } from './fraction.ts';
import { numeral } from './numeral.ts';

/** What a piece of a date says. */
export type Role = 'era' | 'year' | 'month' | 'day' | 'month-name' | 'ordinal' | 'weekday' | 'between';

const num = '(?:\\d{1,2}|[〇零一二三四五六七八九十]{1,3})';
export const week = '(\\s?[(（[<]?\\s?)([月火水木金土日](?:曜日?)?)(\\s?(?:[・,、]\\s?祝日?)?[)）\\]>])';

export interface Piece {
  readonly role: Role;
  readonly text: string;
}

export interface FoundDate {
  /** Units of the plain text. */
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly Piece[];
  /** Full year, where it is written. */
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
  /** Of Mar 6-10, 2024 all days, the first too; else undefined. */
  readonly days?: readonly number[];
  /** `none`: looks like a date and is none (2024/02/30), or may be one (3/5); `birth`: a birth date by what stands beside it. */
  readonly verdict?: 'none' | 'birth';
}

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

/** What may be 2,000 of. */
const amountOf =
  /(?<![A-Za-z])(?:to|of|is|was|at|output|intake|volume|level|count|dose|total|max|urine|drain|WBC|BNP|CPK|LDH|AST|ALT|Plt|ferritin|about|over|under|than) $/i;
/** With spaces around its sign (9 / 17) a day is too seldom one to be moved. */
const holding = (reading: Reading, sign = ''): boolean | 'unsure' =>
  reading === 'day' && !sign.includes(' ') ? true : reading !== 'fraction' && 'unsure';
/** HL7 v2.5.1, 第12.5.1版 */
const isVersion =
  /(?:(?<![A-Za-z])(?:v|ver|version|rev|revision|release|build|iOS|OS|Windows|Android|HL7|FHIR|DICOM|SPSS|Stata|Excel|Python)|第)[.:]? ?$/i;
const isLetter = /[A-Za-z]$/;
/** L3/4/5, Th10/11/12 */
const isVertebra = /(?<![A-Za-z°])(?:Th?|[CLS])$/;
const japanese = /[\u3041-\u30ff\u4e00-\u9fff]/;

/** The number of an item, 1.2024/3/5: no decimal. */
export const item = '(?:^|[\\n。]) ?\\d{1,2}\\.';
/** No part of a longer number, nor of a row with slashes. */
const whole = `(?<!\\d|\\d[./](?<!${item}))`;

/** The sign before the month once more, whatever blanks stand around either: 2024/3/ 5, 2024/ 3/15. */
const again = `(\\s?(?:${['/', '\\.', '・', '_', '\\\\', '-'].map(one => `${one}(?<=${one}\\s{0,2}\\d{1,2}\\s?${one})`).join('|')})\\s{0,2})`;

/** Of 3-5月 the first. */
const toMonth = '(?=\\s?[,、・~-]\\s?\\d{1,2}\\s?月(?!齢|間|経))';
/** Between the days of a row: 5、6日, 5か6日. */
export const rowSign = '\\s?(?:[~,、・かと-]|or)\\s?';
/** Of 3月5、6日 the first day. */
export const toDay = `(?=(?:${rowSign}\\d{1,2}){1,8}\\s?(?:の?両)?日)`;
/** So many days, but for 7日間質性肺炎, 7日間欠跛行. */
export const forDays = '間(?!質|脳|葉|欠(?![食勤席])|接[的視ビクで法]|食(?!事))';
const isForDays = new RegExp(`^${forDays}`);
/** Behind what letters and signs a day may begin without a space: MRI3/6施行. */
const behind =
  '(?<![A-Za-z])(?:CT|MRI|MR|PET|XP|Xp|CXR|X-P|UCG|[Ee]cho|ECG|EKG|GF|GIF|CF|CS|TCS|US|EUS|ERCP|CAG|PCI|CABG|DM|HT|[Oo]pe|OPE|OP|IgA|Adm|D/C)|\\d\\s?(?:mg|g|mL|ml|kg|cm|mm|U)|%|°C|(?<![A-Za-z])(?:on|since|until|till|from|by|before|after|and|or|vs|to|at|in|x)';

/** Behind the second of two things with a slash between. */
const inList = /^ \/ \d|^(?:[A-Za-z:]|[×型級期度群枝日週年時回歳])/;

/** Whether other numbers are joined to it. */
const isInRow = (plain: string, start: number, end: number): boolean =>
  /\d[./-]$/.test(before(plain, start, 2)) || /^[./-]\d/.test(after(plain, end, 2));
const isPlausible = (year: string, month: string, day: string): boolean =>
  Number(year) >= 1868 && Number(year) <= 2200 && Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;

/** R6.3, H30/4 without a day: months of an era, where a word says so; R1/2 and H3.5 may be anything. */
function ofEra(plain: string, start: number, end: number, era: string, year: string): boolean | 'unsure' {
  if (/[右左]$/.test(before(plain, start, 1)) || (era === 'R' && Number(year) >= 20)) return false;
  if (/^(?: ?(?:mm|cm|mg|m?L|%|g|D)(?![A-Za-z])|\.\d)/.test(after(plain, end))) return false;
  const isYear = era === 'H' ? Number(year) >= 13 && Number(year) <= 31 : false;
  return isYear ||
    /^ ?(?:月|に|より|から|まで|頃|ころ|付|初診|発症|手術|入院|退院|施行|開始|[\u4e00-\u9fff]{2})/.test(after(plain, end)) ||
    /(?:[年月日][:]|日) ?$/.test(before(plain, start, 3))
    ? true
    : 'unsure';
}

/** The more specific first: what one has taken no later one gets. */
export const patterns: readonly Pattern[] = [
  // 2023年12/31, 令和6年3/5: one date, of which neither part moves by itself
  {
    expression: new RegExp(
      `(?<!\\d)(明治|大正|昭和|平成|令和|[明大昭平令]|(?<![A-Za-z])[MTSHR]|)(\\s{0,2})(\\d{1,4}|元)(\\s{0,2}年の?\\s{0,2})(\\d{1,2})(\\/)(\\d{1,2})(?![\\d/])(?:${week})?`,
      'g',
    ),
    roles: ['era', 'between', 'year', 'between', 'month', 'between', 'day', 'between', 'weekday', 'between'],
    loose: true,
    holds: (plain, start, end, [, era, space, year, sign]) =>
      (era !== '' || /^(?:\d\d|1[89]\d\d|2[01]\d\d)$/.test(year!)) &&
      holding(readFraction(plain, start + era!.length + space!.length + year!.length + sign!.length, end)),
  },
  // 令和6年3月5日(火), 昭和四十年三月, 2024年, R6年3月5日
  {
    expression: new RegExp(
      `(?<!\\d)(明治|大正|昭和|平成|令和|[明大昭平令](?=\\s{0,2}[\\d元])|(?<![A-Za-z])[MTSHR](?=\\s{0,2}[\\d元])|)(\\s{0,2})(\\d{1,4}|元|[〇零一二三四五六七八九十百千]{1,6})(\\s{0,2}年度?(?:の(?=\\s?${num}\\s?月))?\\s{0,2})(?:(${num})(\\s{0,2}月(?!齢|間|経)\\s{0,2}|${toMonth})(?:(${num})(\\s{0,2}日|${toDay})(?:${week})?)?)?`,
      'g',
    ),
    roles: ['era', 'between', 'year', 'between', 'month', 'between', 'day', 'between', 'between', 'weekday', 'between'],
    loose: true,
    holds: (plain, _start, end, [, era, , year, , month, , day]) => {
      // 2024年3月5日間
      if (day !== undefined && isForDays.test(after(plain, end))) return 'unsure';
      if (era !== '') return true;
      const n = numeral(year!);
      // 95年生
      if (month === undefined && /^\d{2}$/.test(year!)) return /^生(?:ま|れ|$|[\s、。)])/.test(after(plain, end));
      return (n >= 1868 && n <= 2200) || (month !== undefined && /^(?:\d{1,2}|\d{4}|[〇零一二三四五六七八九十]{1,3})$/.test(year!));
    },
  },
  // 2024-03-05T…, 2024/3/5 (火), R6.3.5, H31/4/30, 昭和23.3.5, '24.3.5
  {
    expression: new RegExp(
      `(?<!\\d)(?:(?<![A-Za-z])|(?=(?:18|19|20|21)\\d\\d))(\\d{4})(\\s?[/.・_\\\\-]\\s{0,2})(\\d{1,2})${again}(\\d{1,2})(?!\\d)(?:${week})?`,
      'g',
    ),
    roles: ['year', 'between', 'month', 'between', 'day', 'between', 'weekday', 'between'],
    // 0466-12-34-56 is a phone.
    holds: (plain, start, end, [, year, , month, , day]) => !isInRow(plain, start, end) || isPlausible(year!, month!, day!),
  },
  {
    expression: new RegExp(
      `(?<!\\d)(明治|大正|昭和|平成|令和|[明大昭平令]|(?<![A-Za-z])[MTSHRhr]|(?<=[A-Za-z])[HR])(\\.?\\s?)(\\d{1,2}|元)(\\s?[/.・_\\\\-]\\s{0,2})(\\d{1,2})(?:${again}(\\d{1,2}))?(?!\\d)(?:${week})?`,
      'g',
    ),
    roles: ['era', 'between', 'year', 'between', 'month', 'between', 'day', 'between', 'weekday', 'between'],
    loose: true,
    // T4-5, S1/2 and S1・2・3 are vertebrae; 平成5-6 are years; CTR6.3.6 is of CT R6.3.6, or nobody knows.
    holds: (plain, start, end, [, era, point, year, sign, , , day]) => {
      // 説明5.3, 透明
      if (/^[明大昭平令]$/.test(era!) && /[\u4e00-\u9fff]$/.test(before(plain, start, 1)) && day === undefined) return false;
      if (japanese.test(era!)) return day !== undefined || (/[平令昭和]/.test(era!) && /[/.]/.test(sign!) && !point!.includes('.'));
      // VA R 0.7
      if (Number(year) === 0) return false;
      if (day === undefined)
        return /[HR]/.test(era!) && /[/.]/.test(sign!) && !point!.includes('.') && !isLetter.test(before(plain, start, 1))
          ? ofEra(plain, start, end, era!, year!)
          : false;
      // INR 5/9/9
      if (isLetter.test(before(plain, start, 1))) return point!.includes(' ') ? false : 'unsure';
      // T1 / 9 / 27 and T1_9_27 may be anything.
      if (/[hr]/.test(era!) || (/[MTS]/.test(era!) && /[\s_\\]/.test(sign!))) return 'unsure';
      return !(/[TS]/.test(era!) && ((sign!.trim() === '・' && Number(year) <= 12) || (era === 'T' && sign!.trim() === '-')));
    },
  },
  {
    expression: new RegExp(`${whole}('?)(\\d{2})(\\s?\\/\\s?|\\.\\s?|[・_\\\\])(\\d{1,2})(\\3)(\\d{1,2})(?!\\d|[/.]\\d)(?:${week})?`, 'g'),
    roles: ['between', 'year', 'between', 'month', 'between', 'day', 'between', 'weekday', 'between'],
    loose: true,
    holds: (plain, start, end, [, quote, year, sign, , , day, , weekday]) => {
      if (quote !== '' || weekday !== undefined) return true;
      if (isVersion.test(before(plain, start)) || /^ ?(?:版|mm|cm)/.test(after(plain, end))) return false;
      if (isVertebra.test(before(plain, start, 3))) return false;
      // 22. 9. 17 may be items.
      if (sign === '. ' && !/^[23]/.test(year!)) return false;
      const reading = readThree(plain, start, end);
      if (reading !== 'day') return holding(reading);
      if (sign === '・' && /^・\d/.test(after(plain, end, 2))) return false;
      if (/[^/.]/.test(sign!)) return 'unsure';
      if (japanese.test(plain.slice(Math.max(0, start - 20), end + 20))) return sign === '/' || Number(year) > 12 || 'unsure';
      // 24/3/5 is no 3/5/24, which is read below.
      if (sign === '/') return day!.length === 1 ? Number(year) > 12 || 'unsure' : false;
      return 'unsure';
    },
  },
  // 3/5/24
  {
    expression: new RegExp(`${whole}(\\d{1,2})(\\s?\\/\\s?)(\\d{1,2})(\\2)(\\d{2})(?!\\d|\\.\\d|\\/\\d(?!\\d?月))`, 'g'),
    roles: ['month', 'between', 'day', 'between', 'year'],
    holds: (plain, start, end, [, , sign]) =>
      isVertebra.test(before(plain, start, 3)) ? false : holding(readThree(plain, start, end), sign),
  },
  // 3/5/3/10, 3/5/24/3/10/24: two dates, or four values and more
  {
    expression:
      /(?<![\dA-Za-z./])(?:0?[1-9]|1[0-2])\/(?:0?[1-9]|[12]\d|3[01])(?:\/(?:\d{4}|\d{2}))?\/(?:0?[1-9]|1[0-2])\/(?:0?[1-9]|[12]\d|3[01])(?:\/(?:\d{4}|\d{2}))?(?![\d/])/g,
    roles: [],
    loose: true,
    holds: (plain, start, end) => {
      const numbers = plain.slice(start, end).split('/').map(Number);
      // 5/5/5/5: no day after the first
      const isOne = numbers.length === 4 && numbers[2]! * 100 + numbers[3]! <= numbers[0]! * 100 + numbers[1]!;
      return !isOne && readThree(plain, start, end) !== 'fraction' && 'unsure';
    },
  },
  // 3-5-24, 24-03-05, 05.03.24: of which nobody knows which number is what.
  {
    expression: new RegExp(
      `(?<![\\dA-Za-z]|\\d[./-]|[A-Za-z]-)(?:(0?[1-9]|1[0-2])(-)(0?[1-9]|[12]\\d|3[01])(-)(\\d{2})|(1[3-9]|2\\d|3[01])(-)(0?[1-9]|1[0-2])(-)(\\d{2})|` +
        `(0[1-9]|[12]\\d|3[01])(\\.)(0[1-9]|1[0-2])(\\.)(\\d{2})|(0?[1-9]|1[0-2])(\\.)(1[3-9]|2\\d|3[01])(\\.)([23]\\d))(?![\\dA-Za-z%]|[/.-]\\d| ?(?:mg|mL|g|units?|u|cm|mm|単位|錠|分|回)(?![A-Za-z]))`,
      'g',
    ),
    roles:
      'month between day between year day between month between year day between month between year month between day between year'.split(
        ' ',
      ) as Role[],
    loose: true,
    // 6.17.24, v6.17.24
    holds: (plain, start, _end, text) => !(text[16] !== undefined && isVersion.test(before(plain, start))) && 'unsure',
  },
  // 03/05/2024, 05.03.2024
  {
    expression: new RegExp(`${whole}(\\d{1,2})(\\s?[/-]\\s?)(\\d{1,2})(\\2)(\\d{4})(?!\\d)`, 'g'),
    roles: ['month', 'between', 'day', 'between', 'year'],
    loose: true,
    holds: (plain, start, end, [, month, , day, , year]) =>
      Number(month) <= 12 && (!isInRow(plain, start, end) || isPlausible(year!, month!, day!)),
  },
  {
    expression: new RegExp(`${whole}(\\d{1,2})(\\s?[./-]\\s?)(\\d{1,2})(\\2)(\\d{4})(?!\\d)`, 'g'),
    roles: ['day', 'between', 'month', 'between', 'year'],
    holds: (plain, start, end, [, day, , month, , year]) => !isInRow(plain, start, end) || isPlausible(year!, month!, day!),
  },
  // 20240305, 20240305102030
  {
    expression:
      /(?<![A-Za-z0-9]|[A-Za-z][.-])((?:18|19|20|21)\d\d)(\d\d)(\d\d)(?=T\d|(?:\d{4}|\d{6})?(?:(?![A-Za-z0-9])|[A-Z]{2,6}(?![A-Za-z0-9])))/g,
    roles: ['year', 'month', 'day'],
    loose: true,
  },
  // 2024/3, 2024-03
  {
    expression: new RegExp(
      `(?<!\\d|\\d[./-](?<!\\d\\/\\d{1,2}-|${item}))((?:18|19|20|21)\\d\\d)(\\s?\\/\\s?|[.-])(\\d{1,2})(?!\\d|[/.]\\d)`,
      'g',
    ),
    roles: ['year', 'between', 'month'],
    loose: true,
    holds: (plain, start, end, [, , sign, month]) => {
      // output 2000 / 5
      if (sign!.includes('/')) return !(sign!.includes(' ') && isValue(plain, start, end));
      // BNP 2022.9 pg/mL
      if (/^(?:\s?(?:%|[a-zA-Z]{1,5}\/|[µm]?[gL](?![a-z])|(?:IU|U|pg|ng|mm|cm|cells)(?![a-z]))|-\d)/.test(after(plain, end))) return false;
      if (month!.length === 2 && !/^\s?[A-Za-z]/.test(after(plain, end))) return !isLetter.test(before(plain, start, 1)) || 'unsure';
      return !isValue(plain, start, end) && 'unsure';
    },
  },
  // 3/2024, 03-2024, 03.2024; 1/2000 is a frequency or a dilution
  {
    expression:
      /(?<!\d|\d[./-]|[A-Za-z])(0?[1-9]|1[0-2])(\s?\/\s?|-|(?<=0\d|1[0-2])\.)(19\d\d|20[0-4]\d)(?![\d]|[/.-]\d|\s?(?:mg|mL|g|人|例|名|倍|に?希釈)(?![A-Za-z]))/g,
    roles: ['month', 'between', 'year'],
    loose: true,
    holds: (plain, start, end, [, month, sign, year]) => {
      // range 5-2000
      if (sign === '-' && month!.length === 1 && !isDayBeside(plain, start, end)) return false;
      if (/^0?1$/.test(month!) && year!.endsWith('00'))
        return /(?:率|頻度|希釈|約|\babout|\brisk\b.{0,10}) ?$/.test(before(plain, start, 20)) ? false : 'unsure';
      return sign!.includes('/') || 'unsure';
    },
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
      /(?<![A-Za-z0-9]|\d[.,/-])((?:19|20)\d\d)(?=\s?[~-]\s?(?:19|20)\d\d(?!\d|-)|\)| ?生|\s(?:spring|summer|fall|autumn|winter)\b)|(?<=(?:19|20)\d\d年?\s?[~-]\s?)((?:19|20)\d\d)(?![\d-])|(?<=(?:FY|spring|summer|fall|autumn|winter)[ ']?)((?:19|20)\d\d)(?!\d)/gi,
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
      `(?<![\\d〇一二三四五六七八九十かヶヵカケ]|\\d\\.(?<!\\d{4}\\.)|[^去昨今来前翌同当毎]年)(${num})(\\s{0,2}月(?:\\s{0,2}|の(?=\\d{1,2}日))|${toMonth})(?:(${num})(\\s{0,2}日|${toDay})(?:${week})?)?`,
      'g',
    ),
    roles: ['month', 'between', 'day', 'between', 'between', 'weekday', 'between'],
    loose: true,
    holds: (plain, start, end, [, , sign, day]) =>
      // 3月5日間
      day !== undefined && isForDays.test(after(plain, end))
        ? 'unsure'
        : // 6/11~6月17日
          (sign !== '' || !/[./]$/.test(before(plain, start, 1))) &&
          (day !== undefined ||
            (!/^\s*(?:齢|間|経|前|後|分|に\d回|\d回|曜|以[上内])/.test(after(plain, end)) &&
              !/(?:生後|術後|約|数|経過|治療|第)\s?$/.test(before(plain, start)))),
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
    expression: /(?<![A-Za-z0-9]|\d[./-])(?:(S)([2-5]\d|6[0-4])|(H)([3-9]|[12]\d|3[01])|(R)([3-9]|1\d))(?= ?[\u4e00-\u9fff](?!ブ))/g,
    roles: ['era', 'year', 'era', 'year', 'era', 'year'],
    loose: true,
  },
  // 3/5(火)
  {
    expression: new RegExp(
      `(?:(?<![\\dA-Za-z/])|(?<=${behind})|(?<=(?<!\\d)\\/))(\\d{1,2})(\\s?/\\s?)(\\d{1,2})(?!\\d|/(?!\\d{1,2}(?:月|-[A-Z])))(?:${week})?`,
      'g',
    ),
    roles: ['month', 'between', 'day', 'between', 'weekday', 'between'],
    loose: true,
    holds: (plain, start, end, [, , sign, , , weekday]) =>
      weekday !== undefined ||
      // 12 / 24 / 48, 16.9 / 5, CD3 / 2型
      (!(sign!.includes(' ') && (/\d(?: \/ |\.)$|[A-Za-z-]$/.test(before(plain, start, 4)) || inList.test(after(plain, end, 4)))) &&
        holding(readFraction(plain, start, end), sign)),
  },
  // 3.5に入院
  {
    expression:
      /(?<!\d|\d[./-]|[A-Za-z%])(0?[1-9]|1[0-2])(\.)(0?[1-9]|[12]\d|3[01])(?=\s?に(?:入院|退院|再入院|手術|施行|受診|来院|転院|転棟|発症|初診|再診|検査|撮影|紹介|搬送|死亡|永眠))/g,
    roles: ['month', 'between', 'day'],
    loose: true,
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
];
