/**
 * One page of what a query found: in order, after a cursor, with its includes.
 * The order is the sort keys, then the number of the version; what has no value comes last in either direction.
 * R4: https://hl7.org/fhir/R4/search.html#sort, https://hl7.org/fhir/R4/search.html#revinclude
 * @module
 */
import type { Include, SearchQuery, Sort } from '../../search/query.ts';
import type { Evaluation } from './evaluate.ts';
import type { SortKey } from './parameter.ts';
import { place } from './postings.ts';
import type { State } from './state.ts';

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
  for (let n = 0; n < size; n++) {
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

const keysOf = (state: State, type: string, sort: Sort, seqs: readonly number[]): SortKey[] => {
  const { ledger } = state;
  if (sort.type === 'id') return seqs.map(seq => ledger.name(ledger.resource(seq)));
  if (sort.type === 'lastUpdated') return seqs.map(seq => ledger.time(seq));
  return state.type(type).parameter(sort.code)?.keys(seqs, sort.descending) ?? seqs.map(() => null);
};

/**
 * Orders what was found and cuts a page out of it.
 * @param after row of the last resource of the page before, as `cursor` gave it
 */
export function cut(
  state: State,
  query: SearchQuery,
  found: readonly number[],
  after?: readonly SortKey[],
): { seqs: readonly number[]; cursor?: readonly SortKey[] } {
  const { sort, count } = query;
  if (sort.length === 0) {
    const from = after ? place(found, (after[0] as number) + 1) : 0;
    const seqs = found.slice(from, from + count);
    return found.length > from + count ? { seqs, cursor: [seqs[seqs.length - 1]!] } : { seqs };
  }
  const columns = sort.map(one => ({ keys: keysOf(state, query.type, one, found), descending: one.descending }));
  const compare = (a: number, b: number): number => {
    for (const { keys, descending } of columns) {
      const order = compareKeys(keys[a]!, keys[b]!, descending);
      if (order !== 0) return order;
    }
    return a - b;
  };
  const isAfter = (n: number): boolean => {
    if (!after) return true;
    for (let i = 0; i < columns.length; i++) {
      const order = compareKeys(columns[i]!.keys[n]!, after[i]!, columns[i]!.descending);
      if (order !== 0) return order > 0;
    }
    return found[n]! > (after[columns.length] as number);
  };
  const best = smallest(found.length, count + 1, compare, isAfter);
  const page = best.slice(0, count);
  const seqs = page.map(n => found[n]!);
  if (best.length <= count) return { seqs };
  const last = page[page.length - 1]!;
  return { seqs, cursor: [...columns.map(({ keys }) => keys[last]!), found[last]!] };
}

/**
 * What a page brings along: each resource once, none that is a match already, at most `most`.
 * Both kinds ask the same Access and snapshot as the matches.
 */
export function included(
  evaluation: Evaluation,
  query: SearchQuery,
  matches: readonly number[],
  most: number,
): { seqs: number[]; truncated: boolean } {
  const { state } = evaluation;
  const { ledger } = state;
  const taken = new Set(matches);
  const seqs: number[] = [];
  let truncated = false;
  const take = (type: string, resource: number): void => {
    const seq = evaluation.at(type, resource);
    if (seq === 0 || taken.has(seq)) return;
    if (seqs.length >= most) {
      truncated = true;
      return;
    }
    taken.add(seq);
    seqs.push(seq);
  };
  const references = (source: string, include: Include) => {
    const index = state.type(source);
    if (include.code === '*') return [...index.references()].map(([, reference]) => reference);
    const reference = index.reference(include.code);
    return reference ? [reference] : [];
  };
  for (const include of query.include) {
    if (include.source !== query.type) continue;
    for (const reference of references(query.type, include)) {
      for (const seq of matches) {
        for (const target of reference.from(seq)) {
          const type = typeOf(ledger.name(target));
          if (include.target === undefined || include.target === type) take(type, target);
        }
      }
    }
  }
  for (const include of query.revinclude) {
    if (include.target !== undefined && include.target !== query.type) continue;
    for (const reference of references(include.source, include)) {
      for (const seq of matches)
        for (const from of reference.to(ledger.resource(seq)))
          if (ledger.holds(from, evaluation.snapshot)) take(include.source, ledger.resource(from));
    }
  }
  return { seqs, truncated };
}

const typeOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('/')));
