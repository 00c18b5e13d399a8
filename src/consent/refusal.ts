/**
 * Decisions in words. None says who is meant or what is on record about him: the expression names the place in the request.
 * @module
 */
import type { Finding } from '../fhir/model/outcome.ts';
import type { Decision } from './decide.ts';

export type Reason =
  | Exclude<Decision, 'clear'>
  | 'no-filing'
  | 'nobody'
  | 'not-here'
  | 'unresolvable'
  | 'unknown-institution'
  | 'shared'
  | 'beside'
  | 'somebody-else'
  | 'undelivered'
  | 'tag-inside'
  | 'tag-on-document';

const sentences: Readonly<Record<Reason, string>> = {
  objection: 'This is about a patient who has objected.',
  'no-number': 'This is about a patient who does not have exactly one patient number of this institution.',
  'no-notice': 'This is about a patient to whom no notice of this institution is on record.',
  'no-filing': 'The institution has no filing on record that holds today.',
  guardian: 'This is about a patient who was under age when told, and no guardian was told too.',
  'told-again':
    'This is about a patient who has to be told again: the text of the notice has changed, or a guardian was told in place of somebody who has grown up since.',
  wait: 'This is about a patient whose notice is too young.',
  nobody: 'A resource of this type says which patient it is about.',
  'not-here': 'This names a patient who is not here.',
  unresolvable: 'This names a person in a way that cannot be resolved.',
  shared: 'A resource that all institutions read names no patient.',
  beside: 'A notice or an objection holds nothing but itself.',
  'somebody-else': 'A notice or an objection names nobody but the patient whom it is about.',
  undelivered: 'The sender has tagged this as not to be given to others: it is not taken.',
  'tag-inside': 'A tag that keeps something from the patient stands in the resource itself, not in a contained one.',
  'tag-on-document': 'A notice or an objection is not kept from the patient: it has no such tag.',
  'unknown-institution': 'The institution has no patient number system on record here.',
};

/** One finding a place; `element` narrows the place down where it is known. */
export const refuse = (reason: Reason, expression: string): Finding => ({ kind: 'business-rule', text: sentences[reason], expression });
