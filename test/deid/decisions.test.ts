// What a policy decides, element by element. https://hl7.org/fhir/R4/elementdefinition.html
import { describe, expect, test } from '@jest/globals';
import { elementsOf, typesOf } from '../../src/fhir/profile/elements.ts';
import { builtIn, policyNamed } from '../../src/release/policies.ts';
import { compile, compiled } from './ground.ts';

const decision = (path: string) => compiled.decisions.get(path);

test('each element has one: what is done with it, and by which measure', () => {
  expect(decision('Patient.gender')).toEqual({ by: 'keep', measure: 'kept' });
  expect(decision('Patient.name')).toEqual({ by: 'remove', measure: 'identifying-descriptions' });
  expect(decision('Patient.birthDate')).toEqual({ by: 'generalize-date', measure: 'peculiar-descriptions' });
  expect(decision('Observation.valueQuantity')).toEqual({ by: 'quantity, age-top-code', measure: 'peculiar-descriptions' });
  expect(decision('Observation.valueString')).toEqual({ by: 'remove', measure: 'identifying-descriptions' });
  expect(decision('Observation.code')).toEqual({ by: 'listed' });
  expect(decision('CodeableConcept.text')).toEqual({ by: 'remove', measure: 'identifying-descriptions' });
  expect(decision('Practitioner')).toEqual({ by: 'remove', measure: 'unlisted' });
});

describe.each(builtIn)('%s', name => {
  const policy = policyNamed(name);
  test('decides every element of every R4 type', () => {
    for (const type of typesOf('resource')) {
      if (policy.decisions.has(type)) continue;
      for (const [property, element] of elementsOf(type)) {
        if (['id', 'contained', 'extension', 'modifierExtension'].includes(property) || element.type.includes('.')) continue;
        expect([type, property, policy.decisions.has(`${type}.${property}`)]).toEqual([type, property, true]);
      }
    }
  });
  test('says what becomes of the rest', () => expect(policy.policy.otherwise).toBe('remove'));
});

describe('a policy that does not say what becomes of the rest', () => {
  test('does not load while an element of a type that leaves is undecided', () =>
    expect(() => compile({ otherwise: undefined })).toThrow(/^policy: Patient\.\w+: is undecided, and so are \d+ others/));

  test('loads when every element and every type is decided', () => {
    const others = typesOf('resource').filter(type => type !== 'Basic');
    const rules = [
      { paths: ['code', 'boolean'], method: 'keep' },
      { paths: ['Resource.id'], method: 'pseudonymize' },
      {
        paths: [...others, 'CodeableConcept', 'Reference', 'Identifier', 'Meta', 'Narrative', 'date', 'uri', 'Resource.language'],
        method: 'remove',
      },
    ];
    const all = {
      otherwise: undefined,
      groups: [
        { measure: 'all', title: 'all', rules },
        { measure: 'm', title: 'm', rules: [{ paths: ['Basic.created'], method: 'generalize-date', shift: false }] },
      ],
      elements: { Basic: ['created'] },
    };
    expect([...compile(all).types.keys()]).toEqual(['Basic']);
  });
});
