/**
 * Orders that stand already: by the time of storing, by a date, number or quantity. A page is read off from where it begins, and the conditions are asked of what stands there,
 * until it is full: nothing is sorted. Where too few of them hold, the page is found as any other (page.ts).
 * R4: https://hl7.org/fhir/R4/search.html#sort
 * @module
 */
import type { Part, Sort } from '../../search/query.ts';
import type { Evaluation } from './evaluate.ts';
import { isFar } from './guess.ts';
import type { Ledger } from './ledger.ts';
import type { After, SortKey } from './parameter.ts';
import { ascending, place } from './postings.ts';

/** The key of a row, and its number. */
type Row = readonly [key: SortKey, seq: number];

/** Versions of a type in an order, those that have no value last; some that do not meet the conditions may be left out. Undefined: they do not stand in it. */
export function inOrder(evaluation: Evaluation, { type, where }: Part, sort: readonly Sort[], after?: Row): Iterable<number> | undefined {
  const [by, ...more] = sort;
  if (by === undefined || more.length > 0 || by.through) return undefined;
  const index = evaluation.state.type(type);
  if (by.type === 'lastUpdated') return byTime(evaluation.state.ledger, index.all, by.descending, after);
  const parameter = index.parameter(by.code);
  if (!parameter?.inOrder) return undefined;
  const met = where.filter(one => ranged.has(one.kind) && 'code' in one && one.code === by.code);
  const from: After | undefined = after && after[0] !== null ? { key: after[0], seq: after[1] } : undefined;
  const valued = after?.[0] === null ? [] : parameter.inOrder(by.descending, from, met);
  // What meets a condition on the parameter has a value.
  return met.length > 0 ? valued : both(valued, missing(index.all, parameter.present, after?.[0] === null ? after[1] : 0));
}

const ranged: ReadonlySet<string> = new Set(['date', 'number', 'quantity']);

function* both(a: Iterable<number>, b: Iterable<number>): Iterable<number> {
  yield* a;
  yield* b;
}

/** Numbers of the first list that are not in the second, from one on; both ascend. */
function* missing(all: readonly number[], present: readonly number[], after: number): Iterable<number> {
  let at = place(present, after + 1);
  for (let i = place(all, after + 1); i < all.length; i++) {
    const seq = all[i]!;
    while (at < present.length && present[at]! < seq) at++;
    if (present[at] !== seq) yield seq;
  }
}

/** Numbers are given in the order of time; those of one moment ascend either way. @param after a row that may have been erased since: its key says when it was */
function* byTime({ time }: Ledger, all: readonly number[], isDescending: boolean, after?: Row): Iterable<number> {
  const next = after === undefined ? 0 : place(all, after[1] + 1);
  if (!isDescending) {
    for (let i = next; i < all.length; i++) yield all[i]!;
    return;
  }
  let end = all.length;
  if (after !== undefined) {
    for (end = next; end > 0 && time(all[end - 1]!) === after[0]; end--);
    for (let i = next; i < all.length && time(all[i]!) === after[0]; i++) yield all[i]!;
  }
  while (end > 0) {
    let from = end - 1;
    while (from > 0 && time(all[from - 1]!) === time(all[end - 1]!)) from--;
    for (let i = from; i < end; i++) yield all[i]!;
    end = from;
  }
}

/**
 * The first `most` of an order that are kept; undefined: they were not among the first so many.
 * @param keep of versions that ascend
 */
export function firstOf(
  order: Iterable<number>,
  most: number,
  furthest: number,
  keep: (piece: readonly number[]) => readonly number[],
): readonly number[] | undefined {
  const found: number[] = [];
  let piece: number[] = [];
  let size = 64;
  let looked = 0;
  const settle = (): void => {
    const kept = new Set(keep(ascending(piece)));
    for (const seq of piece) if (kept.has(seq)) found.push(seq);
    looked += piece.length;
    piece = [];
    // As many as are likely to fill the page, and some.
    size = Math.min(size * 2, 4096, 32 + Math.ceil((looked * (most - found.length) * 1.2) / (found.length || 1)));
  };
  for (const seq of order) {
    piece.push(seq);
    if (piece.length < size) continue;
    settle();
    if (found.length >= most) return found.slice(0, most);
    if (looked >= furthest || isFar(looked, found.length, most, furthest)) return undefined;
  }
  settle();
  return found.slice(0, most);
}
