/**
 * $purge: a resource with all its versions is taken out for good, as if it had never been here. The legal record is not.
 * Definition: profiles/OperationDefinition-purge.json; R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import { purge } from '../fhir/interactions/delete-history.ts';
import { information } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';
import { definitionOf, type Operation } from './operation.ts';

export interface PurgeParts {
  readonly store: Store;
}

export const purgeOperation = ({ store }: PurgeParts): Operation => ({
  definition: definitionOf('purge'),
  run: async (_given, access, { type, id }) => {
    const { entries, patients } = await purge({ type: type!, id: id!, what: 'all' }, access, store);
    return {
      status: 200,
      resource: information('The resource and all its versions are gone.') as unknown as AnyResource,
      ...(patients === undefined ? {} : { patients }),
      ...(entries === undefined ? {} : { entries }),
    };
  },
});
