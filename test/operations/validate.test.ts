// docs/operation/validate.md, https://hl7.org/fhir/R4/resource-operation-validate.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { openWhole, type Told, type Whole } from '../http/whole.ts';

let server: Whole;
const url = 'http://example.org/StructureDefinition/named-patient';
const patient = { resourceType: 'Patient', identifier: [{ system: 'urn:validate', value: '1' }] };

const profile = {
  resourceType: 'StructureDefinition',
  url,
  name: 'NamedPatient',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: {
    element: [
      {
        id: 'Patient',
        path: 'Patient',
        constraint: [{ key: 'np-1', severity: 'warning', human: 'Better with a birth date.', expression: 'birthDate.exists()' }],
      },
      { id: 'Patient.name', path: 'Patient.name', min: 1 },
      { id: 'Patient.active', path: 'Patient.active', min: 1, fixedBoolean: true },
    ],
  },
};

beforeAll(async () => {
  server = await openWhole();
  expect((await server.ask('POST', 'StructureDefinition', { body: profile })).status).toBe(201);
}, 60_000);
afterAll(() => server.close());

/** severity, code and expression of each issue. */
const issues = (told: Told): unknown[] => {
  expect(told.status).toBe(200);
  return (told.json as unknown as OperationOutcome).issue.map(one => [one.severity, one.code, ...(one.expression ?? [])]);
};
const fine = [['information', 'informational']];
const post = (path: string, body: object) => server.ask('POST', path, { body });
const call = (path: string, resource: object | undefined, more: Record<string, string> = {}) =>
  post(path, {
    resourceType: 'Parameters',
    parameter: [
      ...(resource === undefined ? [] : [{ name: 'resource', resource }]),
      ...Object.entries(more).map(([name, value]) => ({ name, [name === 'profile' ? 'valueUri' : 'valueCode']: value })),
    ],
  });

test('a resource as body or as parameter: no issues were found', async () => {
  expect(issues(await post('Patient/$validate', patient))).toEqual(fine);
  expect(issues(await call('Patient/$validate', patient))).toEqual(fine);
  expect(issues(await call('Patient/$validate', patient, { mode: 'create' }))).toEqual(fine);
});

test('every finding is told, with its place, and nothing is stored', async () => {
  const before = (await server.ask('GET', 'Patient?_summary=count')).json as unknown as { total: number };
  const told = await post('Patient/$validate', { ...patient, gender: 'femal', birthDate: '2020-02-31', colour: 'red' });
  expect(issues(told)).toEqual([
    ['error', 'code-invalid', 'Patient.gender'],
    ['error', 'value', 'Patient.birthDate'],
    ['error', 'structure', 'Patient.colour'],
  ]);
  expect((told.json as unknown as OperationOutcome).issue[0]!.location).toEqual(['Patient.gender']);
  expect(((await server.ask('GET', 'Patient?_summary=count')).json as unknown as { total: number }).total).toBe(before.total);
});

test('profile: the one that is asked for is held too; warnings are told beside errors', async () => {
  expect(issues(await call('Patient/$validate', patient, { profile: url }))).toEqual([
    ['warning', 'invariant', 'Patient'],
    ['error', 'required', 'Patient.active'],
    ['error', 'required', 'Patient.name'],
  ]);
  const good = { ...patient, active: true, birthDate: '1990-01-01', name: [{ text: 'x' }] };
  expect(issues(await call('Patient/$validate', good, { profile: url }))).toEqual(fine);
  expect(issues(await server.ask('POST', `Patient/$validate?profile=${encodeURIComponent(url)}`, { body: good }))).toEqual(fine);
  expect(issues(await call('Patient/$validate', { ...good, active: false }, { profile: url }))).toEqual([
    ['error', 'value', 'Patient.active'],
  ]);
});

test('profile: one that is not known here is an error where it is asked for, and a word about it where the resource names it', async () => {
  const unknown = 'http://example.org/StructureDefinition/nowhere';
  expect(issues(await call('Patient/$validate', patient, { profile: unknown }))).toEqual([['error', 'not-found', 'Patient']]);
  expect(issues(await call('Patient/$validate', { ...patient, meta: { profile: [unknown] } }))).toEqual([
    ['information', 'not-found', 'Patient.meta.profile'],
  ]);
});

test('on an instance: what is stored; by GET too', async () => {
  const id = await server.create(patient);
  expect(issues(await server.ask('GET', `Patient/${id}/$validate`))).toEqual(fine);
  expect(issues(await server.ask('GET', `Patient/${id}/$validate?profile=${encodeURIComponent(url)}`))).toHaveLength(3);
  expect(issues(await call(`Patient/${id}/$validate`, undefined, { profile: url, mode: 'profile' }))).toHaveLength(3);
  expect((await server.ask('GET', 'Patient/nobody/$validate')).status).toBe(404);
  await server.ask('DELETE', `Patient/${id}`);
  expect((await server.ask('GET', `Patient/${id}/$validate`)).status).toBe(410);
});

test('mode update: the id in the resource is that of the URL', async () => {
  const id = await server.create(patient);
  expect(issues(await call(`Patient/${id}/$validate`, { ...patient, id }, { mode: 'update' }))).toEqual(fine);
  expect(issues(await call(`Patient/${id}/$validate`, { ...patient, id: 'other' }, { mode: 'update' }))).toEqual([
    ['error', 'invalid', 'Patient.id'],
  ]);
});

test('mode delete: whether it is there and may be deleted; it stays', async () => {
  const id = await server.create(patient);
  expect(issues(await call(`Patient/${id}/$validate`, undefined, { mode: 'delete' }))).toEqual(fine);
  expect((await server.ask('GET', `Patient/${id}`)).status).toBe(200);
  expect(issues(await call('Patient/nobody/$validate', undefined, { mode: 'delete' }))).toEqual([['error', 'not-found', 'Patient']]);
  const told = await server.ask('POST', `Patient/${id}/$validate?mode=delete`, { client: 'hospital-1' });
  expect(issues(told)).toEqual([['error', 'not-found', 'Patient']]);
});

test('what a client may not do it is told', async () => {
  const definition = { ...profile, url: 'http://example.org/StructureDefinition/another' };
  const told = await server.ask('POST', 'StructureDefinition/$validate?mode=create', { body: definition, client: 'hospital-1' });
  expect(issues(told)).toEqual([['error', 'forbidden', 'StructureDefinition']]);
});

test('a StructureDefinition is looked at as a definition, too', async () => {
  const broken = {
    ...profile,
    differential: {
      element: [
        { id: 'Patient', path: 'Patient' },
        { id: 'Patient.colour', path: 'Patient.colour', min: 1 },
      ],
    },
  };
  expect(issues(await post('StructureDefinition/$validate', broken))).toEqual([
    ['error', 'business-rule', 'StructureDefinition.differential.element[1]'],
  ]);
});

test.each<[string, string, object | undefined, Record<string, string>]>([
  ['an unknown mode', 'Patient/$validate', patient, { mode: 'destroy' }],
  ['mode create on an instance', 'Patient/1/$validate', patient, { mode: 'create' }],
  ['mode update on a type', 'Patient/$validate', patient, { mode: 'update' }],
  ['mode delete on a type', 'Patient/$validate', undefined, { mode: 'delete' }],
  ['mode profile without a profile', 'Patient/1/$validate', undefined, { mode: 'profile' }],
  ['mode profile on a type', 'Patient/$validate', undefined, { mode: 'profile', profile: url }],
  ['mode profile with a resource', 'Patient/1/$validate', patient, { mode: 'profile', profile: url }],
  ['a parameter that is not known', 'Patient/$validate', patient, { colour: 'red' }],
  ['no resource', 'Patient/$validate', undefined, {}],
])('%s: 400', async (_, path, resource, more) => {
  const told = await call(path, resource, more);
  expect([told.status, (told.json as unknown as OperationOutcome).issue[0]!.code]).toEqual([400, 'invalid']);
});

test('another type than the URL says is an error', async () => {
  expect(issues(await call('Observation/$validate', patient))).toEqual([['error', 'invalid', 'resourceType']]);
});
