/**
 * One resource in, a new one out that holds only what the policy lets out; the old one is not touched.
 * Contained resources go with their container: those of types that the policy lets out, that something still refers to, and that are about nobody else. A contained Patient never does.
 * R4: https://hl7.org/fhir/R4/references.html#contained
 * @module
 */
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { CompiledPolicy } from './compile.ts';
import { type Context, isObject, type Run } from './context.ts';
import { metaOf } from './methods/mark.ts';

export interface Deidentified {
  /** Absent: the resource does not leave. */
  readonly resource?: AnyResource;
  /** Counter of the policy (`identifying-descriptions`, `unlisted` …) → elements it removed or changed. */
  readonly counts: Readonly<Record<string, number>>;
}

/** What an application must understand before it may use the resource, and what we do not: it does not leave. */
export const withheld = (resource: AnyResource): boolean =>
  resource['implicitRules'] !== undefined || resource['modifierExtension'] !== undefined;

export function deidentify(compiled: CompiledPolicy, resource: AnyResource, context: Context): Deidentified {
  const treat = compiled.types.get(resource.resourceType);
  if (treat === undefined || withheld(resource)) return { counts: { withheld: 1 } };
  const inner = containedOf(compiled, resource, context);
  const contained = new Map(inner.map((one, i) => [String(one.id), `c${i + 1}`] as const));
  const run: Run = { context, tally: new Uint32Array(compiled.counters.length), contained, used: new Set(), marks: 0, draws: 0 };
  const out = treat(resource, run) as AnyResource;
  if (inner.length > 0) {
    const kept = treatContained(compiled, inner, run);
    if (kept.length > 0) out['contained'] = kept;
  }
  out['meta'] = metaOf(compiled.policy.label, run.marks);
  const counts: Record<string, number> = {};
  compiled.counters.forEach((name, i) => {
    if (run.tally[i]! > 0) counts[name] = run.tally[i]!;
  });
  return { resource: out, counts };
}

function containedOf(compiled: CompiledPolicy, resource: AnyResource, context: Context): AnyResource[] {
  if (!Array.isArray(resource['contained'])) return [];
  return (resource['contained'] as unknown[])
    .filter(isObject)
    .filter(
      one =>
        one['resourceType'] !== 'Patient' &&
        typeof one['id'] === 'string' &&
        compiled.types.has(String(one['resourceType'])) &&
        !withheld(one as AnyResource) &&
        !isForeign(one, context),
    ) as AnyResource[];
}

/** It says whose it is, and that is neither the container nor somebody who is in the release. */
function isForeign(contained: Json, { base, lead, identified }: Context): boolean {
  return ['subject', 'patient'].some(element => {
    const subject = contained[element];
    if (!isObject(subject)) return false;
    const { reference, identifier } = subject;
    if (reference === '#') return false;
    if (typeof reference !== 'string') return !isObject(identifier) || identified?.(identifier) === undefined;
    const own = literal(reference, base);
    return lead(own === undefined ? reference : `${own.type}/${own.id}`) === undefined;
  });
}

/** Those that the container, or one of them that stays, refers to. Their order does not matter: each is met as soon as it is referred to. */
function treatContained(compiled: CompiledPolicy, inner: readonly AnyResource[], run: Run): AnyResource[] {
  const done = new Map<string, AnyResource>();
  for (let more = true; more; ) {
    more = false;
    for (const [i, one] of inner.entries()) {
      const id = `c${i + 1}`;
      if (done.has(id) || !run.used.has(id)) continue;
      run.inside = id;
      done.set(id, compiled.types.get(one.resourceType)!(one, run) as AnyResource);
      delete run.inside;
      more = true;
    }
  }
  return [...done.values()];
}
