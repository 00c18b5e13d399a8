// https://hl7.org/fhir/R4/json.html#primitive, https://hl7.org/fhir/R4/element.html (ele-1), https://hl7.org/fhir/R4/extensibility.html (ext-1)
import { expect, test } from '@jest/globals';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { observation, patient } from './good.ts';

const extension = [{ url: 'http://a.example/e', valueString: 'x' }];
const found = (resource: unknown): string[] => validate(resource).map(f => `${f.kind} ${f.expression ?? ''}`);
const named = (name: unknown): unknown => ({ ...patient(), name: [name] });

test.each([
  ['beside a value', { ...patient(), _birthDate: { extension } }],
  ['with an id alone beside a value', { ...patient(), _birthDate: { id: 'b' } }],
  ['in place of a value', named({ family: 'x', _use: { extension } })],
  ['in place of a required value', { ...observation(), status: undefined, _status: { extension } }],
  ['of a choice', { ...patient(), _deceasedBoolean: { extension } }],
  ['in a list, in line with the values', named({ given: ['a', null, 'c'], _given: [null, { extension }, { id: 'c' }] })],
  ['in a list without values', named({ _given: [{ extension }] })],
])('an extension of a primitive %s is taken', (_name, resource) => {
  expect(found(JSON.parse(JSON.stringify(resource)))).toEqual([]);
});

test.each([
  ['null', { ...patient(), _birthDate: null }, 'invalid-structure Patient.birthDate'],
  ['an empty object', { ...patient(), _birthDate: {} }, 'invalid-structure Patient.birthDate'],
  ['a text', { ...patient(), _birthDate: 'x' }, 'invalid-structure Patient.birthDate'],
  ['a list for one', { ...patient(), _birthDate: [{ extension }] }, 'invalid-structure Patient.birthDate'],
  ['one for a list', named({ given: ['a'], _given: { extension } }), 'invalid-structure Patient.name[0].given'],
  ['an id alone without a value', named({ family: 'x', _use: { id: 'u' } }), 'invariant Patient.name[0].use'],
  ['an element that is none', { ...patient(), _birthDate: { value: 'x' } }, 'invalid-structure Patient.birthDate.value'],
  ['an empty list of extensions', { ...patient(), _birthDate: { extension: [] } }, 'invalid-structure Patient.birthDate.extension'],
  [
    'beside a value, lists of different length',
    named({ given: ['a', 'b'], _given: [{ id: 'x' }] }),
    'invalid-structure Patient.name[0].given',
  ],
  ['null in both lists', named({ given: ['a', null], _given: [{ id: 'x' }, null] }), 'invalid-structure Patient.name[0].given[1]'],
  ['null in a list with nothing beside', named({ given: ['a', null] }), 'invalid-structure Patient.name[0].given[1]'],
  ['beside what is no primitive', { ...patient(), _name: [{ extension }] }, 'invalid-structure Patient._name'],
  ['beside the id, which is an attribute', { ...patient(), _id: { extension } }, 'invalid-structure Patient._id'],
] as const)('%s is refused', (_name, resource, expected) => expect(found(resource)).toContain(expected));

test.each([
  ['neither value nor extension', { url: 'http://a.example/e' }, 'invariant Patient.extension[0]'],
  ['both', { url: 'http://a.example/e', valueString: 'x', extension }, 'invariant Patient.extension[0]'],
  ['no url', { valueString: 'x' }, 'required Patient.extension[0].url'],
  ['two values', { url: 'http://a.example/e', valueString: 'x', valueCode: 'x' }, 'invalid-structure Patient.extension[0].value'],
  ['a url that is not absolute', { url: 'e', valueString: 'x' }, 'invalid-value Patient.extension[0].url'],
])('an extension with %s is refused', (_name, one, expected) => expect(found({ ...patient(), extension: [one] })).toContain(expected));

test('inside an extension the url may be a short name', () => {
  expect(found({ ...patient(), extension: [{ url: 'http://a.example/e', extension: [{ url: 'part', valueBoolean: false }] }] })).toEqual(
    [],
  );
});
