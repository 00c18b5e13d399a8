/**
 * clean-text: a text leaves without what tells who it is about, if somebody has said how (`Context.clean`); else, and where it cannot be judged, it does not leave.
 * Of a narrative the form of its blocks stays. Whatever it is, a policy has it only where somebody has chosen it.
 * R4: https://hl7.org/fhir/R4/datatypes.html#string, https://hl7.org/fhir/R4/datatypes.html#markdown, https://hl7.org/fhir/R4/narrative.html
 * @module
 */
import { cleanNarrative } from '../attachment/narrative.ts';
import type { Method } from './method.ts';

export const cleanText: Method = {
  types: ['string', 'markdown', 'xhtml'],
  options: {},
  mark: 'cleaned',
  cleansTexts: () => true,
  make:
    (_, __, type) =>
    (value, { context: { clean, subject } }) => {
      if (typeof value !== 'string' || clean === undefined) return undefined;
      return type === 'xhtml' ? cleanNarrative(value, text => clean(text, subject)) : clean(value, subject);
    },
};
