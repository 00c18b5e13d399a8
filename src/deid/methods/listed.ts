/**
 * listed: the elements of a data type leave as they are listed, one by one. For a policy that builds on another which removes the type.
 * @module
 */
import type { Method } from './method.ts';

export const listed: Method = {
  types: ['*'],
  goesOn: true,
  options: {},
  make: (_, inner) => {
    if (inner === undefined) throw new Error('the elements of the type must be listed');
    return inner;
  },
};
