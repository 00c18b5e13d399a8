// https://hl7.org/fhir/R4/http.html#Status-Codes, https://hl7.org/fhir/R4/valueset-issue-type.html: each row of the error table is met by a request
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { type ProblemKind, problems } from '../../src/fhir/model/outcome.ts';
import { openWhole, type Whole } from './whole.ts';
import { limits, startWire } from './wire.ts';

let server: Whole;
/** A second one, which refuses references to nothing. */
let strict: Whole;
const patient = { resourceType: 'Patient', identifier: [{ system: 'urn:errors', value: 'twice' }] };
const objector = { system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: 'errors' };
beforeAll(async () => {
  [server, strict] = [await openWhole(), await openWhole('--referential-integrity', 'true')];
  // Ten persons, the fewest of whom anything is counted, and one of them twice.
  for (let i = 0; i < 9; i++) await server.create({ ...patient, identifier: [{ system: 'urn:errors', value: `p${i}` }] });
  for (let i = 0; i < 2; i++) await server.create(patient);
});
afterAll(() => Promise.all([server.close(), strict.close()]));

interface Met {
  readonly status: number;
  readonly json: unknown;
}

const get = (path: string, headers: Record<string, string> = {}) => server.ask('GET', path, { headers });
const post = (body: object | string, headers: Record<string, string> = {}) => server.ask('POST', 'Patient', { body, headers });
const at = (path: string, body: object, client = 'tester') => server.ask('POST', path, { body, client });
const observation = (subject: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  subject: { reference: subject },
});

/** What no request to a whole server can bring about at will: the wire with a room that fails so. */
async function onWire(dispatch: Parameters<typeof startWire>[0], most: Partial<typeof limits> = {}, first = 0): Promise<Met> {
  const wire = await startWire(dispatch, { limits: { ...limits, ...most } });
  try {
    const before = Array.from({ length: first }, () => wire.fetch('/Patient/1').catch(() => undefined));
    while (wire.asked.length < first) await new Promise(resolve => setTimeout(resolve, 5));
    const response = await wire.fetch('/Patient/1');
    const met = { status: response.status, json: await response.json() };
    await wire.close();
    await Promise.all(before);
    return met;
  } finally {
    await wire.close();
  }
}

const slowly = () => new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error('late')), 300));

/** Kind → a request that meets it, and what its text must say where status and code are another row's too. */
const meets: Readonly<Record<ProblemKind, readonly [request: () => Promise<Met>, text?: RegExp]>> = {
  'invalid-json': [() => post('{'), /JSON/],
  'invalid-xml': [() => post('<Patient', { 'content-type': 'application/fhir+xml' }), /XML/],
  'too-deep': [() => post(`{"resourceType":"Patient","a":${'['.repeat(100)}${']'.repeat(100)}}`), /deeply/],
  'invalid-structure': [() => post({ ...patient, colour: 'red' }), /colour/],
  'invalid-value': [() => post({ ...patient, birthDate: '2020-02-31' })],
  'invalid-request': [() => at('', patient), /Bundle/],
  'invalid-parameter': [() => get('Patient?nmae=x'), /parameter/],
  login: [() => server.ask('GET', 'Patient', { client: '' })],
  forbidden: [() => server.ask('GET', 'Patient', { client: 'operator' })],
  'not-found': [() => get('Patient/nobody')],
  'unknown-type': [() => get('Patiant')],
  'method-not-allowed': [() => server.ask('DELETE', 'metadata')],
  'not-acceptable': [() => get('Patient', { accept: 'image/png' })],
  conflict: [
    async () => {
      const identifier = { system: 'urn:errors', value: randomUUID() };
      const bundle = (entries: number) => ({
        resourceType: 'Bundle',
        type: 'transaction',
        identifier,
        entry: new Array(entries).fill({
          resource: { resourceType: 'Basic', code: { text: 'x' } },
          request: { method: 'POST', url: 'Basic' },
        }),
      });
      await at('', bundle(1));
      return at('', bundle(2));
    },
  ],
  deleted: [
    async () => {
      const id = await server.create(patient);
      await server.ask('DELETE', `Patient/${id}`);
      return get(`Patient/${id}`);
    },
  ],
  'precondition-failed': [() => server.ask('DELETE', 'Patient')],
  'multiple-matches': [() => server.ask('PUT', 'Patient?identifier=urn:errors|twice', { body: patient })],
  'too-long': [() => at('', { resourceType: 'Bundle', type: 'batch', entry: new Array(20_001).fill({}) })],
  'uri-too-long': [() => get(`Patient?name=${'a'.repeat(8192)}`)],
  'unsupported-media-type': [() => post('{}', { 'content-type': 'text/plain' })],
  required: [() => at('Observation', { resourceType: 'Observation', status: 'final' })],
  'code-invalid': [() => post({ ...patient, gender: 'femal' })],
  invariant: [() => post({ ...patient, contact: [{ gender: 'male' }] }), /pat-1/],
  'unsafe-narrative': [
    () => post({ ...patient, text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><script/></div>' } }),
    /txt-1/,
  ],
  'not-in-profile': [() => post({ ...patient, meta: { profile: ['http://hl7.org/fhir/StructureDefinition/Person'] } }), /profile/],
  'value-not-in-profile': [
    () =>
      at('Observation', {
        ...observation('Patient/1'),
        meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bodyweight'] },
        category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }],
        code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
        effectiveDateTime: '2024-01-01',
        valueQuantity: { value: 60, unit: 'kg', system: 'http://example.org/units', code: 'kg' },
      }),
    /fixed/,
  ],
  'reference-type': [() => at('Observation', observation('Medication/1'))],
  'dangling-reference': [() => strict.ask('POST', 'Observation', { body: observation('Patient/nobody') })],
  'business-rule': [() => at('Patient', { ...patient, identifier: [objector] }, 'hospital-1')],
  unprocessable: [
    async () => {
      const id = await server.create(patient);
      return await server.ask('PATCH', `Patient/${id}`, {
        body: JSON.stringify([{ op: 'test', path: '/active', value: true }]),
        headers: { 'content-type': 'application/json-patch+json' },
      });
    },
  ],
  'too-costly': [
    () =>
      at(
        '$deidentify',
        {
          resourceType: 'Parameters',
          parameter: [
            { name: 'study', valueReference: { reference: 'ResearchStudy/sandbox-active' } },
            { name: 'cohort', valueString: 'Patient?' },
            { name: 'output', valueCode: 'summary' },
            {
              name: 'measure',
              resource: {
                resourceType: 'Measure',
                status: 'draft',
                group: Array.from({ length: 401 }, () => ({
                  population: [{ criteria: { language: 'application/x-fhir-query', expression: 'Patient?' } }],
                })),
              },
            },
          ],
        },
        'researcher-1',
      ),
  ],
  exception: [() => onWire(async () => Promise.reject(new TypeError('a bug')))],
  unavailable: [() => onWire(slowly, { maxInFlight: 1 }, 1)],
  timeout: [() => onWire(slowly, { requestTimeoutMs: 50 })],
};

test.each(Object.keys(problems) as ProblemKind[])('%s', async kind => {
  const { status, code } = problems[kind];
  const [request, text = /./] = meets[kind];
  const met = await request();
  const [issue] = (met.json as OperationOutcome).issue;
  expect([met.status, issue!.severity, issue!.code]).toEqual([status, 'error', code]);
  expect(issue!.details!.text).toMatch(text);
});
