/**
 * mask: the value goes, and a data-absent-reason says that there was one.
 * R4: https://hl7.org/fhir/R4/extension-data-absent-reason.html
 * @module
 */
import { isPrimitive } from '../../fhir/profile/elements.ts';
import { absentOf } from '../absent.ts';
import { Absent, masked } from '../context.ts';
import type { Method } from './method.ts';

const gone = new Absent([masked]);

/** Of a primitive the extension stands beside it, of anything else within it, and in whatever it must have. */
export const mask: Method = {
  types: ['*'],
  options: {},
  mark: 'removed',
  make: (_, __, type) => {
    const absent = isPrimitive(type) ? gone : absentOf({ type, array: false, primitive: false });
    return () => absent;
  },
};
