/**
 * The criteria requestMethod and requestURL: the request that was sent last, or the one with that id.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert.requestURL
 * @module
 */
import { Fault } from '../fault.ts';
import type { Message } from '../message.ts';
import type { Assert } from '../script.ts';
import { compare } from './compare.ts';
import type { Bench, Judge } from './criterion.ts';

/** Whatever `direction` says: these criteria are about requests. */
function sent({ sourceId }: Assert, { memory }: Bench): Message {
  const message =
    sourceId !== undefined && memory.get(sourceId).kind === 'request' ? memory.get(sourceId) : memory.of(undefined, 'request');
  if (message.method === undefined || message.url === undefined) throw new Fault('There is no request.');
  return message;
}

export const requestMethod: Judge = (assert, _, bench) =>
  compare('The method', assert.operator ?? 'equals', [sent(assert, bench).method!], assert.says.toUpperCase());

export const requestURL: Judge = async (assert, _, bench) => {
  const url = new URL(sent(assert, bench).url!);
  const says = await bench.variables.replace(assert.says);
  // Written complete, from the root, or as the part behind the base.
  const whole = url.href;
  const actual = URL.canParse(says) ? whole : says.startsWith('/') ? url.pathname + url.search : whole.endsWith(`/${says}`) ? says : whole;
  return compare('The URL of the request', assert.operator ?? 'equals', [actual], says);
};
