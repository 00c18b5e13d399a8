/**
 * One assert: finds the message it is about and the judge of its criterion.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert
 * @module
 */
import { Fault, shown } from '../fault.ts';
import type { Message } from '../message.ts';
import type { Assert } from '../script.ts';
import { expression, path } from './body.ts';
import type { Bench, Judge } from './criterion.ts';
import { contentType, headerField } from './header.ts';
import { minimumId } from './minimum.ts';
import { navigationLinks } from './navigation-links.ts';
import { requestMethod, requestURL } from './request-line.ts';
import { resource, validateProfileId } from './resource.ts';
import { response, responseCode } from './status.ts';

const judges: Readonly<Record<Assert['criterion'], Judge>> = {
  contentType,
  expression,
  headerField,
  minimumId,
  navigationLinks,
  path,
  requestMethod,
  requestURL,
  resource,
  response,
  responseCode,
  validateProfileId,
  unsupported: ({ says }) => {
    throw new Fault(`The assert is an extension that is not supported: ${shown(says)}`);
  },
};

/** @returns what does not hold; undefined: it holds. @throws Fault when it cannot be told */
export async function judge(assert: Assert, bench: Bench): Promise<string | undefined> {
  const aboutRequest = assert.criterion === 'requestMethod' || assert.criterion === 'requestURL';
  const message: Message = aboutRequest ? bench.memory.of(undefined, 'request') : bench.memory.of(assert.sourceId, assert.direction);
  return judges[assert.criterion](assert, message, bench);
}

/** Whether an earlier response had one of the statuses under which the assert is to be looked at. */
export const applies = ({ when }: Assert, { memory }: Bench): boolean => {
  if (when === undefined) return true;
  const { status } = memory.get(when.sourceId);
  return status !== undefined && when.statuses.includes(status);
};
