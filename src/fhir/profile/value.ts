/**
 * Whether a value may stand in an element of R4, told without the resource around it: its type, what its type asks for, the required binding, where a reference may lead.
 * R4: https://hl7.org/fhir/R4/datatypes.html, https://hl7.org/fhir/R4/terminologies.html#required
 * @module
 */
import { checkOfPath } from './compile.ts';
import { elementsOf } from './elements.ts';
import { Context } from './findings.ts';

/**
 * What is wrong with one value of an element, in one sentence that does not repeat it; undefined: it may stand there.
 * @param parent resource type, data type or group (`Patient.contact`)
 * @param property JSON name (`valueQuantity`); of an element that repeats the value is one of several
 */
export function faultOf(parent: string, property: string, value: unknown): string | undefined {
  const element = elementsOf(parent).get(property);
  const check = checkOfPath(parent);
  if (element === undefined || check === undefined) return `${parent} has no element ${property}.`;
  const resource = { resourceType: 'Basic' };
  const context = new Context(resource);
  check({ [property]: element.array ? [value] : value }, context);
  const name = element.choice ? element.path.slice(element.path.lastIndexOf('.') + 1, -3) : property;
  // What else the parent has to have is not there, and not asked for.
  return context.findings.find(
    ({ expression }) => expression === name || (/^[.[]/.test(expression.slice(name.length)) && expression.startsWith(name)),
  )?.text;
}
