// docs/deidentification/offline.md: names of files that tell who they are about
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compilePolicy } from '../../src/deid/compile.ts';
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
        { file, name, lines: false, gz: false, bytes: bytes.length },
        { number: 0, from: 0, to: bytes.length },
        {
          compiled,
          today: 20_000,
          base: 'https://noren.example/fhir',
          words: new Table(2),
          objects: false,
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
