// docs/profiles.md, https://hl7.org/fhir/R4/profiling.html#slicing: each discriminator, each rule
import { describe, expect, test } from '@jest/globals';
import type { Definition, Slicing } from '../../../src/fhir/profile/definition.ts';
import type { Codes } from '../../../src/fhir/profile/profiles.ts';
import { found, own, profileOf, r4 } from './profile-ground.ts';

const slicing = (type: string, path: string, more: Slicing = {}): Slicing => ({ discriminator: [{ type, path }], rules: 'open', ...more });
const observed = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
const ids = (...systems: string[]) => ({ resourceType: 'Patient', identifier: systems.map(system => ({ system, value: '1' })) });

/** Patient.identifier in two slices by system, the first required. */
const sliced = (more: Slicing = {}) => [
  profileOf('p', 'Patient', [
    { path: 'Patient.identifier', slicing: slicing('value', 'system', more) },
    { path: 'Patient.identifier', sliceName: 'a', min: 1, max: '1' },
    { path: 'Patient.identifier.system', min: 1, fixedUri: 'urn:a' },
    { path: 'Patient.identifier', sliceName: 'b', max: '1' },
    { path: 'Patient.identifier.system', min: 1, fixedUri: 'urn:b' },
    { path: 'Patient.identifier.use', min: 1 },
  ]),
];

describe('value', () => {
  test('a slice has its own number and its own parts', async () => {
    expect(await found(sliced(), ids('urn:a', 'urn:c'))).toEqual([]);
    expect(await found(sliced(), ids('urn:c'))).toEqual(['required Patient.identifier']);
    expect(await found(sliced(), ids())).toEqual(['required Patient.identifier']);
    expect(await found(sliced(), ids('urn:a', 'urn:a'))).toEqual(['not-in-profile Patient.identifier']);
    expect(await found(sliced(), ids('urn:a', 'urn:b'))).toEqual(['required Patient.identifier[1].use']);
  });
  test('closed: what is in no slice may not be there', async () => {
    expect(await found(sliced({ rules: 'closed' }), ids('urn:a', 'urn:c'))).toEqual(['not-in-profile Patient.identifier[1]']);
  });
  test('openAtEnd: what is in no slice comes last', async () => {
    expect(await found(sliced({ rules: 'openAtEnd' }), ids('urn:a', 'urn:c'))).toEqual([]);
    expect(await found(sliced({ rules: 'openAtEnd' }), ids('urn:c', 'urn:a'))).toEqual(['not-in-profile Patient.identifier[1]']);
  });
  test('ordered: in the order of the slices', async () => {
    const b = { system: 'urn:b', value: '1', use: 'usual' };
    const both = (...identifier: object[]) => ({ resourceType: 'Patient', identifier });
    expect(await found(sliced({ ordered: true }), both({ system: 'urn:a', value: '1' }, b))).toEqual([]);
    expect(await found(sliced({ ordered: true }), both(b, { system: 'urn:a', value: '1' }))).toEqual([
      'not-in-profile Patient.identifier[1]',
    ]);
    expect(await found(sliced(), both(b, { system: 'urn:a', value: '1' }))).toEqual([]);
  });
  test('by a path into a sliced element: the blood pressure of R4', async () => {
    const coded = (code: string) => ({
      code: {
        coding: [
          { system: 'urn:other', code: 'x' },
          { system: 'http://loinc.org', code },
        ],
      },
    });
    const component = (code: string, unit = 'mm[Hg]') => ({
      ...coded(code),
      valueQuantity: { value: 1, unit, system: 'http://unitsofmeasure.org', code: unit },
    });
    const pressure = (...components: object[]) => ({
      ...observed,
      category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }],
      ...coded('85354-9'),
      subject: { reference: 'Patient/1' },
      effectiveDateTime: '2024-01-01',
      component: components,
    });
    const bp = [{ ...profileOf('x', 'Observation', [], `${r4}bp`) }];
    expect(await found(bp, pressure(component('8480-6'), component('8462-4')))).toEqual([]);
    expect(await found(bp, pressure(component('8480-6'), component('8480-6')))).toEqual([
      'not-in-profile Observation.component',
      'required Observation.component',
    ]);
    expect(await found(bp, pressure(component('8480-6'), component('8462-4', 'kPa')))).toEqual([
      'value-not-in-profile Observation.component[1].value.code',
    ]);
  });
});

test('pattern', async () => {
  const profile = [
    profileOf('p', 'Observation', [
      { path: 'Observation.category', slicing: slicing('pattern', '$this') },
      { path: 'Observation.category', sliceName: 'lab', min: 1, patternCodeableConcept: { coding: [{ system: 'urn:c', code: 'lab' }] } },
    ]),
  ];
  const categorised = (code: string) => ({
    ...observed,
    category: [{ coding: [{ system: 'urn:c', code, display: 'd' }], text: 't' }],
  });
  expect(await found(profile, categorised('lab'))).toEqual([]);
  expect(await found(profile, categorised('x'))).toEqual(['required Observation.category']);
});

test('value by a required binding: the codes come from terminology; without them nothing can be told', async () => {
  const codes: Codes = {
    codesIn: async valueSet => (valueSet === 'urn:v' ? new Map([['urn:s', new Set(['1', '2'])]]) : undefined),
    validateCode: async () => true,
  };
  const profile = [
    profileOf('p', 'Observation', [
      { path: 'Observation.category', slicing: slicing('value', '$this') },
      { path: 'Observation.category', sliceName: 'one', min: 1, max: '1', binding: { strength: 'required', valueSet: 'urn:v' } },
    ]),
  ];
  const categorised = (...list: string[]) => ({
    ...observed,
    category: list.map(code => ({ coding: [{ system: 'urn:s', code }] })),
  });
  expect(await found(profile, categorised('1', '3'), codes)).toEqual([]);
  expect(await found(profile, categorised('3'), codes)).toEqual(['required Observation.category']);
  expect(await found(profile, categorised('1', '2'), codes)).toEqual(['not-in-profile Observation.category']);
  expect(await found(profile, categorised('3'))).toEqual(['warning: not-in-profile Observation.category[0]']);
});

test('exists', async () => {
  const profile = [
    profileOf('p', 'Patient', [
      { path: 'Patient.name', slicing: slicing('exists', 'period') },
      { path: 'Patient.name', sliceName: 'now', min: 1 },
      { path: 'Patient.name.period', max: '0' },
      { path: 'Patient.name', sliceName: 'once', max: '1' },
      { path: 'Patient.name.period', min: 1 },
    ]),
  ];
  const named = (...name: object[]) => ({ resourceType: 'Patient', name });
  const once = { text: 'y', period: { end: '2020' } };
  expect(await found(profile, named({ text: 'x' }, once))).toEqual([]);
  expect(await found(profile, named(once))).toEqual(['required Patient.name']);
  expect(await found(profile, named({ text: 'x' }, once, once))).toEqual(['not-in-profile Patient.name']);
});

describe('type', () => {
  test('of a choice', async () => {
    const profile = [
      profileOf('p', 'Observation', [
        { path: 'Observation.value[x]', slicing: slicing('type', '$this', { rules: 'closed' }) },
        { path: 'Observation.value[x]', sliceName: 'valueQuantity', type: [{ code: 'Quantity' }] },
        { path: 'Observation.value[x].unit', min: 1 },
        { path: 'Observation.value[x]', sliceName: 'valueString', type: [{ code: 'string' }], maxLength: 3 },
      ]),
    ];
    const valued = (value: object) => ({ ...observed, ...value });
    expect(await found(profile, valued({ valueQuantity: { unit: 'x' } }))).toEqual([]);
    expect(await found(profile, valued({ valueQuantity: {} }))).toEqual(['required Observation.value.unit']);
    expect(await found(profile, valued({ valueString: 'long' }))).toEqual(['value-not-in-profile Observation.value']);
    expect(await found(profile, valued({ valueBoolean: true }))).toEqual(['not-in-profile Observation.value']);
  });
  test('the shortcuts valueQuantity and valueString are such slices', async () => {
    const profile = [
      profileOf('p', 'Observation', [
        { path: 'Observation.valueQuantity' },
        { path: 'Observation.valueQuantity.unit', min: 1 },
        { path: 'Observation.valueString', maxLength: 3 },
      ]),
    ];
    expect(await found(profile, { ...observed, valueQuantity: {} })).toEqual(['required Observation.value.unit']);
    expect(await found(profile, { ...observed, valueString: 'long' })).toEqual(['value-not-in-profile Observation.value']);
    expect(await found(profile, { ...observed, valueBoolean: true })).toEqual([]);
  });
  test('of what a reference leads to, and of entries', async () => {
    const profile = [
      profileOf('p', 'Observation', [
        { path: 'Observation.performer', slicing: slicing('type', 'resolve()') },
        {
          path: 'Observation.performer',
          sliceName: 'who',
          min: 1,
          max: '1',
          type: [{ code: 'Reference', targetProfile: [`${r4}Practitioner`] }],
        },
      ]),
    ];
    const by = (...references: string[]) => ({ ...observed, performer: references.map(reference => ({ reference })) });
    expect(await found(profile, by('Organization/1', 'Practitioner/1'))).toEqual([]);
    expect(await found(profile, by('Organization/1'))).toEqual(['required Observation.performer']);
    const document = [
      profileOf('d', 'Bundle', [
        { path: 'Bundle.entry', slicing: slicing('type', 'resource') },
        { path: 'Bundle.entry', sliceName: 'composition', min: 1, max: '1' },
        { path: 'Bundle.entry.resource', min: 1, type: [{ code: 'Composition' }] },
      ]),
    ];
    const bundle = (...types: string[]) => ({
      resourceType: 'Bundle',
      type: 'collection',
      entry: types.map(resourceType => ({ resource: { resourceType } })),
    });
    expect(await found(document, bundle('Patient', 'Composition'))).toEqual([]);
    expect(await found(document, bundle('Patient'))).toEqual(['required Bundle.entry']);
  });
});

test('profile', async () => {
  const active = profileOf('active', 'Patient', [{ path: 'Patient.active', min: 1, fixedBoolean: true }]);
  const profile = profileOf('p', 'Bundle', [
    { path: 'Bundle.entry', slicing: slicing('profile', 'resource') },
    { path: 'Bundle.entry', sliceName: 'active', min: 1 },
    { path: 'Bundle.entry.resource', type: [{ code: 'Resource', profile: [active.url] }] },
  ]);
  const bundle = (...list: object[]) => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: list.map(one => ({ resource: { resourceType: 'Patient', ...one } })),
  });
  expect(await found([profile, active], bundle({}, { active: true }))).toEqual([]);
  expect(await found([profile, active], bundle({ active: false }))).toEqual(['required Bundle.entry']);
});

describe('extensions are slices by their url', () => {
  const extension = profileOf('e', 'Extension', [
    { path: 'Extension.url', fixedUri: `${own}e` },
    { path: 'Extension.value[x]', type: [{ code: 'code' }] },
  ]);
  const needing = profileOf('p', 'Patient', [
    { path: 'Patient.extension', sliceName: 'e', min: 1, type: [{ code: 'Extension', profile: [extension.url] }] },
  ]);
  const extended = (...list: object[]) => ({ resourceType: 'Patient', extension: list });
  test('a required one; one whose definition is not known is still known by its url', async () => {
    for (const structures of [[needing, extension], [needing]]) {
      expect(await found(structures, extended({ url: 'urn:x', valueCode: 'a' }, { url: `${own}e`, valueCode: 'a' }))).toEqual([]);
      expect(await found(structures, extended({ url: 'urn:x', valueCode: 'a' }))).toEqual(['required Patient.extension']);
    }
    expect(await found([needing, extension], extended({ url: `${own}e`, valueString: 'a' }))).toContain(
      'not-in-profile Patient.extension[0].value',
    );
  });
  test('a discriminator goes into an extension', async () => {
    const profile = [
      profileOf('p', 'Patient', [
        { path: 'Patient.name', slicing: slicing('value', "extension('urn:kind').value") },
        { path: 'Patient.name', sliceName: 'kana', min: 1 },
        { path: 'Patient.name.extension', sliceName: 'kind', min: 1 },
        { path: 'Patient.name.extension.url', fixedUri: 'urn:kind' },
        { path: 'Patient.name.extension.value[x]', min: 1, fixedCode: 'SYL' },
      ]),
    ];
    const named = (valueCode: string) => ({ resourceType: 'Patient', name: [{ text: 'x', extension: [{ url: 'urn:kind', valueCode }] }] });
    expect(await found(profile, named('SYL'))).toEqual([]);
    expect(await found(profile, named('IDE'))).toEqual(['required Patient.name']);
  });
});

test('slices of a slice', async () => {
  const profile = [
    profileOf('p', 'Patient', [
      { path: 'Patient.telecom', slicing: slicing('value', 'system') },
      { path: 'Patient.telecom', sliceName: 'phone', slicing: slicing('value', 'use') },
      { path: 'Patient.telecom.system', min: 1, fixedCode: 'phone' },
      { path: 'Patient.telecom', sliceName: 'phone/home', min: 1 },
      { path: 'Patient.telecom.use', min: 1, fixedCode: 'home' },
    ]),
  ];
  const reached = (...telecom: object[]) => ({ resourceType: 'Patient', telecom });
  expect(await found(profile, reached({ system: 'phone', use: 'home' }, { system: 'phone', use: 'work' }))).toEqual([]);
  expect(await found(profile, reached({ system: 'email', use: 'home' }, { system: 'phone', use: 'work' }))).toEqual([
    'required Patient.telecom',
  ]);
});

test('without a discriminator, fixed values and patterns tell the slices apart', async () => {
  const element: Definition[] = [
    { path: 'Patient.identifier', slicing: { rules: 'closed' } },
    { path: 'Patient.identifier', sliceName: 'a', patternIdentifier: { system: 'urn:a' } },
  ];
  expect(await found([profileOf('p', 'Patient', element)], ids('urn:a'))).toEqual([]);
  expect(await found([profileOf('p', 'Patient', element)], ids('urn:b'))).toEqual(['not-in-profile Patient.identifier[0]']);
});
