// https://hl7.org/fhir/R4/search.html#contained, https://hl7.org/fhir/R4/references.html#contained
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundle, issues, open, put, type Server, transaction } from './parts.ts';

const request = (id: string, medication: object, contained: readonly object[] = []) =>
  put({
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/p' },
    medicationReference: medication,
    ...(contained.length > 0 ? { contained } : {}),
  });
const abc = { itemCodeableConcept: { coding: [{ system: 'http://example.org/medications', code: 'abc' }] } };
const made = { identifier: [{ system: 'urn:m', value: '1' }], manufacturer: { reference: 'Organization/maker' } };

let server: Server;
beforeAll(async () => {
  server = await open();
  const body = transaction(
    put({ resourceType: 'Organization', id: 'maker', name: 'Maker' }),
    put({ resourceType: 'Medication', id: 'stored', ingredient: [abc], status: 'active' }),
    request('inside', { reference: '#m1' }, [{ resourceType: 'Medication', id: 'm1', ingredient: [abc], ...made }]),
    request('outside', { reference: 'Medication/stored' }),
    request('other', { reference: '#m1' }, [{ resourceType: 'Medication', id: 'm1', status: 'inactive' }]),
    request('nothing', { display: 'x' }),
  );
  expect((await server.call('POST', '', { body })).status).toBe(200);
});
afterAll(() => server.close());

const found = async (query: string) =>
  (bundle(await server.call('GET', query)).entry ?? [])
    .filter(({ search }) => search?.mode !== 'outcome')
    .map(({ resource }) => resource!.id)
    .sort();

test.each([
  ['medication.ingredient-code=abc', ['inside', 'outside']],
  ['medication.ingredient-code=http://example.org/medications|abc&_id=inside', ['inside']],
  ['medication:Medication.ingredient-code=xyz', []],
  ['medication.identifier=urn:m|1', ['inside']],
  ['medication.status:not=active', ['inside', 'other']],
  ['medication.status:missing=true', ['inside']],
  ['medication._id=m1', ['inside', 'other']],
  ['medication.manufacturer=Organization/maker', ['inside']],
  ['medication.manufacturer.name=maker', ['inside']],
  ['medication._lastUpdated=gt2000-01-01', ['outside']],
  ['_filter=medication[ingredient-code eq abc and identifier pr true].status pr false', ['inside']],
  ['medication:missing=true', ['nothing']],
  ['medication:missing=false', ['inside', 'other', 'outside']],
])('search: a chained condition is evaluated inside contained resources: %s', async (query, ids) => {
  expect(await found(`MedicationRequest?${query}`)).toEqual(ids);
});

test('search: a chain sees what is contained as it is now', async () => {
  const one = (id: string, code: string) =>
    request(id, { reference: '#m1' }, [{ resourceType: 'Medication', id: 'm1', code: { coding: [{ code }] } }]);
  await server.call('POST', '', { body: transaction(one('changing', 'before')) });
  expect(await found('MedicationRequest?medication.code=before')).toEqual(['changing']);
  await server.call('POST', '', { body: transaction(one('changing', 'after')) });
  expect([await found('MedicationRequest?medication.code=before'), await found('MedicationRequest?medication.code=after')]).toEqual([
    [],
    ['changing'],
  ]);
  await server.call('DELETE', 'MedicationRequest/changing');
  expect(await found('MedicationRequest?medication.code=after')).toEqual([]);
});

test('search: what is contained is no result, and brings nothing along', async () => {
  expect(await found('Medication?ingredient-code=abc')).toEqual(['stored']);
  expect(await found('Organization?_has:MedicationRequest:medication:_id=inside')).toEqual([]);
  expect(await found('MedicationRequest?_id=inside&_include=*')).toEqual(['inside']);
});

test('search: _contained=true and both are not served: 400, and left out with a warning where the client is lenient', async () => {
  for (const value of ['true', 'both']) {
    const query = `Medication?ingredient-code=abc&_contained=${value}&_containedType=container`;
    const strict = await server.call('GET', query);
    expect([strict.status, issues(strict)[0]!.at]).toEqual([400, 'http._contained']);
    const lenient = bundle(await server.call('GET', query, { headers: { prefer: 'handling=lenient' } }));
    expect(lenient.entry!.map(({ search }) => search!.mode)).toEqual(['match', 'outcome']);
    expect(lenient.link!.find(({ relation }) => relation === 'self')!.url).not.toContain('_contained=');
  }
  expect((await server.call('GET', 'Medication?_contained=perhaps', { headers: { prefer: 'handling=lenient' } })).status).toBe(400);
  expect(await found('Medication?ingredient-code=abc&_contained=false')).toEqual(['stored']);
});
