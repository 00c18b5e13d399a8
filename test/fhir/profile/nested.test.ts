// https://hl7.org/fhir/R4/references.html#contained, https://hl7.org/fhir/R4/bundle.html, https://hl7.org/fhir/R4/parameters.html
import { expect, test } from '@jest/globals';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { observation, patient } from './good.ts';

const found = (resource: unknown): string[] =>
  validate(resource).map(f => `${/^[a-z]+-\d+/.exec(f.text ?? '')?.[0] ?? f.kind} ${f.expression ?? ''}`);
const bad = { ...patient(), gender: 'femal' };

test('findings in a Bundle name the entry, in nested ones too', () => {
  const entry = { resource: bad, request: { method: 'POST', url: 'Patient' } };
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [{ ...entry, resource: patient() }, entry] };
  expect(found(bundle)).toEqual(['code-invalid Bundle.entry[1].resource.gender']);
  expect(found({ resourceType: 'Bundle', type: 'collection', entry: [{ resource: bundle }] })).toEqual([
    'code-invalid Bundle.entry[0].resource.entry[1].resource.gender',
  ]);
});

test('findings in Parameters name the parameter', () => {
  const parameters = { resourceType: 'Parameters', parameter: [{ name: 'data', part: [{ name: 'x', resource: bad }] }] };
  expect(found(parameters)).toEqual(['code-invalid Parameters.parameter[0].part[0].resource.gender']);
});

test('an entry that is no resource is refused', () => {
  const bundle = (resource: unknown): unknown => ({ resourceType: 'Bundle', type: 'collection', entry: [{ resource }] });
  expect(found(bundle({ resourceType: 'Foo' }))).toEqual(['invalid-structure Bundle.entry[0].resource.resourceType']);
  expect(found(bundle({ id: 'x' }))).toEqual(['invalid-structure Bundle.entry[0].resource.resourceType']);
  expect(found(bundle(null))).toEqual(['invalid-structure Bundle.entry[0].resource']);
  expect(found(bundle([]))).toEqual(['invalid-structure Bundle.entry[0].resource']);
});

test('Bundle rules', () => {
  const bundle = (more: object): string[] => found({ resourceType: 'Bundle', type: 'collection', ...more });
  expect(bundle({ total: 1 })).toEqual(['bdl-1 Bundle']);
  expect(bundle({ entry: [{ fullUrl: 'urn:x' }] })).toEqual(['bdl-5 Bundle.entry[0]']);
  expect(bundle({ entry: [{ resource: patient(), request: { method: 'POST', url: 'Patient' } }] })).toEqual(['bdl-3 Bundle']);
  expect(bundle({ type: 'transaction', entry: [{ resource: patient() }] })).toEqual(['bdl-3 Bundle']);
  expect(bundle({ entry: [1, 2].map(() => ({ fullUrl: 'urn:x:1', resource: patient() })) })).toEqual(['bdl-7 Bundle']);
  expect(bundle({ type: 'document', entry: [{ resource: patient() }] })).toEqual(['bdl-9 Bundle', 'bdl-10 Bundle', 'bdl-11 Bundle']);
});

test('contained resources: dom-2 to dom-5', () => {
  const withContained = (one: object, reference = '#p'): string[] =>
    found({ ...observation(), contained: [{ resourceType: 'Patient', id: 'p', ...one }], subject: { reference } });
  expect(withContained({})).toEqual([]);
  expect(withContained({ contained: [{ resourceType: 'Organization', id: 'o', name: 'O' }] })).toContain(
    'dom-2 Observation.contained[0].contained',
  );
  expect(withContained({}, 'Patient/1')).toEqual(['dom-3 Observation.contained[0]']);
  expect(withContained({ id: undefined }, 'Patient/1')).toEqual(['dom-3 Observation.contained[0]']);
  expect(withContained({ meta: { versionId: '1' } })).toEqual(['dom-4 Observation.contained[0].meta']);
  expect(withContained({ meta: { security: [{ code: 'x' }] } })).toEqual(['dom-5 Observation.contained[0].meta']);
  expect(withContained({ gender: 'femal' })).toEqual(['code-invalid Observation.contained[0].gender']);
});

test('each entry has its own contained resources', () => {
  const entry = (reference: string, contained?: unknown[]): unknown => ({
    resource: { ...observation(), subject: { reference }, ...(contained && { contained }) },
  });
  const bundle = { resourceType: 'Bundle', type: 'collection', entry: [entry('#p', [{ resourceType: 'Patient', id: 'p' }]), entry('#p')] };
  expect(found(bundle)).toEqual(['ref-1 Bundle.entry[1].resource.subject.reference']);
});
