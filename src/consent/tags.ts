/**
 * What an institution tags as UNDELIVERED is to be given to nobody: it is refused. A tag inside a contained resource would not hide it, so it is refused too.
 * CLINS: http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication
 * @module
 */
import { hasTag, notForPatients } from '../fhir/model/indication.ts';
import type { Finding } from '../fhir/model/outcome.ts';
import type { Json } from '../fhir/model/r4.ts';
import type { Proposal } from '../fhir/store/gate.ts';
import { refuse } from './refusal.ts';

export function judgeTags({ resource, expression }: Proposal): Finding[] {
  if (resource === undefined) return [];
  const inside = Array.isArray(resource['contained']) ? (resource['contained'] as Json[]) : [];
  return [
    ...(hasTag(resource, ['UNDELIVERED']) ? [refuse('undelivered', `${expression}.meta.tag`)] : []),
    ...inside.flatMap((one, i) => (hasTag(one, notForPatients) ? [refuse('tag-inside', `${expression}.contained[${i}].meta.tag`)] : [])),
  ];
}
