/**
 * keep: the value leaves as it is. Only for types that hold no free text; a code only when it is plain ASCII without spaces, as codes are, a date only when it is one.
 * @module
 */
import { isOfLife, readDate } from '../calendar.ts';
import type { Method } from './method.ts';

const code = /^[\x21-\x7e]{1,64}$/;

export const keep: Method = {
  types: ['boolean', 'integer', 'positiveInt', 'unsignedInt', 'decimal', 'code', 'time', 'date', 'dateTime', 'instant'],
  make: () => (value, run) => {
    if (typeof value === 'string') {
      const date = value.charCodeAt(0) < 58 && value.charCodeAt(4) === 45 ? readDate(value) : undefined;
      if (date !== undefined) return run.context.subject === undefined || isOfLife(date, run.context.subject) ? value : undefined;
      return code.test(value) ? value : undefined;
    }
    // A decimal whose digits must stay is a Decimal object (model/json.ts).
    return typeof value === 'number' || typeof value === 'boolean' || value instanceof Number ? value : undefined;
  },
};
