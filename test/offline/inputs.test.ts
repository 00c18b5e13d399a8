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
