// Several rules for one path, and rules by another name of it. docs/deidentification.md (policies)
import { describe, expect, test } from '@jest/globals';
import { policyOf } from '../../src/release/policies.ts';
import { compile, out } from './ground.ts';

const by = (listed: readonly string[], ...rules: object[]) =>
  compile({
    groups: [
      {
        measure: 'kept',
        title: 'kept',
        rules: [{ paths: ['code', 'boolean', 'integer'], method: 'keep' }, { paths: ['Resource.id'], method: 'pseudonymize' }, ...rules],
      },
    ],
    elements: { Patient: listed, HumanName: ['family'], Quantity: ['value', 'code'] },
  });
const birth = (method: string, more: object = {}) => ({ paths: ['Patient.birthDate'], method, ...more });

describe('a rule that would undo the one before it', () => {
  test.each([
    ['date-shift, keep', [birth('date-shift'), birth('keep')]],
    ['generalize-date, date-shift', [birth('generalize-date', { birth: true }), birth('date-shift')]],
    ['substitute, keep', [birth('substitute', { value: '2000-01-01' }), birth('keep')]],
    ['mask, keep', [birth('mask'), birth('keep')]],
    ['remove, date-shift', [birth('remove'), birth('date-shift')]],
  ])('%s: stops the load', (_, rules) => expect(() => by(['birthDate'], ...rules)).toThrow('would undo the rule before it'));

  test('for a choice and for one form of it: stops the load', () =>
    expect(() =>
      by(['deceased[x]'], { paths: ['Patient.deceasedBoolean'], method: 'keep' }, { paths: ['Patient.deceased[x]'], method: 'mask' }),
    ).toThrow('would undo the rule before it'));
});

describe('what a rule removes by another name of the element does not leave', () => {
  test.each([
    ['Resource.gender', ['gender'], 'Patient.gender: is listed, but its method removes it'],
    ['Patient.deceased[x]', ['deceasedBoolean'], undefined],
    ['Patient.contact.name.family', ['gender'], 'contact.name has a data type: a rule for what is in it is one for HumanName.family'],
    ['BackboneElement', ['gender'], 'R4 has no such type'],
    ['Resource', ['gender'], 'R4 has no such type'],
    ['Resource.contact.name', ['gender'], 'R4 has no such element'],
    ['Resource.nothing', ['gender'], 'R4 has no such element'],
  ])('%s', (path, listed, text) => {
    const made = () => by(['active', ...listed], { paths: [path], method: 'remove' });
    if (text !== undefined) expect(made).toThrow(text);
    else expect(out({ resourceType: 'Patient', active: true, deceasedBoolean: true }, {}, made())).not.toHaveProperty('deceasedBoolean');
  });

  test('a rule of the element itself goes before one of whatever resource has it', () => {
    const made = by(['gender'], { paths: ['Resource.gender'], method: 'remove' }, { paths: ['Patient.gender'], method: 'keep' });
    expect(out({ resourceType: 'Patient', gender: 'male' }, {}, made)).toHaveProperty('gender', 'male');
  });
});

describe('a rule that would be passed over in silence', () => {
  const own = (path: string, more: object = {}) =>
    policyOf({
      ...{ name: 'own', version: '1', title: 'own', extends: 'jp-anonymized-images' },
      groups: [{ measure: 'linking-codes', rules: [{ paths: [path], method: 'remove' }] }],
      ...more,
    });
  test.each([
    ['Address.city', 'a rule makes the whole of Address'],
    ['Quantity.comparator', 'a rule makes the whole of Quantity'],
    ['Reference.reference', 'a rule makes the whole of Reference'],
    ['Binary.contentType', 'a rule makes the whole of Binary'],
    ['Resource.contained', 'contained resources are removed by "contained"'],
    ['Observation.contained', 'contained resources are removed by "contained"'],
    ['Resource.extension', 'extensions are listed by their URL'],
    ['Period.extension', 'extensions are listed by their URL'],
    ['Patient.id', 'what becomes of ids is said by a rule for Resource.id'],
  ])('%s: stops the load', (path, text) =>
    expect(() => own(path)).toThrow(`policy: ${path}: has a rule that would change nothing: ${text}`),
  );

  test('removes what does not leave anyway, and stops nothing', () => {
    expect(() => own('Resource.contained', { contained: 'remove' })).not.toThrow();
    for (const path of ['Binary.securityContext', 'Patient.name', 'Coverage.identifier', 'HumanName.family', 'Patient.contact.id'])
      expect(() => own(path)).not.toThrow();
  });

  test.each(['Resource.onset[x]', 'Resource.onsetDateTime'])('%s: goes from whatever resource has it', path => {
    const condition = { resourceType: 'Condition', onsetDateTime: '2020-01-01', recordedDate: '2020-01-01' };
    expect(out(condition, {}, own(path))).toHaveProperty('recordedDate');
    expect(out(condition, {}, own(path))).not.toHaveProperty('onsetDateTime');
  });
});

describe('persons who are pooled', () => {
  const of = (...rules: object[]) =>
    compile({
      groups: [
        {
          measure: 'kept',
          title: 'kept',
          rules: [
            { paths: ['code', 'decimal'], method: 'keep' },
            { paths: ['Resource.id'], method: 'pseudonymize' },
          ],
        },
        { measure: 'm', title: 'm', rules },
      ],
      elements: { Observation: ['status', 'valueQuantity'], Quantity: ['value', 'code'] },
    });
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    valueQuantity: { value: 95, system: 'http://unitsofmeasure.org', code: 'a' },
  };
  const topped = { paths: ['Quantity'], method: 'age-top-code' };

  test.each([
    ['no rule', [{ paths: ['string'], method: 'remove' }]],
    ['a rule of the type', [{ paths: ['Quantity'], method: 'listed' }]],
    [
      'a rule of the element that goes before that of the type',
      [
        topped,
        {
          paths: ['Observation.valueQuantity'],
          method: 'quantity',
          words: ['歳'],
          annotations: ['x'],
          systems: [{ system: 'http://unitsofmeasure.org' }],
        },
      ],
    ],
  ])('an age that would leave by %s stops the load', (_, rules) => expect(() => of(...rules)).toThrow('may hold an age'));

  test.each([
    ['what the type has', [topped]],
    ['what goes on with it', [topped, { paths: ['Observation.valueQuantity'], method: 'perturb', span: 1 }]],
    ['a value of the policy', [{ paths: ['Observation.valueQuantity'], method: 'substitute', value: { value: 1 } }]],
  ])('by %s none leaves', (_, rules) => expect(JSON.stringify(out(observation, {}, of(...rules)))).not.toContain('95'));

  test.each(['Count', 'Distance'])('so does one in a %s', type =>
    expect(() =>
      policyOf({
        ...{ name: 'own', version: '1', title: 'own', extends: 'jp-anonymized', extensions: { 'urn:e': `value${type}` } },
        groups: [{ measure: 'kept', rules: [{ paths: [type], method: 'listed' }] }],
        elements: { [type]: ['value', 'code'] },
      }),
    ).toThrow('may hold an age'),
  );

  test('a limit beyond any age pools nobody, and stops the load', () =>
    expect(() => compile({ pooledFrom: 500 })).toThrow('pooledFrom: must be a whole number of years, 1 to 120'));
});
