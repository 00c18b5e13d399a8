// https://hl7.org/fhir/R4/searchparameter.html
import { expect, test } from '@jest/globals';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';
import { customParameters } from '../../../src/fhir/search/custom.ts';
import { extractorFor } from '../../../src/fhir/search/extract.ts';
import { cpuTime } from '../../cpu-time.ts';

const definition = (more: Json): AnyResource => ({
  resourceType: 'SearchParameter',
  url: 'http://e.org/SearchParameter/nickname',
  name: 'Nickname',
  status: 'active',
  description: 'x',
  code: 'nickname',
  base: ['Patient'],
  type: 'string',
  expression: "Patient.name.where(use = 'nickname').given",
  ...more,
});
const elements = (more: Json): unknown[] => customParameters(definition(more)).findings.map(one => one.expression);

test('SearchParameter: one parameter for each of its bases', () => {
  const { parameters, findings } = customParameters(
    definition({
      code: 'written-by',
      base: ['Observation', 'Condition'],
      type: 'reference',
      target: ['Practitioner', 'Patient'],
      expression: 'Observation.performer | Condition.asserter',
    }),
  );
  expect(findings).toEqual([]);
  expect(parameters.map(({ base, code, type, targets }) => [base, code, type, targets])).toEqual([
    ['Observation', 'written-by', 'reference', ['Practitioner', 'Patient']],
    ['Condition', 'written-by', 'reference', ['Practitioner', 'Patient']],
  ]);
  const [ofObservation] = parameters;
  const extract = extractorFor([ofObservation!], { base: 'http://x' });
  expect(extract({ resourceType: 'Observation', performer: [{ reference: 'Patient/1' }] })).toEqual({ 'written-by': ['Patient/1'] });
});

test('SearchParameter: what is not active, has no expression or is a copy of the specification’s defines nothing, and nothing is wrong with it', () => {
  for (const more of [
    { status: 'draft' },
    { status: 'retired', code: 'name' },
    { expression: undefined },
    { modifierExtension: [{ url: 'http://example.org/not', valueBoolean: true }] },
    { implicitRules: 'http://example.org/rules' },
    { url: 'http://jpfhir.jp/fhir/core/SearchParameter/JP_Patient_KanaSort_SP', code: 'jp-kana-sort' },
    {
      url: 'http://hl7.org/fhir/SearchParameter/individual-birthdate',
      code: 'birthdate',
      type: 'date',
      base: ['Patient', 'Person', 'RelatedPerson'],
    },
  ])
    expect(customParameters(definition(more))).toEqual({ parameters: [], findings: [] });
});

test('SearchParameter: what cannot be searched by is refused where it is wrong', () => {
  expect(elements({ code: 'name' })).toEqual(['SearchParameter.code']);
  expect(elements({ code: '_id' })).toEqual(['SearchParameter.code', 'SearchParameter.code']);
  expect(elements({ code: 'a.b' })).toEqual(['SearchParameter.code']);
  expect(elements({ code: 'a:missing' })).toEqual(['SearchParameter.code']);
  expect(elements({ base: ['Patient', 'Resource'] })).toEqual(['SearchParameter.base']);
  expect(elements({ base: ['Patinet'] })).toEqual(['SearchParameter.base']);
  expect(elements({ type: 'composite' })).toEqual(['SearchParameter.type']);
  expect(elements({ type: 'special' })).toEqual(['SearchParameter.type']);
  expect(elements({ type: 'date' })).toEqual(['SearchParameter.expression']);
  expect(elements({ base: ['Patient', 'Observation'] })).toEqual(['SearchParameter.expression']);
});

test('SearchParameter: hostile expressions are refused, and quickly', () => {
  const from = cpuTime();
  for (const expression of [
    '',
    'Patient.',
    'Patient.nothing',
    'Patient.repeat(extension)',
    'Patient.descendants()',
    "Patient.name.matches('(a+)+$')",
    "Patient.name.given.replaceMatches('(a+)+$', '')",
    'Patient.name.trace(1)',
    'iif(true, Patient.name, Patient)',
    'Patient.name.aggregate($this)',
    '%resource.name',
    'Patient.name.where(%resource.name.where(%resource.name.exists()).exists())',
    '('.repeat(1000),
    `${'('.repeat(1000)}Patient.name${')'.repeat(1000)}`,
    `Patient${'.extension.value'.repeat(60)}`,
    Array.from({ length: 10_000 }, () => 'Patient.name').join(' | '),
    'Patient.name'.padEnd(3000),
    "Patient.name['constructor']",
    'Patient.__proto__',
    'Patient.constructor.constructor',
    'Patient.name.given ; drop',
  ])
    expect([expression.slice(0, 40), elements({ expression })]).toEqual([expression.slice(0, 40), ['SearchParameter.expression']]);
  expect(cpuTime() - from).toBeLessThan(2000);
});
