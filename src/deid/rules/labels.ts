/**
 * Security labels that say what was done to a resource.
 * R4: https://hl7.org/fhir/R4/security-labels.html
 * @module
 */
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import { instantText } from './dates.ts';
import { operations } from './run.ts';

const system = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';
const redacted: Json = Object.freeze({ system, code: 'REDACTED', display: 'redacted' });
const perturbed: Json = Object.freeze({ code: 'PERTURBED', display: 'exact value is replaced with another exact value' });

/** By the order of `operations`. */
const labels: readonly Json[] = [
  redacted,
  { system, code: 'ABSTRED', display: 'abstracted' },
  // HL7's own spelling.
  { system, code: 'CRYTOHASH', display: 'cryptographic hash function' },
  { system, code: 'MASKED', display: 'masked' },
  perturbed,
  perturbed,
  { code: 'SUBSTITUTED', display: 'exact value is replaced with a predefined value' },
  { code: 'GENERALIZED', display: 'exact value is replaced with a general value' },
];

for (const one of labels) Object.freeze(one);

/** Labels for each set of operations. */
const sets: readonly (readonly Json[])[] = Array.from({ length: 1 << operations.length }, (_, done) => [
  ...new Set(labels.filter((_one, i) => (done & (1 << i)) !== 0)),
]);

const codeOf = (coding: unknown): string => String((coding as Json)['code']).toLowerCase();

/** Adds the labels of what was done to a resource, but none whose code is there already. @param done bits by the order of `operations` */
export function label(resource: Json, done: number): void {
  if (done === 0) return;
  const meta = resource['meta'] as Json | undefined;
  const security = meta?.['security'] as unknown[] | undefined;
  const codes = new Set(security?.map(codeOf));
  const labels = [...(security ?? []), ...sets[done]!.filter(one => !codes.has(codeOf(one)))];
  if (meta === undefined) {
    resource['meta'] = { security: labels };
    return;
  }
  meta['security'] = labels;
  // With its labels the format writes the Meta anew.
  const updated = meta['lastUpdated'];
  if (typeof updated === 'string') meta['lastUpdated'] = instantText(updated);
}

/** What stands for a resource that could not be treated. */
export const withheld = (type: string): AnyResource => ({ resourceType: type, meta: { security: [redacted] } });
