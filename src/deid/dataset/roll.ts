/**
 * What becomes of the looks of one place: one that k persons share stays; one that fewer share becomes what is above it, together with others that went there, until k persons are together; what is left at the root goes.
 *
 * Persons are counted who **have that look in what leaves**: not all below a code, of whom most keep their own code, but those whose code became it and those who had it before. Otherwise the one patient with a rare
 * code would be the only one with the code above it, and so be found as easily.
 *
 * Above a concept with several codings is the one of them whose system has a hierarchy (the first by system), alone: kept side by side, two codings that are each shared by k would together name one person.
 * @module
 */
import type { HierarchyOf } from '../hierarchy/index.ts';
import { Few } from './few.ts';
import { codeOfKey, codesOf, keyOfCode } from './keys.ts';

export interface Met {
  readonly key: string;
  readonly few: Few;
}

export interface Rolled {
  /** Key → the key that it leaves with (itself, if it stays); undefined: it goes. */
  readonly becomes: ReadonlyMap<string, string | undefined>;
  /** Persons whose look goes. */
  readonly out: Few;
}

export interface Rolling {
  readonly k: number;
  readonly hierarchy: HierarchyOf;
  /** Patients of a code in a population, `system|code` → how many; codes that it does not list are not judged by it. */
  readonly population: ReadonlyMap<string, number>;
}

interface Node {
  readonly key: string;
  readonly few: Few;
  readonly above?: Node;
  readonly depth: number;
  stays: boolean;
}

/** @param met looks of one place; the same key may come several times */
export function roll(met: Iterable<Met>, { k, hierarchy, population }: Rolling): Rolled {
  const nodes = new Map<string, Node>();
  const above = (key: string): string | undefined => {
    const codes = codesOf(key);
    const parents = codes.map(code => {
      const { system, code: text } = codeOfKey(code);
      return hierarchy(system)?.parent(text);
    });
    if (codes.length > 1)
      return codes[
        Math.max(
          0,
          parents.findIndex(parent => parent !== undefined),
        )
      ];
    return parents[0] === undefined ? undefined : keyOfCode(parents[0]);
  };
  const node = (key: string, way: ReadonlySet<string>): Node => {
    const known = nodes.get(key);
    if (known !== undefined) return known;
    const next = above(key);
    // Data that somebody handed in may go round: the last step is then none.
    const up = next === undefined || way.has(next) ? undefined : node(next, new Set([...way, next]));
    const made: Node = { key, few: new Few(), ...(up === undefined ? {} : { above: up }), depth: (up?.depth ?? 0) + 1, stays: false };
    nodes.set(key, made);
    return made;
  };
  const given = new Set<string>();
  for (const { key, few } of met) {
    given.add(key);
    node(key, new Set([key])).few.union(few, k);
  }
  const out = new Few();
  const rare = (key: string): boolean => codesOf(key).some(code => (population.get(code) ?? k) < k);
  for (const one of [...nodes.values()].sort((a, b) => b.depth - a.depth)) {
    one.stays = one.few.enough && !rare(one.key);
    if (!one.stays) (one.above?.few ?? out).union(one.few, k);
  }
  const becomes = new Map<string, string | undefined>();
  for (const key of given) {
    let at: Node | undefined = nodes.get(key);
    while (at !== undefined && !at.stays) at = at.above;
    becomes.set(key, at?.key);
  }
  return { becomes, out };
}
