// https://hl7.org/fhir/R4/search.html, https://hl7.org/fhir/R4/http.html

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from '@jest/globals';
import { openKeyring } from '../../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../../src/fhir/store/sqlite/store.ts';
import { eraseProperty } from './erase-property.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'noren-erase-property-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

eraseProperty('SQLite', { commits: 240, queries: 260 }, async (name, now) => {
  const keyring = openKeyring({ directory: path.join(root, name, 'keys'), master: Buffer.alloc(32, 1) });
  const store = await openSqliteStore({
    directory: path.join(root, name, 'store'),
    keyring,
    baseUrl: 'http://noren.test/fhir',
    timeZone: 'Asia/Tokyo',
    synchronous: 'normal',
    now,
  });
  return {
    store,
    close: async () => {
      await store.close();
      keyring.close();
    },
  };
});
