/**
 * Validation by a profile of the script, with the server's own validator.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert.validateProfileId
 * @module
 */
import { validate } from '../fhir/profile/validate.ts';
import { Fault } from './fault.ts';
import { isJson } from './pick.ts';

const specification = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * What is wrong with a resource by a profile of FHIR R4 itself.
 * @param canonical URL of the profile, with a version perhaps
 * @throws Fault when the profile is another one
 */
export function invalid(resource: unknown, canonical: string): readonly string[] {
  const url = canonical.replace(/\|.*$/, '');
  const type = url.startsWith(specification) ? url.slice(specification.length) : undefined;
  if (type === undefined || !/^[A-Z][A-Za-z]+$/.test(type)) throw new Fault(`Validation by the profile ${url} is not supported.`);
  if (type !== 'Resource' && type !== 'DomainResource' && (!isJson(resource) || resource['resourceType'] !== type))
    return [`The body is no ${type}.`];
  return validate(resource).map(({ text, kind, expression }) => `${text ?? kind}${expression === undefined ? '' : ` (${expression})`}`);
}
