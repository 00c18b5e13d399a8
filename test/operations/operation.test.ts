// https://hl7.org/fhir/R4/operations.html, https://hl7.org/fhir/R4/parameters.html
import { describe, expect, test } from '@jest/globals';
import type { OperationDefinition } from '@medplum/fhirtypes';
import { asServer } from '../../src/fhir/model/access.ts';
import { Problem } from '../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { operationDefinitions } from '../../src/operations/index.ts';
import { parametersIn } from '../../src/operations/operation.ts';
import { access, openGround } from './ground.ts';

const definition = {
  resourceType: 'OperationDefinition',
  parameter: [
    { name: 'one', use: 'in', min: 1, max: '1', type: 'string' },
    { name: 'many', use: 'in', min: 0, max: '*', type: 'code' },
    { name: 'yes', use: 'in', min: 0, max: '1', type: 'boolean' },
    { name: 'any', use: 'in', min: 0, max: '1', type: 'Any' },
    { name: 'row', use: 'in', min: 0, max: '*', part: [{ name: 'when', use: 'in', min: 1, max: '1', type: 'date' }] },
    { name: 'count', use: 'in', min: 0, max: '1', type: 'positiveInt' },
    { name: 'return', use: 'out', min: 1, max: '1', type: 'Any' },
  ],
} as unknown as OperationDefinition;
const one = { name: 'one', valueString: 'x' };
const ask = (...parameter: unknown[]) => parametersIn(definition, { resourceType: 'Parameters', parameter } as AnyResource);

test('the definitions are valid R4', () => {
  for (const one of operationDefinitions()) expect(validate(JSON.parse(JSON.stringify(one)))).toEqual([]);
});

test('values come by name, in their order', () => {
  const given = ask(
    one,
    { name: 'many', valueCode: 'a' },
    { name: 'many', valueCode: 'b' },
    { name: 'yes', valueBoolean: false },
    { name: 'any', resource: { resourceType: 'Measure' } },
  );
  expect(Object.fromEntries(given)).toEqual({ one: ['x'], many: ['a', 'b'], yes: [false], any: [{ resourceType: 'Measure' }] });
});

test('parts are parameters of their own', () => {
  const row = (when: string) => ({ name: 'row', part: [{ name: 'when', valueDate: when }] });
  const given = ask(one, row('2026-01-01'), row('2026-01-02'), { name: 'count', valuePositiveInt: 3 });
  expect((given.get('row') as Map<string, unknown>[]).map(part => part.get('when'))).toEqual([['2026-01-01'], ['2026-01-02']]);
  expect(given.get('count')).toEqual([3]);
});

describe('refused with 400', () => {
  test.each<[string, unknown[]]>([
    ['a parameter that the operation does not have', [one, { name: 'two', valueString: 'x' }]],
    ['one that is only given back', [one, { name: 'return', valueString: 'x' }]],
    ['a missing one', []],
    ['one too many', [one, one]],
    ['another type', [{ name: 'one', valueInteger: 1 }]],
    ['a text that is none', [{ name: 'one', valueString: 5 }]],
    ['an empty text', [{ name: 'one', valueString: ' ' }]],
    ['a truth value that is a text', [one, { name: 'yes', valueBoolean: 'true' }]],
    ['a resource that is a list', [one, { name: 'any', resource: [] }]],
    ['two values', [{ name: 'one', valueString: 'x', valueCode: 'x' }]],
    ['a part', [one, { name: 'any', part: [] }]],
    ['a missing part', [one, { name: 'row', part: [] }]],
    ['an unknown part', [one, { name: 'row', part: [{ name: 'who', valueString: 'x' }] }]],
    ['a value in the place of parts', [one, { name: 'row', valueDate: '2026-01-01' }]],
    ['a number that is a text', [one, { name: 'count', valuePositiveInt: '3' }]],
    ['an extension of it', [{ name: 'one', valueString: 'x', extension: [] }]],
    ['null', [null]],
  ])('%s', (_, parameter) => {
    expect(() => ask(...parameter)).toThrow(Problem);
    try {
      ask(...parameter);
    } catch (problem) {
      expect((problem as Problem).status).toBe(400);
    }
  });
  test('a body that is no Parameters', () => {
    expect(() => parametersIn(definition, undefined)).toThrow(Problem);
    expect(() => parametersIn(definition, { resourceType: 'Patient' })).toThrow(Problem);
    expect(() => parametersIn(definition, { resourceType: 'Parameters', parameter: {} })).toThrow(Problem);
  });
});

test('an unknown operation is 404, another method 405, a query 400', async () => {
  const ground = await openGround();
  const request = { method: 'POST', path: '$deidentify', query: [], headers: {}, body: { resourceType: 'Parameters' } } as const;
  const status = (more: object, who = access('researcher')) =>
    ground.dispatch({ ...request, ...more }, who).then(
      () => 200,
      error => (error as Problem).status,
    );
  expect(await status({ path: '$nothing' })).toBe(404);
  expect(await status({ path: 'Patient/1/$deidentify' })).toBe(404);
  expect(await status({ method: 'GET' })).toBe(405);
  expect(await status({ query: [['study', 'x']] })).toBe(400);
  expect(await status({}, asServer('test'))).toBe(403);
  await ground.close();
});
