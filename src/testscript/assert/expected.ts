/**
 * What an assert compares with: its value, or what an expression or a path finds in another message.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert.compareToSourceExpression
 * @module
 */
import { Fault } from '../fault.ts';
import { texts } from '../fhirpath.ts';
import { pathOf } from '../path/path.ts';
import type { Assert } from '../script.ts';
import type { Bench } from './criterion.ts';

/** Undefined: the assert says nothing to compare with. @throws Fault when it is not one value */
export async function expected({ value, compareTo }: Assert, { memory, variables, fhirPath }: Bench): Promise<string | undefined> {
  if (value !== undefined) return variables.replace(value);
  if (compareTo === undefined) return undefined;
  const { body } = memory.get(compareTo.sourceId);
  const found =
    compareTo.expression !== undefined
      ? texts(await fhirPath.evaluate(body, await variables.expression(compareTo.expression)))
      : pathOf(body, await variables.replace(compareTo.path!));
  if (found.length !== 1) throw new Fault(`What is to be compared with has ${found.length} values.`);
  return found[0];
}
