/**
 * clean-text: a text leaves without what tells who it is about, if somebody has said how (`Context.clean`); else, and where it cannot be judged, it does not leave.
 * Whatever it is, a policy has it only where somebody has chosen it.
 * R4: https://hl7.org/fhir/R4/datatypes.html#string, https://hl7.org/fhir/R4/datatypes.html#markdown
 * @module
 */
import type { Method } from './method.ts';

export const cleanText: Method = {
  types: ['string', 'markdown'],
  mark: 'cleaned',
  make:
    () =>
    (value, { context }) =>
      typeof value === 'string' ? context.clean?.(value, context.subject) : undefined,
};
