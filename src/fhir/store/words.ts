/**
 * `_text` and `_content`: the bytes of the candidates are read, version by version, and forgotten again; nothing of them is kept in memory.
 * Other requests are answered in between.
 * R4: https://hl7.org/fhir/R4/search.html#content
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import type { AnyResource } from '../model/r4.ts';
import { partsOf } from '../search/parts.ts';
import type { Part, Predicate } from '../search/query.ts';
import { matchesWords, searchable } from '../search/words.ts';
import type { Deadline } from './index/deadline.ts';
import type { Evaluation } from './index/evaluate.ts';
import type { Settled } from './index/guess.ts';

/** Versions read between two turns of others. */
const atOnce = 100;

export interface WordSearch {
  /** A new one at each call: memory may have changed since. */
  readonly evaluation: () => Evaluation;
  readonly bytes: (seqs: readonly number[]) => readonly Buffer[] | Promise<readonly Buffer[]>;
  /** Throws Problem too-costly when there was too much to read. */
  readonly deadline: Deadline;
}

type Words = Extract<Predicate, { kind: 'words' }>;

/** A search for words beside other conditions, none of which asks for words further in. */
export interface WordWalk {
  readonly type: string;
  readonly words: readonly Words[];
  readonly others: readonly Predicate[];
}

/** Undefined: the search is none of this shape. */
export function wordWalk(parts: readonly Part[]): WordWalk | undefined {
  const [part, ...more] = parts;
  if (part === undefined || more.length > 0) return undefined;
  const words = part.where.filter(one => one.kind === 'words');
  const others = part.where.filter(one => one.kind !== 'words');
  const isPlain = words.length > 0 && ![...partsOf(part.type, others)].some(([, { kind }]) => kind === 'words');
  return isPlain ? { type: part.type, words, others } : undefined;
}

/** The first `most` versions after a number that meet the conditions and have the words: no more is read than is needed. */
export async function firstWithWords(
  { type, words, others }: WordWalk,
  after: number,
  most: number,
  search: WordSearch,
): Promise<number[]> {
  const found: number[] = [];
  for (let last = after; found.length < most; ) {
    let seqs = search.evaluation().first(type, others, last, atOnce);
    if (seqs.length === 0) break;
    last = seqs[seqs.length - 1]!;
    for (const one of words) seqs = await having(one, seqs, search);
    found.push(...seqs);
    await setImmediate();
  }
  return found.slice(0, most);
}

/** Undefined: the query asks for no words, as nearly all. */
export async function settleWords(parts: readonly Part[], search: WordSearch): Promise<Settled | undefined> {
  const settled = new Map<Predicate, readonly number[]>();
  for (const { type, where } of parts) {
    const asked = [...partsOf(type, where)].filter((part): part is readonly [string, Words] => part[1].kind === 'words');
    if (asked.length === 0) continue;
    // Where the words are one of several conditions, only what meets the others is read.
    const others = where.filter(one => ![...partsOf(type, [one])].some(([, part]) => part.kind === 'words'));
    for (const [of, words] of asked) {
      if (settled.has(words)) continue;
      const candidates = search.evaluation().run(of, where.includes(words) ? others : []);
      settled.set(words, await having(words, candidates, search));
    }
  }
  return settled.size === 0 ? undefined : settled;
}

async function having(
  { within, query }: Words,
  candidates: readonly number[],
  { evaluation, bytes, deadline }: WordSearch,
): Promise<number[]> {
  const found: number[] = [];
  for (let from = 0; from < candidates.length; from += atOnce) {
    if (from > 0) await setImmediate();
    deadline.check();
    const { state, snapshot } = evaluation();
    // What was erased in the meantime is there no more.
    const seqs = candidates.slice(from, from + atOnce).filter(seq => state.ledger.holds(seq, snapshot));
    const read = bytes(seqs);
    const texts = read instanceof Promise ? await read : read;
    seqs.forEach((seq, i) => {
      const resource = JSON.parse(texts[i]!.toString()) as AnyResource;
      if (matchesWords(searchable(resource, within), query)) found.push(seq);
    });
  }
  return found;
}
