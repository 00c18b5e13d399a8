/**
 * What a page brings along: round by round, each resource once, none that is a match already.
 * Each is asked of the same Access and snapshot as the matches before it counts for any cap; a circle ends because nothing comes twice.
 * R4: https://hl7.org/fhir/R4/search.html#revinclude, https://hl7.org/fhir/R4/references.html#canonical
 * @module
 */
import { searchParameters } from '../../search/parameters.ts';
import type { Include, SearchQuery } from '../../search/query.ts';
import { isThere, named } from './canonicals.ts';
import { UriIndex } from './dictionaries.ts';
import type { Evaluation } from './evaluate.ts';
import type { ReferenceIndex } from './references.ts';

/** After so many times the cap of a page not even the rest is told. */
const maxPages = 10;

export interface Included {
  readonly seqs: readonly number[];
  readonly truncated: boolean;
  /** How many were told in all; set when the rest can be asked for. */
  readonly told?: number;
}

/** @param told how many were told before */
export function included(evaluation: Evaluation, query: SearchQuery, matches: readonly number[], most: number, told = 0): Included {
  const seqs: number[] = [];
  let passed = 0;
  for (const seq of reached(evaluation, query, matches)) {
    if (passed++ < told) continue;
    if (seqs.length === most) return { seqs, truncated: true, ...(told + most < most * maxPages ? { told: told + most } : {}) };
    seqs.push(seq);
  }
  return { seqs, truncated: false };
}

function* reached(evaluation: Evaluation, query: SearchQuery, matches: readonly number[]): Iterable<number> {
  if (query.include.length === 0 && query.revinclude.length === 0) return;
  const taken = new Set(matches);
  for (let round = 0, from = matches; from.length > 0; round++) {
    const met: number[] = [];
    const isAsked = ({ iterate }: Include) => round === 0 || iterate === true;
    const include = query.include.filter(isAsked);
    const revinclude = query.revinclude.filter(isAsked);
    if (include.length === 0 && revinclude.length === 0) return;
    for (const [type, seqs] of byType(evaluation, from)) {
      for (const seq of both(forward(evaluation, include, type, seqs), backward(evaluation, revinclude, type, seqs))) {
        if (taken.has(seq)) continue;
        taken.add(seq);
        met.push(seq);
        yield seq;
      }
    }
    from = met;
  }
}

function* both(a: Iterable<number>, b: Iterable<number>): Iterable<number> {
  yield* a;
  yield* b;
}

const typeOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('/')));

const byType = ({ state: { ledger } }: Evaluation, seqs: readonly number[]): ReadonlyMap<string, number[]> =>
  Map.groupBy(seqs, seq => typeOf(ledger.name(ledger.resource(seq))));

function references({ state }: Evaluation, source: string, code: string): Iterable<[string, ReferenceIndex]> {
  const index = state.type(source);
  if (code === '*') return index.references();
  const reference = index.reference(code);
  return reference ? [[code, reference]] : [];
}

/** What resources of a type refer to. */
function* forward(evaluation: Evaluation, includes: readonly Include[], type: string, seqs: readonly number[]): Iterable<number> {
  const { ledger } = evaluation.state;
  for (const { source, code, target, among } of includes) {
    if (source !== '*' && source !== type) continue;
    const isWanted = (one: string) => (target === undefined || one === target) && (among === undefined || among.includes(one));
    for (const [parameter, reference] of references(evaluation, type, code)) {
      evaluation.check();
      for (const seq of seqs) {
        const names = reference.from(seq).map(ledger.name, ledger);
        for (const name of names) {
          if (name.includes(':')) {
            const targets = (searchParameters(type).get(parameter)?.targets ?? []).filter(isWanted);
            yield* named(evaluation, name, names, targets);
          } else if (isWanted(typeOf(name))) {
            const found = evaluation.at(typeOf(name), ledger.find(name));
            if (found !== 0) yield found;
          }
        }
      }
    }
  }
}

/** What refers to resources of a type, by `Type/id` or by its canonical URL. */
function* backward(evaluation: Evaluation, includes: readonly Include[], type: string, seqs: readonly number[]): Iterable<number> {
  const { state } = evaluation;
  const { ledger } = state;
  const asked = includes.filter(({ target }) => target === undefined || target === type);
  if (asked.length === 0) return;
  const urls = state.type(type).parameter('url');
  const canonical = urls instanceof UriIndex ? urls.values(new Set(seqs)) : undefined;
  for (const { source, code } of asked) {
    if (state.type(source).all.length === 0) continue;
    for (const [parameter, reference] of references(evaluation, source, code)) {
      for (const seq of seqs) {
        evaluation.check();
        for (const from of reference.to(ledger.resource(seq))) if (isThere(evaluation, source, from)) yield from;
        for (const url of canonical?.get(seq) ?? []) {
          const targets = searchParameters(source).get(parameter)?.targets ?? [];
          if (!targets.includes(type)) continue;
          for (const from of reference.to(ledger.find(url))) {
            if (!isThere(evaluation, source, from)) continue;
            const names = reference.from(from).map(ledger.name, ledger);
            const own = names.filter(name => name === url || name.startsWith(`${url}|`));
            if (own.some(name => [...named(evaluation, name, names, [type])].includes(seq))) yield from;
          }
        }
      }
    }
  }
}
