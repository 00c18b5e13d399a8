// Real objects of many devices and character sets (the test files of pydicom), beside the checkout.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import dicomParser from 'dicom-parser';
import { decoderOf } from '../../../src/deid/dicom/charset.ts';
import { deidentifyDicom } from '../../../src/deid/dicom/deidentify.ts';
import { isWellKnown, vrOf } from '../../../src/deid/dicom/dictionary.ts';
import { type DataSet, latin1, textOf, Withheld } from '../../../src/deid/dicom/element.ts';
import { readDicomProfile } from '../../../src/deid/dicom/profile.ts';
import { readFile } from '../../../src/deid/dicom/read.ts';
import { rowOf } from '../../../src/deid/dicom/table.ts';
import { seriesKeys } from '../../../src/deid/keys.ts';
import { writings } from './ground.ts';

const data = path.resolve(import.meta.dirname, '../../../../shared/data/dicom');
const wanted = process.env['NOREN_SLOW'] === '1';
const here = existsSync(data);
if (wanted && !here) console.warn('SKIPPED: the DICOM objects are not beside this checkout (../shared/data/dicom).');
const slow = wanted && here ? test : test.skip;

const files = here
  ? readdirSync(data, { recursive: true, encoding: 'utf8' })
      .filter(name => !name.endsWith('.txt') && statSync(path.join(data, name)).isFile())
      .sort()
  : [];

const { uid } = seriesKeys(Buffer.alloc(32, 5));
const everyModality = 'CT MR PT US SC OT XA RF CR DX NM SEG RTDOSE RTSTRUCT ECG'.split(' ');
/** Lets out all that can be de-identified, whatever its pixels show: here its bytes are looked at. */
const open = readDicomProfile({
  options: ['cleanStructuredContent'],
  waveforms: true,
  pixels: everyModality.map(modality => ({ modality, regions: [], facesCleared: true })),
});

const textual = new Set('AE LO LT PN SH ST UC UR UT DA DT UI UN'.split(' '));

/** Values that may not survive: of attributes of the table, of private ones, and of every other text, date and UID; each as bytes and as text. */
function secrets(set: DataSet, charset: string): { raw: Buffer; text: string | undefined }[] {
  const own = textOf(set, 0x00080005) || charset;
  const decode = decoderOf(own);
  const found: { raw: Buffer; text: string | undefined }[] = [];
  for (const { tag, vr, bytes, items } of set.values()) {
    for (const one of items ?? []) found.push(...secrets(one, own));
    const odd = ((tag >>> 16) & 1) === 1;
    if (bytes === undefined || bytes.length > 65_536 || (vr === 'UN' && !odd)) continue;
    if (!(textual.has(vr) || (rowOf(tag) !== undefined && vr !== 'TM')) && !odd) continue;
    // Numbers of private attributes are like any other numbers.
    if (odd && (vr === 'DS' || vr === 'IS')) continue;
    // Codes of public schemes stay, and their meaning stands as the code.
    if (tag >>> 16 === 0x0008 && [0x0100, 0x0102].includes(tag & 0xffff)) continue;
    const whole = decode?.(bytes);
    const within = vr === 'PN' ? /[\\^=]/ : /\\/;
    const parts = [latin1(bytes), ...latin1(bytes).split(within)].map(text => text.replace(/^[ \0]+|[ \0]+$/g, ''));
    for (const part of parts) found.push({ raw: Buffer.from(part, 'latin1'), text: undefined });
    for (const text of whole === undefined ? [] : [whole, ...whole.split(within)])
      if (!isWellKnown(text.trim())) found.push({ raw: Buffer.alloc(0), text: text.replace(/^[ \0]+|[ \0]+$/g, '') });
  }
  return found;
}

/** What the standard lets stay: numbers and codes of attributes that the table does not list. */
function lasting(set: DataSet, into: Set<string>): Set<string> {
  for (const { tag, vr, bytes, items } of set.values()) {
    for (const one of items ?? []) lasting(one, into);
    if (bytes === undefined || bytes.length > 1024 || rowOf(tag) !== undefined || vrOf(tag) === undefined) continue;
    if (['CS', 'DS', 'IS', 'TM', 'SH'].includes(vr)) for (const value of latin1(bytes).split('\\')) into.add(value.trim());
  }
  return into;
}

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
    const { set } = readFile(input);
    const fine = [...lasting(set, new Set())];
    const survivors: string[] = [];
    const pixels = readFile(out).set.get(0x7fe00010);
    const told = pixels?.bytes === undefined ? out : out.subarray(0, out.length - pixels.bytes.length);
    for (const { raw, text } of secrets(set, '')) {
      const forms = text === undefined ? [raw] : writings(text);
      for (const form of forms) {
        if (form.length < 5 || fine.some(value => value.includes(form.toString('latin1').trim()))) continue;
        if (isWellKnown(form.toString('latin1')) || /^[0-9A-Fx.\-+ ]{0,5}$/.test(form.toString('latin1'))) continue;
        if (told.includes(form)) survivors.push(form.toString('latin1'));
      }
    }
    expect([...new Set(survivors)]).toEqual([]);
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
