// https://hl7.org/fhir/R4/references.html, https://hl7.org/fhir/R4/http.html#trules (conditional references)
import { expect, test } from '@jest/globals';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { cpuTime } from '../../cpu-time.ts';
import { observation, patient } from './good.ts';

const found = (resource: unknown): string[] => validate(resource).map(f => `${f.kind} ${f.expression ?? ''}`);
const managed = (reference: unknown, more: object = {}): string[] => found({ ...patient(), managingOrganization: reference, ...more });
const organization = { resourceType: 'Organization', id: 'o', name: 'O' };
const practitioner = { resourceType: 'Practitioner', id: 'o' };

test.each([
  { reference: 'Organization/1' },
  { reference: 'Organization/1/_history/2' },
  { reference: 'http://a.example/fhir/Organization/1' },
  { reference: 'https://a.example/Organization/1/_history/3' },
  { reference: 'http://a.example/anything' },
  // Leads nowhere; HL7's own validator takes it too.
  { reference: 'a-1.b' },
  { reference: 'urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7' },
  { reference: 'Organization?identifier=http://a.example|x' },
  { type: 'Organization', identifier: { value: 'x' } },
  { type: 'Organization', reference: 'Organization/1' },
  { type: 'http://hl7.org/fhir/StructureDefinition/Organization', display: 'O' },
  { display: 'somewhere' },
])('taken: %j', reference => expect(managed(reference)).toEqual([]));

test.each([
  [{ reference: 'Medication/1' }, 'reference'],
  [{ reference: 'http://a.example/fhir/Medication/1' }, 'reference'],
  [{ reference: 'Medication?code=x' }, 'reference'],
  [{ reference: 'organization/1' }, 'reference'],
  [{ reference: 'Nonsense/1' }, 'reference'],
  [{ reference: 'Organization/a b' }, 'reference'],
  [{ reference: 'Organization/../Patient/1' }, 'reference'],
  [{ type: 'Medication', identifier: { value: 'x' } }, 'type'],
  [{ type: 'Nonsense', display: 'x' }, 'type'],
  [{ type: 'Patient', reference: 'Organization/1' }, 'type'],
] as const)('refused: %j', (reference, place) =>
  expect(managed(reference)).toEqual([`reference-type Patient.managingOrganization.${place}`]),
);

test('a contained resource is looked up, and its type is held', () => {
  expect(managed({ reference: '#o' }, { contained: [organization] })).toEqual([]);
  expect(managed({ reference: '#o' }, { contained: [practitioner] })).toEqual(['reference-type Patient.managingOrganization.reference']);
  expect(managed({ reference: '#other' })).toEqual(['invariant Patient.managingOrganization.reference']);
});

test('a contained resource may refer to its container and to its neighbours', () => {
  const result = {
    ...observation(),
    contained: [{ ...patient(), id: 'p', managingOrganization: { reference: '#o' } }, organization],
    subject: { reference: '#p' },
  };
  expect(found(result)).toEqual([]);
  const back = { ...patient(), contained: [{ ...observation(), id: 'x', subject: { reference: '#' } }] };
  expect(found(back)).toEqual([]);
});

test('an element that allows any type takes any, but only of R4', () => {
  const list = (reference: string): unknown => ({
    resourceType: 'List',
    status: 'current',
    mode: 'working',
    entry: [{ item: { reference } }],
  });
  expect(found(list('Medication/1'))).toEqual([]);
  expect(found(list('Nonsense/1'))).toEqual(['reference-type List.entry[0].item.reference']);
});

test('a urn is known by the entry of its Bundle', () => {
  const urn = 'urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7';
  const bundle = (target: unknown): unknown => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ fullUrl: urn, resource: target }, { resource: { ...patient(), managingOrganization: { reference: urn } } }],
  });
  expect(found(bundle(organization))).toEqual([]);
  expect(found(bundle(practitioner))).toEqual(['reference-type Bundle.entry[1].resource.managingOrganization.reference']);
});

test('a reference made to keep a pattern busy is judged at once', () => {
  const start = cpuTime();
  managed({ reference: 'http://x' + '/a/b#'.repeat(150_000) + ' ' });
  managed({ reference: 'http://x' + '/a'.repeat(400_000) });
  managed({ reference: 'A'.repeat(1_000_000) });
  expect(cpuTime() - start).toBeLessThan(1000);
});
