// https://hl7.org/fhir/R4/datatypes.html, https://hl7.org/fhir/R4/terminologies.html#required
import { expect, test } from '@jest/globals';
import { faultOf } from '../../../src/fhir/profile/value.ts';

test.each<[string, string, unknown]>([
  ['Patient', 'gender', 'unknown'],
  ['Patient', 'birthDate', '1970'],
  ['Patient', 'name', { family: '山田', use: 'official' }],
  ['Patient', 'active', false],
  ['Patient.contact', 'gender', 'other'],
  ['Observation', 'valueQuantity', { value: 1, unit: 'mg' }],
  ['Observation', 'valueString', 'x'],
  ['Observation', 'subject', { reference: 'Patient/1' }],
  ['Observation.referenceRange', 'low', { value: 1 }],
  ['Extension', 'valueCode', 'x'],
])('%s.%s may be %j', (parent, property, value) => expect(faultOf(parent, property, value)).toBeUndefined());

test.each<[string, string, unknown, string]>([
  ['Patient', 'gender', 'hidden', 'Patient.gender has a code that its required value set does not have.'],
  ['Patient', 'gender', { foo: 1 }, 'Patient.gender is an object where a JSON value belongs.'],
  ['Patient', 'birthDate', 'not a date', 'Patient.birthDate does not have the format of date.'],
  ['Patient', 'active', 'true', 'Patient.active does not have the format of boolean.'],
  ['Patient', 'name', { foo: 1 }, 'HumanName has no element foo.'],
  ['Patient', 'name', { family: 1 }, 'HumanName.family does not have the format of string.'],
  ['Patient', 'name', { use: 'x' }, 'HumanName.use has a code that its required value set does not have.'],
  ['Patient', 'name', [{ family: '山田' }], 'Patient.name is an array where a JSON object belongs.'],
  ['Patient', 'name', '山田', 'Patient.name is a single value where a JSON object belongs.'],
  ['Observation', 'component', { valueString: 'x' }, 'Observation.component.code is required.'],
  ['Observation', 'valueQuantity', { value: '1' }, 'Quantity.value does not have the format of decimal.'],
  ['Observation', 'valueInteger', 1.5, 'Observation.value[x] does not have the format of integer.'],
  ['Observation', 'subject', { reference: 'Medication/1' }, 'Observation.subject leads to a type that it does not allow.'],
  ['Observation.referenceRange', 'low', { value: 1, comparator: '<' }, 'sqty-1: Observation.referenceRange.low has no comparator.'],
  ['Patient', 'nickname', 'x', 'Patient has no element nickname.'],
  ['Pateint', 'gender', 'male', 'Pateint has no element gender.'],
])('%s.%s may not be %j', (parent, property, value, fault) => expect(faultOf(parent, property, value)).toBe(fault));
