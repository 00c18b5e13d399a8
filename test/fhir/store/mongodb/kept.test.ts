// docs/mongodb.md: what several processes remember together; each `kept` here is what one process has

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { switchedIn } from '../../../../src/auth/switches.ts';
import type { SharedKept } from '../../../../src/fhir/store/kept.ts';
import { documents, dropDatabase, freshUri, openKept, openShared, withMongo } from './database.ts';

withMongo('kept by several processes', () => {
  let uri: string;
  let ends: (() => Promise<void>)[];
  let now: number;
  beforeEach(() => {
    uri = freshUri();
    ends = [];
    now = Date.now();
  });
  afterEach(async () => {
    for (const end of ends) await end();
    await dropDatabase(uri);
  });

  async function open(): Promise<SharedKept> {
    const [kept, close] = await openKept(uri, () => now);
    ends.push(close);
    return kept;
  }

  test('what one process keeps another finds, until it is over or dropped; the last that was put counts', async () => {
    const [one, two] = [await open(), await open()];
    await one.put('Session', 's', { accountId: 'first' }, 60);
    await two.put('Session', 's', { accountId: 'second' }, 60);
    expect(await one.find('Session', 's')).toEqual({ accountId: 'second' });
    expect([await one.find('Grant', 's'), await two.has('Session', two.nameOf('Session', 's'))]).toEqual([undefined, true]);
    now += 60_001;
    expect([await one.find('Session', 's'), await two.has('Session', two.nameOf('Session', 's'))]).toEqual([undefined, false]);
    now -= 60_001;
    await one.drop('Session', 's');
    expect(await two.find('Session', 's')).toBeUndefined();
  });

  test('of forty uses of one id through four processes one is the first; it is told with what is kept, and can be taken back', async () => {
    const all = [await open(), await open(), await open(), await open()];
    await all[0]!.put('AuthorizationCode', 'c', { grantId: 'g' }, 60);
    const uses = await Promise.all(Array.from({ length: 40 }, (_, n) => all[n % 4]!.use('AuthorizationCode', 'c')));
    expect(uses.filter(first => first)).toHaveLength(1);
    expect(await all[1]!.find('AuthorizationCode', 'c')).toEqual({ grantId: 'g', consumed: true });
    expect([await all[2]!.isUsed('AuthorizationCode', 'c'), await all[2]!.isUsed('AuthorizationCode', 'd')]).toEqual([true, false]);
    await all[3]!.drop('AuthorizationCode', 'c');
    expect(await all[0]!.use('AuthorizationCode', 'c')).toBe(false);
    await all[0]!.unuse('AuthorizationCode', 'c');
    expect(await all[1]!.use('AuthorizationCode', 'c', 60)).toBe(true);
  });

  test('what is of one owner is counted and ends together, and nothing else', async () => {
    const [one, two] = [await open(), await open()];
    for (const [id, of] of [
      ['1', 'a'],
      ['2', 'a'],
      ['3', 'b'],
    ] as const)
      await one.put('Grant', id, {}, 60, of);
    expect([await two.count('Grant', 'a'), await two.count('Launch', 'a')]).toEqual([2, 0]);
    await two.dropOf('Grant', 'a');
    expect(await Promise.all(['1', '2', '3'].map(async id => (await one.find('Grant', id)) !== undefined))).toEqual([false, false, true]);
  });

  test('something of 20 MB comes back whole, is replaced whole, and is dropped whole', async () => {
    const [one, two] = [await open(), await open()];
    const large = { text: 'x'.repeat(20_000_000) };
    await one.put('Async', 'l', large, 60);
    expect(await two.find('Async', 'l')).toEqual(large);
    await two.put('Async', 'l', { text: 'y'.repeat(9_000_000) }, 60);
    expect((await one.find('Async', 'l'))!['text']).toHaveLength(9_000_000);
    expect((await documents(uri, 'kept')).filter(({ body }) => body !== undefined)).toHaveLength(2);
    await one.drop('Async', 'l');
    expect((await documents(uri, 'kept')).filter(({ body }) => body !== undefined)).toHaveLength(0);
  });

  test('of two that put something large under one id at the same time one stays, whole', async () => {
    const all = [await open(), await open()];
    for (let round = 0; round < 4; round++) {
      await Promise.all(all.map((one, n) => one.put('Async', 'l', { n, text: 'x'.repeat(9_000_000) }, 60)));
      const found = await all[0]!.find('Async', 'l');
      expect([[0, 1].includes(found!['n'] as number), (found!['text'] as string).length]).toEqual([true, 9_000_000]);
    }
    // Whose drop was cut off.
    const client = await MongoClient.connect(uri);
    await client
      .db()
      .collection('kept')
      .deleteMany({ _id: /\// as never });
    await client.close();
    expect(await all[1]!.find('Async', 'l')).toBeUndefined();
  }, 60_000);

  test('neither ids, kinds nor what is kept lie there in clear', async () => {
    const kept = await open();
    await kept.put('Session', 'canary-id', { accountId: 'canary-payload' }, 60, 'canary-owner');
    await kept.use('Session', 'canary-id');
    const raw = JSON.stringify(await documents(uri, 'kept'), (_, value) =>
      value?._bsontype === 'Binary' ? Buffer.from(value.buffer).toString('latin1') : value,
    );
    expect(raw.length).toBeGreaterThan(200);
    expect(raw).not.toMatch(/canary|Session/);
  });

  test('what is over is swept, and the key of its time destroyed: an old copy of the data opens it no more', async () => {
    const kept = await open();
    await kept.put('Session', 'short', { a: 1 }, 60);
    await kept.use('Session', 'short');
    await kept.put('Session', 'long', { b: 2 }, 86_400);
    const copy = await documents(uri, 'kept');
    now += 2 * 3_600_000;
    await kept.sweep();
    const left = await documents(uri, 'kept');
    expect([copy.length, left.length]).toEqual([5, 2]);
    expect(await kept.find('Session', 'long')).toEqual({ b: 2 });
    now -= 2 * 3_600_000;
    const client = await MongoClient.connect(uri);
    await client.db().collection('kept').deleteMany({});
    await client.db().collection('kept').insertMany(copy);
    await client.close();
    const again = await open();
    expect([await again.find('Session', 'short'), await again.find('Session', 'long')]).toEqual([undefined, { b: 2 }]);
  });

  test('a client that is switched off in one process is off in all, until it is switched on in any', async () => {
    const rows = [
      { client_id: 'a', active: true },
      { client_id: 'b', active: false },
    ] as never[];
    const registry = {
      find: (id: string) => rows.find(({ client_id }) => client_id === id),
      all: () => rows,
      setActive: async () => true,
      fresh: () => undefined,
    };
    const clients = [];
    for (let i = 0; i < 2; i++) {
      const { store, close } = await openShared(uri);
      ends.push(close);
      clients.push(switchedIn(registry, store, () => now));
    }
    const [one, two] = clients as [(typeof clients)[0], (typeof clients)[0]];
    const isOn = async () => {
      await two.fresh();
      return two.find('a')!.active && two.all()[0]!.active;
    };
    expect(await isOn()).toBe(true);
    expect([await one.setActive('a', false), await one.setActive('nobody', false)]).toEqual([true, false]);
    expect([one.find('a')!.active, await isOn()]).toEqual([false, false]);
    expect([await two.setActive('a', true), await isOn()]).toEqual([true, true]);
    await one.fresh();
    expect(one.find('a')).toBe(rows[0]);
    await expect(two.setActive('b', true)).rejects.toThrow('file');
  });
});
