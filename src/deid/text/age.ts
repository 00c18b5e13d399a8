/**
 * Ages of people whom there are few of.
 * @module
 */
import { each } from './each.ts';
import type { Emit } from './entity.ts';

const relation = '[母父妻夫兄弟姉妹男女子孫人様氏]';
/** The years are the first group that is there. 99m, 101F and HR in the 90s are none. */
const ages = [
  /(?<![\d.])(\d{2,3})\s?(?:歳|才|y\/?o\b|y\.o\.|yo?\b|[- ]?years?[- ]old|-year-old)|(?:年齢|享年|age[d:]?|aged)\s?[:は]?\s?(\d{2,3})(?!\d|\.\d|\s?(?:mg|%))/gi,
  /(?<![\d.])(\d{2,3})(?: ?[男女♂♀]|\/ ?[MF](?![A-Za-z])|(?:M|F)(?= (?:with|w\/|c\/o|who|presents?|presenting|admitted|s\/p|h\/o|here)))/g,
  /(?<![\d.])(\d{2,3})代(?=の?(?:男|女|母|父|患者|夫|妻|独居|高齢)|後半|前半|で(?:死|他界|独|一人)|、)|(?<=\bin (?:his|her|their) (?:(?:early|mid|late)[ -])?)(\d{2,3})(?='?s\b)/g,
  new RegExp(`(?<=${relation} ?\\()(\\d{2,3})(?=[)、,])`, 'g'),
];
const inKanji = /([九百][一二三四五六七八九十]{1,3}|百)\s?(?:歳|才)|(九十)(?:歳|才)?代/g;

/** @param from years */
export function findAges(plain: string, from: number, emit: Emit): void {
  if (/\d/.test(plain))
    for (const expression of ages)
      each(expression, plain, ({ 0: text, 1: one, 2: other, index }) => {
        const digits = (one ?? other)!;
        const start = index + text.indexOf(digits);
        if (Number(digits) >= from && Number(digits) <= 130) emit(start, start + digits.length, 'age');
      });
  each(inKanji, plain, ({ 1: one, 2: other, index }) => {
    const text = (one ?? other)!;
    if (/^(?:九十|百)/.test(text)) emit(index, index + text.length, 'age');
  });
}
