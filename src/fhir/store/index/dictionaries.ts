/**
 * Tokens, strings and uris: dictionaries of the distinct values, each with the versions that have it.
 * R4: https://hl7.org/fhir/R4/search.html#token, https://hl7.org/fhir/R4/search.html#string, https://hl7.org/fhir/R4/search.html#uri
 * @module
 */

import { fold } from '../../model/fold.ts';
import { matchesString, matchesToken, matchesTokenBy, matchesUri } from '../../search/compare.ts';
import type { Predicate, TokenTest } from '../../search/query.ts';
import type { TokenValue, Value } from '../../search/values.ts';
import { type Deadline, stride } from './deadline.ts';
import { Base, better, fewValues, type Gone, type SortKey } from './parameter.ts';
import { add, among, gather, leap, listOf, type Postings, rest, union } from './postings.ts';

/** Keys by walking a dictionary once: [key, versions] pairs → best key of each candidate; candidates ascend. */
function keysOf(pairs: Iterable<readonly [SortKey, Postings]>, candidates: readonly number[], descending: boolean): SortKey[] {
  const keys: SortKey[] = candidates.map(() => null);
  const from = candidates[0] ?? 0;
  const length = (candidates[candidates.length - 1] ?? 0) - from + 1;
  // A slot for each number between the first and the last, one more than the place of the candidate; where they lie far apart, their places are looked up.
  const places = length < candidates.length * 32 ? new Uint32Array(length) : undefined;
  if (places) candidates.forEach((seq, i) => void (places[seq - from] = i + 1));
  for (const [key, postings] of pairs) {
    let at = 0;
    for (const seq of listOf(postings)) {
      if (places) at = (places[seq - from] ?? 0) - 1;
      else at = leap(candidates, seq, at);
      if (at >= 0 && (places || candidates[at] === seq) && better(key, keys[at], descending)) keys[at] = key;
    }
  }
  return keys;
}

/** [value, versions] pairs → versions with all their values. */
function gone(pairs: Iterable<readonly [Value, Postings]>, seqs: readonly number[]): Gone[] {
  const found = new Map<number, Value[]>(seqs.map(seq => [seq, []]));
  for (const [value, postings] of pairs) {
    // Most values are of one version.
    if (typeof postings === 'number') found.get(postings)?.push(value);
    else for (const seq of among(postings, seqs)) found.get(seq)!.push(value);
  }
  return [...found];
}

/** Each entry once, however often it was asked for: a list may be as long as all there is. */
const unionOf = (entries: readonly { readonly postings: Postings }[]): readonly number[] =>
  union([...new Set(entries)].map(({ postings }) => listOf(postings)));

interface TokenEntry {
  readonly value: TokenValue;
  postings: Postings;
}

export class TokenIndex extends Base {
  readonly #byCode = new Map<string, TokenEntry[]>();
  readonly #bySystem = new Map<string, TokenEntry[]>();

  override get entries(): number {
    return Math.max(this.#byCode.size, this.#bySystem.size);
  }

  protected put(seq: number, value: Value): void {
    const [system, code] = value as TokenValue;
    const same = this.#byCode.get(code ?? '');
    let entry = same?.find(one => one.value[0] === system && one.value[1] === code);
    if (entry) {
      if (typeof entry.postings === 'number') {
        if (entry.postings !== seq) entry.postings = [entry.postings, seq];
      } else if (entry.postings[entry.postings.length - 1] !== seq) entry.postings.push(seq);
      return;
    }
    entry = { value: [system, code], postings: seq };
    if (same) same.push(entry);
    else this.#byCode.set(code ?? '', [entry]);
    const name = system ?? '';
    const bySystem = this.#bySystem.get(name);
    if (bySystem) bySystem.push(entry);
    else this.#bySystem.set(name, [entry]);
  }

  protected override valued(seqs: readonly number[]): Gone[] {
    const all = this.#byCode.values();
    return gone(
      (function* () {
        for (const entries of all) for (const { value, postings } of entries) yield [value, postings] as const;
      })(),
      seqs,
    );
  }

  protected take(gone: readonly Gone[]): void {
    const lists = new Map<TokenEntry, number[]>();
    for (const [seq, values] of gone) {
      for (const value of values) {
        const [system, code] = value as TokenValue;
        const entry = this.#byCode.get(code ?? '')?.find(one => one.value[0] === system && one.value[1] === code);
        if (entry) gather(lists, entry, seq);
      }
    }
    for (const [entry, seqs] of lists) {
      const left = rest(entry.postings, seqs);
      if (left !== undefined) entry.postings = left;
      else {
        dropFrom(this.#byCode, entry.value[1] ?? '', entry);
        dropFrom(this.#bySystem, entry.value[0] ?? '', entry);
      }
    }
  }

  #entries(test: TokenTest): readonly TokenEntry[] {
    const some = test.code === undefined ? this.#bySystem.get(test.system ?? '') : this.#byCode.get(test.code);
    return (some ?? []).filter(entry => matchesToken(entry.value, test));
  }

  find(predicate: Predicate, _candidates?: readonly number[], deadline?: Deadline): readonly number[] {
    const { values, match = 'code' } = predicate as Extract<Predicate, { kind: 'token' }>;
    if (match === 'code') return unionOf(values.flatMap(test => this.#entries(test)));
    const lists: (readonly number[])[] = [];
    let steps = 0;
    for (const entries of this.#byCode.values()) {
      for (const { value, postings } of entries) if (values.some(test => matchesTokenBy(match, value, test))) lists.push(listOf(postings));
      if ((steps += values.length) > stride) {
        deadline?.check();
        steps = 0;
      }
    }
    return union(lists);
  }

  estimate(predicate: Predicate): number {
    const { values, match = 'code' } = predicate as Extract<Predicate, { kind: 'token' }>;
    if (match !== 'code' || values.length > fewValues) return this.present.length;
    let n = 0;
    for (const test of values) for (const entry of this.#entries(test)) n += typeof entry.postings === 'number' ? 1 : entry.postings.length;
    return n;
  }

  keys(candidates: readonly number[], descending: boolean): SortKey[] {
    const all = this.#byCode.values();
    return keysOf(
      (function* () {
        for (const entries of all) for (const { value, postings } of entries) yield [value[1], postings] as const;
      })(),
      candidates,
      descending,
    );
  }
}

function dropFrom(lists: Map<string, TokenEntry[]>, key: string, entry: TokenEntry): void {
  const list = lists.get(key)!;
  if (list.length === 1) lists.delete(key);
  else list.splice(list.indexOf(entry), 1);
}

interface StringEntry {
  readonly folded: string;
  readonly raw: string;
  postings: Postings;
}

export class StringIndex extends Base {
  readonly #byRaw = new Map<string, StringEntry>();

  override get entries(): number {
    return this.#byRaw.size;
  }
  /** Entries by folded text; those that came since the last sort stand in `#fresh`. */
  #sorted: StringEntry[] = [];
  #fresh: StringEntry[] = [];

  protected put(seq: number, value: Value): void {
    const raw = value as string;
    const entry = this.#byRaw.get(raw);
    if (!entry) {
      const made = { raw, folded: fold(raw), postings: seq };
      this.#byRaw.set(raw, made);
      this.#fresh.push(made);
    } else if (typeof entry.postings === 'number') {
      if (entry.postings !== seq) entry.postings = [entry.postings, seq];
    } else if (entry.postings[entry.postings.length - 1] !== seq) entry.postings.push(seq);
  }

  protected override valued(seqs: readonly number[]): Gone[] {
    const all = this.#byRaw.values();
    return gone(
      (function* () {
        for (const { raw, postings } of all) yield [raw, postings] as const;
      })(),
      seqs,
    );
  }

  protected take(gone: readonly Gone[]): void {
    const lists = new Map<StringEntry, number[]>();
    for (const [seq, values] of gone) {
      for (const value of values) {
        const entry = this.#byRaw.get(value as string);
        if (entry) gather(lists, entry, seq);
      }
    }
    const unused = new Set<StringEntry>();
    for (const [entry, seqs] of lists) {
      const left = rest(entry.postings, seqs);
      if (left !== undefined) entry.postings = left;
      else {
        unused.add(entry);
        this.#byRaw.delete(entry.raw);
      }
    }
    if (unused.size === 0) return;
    this.#sorted = this.#sorted.filter(entry => !unused.has(entry));
    this.#fresh = this.#fresh.filter(entry => !unused.has(entry));
  }

  #starting(prefix: string): StringEntry[] {
    if (this.#fresh.length > 256 + this.#sorted.length / 8) {
      this.#sorted = [...this.#sorted, ...this.#fresh].sort((a, b) => (a.folded < b.folded ? -1 : a.folded > b.folded ? 1 : 0));
      this.#fresh = [];
    }
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle]!.folded < prefix) low = middle + 1;
      else high = middle;
    }
    const found = this.#fresh.filter(entry => entry.folded.startsWith(prefix));
    while (low < this.#sorted.length && this.#sorted[low]!.folded.startsWith(prefix)) found.push(this.#sorted[low++]!);
    return found;
  }

  #entries({ values, match }: Extract<Predicate, { kind: 'string' }>, deadline?: Deadline): StringEntry[] {
    return values.flatMap(text => {
      if (match === 'exact') return this.#byRaw.get(text) ?? [];
      if (match === 'starts' || match === 'same')
        return this.#starting(fold(text)).filter(entry => matchesString(entry.folded, entry.raw, text, match));
      const found: StringEntry[] = [];
      let steps = 0;
      for (const entry of this.#byRaw.values()) {
        if (matchesString(entry.folded, entry.raw, text, match)) found.push(entry);
        if (++steps % stride === 0) deadline?.check();
      }
      deadline?.check();
      return found;
    });
  }

  find(predicate: Predicate, _candidates?: readonly number[], deadline?: Deadline): readonly number[] {
    return unionOf(this.#entries(predicate as Extract<Predicate, { kind: 'string' }>, deadline));
  }

  estimate(predicate: Predicate): number {
    const asked = predicate as Extract<Predicate, { kind: 'string' }>;
    if (asked.values.length > fewValues || (asked.match !== 'exact' && asked.match !== 'starts')) return this.present.length;
    return this.#entries(asked).reduce((n, entry) => n + listOf(entry.postings).length, 0);
  }

  keys(candidates: readonly number[], descending: boolean): SortKey[] {
    const all = this.#byRaw.values();
    return keysOf(
      (function* () {
        for (const { folded, postings } of all) yield [folded, postings] as const;
      })(),
      candidates,
      descending,
    );
  }
}

export class UriIndex extends Base {
  readonly #lists = new Map<string, Postings>();

  override get entries(): number {
    return this.#lists.size;
  }

  protected put(seq: number, value: Value): void {
    add(this.#lists, value as string, seq);
  }

  protected override valued(seqs: readonly number[]): Gone[] {
    return gone(this.#lists, seqs);
  }

  protected take(gone: readonly Gone[]): void {
    const lists = new Map<string, number[]>();
    for (const [seq, values] of gone) for (const value of values) gather(lists, value as string, seq);
    for (const [uri, seqs] of lists) {
      const left = rest(this.#lists.get(uri), seqs);
      if (left === undefined) this.#lists.delete(uri);
      else this.#lists.set(uri, left);
    }
  }

  find(predicate: Predicate, _candidates?: readonly number[], deadline?: Deadline): readonly number[] {
    const { values, match } = predicate as Extract<Predicate, { kind: 'uri' }>;
    if (match === 'exact') return union([...new Set(values)].map(uri => listOf(this.#lists.get(uri))));
    const found: (readonly number[])[] = [];
    let steps = 0;
    for (const [uri, postings] of this.#lists) {
      if (values.some(test => matchesUri(uri, test, match))) found.push(listOf(postings));
      if ((steps += values.length) > stride) {
        deadline?.check();
        steps = 0;
      }
    }
    return union(found);
  }

  estimate(predicate: Predicate): number {
    const { values, match } = predicate as Extract<Predicate, { kind: 'uri' }>;
    return match === 'exact' ? values.reduce((n, uri) => n + listOf(this.#lists.get(uri)).length, 0) : this.present.length;
  }

  keys(candidates: readonly number[], descending: boolean): SortKey[] {
    return keysOf(this.#lists, candidates, descending);
  }

  /** The values of each of these versions; one walk over all there are. */
  values(of: ReadonlySet<number>): ReadonlyMap<number, readonly string[]> {
    const found = new Map<number, string[]>();
    for (const [uri, postings] of this.#lists)
      for (const seq of listOf(postings)) if (of.has(seq)) found.set(seq, [...(found.get(seq) ?? []), uri]);
    return found;
  }
}
