/**
 * Binary.securityContext: the resource that stands for a Binary when access is decided. Who may not know of that one does not know of the Binary either.
 * R4: https://hl7.org/fhir/R4/binary-definitions.html#Binary.securityContext
 * @module
 */
import { type AnyResource, isResourceType, type Json } from '../../model/r4.ts';
import { literal } from '../../model/reference.ts';
import type { Values } from '../../search/values.ts';
import type { Sight } from './sight.ts';
import { guard, type State } from './state.ts';

/** Guards of guards, for as many steps; a circle of them hides what stands in it. */
const longest = 8;

/** `Type/id` of the guard; what is no reference to a resource of this server names none, and none is in anybody's reach. */
export function guardOf(resource: AnyResource, base: string): Values {
  const context = resource['securityContext'];
  if (resource.resourceType !== 'Binary' || context === undefined) return {};
  const { reference } = (context ?? {}) as Json;
  const found = typeof reference === 'string' ? literal(reference, base) : undefined;
  return { [guard]: [found === undefined ? guard : `${found.type}/${found.id}`] };
}

/**
 * The same sight, and of guarded versions only those whose guard is seen: that of the version, and that of the current one, which holds for its past as well.
 * @param sees sight of the versions of another type
 */
export function guarded(sight: Sight, state: State, snapshot: number, sees: (type: string) => Sight): Sight {
  const { ledger } = state;
  const index = state.type('Binary').reference(guard)!;
  /** The version of a resource that holds at the snapshot, a deletion too; 0: none. */
  const at = (resource: number): number => {
    let seq = ledger.current(resource);
    while (seq > snapshot) seq = ledger.previous(seq);
    return seq;
  };
  let steps = 0;
  // A deletion has no values of its own.
  const guardsOf = (seq: number): readonly number[] => index.from(ledger.deleted(seq) ? ledger.previous(seq) : seq);
  const isSeen = (target: number): boolean => {
    const type = ledger.name(target).split('/', 1)[0]!;
    const current = at(target);
    if (current === 0 || !isResourceType(type) || steps >= longest) return false;
    steps++;
    try {
      return sees(type)(current);
    } finally {
      steps--;
    }
  };
  return seq => sight(seq) && [...guardsOf(seq), ...guardsOf(at(ledger.resource(seq)))].every(isSeen);
}
