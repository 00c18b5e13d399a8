// Real objects of many devices and character sets (the test files of pydicom), beside the checkout.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import dicomParser from 'dicom-parser';
import { decoderOf } from '../../../src/deid/dicom/charset.ts';
import { deidentifyDicom } from '../../../src/deid/dicom/deidentify.ts';
import { textOf, Withheld } from '../../../src/deid/dicom/element.ts';
import { readDicomProfile } from '../../../src/deid/dicom/profile.ts';
import { readFile } from '../../../src/deid/dicom/read.ts';
import { seriesKeys } from '../../../src/deid/keys.ts';
import { isSlow } from '../../slow.ts';
import { data, files, here, survivors } from './shared.ts';

if (isSlow && !here) console.warn('SKIPPED: the DICOM objects are not beside this checkout (../shared/data/dicom).');
const slow = isSlow && here ? test : test.skip;

const { uid } = seriesKeys(Buffer.alloc(32, 5));
const everyModality = 'CT MR PT US SC OT XA RF CR DX NM SEG RTDOSE RTSTRUCT ECG'.split(' ');
/** Lets out all that can be de-identified, whatever its pixels show: here its bytes are looked at. */
const open = readDicomProfile({
  options: ['cleanStructuredContent'],
  waveforms: true,
  pixels: everyModality.map(modality => ({ modality, regions: [], facesCleared: true })),
});

slow.each(files)(
  '%s: what stood in a name, a number, an address, a date, a description or a private attribute is not in the output, which opens again',
  name => {
    const input = readFileSync(path.join(data, name));
    const result = deidentifyDicom(input, open, { uid, subject: { shiftDays: 10, id: 'NOREN-PERSON' } });
    if ('withheld' in result) {
      expect(result.withheld).toMatch(/^(?:is|has|may) [a-zA-Z ]+$/);
      return;
    }
    const out = Buffer.from(result.bytes);
    const again = dicomParser.parseDicom(out);
    expect(again.warnings).toEqual([]);
    expect(again.string('x00120062')).toBe('YES');
    expect(survivors(input, out)).toEqual([]);
  },
);

slow('most of the objects leave, and the basic profile alone withholds heads, captures and reports', () => {
  const basic = readDicomProfile({});
  const leaving = { open: 0, basic: 0 };
  for (const name of files) {
    const input = readFileSync(path.join(data, name));
    if ('bytes' in deidentifyDicom(input, open, { uid })) leaving.open++;
    if ('bytes' in deidentifyDicom(input, basic, { uid })) leaving.basic++;
  }
  expect(files.length).toBe(56);
  expect(leaving.open).toBeGreaterThan(44);
  expect(leaving.basic).toBeLessThan(15);
});

slow('an object that cannot be read is withheld, not thrown', () => {
  expect(() => readFile(readFileSync(path.join(data, 'pydicom/MR_truncated.dcm')))).toThrow(Withheld);
});

// PS3.5 annexes H to K, and the names that David Clunie's test objects have.
const names: readonly (readonly [string, string])[] = [
  ['chrArab', 'قباني^لنزار'],
  ['chrFren', 'Buc^Jérôme'],
  ['chrGerm', 'Äneas^Rüdiger'],
  ['chrGreek', 'Διονυσιος'],
  ['chrH31', 'Yamada^Tarou=山田^太郎=やまだ^たろう'],
  ['chrH32', 'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう'],
  ['chrHbrw', 'שרון^דבורה'],
  ['chrI2', 'Hong^Gildong=洪^吉洞=홍^길동'],
  ['chrRuss', 'Люкceмбypг'],
  ['chrX1', 'Wang^XiaoDong=王^小東='],
  ['chrX2', 'Wang^XiaoDong=王^小东='],
];

slow.each(names)('%s: the name is read as %s', (file, name) => {
  const { set } = readFile(readFileSync(path.join(data, 'pydicom-charset', file + '.dcm')));
  const read = decoderOf(textOf(set, 0x00080005))!(set.get(0x00100010)!.bytes!)!;
  expect(read.trimEnd()).toBe(name);
});
