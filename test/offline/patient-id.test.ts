// Whose an object is: PS3.3 C.7.1.1, 10.14
import { expect, test } from '@jest/globals';
import { dayOf } from '../../src/deid/calendar.ts';
import type { DicomPatient } from '../../src/deid/dicom/patient.ts';
import { finder } from '../../src/offline/patient-id.ts';
import type { Individual } from '../../src/release/individual.ts';
import { people } from '../../src/release/whose.ts';

const hospital = 'urn:oid:1.2.392.100495.20.3.51.11319999991';
const person = (id: string, keys: readonly string[], born?: number): Individual => ({
  anchor: `Patient/${id}`,
  records: [],
  names: [`Patient/${id}`],
  keys: new Set(keys),
  subject: { shiftDays: 1, pooled: false, ...(born === undefined ? {} : { born }) },
  pseudonym: `pseudonym-${id}`,
});
const one = person('one', [`${hospital}|0042`, 'urn:insurer|7'], dayOf(1980, 5, 17));
const two = person('two', ['urn:a|SAME']);
const three = person('three', ['urn:b|SAME', 'http://hospital.example/numbers|0042']);
const find = finder(people([one, two, three]));
const whose = (patient: Partial<DicomPatient>): string => {
  const found = find({ id: '', issuer: '', birthDate: '', ...patient });
  return 'withheld' in found ? found.withheld : found.pseudonym;
};

test.each<[Partial<DicomPatient>, string]>([
  [{ id: '7' }, 'pseudonym-one'],
  [{ id: '７ ' }, 'pseudonym-one'],
  [{ id: 'two' }, 'pseudonym-two'],
  [{ id: '0042', issuer: '1319999991' }, 'pseudonym-one'],
  [{ id: '0042', issuer: hospital }, 'pseudonym-one'],
  [{ id: '0042', issuer: '1.2.392.100495.20.3.51.11319999991' }, 'pseudonym-one'],
  [{ id: '0042', issuer: 'X-ray', universal: { id: '1.2.392.100495.20.3.51.11319999991', type: 'ISO' } }, 'pseudonym-one'],
  [{ id: '0042', issuer: 'http://hospital.example/numbers' }, 'pseudonym-three'],
  [{ id: '7', birthDate: '19800517' }, 'pseudonym-one'],
  [{ id: '7', birthDate: '1980.05.17' }, 'pseudonym-one'],
])('%j is %s', (patient, name) => expect(whose(patient)).toBe(name));

test.each<[Partial<DicomPatient>, string]>([
  [{}, 'has no PatientID'],
  [{ id: '43' }, 'is of nobody in the input'],
  [{ id: '42' }, 'is of nobody in the input'],
  [{ id: '0042', issuer: '1319999992' }, 'is of nobody in the input'],
  [{ id: 'two', issuer: '1319999991' }, 'is of nobody in the input'],
  [{ id: '0042' }, 'has a PatientID that several persons of the input have'],
  [{ id: 'SAME' }, 'has a PatientID that several persons of the input have'],
  [{ id: '7', issuer: 'X-ray' }, 'has a PatientID whose issuer is no system of identifiers'],
  [{ id: '7', universal: { id: 'x-ray.hospital.example', type: 'DNS' } }, 'has a PatientID whose issuer is no system of identifiers'],
  [{ id: '7', birthDate: '19800518' }, 'has another birth date than the person of its PatientID'],
  [{ id: '7', birthDate: 'unknown' }, 'has another birth date than the person of its PatientID'],
])('%j is nobody’s: it %s', (patient, reason) => expect(whose(patient)).toBe(reason));
