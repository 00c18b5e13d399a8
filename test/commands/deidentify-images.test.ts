// docs/deidentification/images.md: noren deidentify on files of DICOM, and on Binaries in files
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import dicomParser from 'dicom-parser';
import { chest, entry, file, type Item, syntaxes } from '../deid/dicom/ground.ts';
import { slowTest } from '../slow.ts';
import { keysIn, linesOf, noren, now, type Resource } from './deidentify-world.ts';

const number = { system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: 'CANARY-42' };
const uids = { study: '1.2.392.200036.1', series: '1.2.392.200036.1.2' };
const object = (id: string, more: Item = []): Buffer =>
  file(
    chest([
      entry(0x00080020, 'DA', '20200101'),
      entry(0x00100010, 'PN', 'CANARY^TARO'),
      entry(0x00100020, 'LO', id),
      entry(0x00100030, 'DA', '19800517'),
      ...more,
    ]),
    syntaxes.explicit,
  );

let root: string;
let input: string;
let keys: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-deidentify-images-'));
  input = path.join(root, 'in');
  mkdirSync(path.join(input, 'CANARY-42'), { recursive: true });
  keys = keysIn(root, 7);
  const put = (name: string, resources: readonly object[]): void =>
    writeFileSync(path.join(input, name), resources.map(one => `${JSON.stringify(one)}\n`).join(''));
  const document = (id: string, patient: string, url: string) => ({
    ...{ resourceType: 'DocumentReference', id, status: 'current', subject: { reference: `Patient/${patient}` } },
    content: [{ attachment: { contentType: 'application/dicom', url } }],
  });
  const binary = (id: string, data: Buffer, more: object = {}) => ({
    ...{ resourceType: 'Binary', id, contentType: 'application/dicom', data: data.toString('base64') },
    ...more,
  });
  put('patients.ndjson', [
    { resourceType: 'Patient', id: 'one', identifier: [number], birthDate: '1980-05-17' },
    { resourceType: 'Patient', id: 'two', identifier: [{ system: 'urn:other', value: 'SAME' }] },
    { resourceType: 'Patient', id: 'three', identifier: [{ system: 'urn:another', value: 'SAME' }] },
  ]);
  // Before what points at them, in the order of the names.
  put('binaries.ndjson', [
    binary('slice', object('CANARY-42'), { securityContext: { reference: 'DocumentReference/scan' } }),
    binary('head', object('CANARY-42', [entry(0x00180015, 'CS', 'HEAD')])),
    binary('nobodys', object('CANARY-42')),
    binary('both', object('CANARY-42')),
  ]);
  put('documents.ndjson', [
    document('scan', 'one', 'Binary/slice'),
    document('head-scan', 'one', 'Binary/head'),
    document('a', 'one', 'Binary/both'),
    document('b', 'two', 'Binary/both'),
  ]);
  put('studies.ndjson', [
    {
      ...{ resourceType: 'ImagingStudy', id: 's', status: 'available', subject: { reference: 'Patient/one' }, started: '2020-01-01' },
      ...{
        identifier: [{ system: 'urn:dicom:uid', value: `urn:oid:${uids.study}` }],
        series: [{ uid: uids.series, modality: { code: 'CT' } }],
      },
    },
  ]);
  const save = (name: string, bytes: Buffer): void => writeFileSync(path.join(input, name), bytes);
  save('CANARY-42/CANARY-42.dcm', object('CANARY-42', [entry(0x00100021, 'LO', '1319999991')]));
  save('CANARY-42/IM0001', object('CANARY-42'));
  save('CANARY-42/1.2.392.200036.1.2.4', object('one', [entry(0x00100021, 'LO', 'CANARY hospital')]));
  save('stranger.dcm', object('CANARY-43'));
  save('same.dcm', object('SAME'));
  save('head.dcm', object('CANARY-42', [entry(0x00180015, 'CS', 'HEAD')]));
  save('cut.dcm', object('CANARY-42').subarray(0, -7));
  save('notes.txt', Buffer.from('CANARY'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let outs = 0;
const newOut = (): string => path.join(root, `out-${outs++}`);
const deidentify = (out: string, more: readonly string[] = [], policy = 'jp-anonymized-images', environment = {}) =>
  noren(['deidentify', '--policy', policy, '--keys', keys, '--now', now, input, '--out', out, ...more], environment);
const bytesOf = (out: string): Record<string, Buffer> =>
  Object.fromEntries(
    readdirSync(out)
      .sort()
      .map(name => [name, readFileSync(path.join(out, name))]),
  );

test('deidentify: files of DICOM leave under pseudonyms, as their person, with the UIDs and the shift that FHIR has; the others are counted with the reason', async () => {
  const out = newOut();
  const report = path.join(root, 'report.json');
  const { code, err, out: said } = await deidentify(out, ['--report', report]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const files = bytesOf(out);
  const objects = Object.keys(files).filter(name => name.endsWith('.dcm'));
  expect(objects).toHaveLength(2);
  for (const name of objects) expect(name).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.dcm$/);
  expect(Object.keys(files).filter(name => !name.endsWith('.dcm'))).toEqual([
    'binaries.ndjson',
    'documents.ndjson',
    'patients.ndjson',
    'provenance.json',
    'studies.ndjson',
  ]);
  const lines = (name: string): Resource[] => linesOf(files[name]!.toString());
  const [study] = lines('studies.ndjson');
  const binaries = lines('binaries.ndjson');
  expect(binaries).toHaveLength(1);
  const all = [...objects.map(name => files[name]!), Buffer.from(String(binaries[0]!['data']), 'base64')];
  for (const bytes of all) {
    expect(bytes.toString('latin1')).not.toMatch(/CANARY|20200101|1319999991/);
    const set = dicomParser.parseDicom(bytes);
    expect(set.string('x00080020')).toBe(String(study!['started']).replaceAll('-', ''));
    expect(set.string('x00080020')).not.toBe('20200101');
    expect((study!['subject'] as { reference: string }).reference).toBe(`Patient/${set.string('x00100020')}`);
    expect(study!['identifier']).toEqual([{ system: 'urn:dicom:uid', value: `urn:oid:${set.string('x0020000d')}` }]);
    expect(study!['series']).toMatchObject([{ uid: set.string('x0020000e') }]);
  }
  const urls = lines('documents.ndjson').flatMap(one =>
    (one['content'] as { attachment: { url?: string } }[]).flatMap(({ attachment }) => attachment.url ?? []),
  );
  expect(urls).toEqual([`Binary/${binaries[0]!.id}`]);
  expect(JSON.stringify(Object.values(files).map(String))).not.toContain('CANARY');
  expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
    files: { read: 4, written: 4, passedOver: 1 },
    objects: {
      read: 7,
      written: 2,
      withheld: {
        'is of nobody in the input': 1,
        'has a PatientID that several persons of the input have': 1,
        'has a PatientID whose issuer is no system of identifiers': 1,
        'may show a face': 1,
        'is cut short': 1,
      },
    },
    tallies: { read: { 'DICOM object': 7 }, left: { 'DICOM object': 2 } },
  });
  expect(said).toMatch(/2 of 7 DICOM objects given out/);
  expect(said).toMatch(/^may show a face +1$/m);
  expect(said).not.toMatch(/CANARY/);
});

slowTest(
  'deidentify: killed after an object and called again with --resume it writes what it would have written in one go; a changed object is refused',
  async () => {
    const whole = newOut();
    expect((await deidentify(whole, ['--workers', '2'])).code).toBe(0);
    const cut = newOut();
    expect((await deidentify(cut, ['--resume'], undefined, { NOREN_CRASH_AT: 'file:7' })).signal).toBe('SIGKILL');
    const name = path.join(input, 'CANARY-42/1.2.392.200036.1.2.4');
    const bytes = readFileSync(name);
    writeFileSync(name, object('CANARY-42'));
    const refused = await deidentify(cut, ['--resume']);
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/has changed since it was done/)]);
    writeFileSync(name, bytes);
    const { code, out: said } = await deidentify(cut, ['--resume']);
    expect([code, said]).toEqual([0, expect.stringMatching(/2 of 7 DICOM objects given out/)]);
    expect(bytesOf(cut)).toEqual(bytesOf(whole));
  },
  120_000,
);

test.each(['jp-anonymized', 'rules.json'])(
  'deidentify: under a policy that says nothing of DICOM its files are told of: %s',
  async policy => {
    const out = newOut();
    const rules = path.join(root, 'rules.json');
    writeFileSync(rules, JSON.stringify({ fhirVersion: 'R4', fhirPathRules: [{ path: 'Resource', method: 'redact' }] }));
    const { code, out: said } = await deidentify(out, [], policy === 'rules.json' ? rules : policy);
    expect(code).toBe(0);
    expect(said).toMatch(/0 of 7 DICOM objects given out/);
    expect(said).toMatch(/^is of a kind that the policy does not give out +7$/m);
    expect(Object.keys(bytesOf(out)).filter(name => name.endsWith('.dcm'))).toEqual([]);
  },
  120_000,
);
