/**
 * The policies of profiles/policies by name, and those of others from the JSON of a file; one that cannot be used says why.
 * Lists that a rule takes from a file of their own (`codesFrom`) and what a policy builds on (`extends`) become part of it, and so of its hash.
 * @module
 */
import { readFileSync } from 'node:fs';
import { type CompiledPolicy, compilePolicy } from '../deid/compile.ts';
import { isObject } from '../deid/context.ts';
import { extended } from '../deid/extended.ts';
import { PolicyError, readPolicy } from '../deid/policy.ts';
import type { Json } from '../fhir/model/r4.ts';
import { checkAnalyser } from './analyser.ts';

/** The policies that come along. */
export const builtIn = [
  'jp-anonymized',
  'jp-anonymized-text',
  'jp-anonymized-shared',
  'jp-anonymized-images',
  'jp-pseudonymized',
  'jp-linkable',
  'hipaa-safe-harbor',
] as const;

export type PolicyName = (typeof builtIn)[number];

const file = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../profiles/policies/${name}`, import.meta.url), 'utf8'));

/** A rule's `codesFrom: "hl7-codes.json"` → `codes`, the content of that file. */
const whole = (json: unknown): unknown =>
  JSON.parse(JSON.stringify(json), (key, value: unknown) => {
    if (key === 'codesFrom' || typeof value !== 'object' || value === null || !('codesFrom' in value)) return value;
    if (value.codesFrom !== 'hl7-codes.json') throw new PolicyError('codesFrom', 'is "hl7-codes.json"');
    return { ...value, codes: file(value.codesFrom) };
  });

function standing(json: unknown, depth = 0): unknown {
  if (!isObject(json) || json['extends'] === undefined) return json;
  const name = json['extends'];
  if (!builtIn.some(one => one === name) || depth > 4) throw new PolicyError('extends', `is one of ${builtIn.join(', ')}`);
  return extended(standing(file(`${String(name)}.json`), depth + 1) as Json, json);
}

/** JSON of a policy that stands by itself, with all its lists. @throws PolicyError */
export const standingOf = (json: unknown): unknown => whole(standing(json));

/** From the JSON of a policy file. @throws PolicyError */
export function policyOf(json: unknown): CompiledPolicy {
  const compiled = compilePolicy(readPolicy(standingOf(json)));
  if (compiled.policy.analyser !== undefined) checkAnalyser();
  return compiled;
}

const compiled = new Map<PolicyName, CompiledPolicy>();

/** `jp-anonymized` → profiles/policies/jp-anonymized.json, compiled once. @throws PolicyError */
export function policyNamed(name: PolicyName): CompiledPolicy {
  const known = compiled.get(name) ?? policyOf(file(`${name}.json`));
  compiled.set(name, known);
  return known;
}
