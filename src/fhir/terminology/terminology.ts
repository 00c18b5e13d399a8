/**
 * What search and profiles ask of terminology: codes of a value set, what is above and below a code, whether a code is in a value set.
 * R4: https://hl7.org/fhir/R4/search.html#token (:in, :above, :below), https://hl7.org/fhir/R4/terminologies.html#binding
 * @module
 */
import { Problem } from '../model/outcome.ts';
import { related as relatives } from './code-system.ts';
import type { Knowledge } from './knowledge.ts';
import { find, type Members, membersOf } from './members.ts';
import { newWork } from './work.ts';

export interface Terminology {
  /** Every code of a value set by system, expanded; undefined: not known here, or not all of it. Throws Problem `too-costly`. */
  codesIn(valueSet: string): Promise<ReadonlyMap<string, ReadonlySet<string>> | undefined>;
  /** The code itself and all below or above it in its system's hierarchy; undefined: system or code unknown. */
  related(system: string, code: string, direction: 'below' | 'above'): Promise<ReadonlySet<string> | undefined>;
  /** Whether a coding is in a value set; its display is not judged. Undefined: that cannot be said here. Throws Problem `too-costly`. */
  validateCode(valueSet: string, coding: { system?: string; code: string; display?: string }): Promise<boolean | undefined>;
}

const codes = new WeakMap<Members, ReadonlyMap<string, ReadonlySet<string>>>();

export function createTerminology(knowledge: Knowledge): Terminology {
  const setOf = async (canonical: string) => {
    const found = await knowledge.valueSet(canonical);
    return found && (await knowledge.resolve(found));
  };
  return {
    async codesIn(valueSet) {
      const set = await setOf(valueSet);
      if (set === undefined) return undefined;
      let members: Members;
      try {
        members = membersOf(set, newWork());
      } catch (error) {
        if (error instanceof Problem && error.kind !== 'too-costly') return undefined;
        throw error;
      }
      let known = codes.get(members);
      if (known === undefined) {
        known = new Map([...members].map(([system, own]) => [system, new Set(own.keys())]));
        codes.set(members, known);
      }
      return known;
    },
    async related(canonical, code, direction) {
      const system = await knowledge.system(canonical);
      const concept = system?.find(code);
      return system && concept && new Set([...relatives(system, concept, direction)].map(one => one.code));
    },
    async validateCode(valueSet, { system, code }) {
      const set = await setOf(valueSet);
      const found = set && find(set, system, code, newWork());
      return found === undefined ? undefined : found !== false;
    },
  };
}
