// docs/mongodb.md: several processes over one database; each store here is what one process has

import { expect, test } from '@jest/globals';
import { BSON } from 'mongodb';
import { asServer } from '../../../../src/fhir/model/access.ts';
import { Problem } from '../../../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../../../src/fhir/model/r4.ts';
import { openSharedKeyring } from '../../../../src/fhir/store/keys/shared.ts';
import { newCommit, openCollections } from '../../../../src/fhir/store/mongodb/collections.ts';
import { connect } from '../../../../src/fhir/store/mongodb/connection.ts';
import { openMongoStore } from '../../../../src/fhir/store/mongodb/store.ts';
import { type Commit, type ListEntry, Stale, type Store } from '../../../../src/fhir/store/store.ts';
import { seeded } from '../../search/resources.ts';
import { observation, patient, query, write } from '../contract.ts';
import { documents, processes, withMongo } from './database.ts';

const all = asServer('processes');
const number = (value: string) => ({ identifier: [{ system: 'urn:n', value }] });
const consent = (id: string): AnyResource & { id: string } => ({ resourceType: 'Consent', id, patient: { reference: 'Patient/a' } });
const objection: ListEntry = { list: 'objection', source: 'Consent/c', persons: ['urn:n|1'], from: 0 };
const objects = (store: Store, line = objection) =>
  store.commit({ writes: [write(consent(line.source.slice(8)))], lists: [line], erase: [line] });
const kindOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'taken',
    error => (error instanceof Problem ? error.kind : error instanceof Stale ? 'stale' : String(error)),
  );
const fill = (store: Store) =>
  store.commit({
    writes: [
      write(patient('a', { ...number('1'), name: [{ family: 'Sato' }] }), { sender: 'Organization/h1' }),
      write(observation('oa', 'Patient/a', 'x'), { sender: 'Organization/h1' }),
      write(patient('a2', number('1')), { sender: 'Organization/h2' }),
      write(patient('b', number('2')), { sender: 'Organization/h1' }),
      write(observation('ob', 'Patient/b', 'x'), { sender: 'Organization/h1' }),
    ],
    receipt: { key: 'all', shape: 's' },
  });
const there = async (store: Store): Promise<string[]> => {
  const found: string[] = [];
  for (const type of ['Patient', 'Observation', 'Consent'])
    for (const id of await store.match(all, query(type), 100)) found.push(`${type}/${id}`);
  return found.sort();
};

withMongo('MongoDB, several processes', () => {
  const over = processes();
  const { start } = over;

  test('what one has answered holds in the other: read, search, receipt, lines', async () => {
    const [one, two] = [await start(), await start()];
    await fill(one);
    expect(JSON.parse((await two.read(all, 'Patient', 'a'))!.bytes.toString()).name).toEqual([{ family: 'Sato' }]);
    expect((await two.search(all, query('Observation'))).total).toBe(2);
    expect((await two.receipt('all'))!.versions).toHaveLength(5);
    expect(await two.commit({ writes: [write(patient('z'))], receipt: { key: 'all', shape: 's' } })).toMatchObject({ repeated: true });
    await two.commit({ writes: [], lists: [objection] });
    expect(await one.lines(['urn:n|1'])).toHaveLength(1);
  });

  test('of updates of one version from both one is taken each time; none of the others is lost', async () => {
    const stores = [await start(), await start()];
    await stores[0]!.commit({ writes: [write(patient('a'))] });
    const kinds = await Promise.all(
      Array.from({ length: 20 }, (_, n) => kindOf(stores[n % 2]!.commit({ writes: [write(patient('a'), { expect: 1 })] }))),
    );
    expect(kinds.filter(kind => kind === 'taken')).toHaveLength(1);
    expect(kinds.filter(kind => kind === 'precondition-failed')).toHaveLength(19);
    const more = Array.from({ length: 40 }, (_, n) =>
      kindOf(stores[n % 2]!.commit({ writes: [write(patient('a', { multipleBirthInteger: n }))] })),
    );
    expect(await Promise.all(more)).toEqual(Array(40).fill('taken'));
    for (const store of stores) {
      const { total, versions } = (await store.history(all, { type: 'Patient', id: 'a' }, { count: 100 }))!;
      expect(total).toBe(42);
      expect(versions.map(version => version.versionId)).toEqual(Array.from({ length: 42 }, (_, i) => 42 - i));
      expect(new Set(versions.map(version => JSON.parse(version.bytes.toString()).multipleBirthInteger)).size).toBe(41);
    }
  });

  test('of conditional creates of the same from both one is taken', async () => {
    const stores = [await start(), await start()];
    const where = [{ kind: 'token', code: 'code', values: [{ code: 'x' }], not: false }] as const;
    const kinds = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        kindOf(
          stores[n % 2]!.commit({
            writes: [write(observation(`o${n}`, 'Patient/a', 'x'))],
            criteria: [{ access: all, query: query('Observation', where), ids: [] }],
          }),
        ),
      ),
    );
    expect(kinds.filter(kind => kind === 'taken')).toHaveLength(1);
    expect(kinds.filter(kind => kind === 'stale')).toHaveLength(19);
  });

  test('the log of who objected stands at the same moment in all, in one that started after an erasure too', async () => {
    const one = await start();
    await fill(one);
    await objects(one);
    const two = await start();
    const before = await one.moment();
    expect(await two.moment()).toBe(before);
    await one.commit({ writes: [], lists: [{ ...objection, source: 'Consent/d', persons: ['urn:n|2'] }] });
    expect([(await one.moment()) > before, (await two.moment()) === (await one.moment())]).toEqual([true, true]);
  });

  test('who is erased through one is gone from the other: memory, keys, and for good', async () => {
    const told: string[] = [];
    const [one, two] = [await start({ erased: async ({ source }) => void told.push(source) }), await start()];
    await fill(one);
    // In the memory of the second, unpacked.
    expect((await two.search(all, query('Patient', [{ kind: 'string', code: 'family', values: ['sato'], match: 'starts' }]))).total).toBe(
      1,
    );
    await two.read(all, 'Patient', 'a');
    await objects(one);
    for (const store of [two, one, await start()]) {
      expect(await there(store)).toEqual(['Consent/c', 'Observation/ob', 'Patient/b']);
      expect(await store.history(all, { type: 'Patient', id: 'a' }, { count: 9 })).toBeUndefined();
      expect(await store.receipt('all')).toBeUndefined();
      expect(await store.lines(['Patient/a2'])).toHaveLength(1);
      expect(await store.book('erasures')).toMatchObject([{ source: 'Consent/c', keys: 2 }]);
    }
    expect(told).toEqual(['Consent/c']);
    // The same person may begin again: under a fresh key, with first versions.
    const { versions } = await two.commit({ writes: [write(patient('a', number('1')), { sender: 'Organization/h1' })] });
    expect(versions[0]!.versionId).toBe(1);
    expect((await (await start()).read(all, 'Patient', 'a'))!.versionId).toBe(1);
  });

  test('one that ends between two steps of an erasure: another start finishes it, once', async () => {
    for (const step of ['applied', 'destroyed'] as const) {
      const line = { ...objection, source: `Consent/${step}`, persons: [step] };
      const one = await start();
      await one.commit({
        writes: [
          write(patient(step, { identifier: [{ system: 'urn:n', value: step }] })),
          write(observation(`o${step}`, `Patient/${step}`, 'x')),
        ],
      });
      const half = await start({
        step: name => {
          if (name === step) throw new Error('ended here');
        },
      });
      await expect(objects(half, { ...line, persons: [`urn:n|${step}`] })).rejects.toThrow('ended here');
      const told: string[] = [];
      const next = await start({ erased: async ({ source }) => void told.push(source) });
      for (const store of [next, one]) {
        expect(await store.read(all, 'Patient', step)).toBeUndefined();
        expect(await store.read(all, 'Observation', `o${step}`)).toBeUndefined();
        expect((await store.book('erasures')).filter(entry => entry['source'] === line.source)).toHaveLength(1);
      }
      expect(told).toEqual([line.source]);
    }
  });

  test('data of a person that come in through one while he objects through the other are refused or erased', async () => {
    const stores = [await start(), await start()];
    const judge = (lines: readonly ListEntry[]) => {
      if (lines.some(line => line.list === 'objection')) throw new Problem('business-rule');
    };
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const key = `urn:n|${n}`;
        const send = (i: number) =>
          kindOf(
            stores[i % 2]!.commit({
              writes: [write(patient(`p${n}`, number(String(n)))), write(observation(`o${n}-${i}`, `Patient/p${n}`, 'x'))],
              checks: [{ persons: [key], judge }],
            }),
          );
        const before = [send(0), send(1), send(2)];
        await objects(stores[n % 2]!, { ...objection, source: `Consent/c${n}`, persons: [key] });
        expect([await send(0), await send(1)]).toEqual(['business-rule', 'business-rule']);
        await Promise.all(before);
      }),
    );
    for (const store of [...stores, await start()]) {
      expect((await there(store)).filter(name => !name.startsWith('Consent/'))).toEqual([]);
      expect(await store.book('erasures')).toHaveLength(20);
    }
  }, 60_000);

  test('whatever comes in through whom at the same time: all show the same, and so does a start', async () => {
    const random = seeded(20_261_129);
    const below = (n: number) => Math.floor(random() * n);
    const stores = [await start(), await start(), await start()];
    const commit = (n: number): Commit => {
      const person = below(6);
      const sender = `Organization/h${below(2)}`;
      const at = (type: string, id: string) => ({ type, id, expect: 'any', sender }) as const;
      const kind = below(13);
      if (kind < 3) return { writes: [write(patient(`p${person}-${below(3)}`, number(String(person))), { sender })] };
      if (kind < 9)
        return {
          writes: [0, 1].map(i => write(observation(`o${below(20)}-${i}`, `Patient/p${person}-${below(3)}`, `c${n}`), { sender })),
          receipt: { key: `r${below(30)}`, shape: 's' },
        };
      if (kind === 12)
        return { writes: [], forget: [{ type: 'Observation', id: `o${below(20)}-0`, what: below(2) === 0 ? 'all' : 'history' }] };
      if (kind < 10) return { writes: [at('Observation', `o${below(20)}-0`)], entries: [{ book: 'stops', entry: { n } }] };
      const line = { ...objection, source: `Consent/c${n}`, persons: [`urn:n|${person}`], ...(below(2) === 0 ? { sender } : {}) };
      return { writes: [write(consent(`c${n}`))], lists: [line], ...(kind === 11 ? { erase: [line] } : {}) };
    };
    const kinds = await Promise.all(Array.from({ length: 150 }, (_, n) => kindOf(stores[n % 3]!.commit(commit(n)))));
    // What is to be purged may not be there yet, or not any more.
    expect(kinds).toContain('taken');
    expect(kinds.filter(kind => kind !== 'taken' && kind !== 'not-found')).toEqual([]);
    const shown = async (store: Store) => {
      const out: unknown[] = [];
      for (const type of ['Patient', 'Observation', 'Consent'])
        for (const { id } of (await store.search(all, query(type, [], { count: 1000 }))).matches) {
          const { versions } = (await store.history(all, { type, id }, { count: 100 }))!;
          out.push(
            versions.map(version => [version.versionId, version.lastUpdated, version.bytes.toString()]),
            await store.sender(all, type, id),
          );
        }
      for (let person = 0; person < 6; person++) out.push((await store.lines([`urn:n|${person}`])).map(({ source }) => source).sort());
      for (let n = 0; n < 30; n++) out.push((await store.receipt(`r${n}`))?.versions.map(({ id }) => id));
      return JSON.stringify([out, await store.book('stops'), await store.book('erasures')]);
    };
    const first = await shown(stores[0]!);
    // How much is left once objections have erased depends on who came first.
    expect(first.length).toBeGreaterThan(2000);
    for (const store of [stores[1]!, stores[2]!, await start()]) expect((await shown(store)) === first).toBe(true);
  }, 60_000);

  test('first starts at the same time make one store with one set of keys', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => start()));
    await Promise.all(stores.map((store, n) => store.commit({ writes: [write(patient(`p${n}`, number('1')))] })));
    for (const store of stores) {
      expect(await there(store)).toHaveLength(4);
      expect(store.mark('urn:n|1')).toBe(stores[0]!.mark('urn:n|1'));
    }
  });

  test('commits of one moment: what hangs on another of them is judged after it; what does not shares its entry', async () => {
    const one = await start();
    await fill(one);
    const entries = () => documents(over.uri, 'log');
    const before = (await entries()).length;
    const judge: NonNullable<Commit['checks']>[number]['judge'] = (lines, book) => {
      if (lines.length > 0 || book('stops').length > 0) throw new Problem('business-rule');
    };
    const where = (code: string) => [{ kind: 'token', code: 'code', values: [{ code }], not: false }] as const;
    const create = (id: string, code: string) =>
      one.commit({
        writes: [write(observation(id, 'Patient/b', code))],
        criteria: [{ access: all, query: query('Observation', where(code)), ids: [] }],
      });
    const kinds = await Promise.all(
      [
        one.commit({ writes: [], lists: [{ list: 'notice', source: 'Communication/1', persons: ['urn:n|2'], from: 0 }] }),
        one.commit({ writes: [write(patient('one'))], checks: [{ persons: ['Patient/b'], judge }] }),
        one.commit({ writes: [write(patient('two'))], checks: [{ persons: ['urn:n|3'], judge }] }),
        one.commit({ writes: [write(patient('joins', { identifier: [...number('7').identifier, ...number('2').identifier] }))] }),
        one.commit({ writes: [write(patient('three'))], checks: [{ persons: ['urn:n|7'], judge }] }),
        one.commit({ writes: [], entries: [{ book: 'stops', entry: {} }] }),
        one.commit({ writes: [write(patient('four'))], checks: [{ persons: ['urn:n|4'], judge }] }),
        create('c1', 'new'),
        create('c2', 'new'),
        create('c3', 'other'),
        one.commit({ writes: [write(patient('two'))] }),
      ].map(kindOf),
    );
    const refused = 'business-rule';
    expect(kinds).toEqual(['taken', refused, 'taken', 'taken', refused, 'taken', refused, 'taken', 'stale', 'taken', 'taken']);
    expect((await one.read(all, 'Patient', 'two'))!.versionId).toBe(2);
    expect((await entries()).length - before).toBeLessThan(5);
  });

  test('at rest: no name, number or birth date stands in either database, nor what a reference to a person is', async () => {
    const one = await start();
    await fill(one);
    await objects(one);
    await one.commit({
      writes: [write(patient('canary-id', { ...number('canary-number'), name: [{ family: 'canary-name' }], birthDate: '1953-05-17' }))],
    });
    const { port, hostname, pathname } = new URL(over.uri);
    const found: string[] = [];
    for (const database of [over.uri, `mongodb://${hostname}:${port}${pathname}_keys?directConnection=true`])
      for (const name of ['log', 'blocks', 'keys', 'tombstones'])
        for (const document of await documents(database, name)) {
          const bytes = Buffer.from(BSON.serialize(document));
          for (const text of ['canary', 'Y2FuYXJ5', 'Sato', '1953-05-17', 'Patient', 'Observation', 'urn:n', 'Consent'])
            if (bytes.includes(text)) found.push(`${text} in ${name}`);
        }
    expect(found).toEqual([]);
    expect(await documents(over.uri, 'blocks')).not.toEqual([]);
  });

  test('what an attempt has put that came to nothing is swept by its age; what the log names stays', async () => {
    const one = await start();
    await fill(one);
    const connection = await connect(over.uri);
    const collections = openCollections(connection);
    const entry = { number: 99, commit: newCommit(Date.now() - 3 * 86_400_000), last: [0, 0] as const, runs: [], notes: [] };
    await collections.put(entry, [[`${entry.commit}.0`, Buffer.from('x')]]);
    const commits = new Set((await documents(over.uri, 'log')).map(document => document['commit']));
    const there = (await documents(over.uri, 'blocks')).length;
    expect(await collections.sweep(0, Date.now() - 86_400_000, commit => commits.has(commit))).toBe(1);
    expect(await collections.sweep(0, Date.now() + 86_400_000, commit => commits.has(commit))).toBe(0);
    expect((await documents(over.uri, 'blocks')).length).toBe(there - 1);
    await connection.close();
  });

  test('a database of an earlier format is taken over; one of a later format is not opened', async () => {
    const one = await start();
    await fill(one);
    const connection = await connect(over.uri);
    const about = connection.database.collection<{ _id: string; format: number }>('about');
    const format = (await about.findOne({ _id: 'store' }))!.format;
    await about.updateOne({ _id: 'store' }, { $set: { format: 1 } });
    expect(await there(await start())).toHaveLength(5);
    expect((await about.findOne({ _id: 'store' }))!.format).toBe(format);
    await about.updateOne({ _id: 'store' }, { $set: { format: format + 1 } });
    await expect(start()).rejects.toThrow('The database was written by a newer version of Noren.');
    await connection.close();
  });

  test('a master key of other data opens nothing; an address that leads nowhere is not repeated with its password', async () => {
    await start();
    const connection = await connect(over.uri);
    await expect(openSharedKeyring(connection.beside('keys'), Buffer.alloc(32, 8))).rejects.toThrow(
      'The master key does not open this key store.',
    );
    const others = await openSharedKeyring(connection.beside('others'), Buffer.alloc(32, 8));
    await expect(
      openMongoStore({ connection, keyring: others, baseUrl: 'http://noren.test/fhir', timeZone: 'Asia/Tokyo' }),
    ).rejects.toThrow('These are not the keys of this database.');
    await connection.beside('others').database.dropDatabase();
    await connection.close();
    const refusal = await connect('mongodb://user:secret-word@127.0.0.1:1/noren?serverSelectionTimeoutMS=300').catch(String);
    expect(refusal).toContain('MongoDB cannot be reached');
    expect(refusal).not.toMatch(/secret-word|user|127\.0\.0\.1/);
  });

  test('a resource larger than a document is stored in parts', async () => {
    const [one, two] = [await start({ cacheBytes: 0 }), await start({ cacheBytes: 0 })];
    const noise = Array.from({ length: 40_000 }, () => Math.random().toString(36)).join('');
    const large = { resourceType: 'Binary', id: 'large', contentType: 'text/plain', data: noise } as AnyResource & { id: string };
    const unlike = { ...large, id: 'unlike', data: Array.from({ length: 1_200_000 }, () => Math.random().toString(36).slice(2)).join('') };
    await one.commit({ writes: [write(large), write(unlike)] });
    for (const { id, data } of [large, unlike] as { id: string; data: string }[])
      expect(JSON.parse((await two.read(all, 'Binary', id))!.bytes.toString()).data === data).toBe(true);
  }, 60_000);
});
