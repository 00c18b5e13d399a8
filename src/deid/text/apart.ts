/**
 * Numbers and birth dates that records know, whatever stands between their digits: 090、8765、4321, (802)555.0143, 1.00123456, 7 4 61.
 * @module
 */
import type { Emit, Entity } from './entity.ts';

/** Digits alone → what they are. */
export type KnownDigits = ReadonlyMap<string, Entity>;

/** Groups that a number is written in; a phone number with its country's has five. */
const most = 6;
/** Digits that tell somebody where another sign stands before or behind them, as in a decimal. */
const leastInOne = 7;
/** What may stand between two groups of one number: no letter, kana or kanji. */
const between = /^[^0-9A-Za-z\u3005-\u3007\u3041-\u30fa\u3400-\u9fff]{1,3}$/;

/** @param birthdays `year/month/day` without leading zeros, the year in every way in which it is written */
export function findApart(plain: string, digits: KnownDigits, birthdays: ReadonlySet<string>, emit: Emit): void {
  if (digits.size === 0 && birthdays.size === 0) return;
  /** The last groups that belong together, each with its place. */
  let row: { readonly text: string; readonly start: number }[] = [];
  let last = 0;
  for (const { 0: text, index } of plain.matchAll(/\d+/g)) {
    if (row.length > 0 && !between.test(plain.slice(last, Math.min(index, last + 4)))) row = [];
    row.push({ text, start: index });
    if (row.length > most) row.shift();
    last = index + text.length;
    let number = '';
    for (let i = row.length - 1; i >= 0 && number.length <= 20; i--) {
      number = row[i]!.text + number;
      const entity = number.length >= (i === row.length - 1 ? leastInOne : 6) ? digits.get(number) : undefined;
      if (entity !== undefined) emit(row[i]!.start, last, entity);
    }
    if (row.length < 3) continue;
    const [a, b, c] = row.slice(-3).map(one => Number(one.text)) as [number, number, number];
    if (birthdays.has(`${a}/${b}/${c}`) || birthdays.has(`${c}/${a}/${b}`) || birthdays.has(`${c}/${b}/${a}`))
      emit(row.at(-3)!.start, last, 'birth-date');
  }
}

/** Digits of a number that is known: whole, of a phone also without what the country or the area has before it. */
export function digitsOf(value: string, isPhone: boolean): string[] {
  const groups = value.normalize('NFKC').match(/\d+/g) ?? [];
  const whole = groups.join('');
  const national = isPhone && /^\s*\+?81/.test(value) ? '0' + whole.slice(2).replace(/^0/, '') : whole;
  const all = [whole, national];
  if (isPhone && groups.length > 2) all.push(groups.slice(1).join(''));
  if (isPhone && /^0[1-9]\d{8}$/.test(national)) all.push(national.slice(-6), national.slice(-7), national.slice(-8));
  return all.filter(one => one.length >= 6 && one.length <= 20);
}
