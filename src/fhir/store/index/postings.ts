/**
 * Posting lists: the numbers (seq) of the versions that have a value, ascending because numbers are given in time order.
 * A list of one is the number itself: most identifiers and references have one.
 * @module
 */
export type Postings = number | number[];

/** Adds a number that is not smaller than the last; a repeat is left out. */
export function add<K>(lists: Map<K, Postings>, key: K, seq: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, seq);
  else if (typeof list === 'number') {
    if (list !== seq) lists.set(key, [list, seq]);
  } else if (list[list.length - 1] !== seq) list.push(seq);
}

/** Takes numbers (ascending) out of an ascending list, in place. */
export function strike(list: number[], gone: readonly number[]): void {
  if (gone.length === 0) return;
  let to = place(list, gone[0]!);
  let at = 0;
  for (let i = to; i < list.length; i++) {
    const seq = list[i]!;
    while (at < gone.length && gone[at]! < seq) at++;
    if (gone[at] !== seq) list[to++] = seq;
  }
  list.length = to;
}

/** What is left of a list without these numbers (ascending); undefined: nothing. An array is changed in place. */
export function rest(postings: Postings | undefined, gone: readonly number[]): Postings | undefined {
  if (postings === undefined) return undefined;
  if (typeof postings === 'number') return gone.includes(postings) ? undefined : postings;
  strike(postings, gone);
  return postings.length === 0 ? undefined : postings;
}

/** Adds a number to the list of a key: what is to be taken out together. Numbers come ascending. */
export function gather<K>(lists: Map<K, number[]>, key: K, seq: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [seq]);
  else if (list[list.length - 1] !== seq) list.push(seq);
}

export const listOf = (postings: Postings | undefined): readonly number[] =>
  postings === undefined ? [] : typeof postings === 'number' ? [postings] : postings;

/** First place in an ascending list whose number is not below `seq`. */
export function place(list: ArrayLike<number>, seq: number, from = 0, to = list.length): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The same, of a place that is likely near `from`: in steps that double. */
export function leap(list: ArrayLike<number>, seq: number, from: number, to = list.length): number {
  let low = from;
  let step = 1;
  while (low + step <= to && list[low + step - 1]! < seq) {
    low += step;
    step *= 2;
  }
  return place(list, seq, low, Math.min(to, low + step));
}

/** Of some numbers those that are in a list. */
export const among = (list: readonly number[], some: readonly number[]): number[] => some.filter(seq => list[place(list, seq)] === seq);

/** Numbers in both; walks the shorter list and leaps through the longer one. */
export function intersect(a: readonly number[], b: readonly number[]): number[] {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const both: number[] = [];
  if (short.length * 16 < long.length) {
    let from = 0;
    for (const seq of short) {
      from = leap(long, seq, from);
      if (long[from] === seq) both.push(seq);
    }
    return both;
  }
  let at = 0;
  for (const seq of short) {
    while (at < long.length && long[at]! < seq) at++;
    if (long[at] === seq) both.push(seq);
  }
  return both;
}

/** Numbers of the first list that are not in the second. */
export function without(a: readonly number[], b: readonly number[]): number[] {
  const rest: number[] = [];
  let at = 0;
  for (const seq of a) {
    while (at < b.length && b[at]! < seq) at++;
    if (b[at] !== seq) rest.push(seq);
  }
  return rest;
}

/** All numbers of all lists, ascending, each once. */
export function union(lists: readonly (readonly number[])[]): readonly number[] {
  const some = lists.filter(list => list.length > 0);
  if (some.length === 0) return [];
  if (some.length === 1) return some[0]!;
  return ascending(some.flat());
}

/** Sorts numbers (whole, from 0 on) and drops repeats; an ascending list is given back as it is. */
export function ascending(numbers: readonly number[]): readonly number[] {
  let sorted = true;
  for (let i = 1; i < numbers.length; i++) {
    if (numbers[i]! <= numbers[i - 1]!) {
      sorted = false;
      break;
    }
  }
  if (sorted) return numbers;
  let least = numbers[0]!;
  let most = least;
  for (const n of numbers) {
    if (n < least) least = n;
    else if (n > most) most = n;
  }
  const words = (most - least) >>> 5;
  const once: number[] = [];
  if (words > numbers.length * 16) {
    for (const n of new Uint32Array(numbers).sort()) if (n !== once[once.length - 1]) once.push(n);
    return once;
  }
  // Of many each sets a bit, and all bits are read in order: some nanoseconds a number, however they lie.
  const bits = new Uint32Array(words + 1);
  for (const n of numbers) bits[(n - least) >>> 5]! |= 1 << ((n - least) & 31);
  for (let i = 0; i <= words; i++)
    for (let word = bits[i]!; word !== 0; word &= word - 1) once.push(least + i * 32 + 31 - Math.clz32(word & -word));
  return once;
}
