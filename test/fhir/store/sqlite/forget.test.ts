// docs/encryption.md, docs/operation/purge.md

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { openFiles } from '../../../../src/fhir/store/sqlite/files.ts';
import { observation, write } from '../contract.ts';
import { forgetContract } from '../forget.ts';
import { openSqlite } from './directory.ts';

forgetContract('SQLite', openSqlite);

test('the blocks in which it lay stand nowhere in the files', async () => {
  const opened = await openSqlite();
  const directory = path.join(opened.directory, 'store');
  await opened.store.commit({ writes: ['o', 'beside'].map(id => write(observation(id, 'Patient/a', 'x'))) });
  const before = openFiles(directory, 'normal');
  const old = before.runsAfter(0, 100).map(({ number }) => Buffer.from(before.body(number)!.body));
  before.close();
  const holds = () =>
    readdirSync(directory).some(name => old.some(body => readFileSync(path.join(directory, name)).includes(body.subarray(0, 64))));
  expect(holds()).toBe(true);
  await opened.store.commit({ writes: [], forget: [{ type: 'Observation', id: 'o', what: 'all' }] });
  expect(holds()).toBe(false);
  await opened.remove();
});
