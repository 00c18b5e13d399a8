// https://spec.openapis.org/oas/v3.1.0, https://hl7.org/fhir/R4/capabilitystatement.html
import { beforeAll, expect, test } from '@jest/globals';
import type { CapabilityStatement } from '@medplum/fhirtypes';
import { interactionSettings } from '../../../src/commands/interaction-settings.ts';
import { readConfig } from '../../../src/config.ts';
import { capabilityStatement } from '../../../src/fhir/interactions/capabilities.ts';
import { type OpenApi, openApi } from '../../../src/fhir/interactions/openapi.ts';

let statement: CapabilityStatement;
let api: OpenApi;
beforeAll(() => {
  statement = capabilityStatement({
    baseUrl: 'http://noren.test/fhir',
    settings: interactionSettings(readConfig([])),
    capabilities: {
      version: '1.2.3',
      date: '2026-01-01',
      operations: [
        { name: 'expand', definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand', system: false, types: ['ValueSet'] },
      ],
    },
  });
  api = openApi(statement);
});

test('OpenAPI: what is stated is there, each once, and nothing else', () => {
  const ids = Object.values(api.paths).flatMap(methods => Object.values(methods).map(({ operationId }) => operationId));
  expect(new Set(ids).size).toBe(ids.length);
  const [{ resource = [], interaction = [] } = {}] = statement.rest!;
  const expected = [
    ...resource.flatMap(({ type, interaction = [], operation = [] }) => [
      ...interaction.map(({ code }) => `${code}-${type}`),
      ...operation.map(({ name }) => `${name}-${type}`),
    ]),
    // The base takes both by one call.
    ...interaction.map(({ code }) => code!).filter(code => code !== 'batch'),
    'capabilities',
  ];
  expect(ids.sort()).toEqual(expected.sort());
});

test('OpenAPI: every reference leads somewhere, every part of a path has its parameter', () => {
  const { parameters } = api.components as { parameters: Record<string, { in: string; name: string }> };
  for (const [path, methods] of Object.entries(api.paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    for (const { parameters: given = [] } of Object.values(methods)) {
      const named = given.map(one => ('$ref' in one ? parameters[one.$ref.replace('#/components/parameters/', '')]! : one));
      expect(named.every(one => one !== undefined)).toBe(true);
      expect([path, named.filter(one => one.in === 'path').map(({ name }) => name)]).toEqual([path, inPath]);
    }
  }
});

test('OpenAPI: a search names the parameters of its type, formats are those of the statement', () => {
  const search = api.paths['/Patient']!.get!;
  expect(search.parameters!.map(one => ('name' in one ? one.name : ''))).toEqual(
    statement.rest![0]!.resource!.find(({ type }) => type === 'Patient')!.searchParam!.map(({ name }) => name),
  );
  expect(Object.keys((api.paths['/Patient']!.post!.requestBody as { content: object }).content)).toEqual(
    statement.format!.filter(one => one.includes('/')),
  );
  expect(api.servers).toEqual([{ url: 'http://noren.test/fhir' }]);
});
