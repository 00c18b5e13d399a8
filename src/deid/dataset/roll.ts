/**
 * What becomes of the looks of one place: one that k persons share stays; one that fewer share becomes what is above it, together with others that went there, until k persons are together; what is left at the root goes.
 *
 * Persons are counted who **have that look in what leaves**: not all below a code, of whom most keep their own code, but those whose code became it and those who had it before. Otherwise the one patient with a rare
 * code would be the only one with the code above it, and so be found as easily.
 * @module
 */
import type { HierarchyOf } from '../hierarchy/index.ts';
import { Few } from './few.ts';
import { codeOfKey, codesOf, keyOfCode, keyOfFact, maskedValue, partsOfFact } from './keys.ts';

export interface Met {
  readonly key: string;
  readonly few: Few;
  readonly persons: number;
}

export interface Rolled {
  /** Key → the key that it leaves with (itself, if it stays); undefined: it goes. */
  readonly becomes: ReadonlyMap<string, string | undefined>;
  /** That they go leaves a trace, and there are not k persons in the whole place to bear it. */
  readonly whole: boolean;
}

export interface Rolling {
  readonly k: number;
  /** The key above a key; undefined at the root. */
  readonly above: (key: string) => string | undefined;
  /** Whether k persons are enough for it. */
  readonly holds: (key: string) => boolean;
  /** That a look goes can be seen. */
  readonly trace: boolean;
}

/**
 * The way up from a code or several. Above a concept with several codings is the one of them whose system has a hierarchy (the first by system), alone:
 * kept side by side, two codings that are each shared by k would together name one person.
 */
export function aboveCode(hierarchy: HierarchyOf): (key: string) => string | undefined {
  return key => {
    const codes = codesOf(key);
    const parents = codes.map(one => {
      const { system, code } = codeOfKey(one);
      return hierarchy(system)?.parent(code);
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
}

/**
 * The way up from a fact: its value first, up to that there is one; then its code.
 * @param bounded the key of the values that a value with a comparator is one of, being beyond their bound; undefined: it is not
 */
export function aboveFact(
  above: (key: string) => string | undefined,
  bounded: (code: string, value: string) => string | undefined,
): (key: string) => string | undefined {
  return key => {
    const [code, value] = partsOfFact(key);
    if (value !== '' && value !== maskedValue) return keyOfFact(code, bounded(code, value) ?? above(value) ?? maskedValue);
    const next = above(code);
    return next === undefined ? undefined : keyOfFact(next, value);
  };
}

interface Node {
  readonly key: string;
  readonly few: Few;
  readonly above?: Node;
  readonly depth: number;
  persons: number;
  stays: boolean;
}

function staysAbove({ above }: Node): boolean {
  return above !== undefined && (above.stays || staysAbove(above));
}

/** @param met looks of one place */
export function roll(met: Iterable<Met>, { k, above, holds, trace }: Rolling): Rolled {
  const nodes = new Map<string, Node>();
  const node = (key: string, way: ReadonlySet<string>): Node => {
    const known = nodes.get(key);
    if (known !== undefined) return known;
    const next = above(key);
    // Data that somebody handed in may go round: the last step is then none.
    const up = next === undefined || way.has(next) ? undefined : node(next, new Set([...way, next]));
    const made: Node = {
      key,
      few: new Few(),
      ...(up === undefined ? {} : { above: up }),
      depth: (up?.depth ?? 0) + 1,
      persons: 0,
      stays: false,
    };
    nodes.set(key, made);
    return made;
  };
  const given: string[] = [];
  for (const { key, few, persons } of met) {
    given.push(key);
    const one = node(key, new Set([key]));
    one.few.union(few, k);
    one.persons += persons;
  }
  const out = new Few();
  const order = [...nodes.values()].sort((a, b) => b.depth - a.depth);
  for (const one of order) {
    one.stays = one.few.enough && holds(one.key);
    if (one.stays) continue;
    (one.above?.few ?? out).union(one.few, k);
    if (one.above !== undefined) one.above.persons += one.persons;
  }
  let whole = false;
  if (trace && out.size > 0 && !out.enough) {
    // Too few to bear the trace: those of the rarest look that would stay bear it with them. So everybody of a look goes one way, and no other count is touched.
    const joins = order.filter(one => one.stays && !staysAbove(one)).sort((a, b) => a.persons - b.persons || (a.key < b.key ? -1 : 1))[0];
    if (joins === undefined) whole = true;
    else joins.stays = false;
  }
  const becomes = new Map<string, string | undefined>();
  for (const key of given) {
    let at: Node | undefined = nodes.get(key);
    while (at !== undefined && !at.stays) at = at.above;
    becomes.set(key, at?.key);
  }
  return { becomes, whole };
}
