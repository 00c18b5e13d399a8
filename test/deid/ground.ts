/**
 * What these tests stand on: the policy of the house, keys from a fixed secret, a person with a known shift.
 * @module
 */
import { type Days, readDate } from '../../src/deid/calendar.ts';
import { type CompiledPolicy, compilePolicy } from '../../src/deid/compile.ts';
import type { Context, Run, Subject } from '../../src/deid/context.ts';
import { deidentify } from '../../src/deid/deidentify.ts';
import { seriesKeys } from '../../src/deid/keys.ts';
import { type Policy, readPolicy } from '../../src/deid/policy.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { policyNamed } from '../../src/release/policies.ts';

export const base = 'https://noren.test/fhir';
export const keys = seriesKeys(Buffer.alloc(32, 7));
export const compiled: CompiledPolicy = policyNamed('jp-anonymized');
export const person: Subject = { shiftDays: 10, pooled: false };

/** The birth of somebody, as it is written: `1961-05-28`, `1961-05`, `1961`. */
export function born(text: string): Days {
  const { first, last } = readDate(text)!;
  return { first, last };
}

/** Every literal reference leads to `Type/out-id`. */
export const everywhere = (text: string) =>
  /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.test(text) ? { reference: text.replace('/', '/out-') } : undefined;

export const context = (more: Partial<Context> = {}): Context => ({
  keys,
  base,
  id: 'pseudonym',
  subject: person,
  lead: everywhere,
  ...more,
});

/** The resource as it leaves. */
export const out = (resource: AnyResource, more: Partial<Context> = {}, by: CompiledPolicy = compiled): AnyResource | undefined =>
  deidentify(by, resource, context(more));

/** State for a method that is tried alone. */
export const run = (more: Partial<Context> = {}): Run => ({
  context: context(more),
  tally: new Uint32Array(8),
  contained: new Map([['p', 'c1']]),
  people: new Map(),
  used: new Set(),
  marks: 0,
  draws: 0,
});

/** A small policy around the parts that a test is about. */
export const policy = (parts: Record<string, unknown>): Policy =>
  readPolicy({
    name: 'test',
    version: '1',
    title: 'test',
    label: { system: 'urn:l', code: 'ANONYED', display: 'anonymized' },
    pooledFrom: 90,
    groups: [
      {
        measure: 'kept',
        title: 'kept',
        rules: [
          { paths: ['code', 'boolean'], method: 'keep' },
          { paths: ['Resource.id'], method: 'pseudonymize' },
        ],
      },
    ],
    otherwise: 'remove',
    elements: { Patient: ['gender'] },
    extensions: {},
    ...parts,
  });

export const compile = (parts: Record<string, unknown>) => compilePolicy(policy(parts));
