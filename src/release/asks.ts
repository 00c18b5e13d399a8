/**
 * What a question must know of the policy: it may not tell more than the data set would. A system that is not known there, an address below the prefecture, and
 * years of birth of whom it pools are no matter of a cohort either.
 * @module
 */
import { civilOf } from '../deid/calendar.ts';
import type { CompiledPolicy } from '../deid/compile.ts';
import { type KnownCodes, knownCodes } from '../deid/methods/code-system.ts';
import { place } from '../deid/methods/place.ts';
import { unitsOf } from '../deid/methods/quantity.ts';
import type { Rule } from '../deid/policy.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { lastPlanned } from './individual.ts';

export interface Asks {
  /** Resource types that a release may hold; only they can be asked about. */
  readonly clinical: ReadonlySet<string>;
  /** Whether a system, or a code of it, may leave. */
  readonly known: KnownCodes;
  /** Whether a unit, or a code for one of a system, may leave. */
  readonly knownUnit: (unit: string, system?: string) => boolean;
  /** Whether a text is (the beginning of) a prefecture's name, or a state in Latin letters. */
  readonly isState: (text: string) => boolean;
  /** Prefecture of a Patient as it leaves. */
  readonly stateOf: (patient: AnyResource) => string | undefined;
  /** Age (years) from which persons are pooled. */
  readonly pooledFrom: number;
  /** First year of birth that may be told from the one before: everybody born earlier may be pooled. @param today day number */
  readonly firstYear: (today: number) => number;
  /** First year of an event that may be told from the one before: whoever has an earlier one is pooled. @param today day number */
  readonly firstEvents: (today: number) => number;
  /** Greatest age (years) that a value may be compared with. */
  readonly mostAge: number;
}

/**
 * @param output a data set shows who is pooled: who asked for one year of birth, or for one age, would know that of each of them, and some are pooled for a day that is only planned.
 * A count tells of nobody that he is.
 */
export function asksOf({ policy, types }: CompiledPolicy, output: 'bundle' | 'summary'): Asks {
  const rules = policy.groups.flatMap(group => group.rules);
  const optionsOf = (method: string): Rule['options'] => rules.find(rule => rule.method === method)?.options ?? {};
  const prefectures = optionsOf('place')['prefectures'] as readonly string[];
  const treat = place.make(optionsOf('place'), undefined, 'Address');
  const units = unitsOf(optionsOf('quantity'));
  const { pooledFrom = Number.POSITIVE_INFINITY } = policy;
  const yearFrom = (day: number): number => civilOf(day).year - pooledFrom + 1;
  return {
    clinical: new Set(types.keys()),
    known: knownCodes(optionsOf('code-system')),
    knownUnit: (unit, system) => (system === undefined ? units.inWords(unit) || units.abbreviated(unit) : units.coded(system, unit)),
    isState: text => {
      const asked = text.normalize('NFKC').trim();
      return /^[\p{Script=Latin} .'-]{1,40}$/u.test(asked) || (asked !== '' && prefectures.some(name => name.startsWith(asked)));
    },
    stateOf: patient => {
      const left = treat(patient['address'], undefined as never) as readonly Json[] | undefined;
      return left?.[0]?.['state'] as string | undefined;
    },
    pooledFrom,
    firstYear: today => yearFrom(output === 'bundle' ? lastPlanned(today) : today),
    firstEvents: yearFrom,
    mostAge: output === 'bundle' ? 1 : pooledFrom,
  };
}
