/**
 * pseudonymize: the id of a resource becomes its keyed pseudonym; a contained resource's a number within its container; a UID of DICOM a keyed UID.
 * R4: https://hl7.org/fhir/R4/resource.html#id, https://hl7.org/fhir/R4/references.html#contained
 * @module
 */
import type { Method } from './method.ts';

export const pseudonymize: Method = {
  types: ['id', 'oid'],
  make: options => {
    const domain = options['domain'] ?? 'resource';
    if (domain !== 'resource' && domain !== 'uid') throw new Error('"domain" must be resource or uid');
    if (domain === 'uid') return (value, run) => (typeof value === 'string' ? run.context.keys.uid(value) : undefined);
    return (value, run) => {
      if (typeof value !== 'string') return undefined;
      return run.inside ?? run.context.id;
    };
  },
};
