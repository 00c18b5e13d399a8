// https://hl7.org/fhir/R4/elementdefinition.html, https://hl7.org/fhir/R4/resourcelist.html
import { expect, test } from '@jest/globals';
import { resourceTypes } from '../../../src/fhir/model/r4.ts';
import { elementsOf, isPrimitive, typesOf } from '../../../src/fhir/profile/elements.ts';
import { primitives } from '../../../src/fhir/profile/primitives.ts';

test('all resource types are known, Parameters too', () => {
  expect(typesOf('resource').sort()).toEqual([...resourceTypes, 'Parameters'].sort());
});

test('choices are spread out to their property names', () => {
  const value = [...elementsOf('Observation')].filter(([, e]) => e.path === 'Observation.value[x]');
  expect(value.map(([name]) => name)).toContain('valueQuantity');
  expect(value).toHaveLength(11);
  expect(elementsOf('Observation').get('valueQuantity')).toEqual({
    path: 'Observation.value[x]',
    type: 'Quantity',
    primitive: false,
    array: false,
    required: false,
    summary: true,
    choice: true,
  });
});

test('groups, contentReferences, resources and references say where to go on', () => {
  expect(elementsOf('Patient').get('contact')).toMatchObject({ type: 'Patient.contact', array: true, primitive: false });
  expect(elementsOf('Patient.contact').get('name')).toMatchObject({ type: 'HumanName', array: false });
  expect(elementsOf('Observation.component').get('referenceRange')).toMatchObject({ type: 'Observation.referenceRange' });
  expect(elementsOf('Bundle.entry').get('resource')).toMatchObject({ type: 'Resource' });
  expect(elementsOf('Patient').get('contained')).toMatchObject({ type: 'Resource', array: true });
  expect(elementsOf('Patient').get('managingOrganization')).toMatchObject({ type: 'Reference', targets: ['Organization'] });
  expect(elementsOf('Patient').get('id')).toMatchObject({ type: 'id', primitive: true });
});

test('every type that an element names can be asked for in turn, until the primitives', () => {
  const seen = new Set<string>();
  const visit = (type: string): void => {
    if (seen.has(type)) return;
    seen.add(type);
    const elements = elementsOf(type);
    expect({ type, elements: elements.size > 0 }).toEqual({ type, elements: true });
    for (const element of elements.values()) {
      if (element.primitive) expect(Object.keys(primitives)).toContain(element.type);
      else if (element.type !== 'Resource') visit(element.type);
    }
  };
  for (const type of typesOf('resource')) visit(type);
  expect(seen.size).toBeGreaterThan(500);
});

test('what R4 has not is empty', () => {
  for (const type of ['Foo', 'MetadataResource', 'SubscriptionStatus', '', '__proto__', 'http://hl7.org/fhir/ValueSet/address-use'])
    expect(elementsOf(type).size).toBe(0);
  expect(isPrimitive('dateTime')).toBe(true);
  expect(isPrimitive('HumanName')).toBe(false);
});
