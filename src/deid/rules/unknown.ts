/**
 * A method that only code added to the original would know: said when the file is read, an error as soon as a resource meets the type of the rule.
 * @module
 */
import { PolicyError } from '../policy.ts';
import type { Rule } from './rule.ts';

/** @throws PolicyError */
export function unknownMethod({ method, place }: Rule): void {
  if (method.name === 'unknown') throw new PolicyError(place, `there is no method "${method.written}"`);
}
