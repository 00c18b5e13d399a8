/**
 * Births, by the words beside a date or a year: whoever was born then, it goes. A year of birth beside any later date tells an age.
 * @module
 */
import { each } from './each.ts';
import type { Emit } from './entity.ts';

/** Behind 生: no 生検, 生食, 生化学, 生体, 生存. */
const born = '生(?:\\(?まれ(?!つき|変)|れ(?!つき|変)|で(?:す|あ|、)|だ|$|[\\s、。,)」】/・の男女])';
const birthBefore =
  /(?:生年(?:月日?)?|誕生[日年]|出生(?:年(?:月日?)?|日)?|(?:[生産]ま?れ|うまれ)(?:年|た年|たのは)?|(?<![\u4e00-\u9fff])生(?=\s?[:/])|(?<![A-Za-z])(?:[DY]\.?O\.?B\.?|born(?: [A-Za-z',-]{1,20}){0,6}(?: ca?\.)?|b\.|birth ?(?:date|day|year|yr)?|(?:date|year) of birth))\s*(?:\([西和]暦\)\s?)?(?:は|が|[:=,(/-]|on|in|is|was|\|)?\s*$/i;
const birthAfter = new RegExp(
  `^\\s*(?:\\([^)]{0,12}\\)\\s?)?\\)?(?:頃|ごろ|ころ|代|初頭|早)?の?\\s?(?:${born}|に?、?[\\u4e00-\\u9fff\\u30a1-\\u30ffー]{0,8}(?:[でにがの]|にて)?(?:(?:生ま?|産ま|うま)れ(?!つき|変)|誕生|出生(?!前|率|地|届))|が誕生日|\\(?born|[- ]born\\b)`,
);

const maybe = /生|誕|[産う]まれ|[DY]\.?O\.?B|b\.|\(b |born|birth/i;

/** Whether a date that stands there is somebody's birth, by what stands beside it. */
export const isBirthBeside = (plain: string, start: number, end: number): boolean =>
  maybe.test(plain.slice(Math.max(0, start - 48), end + 24)) &&
  (birthBefore.test(plain.slice(Math.max(0, start - 48), start)) || birthAfter.test(plain.slice(end, end + 24)));

const noAmount =
  '(?![\\d:]|[.,]\\d|\\s?(?:mg|mL|ml|g|kg|cc|cells|steps|kcal|units?|U|IU|hrs?|hours|grams)(?![A-Za-z])|h(?![A-Za-z])|\\s?(?:AM|PM)\\b)';
/** Years that are a date by nothing else: YOB 1926, b. '26, born Taisho 15, born in the 1920s. */
const years = [
  new RegExp(
    `(?<![A-Za-z])(?:[DY]\\.?O\\.?B\\.?|(?:date|year) of birth|birth ?(?:date|year|yr)?|born(?: [A-Za-z',-]{1,20}){0,6}?(?: ca?\\.)?|b\\.|(?<=\\()b(?= ))\\s?(?:is|was|[:=,(-])?\\s?((?:early |mid-? ?|late )?(?:18|19|20)\\d\\d(?:'?s(?![a-z]))?|'\\d\\d(?!\\d)|(?:Meiji|Taish[oō]u?|Sh[oō]wa|Heisei|Reiwa|(?<![A-Za-z])[MTSHR])\\s?\\d{1,2})${noAmount}`,
    'gi',
  ),
  /(?<![A-Za-z])(?:YOB|Y\.O\.B\.?)\s?[:=,(-]?\s?(\d\d)(?![\d./-])/gi,
  /(?:生年(?:月日)?|誕生年|出生年?|(?:[生産]ま?れ|うまれ)(?:年|た年|たのは)?|(?<![\u4e00-\u9fff])生(?=\s?[:/]))(?:\([西和]暦\))?(?:は|が|\s|[:=/])?\s?((?:18|19|20)\d\d|(?:明治|大正|昭和|平成|令和|(?<![A-Za-z])[MTSHR]|[明大昭平令])\.?\s?(?:\d{1,2}|元))(?![\d:]|[.,]\d|\s?(?:g|kg|mg|mL|cc)(?![A-Za-z]))/g,
  /(?<![A-Za-z0-9,/-])(?<!\d\.)((?:18|19|20)\d\d)(?=[- ](?:born|birth|[DY]OB)(?![a-z]))/gi,
  // T15生, 大15生, 大正十五生まれ, 1926生まれ; no T12生検.
  new RegExp(
    `(?<![A-Za-z0-9])((?:明治|大正|昭和|平成|令和|[MTSHR明大昭平令])\\.?\\s?(?:\\d{1,2}|元|[〇一二三四五六七八九十]{1,3})(?:[年./・-]\\d{1,2}){0,2}[年月日]?|(?:18|19|20)\\d\\d年?|'\\d\\d年?)(?=\\s?(?:頃|ごろ)?の?(?:${born}))`,
    'g',
  ),
  // DOB 261201: the day and the year of it in six digits.
  /(?:生年月日|誕生日|(?<![A-Za-z])(?:D\.?O\.?B\.?|date of birth))\s?(?:\([西和]暦\))?\s?(?:は|is|[:=,(-])?\s?(\d{6})(?!\d|\.\d)/gi,
  /(明治|大正|昭和(?:一桁|ひと桁|ヒトケタ|1桁|初期|初年))(?=の?(?:生ま?れ))/g,
];

/** The years of a life: (1926-2020). Those of a study are fewer. */
const lives = /(?<=\(\s?)(1[89]\d\d)(?=年?\s?[-~]\s?((?:19|20)\d\d)年?\s?\))/g;
const shortLife = 40;

/** Years of birth without a date around them. */
export function findBirths(plain: string, emit: Emit): void {
  if (/\( ?1[89]/.test(plain))
    each(lives, plain, ({ 1: first, 2: last, index }) => {
      if (Number(last) - Number(first) >= shortLife) emit(index, index + 4, 'birth-date');
    });
  if (!maybe.test(plain)) return;
  for (const expression of years)
    each(expression, plain, ({ 0: text, 1: year, index }) => {
      const start = index + text.lastIndexOf(year!);
      emit(start, start + year!.length, 'birth-date');
    });
}
