/**
 * The policies of profiles/policies, compiled once when the server starts; one that cannot be used stops the start.
 * Lists that a rule takes from a file of their own (`codesFrom`) become part of it, and so of its hash.
 * @module
 */
import { readFileSync } from 'node:fs';
import { type CompiledPolicy, compilePolicy } from '../deid/compile.ts';
import { readPolicy } from '../deid/policy.ts';

const file = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../profiles/policies/${name}`, import.meta.url), 'utf8'));

/** A rule's `codesFrom: "hl7-codes.json"` → `codes`, the content of that file. */
const whole = (json: unknown): unknown =>
  JSON.parse(JSON.stringify(json), (key, value: unknown) =>
    key !== 'codesFrom' && typeof value === 'object' && value !== null && 'codesFrom' in value
      ? { ...value, codes: file(String(value.codesFrom)) }
      : value,
  );

/** `jp-anonymized` → profiles/policies/jp-anonymized.json. @throws PolicyError */
export const policyNamed = (name: string): CompiledPolicy => compilePolicy(readPolicy(whole(file(`${name}.json`))));
