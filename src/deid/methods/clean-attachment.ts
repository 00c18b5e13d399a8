/**
 * clean-attachment: a file in an Attachment or a Binary leaves cleaned, with size and hash of what it is now, if its kind has a cleaner (`Context.cleanAttachment`); else it does not leave.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Attachment, https://hl7.org/fhir/R4/binary.html
 * @module
 */
import { isObject } from '../context.ts';
import type { Method } from './method.ts';

export const cleanAttachment: Method = {
  types: ['Attachment'],
  mark: 'cleaned',
  make:
    () =>
    (value, { context }) =>
      isObject(value) ? context.cleanAttachment?.(value, context) : undefined,
};
