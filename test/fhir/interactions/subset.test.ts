// https://hl7.org/fhir/R4/search.html#summary, https://hl7.org/fhir/R4/search.html#elements
import { expect, test } from '@jest/globals';
import { partOf } from '../../../src/fhir/interactions/subset.ts';

const body = {
  resourceType: 'Observation',
  id: '1',
  status: 'final',
  _status: { extension: [{ url: 'urn:e', valueString: 'x' }] },
  code: { text: 'c', coding: [{ code: 'x' }] },
  referenceRange: [{ text: 'r' }],
  component: [{ code: { text: 'k' }, valueString: 'v', interpretation: [{ text: 'i' }], referenceRange: [{ text: 'r' }] }],
};
const tag = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }];

test('_summary=true keeps the summary elements, inside groups too; data types are whole', () => {
  expect(partOf(body, { summary: 'true', elements: [] })).toEqual({
    resourceType: 'Observation',
    id: '1',
    meta: { tag },
    status: 'final',
    _status: body._status,
    code: body.code,
    component: [{ code: { text: 'k' }, valueString: 'v' }],
  });
});

test('_elements keeps what is named and what is mandatory; a resource that had tags keeps them', () => {
  const tagged = { ...body, meta: { tag: [{ code: 'own' }] } };
  expect(partOf(tagged, { summary: 'false', elements: ['referenceRange', 'nothing'] })).toEqual({
    resourceType: 'Observation',
    id: '1',
    meta: { tag: [{ code: 'own' }, ...tag] },
    status: 'final',
    _status: body._status,
    code: body.code,
    referenceRange: body.referenceRange,
  });
});

test('a type whose only mandatory element is none keeps its id', () => {
  expect(partOf({ resourceType: 'Patient', id: 'p', photo: [] }, { summary: 'true', elements: [] })).toEqual({
    resourceType: 'Patient',
    id: 'p',
    meta: { tag },
  });
});
