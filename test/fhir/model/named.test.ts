// https://hl7.org/fhir/R4/references.html https://hl7.org/fhir/R4/patient.html
import { describe, expect, test } from '@jest/globals';
import { namesOf, personsIn } from '../../../src/fhir/model/named.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';

const base = 'https://noren.test/fhir';
const system = 'urn:oid:1.2.392.100495.20.3.51.11319999991';
const key = `${system}|N-0`;
const see = (resource: AnyResource) => personsIn(resource, { base, institution: '1319999991' });
const about = (subject: unknown): AnyResource => ({ resourceType: 'Observation', id: 'o', subject });

describe('personsIn: references', () => {
  test.each([
    ['relative', 'Patient/1'],
    ['with a version', 'Patient/1/_history/2'],
    ['absolute, below our base', `${base}/Patient/1`],
    ['absolute, with a version', `${base}/Patient/1/_history/7`],
  ])('%s', (_, reference) => expect(see(about({ reference })).references).toEqual(['Patient/1']));

  test.each([
    ['a foreign server', 'https://other.test/fhir/Patient/1'],
    ['criteria', 'Patient?identifier=x'],
    ['an open urn', 'urn:uuid:0c8f1b9e-5b0a-4b62-9a60-7a6a4e0d0001'],
    ['a type in the wrong case', 'patient/1'],
    ['a fragment behind it', 'Patient/1#p'],
    ['a bad id', 'Patient/1_2'],
  ])('%s leads nowhere', (_, reference) => expect(see(about({ reference }))).toMatchObject({ references: [], unresolvable: ['subject'] }));

  test('a condition by a number is that number, of data that stand by themselves', () => {
    const of = (query: string, more: object = {}) => personsIn(about({ reference: `Patient?${query}` }), { base, ...more });
    const numbers = ({ identifiers, unresolvable }: ReturnType<typeof of>) => [identifiers.map(one => one.identifier), unresolvable];
    const one = [[{ system: 'urn:x', value: '1' }], []];
    expect(numbers(of('identifier=urn:x|1', { conditions: true }))).toEqual(one);
    expect(numbers(of('identifier=urn%3Ax%7C1', { conditions: true }))).toEqual(one);
    expect(numbers(of('identifier=urn:x|1'))).toEqual([[], ['subject']]);
    const open = [
      'identifier=1',
      'name=x',
      'identifier=urn:x|1,urn:x|2',
      'identifier=urn:x|1&identifier=urn:x|2',
      'identifier=urn:x|1&_id=7',
      'identifier=urn:x|a\\,b',
    ];
    for (const query of open) expect(numbers(of(query, { conditions: true }))).toEqual([[], ['subject']]);
  });

  test('RelatedPerson, in any element and extension', () => {
    const resource = {
      ...about({ display: 'x' }),
      extension: [{ url: 'x', valueReference: { reference: 'RelatedPerson/r' } }],
      performer: [{ reference: 'Patient/2' }],
    };
    expect([...see(resource).references].sort()).toEqual(['Patient/2', 'RelatedPerson/r']);
  });

  test('in a list of lists, which is no FHIR, all the same', () =>
    expect(see(about([[{ reference: 'Patient/1' }]])).references).toEqual(['Patient/1']));

  test('a reference to somebody else names nobody; a display alone neither', () => {
    const named = see({
      ...about({ display: 'Patient/1' }),
      performer: [{ reference: 'Practitioner/1' }],
      encounter: { reference: 'urn:uuid:1' },
    });
    expect(namesOf(named)).toEqual([]);
    expect(named.unresolvable).toEqual([]);
  });

  test('an address of a Patient counts, a foreign address does not', () => {
    expect(see({ ...about(undefined), extension: [{ url: 'x', valueUri: 'Patient/9' }] }).references).toEqual(['Patient/9']);
    expect(
      see({
        ...about(undefined),
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-x', valueUri: 'https://a.test/Patient/9' }],
      }).references,
    ).toEqual([]);
  });
});

describe('personsIn: logical identifiers', () => {
  test.each([
    ['as written', { system, value: 'N-0' }],
    ['full width', { system, value: 'Ｎ－０' }],
    ['blanks around', { system, value: ' N-0 ' }],
    ['a character that nobody sees', { system, value: 'N\u200b-0\u2060' }],
    ['OID without urn', { system: '1.2.392.100495.20.3.51.11319999991', value: 'N-0' }],
    ['upper case URN', { system: system.toUpperCase(), value: 'N-0' }],
    ['the URL form', { system: 'http://jpfhir.jp/fhir/eCS/Idsystem/JP_Hospital_PatientID', value: 'N-0' }],
    ['https, slash at the end', { system: 'https://jpfhir.jp/fhir/eCS/Idsystem/JP_Hospital_PatientID/', value: 'N-0' }],
  ])('%s', (_, identifier) => expect(see(about({ identifier })).identifiers.map(one => one.key)).toEqual([key]));

  test('without a system, or a number that a family shares: nobody can be made out', () => {
    for (const identifier of [{ value: 'N-0' }, { system: 'urn:oid:1.2.392.100495.20.3.61', value: '06139463' }]) {
      expect(see(about({ identifier }))).toMatchObject({ identifiers: [], unresolvable: ['subject'] });
    }
  });

  test('in an element that may mean others: perhaps; said to be a Practitioner: no', () => {
    const identifier = { system: 'urn:x', value: '1' };
    expect(see({ ...about({ reference: 'Patient/1' }), performer: [{ identifier }] }).perhaps.map(one => one.key)).toEqual(['urn:x|1']);
    expect(see({ ...about({ reference: 'Patient/1' }), performer: [{ identifier, type: 'Practitioner' }] }).perhaps).toEqual([]);
    expect(
      see({ ...about({ reference: 'Patient/1' }), performer: [{ identifier, type: 'Patient' }] }).identifiers.map(one => one.key),
    ).toEqual(['urn:x|1']);
  });

  test('a hospital’s patient number counts wherever it stands, whatever the reference says of its type', () => {
    const identifier = { system, value: 'N-0' };
    expect(
      see({ ...about({ reference: 'Patient/1' }), performer: [{ identifier, type: 'Organization' }] }).identifiers.map(one => one.key),
    ).toEqual([key]);
    expect(
      see({ ...about({ reference: 'Patient/1' }), extension: [{ url: 'x', valueIdentifier: identifier }] }).identifiers.map(one => one.key),
    ).toEqual([key]);
  });
});

describe('personsIn: a reference’s type', () => {
  const identifier = { system: 'urn:x', value: '1' };
  const typed = (type: unknown) => see({ ...about({ reference: 'Patient/1' }), performer: [{ identifier, type }] });
  test.each(['http://hl7.org/fhir/StructureDefinition/Patient', 'https://hl7.org/fhir/StructureDefinition/RelatedPerson'])(
    '%s means a person',
    type => expect(typed(type).identifiers.map(one => one.key)).toEqual(['urn:x|1']),
  );
  test.each(['patient', 'Nothing', ''])('%j says nothing: perhaps', type =>
    expect(typed(type).perhaps.map(one => one.key)).toEqual(['urn:x|1']),
  );
  test('somebody else’s, in the long form, means nobody', () =>
    expect(typed('http://hl7.org/fhir/StructureDefinition/Practitioner')).toMatchObject({ identifiers: [], perhaps: [] }));
});

describe('personsIn: records', () => {
  const inner = { resourceType: 'Patient', id: 'p', identifier: [{ system, value: 'N-0' }] };
  test('the Patient itself, with all its keys, and those it is linked to', () => {
    const named = see({ ...inner, link: [{ other: { reference: 'Patient/2' }, type: 'seealso' }] });
    expect(named.records).toEqual([{ keys: [key], names: ['Patient/p'], itself: true }]);
    expect(named.references).toEqual(['Patient/2']);
    expect(named.identifiers).toEqual([]);
  });

  test('contained', () => {
    expect(see({ ...about({ reference: '#p' }), contained: [inner] })).toMatchObject({
      records: [{ keys: [key], itself: false }],
      references: [],
      unresolvable: [],
    });
  });

  test('a contained Patient does not hide a real one with the same id', () => {
    expect(see({ ...about({ reference: 'Patient/p' }), contained: [inner] }).references).toEqual(['Patient/p']);
  });

  test('in Parameters', () => {
    expect(see({ resourceType: 'Parameters', parameter: [{ name: 'x', resource: inner }] }).records).toHaveLength(1);
  });

  test('in a nested Bundle: entries find each other by full URL', () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'document',
      entry: [
        { fullUrl: 'urn:uuid:1', resource: inner },
        { fullUrl: 'https://h.test/fhir/Patient/7', resource: { ...inner, id: '7', identifier: [{ system, value: 'N-7' }] } },
        { resource: about({ reference: 'urn:uuid:1' }) },
        { resource: about({ reference: 'Patient/7' }) },
        { resource: about({ reference: 'Patient/8' }) },
        { resource: about({ reference: 'urn:uuid:2' }) },
      ],
    };
    expect(see(bundle)).toMatchObject({ references: ['Patient/8'], unresolvable: ['subject'] });
    expect(see(bundle).records.map(one => one.keys[0])).toEqual([key, `${system}|N-7`]);
  });

  test('in a nested Bundle: a foreign entry does not hide the patient of our own base who has its id', () => {
    const bundle = {
      resourceType: 'Bundle',
      entry: [
        { fullUrl: 'https://h.test/fhir/Patient/7', resource: { ...inner, id: '7' } },
        { resource: about({ reference: `${base}/Patient/7/_history/2` }) },
      ],
    };
    expect(see(bundle).references).toEqual(['Patient/7']);
  });

  test('Group members and List entries', () => {
    expect(
      see({ resourceType: 'Group', member: [{ entity: { reference: 'Patient/1' } }, { entity: { reference: 'Patient/2' } }] }).references,
    ).toEqual(['Patient/1', 'Patient/2']);
    expect(see({ resourceType: 'List', entry: [{ item: { reference: 'Patient/3' } }] }).references).toEqual(['Patient/3']);
  });

  test('a RelatedPerson has identifiers of its own, and its patient', () => {
    const named = see({
      resourceType: 'RelatedPerson',
      id: 'r',
      identifier: [
        { system: 'urn:family', value: '1' },
        { system, value: 'N-0' },
      ],
      patient: { reference: 'Patient/1' },
    });
    expect(named.references).toEqual(['Patient/1']);
    expect(named.others).toEqual(expect.arrayContaining(['urn:family|1']));
    expect(named.identifiers.map(one => one.key)).toEqual([key]);
  });
});
