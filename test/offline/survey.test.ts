// docs/deidentification/offline.md: names of files that tell who they are about
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compilePolicy } from '../../src/deid/compile.ts';
import { placeWords, Shelf } from '../../src/offline/shelf.ts';
import { survey } from '../../src/offline/survey.ts';
import { Table } from '../../src/offline/table.ts';
import { policyNamed } from '../../src/release/policies.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-survey-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('survey: a name of a file tells of a Patient also in one piece, between other kanji, turned round, and without the hyphens of a number', async () => {
  const file = path.join(root, 'x.json');
  const patient = {
    resourceType: 'Patient',
    id: 'p',
    identifier: [{ value: '00-1234' }],
    name: [{ family: '山田', given: ['太郎'] }, { text: 'Yamada Taro' }],
  };
  const bytes = Buffer.from(JSON.stringify(patient));
  writeFileSync(file, bytes);
  const compiled = compilePolicy(policyNamed('jp-anonymized').policy);
  const tells = async (name: string): Promise<boolean> =>
    (
      await survey(
        { file, name, folder: 'in', lines: false, gz: false, bytes: bytes.length },
        { number: 0, from: 0, to: bytes.length },
        {
          compiled,
          today: 20_000,
          base: 'https://noren.example/fhir',
          words: new Table(2),
          objects: false,
          shelf: new Shelf({ folder: root, key: Buffer.alloc(32, 1) }, 1),
        },
      )
    ).tells;
  for (const name of [
    '山田太郎.json',
    '山田様/x.json',
    '２０２４山田 太郎.json',
    'ct_太郎.json',
    'yamada_taro.json',
    'YamadaTaro.json',
    '001234.json',
    '00-1234.json',
  ])
    expect([name, await tells(name)]).toEqual([name, true]);
  for (const name of ['patients.json', '山口.json', 'yamadaya.json', '9001234.json'])
    expect([name, await tells(name)]).toEqual([name, false]);
});

test('survey: of a compressed file, which is one piece however long it is, what is kept of people lies on the shelf from one megabyte to the next', async () => {
  const file = path.join(root, 'patients.ndjson.gz');
  const patients = Array.from({ length: 4000 }, (_, i) => ({
    ...{ resourceType: 'Patient', id: `p${i}`, gender: 'female', name: [{ text: 'x'.repeat(600) }] },
    birthDate: `19${10 + (i % 80)}-01-02`,
  }));
  const bytes = gzipSync(patients.map(one => `${JSON.stringify(one)}\n`).join(''));
  writeFileSync(file, bytes);
  const shelf = new Shelf({ folder: root, key: Buffer.alloc(32, 2) }, 2);
  const compiled = compilePolicy(policyNamed('jp-anonymized').policy);
  const seen = await survey(
    { file, name: 'patients.ndjson.gz', folder: 'in', lines: true, gz: true, bytes: bytes.length },
    { number: 0, from: 0, to: bytes.length },
    { compiled, today: 20_000, base: 'https://noren.example/fhir', words: new Table(2), objects: false, shelf },
  );
  const { kept } = seen.patients;
  // Each time, the last block is shorter than the others.
  const blocks = new Map(patients.map((_, i) => [kept[i * placeWords + 1]!, kept[i * placeWords + 2]!]));
  expect([...blocks.values()].filter(length => length < 16 * 1024).length).toBeGreaterThan(2);
  expect(patients.map((_, i) => (JSON.parse(shelf.takeUp(kept, i).toString()) as { birthDate: string }).birthDate)).toEqual(
    patients.map(one => one.birthDate),
  );
});

test('survey: where nothing can be laid down the input is not to blame, and the work does not go on without it', async () => {
  const file = path.join(root, 'one.ndjson');
  const bytes = Buffer.from('{"resourceType":"Patient","id":"p"}\n');
  writeFileSync(file, bytes);
  const compiled = compilePolicy(policyNamed('jp-anonymized').policy);
  const shelf = new Shelf({ folder: path.join(root, 'is not there'), key: Buffer.alloc(32, 2) }, 2);
  await expect(
    survey(
      { file, name: 'one.ndjson', folder: 'in', lines: true, gz: false, bytes: bytes.length },
      { number: 0, from: 0, to: bytes.length },
      { compiled, today: 20_000, base: 'https://noren.example/fhir', words: new Table(2), objects: false, shelf },
    ),
  ).rejects.toThrow('ENOENT');
});
