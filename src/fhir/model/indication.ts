/**
 * Tags by which a Japanese institution says who may see a resource: UNINFORMED (the patient is not told the diagnosis yet), UNDELIVERED (for nobody else, the patient included).
 * A patient's app never shows what has one. The code alone decides, whatever its system is written like: a misspelt system must not tell a diagnosis.
 * CLINS: http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication; R4: https://hl7.org/fhir/R4/resource.html#Meta
 * @module
 */
import type { AnyResource, Json } from './r4.ts';

/** Codes of `meta.tag` of what is not there for a patient. */
export const notForPatients: readonly string[] = ['UNINFORMED', 'UNDELIVERED'];

/** Whether `meta.tag` of a resource (a contained one too) has one of these codes. */
export function hasTag(resource: AnyResource | Json, codes: readonly string[]): boolean {
  const tags = (resource['meta'] as Json | undefined)?.['tag'];
  return Array.isArray(tags) && tags.some(tag => codes.includes((tag as Json | null)?.['code'] as string));
}
