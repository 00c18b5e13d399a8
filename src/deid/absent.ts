/**
 * What stands in place of a value that does not leave, so that the output is valid R4.
 * R4: https://hl7.org/fhir/R4/extension-data-absent-reason.html, https://hl7.org/fhir/R4/conformance-rules.html#cardinality
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { type Element, elementsOf } from '../fhir/profile/elements.ts';
import { masked } from './context.ts';

/** `masked`, and so is whatever a group or data type must have inside: the output is valid R4. */
export function absentOf({ type, array, primitive }: Pick<Element, 'type' | 'array' | 'primitive'>): unknown {
  const absent: Json = { extension: [masked] };
  if (!primitive)
    for (const [property, inner] of elementsOf(type)) {
      // Of a required choice one variant stands for all.
      const chosen =
        inner.choice &&
        [...elementsOf(type)].some(([other, { path }]) => path === inner.path && (other in absent || '_' + other in absent));
      if (inner.required && !chosen) absent[inner.primitive ? '_' + property : property] = absentOf(inner);
    }
  return array ? [absent] : absent;
}
