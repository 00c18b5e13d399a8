// docs/encryption.md: files of the first format (format-1/ was written by the last program that wrote it: two persons, two hospitals, a history, a deletion, a notice)

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { asServer } from '../../../../src/fhir/model/access.ts';
import { openKeyring } from '../../../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../../../src/fhir/store/sqlite/store.ts';
import type { Store } from '../../../../src/fhir/store/store.ts';
import { query } from '../contract.ts';

const all = asServer('migration');
const fixture = path.join(import.meta.dirname, 'format-1');
let directory: string;
let close: () => Promise<void> = async () => {};
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'noren-format-1-'));
  cpSync(fixture, directory, { recursive: true });
});
afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true, force: true });
});
async function open(): Promise<Store> {
  const keyring = openKeyring({ directory: path.join(directory, 'keys'), master: Buffer.alloc(32, 7) });
  const store = await openSqliteStore({
    directory: path.join(directory, 'store'),
    keyring,
    baseUrl: 'http://noren.test/fhir',
    timeZone: 'Asia/Tokyo',
    synchronous: 'normal',
  });
  close = async () => {
    await store.close();
    keyring.close();
    close = async () => {};
  };
  return store;
}
const ids = async (store: Store, type: string) => (await store.search(all, query(type))).matches.map(version => version.id);

const check = async (store: Store): Promise<void> => {
  expect([await ids(store, 'Patient'), await ids(store, 'Observation')]).toEqual([
    ['a', 'b'],
    ['oh2', 'o2', 'oa'],
  ]);
  const history = (await store.history(all, { type: 'Observation', id: 'oa' }, { count: 9 }))!.versions;
  expect(history.map(version => [version.versionId, JSON.parse(version.bytes.toString()).code.coding[0].code])).toEqual([
    [2, 'z'],
    [1, 'x'],
  ]);
  expect(await store.read(all, 'Observation', 'ob')).toMatchObject({ deleted: true, versionId: 2 });
  expect(await store.sender(all, 'Observation', 'oh2')).toBe('Organization/h2');
  expect(await store.lines(['urn:n|1'])).toEqual([
    { list: 'notice', source: 'Communication/n', persons: [store.mark('urn:n|1')], sender: 'Organization/h1', from: 5 },
  ]);
  expect((await store.receipt('r'))!.versions.map(version => version.id)).toEqual(['a', 'oa', 'ob']);
  expect(await store.book('stops')).toEqual([{ n: 1 }]);
};

test('everything is there as it was, and again after the next start', async () => {
  await check(await open());
  await close();
  await check(await open());
  expect(existsSync(path.join(directory, 'store', 'next'))).toBe(false);
});

test('what the program of that time did not index is read anew, once', async () => {
  let store = await open();
  const reading = async () => (await store.indexing()).length;
  expect(await reading()).toBeGreaterThan(0);
  while ((await reading()) > 0) await new Promise(resolve => setTimeout(resolve, 10));
  await check(store);
  await close();
  store = await open();
  expect(await reading()).toBe(0);
});

test('a migration that was cut off begins again', async () => {
  mkdirSync(path.join(directory, 'store', 'next'));
  writeFileSync(path.join(directory, 'store', 'next', 'noren.db'), 'half');
  await check(await open());
});

test('one hospital’s data about a person can be erased alone; the notice stays', async () => {
  let store = await open();
  const line = { list: 'objection', source: 'Consent/c', persons: ['urn:n|1'], sender: 'Organization/h1', from: 0 };
  await store.commit({ writes: [], lists: [line], erase: [line] });
  for (const again of [false, true]) {
    if (again) {
      await close();
      store = await open();
    }
    expect([await ids(store, 'Patient'), await ids(store, 'Observation'), await ids(store, 'Communication')]).toEqual([
      ['b'],
      ['oh2', 'o2'],
      ['n'],
    ]);
  }
});

test('an older copy of the first format opens nothing any more', async () => {
  await open();
  await close();
  rmSync(path.join(directory, 'store'), { recursive: true });
  cpSync(path.join(fixture, 'store'), path.join(directory, 'store'), { recursive: true });
  expect(await ids(await open(), 'Patient')).toEqual([]);
});
