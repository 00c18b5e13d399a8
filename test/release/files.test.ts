// Whose a Binary is, and what becomes of what points at it. https://hl7.org/fhir/R4/binary.html, https://hl7.org/fhir/R4/datatypes.html#Attachment
import { describe, expect, test } from '@jest/globals';
import dicomParser from 'dicom-parser';
import { readDate } from '../../src/deid/calendar.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { chest, entry, file, type Item, syntaxes } from '../deid/dicom/ground.ts';
import { base, collection, keysFrom, ofType, released } from './ground.ts';

const series = keysFrom(1, 'jp-anonymized-images');
const uids = { study: '1.2.392.200036.1', series: '1.2.392.200036.1.2', instance: '1.2.392.200036.1.2.3' };

const object = (more: Item = []): string =>
  file(
    chest([
      entry(0x00080020, 'DA', '20240203'),
      entry(0x00100010, 'PN', 'CANARY^TARO'),
      entry(0x00100020, 'LO', 'CANARY-0042'),
      entry(0x00100030, 'DA', '19800517'),
      entry(0x00081030, 'LO', 'CANARY study'),
      ...more,
    ]),
    syntaxes.explicit,
  ).toString('base64');

const patient = (id: string, more: Json = {}): AnyResource => ({ resourceType: 'Patient', id, birthDate: '1980-05-17', ...more });
const binary = (id: string, more: Json = {}): AnyResource => ({
  resourceType: 'Binary',
  id,
  contentType: 'application/dicom',
  data: object(),
  ...more,
});
const document = (id: string, subject: string, attachment: Json): AnyResource => ({
  resourceType: 'DocumentReference',
  id,
  status: 'current',
  subject: { reference: `Patient/${subject}` },
  date: '2024-02-03T10:00:00+09:00',
  content: [{ attachment }],
});
const at = (url: string): Json => ({ contentType: 'application/dicom', url, title: 'CANARY', size: 7, hash: 'Q0FOQVJZ' });
const attachmentsOf = (resources: readonly AnyResource[]): Json[] =>
  ofType(resources, 'DocumentReference').flatMap(one => (one['content'] as { attachment: Json }[]).map(({ attachment }) => attachment));
const parsed = (data: unknown) => dicomParser.parseDicom(Buffer.from(String(data), 'base64'));
const masked = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] };

test('a Binary that a DocumentReference points at leaves, and the URL leads to its pseudonym; nothing else of the Attachment does', async () => {
  const { resources, text } = await released(
    collection(patient('p'), document('d', 'p', at('Binary/b')), binary('b', { securityContext: { reference: 'DocumentReference/d' } })),
    series,
  );
  const [left] = ofType(resources, 'Binary');
  expect(left).toEqual({
    resourceType: 'Binary',
    id: expect.any(String),
    meta: expect.anything(),
    contentType: 'application/dicom',
    data: expect.any(String),
  });
  expect(attachmentsOf(resources)).toEqual([{ contentType: 'application/dicom', url: `Binary/${left!.id}` }]);
  expect(text).not.toContain('CANARY');
  expect(Buffer.from(String(left!['data']), 'base64').toString('latin1')).not.toContain('CANARY');
  for (const resource of resources) expect([resource.resourceType, validate(resource)]).toEqual([resource.resourceType, []]);
});

test('the object is the person’s as FHIR tells him: the same shift, the same PatientID, the UIDs of its ImagingStudy', async () => {
  const study: AnyResource = {
    resourceType: 'ImagingStudy',
    id: 's',
    status: 'available',
    subject: { reference: 'Patient/p' },
    started: '2024-02-03',
    identifier: [
      { system: 'urn:dicom:uid', value: `urn:oid:${uids.study}` },
      { system: 'urn:accession', value: 'CANARY' },
    ],
    series: [{ uid: uids.series, modality: { code: 'CT' }, instance: [{ uid: uids.instance, sopClass: { code: 'urn:oid:1.2' } }] }],
  };
  const media: AnyResource = {
    resourceType: 'Media',
    id: 'm',
    status: 'completed',
    subject: { reference: 'Patient/p' },
    content: { contentType: 'application/dicom', data: object() },
  };
  const { resources } = await released(
    collection(patient('p'), study, media, document('d', 'p', at(`${base}/Binary/b/_history/1`)), binary('b')),
    series,
  );
  const [left] = ofType(resources, 'ImagingStudy');
  const [person] = ofType(resources, 'Patient');
  const inline = (ofType(resources, 'Media')[0]!['content'] as Json)['data'];
  for (const set of [parsed(ofType(resources, 'Binary')[0]!['data']), parsed(inline)]) {
    expect(set.string('x00080020')).toBe(String(left!['started']).replaceAll('-', ''));
    expect(readDate(left!['started'])!.first).not.toBe(readDate('2024-02-03')!.first);
    expect(set.string('x00100020')).toBe(person!.id);
    expect(left!['identifier']).toEqual([{ system: 'urn:dicom:uid', value: `urn:oid:${set.string('x0020000d')}` }]);
    expect(left!['series']).toMatchObject([{ uid: set.string('x0020000e'), instance: [{ uid: set.string('x00080018') }] }]);
    expect(set.string('x00080018')).not.toBe(uids.instance);
  }
});

test.each<[string, readonly AnyResource[], string]>([
  ['that nobody points at', [patient('p'), binary('b')], ''],
  ['of two persons', [patient('p'), patient('q'), document('d', 'p', at('Binary/b')), document('e', 'q', at('Binary/b')), binary('b')], ''],
  ['of somebody who is not in the data', [patient('p'), document('d', 'q', at('Binary/b')), binary('b')], ''],
  [
    'of one person that is kept under another',
    [patient('p'), patient('q'), document('d', 'p', at('Binary/b')), binary('b', { securityContext: { reference: 'Patient/q' } })],
    '',
  ],
  [
    'that is the photo of another',
    [patient('p'), patient('q', { photo: [{ url: 'Binary/b' }] }), document('d', 'p', at('Binary/b')), binary('b')],
    '',
  ],
  [
    'whose securityContext is not in the data',
    [patient('p'), document('d', 'p', at('Binary/b')), binary('b', { securityContext: { reference: 'DocumentReference/none' } })],
    '',
  ],
  ['of a head', [patient('p'), document('d', 'p', at('Binary/b')), binary('b', { data: object([entry(0x00180015, 'CS', 'HEAD')]) })], ''],
  ['of a kind without a cleaner', [patient('p'), document('d', 'p', at('Binary/b')), binary('b', { contentType: 'application/pdf' })], ''],
  [
    'of text, which this policy does not let out',
    [patient('p'), document('d', 'p', at('Binary/b')), binary('b', { contentType: 'text/plain', data: 'Q0FOQVJZ' })],
    '',
  ],
  ['that is not there', [patient('p'), document('d', 'p', at('Binary/b'))], ''],
  ['on another server', [patient('p'), document('d', 'p', at('https://elsewhere.example/Binary/b')), binary('b')], ''],
])('a Binary %s does not leave, and nothing leads to it', async (_, all) => {
  const { resources, text } = await released(collection(...all), series);
  expect(ofType(resources, 'Binary')).toEqual([]);
  for (const attachment of attachmentsOf(resources)) expect(attachment).toEqual(masked);
  expect(text).not.toContain('Binary/');
});

test.each(['https://a.test/fhir', base])('a URL below %s leads to no Binary of another server that has the same id', async server => {
  const entry = [patient('p'), document('d', 'p', at('Binary/b'))].map(resource => ({
    fullUrl: `${server}/${resource.resourceType}/${resource.id}`,
    resource,
  }));
  const other = { fullUrl: 'https://b.test/fhir/Binary/b', resource: binary('b') };
  const { resources } = await released({ resourceType: 'Bundle', type: 'collection', entry: [...entry, other] }, series);
  expect(ofType(resources, 'Binary')).toEqual([]);
  expect(attachmentsOf(resources)).toEqual([masked]);
});

describe('a Binary of one person', () => {
  test.each<[string, readonly AnyResource[]]>([
    ['by its securityContext alone', [patient('p'), binary('b', { securityContext: { reference: 'Patient/p' } })]],
    [
      'by the resource of its securityContext',
      [patient('p'), document('d', 'p', {}), binary('b', { securityContext: { reference: 'DocumentReference/d' } })],
    ],
    [
      'beside a Provenance that names nobody',
      [
        patient('p'),
        document('d', 'p', at('Binary/b')),
        binary('b'),
        { resourceType: 'Provenance', id: 'v', target: [{ reference: 'Binary/b' }] } as AnyResource,
      ],
    ],
  ])('%s leaves', async (_, all) => {
    const { resources } = await released(collection(...all), series);
    expect(ofType(resources, 'Binary')).toHaveLength(1);
  });

  test('in a Bundle whose entries have urns for full URLs leaves', async () => {
    const urn = (n: number): string => `urn:uuid:00000000-0000-4000-8000-00000000000${n}`;
    const given = [patient('p'), document('d', 'p', at(urn(3))), binary('b')].map((resource, n) => {
      const { id: _, ...rest } = resource;
      const settled = JSON.parse(JSON.stringify(rest).replaceAll('Patient/p', urn(1))) as AnyResource;
      return { fullUrl: urn(n + 1), resource: settled };
    });
    const { resources } = await released({ resourceType: 'Bundle', type: 'collection', entry: given }, series);
    expect(attachmentsOf(resources)).toEqual([{ contentType: 'application/dicom', url: `Binary/${ofType(resources, 'Binary')[0]!.id}` }]);
  });
});

test('a day that FHIR does not tell of, because it is none of the person’s life, is not in the object either', async () => {
  const study = (id: string, started: string): AnyResource => ({
    resourceType: 'ImagingStudy',
    id,
    status: 'available',
    subject: { reference: 'Patient/p' },
    started,
  });
  // Born in 1980, the day before the year before: moved, it would show by how much.
  const early = object([entry(0x00080020, 'DA', '19790101'), entry(0x00080021, 'DA', '20240203')]);
  const { resources } = await released(
    collection(
      patient('p'),
      study('s', '1979-01-01'),
      study('t', '2024-02-03'),
      document('d', 'p', { contentType: 'application/dicom', data: early }),
    ),
    series,
  );
  const set = parsed(attachmentsOf(resources)[0]!['data']);
  const started = ofType(resources, 'ImagingStudy').map(one => one['started']);
  expect(started).toEqual(expect.arrayContaining([undefined, expect.any(String)]));
  expect(set.string('x00080020') ?? '').toBe('');
  expect(set.string('x00080021')).toBe(String(started.find(one => one !== undefined)).replaceAll('-', ''));
});

test('somebody whom FHIR does not know as 90 or older is not told to be by an object: its later days do not leave', async () => {
  const dates = [entry(0x00080020, 'DA', '20240601'), entry(0x00080021, 'DA', '20240531'), entry(0x00080022, 'DA', '20231231')];
  const { resources } = await released(
    collection(
      patient('p', { birthDate: '1934-06-01', deceasedDateTime: '2024-01-01' }),
      document('d', 'p', { contentType: 'application/dicom', data: object(dates) }),
    ),
    series,
  );
  const [person] = ofType(resources, 'Patient');
  expect(person!['birthDate']).toMatch(/^\d{4}-\d{2}$/);
  const set = parsed(attachmentsOf(resources)[0]!['data']);
  expect([set.string('x00080020') ?? '', set.string('x00080021'), set.string('x00080022')]).toEqual([
    '',
    expect.stringMatching(/^\d{8}$/),
    expect.stringMatching(/^\d{8}$/),
  ]);
});
