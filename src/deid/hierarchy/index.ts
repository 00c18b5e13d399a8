/**
 * Which code systems have a hierarchy: those whose codes or tables of ranges hold it, and those that are handed in as data (child → parent).
 * MEDIS's disease keys, LOINC and SNOMED CT codes show no parent: without data about them a rare one goes.
 * @module
 */
import type { Code, Hierarchy, HierarchyOf } from './hierarchy.ts';
import { icd10 } from './icd-10.ts';
import { icd10cm } from './icd-10-cm.ts';
import { laboratory } from './laboratory.ts';
import { medication } from './medication.ts';

export { ancestors, type Code, type HierarchyOf } from './hierarchy.ts';

const known: ReadonlyMap<string, Hierarchy> = new Map([...icd10, ...icd10cm, ...laboratory, ...medication]);

/** The hierarchy of a code system by its URL; undefined: it has none that is known. */
export const hierarchyOf: HierarchyOf = system => known.get(system);

/** System → child → parent; a parent is a code of the same system, or says which it is of. */
export type StoredHierarchies = Readonly<Record<string, Readonly<Record<string, string | Code>>>>;

/** Hierarchies that are handed in as data, before those that are known; a code that the data do not have keeps its known parent. */
export function withStored(stored: StoredHierarchies): HierarchyOf {
  const systems = new Map(
    Object.entries(stored).map(([system, parents]): [string, Hierarchy] => {
      const table = new Map(Object.entries(parents));
      return [
        system,
        {
          parent: code => {
            const parent = table.get(code);
            if (parent === undefined) return known.get(system)?.parent(code);
            return typeof parent === 'string' ? { system, code: parent } : { system: parent.system, code: parent.code };
          },
        },
      ];
    }),
  );
  return system => systems.get(system) ?? known.get(system);
}
