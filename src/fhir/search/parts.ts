/**
 * The predicates within predicates, each once: chains that lead to many types share what stands at their ends, so that a walk that repeats them would not end.
 * @module
 */
import type { Predicate } from './query.ts';

/** All predicates of a type's search, those within others too, with the type that each is asked of. */
export function* partsOf(
  type: string,
  where: readonly Predicate[],
  met: Set<Predicate> = new Set(),
): Iterable<readonly [string, Predicate]> {
  for (const predicate of where) {
    if (met.has(predicate)) continue;
    met.add(predicate);
    yield [type, predicate];
    for (const [of, inner] of within(type, predicate)) yield* partsOf(of, inner, met);
  }
}

function within(type: string, predicate: Predicate): (readonly [string, readonly Predicate[]])[] {
  switch (predicate.kind) {
    case 'and':
      return [[type, predicate.all]];
    case 'or':
      return [[type, predicate.any]];
    case 'not':
      return [[type, [predicate.denied]]];
    case 'has':
      return [[predicate.type, [predicate.where]]];
    case 'chain':
      return predicate.alternatives.map(one => [one.type, [one.where]]);
    default:
      return [];
  }
}
