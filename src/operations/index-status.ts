/**
 * $index-status: how far what is stored has been read for the SearchParameters that were stored, and for those that an earlier version of the server did not index.
 * Definition: profiles/OperationDefinition-index-status.json; R4: https://hl7.org/fhir/R4/searchparameter.html
 * @module
 */
import type { ParametersParameter } from '@medplum/fhirtypes';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';
import { definitionOf, type Operation } from './operation.ts';

export interface IndexStatusParts {
  readonly store: Store;
}

export const indexStatus = ({ store }: IndexStatusParts): Operation => ({
  definition: definitionOf('index-status'),
  async run() {
    const parameter = (await store.indexing()).map(
      ({ type, code, url, indexed, of }): ParametersParameter => ({
        name: 'parameter',
        part: [
          { name: 'type', valueCode: type },
          { name: 'code', valueCode: code },
          { name: 'definition', valueUri: url },
          { name: 'indexed', valueUnsignedInt: indexed },
          { name: 'of', valueUnsignedInt: of },
        ],
      }),
    );
    const resource = { resourceType: 'Parameters', ...(parameter.length === 0 ? {} : { parameter }) };
    return { status: 200, resource: resource as unknown as AnyResource };
  },
});
