// Which rule works on which element: the first one that finds it or something above it; nested resources by their own rules. docs/deidentification/rules.md
import { describe, expect, test } from '@jest/globals';
import { compileRules } from '../../../src/deid/rules/compile.ts';
import { readRules } from '../../../src/deid/rules/configuration.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { cpuTime } from '../../cpu-time.ts';
import { apply, bare, configuration, context, treated } from './ground.ts';

const redact = (path: string) => ({ path, method: 'redact' });
const keep = (path: string) => ({ path, method: 'keep' });

describe('order', () => {
  const patient = {
    resourceType: 'Patient',
    id: 'p',
    name: [{ family: 'F', use: 'old', period: { start: '2001-01-01' } }],
    gender: 'male',
  };

  test('what no rule finds is kept', () => {
    expect(apply([], patient).resource).toEqual(patient);
  });

  test('the first rule wins, and settles all below it', () => {
    expect(
      bare([keep('Patient.name'), redact("nodesByType('date')"), redact("nodesByType('dateTime')"), redact('Patient.name')], patient),
    ).toEqual(patient);
    expect(bare([redact("nodesByType('dateTime')"), keep('Patient.name')], patient)).toEqual({
      ...patient,
      name: [{ family: 'F', use: 'old' }],
    });
  });

  test('an allow list: what is kept first, then everything redacted', () => {
    expect(bare([keep('Patient.name.family'), keep('Patient.gender'), redact('Resource')], patient)).toEqual({
      resourceType: 'Patient',
      name: [{ family: 'F' }],
      gender: 'male',
    });
  });

  test('a condition sees what earlier rules have left', () => {
    const old = "Patient.name.where(use = 'old').family";
    expect(bare([redact(old)], patient)).toMatchObject({ name: [{ use: 'old' }] });
    expect(bare([redact('Patient.name.use'), redact(old)], patient)).toMatchObject({ name: [{ family: 'F' }] });
  });

  test('an element that has lost its value is still there', () => {
    expect(bare([redact('Patient.gender'), redact('Patient.where(gender.exists()).name')], patient)).toEqual({
      resourceType: 'Patient',
      id: 'p',
    });
  });

  test('a path that cannot be worked out stops the run, and no value is in the message', () => {
    const failing = () =>
      apply([redact('Patient.where(name.given.substring(1) = 1)')], { resourceType: 'Patient', name: [{ given: ['Secret', 'Hidden'] }] });
    expect(failing).toThrow(
      expect.objectContaining({ name: 'ValueError', message: expect.stringMatching(/^fhirPathRules\[0\]: (?!.*(?:Secret|Hidden))/) }),
    );
  });

  test('of two faults the one is told that the rules meet first, not the text', () => {
    const rules = [
      { path: 'Patient.birthDate', method: 'dateShift' },
      { path: 'Patient.contact', method: 'generalize', cases: { true: "'x'" } },
    ];
    const two = { resourceType: 'Patient', contact: [{ gender: 'male' }], birthDate: '2001-02-31' };
    for (const [order, name] of [
      [rules, 'ValueError'],
      [rules.toReversed(), 'RuleNotApplicable'],
    ] as const)
      for (const evaluator of ['walk', 'tree'] as const)
        expect(() => treated(compileRules(readRules(configuration(order))), two, context, evaluator)).toThrow(
          expect.objectContaining({ name }),
        );
  });

  test('what an expression makes of the values, and is no element, is passed over', () => {
    expect(bare([redact('Patient.gender.upper()'), redact('Patient.name.count()')], patient)).toEqual(patient);
  });

  test('DomainResource means every type, also Bundle and Binary', () => {
    expect(bare([redact('DomainResource.id')], { resourceType: 'Binary', id: 'b', contentType: 't' })).toEqual({
      resourceType: 'Binary',
      contentType: 't',
    });
    expect(bare([redact('DomainResource')], { resourceType: 'Bundle', type: 'batch' })).toEqual({ resourceType: 'Bundle' });
  });

  test('a rule for another type does nothing', () => {
    expect(apply([redact('Person'), redact('HumanName.family'), redact('Person.name')], patient).resource).toEqual(patient);
  });

  test('the same path as FHIRPath, with the type inside', () => {
    for (const path of [
      '(Patient.name | Patient.gender)',
      '(Resource.name | DomainResource.gender)',
      'Patient.select(Resource.name | Patient.gender)',
      "Patient.select(name.where(use='old') | gender)",
    ])
      expect(bare([redact(path)], patient)).toEqual({ resourceType: 'Patient', id: 'p' });
  });
});

describe('names and types', () => {
  const observation = {
    resourceType: 'Observation',
    valueQuantity: { value: 1, code: 'g' },
    component: [{ valueString: 'x', code: { text: 't' } }],
  };

  test('a choice has the name of the element', () => {
    expect(bare([redact('Observation.value')], observation)).toEqual({ ...observation, valueQuantity: undefined });
    for (const path of [
      'Observation.valueQuantity',
      'Observation.component.valueString',
      'Observation.component.where(valueString.exists())',
    ])
      expect(apply([redact(path)], observation).resource).toEqual(observation);
    expect(bare([redact("nodesByName('value')")], observation)).toEqual({
      resourceType: 'Observation',
      component: [{ code: { text: 't' } }],
    });
  });

  test.each([
    ['Observation.value as Quantity', true],
    ['Observation.value.ofType(Quantity)', true],
    ['Observation.value as string', false],
    ['(Observation.value as Quantity)', true],
    ['Observation.value.ofType(FHIR.Quantity)', true],
  ])('%s', (path, found) => {
    expect('valueQuantity' in bare([redact(path)], observation)).toBe(!found);
  });

  test('a type is but itself: Age is no Quantity, and nothing is an Element', () => {
    const condition = { resourceType: 'Condition', onsetAge: { value: 1 } };
    for (const type of ['Quantity', 'Element'])
      for (const path of [`Condition.onset.ofType(${type})`, `Condition.onset as ${type}`, `Condition.onset.where($this is ${type})`])
        expect(bare([redact(path)], condition)).toEqual(condition);
    expect(bare([redact('Condition.onset.where($this is Age)')], condition)).toEqual({ resourceType: 'Condition' });
  });

  test('as tells the type of each of several', () => {
    const history = { resourceType: 'FamilyMemberHistory', condition: [{ onsetAge: { value: 3 } }, { onsetString: 'x' }] };
    expect(bare([redact('FamilyMemberHistory.condition.onset as Age')], history)).toEqual({
      resourceType: 'FamilyMemberHistory',
      condition: [{ onsetString: 'x' }],
    });
  });

  test('string does not find code or id', () => {
    expect(bare([redact("nodesByType('string')")], { ...observation, id: 'o' })).toEqual({
      resourceType: 'Observation',
      id: 'o',
      valueQuantity: { value: 1, code: 'g' },
    });
  });

  test.each([
    ['xhtml', { text: { status: 'generated' } }],
    ['BackboneElement', { contact: undefined }],
    ['Extension', { _birthDate: undefined }],
  ])('nodesByType finds %s', (type, expected) => {
    const patient = {
      resourceType: 'Patient',
      text: { status: 'generated', div: '<div/>' },
      contact: [{ gender: 'male' }],
      _birthDate: { extension: [{ url: 'u', valueString: 'x' }] },
    };
    expect(bare([redact(`nodesByType('${type}')`)], patient)).toEqual({ ...patient, ...expected });
    expect(bare([redact(`Patient.nodesByType('${type}')`)], patient)).toEqual({ ...patient, ...expected });
  });

  test('ids and extensions of primitives are nodes too, and lists stay aligned', () => {
    const name = [{ given: ['a', null, 'c'], _given: [null, { id: 'x', extension: [{ url: 'u', valueCode: 'k' }] }, { id: 'y' }] }];
    const patient = { resourceType: 'Patient', name };
    expect(apply([keep('Patient.name')], patient).resource).toEqual(patient);
    expect(bare([redact("nodesByType('Extension')")], patient)['name']).toEqual([
      { given: ['a', null, 'c'], _given: [null, { id: 'x' }, { id: 'y' }] },
    ]);
    expect(bare([redact('Patient.name.given.id')], patient)['name']).toEqual([
      { given: ['a', null, 'c'], _given: [null, { extension: [{ url: 'u', valueCode: 'k' }] }, null] },
    ]);
    expect(bare([redact("Patient.name.given.where($this = 'a')")], patient)['name']).toEqual([
      { given: [null, 'c'], _given: [{ id: 'x', extension: [{ url: 'u', valueCode: 'k' }] }, { id: 'y' }] },
    ]);
    expect(bare([keep("nodesByType('Extension')"), redact('Patient.name.given')], patient)['name']).toEqual([
      { _given: [{ extension: [{ url: 'u', valueCode: 'k' }] }] },
    ]);
  });
});

describe('nested resources', () => {
  const inner: AnyResource = { resourceType: 'Patient', id: 'i', birthDate: '2001-01-01' };
  const observation = { resourceType: 'Observation', id: 'o', contained: [inner], issued: '2001-01-01T00:00:00Z' };
  const bundle = { resourceType: 'Bundle', id: 'b', entry: [{ fullUrl: 'urn:x', resource: observation }] };

  test('they go by the rules of their own type', () => {
    expect(bare([redact('Patient.birthDate')], bundle)).toEqual({
      ...bundle,
      entry: [
        { fullUrl: 'urn:x', resource: { ...observation, contained: [{ resourceType: 'Patient', id: 'i' }], meta: expect.anything() } },
      ],
    });
  });

  test('a path that leads into them finds what is there, and what is done counts for the resource around', () => {
    const { birthDate: _, ...left } = inner as { birthDate?: string };
    for (const [path, contained] of [
      ['Observation.contained.birthDate', [left]],
      ['Observation.contained.ofType(Patient).birthDate', [left]],
      ["Observation.contained.where(id = 'i').birthDate", [left]],
      ['Observation.contained', [{ resourceType: 'Patient' }]],
      ['Observation.descendants()', [{ resourceType: 'Patient' }]],
    ] as const)
      expect(bare([redact(path)], observation)['contained']).toEqual(contained);
    const made = apply([redact('Bundle.entry.resource.contained.id'), keep('Patient')], bundle).resource;
    expect(made).toMatchObject({ meta: { security: [{ code: 'REDACTED' }] } });
    expect(made['entry']).toEqual([
      { fullUrl: 'urn:x', resource: { ...observation, contained: [{ resourceType: 'Patient', birthDate: '2001-01-01' }] } },
    ]);
  });

  test('a rule of the resource around does not reach into them otherwise', () => {
    for (const path of ['Observation', 'Observation.nodesByType("date")'.replaceAll('"', "'")])
      expect(bare([redact(path)], observation)['contained']).toEqual([inner]);
    expect(bare([redact('Bundle')], bundle)).toEqual({ resourceType: 'Bundle', entry: [{ resource: observation }] });
  });

  test('the short form of nodesBy finds their roots from outside, and clears them; alone it may have double quotes', () => {
    const cleared = { resourceType: 'Observation', id: 'o', contained: [{ resourceType: 'Patient' }], issued: '2001-01-01T00:00:00Z' };
    expect(bare([redact("nodesByName('contained')")], observation)).toEqual(cleared);
    expect(bare([redact("nodesByType('Patient')")], observation)).toEqual(cleared);
    expect(bare([redact('nodesByType("Patient")')], observation)).toEqual(cleared);
    expect(bare([redact("Observation.nodesByName('contained')")], observation)).toEqual(observation);
    expect(bare([redact("nodesByType('Patient')")], inner)).toEqual(inner);
    expect(bare([redact("Patient.nodesByType('Patient')")], inner)).toEqual({ resourceType: 'Patient' });
    expect(bare([redact("nodesByName('contained')"), keep('Patient.id')], observation)).toEqual(cleared);
    expect(bare([redact("nodesByType('Patient').id")], observation)['contained']).toEqual([
      { resourceType: 'Patient', birthDate: '2001-01-01' },
    ]);
  });

  test('a condition of the resource around sees what they are', () => {
    const two = {
      resourceType: 'Bundle',
      entry: [
        { fullUrl: 'urn:a', resource: inner },
        { fullUrl: 'urn:b', resource: { resourceType: 'Group' } },
      ],
    };
    for (const path of ['Bundle.entry.where(resource is Group).fullUrl', "Bundle.entry.where(resource.id = 'i').first().fullUrl"]) {
      const gone = path.includes('Group') ? 1 : 0;
      const { resource } = apply([redact(path)], two);
      expect((resource['entry'] as { fullUrl?: string }[]).map(entry => entry.fullUrl)).toEqual(
        ['urn:a', 'urn:b'].map((url, i) => (i === gone ? undefined : url)),
      );
    }
  });

  test('also in Parameters', () => {
    const parameters = { resourceType: 'Parameters', parameter: [{ name: 'n', resource: inner }] };
    expect(bare([redact('Resource.id')], parameters)).toMatchObject({
      parameter: [{ name: 'n', resource: { resourceType: 'Patient', birthDate: '2001-01-01' } }],
    });
  });
});

describe('security labels', () => {
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';
  const REDACTED = { system, code: 'REDACTED', display: 'redacted' };

  test('all, in their order', () => {
    const rules = [
      { path: 'Patient.multipleBirth', method: 'generalize', cases: { true: '1' } },
      { path: 'Patient.language', method: 'substitute', replaceWith: 'x' },
      { path: 'Patient.birthDate', method: 'dateShift' },
      { path: 'Patient.gender', method: 'encrypt' },
      { path: 'Patient.id', method: 'cryptoHash' },
      { path: 'Patient.address', method: 'redact' },
    ];
    const patient = {
      resourceType: 'Patient',
      id: 'p',
      language: 'ja',
      gender: 'male',
      birthDate: '2001-01-01',
      multipleBirthInteger: 3,
      address: [{ city: 'c', postalCode: '12345' }],
    };
    expect(apply(rules, patient, { enablePartialZipCodesForRedact: true }).resource.meta).toEqual({
      security: [
        REDACTED,
        { system, code: 'ABSTRED', display: 'abstracted' },
        { system, code: 'CRYTOHASH', display: 'cryptographic hash function' },
        { system, code: 'MASKED', display: 'masked' },
        { code: 'PERTURBED', display: 'exact value is replaced with another exact value' },
        { code: 'SUBSTITUTED', display: 'exact value is replaced with a predefined value' },
        { code: 'GENERALIZED', display: 'exact value is replaced with a general value' },
      ],
    });
  });

  test('a code that is there already is not written again, whatever its letter case and system', () => {
    const meta = { versionId: '1', security: [{ system: 'x', code: 'redacted' }] };
    expect(apply([redact('Patient.id')], { resourceType: 'Patient', id: 'p', meta }).resource).toEqual({ resourceType: 'Patient', meta });
    expect(apply([redact('Patient.id')], { resourceType: 'Patient', id: 'p', meta: { versionId: '1' } }).resource.meta).toEqual({
      versionId: '1',
      security: [REDACTED],
    });
  });

  test.each([
    ['2019-03-04T05:06:07Z', '2019-03-04T05:06:07+00:00'],
    ['2019-03-04T05:06:07.250Z', '2019-03-04T05:06:07.25+00:00'],
    ['2019-03-04T05:06:07.000+09:00', '2019-03-04T05:06:07+09:00'],
    ['2019-03-04T05:06:07.125-03:00', '2019-03-04T05:06:07.125-03:00'],
  ])(
    'with a label the Meta is written anew: of lastUpdated %s the zone in digits, the fraction without last zeros',
    (lastUpdated, expected) => {
      const patient = { resourceType: 'Patient', meta: { lastUpdated }, gender: 'male' };
      const updated = (...rules: object[]) => (apply(rules, patient).resource['meta'] as { lastUpdated: string }).lastUpdated;
      expect(updated({ path: 'Patient.gender', method: 'redact' })).toBe(expected);
      expect(updated({ path: 'Resource', method: 'keep' })).toBe(lastUpdated);
    },
  );

  test('the lastUpdated of a moved Meta has no fraction left, its year alone stays a year', () => {
    const meta = (rule: object, parameters: object = {}) =>
      apply([rule], { resourceType: 'Patient', id: 'example', meta: { lastUpdated: '2019-03-04T05:06:07.250Z' } }, parameters).resource[
        'meta'
      ];
    expect(meta({ path: 'Patient.meta', method: 'dateShift' })).toMatchObject({ lastUpdated: '2019-04-14T00:00:00+00:00' });
    const partial = { enablePartialDatesForRedact: true };
    expect(meta({ path: 'Patient.meta', method: 'redact' }, partial)).toMatchObject({ lastUpdated: '2019' });
  });

  test('nothing done, no label; keep is nothing done', () => {
    expect(apply([keep('Patient')], { resourceType: 'Patient', id: 'p' }).resource).toEqual({ resourceType: 'Patient', id: 'p' });
  });

  test('contained resources get none, what is done to them counts for the resource around; entries get theirs, and the Bundle too', () => {
    const contained = { resourceType: 'Observation', contained: [{ resourceType: 'Patient', gender: 'male' }] };
    const made = apply([redact('Patient.gender')], {
      resourceType: 'Bundle',
      entry: [{ resource: contained }, { resource: { resourceType: 'Group' } }],
    });
    expect(made.resource).toEqual({
      resourceType: 'Bundle',
      meta: { security: [REDACTED] },
      entry: [
        { resource: { resourceType: 'Observation', meta: { security: [REDACTED] }, contained: [{ resourceType: 'Patient' }] } },
        { resource: { resourceType: 'Group' } },
      ],
    });
    expect(made.operations.redact).toBe(1);
  });
});

describe('input', () => {
  test.each<[string, object]>([
    ['an unknown type', { resourceType: 'Nothing' }],
    ['no type', {}],
    ['an unknown element', { resourceType: 'Patient', nmae: 'x' }],
    ['an unknown element far below', { resourceType: 'Patient', contact: [{ name: { nmae: 'x' } }] }],
    ['an unknown element beside', { resourceType: 'Patient', _nmae: {} }],
    ['a list where none belongs', { resourceType: 'Patient', gender: ['x'] }],
    ['an object where a primitive belongs', { resourceType: 'Patient', gender: {} }],
    ['a primitive where an object belongs', { resourceType: 'Patient', name: ['x'] }],
    ['an unknown nested type', { resourceType: 'Patient', contained: [{ resourceType: 'Nothing' }] }],
    ['something beside an element that is no primitive', { resourceType: 'Patient', _name: [{}] }],
  ])('%s is refused, also with skip', (_name, resource) => {
    for (const rules of [[], [redact('Resource')], [redact('Resource.where(true)')]])
      expect(() => apply(rules, resource, {}, context, { processingErrors: 'skip' })).toThrow(
        expect.objectContaining({ name: 'InputError' }),
      );
  });

  test('a single value is taken where a list belongs', () => {
    expect(apply([], { resourceType: 'Patient', name: { given: 'x' } }).resource).toEqual({
      resourceType: 'Patient',
      name: [{ given: ['x'] }],
    });
  });

  test('texts are trimmed when they are written, of white space as .NET knows it', () => {
    const patient = { resourceType: 'Patient', name: [{ family: ' \u3000山田\u0085', given: ['\ufeffx '] }] };
    expect(apply([], patient).resource).toEqual({ resourceType: 'Patient', name: [{ family: '山田', given: ['\ufeffx'] }] });
  });

  test('200,000 spaces inside a text are no white space at its end, and take no time', () => {
    const family = `a${' '.repeat(200_000)}b`;
    const before = cpuTime();
    expect(apply([], { resourceType: 'Patient', name: [{ family: ` ${family} ` }] }).resource).toEqual({
      resourceType: 'Patient',
      name: [{ family }],
    });
    expect(cpuTime() - before).toBeLessThan(1000);
  });

  test('elements without value and children go', () => {
    expect(
      apply([], { resourceType: 'Patient', name: [{}, { family: 'f', period: {} }], contact: [{ name: { given: [] } }] }).resource,
    ).toEqual({
      resourceType: 'Patient',
      name: [{ family: 'f' }],
    });
  });

  test('`__proto__` is an element that R4 does not have', () => {
    expect(() => apply([], JSON.parse('{"resourceType": "Patient", "__proto__": {"x": 1}}') as object)).toThrow(
      expect.objectContaining({ name: 'InputError' }),
    );
  });
});
