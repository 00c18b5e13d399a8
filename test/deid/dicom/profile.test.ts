// docs/deidentification/images.md
import { expect, test } from '@jest/globals';
import { readDicomProfile } from '../../../src/deid/dicom/profile.ts';
import { PolicyError } from '../../../src/deid/policy.ts';

const wrong: readonly (readonly [unknown, string])[] = [
  [null, 'dicom: must be an object'],
  [[], 'dicom: must be an object'],
  [{ option: [] }, 'dicom.option: is no part of a DICOM profile'],
  [{ options: 'retainUids' }, 'dicom.options: must be a list'],
  [{ options: ['retainUIDs'] }, 'dicom.options[0]: is no option of table E.1-1'],
  [{ options: ['retainSafePrivate'] }, 'dicom.options[0]: is no option of table E.1-1'],
  [{ options: ['retainLongitudinalFullDates', 'retainLongitudinalModifiedDates'] }, 'dicom.options: has full and modified dates at once'],
  [{ waveforms: 1 }, 'dicom.waveforms: must be true or false'],
  [{ keep: { '0008007': '.' } }, 'dicom.keep.0008007: must be 8 hexadecimal digits'],
  [{ keep: { '00080070': '(' } }, 'dicom.keep.00080070: must be a regular expression'],
  [{ keep: { '00080070': '' } }, 'dicom.keep.00080070: must be a text'],
  [{ safePrivate: [{ creator: 'A', group: '0018', element: '01' }] }, 'dicom.safePrivate[0].group: must be odd, as private groups are'],
  [{ safePrivate: [{ creator: 'A', group: '0019', element: '1001' }] }, 'dicom.safePrivate[0].element: must be 2 hexadecimal digits'],
  [{ safePrivate: [{ creator: 'A', group: '0019', element: '01', vr: 'DS' }] }, 'dicom.safePrivate[0].vr: is no part of a DICOM profile'],
  [{ pixels: [{}] }, 'dicom.pixels[0].modality: must be a text'],
  [{ pixels: [{ modality: 'US', rows: -1 }] }, 'dicom.pixels[0].rows: must be a whole number up to 65535'],
  [{ pixels: [{ modality: 'US', region: [] }] }, 'dicom.pixels[0].region: is no part of a DICOM profile'],
  [
    { pixels: [{ modality: 'US', regions: [{ x: 0, y: 0, width: 1.5, height: 1 }] }] },
    'dicom.pixels[0].regions[0].width: must be a whole number up to 65535',
  ],
];

test.each(wrong)('a profile that cannot be meant is refused with its place: %j', (json, message) => {
  expect(() => readDicomProfile(json)).toThrow(PolicyError);
  expect(() => readDicomProfile(json)).toThrow(`policy: ${message}`);
});

test('a profile without a choice is the basic profile', () => {
  const profile = readDicomProfile({});
  expect([profile.options.size, profile.keep.size, profile.pixels.length, profile.waveforms]).toEqual([0, 0, 0, false]);
});

test('safe private attributes are an option of their own', () => {
  expect([...readDicomProfile({ safePrivate: [{ creator: 'A', group: '0019', element: '01' }] }).options]).toEqual(['retainSafePrivate']);
});
