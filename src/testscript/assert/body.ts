/**
 * The criteria expression (FHIRPath) and path (XPath or JSONPath): what stands in a body.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert.expression
 * @module
 */
import { shown } from '../fault.ts';
import { isTrue, texts } from '../fhirpath.ts';
import { pathOf } from '../path/path.ts';
import { compare } from './compare.ts';
import type { Judge } from './criterion.ts';
import { expected } from './expected.ts';

const unread = (kind: string): string => `The ${kind} has no body that can be read.`;

export const expression: Judge = async (assert, message, bench) => {
  const text = await bench.variables.expression(assert.says);
  const value = await expected(assert, bench);
  // Of a body that is not there nothing holds, not even that something is not in it.
  if (message.json === undefined) return unread(message.kind);
  const found = await bench.fhirPath.evaluate(message.json, text);
  if (assert.operator === 'eval' || (assert.operator === undefined && value === undefined))
    return isTrue(found) ? undefined : `${shown(text)} is ${found.length === 0 ? 'empty' : 'false'}.`;
  return compare(shown(text), assert.operator ?? 'equals', texts(found), value);
};

export const path: Judge = async (assert, message, bench) => {
  const text = await bench.variables.replace(assert.says);
  const value = await expected(assert, bench);
  if (message.json === undefined) return unread(message.kind);
  const operator = assert.operator ?? (value === undefined ? 'notEmpty' : 'equals');
  return compare(shown(text), operator, pathOf(message.json, text), value, true);
};
