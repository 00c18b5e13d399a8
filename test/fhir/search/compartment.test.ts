// https://hl7.org/fhir/R4/compartmentdefinition-patient.html
import { expect, test } from '@jest/globals';
import { resourceTypes } from '../../../src/fhir/model/r4.ts';
import { patientCompartment } from '../../../src/fhir/search/compartment.ts';
import { searchParameters } from '../../../src/fhir/search/parameters.ts';

test('compartment: an Observation belongs to its subject and performer, and not to its focus', () => {
  expect(patientCompartment('Observation')).toEqual(['subject', 'performer']);
});

test('compartment: a Patient belongs by link; an Immunization by patient; an Encounter too; a Medication and a Task to nobody', () => {
  expect(patientCompartment('Patient')).toEqual(['link']);
  expect(patientCompartment('Immunization')).toEqual(['patient']);
  expect(patientCompartment('Encounter')).toEqual(['patient']);
  expect(patientCompartment('Medication')).toEqual([]);
  expect(patientCompartment('Task')).toEqual([]);
  expect(patientCompartment('Nonsense')).toEqual([]);
});

test('compartment: every code is a reference parameter of its type that can lead to a Patient', () => {
  const wrong = resourceTypes.flatMap(type =>
    patientCompartment(type)
      .filter(code => {
        const parameter = searchParameters(type).get(code);
        return parameter?.type !== 'reference' || !parameter.targets.includes('Patient');
      })
      .map(code => `${type}.${code}`),
  );
  expect(wrong).toEqual([]);
});
