/**
 * The criteria response and responseCode: the status of an answer, by word or by number.
 * R4: https://hl7.org/fhir/R4/valueset-assert-response-code-types.html
 * @module
 */
import { Fault } from '../fault.ts';
import type { Message } from '../message.ts';
import { compare } from './compare.ts';
import type { Judge } from './criterion.ts';

const codes: Readonly<Record<string, number>> = {
  okay: 200,
  created: 201,
  noContent: 204,
  notModified: 304,
  bad: 400,
  forbidden: 403,
  notFound: 404,
  methodNotAllowed: 405,
  conflict: 409,
  gone: 410,
  preconditionFailed: 412,
  unprocessable: 422,
};

function statusOf({ status, kind }: Message): number {
  if (status === undefined) throw new Fault(`A ${kind} has no status.`);
  return status;
}

export const response: Judge = ({ says, operator = 'equals' }, message, { anySuccessIsOkay }) => {
  const status = statusOf(message);
  if (!says.split(',').every(word => Object.hasOwn(codes, word.trim())))
    throw new Fault('The assert’s response is none of FHIR R4’s words.');
  const expected = says
    .split(',')
    .map(word => (word.trim() === 'okay' && anySuccessIsOkay && status >= 200 && status < 300 ? status : codes[word.trim()]!));
  return compare(`The status (${says})`, operator, [String(status)], expected.join(','));
};

export const responseCode: Judge = async ({ says, operator = says.includes(',') ? 'in' : 'equals' }, message, { variables }) =>
  compare('The status', operator, [String(statusOf(message))], await variables.replace(says));
