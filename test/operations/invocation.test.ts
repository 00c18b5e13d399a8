// https://hl7.org/fhir/R4/operations.html#executing, https://hl7.org/fhir/R4/operationdefinition.html
import { describe, expect, test } from '@jest/globals';
import type { OperationDefinition } from '@medplum/fhirtypes';
import type { Request } from '../../src/fhir/model/exchange.ts';
import { Problem } from '../../src/fhir/model/outcome.ts';
import { operationDefinitions } from '../../src/operations/index.ts';
import { givenOf, isCalledAt, readPath } from '../../src/operations/invocation.ts';

const definition = {
  resourceType: 'OperationDefinition',
  affectsState: false,
  system: true,
  type: true,
  instance: false,
  resource: ['ValueSet'],
  parameter: [
    { name: 'url', use: 'in', min: 0, max: '1', type: 'uri' },
    { name: 'valueSet', use: 'in', min: 0, max: '1', type: 'ValueSet' },
    { name: 'count', use: 'in', min: 0, max: '1', type: 'integer' },
    { name: 'weight', use: 'in', min: 0, max: '1', type: 'decimal' },
    { name: 'active', use: 'in', min: 0, max: '1', type: 'boolean' },
    { name: 'designation', use: 'in', min: 0, max: '*', type: 'string' },
    { name: 'coding', use: 'in', min: 0, max: '1', type: 'Coding' },
    { name: 'return', use: 'out', min: 1, max: '1', type: 'ValueSet' },
  ],
} as unknown as OperationDefinition;

const request = (method: Request['method'], query: Request['query'], body?: Request['body']): Request => ({
  method,
  path: '',
  query,
  headers: {},
  ...(body ? { body } : {}),
});
const given = (...asked: Parameters<typeof request>) => Object.fromEntries(givenOf(definition, request(...asked)));
const refusal = (does: () => unknown): Problem => {
  try {
    does();
  } catch (problem) {
    if (problem instanceof Problem) return problem;
    throw problem;
  }
  throw new Error('was not refused');
};

describe('where', () => {
  test('the base, a type, an instance, a version of it', () => {
    expect(readPath('$a')).toEqual({ code: 'a', at: {} });
    expect(readPath('ValueSet/$a')).toEqual({ code: 'a', at: { type: 'ValueSet' } });
    expect(readPath('ValueSet/1/$a')).toEqual({ code: 'a', at: { type: 'ValueSet', id: '1' } });
    expect(readPath('ValueSet/1/_history/2/$a')).toEqual({ code: 'a', at: { type: 'ValueSet', id: '1', versionId: 2 } });
  });
  test.each([
    'ValueSet',
    'Nothing/$a',
    'ValueSet/a_b/$a',
    'ValueSet/1/_history/$a',
    'ValueSet/1/_history/x/$a',
    'ValueSet/1/2/3/$a',
    'a/b/c/d/e/$a',
  ])('not at %s', path => expect(readPath(path)).toBeUndefined());
  test('only where the definition says', () => {
    expect(isCalledAt(definition, {})).toBe(true);
    expect(isCalledAt(definition, { type: 'ValueSet' })).toBe(true);
    expect(isCalledAt(definition, { type: 'CodeSystem' })).toBe(false);
    expect(isCalledAt(definition, { type: 'ValueSet', id: '1' })).toBe(false);
    expect(
      isCalledAt({ ...definition, resource: ['Resource'], instance: true } as unknown as OperationDefinition, { type: 'Patient', id: '1' }),
    ).toBe(true);
  });
});

describe('by GET', () => {
  test('each parameter as its type says, repeated ones in their order; the form of the answer is no parameter', () => {
    const query = [
      ['url', 'http://example.org/vs'],
      ['count', '5'],
      ['weight', '1.5'],
      ['active', 'false'],
      ['designation', 'ja'],
      ['designation', 'en'],
      ['_format', 'json'],
      ['_pretty', 'true'],
    ] as const;
    const expected = { url: ['http://example.org/vs'], count: [5], weight: [1.5], active: [false], designation: ['ja', 'en'] };
    expect(given('GET', query)).toEqual(expected);
    expect(given('HEAD', query)).toEqual(expected);
  });
  test.each<[string, readonly [string, string]]>([
    ['an unknown parameter', ['name', 'x']],
    ['one that is given back', ['return', 'x']],
    ['one that is an object', ['coding', 'x']],
    ['one that is a resource', ['valueSet', 'x']],
    ['a number that is none', ['count', '5x']],
    ['a truth value that is none', ['active', 'yes']],
    ['nothing', ['url', '']],
  ])('%s: 400', (_, pair) => expect(refusal(() => given('GET', [pair])).status).toBe(400));
  test('what changes something, or needs what no URL can hold: 405, and what is allowed', () => {
    const by = (more: object) => refusal(() => givenOf({ ...definition, ...more } as OperationDefinition, request('GET', [])));
    for (const more of [
      { affectsState: true },
      { affectsState: undefined },
      { parameter: [{ name: 'coding', use: 'in', min: 1, max: '1', type: 'Coding' }] },
    ])
      expect(by(more)).toMatchObject({ status: 405, headers: { Allow: 'POST' } });
    expect(refusal(() => given('PUT', [])).headers).toEqual({ Allow: 'GET, HEAD, POST' });
  });
});

describe('by POST', () => {
  const valueSet = { resourceType: 'ValueSet', status: 'active' };
  test('Parameters; the one resource that it takes, with others in the URL; nothing', () => {
    expect(given('POST', [], { resourceType: 'Parameters', parameter: [{ name: 'count', valueInteger: 1 }] })).toEqual({ count: [1] });
    expect(given('POST', [['count', '2']], valueSet)).toEqual({ valueSet: [valueSet], count: [2] });
    expect(given('POST', [['count', '2']])).toEqual({ count: [2] });
    expect(given('POST', [])).toEqual({});
  });
  test('refused with 400: Parameters and a URL, another resource, a resource where none is taken', () => {
    expect(refusal(() => given('POST', [['count', '2']], { resourceType: 'Parameters' })).status).toBe(400);
    expect(refusal(() => given('POST', [], { resourceType: 'CodeSystem' })).status).toBe(400);
    const none = { ...definition, parameter: [] } as unknown as OperationDefinition;
    expect(refusal(() => givenOf(none, request('POST', [], valueSet))).status).toBe(400);
  });
  test('what changes something takes its parameters in the body alone', () => {
    const changing = { ...definition, affectsState: true } as OperationDefinition;
    expect(refusal(() => givenOf(changing, request('POST', [['count', '2']]))).status).toBe(400);
  });
});

test('no two operations answer at the same place', () => {
  const places = operationDefinitions().flatMap(({ code, system, resource = [], id }) => [
    ...(system ? [`$${code}`] : []),
    ...resource.map(type => `${type}/$${code}`),
    `#${id}`,
  ]);
  expect(new Set(places).size).toBe(places.length);
});
