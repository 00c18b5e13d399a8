/**
 * Ages of people whom there are few of.
 * @module
 */
import { each } from './each.ts';
import type { Emit } from './entity.ts';
import { numeral } from './numeral.ts';

const relation = '[母父妻夫兄弟姉妹男女子孫人様氏]';
/** The years are the first group that is there. 99m, 101F and HR in the 90s are none. */
const ages = [
  /(?<![\d.])(\d{2,3})\s?(?:[歳歲才]|サイ(?![ァ-ヺー])|さい(?![ぁ-ん])|y\/?o\b|y\.o\.|yo?\b|[- ]?(?:years?|yrs?)\b)|(?:年齢|享年|数え|(?<!高)齢|age[d:]?|aged)\s?[:は]?\s?(\d{2,3})(?!\d|\.\d|\s?(?:mg|%))/gi,
  /(?<![\d.])(\d{2,3})(?: ?[男女♂♀]|\/ ?[MF](?![A-Za-z])|(?:M|F)(?= (?:with|w\/|c\/o|who|presents?|presenting|admitted|s\/p|h\/o|here)))/g,
  /(?<![\d.])(\d{2,3})代(?=の?(?:男|女|母|父|患者|夫|妻|独居|高齢)|後半|前半|で(?:死|他界|独|一人)|、)|(?<=\bin (?:his|her|their) (?:(?:early|mid|late)[ -])?)(\d{2,3})(?='?s\b)/g,
  new RegExp(`(?<=${relation} ?\\()(\\d{2,3})(?=[)、,])`, 'g'),
];
const inKanji = /(?<![〇一二三四五六七八九十百])([〇一二三四五六七八九十百]{1,5})\s?(?:[歳歲才]|(?<=十)代)|(卒寿|白寿|百寿)/g;
const inWords =
  /(?<![A-Za-z])(?:ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|(?:(?:a|one)[- ])?hundred(?: and [a-z-]{1,12})?)(?=[- ](?:years?|yrs?)\b)|(?<=(?:his|her|their) (?:(?:early|mid|late)[ -])?)nineties(?![A-Za-z])/gi;
const most = 130;

/** @param from years */
export function findAges(plain: string, from: number, emit: Emit): void {
  if (/\d/.test(plain))
    for (const expression of ages)
      each(expression, plain, ({ 0: text, 1: one, 2: other, index }) => {
        const digits = (one ?? other)!;
        const start = index + text.indexOf(digits);
        if (Number(digits) >= from && Number(digits) <= most) emit(start, start + digits.length, 'age');
      });
  if (/ninet|hundred/i.test(plain)) each(inWords, plain, ({ 0: text, index }) => emit(index, index + text.length, 'age'));
  each(inKanji, plain, ({ 1: number, 2: word, index }) => {
    const text = (number ?? word)!;
    const years = number === undefined ? most : numeral(number);
    if (years >= from && years <= most) emit(index, index + text.length, 'age');
  });
}
