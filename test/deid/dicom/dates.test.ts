// https://dicom.nema.org/medical/dicom/current/output/chtml/part05/sect_6.2.html (DA, DT, TM), docs/deidentification/images.md
import { expect, test } from '@jest/globals';
import { shifted } from '../../../src/deid/dicom/dates.ts';

test.each([
  ['DA', '20161231', '20170107'],
  ['DT', '20161231235960.5+0000', '20170107235959+0000'],
  ['DT', '201612312359', '201701072359'],
  ['TM', '101112.123', '101112'],
  ['TM', '085960', '085959'],
  ['TM', '0859', '0859'],
  ['TM', '60', undefined],
])(
  '%s %s of a person whose dates move by 7 days is %s: without fractions, and without leap seconds, of which there are a few',
  (vr, value, left) => {
    expect(shifted(vr, value, { shiftDays: 7 })).toBe(left);
  },
);
