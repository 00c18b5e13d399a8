// PS3.3 C.7.1.1, 10.14: who an object says that it is of
import { expect, test } from '@jest/globals';
import { patientOf } from '../../../src/deid/dicom/patient.ts';
import { chest, entry, file, shiftJis, syntaxes } from './ground.ts';

test('PatientID, its issuer by name and by a universal id, and the birth date are read', () => {
  const bytes = file(
    chest([
      entry(0x00100020, 'LO', ' 0042 '),
      entry(0x00100021, 'LO', '1319999991'),
      entry(0x00100024, 'SQ', [[entry(0x00400032, 'UT', '1.2.3'), entry(0x00400033, 'CS', 'ISO')]]),
      entry(0x00100030, 'DA', '19800517'),
    ]),
    syntaxes.implicit,
  );
  expect(patientOf(bytes)).toEqual({ id: '0042', issuer: '1319999991', universal: { id: '1.2.3', type: 'ISO' }, birthDate: '19800517' });
});

test('a number that is no text in the declared set is nobody’s; without any there is none', () => {
  expect(patientOf(file(chest([entry(0x00100020, 'LO', shiftJis('山田'))]), syntaxes.explicit))).toMatchObject({ id: '' });
  expect(patientOf(file(chest(), syntaxes.explicit))).toEqual({ id: '', issuer: '', birthDate: '' });
});

test('what is no DICOM object, or is cut short, is nobody’s', () => {
  expect(patientOf(Buffer.from('CANARY'))).toEqual({ withheld: 'is no DICOM object' });
  expect(patientOf(file(chest(), syntaxes.explicit).subarray(0, -3))).toEqual({ withheld: 'is cut short' });
});
