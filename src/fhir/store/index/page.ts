/**
 * One page of what a query found: in order, after a cursor.
 * The order is the sort keys, then the number of the version; what has no value comes last in either direction.
 * R4: https://hl7.org/fhir/R4/search.html#sort
 * @module
 */
import type { Part, SearchQuery, Sort } from '../../search/query.ts';
import type { Evaluation } from './evaluate.ts';
import { firstOf, inOrder } from './order.ts';
import { better, type SortKey } from './parameter.ts';
import { ascending, gather, intersect, place } from './postings.ts';

const compareKeys = (a: SortKey, b: SortKey, descending: boolean): number => {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b === descending ? 1 : -1;
};

/** The `most` smallest of the numbers below `size`, in order; a heap of that size instead of a sort of everything. */
function smallest(size: number, most: number, compare: (a: number, b: number) => number, wanted: (n: number) => boolean): number[] {
  const heap: number[] = [];
  const sink = (): void => {
    for (let at = 0; ; ) {
      let largest = at;
      for (let child = 2 * at + 1; child <= 2 * at + 2 && child < heap.length; child++)
        if (compare(heap[child]!, heap[largest]!) > 0) largest = child;
      if (largest === at) return;
      [heap[at], heap[largest]] = [heap[largest]!, heap[at]!];
      at = largest;
    }
  };
  const rise = (): void => {
    for (let at = heap.length - 1; at > 0; ) {
      const up = (at - 1) >> 1;
      if (compare(heap[at]!, heap[up]!) <= 0) return;
      [heap[at], heap[up]] = [heap[up]!, heap[at]!];
      at = up;
    }
  };
  // A list that lies the other way round would have every number enter the heap: it is walked from its end.
  const isBackward = size > 1 && compare(size - 1, 0) < 0;
  for (let i = 0; i < size; i++) {
    const n = isBackward ? size - 1 - i : i;
    if (heap.length === most && compare(n, heap[0]!) >= 0) continue;
    if (!wanted(n)) continue;
    if (heap.length < most) {
      heap.push(n);
      rise();
    } else {
      heap[0] = n;
      sink();
    }
  }
  return heap.sort(compare);
}

/** What was found of one type, ascending. */
export interface Found {
  readonly type: string;
  readonly seqs: readonly number[];
}

/** Keys of versions of one type, which ascend. */
function keysOf(evaluation: Evaluation, type: string, sort: Sort, seqs: readonly number[]): SortKey[] {
  const { ledger } = evaluation.state;
  if (sort.through) return keysThrough(evaluation, type, sort, sort.through, seqs);
  if (sort.type === 'id') return seqs.map(seq => ledger.name(ledger.resource(seq)).slice(type.length + 1));
  if (sort.type === 'lastUpdated') return seqs.map(seq => ledger.time(seq));
  return evaluation.state.type(type).parameter(sort.code)?.keys(seqs, sort.descending) ?? seqs.map(() => null);
}

/** Keys of what versions refer to; what the Access may not know of has none. */
function keysThrough(
  evaluation: Evaluation,
  type: string,
  { code, type: kind, descending }: Sort,
  { code: by, types }: NonNullable<Sort['through']>,
  seqs: readonly number[],
): SortKey[] {
  const { state } = evaluation;
  const reference = state.type(type).reference(by);
  if (!reference) return seqs.map(() => null);
  /** Resource → its version; 0: of none of the types, or not there. */
  const met = new Map<number, number>();
  const byType = new Map<string, number[]>();
  const versionOf = (target: number): number => {
    let seq = met.get(target);
    if (seq === undefined) {
      const name = state.ledger.name(target);
      const of = name.slice(0, Math.max(0, name.indexOf('/')));
      seq = types.includes(of) ? evaluation.at(of, target) : 0;
      met.set(target, seq);
      if (seq !== 0) gather(byType, of, seq);
    }
    return seq;
  };
  const rows = seqs.map(seq => reference.from(seq).map(versionOf));
  const keys = new Map<number, SortKey>();
  for (const [of, some] of byType) {
    const ordered = ascending(some);
    const theirs = keysOf(evaluation, of, { code, type: kind, descending }, ordered);
    ordered.forEach((seq, i) => void keys.set(seq, theirs[i]!));
  }
  return rows.map(some =>
    some.reduce<SortKey>((key, seq) => {
      const other = keys.get(seq) ?? null;
      return better(other, key, descending) ? other : key;
    }, null),
  );
}

/** Sort keys of a row, then its number. */
type Row = readonly SortKey[];

/** A page, and where the ones beside it begin. */
export interface Cut {
  readonly seqs: readonly number[];
  /** Its last row; absent: nothing comes after it. */
  readonly after?: Row;
  /** Its first row; absent: nothing comes before it. */
  readonly before?: Row;
}

/**
 * Orders what was found and cuts a page out of it: the first one, the one after a row, or the one before a row.
 */
export function cut(
  evaluation: Evaluation,
  query: SearchQuery,
  found: readonly Found[],
  { after, before }: { readonly after?: Row; readonly before?: Row } = {},
): Cut {
  const { sort, count } = query;
  const all = found.length === 1 ? found[0]!.seqs : found.flatMap(({ seqs }) => seqs);
  if (sort.length === 0) {
    const ordered = found.length === 1 ? all : ascending(all);
    const end = before ? place(ordered, before[0] as number) : undefined;
    const from = end === undefined ? (after ? place(ordered, (after[0] as number) + 1) : 0) : Math.max(0, end - count);
    const seqs = ordered.slice(from, end ?? from + count);
    return beside(seqs, seqs, from > 0, from + seqs.length < ordered.length, seq => [seq]);
  }
  const walked = before ? undefined : sortedOf(evaluation, query, found, after);
  if (walked) return walked;
  const columns = sort.map(one => ({
    keys:
      found.length === 1
        ? keysOf(evaluation, found[0]!.type, one, all)
        : found.flatMap(({ type, seqs }) => keysOf(evaluation, type, one, seqs)),
    descending: one.descending,
  }));
  const compare = (a: number, b: number): number => {
    for (const { keys, descending } of columns) {
      const order = compareKeys(keys[a]!, keys[b]!, descending);
      if (order !== 0) return order;
    }
    return all[a]! - all[b]!;
  };
  const against = (n: number, row: Row): number => {
    for (let i = 0; i < columns.length; i++) {
      const order = compareKeys(columns[i]!.keys[n]!, row[i]!, columns[i]!.descending);
      if (order !== 0) return order;
    }
    return all[n]! - (row[columns.length] as number);
  };
  const rowOf = (n: number): Row => [...columns.map(({ keys }) => keys[n]!), all[n]!];
  const best = before
    ? smallest(
        all.length,
        count + 1,
        (a, b) => compare(b, a),
        n => against(n, before) < 0,
      )
    : smallest(all.length, count + 1, compare, n => !after || against(n, after) > 0);
  const page = before ? best.slice(0, count).reverse() : best.slice(0, count);
  const isMore = best.length > count;
  const seqs = page.map(n => all[n]!);
  return beside(seqs, page, before ? isMore : after !== undefined, before ? true : isMore, rowOf);
}

/**
 * The first page of a sorted search, or the one after a row, without finding all that there is; undefined: not so.
 */
export function sortedPage(evaluation: Evaluation, query: SearchQuery, after?: Row): Cut | undefined {
  const part = onlyPart(query);
  if (!part) return undefined;
  const most = evaluation.most(part.type, part.where);
  if (!isWorth(evaluation, part, query, most)) return undefined;
  return walk(evaluation, query, part, evaluation.filter(part.type, part.where), most, after);
}

/** The same of what was found already. */
function sortedOf(evaluation: Evaluation, query: SearchQuery, found: readonly Found[], after?: Row): Cut | undefined {
  const part = onlyPart(query);
  const [only] = found;
  if (!part || !only || query.whole || !isWorth(evaluation, part, query, only.seqs.length)) return undefined;
  return walk(evaluation, query, part, piece => intersect(piece, only.seqs), only.seqs.length, after);
}

const onlyPart = ({ parts, type, where }: SearchQuery): Part | undefined =>
  parts === undefined ? { type, where } : parts.length === 1 ? parts[0] : undefined;

/** Whether a page is filled, as things lie on average, before so many were looked at as there are to sort. */
const isWorth = ({ state }: Evaluation, { type }: Part, { count }: SearchQuery, found: number): boolean =>
  found * found > state.type(type).all.length * (count + 1);

function walk(
  evaluation: Evaluation,
  { sort, count }: SearchQuery,
  part: Part,
  keep: (piece: readonly number[]) => readonly number[],
  furthest: number,
  after?: Row,
): Cut | undefined {
  const order = inOrder(evaluation, part, sort, after as readonly [SortKey, number] | undefined);
  const some = order && firstOf(order, count + 1, furthest, keep);
  if (!some) return undefined;
  const rowOf = (seq: number): Row => [...keysOf(evaluation, part.type, sort[0]!, [seq]), seq];
  const seqs = some.slice(0, count);
  return beside(seqs, seqs, after !== undefined, some.length > count, rowOf);
}

/** @param rows of the page, as `rowOf` takes them */
function beside(seqs: readonly number[], rows: readonly number[], isBefore: boolean, isAfter: boolean, rowOf: (n: number) => Row): Cut {
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    seqs,
    ...(isAfter && last !== undefined ? { after: rowOf(last) } : {}),
    ...(isBefore && first !== undefined ? { before: rowOf(first) } : {}),
  };
}
