// https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final (key rotation)

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { command } from '../../src/commands/keys.ts';
import { lock } from '../../src/commands/lock.ts';
import { readMasterKey, writeMasterKey } from '../../src/commands/master-key.ts';
import { openKeyring } from '../../src/fhir/store/keys/keyring.ts';

let data: string;
let file: string;
let keys: string;
beforeEach(() => {
  data = mkdtempSync(path.join(os.tmpdir(), 'noren-rotate-'));
  file = path.join(data, 'master.key');
  keys = path.join(data, 'keys');
  writeMasterKey(file, Buffer.alloc(32, 1));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

test('keys rotate: the old master key opens nothing any more, the new one everything', async () => {
  const before = openKeyring({ directory: keys, master: readMasterKey(file) });
  const { id, key } = before.keyFor('care', 'Patient/1');
  before.close();
  expect(await command.run(['rotate', '--data', data])).toBe(0);
  expect(readMasterKey(file).equals(Buffer.alloc(32, 1))).toBe(false);
  expect(() => openKeyring({ directory: keys, master: Buffer.alloc(32, 1) })).toThrow('master key');
  const after = openKeyring({ directory: keys, master: readMasterKey(file) });
  expect(after.key(id)!.equals(key)).toBe(true);
  after.close();
  expect(existsSync(`${file}.next`)).toBe(false);
});

test('keys rotate: one that was cut off after wrapping is finished by the next call', async () => {
  const cut = openKeyring({ directory: keys, master: readMasterKey(file) });
  const { id } = cut.keyFor('care', 'Patient/1');
  writeMasterKey(`${file}.next`, Buffer.alloc(32, 2));
  cut.rotate(Buffer.alloc(32, 2));
  cut.close();
  expect(await command.run(['rotate', '--data', data])).toBe(0);
  const after = openKeyring({ directory: keys, master: readMasterKey(file) });
  expect(after.key(id)).toBeDefined();
  after.close();
});

test('keys rotate: refused while a server has the data directory, and where there are no keys', async () => {
  await expect(command.run(['rotate', '--data', data])).rejects.toThrow('no keys');
  openKeyring({ directory: keys, master: readMasterKey(file) }).close();
  const unlock = lock(data);
  await expect(command.run(['rotate', '--data', data])).rejects.toThrow('in use');
  unlock();
  await expect(command.run(['turn'])).rejects.toThrow('rotate');
});
