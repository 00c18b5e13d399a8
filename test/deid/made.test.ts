// docs/deidentification.md: what a method makes has to be R4 where it stands
import { describe, expect, test } from '@jest/globals';
import { perturb } from '../../src/deid/methods/perturb.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { compile, out, run } from './ground.ts';

/** A policy with one method for one path, where `element` is what is listed of the type. */
const by = (path: string, method: string, options: object = {}, element = path, more: Record<string, string[]> = {}, extensions = {}) => {
  const [type = '', ...rest] = element.split('.');
  return compile({
    groups: [
      {
        measure: 'kept',
        title: 'kept',
        rules: [
          ...['code', 'boolean', 'decimal', 'integer'].flatMap(one => (one === path ? [] : [{ paths: [one], method: 'keep' }])),
          { paths: ['Resource.id'], method: 'pseudonymize' },
          { paths: [path], method, ...options },
        ],
      },
    ],
    elements: { [type]: [rest.join('.')], ...more },
    extensions,
  });
};

describe('substitute: a value of the policy is held against the element when it is loaded', () => {
  test.each<[string, unknown]>([
    ['Patient.birthDate', '1970-01-01'],
    ['Patient.gender', 'unknown'],
    ['Patient.name', { text: '【氏名】' }],
    ['Patient.maritalStatus', { coding: [{ system: 'urn:s', code: 'x' }] }],
    ['Patient.multipleBirthInteger', 1],
    ['Patient.contact', { name: { text: '【氏名】' } }],
  ])('%s: %j loads, and what leaves is valid R4', (path, value) => {
    const name = path.split('.')[1]!;
    const given = {
      ...{ resourceType: 'Patient', id: '1', birthDate: '1961-05-28', gender: 'male', name: [{ family: '山田' }] },
      ...{ maritalStatus: { text: 'x' }, multipleBirthInteger: 2, contact: [{ gender: 'male' }] },
    };
    const left = out(
      given,
      {},
      path === 'Patient.contact' ? by(path, 'substitute', { value }, 'Patient.contact.gender') : by(path, 'substitute', { value }),
    )!;
    expect(left[name]).toEqual(Array.isArray(given[name as 'name']) ? [value] : value);
    expect(validate(left)).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['Patient.birthDate', 'not a date', 'Patient.birthDate does not have the format of date'],
    ['Patient.gender', { foo: 1 }, 'Patient.gender is an object where a JSON value belongs'],
    ['Patient.gender', 'hidden', 'Patient.gender has a code that its required value set does not have'],
    ['Patient.gender', 7, 'Patient.gender does not have the format of code'],
    ['Patient.name', { fmaily: 'x' }, 'HumanName has no element fmaily'],
    ['Patient.name', { period: { start: 'x' } }, 'Period.start does not have the format of dateTime'],
    ['Patient.name', [{ family: 'x' }], 'Patient.name is an array where a JSON object belongs'],
    ['Patient.name', 'x', 'Patient.name is a single value where a JSON object belongs'],
    ['Patient.contact', { gender: 'unknown' }, 'pat-1: '],
    ['Patient.generalPractitioner', { reference: 'Medication/1' }, 'Patient.generalPractitioner leads to a type that it does not allow'],
  ])('%s: %j stops the load', (path, value, fault) =>
    expect(() => by(path, 'substitute', { value }, path === 'Patient.contact' ? 'Patient.contact.gender' : path)).toThrow(
      `policy: ${path}: what the method "substitute" makes cannot stand there: ${fault}`,
    ),
  );

  test('for a type it is held against each element of the type that leaves, and against the type in an extension', () => {
    expect(() => by('code', 'substitute', { value: 'x' }, 'Patient.gender')).toThrow('policy: Patient.gender: what the method');
    expect(() => by('date', 'substitute', { value: '1.1.70' }, 'Patient.birthDate')).toThrow('policy: date: what the method');
    expect(() => by('HumanName', 'substitute', { value: { foo: 1 } }, 'Patient.name')).toThrow('policy: HumanName: what the method');
    expect(() => by('string', 'substitute', { value: 5 }, 'Patient.active', {}, { 'urn:x': 'valueString' })).toThrow('policy: string: ');
  });

  test('for a choice it is held against each of its types', () => {
    expect(() => by('Observation.value[x]', 'substitute', { value: 'x' })).toThrow('Observation.value[x] is a single value');
    expect(by('Observation.valueString', 'substitute', { value: 'x' }).types.size).toBe(1);
  });
});

describe('hash, encrypt, perturb: an element that cannot hold the outcome stops the load', () => {
  test.each([
    ['Patient.gender', 'hash', 'makes cannot stand there: Patient.gender has a code'],
    ['HumanName.use', 'hash', 'makes cannot stand there: HumanName.use has a code'],
    ['Patient.birthDate', 'hash', 'cannot treat date'],
    ['Patient.active', 'hash', 'cannot treat boolean'],
    ['Patient.gender', 'encrypt', 'cannot treat code'],
    ['Patient.birthDate', 'encrypt', 'cannot treat date'],
    ['Meta.versionId', 'encrypt', 'cannot treat id'],
    ['Patient.birthDate', 'perturb', 'cannot treat date'],
    ['Patient.gender', 'perturb', 'cannot treat code'],
    ['HumanName.family', 'perturb', 'cannot treat string'],
  ])('%s: %s', (path, method, text) => {
    const options = method === 'perturb' ? { span: 1 } : {};
    const type = path.split('.')[0]!;
    expect(() => by(path, method, options, path, type === 'Patient' ? {} : { Patient: [type === 'HumanName' ? 'name' : 'meta'] })).toThrow(
      text,
    );
  });

  test('a text holds them, and so does a code that may be any', () => {
    for (const method of ['hash', 'encrypt'])
      expect(by('HumanName.family', method, {}, 'HumanName.family', { Patient: ['name'] }).types.size).toBe(1);
    expect(by('Coding.code', 'hash', {}, 'Coding.code', { Patient: ['maritalStatus'], CodeableConcept: ['coding'] }).types.size).toBe(1);
  });

  test('an id is nothing but a pseudonym: references follow it', () => {
    for (const [method, options] of [['hash'], ['mask'], ['substitute', { value: 'x' }]] as const)
      expect(() =>
        compile({ groups: [{ measure: 'kept', title: 'kept', rules: [{ paths: ['Resource.id'], method, ...options }] }], elements: {} }),
      ).toThrow('policy: Resource.id: an id becomes a pseudonym');
  });
});

test('perturb: what leaves is of its type at its limits too', () => {
  const make = (type: string, roundTo = 2) => perturb.make({ span: 10, roundTo }, value => value, type);
  for (let i = 0; i < 40; i++) {
    const at = run({ id: `r${i}` });
    expect(Math.abs(make('integer')(2_147_483_646, at) as number)).toBeLessThanOrEqual(2_147_483_647);
    expect(make('positiveInt')(2_147_483_647, at)).toBeLessThanOrEqual(2_147_483_647);
    expect(make('Age')({ value: 1, unit: 'a' }, at)).toMatchObject({ value: expect.any(Number) });
    expect((make('Age')({ value: 1 }, at) as { value: number }).value).toBeGreaterThanOrEqual(0.01);
    expect((make('Age', 0)({ value: 1 }, at) as { value: number }).value).toBeGreaterThanOrEqual(1);
  }
  expect(() => perturb.make({ span: 1 }, undefined, 'Quantity')).toThrow('must be listed');
});
