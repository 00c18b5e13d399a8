/**
 * What is loaded, as the landing page tells it to anybody.
 * @module
 */
import { asServer } from '../fhir/model/access.ts';
import { resourceTypes } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';

/** Types that say nothing of any patient, not even by their number. */
const tellable = [
  'ActivityDefinition',
  'CodeSystem',
  'ConceptMap',
  'Library',
  'Measure',
  'OperationDefinition',
  'Organization',
  'PlanDefinition',
  'Questionnaire',
  'ResearchStudy',
  'SearchParameter',
  'StructureDefinition',
  'ValueSet',
];

const holdingsMs = 5000;

/** How many of each type there are, looked up at most every five seconds. A sandbox tells it of all types. */
export function holdingsOf(store: Store, isSandbox: boolean, now: () => number): () => Promise<readonly (readonly [string, number])[]> {
  const types = isSandbox ? resourceTypes : tellable;
  const access = asServer('say what is loaded');
  const count = { where: [], sort: [], count: 0, total: 'accurate', summary: 'count', elements: [], include: [], revinclude: [] } as const;
  let held: { readonly at: number; readonly counts: Promise<readonly (readonly [string, number])[]> } | undefined;
  const look = async () => {
    const counts: (readonly [string, number])[] = [];
    for (const type of types) {
      const { total = 0 } = await store.search(access, { type, ...count });
      if (total > 0) counts.push([type, total]);
    }
    return counts;
  };
  return () => {
    if (held === undefined || now() - held.at > holdingsMs) held = { at: now(), counts: look() };
    return held.counts;
  };
}
