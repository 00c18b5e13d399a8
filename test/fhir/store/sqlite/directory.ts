/**
 * A SQLite store in a directory of its own, removed afterwards.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openBody, openIndex, sealIndex } from '../../../../src/fhir/store/block.ts';
import { openKeyring } from '../../../../src/fhir/store/keys/keyring.ts';
import { openFiles } from '../../../../src/fhir/store/sqlite/files.ts';
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
    async rewrite(change) {
      await stop();
      const keys = openKeyring({ directory: path.join(directory, 'keys'), master: Buffer.alloc(32, 7) });
      const files = openFiles(path.join(directory, 'store'), 'normal');
      for (const { number, key: id, index } of files.runsAfter(0, 1_000_000)) {
        const key = keys.key(id);
        if (!key) continue;
        const entries = openIndex(number, key, index).map(([record, ...where]) => [change(record), ...where] as const);
        files.rewriteIndex(number, sealIndex(number, key, entries));
      }
      files.close();
      keys.close();
      ({ keyring, store } = await start());
      return store;
    },
    async readable() {
      const files = openFiles(path.join(directory, 'store'), 'normal');
      const texts: string[] = [];
      for (const { number, key: id, index } of files.runsAfter(0, 1_000_000)) {
        const key = keyring.key(id);
        if (!key) continue;
        const entries = openIndex(number, key, index);
        if (entries.length > 0) texts.push(JSON.stringify(entries));
        for (let at = 0; at <= Math.max(0, ...entries.map(entry => entry[2])); at++)
          texts.push(openBody(number + at, key, files.body(number + at)!.body).toString());
      }
      files.close();
      return texts.join('\n');
    },
    async records() {
      const files = openFiles(path.join(directory, 'store'), 'normal');
      const found = files.runsAfter(0, 1_000_000).flatMap(({ number, key: id, index }) => {
        const key = keyring.key(id);
        return key ? openIndex(number, key, index).map(([record]) => record) : [];
      });
      files.close();
      return found;
    },
    async remove() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
