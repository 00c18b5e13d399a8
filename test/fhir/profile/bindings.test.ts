// https://hl7.org/fhir/R4/terminologies.html#required
import { expect, test } from '@jest/globals';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { observation, patient } from './good.ts';

const found = (resource: unknown): string[] => validate(resource).map(f => `${f.kind} ${f.expression ?? ''}`);
const clinical = (code: unknown): unknown => ({
  resourceType: 'Condition',
  subject: { reference: 'Patient/1' },
  clinicalStatus: code,
});
const system = 'http://terminology.hl7.org/CodeSystem/condition-clinical';

test.each([
  ['a code outside', { ...patient(), gender: 'femal' }, 'code-invalid Patient.gender'],
  ['another case', { ...patient(), gender: 'Male' }, 'code-invalid Patient.gender'],
  ['a status that is none', { ...observation(), status: 'done' }, 'code-invalid Observation.status'],
  [
    'a code in a list',
    { resourceType: 'AllergyIntolerance', patient: { reference: 'Patient/1' }, category: ['food', 'drink'] },
    'code-invalid AllergyIntolerance.category[1]',
  ],
  [
    'a concept of another system',
    clinical({ coding: [{ system: 'http://a.example', code: 'active' }] }),
    'code-invalid Condition.clinicalStatus',
  ],
  ['a concept without a system', clinical({ coding: [{ code: 'active' }] }), 'code-invalid Condition.clinicalStatus'],
  ['a concept of text alone', clinical({ text: 'active' }), 'code-invalid Condition.clinicalStatus'],
  [
    'a concept whose code is none of the system',
    clinical({ coding: [{ system, code: 'nonsense' }] }),
    'code-invalid Condition.clinicalStatus',
  ],
  ['a mime type that is none', { resourceType: 'Binary', contentType: 'not a type' }, 'code-invalid Binary.contentType'],
  ['a language that is none', { ...patient(), language: 'japanese!' }, 'code-invalid Patient.language'],
  [
    'a currency that is none',
    { resourceType: 'Invoice', status: 'issued', totalNet: { value: 1, currency: 'YEN' } },
    'code-invalid Invoice.totalNet.currency',
  ],
] as const)('%s is refused', (_name, resource, expected) => expect(found(resource)).toEqual([expected]));

test('one coding of the value set among others is enough', () => {
  expect(
    found(
      clinical({
        coding: [
          { system: 'http://a.example', code: 'x' },
          { system, code: 'active' },
        ],
      }),
    ),
  ).toEqual([]);
});

test.each(['ja', 'ja-JP', 'zh-Hant-TW', 'x-private'])('the language %s is taken', language =>
  expect(found({ ...patient(), language })).toEqual([]),
);

test.each(['text/plain', 'application/fhir+json; fhirVersion=4.0', 'image/svg+xml', 'application/vnd.ms-excel'])(
  'the mime type %s is taken',
  contentType => expect(found({ resourceType: 'Binary', contentType })).toEqual([]),
);

test.each(['JPY', 'USD', 'XTS'])('the currency %s is taken', currency =>
  expect(found({ resourceType: 'Invoice', status: 'issued', totalNet: { value: 1, currency } })).toEqual([]),
);

test('a binding that is not required refuses nothing', () => {
  expect(found({ ...patient(), maritalStatus: { coding: [{ system: 'http://a.example', code: 'x' }] } })).toEqual([]);
});

test('a value set that has codes of several systems or of nested concepts takes them all', () => {
  for (const type of ['Patient', 'HumanName', 'Type', 'Any']) {
    const data = {
      resourceType: 'ImplementationGuide',
      url: 'http://a.example/g',
      name: 'G',
      status: 'draft',
      packageId: 'a.b',
      fhirVersion: ['4.0.1'],
    };
    const definition = { resource: [{ reference: { reference: 'Patient/1' } }], parameter: [{ code: 'apply', value: type }] };
    expect(found({ ...data, definition })).toEqual([]);
  }
  const operation = {
    resourceType: 'OperationDefinition',
    name: 'O',
    status: 'draft',
    kind: 'operation',
    code: 'o',
    system: true,
    type: false,
    instance: false,
  };
  for (const [type, isThere] of [
    ['Patient', true],
    ['HumanName', true],
    ['Any', true],
    ['Nonsense', false],
  ] as const) {
    expect(found({ ...operation, parameter: [{ name: 'p', use: 'in', min: 0, max: '1', type }] })).toEqual(
      isThere ? [] : ['code-invalid OperationDefinition.parameter[0].type'],
    );
  }
});
