/**
 * Ages of people whom there are few of.
 * @module
 */
import { each } from './each.ts';
import type { Emit } from './entity.ts';

const age =
  /(?<![\d.])(\d{2,3})\s?(?:歳|才|代(?=[のに、。男女後前]|$)|y\/?o\b|y\.o\.|yo\b|[- ]?years?[- ]old|-year-old|[MF男女♂♀](?![A-Za-z\d])|\/ ?[MF](?![A-Za-z])|'?s(?![A-Za-z]))|(?:年齢|享年|age[d:]?|aged)\s?[:は]?\s?(\d{2,3})(?!\d|\.\d|\s?(?:mg|%))|([九百][一二三四五六七八九十]{1,3})\s?歳/gi;

/** @param from years */
export function findAges(plain: string, from: number, emit: Emit): void {
  each(age, plain, match => {
    const digits = match[1] ?? match[2];
    const years = digits === undefined ? 100 : Number(digits);
    if (digits === undefined ? !/^(?:九十|百)/.test(match[3]!) : years < from || years > 130) return;
    const text = digits ?? match[3]!;
    const start = match.index + match[0].indexOf(text);
    emit(start, start + text.length, 'age');
  });
}
