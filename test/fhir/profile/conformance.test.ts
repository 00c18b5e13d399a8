// docs/profiles.md, https://hl7.org/fhir/R4/elementdefinition-definitions.html: each rule of an element, met and broken
import { describe, expect, test } from '@jest/globals';
import { Decimal } from '../../../src/fhir/model/json.ts';
import type { Definition } from '../../../src/fhir/profile/definition.ts';
import type { Codes } from '../../../src/fhir/profile/profiles.ts';
import { found, own, profileOf, profilesOf, r4 } from './profile-ground.ts';

const patient = (more: object = {}) => ({ resourceType: 'Patient', ...more });
const observation = (more: object = {}) => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...more });
const ofPatient = (...element: Definition[]) => [profileOf('p', 'Patient', element)];
const ofObservation = (...element: Definition[]) => [profileOf('o', 'Observation', element)];

/** Rule, its element, what keeps it, what breaks it, the findings. */
const rules: readonly [string, Definition, object, object, string[]][] = [
  ['min', { path: 'Patient.name', min: 1 }, { name: [{ text: 'x' }] }, {}, ['required Patient.name']],
  [
    'min of several',
    { path: 'Patient.name', min: 2 },
    { name: [{ text: 'x' }, { text: 'y' }] },
    { name: [{ text: 'x' }] },
    ['required Patient.name'],
  ],
  ['max', { path: 'Patient.name', max: '1' }, { name: [{}] }, { name: [{}, {}] }, ['not-in-profile Patient.name']],
  ['max 0', { path: 'Patient.photo', max: '0' }, {}, { photo: [{ title: 'x' }] }, ['not-in-profile Patient.photo']],
  [
    'fixed',
    { path: 'Patient.gender', fixedCode: 'female' },
    { gender: 'female' },
    { gender: 'male' },
    ['value-not-in-profile Patient.gender'],
  ],
  [
    'fixed of a data type holds all of it',
    { path: 'Patient.maritalStatus', fixedCodeableConcept: { text: 'x' } },
    { maritalStatus: { text: 'x' } },
    { maritalStatus: { text: 'x', coding: [{ code: 'M' }] } },
    ['value-not-in-profile Patient.maritalStatus'],
  ],
  [
    'pattern holds what it names',
    { path: 'Patient.maritalStatus', patternCodeableConcept: { coding: [{ system: 'urn:s', code: 'M' }] } },
    { maritalStatus: { text: 'x', coding: [{ code: 'other' }, { system: 'urn:s', code: 'M', display: 'd' }] } },
    { maritalStatus: { coding: [{ system: 'urn:s', code: 'S' }] } },
    ['value-not-in-profile Patient.maritalStatus'],
  ],
  [
    'maxLength',
    { path: 'Patient.name.family', maxLength: 3 },
    { name: [{ family: '山田家' }] },
    { name: [{ family: '山田山田' }] },
    ['value-not-in-profile Patient.name[0].family'],
  ],
  [
    'minValue',
    { path: 'Patient.birthDate', minValueDate: '1900-01-01' },
    { birthDate: '1900' },
    { birthDate: '1899-12-31' },
    ['value-not-in-profile Patient.birthDate'],
  ],
  [
    'maxValue',
    { path: 'Patient.multipleBirth[x]', maxValueInteger: 5 },
    { multipleBirthInteger: 5 },
    { multipleBirthInteger: 6 },
    ['value-not-in-profile Patient.multipleBirth'],
  ],
  [
    'types of a choice',
    { path: 'Patient.deceased[x]', type: [{ code: 'boolean' }] },
    { deceasedBoolean: true },
    { deceasedDateTime: '2020' },
    ['not-in-profile Patient.deceased'],
  ],
  [
    'targets of a reference',
    { path: 'Patient.generalPractitioner', type: [{ code: 'Reference', targetProfile: [`${r4}Organization`] }] },
    { generalPractitioner: [{ reference: 'Organization/1' }, { display: 'somebody' }, { reference: 'urn:uuid:0' }] },
    { generalPractitioner: [{ reference: 'Practitioner/1' }, { type: 'PractitionerRole', display: 'x' }] },
    ['reference-type Patient.generalPractitioner[0]', 'reference-type Patient.generalPractitioner[1]'],
  ],
  [
    'something beside a primitive',
    { path: 'Patient.birthDate.extension', min: 1 },
    { _birthDate: { extension: [{ url: 'urn:e', valueCode: 'x' }] } },
    { birthDate: '2020' },
    ['required Patient.birthDate.extension'],
  ],
  [
    'an element inside one that is not there is not asked for',
    { path: 'Patient.name.family', min: 1 },
    {},
    { name: [{ text: 'x' }] },
    ['required Patient.name[0].family'],
  ],
];

test.each(rules)('%s', async (_, element, good, bad, findings) => {
  expect(await found(ofPatient(element), patient(good))).toEqual([]);
  expect(await found(ofPatient(element), patient(bad))).toEqual(findings);
});

test('a profile for another type', async () => {
  expect(await found(ofPatient(), observation())).toEqual(['not-in-profile Observation']);
});

test('a profile that asks for itself, or for one that asks for it, ends', async () => {
  const itself = { path: 'Patient', type: [{ code: 'Resource', profile: [`${own}p`] }] };
  expect(await found(ofPatient(itself), patient())).toEqual([]);
  expect(await found(ofPatient(itself, { path: 'Patient.gender', fixedCode: 'female' }), patient({ gender: 'male' }))).toEqual([
    'value-not-in-profile Patient.gender',
  ]);
});

test('texts name the element, the profile and no value', async () => {
  const [finding] = await profilesOf(ofPatient({ path: 'Patient.gender', fixedCode: 'female' })).check(patient({ gender: 'male' }), [
    `${own}p`,
  ]);
  expect(finding!.text).toBe(`Patient.gender has not the value that is fixed (profile ${own}p).`);
});

test('values with many digits are compared as numbers', async () => {
  const element = { path: 'Observation.value[x]', type: [{ code: 'Quantity' }], maxValueQuantity: { value: 5, code: 'kg' } };
  const weigh = (value: unknown, code = 'kg') => observation({ valueQuantity: { value, code } });
  expect(await found(ofObservation(element), weigh(new Decimal('4.99999999999999999999')))).toEqual([]);
  expect(await found(ofObservation(element), weigh(new Decimal('6.00000000000000000000')))).toEqual([
    'value-not-in-profile Observation.value',
  ]);
  expect(await found(ofObservation(element), weigh(6, 'g'))).toEqual([]);
});

describe('invariants', () => {
  const rule = (path: string, expression: string, severity = 'error'): Definition => ({
    path,
    constraint: [{ key: 'own-1', severity, human: 'So it is.', expression }],
  });
  test('of the resource, of an element, of a primitive; warnings are warnings', async () => {
    expect(await found(ofPatient(rule('Patient', 'name.exists() or birthDate.exists()')), patient())).toEqual(['invariant Patient']);
    expect(
      await found(ofPatient(rule('Patient.contact', 'name.exists()')), patient({ contact: [{ name: { text: 'x' } }, { gender: 'male' }] })),
    ).toEqual(['invariant Patient.contact[1]']);
    expect(await found(ofPatient(rule('Patient.birthDate', '$this > @1900-01-01')), patient({ birthDate: '1899-01-01' }))).toEqual([
      'invariant Patient.birthDate',
    ]);
    expect(await found(ofPatient(rule('Patient', 'false', 'warning')), patient())).toEqual(['warning: invariant Patient']);
  });
  test('%resource is the resource, resolve() knows what is contained', async () => {
    const profile = ofObservation(rule('Observation.subject', "%resource.status = 'final' and resolve().active"));
    const about = (active: boolean) =>
      observation({ subject: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p', active }] });
    expect(await found(profile, about(true))).toEqual([]);
    expect(await found(profile, about(false))).toEqual(['invariant Observation.subject']);
  });
  test('one that says nothing, or cannot be evaluated, refuses nothing', async () => {
    for (const expression of ['{}', "code.memberOf('urn:v')", 'name.nonsense()', '((', '1 + {}'])
      expect([expression, await found(ofPatient(rule('Patient', expression)), patient())]).toEqual([expression, []]);
  });
  test('R4’s own stay with the base validation, even if a snapshot repeats them', async () => {
    const { differential: _, ...rest } = profileOf('p', 'Patient', []);
    const constraint = [{ key: 'dom-6', severity: 'error', expression: 'false', source: `${r4}DomainResource` }];
    expect(await found([{ ...rest, snapshot: { element: [{ path: 'Patient', min: 0, max: '*', constraint }] } }], patient())).toEqual([]);
  });
});

describe('bindings', () => {
  const codes: Codes = {
    codesIn: async () => undefined,
    validateCode: async (valueSet, { system, code }) =>
      valueSet === 'urn:v' ? code === 'good' && (system === undefined || system === 'urn:s') : undefined,
  };
  const bound = (strength: string, valueSet = 'urn:v') => ofPatient({ path: 'Patient.maritalStatus', binding: { strength, valueSet } });
  const status = (...coding: object[]) => patient({ maritalStatus: coding.length === 0 ? { text: 'x' } : { coding } });
  const good = { system: 'urn:s', code: 'good' };
  const bad = { system: 'urn:t', code: 'good' };
  test('required: one coding is in it', async () => {
    expect(await found(bound('required'), status(bad, good), codes)).toEqual([]);
    expect(await found(bound('required'), status(bad), codes)).toEqual(['code-invalid Patient.maritalStatus']);
    expect(await found(bound('required'), status(), codes)).toEqual(['code-invalid Patient.maritalStatus']);
    expect(
      await found(
        ofPatient({ path: 'Patient.language', binding: { strength: 'required', valueSet: 'urn:v' } }),
        patient({ language: 'ja' }),
        codes,
      ),
    ).toEqual(['code-invalid Patient.language']);
  });
  test('extensible: a warning, and none for words alone; preferred: nothing', async () => {
    expect(await found(bound('extensible'), status(bad), codes)).toEqual(['warning: code-invalid Patient.maritalStatus']);
    expect(await found(bound('extensible'), status(), codes)).toEqual([]);
    expect(await found(bound('preferred'), status(bad), codes)).toEqual([]);
  });
  test('a value set that is not known refuses nothing; of R4’s required ones the list is known without terminology', async () => {
    expect(await found(bound('required', 'urn:unknown'), status(bad), codes)).toEqual([]);
    expect(await found(bound('required'), status(bad))).toEqual([]);
    const gender = ofPatient({
      path: 'Patient.maritalStatus',
      binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender' },
    });
    expect(await found(gender, status({ system: 'http://hl7.org/fhir/administrative-gender', code: 'male' }))).toEqual([]);
    expect(await found(gender, status(bad))).toEqual(['code-invalid Patient.maritalStatus']);
  });
});

describe('profiles of types', () => {
  const family = profileOf('family', 'HumanName', [{ path: 'HumanName.family', min: 1 }]);
  const given = profileOf('given', 'HumanName', [{ path: 'HumanName.given', min: 1 }]);
  const named = (...profile: string[]) => profileOf('p', 'Patient', [{ path: 'Patient.name', type: [{ code: 'HumanName', profile }] }]);
  test('one is held; of several one is enough; one that is not known refuses nothing', async () => {
    const name = (one: object) => patient({ name: [one] });
    expect(await found([named(family.url), family], name({ text: 'x' }))).toEqual(['required Patient.name[0].family']);
    expect(await found([named(family.url, given.url), family, given], name({ given: ['x'] }))).toEqual([]);
    expect(await found([named(family.url, given.url), family, given], name({ text: 'x' }))).toEqual(['not-in-profile Patient.name[0]']);
    expect(await found([named(`${own}nowhere`)], name({ text: 'x' }))).toEqual([]);
  });
  test('the differential goes into the type’s profile', async () => {
    const deeper = profileOf('p', 'Patient', [
      { path: 'Patient.name', type: [{ code: 'HumanName', profile: [family.url] }] },
      { path: 'Patient.name.family', maxLength: 3 },
    ]);
    expect(await found([deeper, family], patient({ name: [{ family: 'long' }] }))).toEqual(['value-not-in-profile Patient.name[0].family']);
  });
  test('what a reference leads to, contained or in the Bundle around, conforms too', async () => {
    const subject = profileOf('s', 'Patient', [{ path: 'Patient.active', min: 1 }]);
    const profile = profileOf('o', 'Observation', [
      { path: 'Observation.subject', type: [{ code: 'Reference', targetProfile: [subject.url] }] },
    ]);
    const about = (target: object) =>
      observation({ subject: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p', ...target }] });
    expect(await found([profile, subject], about({ active: true }))).toEqual([]);
    expect(await found([profile, subject], about({}))).toEqual(['not-in-profile Observation.subject']);
    const bundle = (active: object) => ({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        {
          fullUrl: 'urn:uuid:1',
          resource: {
            ...observation({ subject: { reference: 'urn:uuid:1' } }),
            subject: { reference: 'urn:uuid:2' },
            meta: { profile: [profile.url] },
          },
        },
        { fullUrl: 'urn:uuid:2', resource: patient(active) },
      ],
    });
    const check = async (resource: object) =>
      (await profilesOf([profile, subject]).check(resource as never)).map(({ expression }) => expression);
    expect(await check(bundle({ active: true }))).toEqual([]);
    expect(await check(bundle({}))).toEqual(['Bundle.entry[0].resource.subject']);
  });
  test('two that lead to each other end', async () => {
    const a = profileOf('a', 'Observation', [{ path: 'Observation.hasMember', type: [{ code: 'Reference', targetProfile: [`${own}b`] }] }]);
    const b = profileOf('b', 'Observation', [{ path: 'Observation.hasMember', type: [{ code: 'Reference', targetProfile: [`${own}a`] }] }]);
    const circle = observation({
      hasMember: [{ reference: '#x' }],
      contained: [{ ...observation(), id: 'x', hasMember: [{ reference: '#x' }] }],
    });
    expect(await found([a, b], circle)).toEqual([]);
  });
});

describe('extensions', () => {
  const extension = profileOf('e', 'Extension', [
    { path: 'Extension.url', fixedUri: `${own}e` },
    { path: 'Extension.valueCode', min: 1 },
  ]);
  test('a known one is held by its own definition, wherever it stands', async () => {
    const with_ = (value: object) => patient({ _birthDate: { extension: [{ url: `${own}e`, ...value }] } });
    expect(await found([profileOf('p', 'Patient', []), extension], with_({ valueCode: 'x' }))).toEqual([]);
    expect(await found([profileOf('p', 'Patient', []), extension], with_({ valueString: 'x' }))).toContain(
      'not-in-profile Patient.birthDate.extension[0].value',
    );
    expect(await found([profileOf('p', 'Patient', [])], patient({ extension: [{ url: 'urn:unknown', valueString: 'x' }] }))).toEqual([]);
  });
  test('R4’s own are known', async () => {
    const born = (value: object) => patient({ extension: [{ url: `${r4}patient-birthPlace`, ...value }] });
    expect(await found(ofPatient(), born({ valueAddress: { city: 'x' } }))).toEqual([]);
    expect(await found(ofPatient(), born({ valueString: 'x' }))).toEqual(['not-in-profile Patient.extension[0].value']);
  });
});

test('content references: what a profile says of an element, it says of those that refer to it', async () => {
  const profile = [profileOf('q', 'Questionnaire', [{ path: 'Questionnaire.item.text', min: 1 }])];
  const item = (linkId: string, more: object) => ({ linkId, type: 'group', ...more });
  const questionnaire = { resourceType: 'Questionnaire', status: 'draft', item: [item('1', { text: 'x', item: [item('2', {})] })] };
  expect(await found(profile, questionnaire)).toEqual(['required Questionnaire.item[0].item[0].text']);
});

test('resources inside are held against the profiles that they name', async () => {
  const profile = profileOf('p', 'Patient', [{ path: 'Patient.name', min: 1 }]);
  const claiming = patient({ meta: { profile: [profile.url] } });
  const check = async (resource: object) => (await profilesOf([profile]).check(resource as never)).map(({ expression }) => expression);
  expect(await check(observation({ contained: [claiming] }))).toEqual(['Observation.contained[0].name']);
  expect(await check({ resourceType: 'Bundle', entry: [{ resource: claiming }] })).toEqual(['Bundle.entry[0].resource.name']);
  expect(await check({ resourceType: 'Parameters', parameter: [{ name: 'x', part: [{ name: 'y', resource: claiming }] }] })).toEqual([
    'Parameters.parameter[0].part[0].resource.name',
  ]);
});

test('malformed resources, which the base validation refuses, do no harm', async () => {
  const profile = ofPatient(
    { path: 'Patient.name', min: 1, slicing: { discriminator: [{ type: 'value', path: 'use' }] } },
    { path: 'Patient.name', sliceName: 'u' },
    { path: 'Patient.name.use', min: 1, fixedCode: 'usual' },
  );
  for (const name of [null, 'x', [null], [['x']], { use: 'usual' }, [{ use: ['usual'] }]])
    await found(profile, patient({ name, meta: { profile: 5 } }));
  expect(profilesOf(profile).concerns({ resourceType: 'Patient', meta: [] as never })).toBe(false);
});
