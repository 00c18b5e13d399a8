// https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/search.html

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { asServer } from '../../../../src/fhir/model/access.ts';
import { openKeyring } from '../../../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../../../src/fhir/store/sqlite/store.ts';
import { type Opened, patient, query, storeContract, write } from '../contract.ts';

const open = async (): Promise<Opened & { directory: string; destroy(owner: string): boolean }> => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'noren-store-'));
  const start = async () => {
    const keyring = openKeyring({ directory: path.join(directory, 'keys'), master: Buffer.alloc(32, 7) });
    const store = await openSqliteStore({
      directory: path.join(directory, 'store'),
      keyring,
      baseUrl: 'http://noren.test/fhir',
      timeZone: 'Asia/Tokyo',
      synchronous: 'normal',
    });
    return { keyring, store };
  };
  let { keyring, store } = await start();
  const stop = async () => {
    await store.close();
    keyring.close();
  };
  return {
    directory,
    store,
    destroy: owner => keyring.destroy('care', owner),
    async reopen() {
      await stop();
      ({ keyring, store } = await start());
      return store;
    },
    async remove() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

storeContract('SQLite', open);

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
  const opened = await open();
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

test('at rest: when a care key is destroyed, the person is gone with the index rows at the next start, and others stay', async () => {
  const opened = await open();
  await opened.store.commit({
    writes: [write(patient('a', { name: [{ family: '山田' }] })), write(patient('b', { name: [{ family: '山口' }] }))],
  });
  expect(opened.destroy('Patient/a')).toBe(true);
  const store = await opened.reopen();
  const family = { kind: 'string', code: 'family', values: ['山'], match: 'starts' } as const;
  expect((await store.search(asServer('test'), query('Patient', [family]))).matches.map(version => version.id)).toEqual(['b']);
  expect(await store.read(asServer('test'), 'Patient', 'a')).toBeUndefined();
  await opened.remove();
});

test('at rest: what is written as part of the legal record outlives the care key, and so does where it belongs', async () => {
  const opened = await open();
  const subject = { reference: 'Patient/a' };
  const document = (id: string) => ({ resourceType: 'DocumentReference', id, subject }) as const;
  await opened.store.commit({ writes: [write(patient('a', {})), { ...write(document('kept')), legal: true }, write(document('lost'))] });
  expect(opened.destroy('Patient/a')).toBe(true);
  const store = await opened.reopen();
  const own = { ...asServer('test'), reach: { '*': [{ patient: 'Patient/a' }] } };
  expect((await store.search(own, query('DocumentReference'))).matches.map(version => version.id)).toEqual(['kept']);
  await opened.remove();
});

test('open: files of a newer version are refused in one sentence', async () => {
  const opened = await open();
  await opened.store.close();
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(path.join(opened.directory, 'store', 'noren.db'));
  db.exec('PRAGMA user_version = 999');
  db.close();
  await expect(opened.reopen()).rejects.toThrow('newer version');
  rmSync(opened.directory, { recursive: true, force: true });
});
