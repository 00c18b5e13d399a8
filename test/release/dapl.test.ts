// What leaves under hipaa-safe-harbor holds HL7's DAPL 1.0.0-ballot; docs/deidentification/dapl.md
// https://build.fhir.org/ig/HL7/fhir-dapl/artifacts.html
import { describe, expect, test } from '@jest/globals';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { daplFaults, daplFaultsOf, daplRules } from './dapl.ts';
import { collection, hospital, keysFrom, ofType, released } from './ground.ts';

const by = keysFrom(1, 'hipaa-safe-harbor');
const dapl = 'http://hl7.org/fhir/us/dapl/StructureDefinition/';
const absentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';
const loinc = { coding: [{ system: 'http://loinc.org', code: '4548-4', display: 'HbA1c' }], text: 'HbA1c' };
const subject = { reference: 'Patient/p', display: 'Ada Lovelace' };
const ambulatory = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' };

/** What leaves of a Bundle, after it was held against R4 and against DAPL. */
async function leaves(...resources: AnyResource[]): Promise<readonly AnyResource[]> {
  const { resources: left } = await released(collection(...resources), by);
  expect(left.flatMap(resource => validate(resource).map(({ text }) => text))).toEqual([]);
  expect(daplFaultsOf(left, resources)).toEqual([]);
  return left;
}

const patient = (more: Json = {}): AnyResource => ({
  ...{ resourceType: 'Patient', id: 'p', birthDate: '1961-05-28', gender: 'female' },
  address: [{ state: 'WA', city: 'Seattle', postalCode: '98028', line: ['1 Main St'], country: 'US' }],
  ...more,
});
const made = (resourceType: string, more: Json): AnyResource => ({ resourceType, id: 'x', subject, ...more });
const visit = (id: string, start: string): AnyResource =>
  made('Encounter', { id, status: 'finished', class: ambulatory, period: { start, end: start } });
const one = (resources: readonly AnyResource[], type: string): AnyResource => ofType(resources, type)[0]!;
const age = (resource: AnyResource): unknown => {
  const [{ valueQuantity, valueRange } = {} as Json] = (resource['extension'] as Json[]).filter(
    ({ url }) => url === `${dapl}dapl-age-extension`,
  );
  if (valueRange !== undefined) return ['low', 'high'].map(end => ((valueRange as Json)[end] as Json)['value']);
  const { value, comparator, extension } = valueQuantity as Json;
  return value === undefined ? (extension as Json[])[0]!['valueCode'] : `${String(comparator ?? '')}${String(value)}`;
};

test('a made hospital', async () => {
  const given = hospital(25);
  const { resources } = await released(given, by);
  const entries = (given['entry'] as { resource: AnyResource }[]).map(({ resource }) => resource);
  expect(daplFaultsOf(resources, entries)).toEqual([]);
  for (const type of ['Patient', 'Encounter', 'Condition', 'Observation', 'MedicationRequest'])
    expect(ofType(resources, type).length).toBeGreaterThan(5);
  // Japanese addresses are abroad.
  expect(JSON.stringify(ofType(resources, 'Patient')[0]!['address'])).toContain('unsupported');
});

describe('a Patient', () => {
  const at = (postalCode: string, reason?: string): Json => ({
    postalCode,
    ...(reason === undefined ? {} : { _postalCode: { extension: [{ url: absentReason, valueCode: reason }] } }),
  });
  test.each<[string, Json, Json]>([
    ['of an area', {}, { state: 'WA', ...at('98000') }],
    ['of an area with few people', { address: [{ state: 'WY', postalCode: '82190' }] }, at('00000', 'masked')],
    ['without an address', { address: undefined }, at('00000', 'unknown')],
    ['with an old one alone', { address: [{ use: 'old', postalCode: '98028' }] }, at('00000', 'unknown')],
    ['without a code', { address: [{ state: 'WA' }] }, { state: 'WA', ...at('00000', 'unknown') }],
    ['of another country', { address: [{ country: 'DE', state: 'Bayern', postalCode: '80331' }] }, at('00000', 'unsupported')],
    [
      'with two addresses',
      {
        address: [
          { use: 'work', postalCode: '10001' },
          { use: 'home', postalCode: '98028' },
        ],
      },
      at('98000'),
    ],
  ])('%s', async (_, more, address) => {
    const [left] = await leaves(patient(more));
    expect(left!['address']).toEqual([address]);
  });

  test.each<[string, Json, unknown]>([
    ['alive', {}, '64'],
    ['born in a year', { birthDate: '1961' }, '64'],
    ['of unknown birth', { birthDate: undefined }, 'unknown'],
    ['born this year', { birthDate: '2026-02-01' }, 'not-applicable'],
    ['over 89', { birthDate: '1930-01-01' }, '>=90'],
    ['dead', { deceasedDateTime: '1990-06-01' }, '29'],
    ['dead in a year', { deceasedDateTime: '1990' }, [28, 29]],
    ['dead, nobody knows since when', { deceasedBoolean: true }, 'unknown'],
    ['dead at 95', { birthDate: '1900-01-01', deceasedDateTime: '1995-06-01' }, '>=90'],
  ])('%s: one age, or why there is none', async (_, more, told) => expect(age(one(await leaves(patient(more)), 'Patient'))).toEqual(told));

  test('with everything that is forbidden: nothing of it', async () => {
    const [left] = await leaves(
      patient({
        ...{ text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Ada</div>' }, name: [{ text: 'Ada' }] },
        ...{ identifier: [{ system: 'urn:x', value: '1' }], telecom: [{ system: 'phone', value: '1' }], multipleBirthInteger: 2 },
        ...{ maritalStatus: { text: 'M' }, photo: [{ title: 'x' }], contact: [{ name: { text: 'Bob' } }] },
        ...{ generalPractitioner: [{ display: 'Dr. X' }], managingOrganization: { display: 'X' } },
        ...{ communication: [{ preferred: true, language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'en' }] } }] },
        extension: [
          {
            url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race',
            extension: [{ url: 'text', valueString: 'White' }],
          },
          { url: `${dapl}dapl-age-extension`, valueQuantity: { value: 12 } },
        ],
      }),
    );
    expect(Object.keys(left!).sort()).toEqual(['address', 'extension', 'gender', 'id', 'meta', 'resourceType']);
    expect(age(left!)).toBe('64');
  });
});

describe('an Encounter', () => {
  test('the age at the visit, and no participant whom nobody could tell from another', async () => {
    const participant = [{ type: [{ text: 'A' }] }, { period: { start: '2001-06-01' } }];
    const left = one(await leaves(patient(), { ...visit('e', '2001-06-01T10:00:00+09:00'), participant }), 'Encounter');
    expect(age(left)).toBe('40');
    expect(left['period']).toEqual({ start: '2001', end: '2001' });
    expect(left).not.toHaveProperty('participant');
  });

  test('of somebody born in a year: two ages; of unknown birth, or without a date: unknown', async () => {
    expect(age(one(await leaves(patient({ birthDate: '1961' }), visit('e', '2001-06-01')), 'Encounter'))).toEqual([39, 40]);
    expect(age(one(await leaves(patient({ birthDate: undefined }), visit('e', '2001-06-01')), 'Encounter'))).toBe('unknown');
    expect(age(one(await leaves(patient(), made('Encounter', { status: 'planned', class: ambulatory })), 'Encounter'))).toBe('unknown');
  });

  test.each(['1930-01-01', '1930'])('of somebody born %s no visit tells when 90 was reached, nor how long ago', async birthDate => {
    const visits = Array.from({ length: 12 }, (_, i) => visit(`e${i}`, `${2012 + i}-06-01`));
    const left = await leaves(patient({ birthDate }), ...visits);
    expect(age(one(left, 'Patient'))).toBe('>=90');
    const told = ofType(left, 'Encounter').map(({ id: _, period: __, ...rest }) => JSON.stringify(rest));
    expect([told.length, new Set(told).size]).toEqual([12, 1]);
    expect(age(one(left, 'Encounter'))).toBe('masked');
  });
});

describe('events', () => {
  test('an instant leaves as a year beside the Observation; where the guide has no such extension it goes', async () => {
    const issued = '2024-02-20T09:30:15.120+09:00';
    const left = await leaves(
      patient(),
      made('Observation', { status: 'final', code: loinc, issued, effectiveDateTime: issued, valueQuantity: { value: 6.1 } }),
      made('DiagnosticReport', { status: 'final', code: loinc, issued, effectiveDateTime: issued }),
    );
    expect(one(left, 'Observation')).toMatchObject({
      extension: [{ url: `${dapl}dapl-deidentified-instant-extension`, valueDateTime: '2024' }],
      effectiveDateTime: '2024',
    });
    expect(JSON.stringify(left)).not.toMatch(/2024-|09:30/);
    expect(one(left, 'DiagnosticReport')).not.toHaveProperty('extension');
  });

  test('an instant that stands for no day of the life, or is of several persons, goes', async () => {
    const issued = '9999-12-31T00:00:00Z';
    const left = await leaves(patient(), made('Observation', { status: 'final', code: loinc, issued }));
    expect(one(left, 'Observation')).not.toHaveProperty('extension');
    const other = { ...patient(), id: 'q' };
    const both = made('Observation', { status: 'final', code: loinc, issued: '2024-02-20T09:30:15Z', focus: [{ reference: 'Patient/q' }] });
    expect(JSON.stringify(ofType(await leaves(patient(), other, both), 'Observation'))).not.toContain('2024');
  });

  test('one that was not done says when that was noted, by the year', async () => {
    const left = await leaves(
      patient(),
      made('Procedure', {
        ...{ status: 'not-done', code: loinc },
        extension: [
          { url: `${dapl}dapl-event-recorded-datetime-extension`, valueDateTime: '2024-06-08T10:57:34-05:00' },
          { url: `${dapl}dapl-recordedDate-extension`, valueDateTime: '2024-06-08' },
        ],
      }),
      made('Immunization', {
        patient: subject,
        subject: undefined,
        status: 'not-done',
        vaccineCode: loinc,
        occurrenceString: 'May',
        recorded: '2024-05-01',
      }),
    );
    expect(one(left, 'Procedure')['extension']).toEqual([
      { url: `${dapl}dapl-event-recorded-datetime-extension`, valueDateTime: '2024' },
      { url: `${dapl}dapl-recordedDate-extension`, valueDateTime: '2024' },
    ]);
    expect(one(left, 'Immunization')['recorded']).toBe('2024');
  });

  test('of a Condition no age of onset, of an Observation no timing, of anything nothing contained', async () => {
    const left = await leaves(
      patient(),
      made('Condition', {
        ...{ code: loinc, onsetAge: { value: 39, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' } },
        ...{ abatementString: 'May', recordedDate: '2001-06-01', note: [{ text: 'x' }] },
      }),
      made('Observation', {
        status: 'final',
        code: loinc,
        effectiveTiming: { event: ['2001-06-01', '2001-06-02'] },
        valueTime: '09:30:00',
      }),
      made('MedicationRequest', {
        ...{ status: 'active', intent: 'order', medicationReference: { reference: '#m' }, authoredOn: '2001-06-01' },
        contained: [{ resourceType: 'Medication', id: 'm', code: loinc }],
      }),
    );
    expect(ofType(left, 'Condition')).toHaveLength(1);
    expect(one(left, 'MedicationRequest')['authoredOn']).toBe('2001');
  });
});

describe('the checker', () => {
  const left = {
    resourceType: 'Patient',
    id: 'x',
    extension: [{ url: `${dapl}dapl-age-extension`, valueQuantity: { value: 64, system: 'http://unitsofmeasure.org', code: 'a' } }],
    address: [{ postalCode: '98000' }],
  };
  const encounter = { ...left, resourceType: 'Encounter', address: undefined, status: 'finished', subject: { reference: 'Patient/x' } };
  const years = (value: number, comparator?: string) => ({
    ...{ value, system: 'http://unitsofmeasure.org', code: 'a' },
    ...(comparator === undefined ? {} : { comparator }),
  });
  const aged = (told: Json) => ({ ...left, extension: [{ url: `${dapl}dapl-age-extension`, ...told }] });

  test('takes what holds the rules', () => {
    expect([daplFaults(left), daplFaults(encounter)]).toEqual([[], []]);
    for (const told of [{ valueQuantity: years(90, '>=') }, { valueRange: { low: years(40), high: years(49) } }])
      expect(daplFaults(aged(told))).toEqual([]);
  });

  test.each<[string, AnyResource]>([
    ['no text (narrative)', { ...left, text: { status: 'generated', div: '<div/>' } }],
    ['no contained resource', { ...left, contained: [{ resourceType: 'Medication' }] }],
    ['a date is a year from 1900 on', { ...encounter, period: { start: '2001-06' } }],
    ['a date is a year from 1900 on', { ...encounter, period: { start: '1899' } }],
    ['no instant: it would tell the second', { resourceType: 'Observation', id: 'x', issued: '2001-06-01T10:00:00Z' }],
    ['a Reference has no display and no text', { ...encounter, subject: { reference: 'Patient/x', display: 'Ada' } }],
    ['a CodeableConcept has no text, a Coding no display', { ...encounter, type: [{ text: 'x' }] }],
    ['a CodeableConcept has no text, a Coding no display', { ...encounter, class: { display: 'x' } }],
    ['no note, name, contact, identifier or attachment', { resourceType: 'Observation', id: 'x', note: [{ text: 'x' }] }],
    ['an age over 89 is 90 and more', { resourceType: 'Condition', id: 'x', onsetAge: years(92) }],
    [
      'an extension of the guide is one of those that it has, where it has them',
      { ...left, extension: [...left.extension, { url: `${dapl}dapl-recordedDate-extension`, valueDateTime: '2001' }] },
    ],
    [
      'dapl-event-recorded-datetime-extension and its kin hold a year, once',
      { resourceType: 'Procedure', id: 'x', extension: [{ url: `${dapl}dapl-recordedDate-extension`, valueDateTime: '2001-06' }] },
    ],
    ['Patient: what is forbidden', { ...left, birthDate: '1961' }],
    ['Patient: one age', { ...left, extension: [] }],
    ['Patient: one age', { ...left, extension: [...left.extension, ...left.extension] }],
    ['Patient: one age', aged({ valueAge: years(64) })],
    ['Patient: one age', aged({ valueQuantity: years(90) })],
    ['Patient: one age', aged({ valueQuantity: years(80, '>=') })],
    ['Patient: one age', aged({ valueQuantity: {} })],
    ['Patient: one age', aged({ valueRange: { low: years(85), high: years(94) } })],
    ['Patient: one age', aged({ valueRange: { low: years(49), high: years(40) } })],
    ['Patient: one address, without text, lines, city and district', { ...left, address: [...left.address, ...left.address] }],
    ['Patient: one address, without text, lines, city and district', { ...left, address: [{ postalCode: '98000', city: 'Seattle' }] }],
    ['Patient: one postalCode, three digits and zeros; 00000 says why', { ...left, address: [{ postalCode: '98028' }] }],
    ['Patient: one postalCode, three digits and zeros; 00000 says why', { ...left, address: [{ postalCode: '00000' }] }],
    ['Patient: communication with its language', { ...left, communication: [{ preferred: true }] }],
    ['Encounter: one age', { ...encounter, extension: [] }],
    ['Encounter: one participant at most', { ...encounter, participant: [{}, {}] }],
    ['Condition: onset is a dateTime or Period', { resourceType: 'Condition', id: 'x', onsetAge: years(3) }],
    ['Condition: abatement is a dateTime or Period', { resourceType: 'Condition', id: 'x', abatementString: 'x' }],
    ['Observation: effective is a dateTime, Period or Timing', { resourceType: 'Observation', id: 'x', effectiveInstant: '2001' }],
    ['Observation: value has one of the types', { resourceType: 'Observation', id: 'x', valueTime: '09:30:00' }],
    ['Immunization: occurrence is a dateTime', { resourceType: 'Immunization', id: 'x', occurrenceString: 'x' }],
    ['references lead to what left', { ...encounter, subject: { reference: 'Patient/y' } }],
    ['no id of the source', { ...left, id: 'p' }],
  ])('finds what breaks: %s', (rule, broken) => {
    expect(daplRules).toContain(rule);
    const found = daplFaultsOf([broken, left], [{ resourceType: 'Patient', id: 'p' }]);
    expect(found.filter(text => text.startsWith(`${rule}: `))).not.toEqual([]);
  });
});
