/**
 * $holdings: what institutions sent about the patient of the app that asks, counted by institution, type and year.
 * Counted is what the app may read and search, so that what is kept from it (another patient, a tagged diagnosis) is not in a number either.
 * Definition: profiles/OperationDefinition-holdings.json; R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import type { ParametersParameter } from '@medplum/fhirtypes';
import { type Access, asServer, permits } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Store, Tally } from '../fhir/store/store.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

export interface HoldingsParts {
  readonly store: Store;
}

export function holdings({ store }: HoldingsParts): Operation {
  async function nameOf(organization: string): Promise<string | undefined> {
    const id = organization.slice('Organization/'.length);
    const version = await store.read(asServer('name the institutions that sent something'), 'Organization', id);
    if (version === undefined || version.deleted) return undefined;
    const { name } = JSON.parse(version.bytes.toString()) as AnyResource;
    return typeof name === 'string' ? name : undefined;
  }

  async function run(_: Given, access: Access) {
    const { patient } = access.agent;
    if (access.agent.role !== 'patient' || patient === undefined) throw new Problem('forbidden', 'The token names no patient.');
    const institutions = new Map<string, Tally[]>();
    for (const one of await store.tally(access, patient)) {
      // What the server or the patient wrote no institution sent.
      if (!one.sender.startsWith('Organization/') || !permits(access, 's', one.type)) continue;
      institutions.set(one.sender, [...(institutions.get(one.sender) ?? []), one]);
    }
    const parameter: ParametersParameter[] = [];
    for (const [reference, tallies] of institutions) {
      const display = await nameOf(reference);
      const institution = { name: 'institution', valueReference: { reference, ...(display === undefined ? {} : { display }) } };
      parameter.push({ name: 'holding', part: [institution, ...tallies.map(count)] });
    }
    const resource = { resourceType: 'Parameters', ...(parameter.length === 0 ? {} : { parameter }) };
    return { status: 200, resource: resource as unknown as AnyResource, patients: [patient] };
  }

  return { definition: definitionOf('holdings'), run };
}

const count = ({ type, year, number }: Tally): ParametersParameter => ({
  name: 'count',
  part: [
    { name: 'type', valueCode: type },
    ...(year === undefined ? [] : [{ name: 'year', valueInteger: year }]),
    { name: 'number', valueUnsignedInt: number },
  ],
});
