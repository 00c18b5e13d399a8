// What a configuration of the format may say, and what stops the load. docs/deidentification/rules.md
import { describe, expect, test } from '@jest/globals';
import { compileRules } from '../../../src/deid/rules/compile.ts';
import { readRules } from '../../../src/deid/rules/configuration.ts';
import { readJson } from '../../../src/deid/rules/json.ts';
import { readPath } from '../../../src/deid/rules/path.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { configuration, context, treated } from './ground.ts';

const one = (rule: object): string => configuration([rule]);
const withParameters = (parameters: object): string => configuration([], parameters);

describe('the document', () => {
  test('byte order mark, comments and trailing commas are taken', () => {
    const { rules } = readRules('\ufeff// who made it\n{"fhirPathRules": [ /* one */ {"path": "Patient.id", "method": "CRYPTOHASH",}, ],}');
    expect(rules).toEqual([expect.objectContaining({ method: { name: 'cryptoHash' } })]);
  });

  test('a text that looks like a comment stays a text', () => {
    expect(readJson('["// a", "/* b */", "c\\u0041"]', 'x')).toEqual(['// a', '/* b */', 'cA']);
  });

  test('cases that look like numbers stay in their order', () => {
    const text = '{"fhirPathRules": [{"path": "Patient.gender", "method": "generalize", "cases": {"true": "1", "2": "2", "1": "3"}}]}';
    expect(readRules(text).rules[0]!.method).toMatchObject({
      cases: [
        ['true', '1'],
        ['2', '2'],
        ['1', '3'],
      ],
    });
  });

  test.each([
    ['r4', true],
    ['R4', true],
    ['', true],
    [null, true],
    ['Stu3', false],
    ['R5', false],
  ])('fhirVersion %j', (fhirVersion, fine) => {
    const read = () => readRules(JSON.stringify({ fhirVersion, fhirPathRules: [] }));
    if (fine) expect(read().rules).toEqual([]);
    else expect(read).toThrow('policy: fhirVersion');
  });

  test('all parameters have their defaults', () => {
    expect(readRules('{"fhirPathRules": []}')).toMatchObject({
      processingErrors: 'raise',
      parameters: {
        dateShiftKey: '',
        dateShiftScope: 'resource',
        cryptoHashKey: '',
        encryptKey: '',
        enablePartialAgesForRedact: false,
        enablePartialDatesForRedact: false,
        enablePartialZipCodesForRedact: false,
        restrictedZipCodeTabulationAreas: [],
      },
    });
  });
});

test.each<[object, object]>([
  [{ dateShiftFixedOffsetInDays: '-30' }, { dateShiftFixedOffsetInDays: -30 }],
  [{ dateShiftFixedOffsetInDays: 30 }, { dateShiftFixedOffsetInDays: 30 }],
  [
    { enablePartialDatesForRedact: 'True', enablePartialAgesForRedact: 1 },
    { enablePartialDatesForRedact: true, enablePartialAgesForRedact: true },
  ],
  [{ dateShiftScope: 'Folder' }, { dateShiftScope: 'folder' }],
])('the parameters %j', (given, expected) => {
  expect(readRules(withParameters(given)).parameters).toMatchObject(expected);
});

test.each<[object, object]>([
  [{ span: '1e1' }, { span: '10', roundTo: 2, proportional: false }],
  [
    { span: 0.1, roundTo: 10, rangeType: 'Proportional' },
    { span: '0.1', roundTo: 10, proportional: true },
  ],
  [
    { span: '1', roundTo: '28' },
    { span: '1', roundTo: 28 },
  ],
  // To the format nothing is the number 0.
  [
    { span: null, roundTo: null },
    { span: '0', roundTo: 0 },
  ],
])('the options of perturb %j', (given, expected) => {
  expect(readRules(one({ path: 'Patient.multipleBirth', method: 'perturb', ...given })).rules[0]!.method).toMatchObject(expected);
});

describe('a configuration error at load', () => {
  const rule = { path: 'Patient.name', method: 'redact' };
  const perturb = { path: 'Patient.multipleBirth', method: 'perturb', span: 1 };
  const generalize = { path: 'Patient.gender', method: 'generalize', cases: { true: "'x'" } };
  test.each<[string, string, string]>([
    ['bad JSON', '{"fhirPathRules": [}', 'line 1'],
    ['text behind the end', '{"fhirPathRules": []} x', 'behind the end'],
    ['no object', '[]', 'must be an object'],
    ['a key twice', '{"fhirPathRules": [], "fhirPathRules": []}', 'stands twice'],
    ['a key twice far below', one(rule).replace('"redact"', '"redact", "x": [{"a": 1, "\\u0061": 2}]'), 'stands twice'],
    ['no rules', '{}', 'fhirPathRules'],
    ['rules that are no list', '{"fhirPathRules": {}}', 'fhirPathRules'],
    ['a rule that is no object', '{"fhirPathRules": ["x"]}', 'fhirPathRules[0]'],
    ['no path', one({ method: 'redact' }), '"path" is missing'],
    ['an empty path', one({ ...rule, path: ' ' }), '"path" is missing'],
    ['no method', one({ path: 'Patient' }), '"method" is missing'],
    ['a key of other letter case', one({ Path: 'Patient', method: 'redact' }), '"path" is missing'],
    ['a path that is no FHIRPath', one({ ...rule, path: 'Patient.name.(' }), 'no FHIRPath'],
    ['a path with an unknown function', one({ ...rule, path: 'Patient.nodesbytype("x")' }), 'fhirPathRules[0].path'],
    ['processingErrors', configuration([], {}, { processingErrors: 'keep' }), 'processingErrors'],
    ['dateShiftScope', withParameters({ dateShiftScope: 'patient' }), 'dateShiftScope'],
    ['dateShiftFixedOffsetInDays', withParameters({ dateShiftFixedOffsetInDays: 1.5 }), 'whole number of days'],
    ['days that no number of 32 bits is', withParameters({ dateShiftFixedOffsetInDays: 2 ** 31 }), 'whole number of days'],
    ['a scope that is null', withParameters({ dateShiftScope: null }), 'dateShiftScope'],
    ['a flag that is null', withParameters({ enablePartialAgesForRedact: null }), 'true or false'],
    ['a rangeType that is null', one({ ...perturb, rangeType: null }), 'rangeType'],
    ['a flag', withParameters({ enablePartialAgesForRedact: 'perhaps' }), 'true or false'],
    ['zip codes', withParameters({ restrictedZipCodeTabulationAreas: [36] }), 'list of texts'],
    ['a key that is no text', withParameters({ dateShiftKey: 5 }), 'must be a text'],
    ['encryptKey', withParameters({ encryptKey: 'short' }), '16, 24 or 32 bytes'],
    ['encryptKey counted in bytes', withParameters({ encryptKey: '鍵'.repeat(16) }), '16, 24 or 32 bytes'],
    ['no replaceWith', one({ ...rule, method: 'substitute' }), '"replaceWith" is missing'],
    ['no span', one({ ...perturb, span: undefined }), 'span'],
    ['a span below zero', one({ ...perturb, span: -1 }), 'span'],
    ['a span that is no number', one({ ...perturb, span: 'x' }), 'span'],
    ['roundTo above 28', one({ ...perturb, roundTo: 29 }), 'roundTo'],
    ['roundTo below 0', one({ ...perturb, roundTo: -1 }), 'roundTo'],
    ['roundTo with a fraction', one({ ...perturb, roundTo: 1.5 }), 'roundTo'],
    ['rangeType', one({ ...perturb, rangeType: 'wide' }), 'rangeType'],
    ['no cases', one({ ...generalize, cases: undefined }), 'cases'],
    ['cases that are no object', one({ ...generalize, cases: [] }), 'cases'],
    ['cases as a text that is no JSON', one({ ...generalize, cases: '{' }), 'cases'],
    ['a condition that is no FHIRPath', one({ ...generalize, cases: { '$this =': "'x'" } }), 'cases[0]'],
    ['a value that is no FHIRPath', one({ ...generalize, cases: { true: '**' } }), 'cases[0]'],
    ['otherValues', one({ ...generalize, otherValues: 'remove' }), 'otherValues'],
  ])('%s', (_name, text, message) => {
    expect(() => readRules(text)).toThrow(expect.objectContaining({ name: 'PolicyError', message: expect.stringContaining(message) }));
  });

  test('no key of the file is in the message', () => {
    expect(() => readRules(withParameters({ encryptKey: 'secret', dateShiftKey: 'hidden' }))).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/secret|hidden/) }),
    );
  });
});

test('an unknown method is said at load, and stops the first resource that its rule is for, also without a match', () => {
  const configured = readRules(one({ path: 'Patient.photo', method: 'blur' }));
  expect(configured.warnings).toContainEqual(expect.stringContaining('no method "blur"'));
  const compiled = compileRules(configured);
  for (const evaluator of ['walk', 'tree'] as const) {
    expect(() => treated(compiled, { resourceType: 'Patient' }, context, evaluator)).toThrow('there is no method "blur"');
    expect(treated(compiled, { resourceType: 'Location' }, context, evaluator).resource).toEqual({ resourceType: 'Location' });
    const around: AnyResource = { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient' } }] };
    expect(() => treated(compiled, around, context, evaluator)).toThrow('there is no method "blur"');
  }
});

test.each([
  ['Patient.name', 'Patient', 'name', false],
  ["nodesByType('Address')", '', "nodesByType('Address')", false],
  ['Resource', 'Resource', 'Resource', true],
  ['Patient', 'Patient', 'Patient', true],
  ['(Patient.name | Patient.address).period', '', '(Patient.name | Patient.address).period', false],
  ["Patient.nodesByType('HumanName').where(use='old')", 'Patient', "nodesByType('HumanName').where(use='old')", false],
])('the path %s', (path, type, expression, root) => {
  expect(readPath(path)).toMatchObject({ type, expression, root });
});

describe('warnings', () => {
  const warned = (rules: object[], parameters: object = {}, more: object = {}): string =>
    readRules(configuration(rules, parameters, more)).warnings.join('\n');
  const closed = { path: 'Resource', method: 'redact' };

  test('a closed list without dates has none', () => {
    expect(warned([{ path: 'Patient.gender', method: 'keep' }, closed])).toBe('');
  });

  test.each<[string, object[], object, object, string]>([
    ['keep by default', [{ path: 'Patient.id', method: 'redact' }], {}, {}, 'What no rule finds is kept'],
    ['a misspelled key', [closed], {}, { processingError: 'skip' }, '"processingError" is no key of the format'],
    ['a misspelled parameter', [closed], { dateShiftkey: 'x' }, {}, 'parameters: "dateShiftkey"'],
    ['a misspelled option', [{ ...closed, replacewith: 'x' }], {}, {}, 'fhirPathRules[0]: "replacewith"'],
    ['a path that R4 does not have', [{ path: 'Patient.nmae', method: 'redact' }, closed], {}, {}, 'R4 has no element "nmae"'],
    ['a choice by its JSON name', [{ path: 'Observation.valueQuantity', method: 'redact' }, closed], {}, {}, '"valueQuantity"'],
    ['a data type as resource type', [{ path: 'HumanName.family', method: 'redact' }, closed], {}, {}, 'no resource type'],
    ['a type that R4 does not have', [{ path: "nodesByType('Nmae')", method: 'redact' }, closed], {}, {}, 'no type of R4'],
    ['the shift', [{ path: 'Patient.birthDate', method: 'dateShift' }, closed], {}, {}, 'can be foretold'],
    [
      'a fixed shift',
      [{ path: 'Patient.birthDate', method: 'dateShift' }, closed],
      { dateShiftFixedOffsetInDays: 3 },
      {},
      'by the same days',
    ],
    [
      'an empty dateShiftKey',
      [{ path: 'Patient.birthDate', method: 'dateShift' }, closed],
      { dateShiftKey: '' },
      {},
      '"dateShiftKey" is empty',
    ],
    [
      'an empty cryptoHashKey',
      [{ path: 'Patient.id', method: 'cryptoHash' }, closed],
      { cryptoHashKey: '' },
      {},
      '"cryptoHashKey" is empty',
    ],
    ['an empty encryptKey', [{ path: 'Patient.id', method: 'encrypt' }, closed], { encryptKey: '' }, {}, '"encryptKey" is empty'],
    ['partial dates', [closed], { enablePartialDatesForRedact: true }, {}, 'keeps the year'],
    ['partial ages', [closed], { enablePartialAgesForRedact: true }, {}, 'without its unit'],
    ['no version', [closed], {}, { fhirVersion: '' }, '"fhirVersion" is empty'],
  ])('%s', (_name, rules, parameters, more, sentence) => {
    expect(warned(rules, parameters, more)).toContain(sentence);
  });
});
