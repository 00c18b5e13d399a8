/**
 * The evidence that goes with a data set: by which policy, in which exact form of it, and how many elements each of its measures touched. No value, no person.
 * R4: https://hl7.org/fhir/R4/provenance.html
 * @module
 */
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

/** @param bundle id of the Bundle that it is about @param id of the Provenance, a UUID @param counts measure → elements */
export function provenance(
  bundle: string,
  id: string,
  counts: Readonly<Record<string, number>>,
  { compiled, now }: Pick<Series, 'compiled' | 'now'>,
): AnyResource & { id: string } {
  const { policy, hash } = compiled;
  const touched = compiled.counters.filter(name => (counts[name] ?? 0) > 0);
  return {
    resourceType: 'Provenance',
    id,
    meta: { security: [policy.label] },
    ...(touched.length === 0 ? {} : { extension: touched.map(name => countOf(name, counts[name]!)) }),
    target: [{ type: 'Bundle', identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${bundle}` } }],
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
      {
        role: 'source',
        what: {
          type: 'Library',
          identifier: { system: `${policyUrl(policy.name)}#sha-256`, value: hash },
          display: `Policy ${policy.name} ${policy.version}`,
        },
      },
    ],
  };
}
