/**
 * substitute: whatever stood there, what leaves is a value of the policy, which is held against R4 when the policy is loaded.
 * @module
 */
import { isObject } from '../context.ts';
import type { Method } from './method.ts';
import { something } from './option.ts';

/** Option: `value`, JSON of the element's type; of an element that repeats, what stands for each of several. */
export const substitute: Method = {
  types: ['*'],
  options: { value: something },
  mark: 'substituted',
  sample: options => options['value'],
  make: options => {
    const value = options['value'];
    if (value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0))
      throw new Error('"value" must say what leaves');
    return () => value;
  },
};
