/**
 * Dates with the name of a month: March 5, 2024; 5-Mar-24; 2024 March 5; Mar 6-10, 2024. In capitals and small letters too, where MAR, DEC, march and may have other meanings: those by what stands beside them.
 * @module
 */
import { after, before, item, type Pattern, type Role } from './date-pattern.ts';
import { isValue } from './fraction.ts';

const names =
  'Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?';
const name = `(${names})`;
const weekday = '(?:(\\s?[(（,]?\\s?)((?:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)(?:day|sday|nesday|rsday|urday)?)(?![a-z]))?';
/** first … thirty-first */
const inWords =
  '(?:(?:twenty[ -])?(?:first|second|third|(?:four|fif|six|seven|eigh|nin)th)|thirty[ -]first|' +
  '(?:ten|eleven|twelf|(?:thir|four|fif|six|seven|eigh|nine)teen|twentie|thirtie)th)(?![A-Za-z])';
/** DEC 20 mg, OCT 5回: no day is counted or measured. */
const amount =
  '\\s?(?:%|[x×]\\s?\\d|[回錠本枚個例点度]|(?:[mcukµ]?g|[mcµ]?m|[mdµ]?l|ms|cc|mmhg|bpm|iu|units?|tabs?|tablets?|caps?|capsules?|doses?|times|scans?|defects?|points?|pts|episodes?|' +
  'seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|months?|years?|yrs?)(?![A-Za-z]|\\d))';
/** Of May 21/8/13/2024 the first two. */
const noAmount = `(?!\\d|[.:]\\d|/\\d{1,2}(?![\\d/])|${amount})`;
const fullYear = `(\\d{4})(?!\\d|年|${amount})`;
const to = '(\\s?[-~/&,]\\s?|,?\\s(?:and|to|or|through|thru)\\s)(\\d{1,2})(st|nd|rd|th|)';

/** As many days as anybody writes in a row. */
const more = 8;
const days = `${to}${`(?:${to})?`.repeat(more - 1)}`;
const rolesOfDays = ' between day ordinal'.repeat(more);

const roles = (text: string): Role[] => text.split(' ').map(role => (role === 'name' ? 'month-name' : role)) as Role[];
const isLetter = /[A-Za-z]$/;
const isSmall = (month: string): boolean => month === month.toLowerCase();
/** In small letters a verb, or letters of another word (dec for decreased). */
const isDoubtful = (month: string): boolean =>
  isSmall(month) && (month.length <= 5 || month === 'sept') && !['april', 'june', 'july'].includes(month);
const isCapital = (month: string): boolean => month.length <= 4 && month === month.toUpperCase();
/** What goes on behind a day, and no thing that is counted. */
const goesOn =
  /^(?:[^\sA-Za-z]|\s[^A-Za-z]|\s?$|\s(?:at|for|with|in|on|by|and|or|but|he|she|they|pt|patient|was|were|is|the|he|to|due|when|without|after|before)(?![A-Za-z]))/;
const goesOnOrCapital = (behind: string): boolean => goesOn.test(behind) || /^\s[A-Z]/.test(behind);
/** K 5, CRP: 5 */
const abbreviation = /(?<![A-Za-z])[A-Z][A-Za-z]{0,3} ?[:=]? ?$/;
/** Letters of a gene that has a number. */
const gene = /^(?:MAR|MARCH|OCT|NOV|SEPT?|DEC)$/;
/** A day without a year. */
const alone = (month: string): boolean | 'unsure' => !isDoubtful(month) || 'unsure';

/** A month's name has at least these. */
export const mayHaveName = /jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec/i;

/** The more specific first. */
export const english: readonly Pattern[] = [
  // 5 Mar 24, 5th and 6th of March 24: of a year without its century, unless it is so many of something
  {
    expression: new RegExp(
      `(?<!\\d|\\d[-/.:]|[A-Za-z'])(\\d{1,2})(st|nd|rd|th|)(?:${days})?(\\s(?:of\\s)?)${name}(\\.?,?\\s)(\\d{2})(?!(?:st|nd|rd|th)(?![a-z])|\\s?[ap]\\.?m(?![a-z]))${noAmount}(?![-/]\\d|,?\\s\\d{4}(?!\\d))`,
      'gi',
    ),
    roles: roles(`day ordinal${rolesOfDays} between name between year`),
    loose: true,
    holds: (plain, start, end, text) => {
      const [month, sign] = [text[4 + 3 * more]!, text[5 + 3 * more]!];
      return (
        (!isDoubtful(month) &&
          !sign.includes(',') &&
          goesOnOrCapital(after(plain, end, 20)) &&
          !(abbreviation.test(before(plain, start)) && isValue(plain, start, end))) ||
        'unsure'
      );
    },
  },
  // Mar 6-10, 2024; March 6 and 7: of one month and year
  {
    expression: new RegExp(`(?<![A-Za-z])${name}(\\.?\\s)(\\d{1,2})(st|nd|rd|th|)${days}(?:(,?\\s)${fullYear})?${noAmount}(?!-\\d)`, 'gi'),
    roles: roles(`name between day ordinal${rolesOfDays} between year`),
    loose: true,
    holds: (plain, _start, end, text) => {
      const [month, sign, third, year] = [text[1]!, text[5]!, text[8], text[6 + 3 * more]];
      if (year !== undefined) return true;
      if (/^[A-Z]{2}/.test(after(plain, end))) return 'unsure';
      if (!goesOn.test(after(plain, end))) return /[,&]|and|or/.test(sign) ? false : 'unsure';
      // Mar 5, 24: two days or a year.
      return sign.includes(',') && third === undefined ? 'unsure' : alone(month);
    },
  },
  // 6-10 March 2024, 6 and 7 March
  {
    expression: new RegExp(
      `(?<!\\d|\\d[-/.]|[A-Za-z])(\\d{1,2})(st|nd|rd|th|)${days}(\\s(?:of\\s)?)${name}(?![a-z]|\\s\\d{1,2}(?!\\d))(\\.?)(?:(,?\\s)${fullYear})?`,
      'gi',
    ),
    roles: roles(`day ordinal${rolesOfDays} between name between between year`),
    loose: true,
    holds: (_plain, _start, _end, text) => {
      // 3/5-10 March 2024 is 3/5 and a day of March.
      if (text[3]!.includes('/') && text[7] !== undefined) return false;
      const [month, year] = [text[4 + 3 * more]!, text[7 + 3 * more]];
      return year !== undefined || (isDoubtful(month) ? false : !isCapital(month) || 'unsure');
    },
  },
  // 2024 March 5, 2024-Mar-05; March 5, 2024; Mar. 5th '24; Mar.5,2024; Mar/05/2024; Mar-05-24
  {
    expression: new RegExp(
      `(?<!\\d|(?:${names})(?:\\.?,?\\s|[-/.]|))(\\d{4})(\\s?[-/._]\\s?|,?\\s|)${name}(\\.?[-/._ ]\\s?|(?<=\\d(?:${names})))(\\d{1,2})(st|nd|rd|th|)${noAmount}(?!-\\d|,?\\s\\d{4}(?!\\d))|` +
        `${name}([-/._])(\\d{1,2})(\\8)(\\d{4}|\\d{2})(?!\\d)|` +
        `${name}(\\.?\\s{1,2}(?:the\\s)?|\\.|[-/]|)(\\d{1,2})(st|nd|rd|th|)${noAmount}(?:(\\s?,?\\s{1,2}|,)${fullYear}|(,?\\s?')(\\d{2})(?!\\d))?${weekday}`,
      'gi',
    ),
    roles: roles(
      'year between name between day ordinal name between day between year name between day ordinal between year between year between weekday',
    ),
    loose: true,
    holds: (plain, start, end, text) => {
      // 28-Dec-23, 15Jul24, below; 1.Sep.17,2022
      const isShort = text[1] === undefined && (text[17] ?? text[19]) === undefined;
      if (isShort && /^[-/.]$/.test(text[8] ?? text[13]!) && /(?<![\d/.-])\d{1,2}[-/.]$/.test(before(plain, start, 4))) return false;
      if (isShort && text[13] === '' && /(?<!\d)\d{1,2}$/.test(before(plain, start, 3))) return false;
      // 6 Mar 10 am
      if (
        isShort &&
        /^\s?[ap]\.?m(?![a-z])/i.test(after(plain, end)) &&
        /(?<![\d/.:-])\d{1,2}(?:st|nd|rd|th)?\s(?:of\s)?$/i.test(before(plain, start))
      )
        return false;
      const [month, sign, year] = [text[12], text[13]!, text[17] ?? text[19]];
      // DMJune 11, 2024, but no sesamum 11
      if (isLetter.test(before(plain, start, 1)) && text[1] === undefined) return year !== undefined && /^[A-Z][a-z]/.test(month ?? '');
      if (month === undefined || year !== undefined) return true;
      // SEPT9, MARCH1, OCT4 are genes, behind a year too; Mar-06 is a day or a year.
      if (!/[\s.]/.test(sign)) return sign === '' && gene.test(month) && Number(text[14]) < 15 ? false : 'unsure';
      return alone(month);
    },
  },
  // 04JUL1961, 04JUL61, 5-Mar-24, 05/Mar/2024, 5.Mar.2024; 06Mar, 6/Mar
  {
    expression: new RegExp(`(?<!\\d)(\\d{1,2})([-/.]?)${name}(?:(\\.?)(\\2)(\\d{4}|\\d{2})(?!\\d)|(?![A-Za-z\\d]))`, 'gi'),
    roles: roles('day between name between between year'),
    loose: true,
    holds: (plain, start, _end, [, , sign, month, , , year]) => {
      if (year !== undefined) return true;
      if (/(?:[A-Za-z]|\d[-/.])$/.test(before(plain, start, 2))) return false;
      return sign === '.' || isDoubtful(month!) || (sign === '' && isCapital(month!)) ? 'unsure' : true;
    },
  },
  // March the fifth, fifth of March 2024: no day in words is written.
  {
    expression: new RegExp(
      `(?<![A-Za-z])${name}(\\.?\\s(?:the\\s)?${inWords})(?:(,?\\s)${fullYear})?|` +
        `(?<![A-Za-z])(${inWords}\\s(?:day\\s)?of\\s)${name}(?![a-z])(?:(,?\\s)${fullYear})?`,
      'gi',
    ),
    roles: roles('name between between year between name between year'),
    loose: true,
    holds: (_plain, _start, _end, [, month]) => (month === 'may' || month === 'march' ? false : 'unsure'),
  },
  // 5 March 2024, 5th of March, 5 Mar '24, on6March2024
  {
    expression: new RegExp(
      `(?<!\\d|\\d\\.(?<!${item}))(\\d{1,2})(st|nd|rd|th|)(\\s(?:of\\s)?|\\.\\s)${name}(\\.?)(?:(,?\\s|-)${fullYear}|(,?\\s?')(\\d{2})(?!\\d))?`,
      'gi',
    ),
    roles: roles('day ordinal between name between between year between year'),
    loose: true,
    holds: (plain, start, end, [, , ordinal, sign, month, , , year, , quoted]) => {
      if (year !== undefined || quoted !== undefined) return true;
      // 5 MarCT, but not 5 Marfan
      if (isLetter.test(before(plain, start, 1)) || sign!.includes('.') || /^[a-z]/.test(after(plain, end, 1))) return false;
      // 2 may improve, 1 May improve
      if (/^may$/i.test(month!) && /^\s[a-z]/.test(after(plain, end)) && ordinal === '') return isSmall(month!) ? false : 'unsure';
      return isDoubtful(month!) && ordinal === '' ? (month === 'may' || month === 'march' ? false : 'unsure') : true;
    },
  },
  // March 2024, Mar/2024, March '24
  {
    expression: new RegExp(`(?<![A-Za-z])${name}(?:(\\.?,?\\s(?:of\\s)?|[-/.])${fullYear}|(\\.?\\s?')(\\d{2})(?!\\d))`, 'gi'),
    roles: roles('name between year between year'),
    loose: true,
  },
  // 2024 March
  {
    expression: new RegExp(`(?<![\\d.,/-])((?:19|20)\\d\\d)(\\s)${name}(?![A-Za-z]|\\.?\\s?\\d)`, 'gi'),
    roles: roles('year between name'),
    loose: true,
    holds: (_plain, _start, _end, [, , , month]) => !isSmall(month!),
  },
  // since March
  {
    expression:
      /(?<=\b(?:in|since|until|till|by|from|during|last|early|late|mid|next|this|of)[\s-])(January|February|March|April|May|June|July|August|September|October|November|December|january|february|april|june|july|august|september|october|november|december|JANUARY|FEBRUARY|MARCH|APRIL|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER)(?![A-Za-z])/g,
    roles: ['month-name'],
    loose: true,
  },
  // early Mar
  {
    expression:
      /(?<=\b(?:in|since|until|till|early|late|mid)[\s-])(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?![A-Za-z]|\s?[\d/]|\s?-\s?\d)/g,
    roles: ['month-name'],
    loose: true,
  },
];
