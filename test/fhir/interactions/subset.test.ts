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

test('what changes the meaning of the rest stays in every part', () => {
  const changed = { ...body, implicitRules: 'http://e.org/rules', modifierExtension: [{ url: 'urn:m', valueBoolean: true }] };
  for (const wanted of [
    { summary: 'true', elements: [] },
    { summary: 'text', elements: [] },
    { summary: 'data', elements: [] },
    { summary: 'false', elements: ['code'] },
  ] as const)
    expect(partOf(changed, wanted)).toMatchObject({ implicitRules: changed.implicitRules, modifierExtension: changed.modifierExtension });
});

test('_summary=text keeps the narrative and what is mandatory, data all but the narrative', () => {
  const told = { ...body, text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' } };
  const keys = (summary: 'text' | 'data') => Object.keys(partOf(told, { summary, elements: [] })).sort();
  expect(keys('text')).toEqual(['_status', 'code', 'id', 'meta', 'resourceType', 'status', 'text']);
  expect(keys('data')).toEqual(['_status', 'code', 'component', 'id', 'meta', 'referenceRange', 'resourceType', 'status']);
});
