/**
 * The last step of a release whose policy looks at the data set as a whole: codes and values that fewer than k of its persons share become coarser, or go (src/deid/dataset).
 * @module
 */
import { type DataSet, type DataSetOptions, type Ready, reported, survey } from '../deid/dataset/index.ts';
import { type Mark, marked } from '../deid/methods/mark.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { Turn } from './turn.ts';

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
  /** Pairs of codes that stay, and of one with an age band, sex or place, which fewer than k persons have: they leave. Rounded, where only a share of all pairs was counted. */
  readonly rarePairs: number;
}

/** Everything of all persons at once: a release that counts what is rare has to have all of it. */
export async function withoutPeculiar(given: readonly Left[], options: DataSetOptions): Promise<Unpeculiar> {
  const turn = new Turn();
  const set = survey(reported(options));
  for (const [person, all] of byPerson(given)) {
    set.add(person, all);
    await turn.pause();
  }
  const { apply, hash, report } = set.plan();
  const made: Made[] = [];
  for (const one of given) {
    made.push(unpeculiar(one, apply));
    await turn.pause();
  }
  const gone = new Set<string>();
  // What leads to one that does not leave is made again without that, and may not leave itself.
  for (let fresh = lostIn(given, made, gone); fresh.size > 0; fresh = lostIn(given, made, gone)) {
    for (const name of fresh) gone.add(name);
    for (const [i, { left }] of made.entries())
      if (left !== undefined && referencesIn(left.resource).some(name => fresh.has(name))) made[i] = unpeculiar(given[i]!, apply, gone);
  }
  return {
    left: made.flatMap(({ left }) => left ?? []),
    changes: made.reduce((sum, { changes }) => sum + changes, 0),
    hash,
    rarePairs: Math.round(report.pairs.few / report.pairs.share),
  };
}

const nameOf = ({ id, resource }: Left): string => `${resource.resourceType}/${id}`;

/** Names of those that do not leave, beside those that are known. */
const lostIn = (given: readonly Left[], made: readonly Made[], known: ReadonlySet<string>): ReadonlySet<string> =>
  new Set(given.flatMap((one, i) => (made[i]!.left === undefined && !known.has(nameOf(one)) ? [nameOf(one)] : [])));

interface Made {
  /** Absent: it does not leave. */
  readonly left?: Left;
  readonly changes: number;
}

/** One resource as the plan of its data set leaves it. @param gone names of resources that do not leave */
export function unpeculiar(one: Left, apply: Ready['apply'], gone?: ReadonlySet<string>): Made {
  const { resource, counts } = apply(one.resource, gone);
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

export function countAll(set: DataSet, given: readonly Left[]): void {
  for (const [person, all] of byPerson(given)) set.add(person, all);
}

/** Each person with all that is his, and what is nobody's with each person who refers to it. */
function* byPerson(given: readonly Left[]): Generator<readonly [person: string, all: readonly AnyResource[]]> {
  const persons = new Map<string, AnyResource[]>();
  const nobodys = new Map<string, AnyResource>();
  for (const one of given) {
    const { person, resource } = one;
    if (person === undefined) nobodys.set(nameOf(one), resource);
    else {
      const his = persons.get(person);
      if (his === undefined) persons.set(person, [resource]);
      else his.push(resource);
    }
  }
  for (const [person, own] of persons) {
    const all = new Set(own);
    // What is added on the way is gone through too.
    for (const resource of all)
      for (const reference of referencesIn(resource)) {
        const other = nobodys.get(reference);
        if (other !== undefined) all.add(other);
      }
    yield [person, [...all]];
  }
}

function referencesIn(value: unknown, found: string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const [name, child] of Object.entries(value)) {
    if (name === 'reference' && typeof child === 'string') found.push(child);
    else referencesIn(child, found);
  }
  return found;
}
