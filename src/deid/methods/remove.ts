/**
 * remove: nothing of the element leaves.
 * @module
 */
import type { Method } from './method.ts';

export const remove: Method = { types: ['*'], options: {}, mark: 'removed', make: () => () => undefined };
