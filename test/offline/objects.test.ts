// docs/deidentification/images.md: files of DICOM
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dicomOf, hashOf, longestObject, rewriteObject } from '../../src/offline/objects.ts';
import { builtIn, policyNamed, policyOf } from '../../src/release/policies.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-objects-'));
  writeFileSync(path.join(root, 'CANARY.dcm'), 'CANARY');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const hash = createHash('sha256').update('CANARY').digest('hex');
const task = (bytes = 6, name = 'CANARY.dcm') => ({
  kind: 'object' as const,
  input: { file: path.join(root, name), name, folder: 'in', lines: false, gz: false, bytes },
  target: { file: path.join(root, 'out.dcm'), meanwhile: path.join(root, 'meanwhile') },
});
const never = (): never => {
  throw new Error('it was looked into');
};

test('a file that is too long is not read, and nothing of it is written', async () => {
  expect(await rewriteObject(task(longestObject + 1), never, 0)).toEqual({ hash, withheld: 'is longer than 268435456 bytes' });
  expect(existsSync(task().target.file)).toBe(false);
});

test('a file that is not there any more is withheld by a reason without its name', async () => {
  expect(await rewriteObject(task(6, 'CANARY-2.dcm'), never, 0)).toEqual({ hash: '', withheld: 'cannot be read' });
  expect(hashOf(task(6, 'CANARY-2.dcm').input)).toBe('');
});

test('what leaves stands under its name when it is whole, written when all others were', async () => {
  const made = await rewriteObject(task(), bytes => ({ bytes: Uint8Array.from(bytes).reverse(), counts: {} }), 1000);
  expect(made).toEqual({ hash });
  expect(hashOf(task().input)).toBe(hash);
  expect(readFileSync(task().target.file, 'utf8')).toBe('YRANAC');
  expect(statSync(task().target.file).mtimeMs).toBe(1000);
  expect(existsSync(task().target.meanwhile)).toBe(false);
});

test('of the policies that come along one says what becomes of them', () => {
  const saying = builtIn.filter(name => dicomOf(policyNamed(name).policy) !== undefined);
  expect(saying).toEqual(['jp-anonymized-images']);
  expect(dicomOf(policyNamed('jp-anonymized-images').policy)!.measure).toBe('identifying-descriptions');
});

test('a policy that lets out of Binaries everything but their data lets no file out', () => {
  const own = { name: 'own', version: '1', title: 'own', extends: 'jp-anonymized-images', omit: { Binary: ['data'] } };
  expect(dicomOf(policyOf(own).policy)).toBeUndefined();
});
