// docs/migrate.md: a store is carried into another container, here from files to files; MongoDB: migrate.slow.test.ts

import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { command as audit } from '../../src/commands/audit.ts';
import { Refusal } from '../../src/commands/command.ts';
import { lock } from '../../src/commands/lock.ts';
import { writeMasterKey } from '../../src/commands/master-key.ts';
import { command } from '../../src/commands/migrate.ts';
import { command as restore } from '../../src/commands/restore.ts';
import { openKeyring } from '../../src/fhir/store/keys/keyring.ts';
import { openFiles } from '../../src/fhir/store/sqlite/files.ts';
import { serveApart } from '../journeys/apart.ts';
import { objection, openWorld } from '../journeys/world.ts';
import { isSlow } from '../slow.ts';
import { asking, type Happened, happen, migrate, portrait, serve, withoutStore } from './migrate-world.ts';

const root = mkdtempSync(path.join(tmpdir(), 'noren-migrate-'));
/** Never served again: what is asked of it is asked of a copy. */
const source = path.join(root, 'source');
let happened: Happened;
let before: Record<string, string>;

const copyOf = (data: string, name: string): string => {
  const copy = path.join(root, name);
  cpSync(data, copy, { recursive: true, filter: file => path.basename(file) !== 'noren.lock' });
  return copy;
};
async function portraitOf(data: string): Promise<Record<string, string>> {
  const server = await serve(data);
  try {
    return await portrait(server, happened);
  } finally {
    await server.close();
  }
}
const auditOf = (data: string): string =>
  readdirSync(path.join(data, 'audit'))
    .filter(name => name.endsWith('.log'))
    .map(name => readFileSync(path.join(data, 'audit', name), 'utf8'))
    .join('');

beforeAll(async () => {
  const world = await openWorld(24, 'migrate');
  happened = await happen(world);
  // Everything answered is in the files, whether the server is closed or not.
  copyOf(world.data, 'source');
  await world.close();
  const files = openFiles(path.join(source, 'store'), 'normal');
  files.putEdition('earlier', Buffer.from('what it consisted of'));
  files.close();
  before = await portraitOf(copyOf(source, 'asked'));
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('migrate: a server over the target answers to the letter what one over the source does', async () => {
  const target = withoutStore(source, path.join(root, 'target'));
  writeMasterKey(path.join(target, 'master.key'), Buffer.alloc(32, 9));
  const { code, out, said } = await migrate(['--from', source, '--to', target]);
  expect([code, said]).toEqual([0, expect.stringContaining('Both are equal')]);
  expect(out).toMatch(/^= Basic +15 versions, 4 current, 2 deletions$/m);
  expect(out).toMatch(/^= list objection +2 lines$/m);
  expect(out).not.toMatch(/^!/m);
  expect(auditOf(target)).toContain('"migrate"');
  expect(await audit.run(['verify', '--data', target])).toBe(0);
  expect(existsSync(path.join(target, 'closed.json'))).toBe(false);
  expect(await portraitOf(target)).toEqual(before);
  // Nothing of whose key is gone has come along, and nothing of the old numbers.
  const [old, fresh] = [source, target].map(data => openFiles(path.join(data, 'store'), 'normal')) as [
    ReturnType<typeof openFiles>,
    ReturnType<typeof openFiles>,
  ];
  expect([...fresh.blocks()].length).toBeLessThan([...old.blocks()].length);
  expect(fresh.carried()).toBeUndefined();
  expect(fresh.editions().get('earlier')).toEqual(Buffer.from('what it consisted of'));
  old.close();
  fresh.close();
}, 60_000);

test.each(isSlow ? ['marked', 'taken:2', 'complete', 'recorded'] : ['taken:2'])(
  'migrate: killed at the step %s no server starts on the target, and the same call ends as one that was never cut off',
  async step => {
    const target = withoutStore(source, path.join(root, `killed-${step}`));
    const args = ['--from', source, '--to', target];
    expect((await migrate(args, { NOREN_CRASH_AT: step })).signal).toBe('SIGKILL');
    await expect(serve(target)).rejects.toThrow('is not finished');
    await expect(restore.run(['--nothing-since', '--data', target])).rejects.toThrow('is not finished');
    const again = await migrate(args);
    expect([again.code, again.said.includes('Went on')]).toEqual([0, step !== 'marked']);
    expect((await migrate([...args, '--verify-only'])).out).toBe(again.out);
    if (step === 'taken:2') expect(await portraitOf(target)).toEqual(before);
  },
  60_000,
);

test('migrate: what differs is said, ends with exit code 1, and the target stays closed', async () => {
  const target = withoutStore(source, path.join(root, 'changed'));
  const args = ['--from', source, '--to', target];
  await migrate(args, { NOREN_CRASH_AT: 'complete' });
  const keyring = openKeyring({
    directory: path.join(target, 'keys'),
    master: Buffer.from(readFileSync(path.join(target, 'master.key'), 'utf8').trim(), 'hex'),
  });
  const { id } = keyring.keyFor('care', 'nobody');
  keyring.close();
  expect(id).toBeGreaterThan(0);
  const { code, out, said } = await migrate(args);
  expect([code, said]).toEqual([1, expect.stringContaining('not equal')]);
  expect(out).toMatch(/^! data keys +(\d+) at the source\n! data keys +(\d+) at the target$/m);
  await expect(serve(target)).rejects.toThrow('is not finished');
}, 60_000);

test('migrate: a block that was changed is found, whichever side it is on', async () => {
  const changed = copyOf(source, 'damaged');
  const files = openFiles(path.join(changed, 'store'), 'normal');
  const last = files.lastBlock();
  const { body } = files.body(last)!;
  body[body.length - 1]! ^= 1;
  files.transaction(() => files.rewriteBlock(last, files.index(last), body));
  files.close();
  expect(await migrate(['--from', source, '--to', changed, '--verify-only'])).toMatchObject({
    code: 1,
    said: expect.stringContaining('The target: A block cannot be opened'),
  });
  const target = withoutStore(source, path.join(root, 'from-damaged'));
  expect(await migrate(['--from', changed, '--to', target])).toMatchObject({
    code: 1,
    said: expect.stringContaining('A block cannot be opened'),
  });
}, 60_000);

test('migrate: refused with one sentence', async () => {
  const fresh = withoutStore(source, path.join(root, 'refused'));
  const refused = async (...args: string[]): Promise<string> => {
    const error = await command.run(args).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect([args, error]).toEqual([args, expect.any(Refusal)]);
    expect((error as Refusal).message).toMatch(/^[^\n]+\.$/);
    return (error as Refusal).message;
  };
  const unlock = lock(source);
  expect(await refused('--from', source, '--to', fresh)).toContain('in use');
  unlock();
  const wrong = path.join(root, 'wrong.key');
  writeMasterKey(wrong, Buffer.alloc(32, 3));
  expect(await refused('--from', source, '--to', fresh, '--from-master-key', wrong)).toContain('The source: The master key does not open');
  expect(await refused('--from', source, '--to', source)).toContain('the same');
  expect(await refused('--from', path.join(root, 'nowhere'), '--to', fresh)).toContain('There is no store');
  expect(existsSync(path.join(root, 'nowhere'))).toBe(false);
  expect(await refused('--from', source, '--to', fresh, '--verify-only')).toContain('There is no store');
  expect(await refused('--from', source, '--to', copyOf(source, 'full'))).toContain('holds a store already');
  expect(await refused('--verify-only')).toContain('--from');
  expect(await refused('--from')).toContain('needs a value');
  expect(await refused('--from', source, '--to', 'mongodb://host/')).toContain('must be a mongodb:// URI');
  expect(await refused('--from', source, '--to', 'mongodb://host/noren')).toContain('--to-master-key');
  expect(await refused('--from', source, '--to', fresh, '--to-keys', 'mongodb://host/keys')).toContain('has its keys in it');
  expect(readdirSync(fresh)).not.toContain('store');

  // Another store's keys, wrapped by the same master key.
  const other = path.join(root, 'other');
  mkdirSync(other);
  writeMasterKey(path.join(other, 'master.key'), Buffer.alloc(32, 1));
  openKeyring({ directory: path.join(other, 'keys'), master: Buffer.alloc(32, 1) }).close();
  expect(await refused('--from', source, '--to', other)).toContain('holds a store already');
}, 60_000);

test('migrate: begun, it goes on only from the source as it was then, and only with the same master key', async () => {
  const used = copyOf(source, 'used');
  const target = withoutStore(source, path.join(root, 'half'));
  const args = ['--from', used, '--to', target];
  await migrate(args, { NOREN_CRASH_AT: 'taken:1' });
  expect(await migrate(['--from', target, '--to', path.join(root, 'third')])).toMatchObject({
    code: 1,
    said: expect.stringContaining('is closed'),
  });
  const wrong = path.join(root, 'wrong-target.key');
  writeMasterKey(wrong, Buffer.alloc(32, 4));
  expect(await migrate([...args, '--to-master-key', wrong])).toMatchObject({
    code: 1,
    said: expect.stringContaining('The target: The master key does not open'),
  });
  const server = await serve(used);
  expect((await server.ask('tester', 'PUT', 'Basic/later', { resourceType: 'Basic', id: 'later', code: { text: 'later' } })).status).toBe(
    201,
  );
  await server.close();
  expect(await migrate(args)).toMatchObject({ code: 1, said: expect.stringContaining('as it was before') });
  // The source as it was then.
  expect((await migrate(['--from', source, '--to', target])).code).toBe(0);
}, 60_000);

test('migrate: refused while an erasure of the source is not finished', async () => {
  const cut = copyOf(source, 'cut');
  const { url, child } = await serveApart(cut, { NOREN_CRASH_AT: 'committed' });
  const ended = once(child, 'exit');
  await expect(
    asking(cut, url)('patient-app', 'POST', 'Consent', objection({ reference: happened.never }), happened.never),
  ).rejects.toThrow();
  expect(await ended).toEqual([null, 'SIGKILL']);
  const target = withoutStore(source, path.join(root, 'uncut'));
  expect(await migrate(['--from', cut, '--to', target])).toMatchObject({
    code: 1,
    said: expect.stringContaining('An erasure or a purge was cut off'),
  });
  await (await serve(cut)).close();
  expect((await migrate(['--from', cut, '--to', target])).code).toBe(0);
  const server = await serve(target);
  expect((await server.ask('tester', 'GET', happened.never)).status).toBe(404);
  await server.close();
}, 60_000);
