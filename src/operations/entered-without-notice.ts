/**
 * $entered-without-notice: the Patients of institutions that came in without a notice that was old enough. There should be none; a release asks the same before it reads anything.
 * Definition: profiles/OperationDefinition-entered-without-notice.json; R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import type { ParametersParameter } from '@medplum/fhirtypes';
import type { AnyResource } from '../fhir/model/r4.ts';
import { definitionOf, type Operation } from './operation.ts';

export interface EnteredWithoutNoticeParts {
  /** References of Patients. */
  readonly entered: () => Promise<readonly string[]>;
}

/** References that one answer names; the count is of all. */
const mostNamed = 1000;

export const enteredWithoutNotice = ({ entered }: EnteredWithoutNoticeParts): Operation => ({
  definition: definitionOf('entered-without-notice'),
  run: async () => {
    const found = await entered();
    const named = found.slice(0, mostNamed);
    const parameter: ParametersParameter[] = [
      { name: 'count', valueUnsignedInt: found.length },
      ...named.map((reference): ParametersParameter => ({ name: 'patient', valueReference: { reference } })),
    ];
    return { status: 200, resource: { resourceType: 'Parameters', parameter } as unknown as AnyResource, patients: named };
  },
});
