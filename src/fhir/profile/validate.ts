/**
 * Whether a resource is one of FHIR R4: its elements, their shapes, formats, codes, references and rules. Says what is wrong and where; throws nothing.
 * R4: https://hl7.org/fhir/R4/validation.html
 * @module
 */
import type { Finding } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import { checkOf } from './compile.ts';
import { Context, isObject } from './findings.ts';

/**
 * What is wrong with a resource; empty: it is valid. At most 100 findings. Resources inside it (contained, entries, parameters) are looked at too.
 * Syntax, unknown elements and wrong primitives are of kinds with status 400, broken rules of kinds with 422.
 * @param value JSON as parseJson gives it, whatever it is
 */
export function validate(value: unknown): readonly Finding[] {
  if (!isObject(value)) return [{ kind: 'invalid-structure', text: 'The body is not a JSON object.' }];
  const check = typeof value['resourceType'] === 'string' ? checkOf(value['resourceType']) : undefined;
  if (check === undefined)
    return [{ kind: 'invalid-structure', text: 'The body has no resourceType that FHIR R4 knows.', expression: 'resourceType' }];
  const resource = value as AnyResource;
  const context = new Context(resource);
  check(resource, context);
  context.at(0, resource.resourceType);
  return context.findings;
}
