/**
 * $release-register: every release there was, without a word of whose data were in it: for the operator, who has to account for them.
 * Counts of persons need no mask: a release of fewer than ten does not go out.
 * Definition: profiles/OperationDefinition-release-register.json; R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import type { ParametersParameter } from '@medplum/fhirtypes';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Store } from '../fhir/store/store.ts';
import { type Noted, releases } from '../release/ledger.ts';
import { studiesTold, type Told } from '../release/told.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

export interface ReleaseRegisterParts {
  readonly store: Store;
  readonly baseUrl: string;
}

export function releaseRegister({ store, baseUrl }: ReleaseRegisterParts): Operation {
  function studyOf(given: Given): string | undefined {
    if (!given.has('study')) return undefined;
    const text = (given.get('study')![0] as Json)['reference'];
    const found = typeof text === 'string' ? literal(text, baseUrl) : undefined;
    if (found?.type === 'ResearchStudy') return found.id;
    throw new Problem('invalid-parameter', 'The parameter study is a reference to a ResearchStudy.', {
      expression: "Parameters.parameter.where(name='study')",
    });
  }

  async function run(given: Given) {
    const study = studyOf(given);
    const found = (await releases({ store })).filter(one => study === undefined || one.study === study);
    const told = await studiesTold(
      store,
      found.map(one => one.study),
    );
    const parameter = found.toReversed().map(one => ({ name: 'release', part: partsOf(one, told.get(one.study)!) }));
    const resource = { resourceType: 'Parameters', ...(parameter.length === 0 ? {} : { parameter }) };
    return { status: 200, resource: resource as unknown as AnyResource };
  }

  return { definition: definitionOf('release-register'), run };
}

const partsOf = (one: Noted, { reference }: Told): ParametersParameter[] => [
  { name: 'number', valuePositiveInt: one.number },
  { name: 'study', valueReference: reference },
  { name: 'time', valueInstant: one.time },
  { name: 'client', valueString: one.client },
  { name: 'kind', valueCode: one.kind },
  { name: 'policy', valueUri: one.policy },
  { name: 'hash', valueString: one.hash },
  ...(one.types ?? []).map(valueCode => ({ name: 'type', valueCode })),
  { name: 'persons', valueUnsignedInt: one.persons },
  ...(one.resources === undefined ? [] : [{ name: 'resources', valueUnsignedInt: one.resources }]),
  ...(one.dataSet === undefined ? [] : [{ name: 'data-set', valueUri: one.dataSet }]),
  ...(one.plan === undefined ? [] : [{ name: 'plan', valueString: one.plan }]),
  ...(one.rarePairs === undefined ? [] : [{ name: 'rare-pairs', valueUnsignedInt: one.rarePairs }]),
];
