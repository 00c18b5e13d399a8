// docs/mongodb.md, docs/operation/purge.md

import { expect, test } from '@jest/globals';
import { BSON } from 'mongodb';
import { asServer } from '../../../../src/fhir/model/access.ts';
import type { Store } from '../../../../src/fhir/store/store.ts';
import { observation, query, write } from '../contract.ts';
import { forgetContract } from '../forget.ts';
import { documents, openMongo, processes, withMongo } from './database.ts';

const all = asServer('purge');
const purge = (store: Store, id: string) => store.commit({ writes: [], forget: [{ type: 'Observation', id, what: 'all' }] });
const noted = (id: string, text: string) => write(observation(id, 'Patient/a', 'x', { note: [{ text }] }));

withMongo('MongoDB', () => {
  forgetContract('MongoDB', openMongo);

  const over = processes();
  const { start } = over;

  test('the ciphertext of its blocks and of its index record stands in no collection', async () => {
    const store = await start();
    await store.commit({ writes: [noted('o', 'gone'), noted('beside', 'kept')] });
    const parts = async () => ({
      bodies: (await documents(over.uri, 'blocks')).map(({ body }) => body as Buffer),
      indexes: (await documents(over.uri, 'log')).flatMap(({ runs }) => (runs as { index: Buffer }[]).map(({ index }) => index)),
    });
    const { bodies, indexes } = await parts();
    const old = [...bodies, ...indexes].map(one => Buffer.from((one as unknown as BSON.Binary).buffer ?? one));
    const holds = async () => {
      const raw = [...(await documents(over.uri, 'log')), ...(await documents(over.uri, 'blocks'))].map(one =>
        Buffer.from(BSON.serialize(one)),
      );
      return old.map(one => raw.some(bytes => bytes.includes(one.subarray(0, 64))));
    };
    expect(await holds()).toEqual([true, true]);
    await purge(store, 'o');
    expect(await holds()).toEqual([false, false]);
    expect((await store.read(all, 'Observation', 'beside'))!.bytes.toString()).toContain('kept');
  });

  test('another process, which has it in memory, meets it before it answers anything after it', async () => {
    const [one, two] = [await start(), await start()];
    await one.commit({ writes: [noted('o', 'gone'), noted('beside', 'kept')] });
    for (const store of [one, two]) await store.search(all, query('Observation'));
    await purge(one, 'o');
    expect(await two.read(all, 'Observation', 'o')).toBeUndefined();
    expect((await two.search(all, query('Observation'))).matches.map(({ id, bytes }) => [id, bytes.includes('kept')])).toEqual([
      ['beside', true],
    ]);
    expect(await two.history(all, { type: 'Observation', id: 'o' }, { count: 9 })).toBeUndefined();
    await two.commit({ writes: [noted('o', 'again')] });
    expect((await one.read(all, 'Observation', 'o'))!.versionId).toBe(1);
    await purge(two, 'beside');
    expect(await one.match(all, query('Observation'), 9)).toEqual(['o']);
  });

  test('reads through one while another purges beside what is read: each is answered whole', async () => {
    const [one, two] = [await start({ cacheBytes: 0 }), await start({ cacheBytes: 0 })];
    await one.commit({ writes: Array.from({ length: 12 }, (_, i) => noted(`o${i}`, `text-${i}`)) });
    let over = false;
    const reading = (async () => {
      let read = 0;
      for (; !over; read++) expect((await two.read(all, 'Observation', 'o11'))!.bytes.toString()).toContain('text-11');
      return read;
    })();
    for (let i = 0; i < 10; i++) await purge(one, `o${i}`);
    over = true;
    expect(await reading).toBeGreaterThan(5);
  }, 60_000);

  test('of purges through both at once each is done once, and all that stays is there', async () => {
    const stores = [await start(), await start()];
    await stores[0]!.commit({ writes: Array.from({ length: 16 }, (_, i) => noted(`o${i}`, `text-${i}.`)) });
    const told = await Promise.all(
      Array.from({ length: 24 }, (_, n) =>
        purge(stores[n % 2]!, `o${n % 12}`).then(
          () => 'gone',
          error => (error as { kind?: string }).kind,
        ),
      ),
    );
    expect([told.filter(one => one === 'gone').length, told.filter(one => one === 'not-found').length]).toEqual([12, 12]);
    for (const store of [...stores, await start()]) {
      const { matches } = await store.search(all, query('Observation'));
      expect(matches.map(({ id, bytes }) => [id, bytes.includes(`text-${id.slice(1)}.`)])).toEqual(
        ['o12', 'o13', 'o14', 'o15'].map(id => [id, true]),
      );
    }
    expect(await documents(over.uri, 'blocks')).toHaveLength(1);
  }, 60_000);

  test.each(['decided', 'applied', 'rewritten', 'destroyed'] as const)('ended at the step %s: another start does the rest', async at => {
    const one = await start();
    await one.commit({ writes: [noted('o', 'gone'), noted('beside', 'kept')] });
    const half = await start({
      step: name => {
        if (name === at) throw new Error('ended here');
      },
    });
    await expect(purge(half, 'o')).rejects.toThrow('ended here');
    const next = await start();
    for (const store of [next, one]) {
      expect(await store.read(all, 'Observation', 'o')).toBeUndefined();
      expect((await store.read(all, 'Observation', 'beside'))!.bytes.toString()).toContain('kept');
    }
    expect(await documents(over.uri, 'blocks')).toHaveLength(1);
    expect(await documents(over.uri, 'log')).toHaveLength(3);
  });
});
