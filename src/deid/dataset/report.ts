/**
 * What the operator is told of a survey and its plan, and nothing is changed for: how much was rolled up, and which pairs of looks few persons have.
 * A pair that one person has says that somebody can be found by knowing both: this page is for the operator alone.
 * @module
 */
import type { PlanJson } from './plan-json.ts';
import type { Look, Survey } from './survey.ts';

export interface Report {
  readonly persons: number;
  readonly resources: number;
  /** Looks (codes, sets of codes at a place) by what becomes of them. */
  readonly looks: { readonly stay: number; readonly rolledUp: number; readonly go: number };
  /** Things measured in a unit: with a bound on one side or both; without any value that leaves. */
  readonly measured: { readonly all: number; readonly bounded: number; readonly removed: number };
  /** Largest relative error of a percentile; 0: exact. */
  readonly percentileError: number;
  readonly pairs: {
    /** Share of all pairs that was counted; 1 unless there were too many. */
    readonly share: number;
    /** Pairs counted whose two looks both stay. */
    readonly counted: number;
    /** Of these, pairs that fewer than k persons have. */
    readonly few: number;
    /** Up to fifty of them, the rarest first: places and keys, and how many persons. */
    readonly rarest: readonly { readonly looks: readonly [string, string]; readonly persons: number }[];
  };
}

const mostTold = 50;
const told = ({ place, key }: Look): string => (place === '' ? key : `${place} ${key.replaceAll('\n', ' + ').replace('\t', ' ')}`);

export function report(survey: Survey, json: PlanJson, percentileError: number): Report {
  const { looks, combinations, k } = survey;
  const fates = Object.values(json.looks).flatMap(keys => Object.values(keys));
  const limits = Object.values(json.limits).flatMap(keys => Object.values(keys));
  const remains = (look: Look): boolean => look.place === '' || json.looks[look.place]?.[look.key] === 0;
  let counted = 0;
  const few: { looks: [string, string]; persons: number }[] = [];
  for (const [a, b, persons] of combinations) {
    const pair = [looks[a]!, looks[b]!] as const;
    if (!pair.every(remains)) continue;
    counted++;
    if (persons < k) few.push({ looks: pair.map(told).sort() as [string, string], persons });
  }
  few.sort((a, b) => a.persons - b.persons || (a.looks.join() < b.looks.join() ? -1 : 1));
  return {
    persons: survey.persons,
    resources: survey.resources,
    looks: {
      stay: fates.filter(fate => fate === 0).length,
      rolledUp: fates.filter(fate => typeof fate === 'string').length,
      go: fates.filter(fate => fate === 1).length,
    },
    measured: {
      all: limits.length,
      bounded: limits.filter(one => one.low !== undefined || one.high !== undefined).length,
      removed: limits.filter(one => one.plain === false).length,
    },
    percentileError,
    pairs: { share: 2 ** -combinations.level, counted, few: few.length, rarest: few.slice(0, mostTold) },
  };
}
