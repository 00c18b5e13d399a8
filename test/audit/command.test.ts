// noren audit verify: exit code and output as docs/audit.md has them.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openAudit } from '../../src/audit/log.ts';
import { logOf } from '../../src/audit/logs.ts';
import { command } from '../../src/commands/audit.ts';
import { writeMasterKey } from '../../src/commands/master-key.ts';
import { openKeyring } from '../../src/fhir/store/keys/keyring.ts';
import { forget, read, scratch, start } from './ground.ts';

let data: string;
let said: string;
let key: Buffer;
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
  key = keyring.secret('audit');
  keyring.close();
  await write(3);
});
afterEach(() => {
  jest.restoreAllMocks();
  forget(data);
});

async function write(records: number, worker?: number): Promise<void> {
  const audit = await openAudit({ ...logOf(data, worker), now: () => start, key });
  for (let n = 0; n < records; n++) await audit.record(read());
  await audit.close();
}

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

test('of several processes each log is told; one that was changed: 1, and which', async () => {
  await write(2, 1);
  await write(4, 12);
  expect(await command.run(['verify', '--data', data])).toBe(0);
  expect(said).toMatch(
    /^3 records, the chain is whole\nlast 3:\S+\nw1: 2 records, the chain is whole\nlast w1\.2:\S+\nw12: 4 records, the chain is whole\nlast w12\.4:\S+\n$/,
  );
  const [, noted] = /^last (w12\S+)$/m.exec(said)!;
  expect(await command.run(['verify', '--data', data, '--noted', noted!])).toBe(0);
  expect(await command.run(['verify', '--data', data, '--noted', noted!.replace('w12', 'w1')])).toBe(1);
  await expect(command.run(['verify', '--data', data, '--noted', noted!.replace('w12', 'w2')])).rejects.toThrow('no log w2');
  const file = path.join(data, 'worker-12/audit/000001.log');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"status":200', '"status":404'));
  expect(await command.run(['verify', `--data=${data}`])).toBe(1);
  expect(said).toContain('BROKEN w12.000001.log, line 2, record 1: the line was changed');
});

test('what cannot be checked is said in one sentence', async () => {
  await expect(command.run([])).rejects.toThrow('noren audit verify');
  await expect(command.run(['verify', '--data', path.join(data, 'nothing')])).rejects.toThrow('no audit log');
  await expect(command.run(['verify', '--data', data, '--noted', '3'])).rejects.toThrow('--noted');
  forget(path.join(data, 'keys'));
  await expect(command.run(['verify', '--data', data])).rejects.toThrow('no keys');
});
