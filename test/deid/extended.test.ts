// A policy that builds on another: docs/deidentification.md
import { expect, test } from '@jest/globals';
import { extended } from '../../src/deid/extended.ts';
import { policyNamed, policyOf } from '../../src/release/policies.ts';

const base = {
  name: 'base',
  pooledFrom: 90,
  groups: [
    {
      measure: 'a',
      title: 'A',
      rules: [
        { paths: ['date', 'dateTime'], method: 'date-shift' },
        { paths: ['HumanName'], method: 'remove' },
      ],
    },
    { measure: 'b', title: 'B', rules: [{ paths: ['Age'], method: 'age-top-code' }] },
  ],
  elements: { Patient: ['gender', 'birthDate'], Encounter: ['status'] },
  extensions: { 'urn:a': 'valueCode', 'urn:b': 'valueCode' },
};

test('a rule of its own is the only one for its paths, in the group of its measure', () => {
  const { groups } = extended(base, { name: 'own', groups: [{ measure: 'a', rules: [{ paths: ['date'], method: 'keep' }] }] });
  expect(groups).toEqual([
    {
      measure: 'a',
      title: 'A',
      rules: [
        { paths: ['dateTime'], method: 'date-shift' },
        { paths: ['HumanName'], method: 'remove' },
        { paths: ['date'], method: 'keep' },
      ],
    },
    base.groups[1],
  ]);
});

test('rules of methods that it goes without fall away, and groups that have none left', () =>
  expect((extended(base, { without: ['age-top-code'] })['groups'] as { measure: string }[]).map(group => group.measure)).toEqual(['a']));

test('a measure that the other does not have follows those that it has', () => {
  const own = { measure: 'c', title: 'C', rules: [{ paths: ['time'], method: 'keep' }] };
  expect((extended(base, { groups: [own] })['groups'] as unknown[]).at(-1)).toEqual(own);
});

test('elements are added, omitted ones go, and so does a whole type', () => {
  const { elements } = extended(base, {
    elements: { Patient: ['active'], Goal: ['status'] },
    omit: { Patient: ['birthDate'], Encounter: '*' },
  });
  expect(elements).toEqual({ Patient: ['gender', 'active'], Goal: ['status'] });
});

test.each([
  [{ Patient: ['name'] }, 'omit.Patient: "name" is not listed there'],
  [{ Goal: '*' }, 'omit.Goal: is no type that the other policy lists'],
  [{ Patient: 'gender' }, 'omit.Patient: is no list'],
  [{ Patient: [['gender']] }, 'omit.Patient: is no list'],
])('omit of what is not there: %j', (omit, text) => expect(() => extended(base, { omit })).toThrow(text));

test.each([
  [{ groups: { measure: 'a', rules: [] } }, 'groups: is no list'],
  [{ groups: ['a'] }, 'groups: is no list'],
  [{ groups: [{ measure: 'a', rule: [{ paths: ['Age'], method: 'remove' }] }] }, 'groups[0].rules: is no list'],
  [{ groups: [{ measure: 'c', rules: { paths: ['Age'], method: 'remove' } }] }, 'groups[0].rules: is no list'],
  [{ groups: [{ measure: 'a', rules: [null] }] }, 'groups[0].rules: is no list'],
  [{ without: 'date-shift' }, 'without: is no list'],
  [{ elements: { Patient: 'active' } }, 'elements.Patient: is no list'],
  [{ elements: ['Patient'] }, 'elements: must be an object'],
  [{ omit: ['Patient'] }, 'omit: must be an object'],
  [{ extensions: 'urn:a' }, 'extensions: must be an object'],
  [{ without: ['age-top-cod'] }, 'without: there is no method "age-top-cod"'],
  [{ groups: [{ measure: 'a', titel: 'A', rules: [] }] }, 'groups[0]: "titel" is no part of a policy'],
])('a rule is never passed over in silence: %j', (own, text) => expect(() => extended(base, own)).toThrow(text));

test('what is omitted is not listed again: the rules of the other for it have fallen away', () =>
  expect(() => extended(base, { omit: { Patient: ['birthDate'] }, elements: { Patient: ['birthDate'] } })).toThrow(
    'omit.Patient: "birthDate" is listed again',
  ));

test.each(['Patient', 'ImagingStudy', 'Binary', 'DiagnosticReport', 'Media'])(
  '%s can be omitted as a whole, with the rules of the other for it',
  type => {
    const own = { name: 'own', version: '1', title: 'own', extends: 'jp-anonymized-images' };
    const types = [...policyOf(own).types.keys()];
    expect([...policyOf({ ...own, omit: { [type]: '*' } }).types.keys()]).toEqual(types.filter(one => one !== type));
  },
);

test('of a type that is omitted and listed anew the rules of the other stay', () => {
  const rules = [{ paths: ['Patient.birthDate'], method: 'generalize-date' }];
  const { groups } = extended(
    { ...base, groups: [{ measure: 'a', title: 'A', rules }] },
    { omit: { Patient: '*' }, elements: { Patient: ['birthDate'] } },
  );
  expect(groups).toEqual([{ measure: 'a', title: 'A', rules }]);
});

test('what is null goes: an extension, the age of pooling', () => {
  const own = extended(base, { pooledFrom: null, extensions: { 'urn:a': null } });
  expect(own).not.toHaveProperty('pooledFrom');
  expect(own['extensions']).toEqual({ 'urn:b': 'valueCode' });
});

test('the other policy is not changed', () => {
  const before = JSON.stringify(base);
  extended(base, { elements: { Patient: ['active'] }, groups: [{ measure: 'a', rules: [{ paths: ['time'], method: 'keep' }] }] });
  expect(JSON.stringify(base)).toBe(before);
});

test('a policy builds on one that comes along, and has a hash of its own', () => {
  const own = policyOf({ name: 'own', version: '1', title: 'own', extends: 'jp-anonymized', omit: { Patient: ['address'] } });
  expect(own.hash).not.toBe(policyNamed('jp-anonymized').hash);
  expect(own.decisions.get('Patient.address')).toEqual({ by: 'remove', measure: 'identifying-descriptions' });
});

test('on any other it does not', () =>
  expect(() => policyOf({ name: 'own', version: '1', title: 'own', extends: '../../package' })).toThrow('extends: is one of'));
