// https://hl7.org/fhir/R4/valueset-issue-type.html (too-costly): a search that takes too long ends, and nothing else does
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { asServer } from '../../../src/fhir/model/access.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import { openKeyring } from '../../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../../src/fhir/store/sqlite/store.ts';
import type { Store } from '../../../src/fhir/store/store.ts';

const all = asServer('test');
const directory = mkdtempSync(path.join(os.tmpdir(), 'noren-deadline-'));
const keyring = openKeyring({ directory: path.join(directory, 'keys'), master: Buffer.alloc(32, 1) });
let store: Store;
beforeAll(async () => {
  store = await openSqliteStore({
    directory: path.join(directory, 'store'),
    keyring,
    baseUrl: 'http://noren.test/fhir',
    timeZone: 'Asia/Tokyo',
    synchronous: 'normal',
    maxSearchMs: 0,
  });
  const resource = { resourceType: 'Patient', id: 'p', name: [{ family: 'Yamada' }] };
  await store.commit({ writes: [{ type: 'Patient', id: 'p', resource, expect: 'absent', sender: 's' }] });
});
afterAll(async () => {
  await store.close();
  keyring.close();
  rmSync(directory, { recursive: true, force: true });
});

const query = (type: string, ...pairs: [string, string][]) =>
  parseSearch(type, pairs, { defaultCount: 10, maxCount: 10, base: 'http://noren.test/fhir' }).query;

test.each([
  ['a string anywhere', 'Patient', [['name:contains', 'ama']]],
  ['the end of a chain', 'Observation', [['subject:Patient.name', 'Yamada']]],
  ['a filter', 'Patient', [['_filter', 'name co ama and name ew da']]],
  ['words', 'Patient', [['_content', 'Yamada']]],
] as const)('search: %s: 422 too-costly after the time that one search may take', async (_name, type, pairs) => {
  await expect(store.search(all, query(type, ...(pairs as unknown as [string, string][])))).rejects.toMatchObject({ kind: 'too-costly' });
});

test('match: criteria of a conditional interaction end as well; a read and a selection of persons take the time they need', async () => {
  const asked = query('Patient', ['name:contains', 'ama'], ['active:missing', 'true']);
  await expect(store.match(all, asked, 1)).rejects.toMatchObject({ kind: 'too-costly' });
  expect((await store.read(all, 'Patient', 'p'))?.id).toBe('p');
  expect((await store.persons(all, asked)).size).toBe(1);
});
