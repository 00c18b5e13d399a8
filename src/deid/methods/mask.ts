/**
 * mask: the value goes, and a data-absent-reason says that there was one.
 * R4: https://hl7.org/fhir/R4/extension-data-absent-reason.html
 * @module
 */
import { Absent, masked } from '../context.ts';
import type { Method } from './method.ts';

const gone = new Absent([masked]);

/** Of a primitive the extension stands beside it, of anything else within it. */
export const mask: Method = {
  types: ['*'],
  mark: 'removed',
  make: () => value => (typeof value === 'object' && value !== null && !(value instanceof Number) ? { extension: [masked] } : gone),
};
