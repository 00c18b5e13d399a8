// https://hl7.org/fhir/R4/references.html#contained, https://hl7.org/fhir/R4/extension-data-absent-reason.html
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countsOf, deidentify, newTally } from '../../src/deid/deidentify.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { compile, compiled, context, out } from './ground.ts';

const masked = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] };
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const loinc = coded('http://loinc.org', '2339-0');
const observation = (more: object = {}): AnyResource => ({
  resourceType: 'Observation',
  id: '1',
  status: 'final',
  code: loinc,
  subject: { reference: 'Patient/1' },
  ...more,
});

const marks = (resource: AnyResource | undefined) =>
  (resource?.meta as { security: { code: string }[] } | undefined)?.security.map(one => one.code);

test.each([
  ['nothing', {}, false],
  ['a local code', { category: [coded('urn:hospital', 'X1')] }, true],
  ['a local code beside another', { category: [coded('urn:hospital', 'X1'), loinc] }, true],
  ['the display of a reference', { encounter: { reference: 'Encounter/1', display: 'Ward 7' } }, true],
  ['a unit that is none', { valueQuantity: { value: 7, unit: 'Yamada' } }, true],
  ['a contained Patient', { contained: [{ resourceType: 'Patient', id: 'p' }] }, true],
])('where %s goes, it says so or not', (_, more, removed) => expect(marks(out(observation(more)))?.includes('REDACTED')).toBe(removed));

test('contained resources that do not leave are counted as withheld', () => {
  const tally = newTally(compiled);
  deidentify(
    compiled,
    observation({
      contained: [
        { resourceType: 'Patient', id: 'p' },
        { resourceType: 'Basic', id: 'b' },
      ],
    }),
    context(),
    tally,
  );
  expect(countsOf(compiled, tally)['withheld']).toBe(2);
});

test('what leaves carries the label, what was done, and nothing of the store', () => {
  const left = out(
    observation({
      meta: {
        versionId: '7',
        lastUpdated: '2024-01-01T00:00:00Z',
        source: 'urn:h',
        profile: ['urn:p'],
        tag: [{ system: 'urn:t', code: 'LTS' }],
        security: [{ code: 'R' }],
      },
    }),
  );
  expect(left?.meta).toEqual({
    security: [
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'ANONYED', display: 'anonymized' },
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'REDACTED' },
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'CRYTOHASH' },
    ],
  });
  expect(left?.id).toBe('pseudonym');
});

test('a label for each kind of change, those in contained resources too, and none for what was not done', () => {
  const codes = (resource: AnyResource) =>
    ((out(resource)?.['meta'] as { security: { code: string }[] } | undefined)?.security ?? []).map(one => one.code);
  expect(codes(observation({ effectiveDateTime: '2024-01-01' }))).toEqual(['ANONYED', 'CRYTOHASH', 'date-shifted']);
  expect(codes({ resourceType: 'Patient', id: '1', birthDate: '1961-05-28' })).toEqual(['ANONYED', 'ABSTRED', 'CRYTOHASH']);
  const specimen = { resourceType: 'Specimen', id: 's', note: [{ text: 'x' }] };
  expect(codes(observation({ contained: [specimen], specimen: { reference: '#s' } }))).toEqual(['ANONYED', 'REDACTED', 'CRYTOHASH']);
});

test('the given resource is not touched', () => {
  const given = observation({
    note: [{ text: 'x' }],
    effectiveDateTime: '2024-01-01',
    contained: [{ resourceType: 'Specimen', id: 's' }],
    specimen: { reference: '#s' },
  });
  const before = structuredClone(given);
  out(given);
  expect(given).toEqual(before);
});

test('a required element that does not leave says that it is masked, so that the output is valid R4', () => {
  const left = out({ resourceType: 'Condition', subject: { reference: 'Patient/1' }, code: { text: '山田さんの病' } } as AnyResource, {
    lead: () => undefined,
  });
  expect(left).toMatchObject({ subject: masked });
  expect(left).not.toHaveProperty('code');
  expect(validate(left)).toEqual([]);
  const undated = { keys: context().keys, base: context().base, id: 'x', lead: () => undefined };
  const immunization = deidentify(
    compiled,
    {
      resourceType: 'Immunization',
      status: 'completed',
      vaccineCode: { text: 'x' },
      patient: { reference: 'Patient/1' },
      occurrenceDateTime: '2024-01-01',
    },
    undated,
  );
  expect(immunization).toMatchObject({ vaccineCode: masked, patient: masked, _occurrenceDateTime: masked });
  expect(validate(immunization)).toEqual([]);
});

test('a data-absent-reason that was there stays', () => {
  const reason = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] };
  expect(out({ resourceType: 'Patient', _birthDate: reason } as AnyResource)).toMatchObject({ _birthDate: reason });
});

describe('contained resources', () => {
  test('leave under new ids when the policy lets out their type and something refers to them', () => {
    const left = out(
      observation({
        contained: [
          {
            resourceType: 'Specimen',
            id: 'tanaka-specimen',
            type: coded('http://snomed.info/sct', '119297000'),
            parent: [{ reference: '#older' }],
          },
          { resourceType: 'Specimen', id: 'older', subject: { reference: 'Patient/1' } },
          { resourceType: 'Specimen', id: 'nobody-refers-to-it' },
          { resourceType: 'Practitioner', id: 'doctor', name: [{ text: '探針医師太郎' }] },
          { resourceType: 'Patient', id: 'p', name: [{ text: '山田' }] },
        ],
        specimen: { reference: '#tanaka-specimen' },
        performer: [{ reference: '#doctor' }],
        focus: [{ reference: '#p' }],
      }),
    )!;
    expect(left['contained']).toEqual([
      { resourceType: 'Specimen', id: 'c1', type: coded('http://snomed.info/sct', '119297000'), parent: [{ reference: '#c2' }] },
      { resourceType: 'Specimen', id: 'c2', subject: { reference: 'Patient/out-1' } },
    ]);
    expect(left['specimen']).toEqual({ reference: '#c1' });
    expect(left).not.toHaveProperty('focus');
    expect(validate(left)).toEqual([]);
  });

  test('a reference to a contained Patient leads to the person whose number he has, from what is contained, too; to somebody else nowhere', () => {
    const known = { system: 'urn:x', value: '7' };
    const identified = ({ system, value }: Json) => (system === 'urn:x' && value === '7' ? { reference: 'Patient/out-7' } : undefined);
    const left = (identifier: object) =>
      out(
        observation({
          contained: [
            { resourceType: 'Patient', id: 'p', identifier: [{ system: 'urn:y', value: '1' }, identifier], name: [{ text: '山田' }] },
            { resourceType: 'Specimen', id: 's', subject: { reference: '#p' } },
          ],
          subject: { reference: '#p' },
          focus: [{ reference: '#p' }],
          specimen: { reference: '#s' },
        }),
        { identified },
      )!;
    expect(left(known)).toMatchObject({
      subject: { reference: 'Patient/out-7' },
      focus: [{ reference: 'Patient/out-7' }],
      specimen: { reference: '#c1' },
      contained: [{ resourceType: 'Specimen', id: 'c1', subject: { reference: 'Patient/out-7' } }],
    });
    expect(JSON.stringify(left(known))).not.toContain('山田');
    const stranger = left({ ...known, value: '8' });
    for (const element of ['focus', 'specimen', 'contained']) expect(stranger).not.toHaveProperty(element);
    expect(JSON.stringify(stranger)).not.toContain('#p');
  });

  /** Members of a container, each with the numbers of those that it refers to. */
  const holding = (members: readonly (readonly number[])[], first: readonly number[]): AnyResource => {
    const to = (numbers: readonly number[]) => (numbers.length === 0 ? {} : { hasMember: numbers.map(n => ({ reference: `#m${n}` })) });
    return observation({ ...to(first), contained: members.map((numbers, i) => ({ ...observation(to(numbers)), id: `m${i}` })) });
  };
  const idsOf = (resource: AnyResource | undefined) => ((resource?.['contained'] ?? []) as { id: string }[]).map(one => one.id);

  test('leave in rounds: in one all that something refers to, in their order, and what such a one refers to further on', () => {
    const number = fc.nat({ max: 11 });
    fc.assert(
      fc.property(fc.array(fc.array(number, { maxLength: 3 }), { minLength: 12, maxLength: 12 }), fc.array(number), (members, first) => {
        const used = new Set(first);
        const done: number[] = [];
        for (let before = -1; before < done.length; ) {
          before = done.length;
          for (const [i, numbers] of members.entries()) {
            if (!used.has(i) || done.includes(i)) continue;
            done.push(i);
            for (const one of numbers) used.add(one);
          }
        }
        expect(idsOf(out(holding(members, first)))).toEqual(done.map(i => `c${i + 1}`));
      }),
      { numRuns: 60 },
    );
  });

  test('ten thousand, each referring to the one before, take no round of ten thousand each', () => {
    const many = 10_000;
    const left = out(
      holding(
        Array.from({ length: many }, (_, i) => (i === 0 ? [] : [i - 1])),
        [many - 1],
      ),
    );
    expect(idsOf(left)).toEqual(Array.from({ length: many }, (_, i) => `c${many - i}`));
  });
});

test('counts: each measure has its own', () => {
  const tally = newTally(compiled);
  deidentify(
    compiled,
    {
      resourceType: 'Patient',
      id: '1',
      name: [{ text: '山田' }],
      telecom: [{ value: '03' }],
      identifier: [{ value: '1' }],
      birthDate: '1970-01-01',
      maritalStatus: { text: 'x' },
    },
    context(),
    tally,
  );
  expect(countsOf(compiled, tally)).toEqual({
    'identifying-descriptions': 2,
    'identification-codes': 1,
    'linking-codes': 1,
    'peculiar-descriptions': 2,
  });
});

// The hiding places that real Japanese data showed.
describe('hiding places', () => {
  const institution = '1319999991';
  test.each<[string, AnyResource]>([
    [
      'narrative',
      observation({ text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">山田太郎 昭和36年5月17日</div>' } }),
    ],
    [
      'identifier of the resource',
      observation({
        identifier: [{ system: 'http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier', value: `${institution}-9990767-OBSLAB` }],
      }),
    ],
    ['code system of a hospital', observation({ method: coded(`http://jpfhir.jp/fhir/eCS/CodeSystem/DrugCode/1${institution}`, '123') })],
    [
      'extension with the institution',
      observation({
        extension: [
          {
            url: 'http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber',
            valueIdentifier: { value: institution },
          },
        ],
      }),
    ],
    [
      'logical reference to the person',
      observation({ subject: { identifier: { system: `urn:oid:1.2.392.100495.20.3.51.1${institution}`, value: 'KARTE-1' } } }),
    ],
    [
      'person in a display',
      observation({ performer: [{ display: '消化器内科　田中太郎' }], subject: { reference: 'Patient/1', display: '山田太郎' } }),
    ],
    ['note', observation({ note: [{ text: '山田太郎の隣人', authorString: '田中' }] })],
    ['text of a code', observation({ code: { ...loinc, text: '山田太郎' }, valueString: '山田太郎' })],
    [
      'attachment',
      {
        resourceType: 'DiagnosticReport',
        status: 'final',
        code: loinc,
        presentedForm: [{ contentType: 'text/plain', title: '山田太郎', data: 'aGk=' }],
        conclusion: '山田太郎',
      },
    ],
    ['unit of a quantity', observation({ valueQuantity: { value: 1, unit: '山田太郎' } })],
    [
      'birth place, religion',
      {
        resourceType: 'Patient',
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueAddress: { city: '山田太郎' } }],
      },
    ],
    [
      'tag',
      observation({ meta: { tag: [{ system: 'http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication', code: 'UNINFORMED' }] } }),
    ],
  ])('%s', (_, resource) => {
    expect(validate(resource).filter(finding => !/Extension|context/.test(finding.expression ?? ''))).toEqual([]);
    const text = JSON.stringify(out(resource));
    for (const word of ['山田', '田中', '昭和', institution, 'KARTE', '123', 'aGk', 'UNINFORMED', '隣人'])
      expect(text.replaceAll('c123', '')).not.toContain(word);
  });
});

test.each([
  ['note', 'note', [{ text: 'x' }]],
  ['component', 'component.valueBoolean', [{ code: loinc, valueBoolean: true }]],
  ['encounter', 'encounter', { reference: 'Encounter/1' }],
])('mask: what is left of Observation.%s is valid R4', (name, listed, value) => {
  const policy = compile({
    groups: [
      {
        measure: 'kept',
        title: 'kept',
        rules: [
          { paths: ['code', 'boolean'], method: 'keep' },
          { paths: ['Resource.id'], method: 'pseudonymize' },
          { paths: [`Observation.${name}`], method: 'mask' },
        ],
      },
    ],
    elements: { Observation: ['status', listed] },
  });
  const left = out(observation({ [name]: value }), {}, policy)!;
  expect(left[name]).toBeDefined();
  expect(validate({ ...left, code: loinc })).toEqual([]);
});

test('a group that falls away by a modifierExtension refers to nothing: what is contained for it alone does not leave', () => {
  const by = compile({
    groups: [
      {
        measure: 'kept',
        title: 'kept',
        rules: [
          { paths: ['code', 'boolean'], method: 'keep' },
          { paths: ['Resource.id'], method: 'pseudonymize' },
          { paths: ['Reference'], method: 'reference' },
        ],
      },
    ],
    elements: { Encounter: ['status', 'participant.individual'], Practitioner: ['active'] },
  });
  const encounter = (more: object) => ({
    resourceType: 'Encounter',
    status: 'finished',
    contained: [{ resourceType: 'Practitioner', id: 'pp', active: true }],
    participant: [{ individual: { reference: '#pp' }, ...more }],
  });
  expect(out(encounter({}), {}, by)).toHaveProperty('contained');
  const left = out(encounter({ modifierExtension: [{ url: 'urn:not', valueBoolean: true }] }), {}, by);
  expect(left).not.toHaveProperty('contained');
  expect(left).not.toHaveProperty('participant');
});
