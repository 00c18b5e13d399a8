// https://dicom.nema.org/medical/dicom/current/output/chtml/part15/sect_E.3.html
import { expect, test } from '@jest/globals';
import dicomParser from 'dicom-parser';
import { type DicomResult, deidentifyDicom } from '../../../src/deid/dicom/deidentify.ts';
import { readDicomProfile } from '../../../src/deid/dicom/profile.ts';
import { chest, entry, file, type Item, shiftJis, syntaxes } from './ground.ts';

const run = (entries: Item, profile: unknown = {}, pixels?: Uint8Array | null): DicomResult =>
  deidentifyDicom(file(chest(entries, pixels), syntaxes.explicit), readDicomProfile(profile), { uid: uid => uid });
const storage = '1.2.840.10008.5.1.4.1.1.';
const modality = (code: string): Item[number] => entry(0x00080060, 'CS', code);
const sop = (uid: string): Item[number] => entry(0x00080016, 'UI', uid);
const part = (name: string): Item[number] => entry(0x00180015, 'CS', name);
const code = (value: string): Item => [entry(0x00080100, 'SH', value), entry(0x00080102, 'SH', 'SCT'), entry(0x00080104, 'LO', 'x')];

test('a slice of a chest leaves', () => {
  expect(run([])).toHaveProperty('bytes');
});

const kinds: readonly (readonly [string, Item, string])[] = [
  ['a DICOMDIR', [sop('1.2.840.10008.1.3.10')], 'is a directory of a medium'],
  ['an object with directory records', [entry(0x00041220, 'SQ', [])], 'is a directory of a medium'],
  ['a SOP class of a vendor', [sop('1.3.12.2.1107.5.9.1')], 'is of a SOP class that the standard does not have'],
  ['no SOP class', [sop('')], 'is of a SOP class that the standard does not have'],
  ['a SOP class that is not stored', [sop('1.2.840.10008.1.1')], 'is of a SOP class that is not stored'],
  ['no SOP Instance UID', [entry(0x00080018, 'UI', '')], 'has no SOP Instance UID'],
  ['an encapsulated PDF', [sop(storage + '104.1')], 'is an encapsulated document'],
  ['a document in an image', [entry(0x00420011, 'OB', '%PDF-1.7')], 'is an encapsulated document'],
  ['raw data', [sop(storage + '66')], 'is raw data of a device'],
  ['a voice', [sop(storage + '9.4.1')], 'is a voice'],
  ['an electrocardiogram', [sop(storage + '9.1.1')], 'is a waveform'],
  ['a video', [sop(storage + '77.1.1.1'), modality('ES')], 'is a video'],
  ['a structured report', [sop(storage + '88.11')], 'is a structured report'],
  ['a content sequence in an image', [entry(0x0040a730, 'SQ', [[]])], 'is a structured report'],
  ['an ultrasound picture', [modality('US'), entry(0x00280301, 'CS', 'NO')], 'may have text burned into its pixels'],
  ['an ultrasound picture that says CT', [sop(storage + '6.1')], 'may have text burned into its pixels'],
  ['a head that says CR', [sop(storage + '4'), modality('CR'), part('HEAD')], 'may show a face'],
  ['text burned in, in other letters', [entry(0x00280301, 'CS', 'yes')], 'may have text burned into its pixels'],
  ['a SOP Instance UID that is none', [entry(0x00080018, 'UI', 'Yamada')], 'has no SOP Instance UID'],
  ['secondary capture', [sop(storage + '7')], 'may have text burned into its pixels'],
  ['a converted picture', [entry(0x00080064, 'CS', 'WSD')], 'may have text burned into its pixels'],
  ['a screen that was saved', [entry(0x00080008, 'CS', 'DERIVED\\SECONDARY\\SCREEN SAVE')], 'may have text burned into its pixels'],
  ['a page of a console', [entry(0x00080008, 'CS', 'DERIVED\\SECONDARY\\OTHER')], 'may have text burned into its pixels'],
  ['a page that says no more', [entry(0x00080008, 'CS', 'DERIVED\\SECONDARY')], 'may have text burned into its pixels'],
  ['a protocol', [entry(0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\OTHER\\CT_SOM5 PROT')], 'may have text burned into its pixels'],
  ['a page of doses', [entry(0x0008103e, 'LO', 'Dose Report')], 'may have text burned into its pixels'],
  [
    'the same in Japanese',
    [entry(0x00080005, 'CS', 'ISO_IR 192'), entry(0x0008103e, 'LO', '線量レポート')],
    'may have text burned into its pixels',
  ],
  ['text said to be burned in', [entry(0x00280301, 'CS', 'YES')], 'may have text burned into its pixels'],
  ['a picture in colours', [entry(0x00280002, 'US', 3)], 'may have text burned into its pixels'],
  ['a picture in colours of a palette', [entry(0x00280004, 'CS', 'PALETTE COLOR')], 'may have text burned into its pixels'],
  ['no modality', [modality('')], 'may have text burned into its pixels'],
  ['a head', [part('HEAD')], 'may show a face'],
  ['a body part that is not told', [part('')], 'may show a face'],
  ['a body part that nobody knows', [part('SOMETHING')], 'may show a face'],
  ['a chest and a head by its description', [entry(0x00081030, 'LO', 'CT Chest + Brain')], 'may show a face'],
  ['the same in Japanese', [entry(0x00080005, 'CS', 'ISO_IR 192'), entry(0x0008103e, 'LO', '頭部単純')], 'may show a face'],
  ['the same in wide letters', [entry(0x00080005, 'CS', 'ISO_IR 192'), entry(0x0008103e, 'LO', 'ＢＲＡＩＮ')], 'may show a face'],
  ['the same in narrow 片仮名', [entry(0x00080005, 'CS', 'ISO_IR 192'), entry(0x0008103e, 'LO', 'ﾄｳﾌﾞ CT')], 'may show a face'],
  ['a gland below the brain', [entry(0x00080005, 'CS', 'ISO_IR 192'), entry(0x0008103e, 'LO', '下垂体')], 'may show a face'],
  ['a head by a code', [entry(0x00082218, 'SQ', [code('69536005')])], 'may show a face'],
  ['a visible face', [modality('CR'), entry(0x00280302, 'CS', 'YES')], 'may show a face'],
];

test.each(kinds)('%s is withheld', (_, entries, withheld) => {
  expect(run(entries)).toEqual({ withheld });
});

test('contours of nobody knows what are withheld, of the chest not', () => {
  const contours = [sop(storage + '481.3'), modality('RTSTRUCT')];
  expect(run([...contours, part('')], {}, null)).toEqual({ withheld: 'may show a face' });
  expect(run(contours, {}, null)).toHaveProperty('bytes');
});

test.each([
  ['a reformatted one', [entry(0x00080008, 'CS', 'DERIVED\\SECONDARY\\REFORMATTED\\AVERAGE')]],
  ['an axial one', [entry(0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL')]],
  ['one reformatted by another program', [entry(0x00080008, 'CS', 'DERIVED\\SECONDARY\\OTHER\\CSA MPR')]],
  ['one of a low dose', [entry(0x0008103e, 'LO', 'Low dose CT chest, protocol 3')]],
] as const)('a picture of a detector leaves: %s', (_, entries) => {
  expect(run([...entries])).toHaveProperty('bytes');
});

test.each(['Cardiac CT, linear, 2nd year', 'surface of an incidental nodule', 'temporal phases', 'Cardiac stroke volume'])(
  'words that only hold a word of the head are none: %s',
  words => {
    expect(run([entry(0x00081030, 'LO', words)])).toHaveProperty('bytes');
  },
);

test.each(['CT_HEAD', 'IAC thin', 'face/neck', 'Dental CT', 'ears', 'r_eye', 'stroke'])('words of the head are found: %s', words => {
  expect(run([entry(0x00081030, 'LO', words)])).toEqual({ withheld: 'may show a face' });
});

test('the head in an undeclared encoding does not help: an object that says nothing readable is judged by its body part alone', () => {
  expect(run([part('HEAD'), entry(0x00081030, 'LO', shiftJis('胸部'))])).toEqual({ withheld: 'may show a face' });
});

test('a rule clears the very pictures that it names: all that it gives has to match', () => {
  const us: Item = [modality('US'), entry(0x00080070, 'LO', 'ACME'), entry(0x00081090, 'LO', 'Sono 1')];
  const rule = { modality: 'US', manufacturer: 'ACME', model: 'Sono 1', rows: 4, columns: 4, regions: [] };
  expect(run(us, { pixels: [rule] })).toHaveProperty('bytes');
  for (const other of [
    { manufacturer: 'OTHER' },
    { model: 'Sono 2' },
    { rows: 5 },
    { columns: 5 },
    { modality: 'XA' },
    { bodyPart: 'ABDOMEN' },
  ])
    expect(run(us, { pixels: [{ ...rule, ...other }] })).toEqual({ withheld: 'may have text burned into its pixels' });
});

test('an object that a rule has cleared says so', () => {
  const result = run([part('HEAD')], { pixels: [{ modality: 'CT', regions: [], facesCleared: true }] });
  const set = dicomParser.parseDicom((result as { bytes: Uint8Array }).bytes);
  expect([set.string('x00280301'), set.string('x00280302')]).toEqual(['NO', 'NO']);
  expect(set.elements['x00120064']!.items!.map(item => item.dataSet!.string('x00080100'))).toEqual(['113100', '113101', '113102']);
  const unruled = dicomParser.parseDicom((run([]) as { bytes: Uint8Array }).bytes);
  expect(unruled.string('x00280302')).toBeUndefined();
  expect(unruled.elements['x00120064']!.items!.length).toBe(1);
});

test('a rule about text says nothing of faces, and the other way round', () => {
  const head = [part('HEAD')];
  expect(run(head, { pixels: [{ modality: 'CT', regions: [] }] })).toEqual({ withheld: 'may show a face' });
  expect(run(head, { pixels: [{ modality: 'CT', bodyPart: 'HEAD', facesCleared: true }] })).toHaveProperty('bytes');
  expect(run([modality('US')], { pixels: [{ modality: 'US', facesCleared: true }] })).toEqual({
    withheld: 'may have text burned into its pixels',
  });
});

test('a waveform leaves where the profile says so', () => {
  const ecg = [sop(storage + '9.1.1'), modality('ECG')];
  expect(run(ecg, { waveforms: true }, null)).toHaveProperty('bytes');
  expect(run([sop(storage + '9.4.1')], { waveforms: true }, null)).toEqual({ withheld: 'is a voice' });
});
