/**
 * A SQLite store in a directory of its own, removed afterwards.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openKeyring } from '../../../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../../../src/fhir/store/sqlite/store.ts';
import type { Opened } from '../contract.ts';

export const openSqlite = async (): Promise<Opened & { readonly directory: string }> => {
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
