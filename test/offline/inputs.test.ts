// docs/deidentification/offline.md: which files are read
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { inputsOf } from '../../src/offline/inputs.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-inputs-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('inputs: links are passed over, to files, to directories elsewhere and to the directory above; what stands in them is not read', () => {
  const folder = path.join(root, 'in');
  const elsewhere = path.join(root, 'elsewhere');
  for (const one of [path.join(folder, 'a'), elsewhere]) mkdirSync(one, { recursive: true });
  for (const file of [path.join(folder, 'a/x.ndjson'), path.join(elsewhere, 'y.ndjson')]) writeFileSync(file, '');
  symlinkSync('..', path.join(folder, 'a/above'));
  symlinkSync(elsewhere, path.join(folder, 'linked'));
  symlinkSync(path.join(elsewhere, 'y.ndjson'), path.join(folder, 'y.ndjson'));
  const { inputs, passedOver } = inputsOf([folder], path.join(root, 'out'));
  expect(inputs.map(({ name }) => name)).toEqual(['a/x.ndjson']);
  expect(passedOver).toBe(3);
  // A link that is named is meant.
  expect(inputsOf([path.join(folder, 'linked')], path.join(root, 'out')).inputs.map(({ name }) => name)).toEqual(['y.ndjson']);
});

test('inputs: files of DICOM are told by their ending, or by their first bytes whatever they are called; others are passed over', () => {
  const folder = path.join(root, 'dicom');
  mkdirSync(folder);
  const dicom = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);
  const put = (name: string, bytes: string | Buffer): void => writeFileSync(path.join(folder, name), bytes);
  put('a.ndjson', '');
  put('b.dcm', 'no preamble');
  put('B2.DCM', dicom);
  put('IM0001', dicom);
  put('1.2.392.1', dicom);
  put('README', 'DICM');
  put('c.txt', '');
  const { inputs, objects, passedOver } = inputsOf([folder], path.join(root, 'out'));
  expect(inputs.map(({ name }) => name)).toEqual(['a.ndjson']);
  expect(objects.map(({ name }) => name)).toEqual(['1.2.392.1', 'B2.DCM', 'IM0001', 'b.dcm']);
  expect(passedOver).toBe(2);
  const out = path.join(root, 'out');
  expect(inputsOf([path.join(folder, 'a.ndjson'), path.join(folder, 'IM0001')], out).objects).toHaveLength(1);
  // Whose they are, nobody would know.
  expect(() => inputsOf([path.join(folder, 'IM0001')], out)).toThrow(/no .json or .ndjson file/);
  expect(() => inputsOf([path.join(folder, 'README')], out)).toThrow(/and is no DICOM object/);
});
