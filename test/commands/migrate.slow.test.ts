// docs/migrate.md: a hospital that outgrows one machine moves to MongoDB, and back

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { command as audit } from '../../src/commands/audit.ts';
import { writeMasterKey } from '../../src/commands/master-key.ts';
import { documents, dropDatabase, freshUri, withMongo } from '../fhir/store/mongodb/database.ts';
import { objection, openWorld } from '../journeys/world.ts';
import { type Happened, happen, migrate, portrait, serve, withoutStore } from './migrate-world.ts';

withMongo('from files to MongoDB, and back', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'noren-migrate-'));
  const source = path.join(root, 'source');
  /** The master key of MongoDB, which is not the one of the files. */
  const masterKey = path.join(root, 'shared.key');
  const uris: string[] = [];
  let happened: Happened;
  let before: Record<string, string>;
  /** Where the first test leaves it. */
  let shared: string;

  const fresh = (): string => {
    const uri = freshUri();
    uris.push(uri);
    return uri;
  };
  const copyOf = (name: string): string => {
    const copy = path.join(root, name);
    cpSync(source, copy, { recursive: true, filter: file => path.basename(file) !== 'noren.lock' });
    return copy;
  };
  const over = (uri: string): string[] => ['--store', uri, '--master-key-file', masterKey];
  async function portraitOf(data: string, ...flags: string[]): Promise<Record<string, string>> {
    const server = await serve(data, ...flags);
    try {
      return await portrait(server, happened);
    } finally {
      await server.close();
    }
  }

  beforeAll(async () => {
    writeMasterKey(masterKey, Buffer.alloc(32, 8));
    const world = await openWorld(24, 'migrate');
    happened = await happen(world);
    cpSync(world.data, source, { recursive: true, filter: file => path.basename(file) !== 'noren.lock' });
    await world.close();
    before = await portraitOf(copyOf('asked'));
  }, 120_000);
  afterAll(async () => {
    for (const uri of uris) await dropDatabase(uri);
    rmSync(root, { recursive: true, force: true });
  }, 60_000);

  test('migrate: a server over MongoDB answers to the letter what one over the files did, and goes on from there', async () => {
    shared = fresh();
    const data = copyOf('moved');
    const { code, out } = await migrate(['--from', data, '--to', shared, '--to-master-key', masterKey]);
    expect(code).toBe(0);
    expect(out).not.toMatch(/^!/m);
    expect(await portraitOf(data, ...over(shared))).toEqual(before);
    expect(await audit.run(['verify', '--data', data])).toBe(0);

    const server = await serve(data, ...over(shared));
    const put = await server.ask('tester', 'PUT', 'Basic/kept', { resourceType: 'Basic', id: 'kept', code: { text: 'four' } });
    expect([put.status, JSON.parse(put.text).meta.versionId]).toEqual([200, '4']);
    // Purged where several processes share the log: alone, beside others in one block, and again from what was put anew.
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: ['a', 'b', 'c', 'd', 'e'].map(id => ({
        resource: { resourceType: 'Basic', id: `shared-${id}`, code: { text: id } },
        request: { method: 'PUT', url: `Basic/shared-${id}` },
      })),
    };
    expect((await server.ask('tester', 'POST', '', bundle)).status).toBe(200);
    for (const id of ['shared-b', 'shared-d', 'past']) expect((await server.ask('tester', 'POST', `Basic/${id}/$purge`)).status).toBe(200);
    expect((await server.ask('tester', 'DELETE', 'Basic/kept/_history/2')).status).toBeLessThan(300);
    const off = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'client', valueString: 'researcher-2' },
        { name: 'active', valueBoolean: false },
      ],
    };
    expect((await server.ask('operator', 'POST', '$switch-client', off)).status).toBe(200);

    const patient = happened.never;
    expect((await server.ask('patient-app', 'POST', 'Consent', objection({ reference: patient }), patient)).status).toBe(201);
    expect((await server.ask('tester', 'GET', patient)).status).toBe(404);
    await server.close();
  }, 120_000);

  test('migrate: back in files, what MongoDB took meanwhile is there, and whom it erased is not', async () => {
    const data = path.join(root, 'moved');
    const expected = await portraitOf(data, ...over(shared));
    const back = withoutStore(data, path.join(root, 'back'));
    const { code, out } = await migrate(['--from', shared, '--from-master-key', masterKey, '--to', back]);
    expect(code).toBe(0);
    expect(out).toMatch(/^= list objection +3 lines$/m);
    expect(expected['tester GET Basic?_count=200&_total=accurate']).toContain('shared-e');
    expect(await portraitOf(back)).toEqual(expected);
    expect(await audit.run(['verify', '--data', back])).toBe(0);
    const server = await serve(back);
    const put = await server.ask('tester', 'PUT', 'Basic/kept', { resourceType: 'Basic', id: 'kept', code: { text: 'five' } });
    expect([put.status, JSON.parse(put.text).meta.versionId]).toEqual([200, '5']);
    // A new person, under a new key.
    expect((await server.ask('tester', 'PUT', 'Patient/new', { resourceType: 'Patient', id: 'new' })).status).toBe(201);
    const id = happened.never.slice('Patient/'.length);
    expect((await server.ask('tester', 'PUT', happened.never, { resourceType: 'Patient', id })).status).toBe(422);
    // Switched off over MongoDB.
    await expect(server.ask('researcher-2', 'GET', 'metadata')).rejects.toThrow('invalid_client');
    await server.close();
  }, 120_000);

  test('migrate: from one MongoDB to another', async () => {
    const uri = fresh();
    const data = path.join(root, 'moved');
    const expected = await portraitOf(data, ...over(shared));
    const other = path.join(root, 'other.key');
    writeMasterKey(other, Buffer.alloc(32, 5));
    const { code } = await migrate([
      '--from',
      shared,
      '--from-master-key',
      masterKey,
      '--to',
      uri,
      '--to-master-key',
      other,
      '--data',
      data,
    ]);
    expect(code).toBe(0);
    expect(await portraitOf(data, '--store', uri, '--master-key-file', other)).toEqual(expected);
  }, 120_000);

  test.each(['marked', 'keyed', 'taken:1', 'taken:2', 'taken:3', 'complete', 'verified', 'recorded'])(
    'migrate: killed at the step %s on the way to MongoDB no server starts there, and the same call ends as one that was never cut off',
    async step => {
      const uri = fresh();
      const data = copyOf(`to-${step}`);
      const args = ['--from', data, '--to', uri, '--to-master-key', masterKey];
      expect((await migrate(args, { NOREN_CRASH_AT: step })).signal).toBe('SIGKILL');
      await expect(serve(data, ...over(uri))).rejects.toThrow('is not finished');
      if (step === 'taken:2') {
        const third = ['--from', uri, '--from-master-key', masterKey, '--to', withoutStore(data, path.join(root, 'third'))];
        expect(await migrate(third)).toMatchObject({ code: 1, said: expect.stringContaining('into the source is not finished') });
      }
      const again = await migrate(args);
      expect([again.code, again.out.includes('!')]).toEqual([0, false]);
      expect((await migrate([...args, '--verify-only'])).out).toBe(again.out);
      const names = new Set((await documents(uri, 'log')).map(({ commit }) => String(commit)));
      expect((await documents(uri, 'blocks')).filter(({ _id }) => !names.has(String(_id).split('.')[0]!))).toEqual([]);
      if (step === 'taken:2') expect(await portraitOf(data, ...over(uri))).toEqual(before);
    },
    120_000,
  );

  test.each(['marked', 'taken:1', 'complete', 'verified', 'recorded'])(
    'migrate: killed at the step %s on the way back no server starts on the files, and the same call ends as one that was never cut off',
    async step => {
      const back = withoutStore(path.join(root, 'moved'), path.join(root, `back-${step}`));
      const args = ['--from', shared, '--from-master-key', masterKey, '--to', back];
      expect((await migrate(args, { NOREN_CRASH_AT: step })).signal).toBe('SIGKILL');
      await expect(serve(back)).rejects.toThrow('is not finished');
      const again = await migrate(args);
      expect([again.code, again.out.includes('!')]).toEqual([0, false]);
      expect((await migrate([...args, '--verify-only'])).out).toBe(again.out);
    },
    120_000,
  );

  test('migrate: blocks put for an entry that never came are swept by the call that goes on', async () => {
    const uri = fresh();
    const args = ['--from', copyOf('put'), '--to', uri, '--to-master-key', masterKey];
    expect((await migrate(args, { NOREN_CRASH_AT: 'put:2' })).signal).toBe('SIGKILL');
    expect(await documents(uri, 'log')).toHaveLength(1);
    expect((await migrate(args)).code).toBe(0);
  }, 60_000);

  test('migrate: what the database of the target shows is neither keys nor values', async () => {
    const uri = fresh();
    await migrate(['--from', copyOf('shown'), '--to', uri, '--to-master-key', masterKey]);
    const shown = JSON.stringify([await documents(uri, 'log'), await documents(uri, 'blocks'), await documents(uri, 'about')]);
    for (const word of ['Patient', 'objection', happened.never.slice('Patient/'.length)]) expect(shown).not.toContain(word);
  }, 60_000);

  test('migrate: refused into what holds a store, from a MongoDB that servers write to, and with another master key', async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const { code, out, said } = await migrate(args);
      expect([args, code, out]).toEqual([args, 1, '']);
      expect(said).toMatch(/^noren: [^\n]+\n$/);
      expect(said).not.toContain('mongodb://');
      return said;
    };
    const data = copyOf('refused');
    expect(await refused('--from', data, '--to', shared, '--to-master-key', masterKey)).toContain('holds a store already');
    const wrong = path.join(root, 'wrong.key');
    writeMasterKey(wrong, Buffer.alloc(32, 3));
    const back = withoutStore(data, path.join(root, 'refused-back'));
    expect(await refused('--from', shared, '--from-master-key', wrong, '--to', back)).toContain('The source: The master key');
    expect(readdirSync(back)).not.toContain('store');
    expect(await refused('--from', data, '--to', 'mongodb://127.0.0.1:1/noren', '--to-master-key', masterKey)).toContain(
      'The target: MongoDB cannot be reached',
    );
    expect(await refused('--from', fresh(), '--from-master-key', masterKey, '--to', back)).toContain('There are no keys at the source');

    // Another store's keys, though the same master key wraps them.
    const [own, strange] = [fresh(), fresh()];
    const servers = withoutStore(data, path.join(root, 'own'));
    await (await serve(withoutStore(data, path.join(root, 'strange')), ...over(strange))).close();
    expect(
      await refused('--from', shared, '--from-keys', strange.replace(/\?|$/, '_keys?'), '--from-master-key', masterKey, '--to', back),
    ).toContain('not the keys of this database');

    // A store of its own, with servers.
    const server = await serve(servers, ...over(own));
    let writing = true;
    const load = (async () => {
      for (let n = 0; writing; n++)
        await server.ask('tester', 'PUT', 'Basic/busy', { resourceType: 'Basic', id: 'busy', code: { text: String(n) } });
    })();
    expect(await refused('--from', own, '--from-master-key', masterKey, '--to', back)).toMatch(/written to the source|source meanwhile/);
    writing = false;
    await load;
    await server.close();
    await expect(serve(back)).rejects.toThrow('is not finished');
    expect(await refused('--from', own, '--from-master-key', masterKey, '--to', back)).toContain('as it was before');
    expect(readFileSync(path.join(back, 'closed.json'), 'utf8')).not.toContain('mongodb://');
  }, 120_000);
});
