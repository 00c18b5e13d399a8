/**
 * Days of the week beside a date and by themselves, which turn with the dates: a true one tells the distance but for whole weeks. Mon are monocytes and Sat is a saturation, too.
 * @module
 */
import type { Pattern } from './date-pattern.ts';

const short = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const months = `${short}|${short.toUpperCase()}`;
const named = 'Mon|Tues?|Weds?|Thu(?:rs?)?|Fri|Sat|Sun';
const capital = `${named}|${named.toUpperCase()}`;
const small = named.toLowerCase();
/** In any case, where a date stands beside. */
const dayNames = `${capital}|${small}`;
/** 9/17, 2024/9/17; no pressure of 120/80, behind which a saturation stands. */
const day = '(?<!\\d)(?:\\d{2,4}[/-])?(?:0?[1-9]|1[0-2])[/-](?:0?[1-9]|[12]\\d|3[01])(?:[/-]\\d{2,4})?';
/** In small letters only beside a day: Sat dec to 90 is a saturation that decreased. */
const inSmall = `(?:(?:0?[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)?\\s(?:of\\s)?(?:${short.toLowerCase()})|(?:${short.toLowerCase()})[a-z]{0,6}\\.?\\s(?:[1-9]|[012]\\d|3[01])(?![\\d.%]))`;

/** MWF, TTS, T/Th/Sa: two or three days of every week */
const letters = 'M[/-]?W(?:[/-]?F)?|T(?:ue?)?[/-]?Th?(?:[/-]?S(?:at?)?)?|[MW]/F';
const comes = '(?:HD|[Hh]emodialysis|[Dd]ialysis|[Cc]linic|[Ss]chedules?|[Vv]isits?|[Rr]ehab)(?![A-Za-z])';

export const weekdays: readonly Pattern[] = [
  // 火曜日
  { expression: /([月火水木金土日])(?=曜)/g, roles: ['weekday'], loose: true },
  // 12(火), 12日[火]; 12[日] is so many
  {
    expression: /(?<=\d日?\s?\(|\d日\s?[[<])([月火水木金土日])(?=(?:曜日?)?[)\]>])|(?<=\d\s?[[<])([火水木金土])(?=(?:曜日?)?[\]>])/g,
    roles: ['weekday', 'weekday'],
    loose: true,
  },
  // 3月5日 火, 3/5火; no 5日 水 200 mL, no 3/5日
  {
    expression: /(?<=(?:月\s?\d{1,2}日|(?<![\d/])(?:0?[1-9]|1[0-2])\/\d{1,2})\s?)((?<!\d)日|[月火水木金土])(?=$|[、。,:)\n]|\s(?!\d))/g,
    roles: ['weekday'],
    loose: true,
  },
  // Beside a date; Mon are monocytes, Sat a saturation, but for these and behind a word of time.
  {
    expression: new RegExp(
      `(?=[MTWFSmtwfs])(?:(?<![A-Za-z])(${dayNames})(?=[.,]?\\s(?:\\d{1,2}/\\d|\\d{4}[-/.]\\d|(?:\\d{1,2}(?:st|nd|rd|th)?\\s)?(?:${months})|${inSmall}))|` +
        `(?<=\\d\\s?\\()(${dayNames})(?=\\))|(?<=${day}(?:,?\\s|/))(?:(${capital})(?![A-Za-z]|[.,:]?\\s?\\d{2,3}(?![\\d:/-]))|(${small})(?=\\s?(?:$|[.,;)\\n])))|` +
        `(?<=\\b(?:on|next|last|every|each|this|by|until|till|since|from|through|thru) )(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?![A-Za-z]|[.,:]?\\s?\\d)|` +
        `(?<![A-Za-z])(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?=\\s?[/,&-]\\s?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?![A-Za-z]))|(?<=(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\\s?[/,&-]\\s?)(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?![A-Za-z])|` +
        '(?<![A-Za-z])(Tues?|Weds?|Thu(?:rs?)?|Fri)(?![A-Za-z]))',
      'g',
    ),
    roles: ['weekday', 'weekday', 'weekday', 'weekday', 'weekday', 'weekday', 'weekday', 'weekday'],
    loose: true,
  },
  // Mon by itself, and no row of white cells
  {
    expression:
      /(?<![A-Za-z])(Mon)(?![A-Za-z]|[.,:]?\s?\d|\s?(?:%|cells?)|\s(?:Ly|Neu|Eo|Ba|Seg|St))(?<!(?:Ly|Lym|Lymph|Neu|Neut|Eo|Eos|Ba|Bas|Baso|Seg|Stab)[ ,/]{0,2}[\d.]{0,5}[ ,%/]{0,2}Mon)/g,
    roles: ['weekday'],
    loose: true,
    holds: () => 'unsure',
  },
  // MWF, T/Th/Sat: where somebody comes on these days
  {
    expression: new RegExp(
      `(?=[MTW])(?:(?<![A-Za-z/])(?:${letters})(?![A-Za-z/])(?=[^.;\\n\\d]{0,12}(?<![A-Za-z])${comes})|` +
        `(?<=(?<![A-Za-z])${comes}[^.;\\n\\d]{0,12})(?<![A-Za-z/])(?:${letters})(?![A-Za-z/])|(?<![A-Za-z/-])(?:T(?:ue?)?([/-])Th\\1Sa?t?|M([/-])W\\2F)(?![A-Za-z/-]))`,
      'g',
    ),
    roles: [],
    loose: true,
    holds: () => 'unsure',
  },
  // 月水金, 火・木
  { expression: /(月)(水)(金)|(火)(木)(土)/g, roles: ['weekday', 'weekday', 'weekday', 'weekday', 'weekday', 'weekday'], loose: true },
  {
    expression: /(?<![\u4e00-\u9fff])([月火水木金土日])([・/])([月火水木金土日])(?:([・/])([月火水木金土日]))?(?![\u4e00-\u9fff曜])/g,
    roles: ['weekday', 'between', 'weekday', 'between', 'weekday'],
    loose: true,
  },
  {
    expression: /(?<![A-Za-z])(Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)(?![a-rt-z])/gi,
    roles: ['weekday'],
    loose: true,
  },
];
