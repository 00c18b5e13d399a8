/**
 * A policy as the command line names it: one that comes along, a file in Noren's language, or a configuration with `fhirPathRules`.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CompiledPolicy } from '../deid/compile.ts';
import { PolicyError } from '../deid/policy.ts';
import { type RulesConfiguration, readRules } from '../deid/rules/configuration.ts';
import { readJson } from '../deid/rules/json.ts';
import { builtIn, type PolicyName, policyNamed, policyOf } from '../release/policies.ts';
import { Refusal } from './command.ts';
import { problemsOf } from './policy-problems.ts';

export type Named =
  | { readonly kind: 'policy'; readonly name: string; readonly version: string; readonly compiled: CompiledPolicy; readonly hash: string }
  | {
      readonly kind: 'rules';
      readonly name: string;
      readonly version: string;
      readonly text: string;
      readonly configuration: RulesConfiguration;
      /** SHA-256 of the file, hex. */
      readonly hash: string;
    }
  /** It cannot be used: why, place by place. */
  | { readonly kind: 'wrong'; readonly name: string; readonly problems: readonly string[] };

/** @throws Refusal when there is no such policy and no such file */
export function policyFrom(given: string): Named {
  if (builtIn.some(name => name === given)) return inNoren(policyNamed(given as PolicyName));
  let text: string;
  try {
    text = readFileSync(given, 'utf8');
  } catch {
    throw new Refusal(`${given} is no file that can be read, and no policy that comes along: those are ${builtIn.join(', ')}.`);
  }
  const name = path
    .basename(given)
    .replace(/\.json$/, '')
    .replace(/[^A-Za-z0-9.-]+/g, '-');
  const wrong = (error: unknown): Named => {
    if (!(error instanceof PolicyError)) throw error;
    return { kind: 'wrong', name, problems: [error.message] };
  };
  if (/"fhirPathRules"\s*:/.test(text)) {
    try {
      const hash = createHash('sha256').update(text).digest('hex');
      return { kind: 'rules', name, version: 'fhirPathRules', text, configuration: readRules(text), hash };
    } catch (error) {
      return wrong(error);
    }
  }
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return { kind: 'wrong', name, problems: [`policy: the file: is no JSON (${(error as Error).message})`] };
  }
  try {
    // Of a name that stands twice JSON.parse takes the last, and what the first said would be passed over.
    readJson(text, 'the file');
    const problems = problemsOf(json);
    return problems.length > 0 ? { kind: 'wrong', name, problems } : inNoren(policyOf(json));
  } catch (error) {
    return wrong(error);
  }
}

const inNoren = (compiled: CompiledPolicy): Named => ({
  kind: 'policy',
  name: compiled.policy.name,
  version: compiled.policy.version,
  compiled,
  hash: compiled.hash,
});

/** @throws Refusal that says what is wrong */
export function usablePolicy(given: string): Exclude<Named, { kind: 'wrong' }> {
  const named = policyFrom(given);
  if (named.kind !== 'wrong') return named;
  const [first, ...more] = named.problems;
  throw new Refusal(`${first}${more.length === 0 ? '' : ` And ${more.length} more`}; "noren policy check ${given}" says all.`);
}
