/**
 * Tags that keep something from the patient, at intake. What an institution tags as UNDELIVERED is to be given to nobody: it is refused, also inside a Bundle.
 * Where a tag would hide nothing (in a contained resource), or what the patient has a right to see (a notice, an objection), it is refused as well.
 * CLINS: http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication
 * @module
 */
import { hasTag, notForPatients } from '../fhir/model/indication.ts';
import type { Finding } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import type { Proposal } from '../fhir/store/gate.ts';
import { refuse } from './refusal.ts';

/** @param legal whether it is a notice or an objection */
export function judgeTags({ resource, expression }: Proposal, legal: boolean): Finding[] {
  if (resource === undefined) return [];
  const found = inside(resource, expression);
  return legal && hasTag(resource, notForPatients) ? [...found, refuse('tag-on-document', `${expression}.meta.tag`)] : found;
}

const listOf = (value: unknown): readonly (Json | null)[] => (Array.isArray(value) ? (value as Json[]) : []);

function inside(resource: AnyResource | Json, place: string): Finding[] {
  const entries = resource['resourceType'] === 'Bundle' ? listOf(resource['entry']) : [];
  return [
    ...(hasTag(resource, ['UNDELIVERED']) ? [refuse('undelivered', `${place}.meta.tag`)] : []),
    ...listOf(resource['contained']).flatMap((one, i) =>
      one !== null && hasTag(one, notForPatients) ? [refuse('tag-inside', `${place}.contained[${i}].meta.tag`)] : [],
    ),
    ...entries.flatMap((entry, i) => {
      const one = entry?.['resource'];
      return typeof one === 'object' && one !== null ? inside(one as Json, `${place}.entry[${i}].resource`) : [];
    }),
  ];
}
