// https://hl7.org/fhir/R4/http.html#capabilities, https://hl7.org/fhir/R4/capabilitystatement.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CapabilityStatement, TerminologyCapabilities } from '@medplum/fhirtypes';
import { resourceTypes } from '../../../src/fhir/model/r4.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { limited, open, type Server, tester } from './parts.ts';

let server: Server;
let statement: CapabilityStatement;
beforeAll(async () => {
  const operations = [
    { name: 'deidentify', definition: 'https://noren.example/fhir/OperationDefinition/deidentify' },
    {
      name: 'expand',
      definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand',
      documentation: 'Expands.',
      system: false,
      types: ['ValueSet'],
    },
    {
      name: 'meta',
      definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta',
      documentation: 'Summarizes.',
      system: true,
      types: ['Resource'],
    },
  ];
  server = await open({ capabilities: { version: '1.2.3', date: '2026-01-31', operations } });
  statement = (await server.call('GET', 'metadata', { as: limited({}) })).body as unknown as CapabilityStatement;
});
afterAll(() => server.close());

test('capabilities: R4 in JSON, every type, versions and conditions as they are, the operations handed in', () => {
  expect(statement).toMatchObject({ fhirVersion: '4.0.1', kind: 'instance', status: 'active', software: { version: '1.2.3' } });
  const [rest] = statement.rest!;
  expect(rest!.resource!.map(r => r.type)).toEqual(resourceTypes);
  expect(rest!.operation).toEqual([
    { name: 'deidentify', definition: 'https://noren.example/fhir/OperationDefinition/deidentify' },
    { name: 'meta', definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta', documentation: 'Summarizes.' },
  ]);
  const at = (type: string) => rest!.resource!.find(r => r.type === type)!.operation!.map(({ name }) => name);
  expect([at('ValueSet'), at('Patient')]).toEqual([['expand', 'meta'], ['meta']]);
  expect(rest!.interaction!.map(i => i.code)).toEqual(['transaction', 'batch', 'search-system', 'history-system']);
  expect(rest!.security!.service![0]!.coding![0]!.code).toBe('SMART-on-FHIR');
  const patient = rest!.resource!.find(r => r.type === 'Patient')!;
  expect(patient.searchParam!.find(p => p.name === 'birthdate')).toMatchObject({
    type: 'date',
    definition: 'http://hl7.org/fhir/SearchParameter/individual-birthdate',
  });
  expect(patient.searchInclude).toEqual(expect.arrayContaining(['*', 'Patient:organization']));
  expect(rest!.searchParam!.map(p => p.name)).toEqual(expect.arrayContaining(['_id', '_has', '_summary', '_total']));
});

test('capabilities: what an operation does is said once: of all types at the base, of some types at those', () => {
  const at = (type: string) => statement.rest![0]!.resource!.find(r => r.type === type)!.operation;
  const meta = { name: 'meta', definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta' };
  expect(at('Patient')).toEqual([meta]);
  expect(at('ValueSet')).toEqual([
    { name: 'expand', definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand', documentation: 'Expands.' },
    meta,
  ]);
});

test('capabilities: a valid resource, the same bytes each time', async () => {
  expect(validate(JSON.parse(JSON.stringify(statement)))).toEqual([]);
  const ask = async () => (await server.dispatch({ method: 'GET', path: 'metadata', query: [], headers: {} }, tester)).bytes![0];
  expect(await ask()).toBe(await ask());
});

test('capabilities: an ETag that goes with what is said, and 304 to who has it', async () => {
  const tag = async (url: string) => (await server.call('GET', url)).headers!['ETag']!;
  const whole = await tag('metadata');
  expect([whole, await tag('metadata')]).toEqual([expect.stringMatching(/^W\/"[\w-]{22}"$/), whole]);
  expect(await tag('metadata?mode=terminology')).not.toBe(whole);
  const told = await server.call('GET', 'metadata', { headers: { 'if-none-match': `W/"x", ${whole}` } });
  expect([told.status, told.headers]).toEqual([304, { ETag: whole }]);
  expect((await server.call('GET', 'metadata', { headers: { 'if-none-match': 'W/"x"' } })).status).toBe(200);
  expect((await server.call('GET', 'metadata', { headers: { 'if-none-match': 'x' } })).status).toBe(400);
});

test('capabilities: _elements and _summary cut it, mode may say full; what cannot be used is refused', async () => {
  const about = (query: string) => server.call('GET', `metadata?${query}`);
  const cut = (await about('_elements=software')).body;
  expect(cut).toMatchObject({ software: { version: '1.2.3' }, meta: { tag: [{ code: 'SUBSETTED' }] } });
  expect(Object.hasOwn(cut, 'rest')).toBe(false);
  expect((await about('mode=full&_pretty=true&_format=json')).body).toEqual(statement);
  for (const query of ['_elements=', '_summary=abc', '_pretty=abc', 'mode=other', 'mode=full&mode=terminology', 'name=x'])
    expect([query, (await about(query)).status]).toEqual([query, 400]);
});

test('capabilities: mode=terminology tells the code systems that the specification defines, and what $expand takes', async () => {
  const { body } = await server.call('GET', 'metadata?mode=terminology', { as: limited({}) });
  expect(validate(JSON.parse(JSON.stringify(body)))).toEqual([]);
  const told = body as unknown as TerminologyCapabilities;
  expect(told).toMatchObject({
    resourceType: 'TerminologyCapabilities',
    software: { version: '1.2.3' },
    expansion: { hierarchical: true, paging: true },
  });
  const gender = told.codeSystem!.find(({ uri }) => uri === 'http://hl7.org/fhir/administrative-gender');
  expect(gender).toEqual({
    uri: 'http://hl7.org/fhir/administrative-gender',
    version: [{ code: '4.0.1', isDefault: true }],
    subsumption: false,
  });
  expect(told.expansion!.parameter!.map(({ name }) => name)).toEqual(expect.arrayContaining(['filter', 'count', 'displayLanguage']));
  const cut = (await server.call('GET', 'metadata?mode=terminology&_elements=software')).body;
  expect(Object.hasOwn(cut, 'codeSystem')).toBe(false);
});

test('capabilities: every search parameter that is named is taken by a search, every include too', async () => {
  for (const type of ['Patient', 'Observation', 'Location', 'ValueSet', 'Consent']) {
    const resource = statement.rest![0]!.resource!.find(r => r.type === type)!;
    for (const { name } of [...resource.searchParam!, ...statement.rest![0]!.searchParam!]) {
      expect([`${type}?${name}:missing`, (await server.call('GET', `${type}?${name}:missing=true`)).status]).toEqual([
        `${type}?${name}:missing`,
        // Words, filters, other resources, summaries and totals have nothing that could be missing.
        ['_text', '_content', '_filter', '_has', '_summary', '_total'].includes(name!) ? 400 : 200,
      ]);
    }
    for (const include of resource.searchInclude ?? [])
      expect([include, (await server.call('GET', `${type}?_include=${include}`)).status]).toEqual([include, 200]);
  }
});

/** What calls each interaction of R4 that is about a type, or the system. */
const requests: Record<string, readonly ['GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', string, unknown?]> = {
  update: ['PUT', 'Basic/x', { resourceType: 'Basic', id: 'x', code: { text: 'x' } }],
  create: ['POST', 'Basic', { resourceType: 'Basic', code: { text: 'x' } }],
  patch: ['PATCH', 'Basic/x', { resourceType: 'Parameters' }],
  read: ['GET', 'Basic/x'],
  vread: ['GET', 'Basic/x/_history/1'],
  'history-instance': ['GET', 'Basic/x/_history'],
  'history-type': ['GET', 'Basic/_history'],
  'search-type': ['GET', 'Basic'],
  delete: ['DELETE', 'Basic/x'],
  'search-system': ['GET', '?_type=Basic'],
  'history-system': ['GET', '_history'],
  transaction: ['POST', '', { resourceType: 'Bundle', type: 'transaction' }],
  batch: ['POST', '', { resourceType: 'Bundle', type: 'batch' }],
};

test('capabilities: each interaction that is stated is served, and each that is served is stated', async () => {
  const [rest] = statement.rest!;
  for (const { interaction } of rest!.resource!) expect(interaction).toEqual(rest!.resource![0]!.interaction);
  const codes: string[] = [...rest!.resource![0]!.interaction!, ...rest!.interaction!].map(i => i.code!);
  expect(new Set(codes).size).toBe(codes.length);
  for (const [code, [method, url, body]] of Object.entries(requests)) {
    const { status } = await server.call(method, url, { body });
    expect([code, Math.floor(status / 100) === 2]).toEqual([code, codes.includes(code)]);
  }
  expect(codes.filter(code => !Object.hasOwn(requests, code))).toEqual([]);
});

test('capabilities: what may be included is taken by a search, from the other end too; every compartment is searched', async () => {
  const [rest] = statement.rest!;
  const patients = rest!.resource!.find(r => r.type === 'Patient')!;
  expect(patients.searchRevInclude).toEqual(expect.arrayContaining(['*', 'Observation:subject', 'Provenance:target', 'Patient:link']));
  expect(patients.searchRevInclude).not.toContain('Observation:encounter');
  for (const include of patients.searchRevInclude!.slice(0, 60))
    expect([include, (await server.call('GET', `Patient?_revinclude=${include}`)).status]).toEqual([include, 200]);
  expect(rest!.compartment).toHaveLength(5);
  for (const url of rest!.compartment!) {
    const type = url
      .split('/')
      .at(-1)!
      .replace(/^./, one => one.toUpperCase());
    // Of what is not there; another path answers that there is no such thing as this.
    const [issue] = (await server.call('GET', `${type}/x/*`)).body['issue'] as { code: string }[];
    expect([type, issue!.code]).toEqual([type, 'not-found']);
  }
});
