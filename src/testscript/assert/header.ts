/**
 * The criteria headerField and contentType: headers of a request or an answer.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert.headerField
 * @module
 */
import { mediaTypes } from '../message.ts';
import { compare } from './compare.ts';
import type { Judge } from './criterion.ts';
import { expected } from './expected.ts';

export const headerField: Judge = async (assert, message, bench) => {
  const field = await bench.variables.replace(assert.says);
  const value = message.headers.get(field);
  return compare(`The header ${field}`, assert.operator ?? 'equals', value === null ? [] : [value], await expected(assert, bench));
};

/** `json` and `xml` mean FHIR's media types, and the plain ones too. */
export const contentType: Judge = ({ says, operator = 'contains' }, { headers }) => {
  const value = headers.get('content-type');
  const actual = value === null ? [] : [value];
  if (!Object.hasOwn(mediaTypes, says)) return compare('The Content-Type', operator, actual, says);
  const bare = actual.map(a => a.split(';')[0]!.trim().toLowerCase());
  const short = bare.map(a =>
    a === mediaTypes[says] || a === `application/${says}` || a === `text/${says}` || a === `application/${says}+fhir` ? says : a,
  );
  return compare('The Content-Type', operator === 'contains' ? 'equals' : operator === 'notContains' ? 'notEquals' : operator, short, says);
};
