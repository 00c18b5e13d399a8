// docs/backup.md, docs/operation/purge.md: what was purged after a copy was made is purged again when the copy is restored
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { asServer } from '../../../src/fhir/model/access.ts';
import { openJournal, readJournal, replay, withJournal } from '../../../src/fhir/store/journal.ts';
import { openKeyring } from '../../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../../src/fhir/store/sqlite/store.ts';
import type { Forget, Store } from '../../../src/fhir/store/store.ts';
import { observation, write } from './contract.ts';

const all = asServer('journal');
const key = Buffer.alloc(32, 5);
let root: string;
const ends: (() => Promise<void>)[] = [];
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'noren-journal-'));
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  rmSync(root, { recursive: true, force: true });
});

async function open(name: string): Promise<Store> {
  const keyring = openKeyring({ directory: path.join(root, name, 'keys'), master: Buffer.alloc(32, 7) });
  const store = await openSqliteStore({
    directory: path.join(root, name, 'store'),
    keyring,
    baseUrl: 'http://noren.test/fhir',
    timeZone: 'Asia/Tokyo',
    synchronous: 'normal',
  });
  ends.push(async () => {
    await store.close();
    keyring.close();
  });
  return store;
}

const versions = async (store: Store, id: string) =>
  (await store.history(all, { type: 'Observation', id }, { count: 100 }))?.versions.map(({ versionId }) => versionId);

test.each<[what: string, forget: Omit<Forget, 'type' | 'id'>, known: number, later: number, left: number[] | undefined]>([
  ['all of a resource', { what: 'all' }, 3, 0, undefined],
  ['its history', { what: 'history', versionId: 3 }, 3, 0, [3]],
  ['its history, where the copy has not the version that stayed', { what: 'history', versionId: 4 }, 3, 1, undefined],
  ['one version', { what: 'version', versionId: 2 }, 3, 0, [3, 1]],
  ['one version, which is current in the copy', { what: 'version', versionId: 3 }, 3, 1, undefined],
  ['a resource that came after the copy', { what: 'all' }, 0, 2, undefined],
])('a purge of %s is done again', async (_what, forget, known, later, left) => {
  const before = await open('live');
  const put = (store: Store, id: string) => store.commit({ writes: [write(observation(id, 'Patient/a', 'x'))] });
  for (let i = 0; i < known; i++) await put(before, 'o');
  await put(before, 'beside');
  await ends.pop()!();
  cpSync(path.join(root, 'live'), path.join(root, 'copy'), { recursive: true });

  const journal = await openJournal(path.join(root, 'journal'), key);
  const live = withJournal(await open('live'), journal, () => 0);
  for (let i = 0; i < later; i++) await put(live, 'o');
  await live.commit({ writes: [], forget: [{ type: 'Observation', id: 'o', ...forget }] });
  await journal.close();

  const restored = await open('copy');
  for (const record of readJournal(path.join(root, 'journal'), key, 0)) await replay(restored, record);
  expect(await versions(restored, 'o')).toEqual(left);
  expect(await versions(restored, 'beside')).toEqual([1]);
});
