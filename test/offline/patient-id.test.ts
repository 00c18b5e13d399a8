// Whose an object is: PS3.3 C.7.1.1, 10.14
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { DicomPatient } from '../../src/deid/dicom/patient.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { finder } from '../../src/offline/patient-id.ts';
import { Gathering, Persons, writeRows } from '../../src/offline/people.ts';
import { Shelf } from '../../src/offline/shelf.ts';
import { survey } from '../../src/offline/survey.ts';
import { Table } from '../../src/offline/table.ts';
import { policyNamed } from '../../src/release/policies.ts';
import { series } from '../../src/release/series.ts';

const hospital = 'urn:oid:1.2.392.100495.20.3.51.11319999991';
const base = 'https://noren.example/fhir';
const of = series(policyNamed('jp-anonymized-images'), Buffer.alloc(32, 7), {
  base,
  now: Date.parse('2026-04-01'),
  timeZone: 'Asia/Tokyo',
});
const patient = (id: string, keys: readonly string[], birthDate?: string): AnyResource => ({
  resourceType: 'Patient',
  id,
  identifier: keys.map(key => ({ system: key.slice(0, key.indexOf('|')), value: key.slice(key.indexOf('|') + 1) })),
  ...(birthDate === undefined ? {} : { birthDate }),
});

/** As the first pass tells of them. */
async function personsOf(patients: readonly AnyResource[]): Promise<Persons> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'noren-test-'));
  const shelf = new Shelf({ folder, key: Buffer.alloc(32, 1) }, 1);
  const file = path.join(folder, 'patients.ndjson');
  const bytes = Buffer.from(patients.map(one => `${JSON.stringify(one)}\n`).join(''));
  writeFileSync(file, bytes);
  const seen = await survey(
    { file, name: 'patients.ndjson', folder: 'in', lines: true, gz: false, bytes: bytes.length },
    { number: 0, from: 0, to: bytes.length },
    { compiled: of.compiled, today: of.today, base, words: new Table(2), objects: true, shelf },
  );
  const gathering = new Gathering([seen.patients], new Table(3));
  writeRows(gathering.groups(0, gathering.count), gathering.rows, of, shelf);
  rmSync(folder, { recursive: true });
  return new Persons(gathering.share(), shelf);
}
const persons = await personsOf([
  patient('one', [`${hospital}|0042`, 'urn:insurer|7'], '1980-05-17'),
  patient('two', ['urn:a|SAME', 'urn:a|000', 'urn:a|Unknown', 'urn:a|不明', 'urn:a|患者二']),
  patient('three', ['urn:b|SAME', 'http://hospital.example/numbers|0042', 'urn:b|33'], '1980-05'),
  // A second record of one: no other person.
  patient('one-again', [`${hospital}|0042`, 'urn:insurer|7', 'urn:c|8']),
]);
const pseudonyms = new Map(['one', 'two', 'three'].map(id => [persons.byName.get(`Patient/${id}`)!.pseudonym, `pseudonym-${id}`]));
const find = finder(persons);
const whose = (patient: Partial<DicomPatient>): string => {
  const found = find({ id: '', issuer: '', birthDate: '', ...patient });
  return 'withheld' in found ? found.withheld : pseudonyms.get(found.pseudonym)!;
};

test.each<[Partial<DicomPatient>, string]>([
  [{ id: '7' }, 'pseudonym-one'],
  [{ id: '７ ' }, 'pseudonym-one'],
  [{ id: '8' }, 'pseudonym-one'],
  [{ id: 'one-again' }, 'pseudonym-one'],
  [{ id: '患者二' }, 'pseudonym-two'],
  [{ id: 'two' }, 'pseudonym-two'],
  [{ id: '0042', issuer: '1319999991' }, 'pseudonym-one'],
  [{ id: '0042', issuer: hospital }, 'pseudonym-one'],
  [{ id: '0042', issuer: '1.2.392.100495.20.3.51.11319999991' }, 'pseudonym-one'],
  [{ id: '0042', issuer: 'X-ray', universal: { id: '1.2.392.100495.20.3.51.11319999991', type: 'ISO' } }, 'pseudonym-one'],
  [{ id: '0042', issuer: 'http://hospital.example/numbers' }, 'pseudonym-three'],
  [{ id: '7', birthDate: '19800517' }, 'pseudonym-one'],
  [{ id: '7', birthDate: '1980.05.17' }, 'pseudonym-one'],
  [{ id: '33', birthDate: '19800517' }, 'pseudonym-three'],
])('%j is %s', (patient, name) => expect(whose(patient)).toBe(name));

test.each<[Partial<DicomPatient>, string]>([
  [{}, 'has no PatientID'],
  [{ id: '43' }, 'is of nobody in the input'],
  [{ id: '000' }, 'has a PatientID that stands for no number'],
  [{ id: '０００ ' }, 'has a PatientID that stands for no number'],
  [{ id: 'UNKNOWN' }, 'has a PatientID that stands for no number'],
  [{ id: '不明' }, 'has a PatientID that stands for no number'],
  [{ id: '42' }, 'is of nobody in the input'],
  [{ id: '0042', issuer: '1319999992' }, 'is of nobody in the input'],
  [{ id: 'two', issuer: '1319999991' }, 'is of nobody in the input'],
  [{ id: '0042' }, 'has a PatientID that several persons of the input have'],
  [{ id: 'SAME' }, 'has a PatientID that several persons of the input have'],
  [{ id: '7', issuer: 'X-ray' }, 'has a PatientID whose issuer is no system of identifiers'],
  [{ id: '7', universal: { id: 'x-ray.hospital.example', type: 'DNS' } }, 'has a PatientID whose issuer is no system of identifiers'],
  [{ id: '7', birthDate: '19800518' }, 'has another birth date than the person of its PatientID'],
  [{ id: '33', birthDate: '19800617' }, 'has another birth date than the person of its PatientID'],
  [{ id: '7', birthDate: 'unknown' }, 'has another birth date than the person of its PatientID'],
])('%j is nobody’s: it %s', (patient, reason) => expect(whose(patient)).toBe(reason));
