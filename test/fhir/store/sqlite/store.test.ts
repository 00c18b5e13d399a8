// https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/search.html

import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { asServer } from '../../../../src/fhir/model/access.ts';
import { patient, query, storeContract, write } from '../contract.ts';
import { openSqlite } from './directory.ts';

storeContract('SQLite', openSqlite);

const canaries = [
  '漏洩検査',
  'ロウエイケンサ',
  'ろうえいけんさ',
  '探針町九丁目',
  '03-5555-0147',
  '0355550147',
  'tanshin-7f3@example.jp',
  '06139463',
  '1953-05-17',
  'KARTE-99',
];
const spellings = (text: string): Buffer[] => [
  Buffer.from(text),
  Buffer.from(text, 'utf16le'),
  Buffer.from(encodeURIComponent(text)),
  Buffer.from(Buffer.from(text).toString('base64').slice(0, -4)),
];

test('at rest: no name, number, address or birth date stands in any file, while open and after', async () => {
  const opened = await openSqlite();
  const person = patient('p', {
    name: [{ family: '漏洩検査', given: ['花子'] }, { family: 'ロウエイケンサ' }],
    telecom: [
      { system: 'phone', value: '03-5555-0147' },
      { system: 'email', value: 'tanshin-7f3@example.jp' },
    ],
    birthDate: '1953-05-17',
    identifier: [{ system: 'urn:x', value: 'KARTE-99-887766' }],
    address: [{ line: ['探針町九丁目八番七号'] }],
  });
  const searches = { kind: 'string', code: 'family', values: ['漏洩'], match: 'starts' } as const;
  await opened.store.commit({
    writes: [
      write(person),
      write({
        resourceType: 'Coverage',
        id: 'c',
        status: 'active',
        subscriberId: '06139463-4711',
        beneficiary: { reference: 'Patient/p' },
      }),
    ],
    lists: [{ list: 'notice', source: 'Communication/1', persons: ['urn:x|KARTE-99-887766'], from: 0 }],
    receipt: { key: 'x|y|漏洩検査', shape: 's' },
  });
  expect((await opened.store.search(asServer('test'), query('Patient', [searches]))).total).toBe(1);
  const found: string[] = [];
  const scan = (): void => {
    for (const name of readdirSync(opened.directory, { recursive: true }).map(String)) {
      const file = path.join(opened.directory, name);
      if (!statSync(file).isFile()) continue;
      const bytes = readFileSync(file);
      for (const text of canaries) if (spellings(text).some(needle => bytes.includes(needle))) found.push(`${text} in ${name}`);
    }
  };
  scan();
  const again = await opened.reopen();
  expect((await again.search(asServer('test'), query('Patient', [searches]))).total).toBe(1);
  scan();
  expect(found).toEqual([]);
  await opened.remove();
});

test('open: files of a newer version are refused in one sentence', async () => {
  const opened = await openSqlite();
  await opened.store.close();
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(path.join(opened.directory, 'store', 'noren.db'));
  db.exec('PRAGMA user_version = 999');
  db.close();
  await expect(opened.reopen()).rejects.toThrow('newer version');
  rmSync(opened.directory, { recursive: true, force: true });
});
