// https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/validation.html, https://hl7.org/fhir/R4/formats.html#choice
import { describe, expect, test } from '@jest/globals';
import { problems } from '../../../src/fhir/model/outcome.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { observation, patient } from './good.ts';

const found = (resource: unknown): string[] => validate(resource).map(f => `${problems[f.kind].status} ${f.kind} ${f.expression ?? ''}`);

test('the samples are valid', () => {
  expect(found(patient())).toEqual([]);
  expect(found(observation())).toEqual([]);
});

test.each([
  ['an unknown element', { ...patient(), colour: 'red' }, '400 invalid-structure Patient.colour'],
  [
    'an unknown element deep inside',
    { ...patient(), name: [{ family: 'x', period: { from: '2020' } }] },
    '400 invalid-structure Patient.name[0].period.from',
  ],
  ['a list for one', { ...patient(), gender: ['male'] }, '400 invalid-structure Patient.gender'],
  ['one for a list', { ...patient(), name: { family: 'x' } }, '400 invalid-structure Patient.name'],
  ['one primitive for a list', { ...patient(), name: [{ given: 'x' }] }, '400 invalid-structure Patient.name[0].given'],
  ['null', { ...patient(), gender: null }, '400 invalid-structure Patient.gender'],
  ['null for an object', { ...patient(), name: [null] }, '400 invalid-structure Patient.name[0]'],
  ['an empty array', { ...patient(), name: [] }, '400 invalid-structure Patient.name'],
  ['an empty list of primitives', { ...patient(), name: [{ given: [] }] }, '400 invalid-structure Patient.name[0].given'],
  ['an empty object', { ...patient(), name: [{}] }, '400 invalid-structure Patient.name[0]'],
  ['an empty text', { ...patient(), name: [{ family: '' }] }, '400 invalid-value Patient.name[0].family'],
  ['an object for a primitive', { ...patient(), gender: { value: 'male' } }, '400 invalid-structure Patient.gender'],
  ['a primitive for an object', { ...patient(), maritalStatus: 'M' }, '400 invalid-structure Patient.maritalStatus'],
  ['a number for a text', { ...patient(), birthDate: 19700131 }, '400 invalid-value Patient.birthDate'],
  ['a text for a boolean', { ...patient(), active: 'true' }, '400 invalid-value Patient.active'],
  [
    'two choices at once',
    { ...patient(), deceasedBoolean: true, deceasedDateTime: '2020-01-01' },
    '400 invalid-structure Patient.deceased',
  ],
  [
    'two choices, one as an extension',
    { ...patient(), deceasedBoolean: true, _deceasedDateTime: { id: 'a' } },
    '400 invalid-structure Patient.deceased',
  ],
  ['a choice that the element has not', { ...patient(), deceasedString: 'yes' }, '400 invalid-structure Patient.deceasedString'],
  ['an id that is none', { ...patient(), id: 'a/b' }, '400 invalid-value Patient.id'],
  ['only an id in an element', { ...patient(), name: [{ id: 'n' }] }, '422 invariant Patient.name[0]'],
  [
    'a required element that is missing',
    { ...patient(), link: [{ other: { reference: 'Patient/2' } }] },
    '422 required Patient.link[0].type',
  ],
] as const)('%s', (_name, resource, expected) => expect(found(resource)).toContain(expected));

test('what is required is asked for: once each', () => {
  expect(found({ resourceType: 'Observation' })).toEqual(['422 required Observation.status', '422 required Observation.code']);
  expect(found({ resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/1' } })).toEqual([
    '422 required MedicationRequest.medication',
  ]);
});

test('a group that is defined elsewhere (contentReference) is held to that definition', () => {
  const wrong = { ...observation(), component: [{ code: { text: 'x' }, referenceRange: [{ upper: 1 }] }] };
  expect(found(wrong)).toEqual(['400 invalid-structure Observation.component[0].referenceRange[0].upper']);
});

describe('what is no resource', () => {
  test.each([
    [[]],
    [null],
    ['x'],
    [5],
    [{}],
    [{ resourceType: 'Foo' }],
    [{ resourceType: 'patient' }],
    [{ resourceType: ['Patient'] }],
    [{ resourceType: 'DomainResource' }],
  ])('%j', value => expect(validate(value).map(f => f.kind)).toEqual(['invalid-structure']));
  test.each(['__proto__', 'constructor', 'HumanName', 'Patient.contact', 'toString'])('the type %s', resourceType => {
    expect(validate({ resourceType }).map(f => f.kind)).toEqual(['invalid-structure']);
  });
});

test('__proto__ and constructor are unknown elements', () => {
  expect(found(JSON.parse('{"resourceType":"Patient","__proto__":{"x":1},"constructor":{"prototype":{}}}'))).toEqual([
    '400 invalid-structure Patient',
    '400 invalid-structure Patient.constructor',
  ]);
});

test('elements that the definitions package adds to R4 are unknown here', () => {
  expect(found({ ...patient(), meta: { project: 'x' } })).toEqual(['400 invalid-structure Patient.meta.project']);
  expect(found({ resourceType: 'Binary', contentType: 'text/plain', url: 'http://x.example' })).toEqual([
    '400 invalid-structure Binary.url',
  ]);
  expect(found({ resourceType: 'ResearchStudy', status: 'active', associatedParty: [] })).toEqual([
    '400 invalid-structure ResearchStudy.associatedParty',
  ]);
});

test('at most a hundred findings are kept', () => {
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x${i}`, 1]));
  expect(validate({ resourceType: 'Patient', ...many })).toHaveLength(100);
});
