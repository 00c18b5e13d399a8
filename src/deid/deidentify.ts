/**
 * One resource in, a new one out that holds only what the policy lets out; the old one is not touched.
 * Contained resources go with their container: those of types that the policy lets out, that something still refers to, and that are about nobody else. A contained Patient
 * never does (what refers to it follows its number to the person, if the release has him), nor does a contained Binary: whose it is, is told by what points at it.
 * R4: https://hl7.org/fhir/R4/references.html#contained
 * @module
 */
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { CompiledPolicy } from './compile.ts';
import { type Context, isObject, type Run } from './context.ts';
import { bitOf, metaOf } from './methods/mark.ts';

/** What was done to the resources that it was given with: a place for each counter of the compiled policy. */
export type Tally = Uint32Array;

export const newTally = ({ counters }: CompiledPolicy): Tally => new Uint32Array(counters.length);

/** Adds to a counter; a policy without a measure of that name counts it as `unlisted`. */
export function addTo(tally: Tally, { counters }: CompiledPolicy, counter: string, times: number): void {
  const at = counters.indexOf(counter);
  tally[at < 0 ? counters.indexOf('unlisted') : at]! += times;
}

/** Counter of the policy (`identifying-descriptions`, `unlisted` …) → elements that were removed or changed; those of which there were none are not there. */
export const countsOf = ({ counters }: CompiledPolicy, tally: Tally): Readonly<Record<string, number>> =>
  Object.fromEntries(counters.map((name, i) => [name, tally[i]!] as const).filter(([, count]) => count > 0));

/** What an application must understand before it may use the resource, and what we do not: it does not leave. */
export const withheld = (resource: AnyResource): boolean =>
  resource['implicitRules'] !== undefined || resource['modifierExtension'] !== undefined;

const nothing: ReadonlyMap<string, string> = new Map();
const nobody = new Set<string>();

/** @param tally counts on @returns undefined: the resource does not leave */
export function deidentify(
  compiled: CompiledPolicy,
  resource: AnyResource,
  context: Context,
  tally: Tally = newTally(compiled),
): AnyResource | undefined {
  const treat = compiled.types.get(resource.resourceType);
  if (treat === undefined || withheld(resource)) {
    addTo(tally, compiled, 'withheld', 1);
    return undefined;
  }
  const people = peopleIn(resource, context);
  const inner = containedOf(compiled, resource, context, people);
  const run: Run =
    inner.length === 0
      ? { context, tally, contained: nothing, people, used: nobody, marks: 0, draws: 0 }
      : {
          context,
          tally,
          contained: new Map(inner.map((one, i) => [String(one.id), `c${i + 1}`] as const)),
          people,
          used: new Set(),
          marks: 0,
          draws: 0,
        };
  const out = treat(resource, run) as AnyResource | undefined;
  if (out === undefined) {
    addTo(tally, compiled, 'withheld', 1);
    return undefined;
  }
  if (inner.length > 0) {
    const kept = treatContained(compiled, inner, run);
    if (kept.length > 0) out['contained'] = kept;
  }
  const dropped =
    (Array.isArray(resource['contained']) ? resource['contained'].length : 0) - ((out['contained'] as unknown[] | undefined)?.length ?? 0);
  if (dropped > 0) {
    addTo(tally, compiled, 'withheld', dropped);
    run.marks |= bitOf('removed');
  }
  out['meta'] = metaOf(compiled.policy.label, run.marks);
  return out;
}

const none: readonly AnyResource[] = [];

/** Contained Patients whom a number of theirs tells: id → where they are found. */
function peopleIn(resource: AnyResource, { identified }: Context): ReadonlyMap<string, Json> {
  if (!Array.isArray(resource['contained']) || identified === undefined) return nobodyIn;
  const found = (resource['contained'] as unknown[]).filter(isObject).flatMap(one => {
    if (one['resourceType'] !== 'Patient' || typeof one['id'] !== 'string' || !Array.isArray(one['identifier'])) return [];
    for (const identifier of one['identifier']) {
      const person = isObject(identifier) ? identified(identifier, 'Patient') : undefined;
      if (person !== undefined) return [[one['id'], person] as const];
    }
    return [];
  });
  return found.length === 0 ? nobodyIn : new Map(found);
}
const nobodyIn: ReadonlyMap<string, Json> = new Map();

function containedOf(
  compiled: CompiledPolicy,
  resource: AnyResource,
  context: Context,
  people: ReadonlyMap<string, Json>,
): readonly AnyResource[] {
  if (!Array.isArray(resource['contained']) || compiled.policy.contained === 'remove') return none;
  return (resource['contained'] as unknown[])
    .filter(isObject)
    .filter(
      one =>
        one['resourceType'] !== 'Patient' &&
        one['resourceType'] !== 'Binary' &&
        typeof one['id'] === 'string' &&
        compiled.types.has(String(one['resourceType'])) &&
        !withheld(one as AnyResource) &&
        !isForeign(one, context, people),
    ) as AnyResource[];
}

/** It says whose it is, and that is neither the container nor somebody who is in the release. */
function isForeign(contained: Json, { base, lead, identified }: Context, people: ReadonlyMap<string, Json>): boolean {
  return ['subject', 'patient'].some(element => {
    const subject = contained[element];
    if (!isObject(subject)) return false;
    const { reference, identifier } = subject;
    if (reference === '#') return false;
    if (typeof reference !== 'string') return !isObject(identifier) || identified?.(identifier, 'Patient') === undefined;
    if (reference.startsWith('#')) return !people.has(reference.slice(1));
    const own = literal(reference, base);
    return lead(own === undefined ? reference : `${own.type}/${own.id}`) === undefined;
  });
}

/**
 * Those that the container, or one of them that stays, refers to, in rounds: one round goes through them in their order, and takes up what is met on the way and stands
 * further on; what stands before that waits for the next round.
 */
function treatContained(compiled: CompiledPolicy, inner: readonly AnyResource[], run: Run): AnyResource[] {
  const done: AnyResource[] = [];
  // Each id comes out once, as soon as it is in use.
  const ids = run.used.values();
  let met = 0;
  let round: number[] = [];
  let next: number[] = [];
  let at = inner.length;
  for (;;) {
    for (; met < run.used.size; met++) {
      const found = Number(ids.next().value!.slice(1)) - 1;
      if (found > at) insert(round, found);
      else next.push(found);
    }
    if (round.length === 0) {
      if (next.length === 0) return done;
      // The last is the one to begin with.
      round = next.sort((a, b) => b - a);
      next = [];
    }
    at = round.pop()!;
    run.inside = `c${at + 1}`;
    done.push(compiled.types.get(inner[at]!.resourceType)!(inner[at]!, run) as AnyResource);
    delete run.inside;
  }
}

/** Into a list that falls. */
function insert(list: number[], value: number): void {
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (list[middle]! > value) from = middle + 1;
    else to = middle;
  }
  list.splice(from, 0, value);
}
