/**
 * Security labels that say what was done to a resource.
 * R4: https://hl7.org/fhir/R4/security-labels.html
 * @module
 */
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import { operations } from './run.ts';

const system = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';
const redacted: Json = { system, code: 'REDACTED', display: 'redacted' };
const perturbed: Json = { code: 'PERTURBED', display: 'exact value is replaced with another exact value' };

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

/** Adds the labels of what was done, but none whose code is there already. Changes the resource, which is new. @param done bits by the order of `operations` */
export function label(resource: Json, done: number): void {
  if (done === 0) return;
  const meta: Json = isObject(resource['meta']) ? resource['meta'] : {};
  const security: unknown[] = Array.isArray(meta['security']) ? meta['security'] : [];
  const codes = new Set(security.map(one => String((one as Json)['code']).toLowerCase()));
  for (let i = 0; i < operations.length; i++) {
    const code = (labels[i]!['code'] as string).toLowerCase();
    if ((done & (1 << i)) === 0 || codes.has(code)) continue;
    codes.add(code);
    security.push({ ...labels[i] });
  }
  meta['security'] = security;
  resource['meta'] = meta;
}

/** What stands for a resource that could not be treated. */
export const withheld = (type: string): AnyResource => ({ resourceType: type, meta: { security: [{ ...redacted }] } });
