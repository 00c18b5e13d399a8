// docs/profiles.md, https://hl7.org/fhir/R4/profiling.html, https://hl7.org/fhir/R4/resource-definitions.html#Meta.profile: writes are held against the profiles that they name
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import { cpuTime } from '../../cpu-time.ts';
import { openWhole, type Told, type Whole } from '../../http/whole.ts';

let server: Whole;
const own = 'http://example.org/StructureDefinition/';
const definition = (name: string, element: object[], base = 'http://hl7.org/fhir/StructureDefinition/Patient') => ({
  resourceType: 'StructureDefinition',
  id: name,
  url: own + name,
  name,
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: base,
  derivation: 'constraint',
  differential: { element: [{ id: 'Patient', path: 'Patient' }, ...element] },
});
const named = definition('named', [{ id: 'Patient.name', path: 'Patient.name', min: 1 }]);
const patient = (profile: string, more: object = {}) => ({ resourceType: 'Patient', meta: { profile: [own + profile] }, ...more });
const name = [{ text: 'x' }];

beforeAll(async () => {
  server = await openWhole();
  expect((await server.ask('PUT', 'StructureDefinition/named', { body: named })).status).toBe(201);
}, 60_000);
afterAll(() => server.close());

const post = (body: object) => server.ask('POST', (body as { resourceType: string }).resourceType, { body });
const expressions = ({ status, json }: Told) => [
  status,
  ...(json as unknown as OperationOutcome).issue.map(({ code, expression }) => `${code} ${expression?.[0]}`),
];
const transaction = (...resources: object[]) =>
  server.ask('POST', '', {
    body: {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: resources.map(resource => {
        const { resourceType, id } = resource as { resourceType: string; id?: string };
        return {
          resource,
          request: id === undefined ? { method: 'POST', url: resourceType } : { method: 'PUT', url: `${resourceType}/${id}` },
        };
      }),
    },
  });

test('create and update: what does not conform is refused with 422, what does is stored', async () => {
  expect(expressions(await post(patient('named')))).toEqual([422, 'required Patient.name']);
  const { json } = await post(patient('named', { name }));
  const { id } = json as unknown as { id: string };
  expect(expressions(await server.ask('PUT', `Patient/${id}`, { body: patient('named', { id }) }))).toEqual([422, 'required Patient.name']);
});

test('transaction: the entry is named, and nothing is stored', async () => {
  expect(expressions(await transaction({ resourceType: 'Patient' }, patient('named')))).toEqual([
    422,
    'required Bundle.entry[1].resource.name',
  ]);
});

test('what is wrong by R4 is told as ever, with its own status', async () => {
  expect(expressions(await post(patient('named', { birthDate: '2020-02-31' })))).toEqual([400, 'value Patient.birthDate']);
});

test('a profile that is not known here is stored and refuses nothing', async () => {
  expect((await post(patient('nowhere'))).status).toBe(201);
});

test('a profile of R4 itself', async () => {
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
  const claim = { meta: { profile: ['http://hl7.org/fhir/StructureDefinition/vitalsigns'] } };
  expect((await post({ ...observation, ...claim })).status).toBe(422);
});

test('bindings: to a value set that is stored', async () => {
  const bound = definition('bound', [
    {
      id: 'Patient.maritalStatus',
      path: 'Patient.maritalStatus',
      binding: { strength: 'required', valueSet: 'http://example.org/ValueSet/own' },
    },
  ]);
  const compose = { include: [{ system: 'urn:own', concept: [{ code: 'good' }] }] };
  await post({ resourceType: 'ValueSet', url: 'http://example.org/ValueSet/own', status: 'active', compose });
  expect((await post(bound)).status).toBe(201);
  const status = (code: string) => post(patient('bound', { maritalStatus: { coding: [{ system: 'urn:own', code }] } }));
  expect((await status('good')).status).toBe(201);
  expect(expressions(await status('bad'))).toEqual([422, 'code-invalid Patient.maritalStatus']);
});

test('a changed definition holds from the next write on; a deleted one is not known any more', async () => {
  const changing = definition('changing', [{ id: 'Patient.photo', path: 'Patient.photo', max: '0' }]);
  const put = (element: object[]) =>
    server.ask('PUT', 'StructureDefinition/changing', { body: { ...changing, ...definition('changing', element) } });
  const write = async () => (await post(patient('changing'))).status;
  expect(await write()).toBe(201);
  await put([{ id: 'Patient.name', path: 'Patient.name', min: 1 }]);
  expect(await write()).toBe(422);
  await put([{ id: 'Patient.photo', path: 'Patient.photo', max: '0' }]);
  expect(await write()).toBe(201);
  await put([{ id: 'Patient.name', path: 'Patient.name', min: 1 }]);
  await server.ask('DELETE', 'StructureDefinition/changing');
  expect(await write()).toBe(201);
});

describe('StructureDefinitions that cannot be used are refused with 422', () => {
  const broken = (element: object) => definition('broken', [{ id: 'Patient.name', path: 'Patient.name', ...element }]);
  test.each<[string, object]>([
    ['an unknown element', definition('broken', [{ id: 'Patient.colour', path: 'Patient.colour' }])],
    ['a base that is not known', definition('broken', [], `${own}nowhere`)],
    ['a discriminator that cannot be followed', broken({ slicing: { rules: 'open', discriminator: [{ type: 'value', path: 'a+b' }] } })],
  ])('%s', async (_, body) => {
    const { id: __, ...rest } = body as { id: string };
    expect((await post(rest)).status).toBe(422);
  });
  test('a base that comes with it is known', async () => {
    const below = definition('below', [{ id: 'Patient.name', path: 'Patient.name', min: 1 }]);
    const above = definition('above', [{ id: 'Patient.photo', path: 'Patient.photo', max: '0' }], below.url);
    expect((await transaction(above, below)).status).toBe(200);
    expect(expressions(await post(patient('above')))).toEqual([422, 'required Patient.name']);
  });
});

describe('53: a StructureDefinition with hostile FHIRPath', () => {
  const hostile = (expression: string, more = 'hostile') =>
    definition(more, [
      { id: 'Patient.name', path: 'Patient.name', constraint: [{ key: 'h-1', severity: 'error', human: 'A rule.', expression }] },
    ]);
  test.each([
    'name.where(',
    "name.shell('ls')",
    `descendants()${'.descendants()'.repeat(50)}.exists()`,
    'repeat(repeat(repeat(repeat(repeat($this)))))',
    `${'('.repeat(3000)}true${')'.repeat(3000)}`,
    'aggregate($total & $total, %resource)',
  ])('refused: %.40s', async expression => {
    expect((await post(hostile(expression))).status).toBe(422);
  });
  test('what it costs shows only later: the write is refused in time, and others are served', async () => {
    expect((await server.ask('PUT', 'StructureDefinition/slow', { body: hostile("family.matches('^(a+)+$')", 'slow') })).status).toBe(201);
    const start = cpuTime();
    const told = await post(patient('slow', { name: [{ family: `${'a'.repeat(60)}b` }] }));
    expect(expressions(told)).toEqual([422, 'too-costly Patient']);
    expect(cpuTime() - start).toBeLessThan(3000);
    expect((await post(patient('named', { name }))).status).toBe(201);
  });
  test('a transaction full of them takes no longer than its budget', async () => {
    const start = cpuTime();
    const many = Array.from({ length: 50 }, () => patient('slow', { name: [{ family: `${'a'.repeat(60)}b` }] }));
    expect((await transaction(...many)).status).toBe(422);
    expect(cpuTime() - start).toBeLessThan(5000);
  });
  test('a batch full of them has the budget of a transaction: past it an entry is refused unlooked at, be it a write or $validate; what costs nothing is done', async () => {
    const slow = patient('slow', { name: [{ family: `${'a'.repeat(60)}b` }] });
    const entry = (resource: object, url: string) => ({ resource, request: { method: 'POST', url } });
    const conforming = patient('named', { name });
    const body = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        ...Array.from({ length: 20 }, () => entry(slow, 'Patient')),
        ...Array.from({ length: 20 }, () => entry(slow, 'Patient/$validate')),
        entry(conforming, 'Patient'),
        entry({ resourceType: 'Patient' }, 'Patient'),
      ],
    };
    const { json, status } = await server.ask('POST', '', { body });
    const told = (json as unknown as Bundle).entry!;
    const codes = told.map(({ response, resource }) => {
      const outcome = (resource?.resourceType === 'OperationOutcome' ? resource : response!.outcome) as OperationOutcome | undefined;
      return `${response!.status.slice(0, 3)} ${outcome?.issue[0]?.code}`;
    });
    expect([status, new Set(codes.slice(0, 20)), new Set(codes.slice(20, 40))]).toEqual([
      200,
      new Set(['422 too-costly']),
      new Set(['200 too-costly']),
    ]);
    expect(codes.slice(40)).toEqual(['201 undefined', '201 undefined']);
    // The next request has a budget of its own.
    expect((await post(conforming)).status).toBe(201);
  });
});
