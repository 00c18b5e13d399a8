/**
 * The criteria resource (type of the body) and validateProfileId (the body is valid by a profile of the script).
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert.resource
 * @module
 */
import { shown } from '../fault.ts';
import { compare } from './compare.ts';
import type { Judge } from './criterion.ts';

export const resource: Judge = ({ says, operator = 'equals' }, message) => {
  const type = message.resource?.resourceType;
  return compare('The resource type of the body', operator, type === undefined ? [] : [type], says);
};

export const validateProfileId: Judge = async ({ says }, message, { validate }) => {
  if (message.resource === undefined) return `The ${message.kind} has no resource in its body.`;
  const [first, ...more] = await validate(message.resource, says);
  return first === undefined ? undefined : `Not valid by ${says}: ${shown(first)}${more.length === 0 ? '' : ` (and ${more.length} more)`}`;
};
