/**
 * Concepts by their properties: those that have all that are asked for, then those that have some; for a human also those that have nearly.
 * R4: https://hl7.org/fhir/R4/codesystem-operation-find-matches.html
 * @module
 */
import { fold } from '../model/fold.ts';
import type { Concept, System } from './code-system.ts';
import { valuesOf } from './filter.ts';
import { newWork } from './work.ts';

export interface Wanted {
  readonly code: string;
  /** As text, to compare; absent: any. */
  readonly text?: string;
}

export interface Matching<One extends Wanted> {
  readonly concept: Concept;
  /** What the concept does not have. */
  readonly unmatched: readonly One[];
  /** What it has only nearly: the text is in the value, somehow written. */
  readonly nearly: readonly One[];
}

/** Concepts of one answer. */
const mostMatches = 100;

/** @param exact a machine asks: nothing that is only nearly so */
export function findMatches<One extends Wanted>(system: System, wanted: readonly One[], exact: boolean): Matching<One>[] {
  const work = newWork();
  const found: Matching<One>[] = [];
  const tests = wanted.map(one => ({ one, values: valuesOf(system, one.code), folded: fold(one.text ?? '') }));
  for (const concept of system.concepts) {
    work.spend(1 + tests.length);
    const unmatched: One[] = [];
    const nearly: One[] = [];
    for (const { one, values, folded } of tests) {
      const own = values?.(concept) ?? [];
      if (one.text === undefined ? own.length > 0 : own.includes(one.text)) continue;
      if (!exact && folded !== '' && own.some(value => fold(value).includes(folded))) nearly.push(one);
      else unmatched.push(one);
    }
    if (unmatched.length < wanted.length) found.push({ concept, unmatched, nearly });
  }
  const distance = ({ unmatched, nearly }: Matching<One>) => unmatched.length * (wanted.length + 1) + nearly.length;
  return found.sort((a, b) => distance(a) - distance(b)).slice(0, mostMatches);
}
