/**
 * The evidence that goes with a data set: by which policy, in which exact form of it, and how many elements each of its measures touched. No value, no person.
 * R4: https://hl7.org/fhir/R4/provenance.html
 * @module
 */

import type { Policy } from '../deid/policy.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Series } from './series.ts';

const extension = 'https://noren.example/fhir/StructureDefinition/deidentification-count';
const measures = 'https://noren.example/fhir/CodeSystem/deidentification-measure';

/** Canonical URL of a policy. */
export const policyUrl = (name: string): string => `https://noren.example/fhir/deidentification-policy/${name}`;

const countOf = (measure: string, elements: number) => ({
  url: extension,
  extension: [
    { url: 'measure', valueCoding: { system: measures, code: measure } },
    { url: 'elements', valueInteger: elements },
  ],
});

/** How the Provenance names a plan. Keyed: with a plain hash whoever has the data set could try which rare codes the plan names. @param hash SHA-256 (hex) of the plan */
export const planMark = (hash: string, { keys }: Pick<Series, 'keys'>): string => keys.hash(`plan of the data set|${hash}`);

const entity = (system: string, value: string, display: string) => ({
  role: 'source',
  what: { type: 'Library', identifier: { system, value }, display },
});

/** What is told of a policy. */
export interface Applied {
  readonly policy: Pick<Policy, 'name' | 'version'> & { readonly label?: Policy['label'] };
  /** SHA-256, hex. */
  readonly hash: string;
  /** Names of the counts, in their order. */
  readonly counters: readonly string[];
}

/**
 * @param target UUID of the data set that it is about @param id of the Provenance, a UUID @param counts measure → elements
 * @param files the data set is no Bundle but files
 * @param plan `planMark` of what was made coarser for the data set as a whole
 */
export function provenance(
  target: string,
  id: string,
  counts: Readonly<Record<string, number>>,
  { compiled, now }: { readonly compiled: Applied; readonly now: number },
  files = false,
  plan?: string,
): AnyResource & { id: string } {
  const { policy, hash } = compiled;
  const touched = compiled.counters.filter(name => (counts[name] ?? 0) > 0);
  return {
    resourceType: 'Provenance',
    id,
    ...(policy.label === undefined ? {} : { meta: { security: [policy.label] } }),
    ...(touched.length === 0 ? {} : { extension: touched.map(name => countOf(name, counts[name]!)) }),
    target: [{ ...(files ? {} : { type: 'Bundle' }), identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${target}` } }],
    recorded: new Date(now).toISOString(),
    policy: [`${policyUrl(policy.name)}|${policy.version}`],
    activity: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle',
          code: 'deidentify',
          display: 'De-Identify (Anononymize) Record Lifecycle Event',
        },
      ],
    },
    agent: [
      {
        type: {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'assembler', display: 'Assembler' },
          ],
        },
        who: { display: 'Noren' },
      },
    ],
    entity: [
      entity(`${policyUrl(policy.name)}#sha-256`, hash, `Policy ${policy.name} ${policy.version}`),
      ...(plan === undefined ? [] : [entity(`${policyUrl(policy.name)}#plan`, plan, 'Plan of the data set')]),
    ],
  };
}
