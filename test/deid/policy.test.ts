// docs/deidentification.md; https://hl7.org/fhir/R4/elementdefinition.html
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { canonicalJson } from '../../src/deid/canonical-json.ts';
import { compilePolicy } from '../../src/deid/compile.ts';
import { countsOf, deidentify, newTally } from '../../src/deid/deidentify.ts';
import { readPolicy } from '../../src/deid/policy.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { elementsOf } from '../../src/fhir/profile/elements.ts';
import { policyNamed } from '../../src/release/policies.ts';
import { chest, file, syntaxes } from './dicom/ground.ts';
import { compile, compiled, context, out } from './ground.ts';

const kept = {
  measure: 'kept',
  title: 'kept',
  rules: [
    { paths: ['code', 'boolean'], method: 'keep' },
    { paths: ['Resource.id'], method: 'pseudonymize' },
  ],
};

describe('a policy is checked when it is loaded', () => {
  test.each([
    ['an element that R4 does not have', { elements: { Patient: ['gendre'] } }, 'Patient.gendre'],
    ['a type that R4 does not have', { elements: { Pateint: ['gender'] } }, 'no resource type leaves'],
    [
      'a rule for a path that R4 does not have',
      { groups: [kept, { measure: 'm', title: 't', rules: [{ paths: ['Patient.nmae'], method: 'remove' }] }] },
      'Patient.nmae',
    ],
    [
      'a rule for a data type that R4 does not have',
      { groups: [kept, { measure: 'm', title: 't', rules: [{ paths: ['HumanNmae'], method: 'remove' }] }] },
      'HumanNmae',
    ],
    [
      'a method that does not exist',
      {
        groups: [kept, { measure: 'm', title: 't', rules: [{ paths: ['Patient.birthDate'], method: 'shfit' }] }],
        elements: { Patient: ['birthDate'] },
      },
      'shfit',
    ],
    [
      'a method that cannot treat the type',
      {
        groups: [kept, { measure: 'm', title: 't', rules: [{ paths: ['Patient.name'], method: 'keep' }] }],
        elements: { Patient: ['name'] },
      },
      'cannot treat HumanName',
    ],
    ['a listed element without a method', { elements: { Patient: ['birthDate'] } }, 'no method'],
    [
      'a listed element that its method removes',
      {
        groups: [kept, { measure: 'm', title: 't', rules: [{ paths: ['HumanName'], method: 'remove' }] }],
        elements: { Patient: ['name'] },
      },
      'removes it',
    ],
    ['a group listed as a whole', { elements: { Patient: ['contact'] } }, 'is a group'],
    [
      'a rule that nothing listed uses',
      { groups: [kept, { measure: 'm', title: 't', rules: [{ paths: ['Patient.birthDate'], method: 'generalize-date' }] }] },
      'not listed',
    ],
    ['an unknown part', { colour: 'red' }, 'colour'],
    [
      'an unknown part of the label',
      { label: { system: 'urn:l', code: 'c', display: 'd', colour: 'red' } },
      'label: "colour" is no part of a policy',
    ],
    ['an unknown part of the shift', { shift: { mostDay: 30 } }, 'shift: "mostDay" is no part of a policy'],
    [
      'an unknown part of an age',
      { ages: [{ on: 'Encounter', at: 'today', url: 'urn:a', to: 5 }] },
      'ages[0]: "to" is no part of a policy',
    ],
    ['an unknown part of the data set', { dataSet: { k: 10, percentile: {} } }, 'dataSet: "percentile" is no part of a policy'],
    [
      'an unknown part of the percentiles',
      { dataSet: { k: 10, percentiles: { low: 1, high: 99, hihg: 90 } } },
      'dataSet.percentiles: "hihg" is no part of a policy',
    ],
    ['an unknown part of a group', { groups: [{ ...kept, colour: 'red' }] }, 'colour'],
    ['a list that names an element twice', { elements: { Patient: ['gender', 'gender'] } }, 'twice'],
    ['no word about ids', { groups: [{ ...kept, rules: [kept.rules[0]] }] }, 'ids'],
    [
      'a national list that is none',
      { dataSet: { k: 10, population: [{ system: 'urn:x', code: '1' }] } },
      'dataSet.population[0].patients',
    ],
    ['a code that is above itself', { dataSet: { k: 10, hierarchies: { 'urn:x': { 1: '2', 2: '1' } } } }, 'dataSet.hierarchies.urn:x'],
    ['an unknown part of what is done over a data set', { dataSet: { k: 10, combine: true } }, 'combine'],
    ['an extension whose value has no method', { extensions: { 'urn:x': 'valueString' } }, 'urn:x'],
  ])('%s stops the load', (_, parts, text) => expect(() => compile(parts)).toThrow(text));

  test('what it does not say is not assumed', () => expect([...compile({}).types.keys()]).toEqual(['Patient']));
});

test('hash: the same rules in another order of keys have the same hash, another rule has another', () => {
  const one = compile({});
  expect(compile({}).hash).toBe(one.hash);
  expect(compile({ elements: { Patient: ['gender', 'active'] } }).hash).not.toBe(one.hash);
  expect(canonicalJson({ b: [1, { d: 2, c: 3 }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":3,"d":2}]}');
});

describe('jp-anonymized', () => {
  const file = JSON.parse(readFileSync(new URL('../../profiles/policies/jp-anonymized.json', import.meta.url), 'utf8'));
  test('has the five measures of the Japanese criteria, in their order', () =>
    expect(readPolicy(file).groups.map(group => group.measure)).toEqual([
      'kept',
      'identifying-descriptions',
      'identification-codes',
      'linking-codes',
      'peculiar-descriptions',
      'nature-of-database',
    ]));
  test('lets out no type that is about staff, institutions, payers or a genome', () => {
    for (const type of [
      'Practitioner',
      'PractitionerRole',
      'Organization',
      'Location',
      'RelatedPerson',
      'Person',
      'Coverage',
      'MolecularSequence',
      'Bundle',
      'Binary',
      'Consent',
      'Communication',
    ])
      expect(compiled.types.has(type)).toBe(false);
  });
  test('lists the status of each type that has one: no clinical statement leaves without the element that could turn it round', () => {
    for (const type of compiled.types.keys()) {
      for (const modifier of ['status', 'doNotPerform', 'intent', 'clinicalStatus', 'verificationStatus', 'lifecycleStatus']) {
        if (elementsOf(type).has(modifier) && type !== 'Patient')
          expect([type, file.elements[type]]).toEqual([type, expect.arrayContaining([modifier])]);
      }
    }
  });
  test('compiles again to the same hash', () => expect(policyNamed('jp-anonymized').hash).toBe(compiled.hash));
  test('its hash holds the codes that it takes from another file', () => {
    const policy = structuredClone(compiled.policy);
    const rule = policy.groups.flatMap(group => group.rules).find(one => one.method === 'code-system')!;
    expect(rule.options['codes']).toHaveProperty(['http://terminology.hl7.org/CodeSystem/v3-ActCode']);
    (rule.options['codes'] as Record<string, string[]>)['http://terminology.hl7.org/CodeSystem/v3-ActCode']!.push('another');
    expect(compilePolicy(policy).hash).not.toBe(compiled.hash);
  });
});

describe('a rule for a group', () => {
  const component = (method: string) =>
    compile({
      groups: [
        {
          measure: 'kept',
          title: 'kept',
          rules: [
            { paths: ['code', 'boolean'], method: 'keep' },
            { paths: ['Resource.id'], method: 'pseudonymize' },
            { paths: ['Observation.component'], method },
          ],
        },
      ],
      elements: { Observation: ['status', 'component.valueBoolean'] },
    });
  test('is obeyed', () =>
    expect(
      out({ resourceType: 'Observation', status: 'final', component: [{ valueBoolean: true }] }, {}, component('mask'))?.['component'],
    ).toMatchObject([{ extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] }]));
  test('whose method cannot treat one stops the load', () => expect(() => component('keep')).toThrow('cannot treat'));
});

describe('a rule for a type of resource', () => {
  const by = (method: string, type: string, elements: readonly string[]) =>
    compile({
      groups: [
        {
          measure: 'kept',
          title: 'kept',
          rules: [
            { paths: ['Resource.id'], method: 'pseudonymize' },
            { paths: [type], method },
          ],
        },
      ],
      elements: { [type]: elements },
    });
  const binary: AnyResource = {
    resourceType: 'Binary',
    id: 'b',
    contentType: 'text/plain',
    securityContext: { reference: 'Patient/CANARY' },
    data: Buffer.from('安静').toString('base64'),
  };
  const clean = (text: string): string => text;
  test('gets the whole of it, and what is listed of what it makes leaves', () => {
    const left = { resourceType: 'Binary', id: 'pseudonym', contentType: 'text/plain;charset=utf-8', data: binary['data'] };
    expect(out(binary, { clean }, by('clean-attachment', 'Binary', ['contentType', 'data']))).toEqual({ ...left, meta: expect.anything() });
    const { data: _, ...bare } = left;
    expect(out(binary, { clean }, by('clean-attachment', 'Binary', ['contentType']))).toEqual({ ...bare, meta: expect.anything() });
  });
  test('from which nothing comes withholds the resource', () => {
    const policy = by('clean-attachment', 'Binary', ['contentType', 'data']);
    const tally = newTally(policy);
    expect(deidentify(policy, binary, context(), tally)).toBeUndefined();
    expect(countsOf(policy, tally)).toMatchObject({ withheld: 1 });
  });
  test('a Binary within another resource does not leave: whose it is, nobody has told', () => {
    const contained = [{ ...binary, contentType: 'application/dicom', data: file(chest(), syntaxes.explicit).toString('base64') }];
    const document = { resourceType: 'DocumentReference', status: 'current', contained, context: { related: [{ reference: '#b' }] } };
    expect(out(document, {}, policyNamed('jp-anonymized-images'))).toEqual({
      ...{ resourceType: 'DocumentReference', id: 'pseudonym', meta: expect.anything(), status: 'current' },
    });
  });
  test.each([
    ['mask', 'Binary', ['data']],
    ['clean-attachment', 'Patient', ['gender']],
    ['clean-attachment', 'Binary', ['url']],
    ['remove', 'Binary', ['contentType']],
    ['remove', 'Observation', ['status']],
  ])('%s of %s %j stops the load', (method, type, elements) =>
    expect(() => by(method, type, elements)).toThrow(/cannot treat|R4 has no such element|its method removes it/),
  );
});
