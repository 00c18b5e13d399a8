/** Resources that are valid, to be made invalid one thing at a time. */
import type { AnyResource } from '../../../src/fhir/model/r4.ts';

const div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>A &amp; B</p></div>';

export const patient = (): AnyResource & Record<string, never> =>
  ({
    resourceType: 'Patient',
    id: 'p1',
    text: { status: 'generated', div },
    identifier: [{ system: 'urn:oid:1.2.3', value: '007' }],
    active: true,
    name: [{ use: 'official', family: '山田', given: ['太郎', 'T'] }],
    gender: 'male',
    birthDate: '1970-01-31',
    contact: [{ name: { family: '山田' }, gender: 'female' }],
    communication: [{ language: { text: 'Japanese' }, preferred: true }],
    managingOrganization: { reference: 'Organization/1' },
  }) as never;

export const observation = (): AnyResource & Record<string, never> =>
  ({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '2339-0' }] },
    subject: { reference: 'Patient/p1' },
    effectiveDateTime: '2024-03-01T09:30:00+09:00',
    valueQuantity: { value: 97.4, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
    referenceRange: [{ low: { value: 70 }, high: { value: 110 } }],
    component: [{ code: { text: 'a part' }, valueString: 'x', referenceRange: [{ text: 'none' }] }],
  }) as never;
