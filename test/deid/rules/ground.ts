/** What the tests of rules stand on: a fixed day, and numbers that nobody drew. */
import { type Applied, applyRules, type CompiledRules, compileRules } from '../../../src/deid/rules/compile.ts';
import { readRules } from '../../../src/deid/rules/configuration.ts';
import type { RulesContext } from '../../../src/deid/rules/run.ts';
import { Decimal, parseJson } from '../../../src/fhir/model/json.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';

export const context: RulesContext = {
  now: { year: 2020, month: 6, day: 15 },
  // The bytes 00, 01, 02 …
  random: bytes => Uint8Array.from({ length: bytes }, (_, i) => i),
  keys: { dateShift: '0123456789abcdef0123456789abcdef', crypto: 'fedcba9876543210fedcba9876543210' },
};

/** The default of the keys is `123`, as in the vectors. */
export const configuration = (rules: readonly unknown[], parameters: object = {}, more: object = {}): string =>
  JSON.stringify({
    fhirVersion: 'R4',
    fhirPathRules: rules,
    parameters: { dateShiftKey: '123', cryptoHashKey: '123', encryptKey: '0123456789abcdef', ...parameters },
    ...more,
  });

/** A copy of JSON, in which decimals keep their digits. */
export const copy = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(copy)
    : typeof value === 'object' && value !== null && !(value instanceof Decimal)
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copy(one)]))
      : value;

/** What JSON says of what rules make of a resource, which stays as it is. */
export function treated(compiled: CompiledRules, resource: AnyResource, given = context, evaluator?: 'walk' | 'tree'): Applied {
  const applied = applyRules(compiled, () => copy(resource) as AnyResource, given, evaluator);
  return { ...applied, resource: parseJson(JSON.stringify(applied.resource)) as AnyResource };
}

/** The output, the same by walk and by tree. */
export function apply(rules: readonly unknown[], resource: object, parameters: object = {}, given = context, more: object = {}) {
  const compiled = compileRules(readRules(configuration(rules, parameters, more)));
  const [walk, tree] = (['walk', 'tree'] as const).map(evaluator => treated(compiled, resource as AnyResource, given, evaluator));
  if (JSON.stringify(sorted(walk)) !== JSON.stringify(sorted(tree)))
    throw new Error(`walk: ${JSON.stringify(walk)}\ntree: ${JSON.stringify(tree)}`);
  return walk!;
}

/** Without its labels. */
export function bare(rules: readonly unknown[], resource: object, parameters: object = {}): Record<string, unknown> {
  const { meta: _, ...rest } = apply(rules, resource, parameters).resource;
  return rest;
}

/** Keys in order, so that texts can be compared; decimals keep their digits. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || value instanceof Number) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
