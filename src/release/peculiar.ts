/**
 * The last step of a release whose policy looks at the data set as a whole: codes and values that fewer than k of its persons share become coarser, or go (src/deid/dataset).
 * @module
 */
import { type DataSet, type DataSetOptions, type Ready, survey } from '../deid/dataset/index.ts';
import { type Mark, marked } from '../deid/methods/mark.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';

/** A resource as the policy leaves it. */
export interface Left {
  readonly id: string;
  /** Pseudonym of the person whose it is; absent: nobody's, or several persons'. */
  readonly person?: string;
  readonly resource: AnyResource;
}

export interface Unpeculiar {
  readonly left: readonly Left[];
  /** How often a code or value became coarser, or went. */
  readonly changes: number;
  /** SHA-256 (hex) of the plan. */
  readonly hash: string;
}

/** Everything of all persons at once: a release that counts what is rare has to have all of it. */
export function withoutPeculiar(given: readonly Left[], options: DataSetOptions): Unpeculiar {
  const set = survey(options);
  countAll(set, given);
  const { apply, hash } = set.plan();
  let changes = 0;
  const left = given.flatMap((one): Left[] => {
    const made = unpeculiar(one, apply);
    changes += made.changes;
    return made.left === undefined ? [] : [made.left];
  });
  return { left, changes, hash };
}

/** One resource as the plan of its data set leaves it; absent: it does not leave. */
export function unpeculiar(one: Left, apply: Ready['apply']): { readonly left?: Left; readonly changes: number } {
  const { resource, counts } = apply(one.resource);
  const changes = Object.values(counts).reduce((sum, n) => sum + n, 0);
  if (resource === undefined) return { changes };
  const meta = marksOf(counts).reduce(marked, resource['meta'] as Json);
  return { left: { ...one, resource: meta === resource['meta'] ? resource : { ...resource, meta } }, changes };
}

/** What a resource says of it: more than was made coarser may have gone. */
function marksOf(counts: ReturnType<Ready['apply']>['counts']): Mark[] {
  const coarser = counts['rolled-up'] !== undefined || counts.bounded !== undefined;
  const gone = counts.removed !== undefined || counts['reference-range'] !== undefined || counts.withheld !== undefined;
  return [...(gone ? (['removed'] as const) : []), ...(coarser ? (['generalized'] as const) : [])];
}

/** Each person with all that is his, and what is nobody's with each person who refers to it. */
export function countAll(set: DataSet, given: readonly Left[]): void {
  const persons = new Map<string, AnyResource[]>();
  const nobodys = new Map<string, AnyResource>();
  for (const { id, person, resource } of given) {
    if (person === undefined) nobodys.set(`${resource.resourceType}/${id}`, resource);
    else {
      const his = persons.get(person);
      if (his === undefined) persons.set(person, [resource]);
      else his.push(resource);
    }
  }
  for (const [person, own] of persons) {
    const met = new Set<AnyResource>();
    const follow = (resource: AnyResource): void => {
      for (const reference of referencesIn(resource)) {
        const other = nobodys.get(reference);
        if (other === undefined || met.has(other)) continue;
        met.add(other);
        follow(other);
      }
    };
    for (const resource of own) follow(resource);
    set.add(person, [...own, ...met]);
  }
}

function* referencesIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) {
    if (name === 'reference' && typeof child === 'string') yield child;
    else yield* referencesIn(child);
  }
}
