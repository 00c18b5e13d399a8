/**
 * $convert: a resource in one format, back in another. The wire reads and writes the formats; here it is only said that what is between them is a resource.
 * Definition: profiles/OperationDefinition-Resource-convert.json; R4: https://hl7.org/fhir/R4/resource-operation-convert.html
 * @module
 */
import { Problem, problems } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { validate } from '../fhir/profile/validate.ts';
import { definitionOf, type Operation } from './operation.ts';

export const convert = (): Operation => ({
  definition: definitionOf('Resource-convert'),
  async run(given) {
    const resource = given.get('input')![0] as AnyResource;
    // What has the shape of a resource can be said in every format, whatever rules it breaks; a narrative that is none cannot.
    const wrong = validate(resource).filter(({ kind }) => problems[kind].status === 400 || kind === 'unsafe-narrative');
    if (wrong.length > 0) throw Problem.of(wrong);
    return { status: 200, resource };
  },
});
