// https://hl7.org/fhir/R4/conformance-rules.html#constraints: the rules that people meet, as they meet them
import { expect, test } from '@jest/globals';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { observation, patient } from './good.ts';

const found = (resource: unknown): string[] =>
  validate(resource).map(f => `${f.kind} ${/^[a-z]+-\w+(?=:)/.exec(f.text ?? '')?.[0]} ${f.expression ?? ''}`);
const coding = (system: string, code: string): unknown => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});
const allergy = { resourceType: 'AllergyIntolerance', patient: { reference: 'Patient/1' } };
const condition = { resourceType: 'Condition', subject: { reference: 'Patient/1' } };

test.each([
  ['pat-1', { ...patient(), contact: [{ gender: 'male' }] }, 'Patient.contact[0]'],
  ['obs-6', { ...observation(), dataAbsentReason: { text: 'x' } }, 'Observation'],
  ['obs-7', { ...observation(), component: [{ code: observation()['code'], valueString: 'x' }] }, 'Observation'],
  ['obs-3', { ...observation(), referenceRange: [{ type: { text: 'x' } }] }, 'Observation.referenceRange[0]'],
  ['per-1', { ...patient(), name: [{ family: 'x', period: { start: '2020-02-01', end: '2020-01-31' } }] }, 'Patient.name[0].period'],
  [
    'per-1',
    {
      ...observation(),
      effectiveDateTime: undefined,
      effectivePeriod: { start: '2020-01-01T01:00:00+09:00', end: '2019-12-31T15:00:00Z' },
    },
    'Observation.effective',
  ],
  ['qty-3', { ...observation(), valueQuantity: { value: 1, code: 'mg' } }, 'Observation.value'],
  ['sqty-1', { ...observation(), referenceRange: [{ low: { value: 1, comparator: '<' } }] }, 'Observation.referenceRange[0].low'],
  ['cpt-2', { ...patient(), telecom: [{ value: '090' }] }, 'Patient.telecom[0]'],
  ['att-1', { ...patient(), photo: [{ data: 'AAAA' }] }, 'Patient.photo[0]'],
  ['rng-2', { ...observation(), valueQuantity: undefined, valueRange: { low: { value: 2 }, high: { value: 1 } } }, 'Observation.value'],
  ['rat-1', { ...observation(), valueQuantity: undefined, valueRatio: { numerator: { value: 2 } } }, 'Observation.value'],
  ['ait-1', allergy, 'AllergyIntolerance'],
  [
    'ait-2',
    {
      ...allergy,
      clinicalStatus: coding('allergyintolerance-clinical', 'active'),
      verificationStatus: coding('allergyintolerance-verification', 'entered-in-error'),
    },
    'AllergyIntolerance',
  ],
  ['con-4', { ...condition, abatementDateTime: '2020', clinicalStatus: coding('condition-clinical', 'active') }, 'Condition'],
  [
    'con-5',
    {
      ...condition,
      clinicalStatus: coding('condition-clinical', 'active'),
      verificationStatus: coding('condition-ver-status', 'entered-in-error'),
    },
    'Condition',
  ],
  ['org-1', { resourceType: 'Organization', active: true }, 'Organization'],
  ['org-2', { resourceType: 'Organization', name: 'O', address: [{ use: 'home' }] }, 'Organization.address[0]'],
  ['grp-1', { resourceType: 'Group', type: 'person', actual: false, member: [{ entity: { reference: 'Patient/1' } }] }, 'Group'],
  ['ppc-1', { resourceType: 'Consent', status: 'active', scope: { text: 'x' }, category: [{ text: 'x' }] }, 'Consent'],
  ['inv-1', { resourceType: 'Parameters', parameter: [{ name: 'x' }] }, 'Parameters.parameter[0]'],
  ['inv-1', { resourceType: 'Task', status: 'draft', intent: 'order', authoredOn: '2020-01-02', lastModified: '2020-01-01' }, 'Task'],
] as const)('%s refuses', (key, resource, place) => {
  expect(found(JSON.parse(JSON.stringify(resource)))).toEqual([`invariant ${key} ${place}`]);
});

test.each([
  ['per-1: the same day', { start: '2020-01-31', end: '2020-01-31' }],
  ['per-1: another precision', { start: '2020-01-31', end: '2020-01' }],
  ['per-1: a day and a time that may fall on it anywhere on earth', { start: '2020-02-01', end: '2020-01-31T23:00:00-10:00' }],
  ['per-1: the same instant in two zones', { start: '2020-01-01T00:00:00+09:00', end: '2019-12-31T15:00:00Z' }],
  ['per-1: only a start', { start: '2020-01-31' }],
])('%s is taken', (_name, period) => expect(found({ ...patient(), name: [{ family: 'x', period }] })).toEqual([]));

test('a rule is not named beside the missing or wrong part that breaks it', () => {
  expect(validate({ ...patient(), contact: [{ gender: 'femal' }] }).map(f => f.kind)).toEqual(['code-invalid']);
});
