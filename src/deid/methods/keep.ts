/**
 * keep: the value leaves as it is. Only for types that hold no free text; a code only when it is plain ASCII without spaces, as codes are.
 * @module
 */
import type { Method } from './method.ts';

const code = /^[\x21-\x7e]{1,64}$/;

export const keep: Method = {
  types: ['boolean', 'integer', 'positiveInt', 'unsignedInt', 'decimal', 'code', 'time'],
  make: () => value => {
    if (typeof value === 'string') return code.test(value) ? value : undefined;
    // A decimal whose digits must stay is a Decimal object (model/json.ts).
    return typeof value === 'number' || typeof value === 'boolean' || value instanceof Number ? value : undefined;
  },
};
