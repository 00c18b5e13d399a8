// noren audit verify: exit code and output as docs/audit.md has them.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openAudit } from '../../src/audit/log.ts';
import { command } from '../../src/commands/audit.ts';
import { writeMasterKey } from '../../src/commands/master-key.ts';
import { openKeyring } from '../../src/fhir/store/keys/keyring.ts';
import { forget, read, scratch, start } from './ground.ts';

let data: string;
let said: string;
beforeEach(async () => {
  data = scratch();
  said = '';
  jest.spyOn(process.stdout, 'write').mockImplementation(text => {
    said += text;
    return true;
  });
  const master = randomBytes(32);
  writeMasterKey(path.join(data, 'master.key'), master);
  const keyring = openKeyring({ directory: path.join(data, 'keys'), master });
  const audit = await openAudit({ directory: path.join(data, 'audit'), now: () => start, key: keyring.secret('audit') });
  for (let n = 0; n < 3; n++) await audit.record(read());
  await audit.close();
  keyring.close();
});
afterEach(() => {
  jest.restoreAllMocks();
  forget(data);
});

test('a whole log: 0, and the hash to note', async () => {
  expect(await command.run(['verify', '--data', data])).toBe(0);
  const [, noted] = /^3 records, the chain is whole\nlast (3:[\w-]{43})\n$/.exec(said) ?? [];
  expect(await command.run(['verify', '--noted', noted!, '--data', data])).toBe(0);
  expect(await command.run(['verify', `--noted=3:${'A'.repeat(43)}`, '--data', data])).toBe(1);
});

test('a changed one: 1, and the place', async () => {
  const file = path.join(data, 'audit', '000001.log');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"status":200', '"status":404'));
  expect(await command.run(['verify', `--data=${data}`])).toBe(1);
  expect(said).toContain('BROKEN 000001.log, line 2, record 1: the line was changed');
});

test('what cannot be checked is said in one sentence', async () => {
  await expect(command.run([])).rejects.toThrow('noren audit verify');
  await expect(command.run(['verify', '--data', path.join(data, 'nothing')])).rejects.toThrow('no audit log');
  await expect(command.run(['verify', '--data', data, '--noted', '3'])).rejects.toThrow('--noted');
  forget(path.join(data, 'keys'));
  await expect(command.run(['verify', '--data', data])).rejects.toThrow('no keys');
});
