/**
 * One page of what a query found: in order, after a cursor.
 * The order is the sort keys, then the number of the version; what has no value comes last in either direction.
 * R4: https://hl7.org/fhir/R4/search.html#sort
 * @module
 */
import type { SearchQuery, Sort } from '../../search/query.ts';
import type { Evaluation } from './evaluate.ts';
import { better, type SortKey } from './parameter.ts';
import { ascending, gather, place } from './postings.ts';

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

/**
 * Orders what was found and cuts a page out of it.
 * @param after row of the last resource of the page before, as `cursor` gave it
 */
export function cut(
  evaluation: Evaluation,
  { sort, count }: SearchQuery,
  found: readonly Found[],
  after?: readonly SortKey[],
): { seqs: readonly number[]; cursor?: readonly SortKey[] } {
  const all = found.length === 1 ? found[0]!.seqs : found.flatMap(({ seqs }) => seqs);
  if (sort.length === 0) {
    const ordered = found.length === 1 ? all : ascending(all);
    const from = after ? place(ordered, (after[0] as number) + 1) : 0;
    const seqs = ordered.slice(from, from + count);
    return ordered.length > from + count ? { seqs, cursor: [seqs[seqs.length - 1]!] } : { seqs };
  }
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
  const isAfter = (n: number): boolean => {
    if (!after) return true;
    for (let i = 0; i < columns.length; i++) {
      const order = compareKeys(columns[i]!.keys[n]!, after[i]!, columns[i]!.descending);
      if (order !== 0) return order > 0;
    }
    return all[n]! > (after[columns.length] as number);
  };
  const best = smallest(all.length, count + 1, compare, isAfter);
  const page = best.slice(0, count);
  const seqs = page.map(n => all[n]!);
  if (best.length <= count) return { seqs };
  const last = page[page.length - 1]!;
  return { seqs, cursor: [...columns.map(({ keys }) => keys[last]!), all[last]!] };
}
