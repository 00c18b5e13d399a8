/**
 * Which code systems have a hierarchy: those whose codes or tables of ranges hold it, and those that are handed in as data (child → parent).
 * MEDIS's disease keys, LOINC and SNOMED CT codes show no parent: without data about them a rare one goes.
 * @module
 */
import { isObject } from '../context.ts';
import { PolicyError } from '../policy.ts';
import type { Code, Hierarchy, HierarchyOf } from './hierarchy.ts';
import { icd10 } from './icd-10.ts';
import { icd10cm } from './icd-10-cm.ts';
import { laboratory } from './laboratory.ts';
import { medication } from './medication.ts';

export { ancestors, type Code, type HierarchyOf } from './hierarchy.ts';

const known: ReadonlyMap<string, Hierarchy> = new Map([...icd10, ...icd10cm, ...laboratory, ...medication]);

/** The hierarchy of a code system by its URL; undefined: it has none that is known. */
export const hierarchyOf: HierarchyOf = system => known.get(system);

/** Child → parent, a code of the same system or one that says which it is of. */
type Parents = ReadonlyMap<string, Code>;

function parentsOf(system: string, json: unknown, place: string): Parents {
  if (!isObject(json)) throw new PolicyError(place, 'must be an object of codes and the codes above them');
  return new Map(
    Object.entries(json).map(([child, parent]): [string, Code] => {
      if (typeof parent === 'string' && parent !== '') return [child, { system, code: parent }];
      if (isObject(parent) && typeof parent['system'] === 'string' && typeof parent['code'] === 'string')
        return [child, { system: parent['system'], code: parent['code'] }];
      throw new PolicyError(place, 'above a code stands a code, or a system and a code');
    }),
  );
}

/**
 * Hierarchies that are given as data, `{ system: { child: parent } }`, before those that are known; a code that the data do not have keeps its known parent.
 * @param at where the object stands
 * @throws PolicyError for what is no such object, and for codes that are above themselves
 */
export function withStored(json: unknown, at = 'hierarchies'): HierarchyOf {
  if (!isObject(json)) throw new PolicyError(at, 'must be an object of systems');
  const stored = new Map(Object.entries(json).map(([system, parents]) => [system, parentsOf(system, parents, `${at}.${system}`)] as const));
  const systems = new Map(
    [...stored].map(([system, parents]): [string, Hierarchy] => [
      system,
      { parent: code => parents.get(code) ?? known.get(system)?.parent(code) },
    ]),
  );
  const of: HierarchyOf = system => systems.get(system) ?? known.get(system);
  for (const [system, parents] of stored) checkRound(of, system, parents, `${at}.${system}`);
  return of;
}

/** Each code is gone up from once: what leads to where somebody has been is fine. */
function checkRound(of: HierarchyOf, system: string, parents: Parents, place: string): void {
  const fine = new Set<string>();
  for (const child of parents.keys()) {
    const way = new Set<string>();
    for (let at: Code | undefined = { system, code: child }; at !== undefined; at = of(at.system)?.parent(at.code)) {
      const key = `${at.system}|${at.code}`;
      if (fine.has(key)) break;
      if (way.has(key)) throw new PolicyError(place, 'goes round: a code is above itself');
      way.add(key);
    }
    for (const key of way) fine.add(key);
  }
}
