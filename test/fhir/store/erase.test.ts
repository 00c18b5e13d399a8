// docs/encryption.md: what is erased can never be read again, whatever happens in between, from whatever copy

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Access, asServer } from '../../../src/fhir/model/access.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { openBody, openIndex, sealBody, sealIndex } from '../../../src/fhir/store/block.ts';
import { type Keyring, openKeyring } from '../../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore, type SqliteStoreOptions } from '../../../src/fhir/store/sqlite/store.ts';
import { type ListEntry, Stale, type Store } from '../../../src/fhir/store/store.ts';
import { observation, patient, query, write } from './contract.ts';

const all = asServer('erasure');
const [h1, h2] = ['Organization/h1', 'Organization/h2'];
let root: string;
let open: { store: Store; keyring: Keyring; name: string }[];
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'noren-erase-'));
  open = [];
});
const close = async (): Promise<void> => {
  for (const { store, keyring } of open.splice(0)) {
    await store.close();
    keyring.close();
  }
};
afterEach(async () => {
  await close();
  rmSync(root, { recursive: true, force: true });
});
async function start(name = 'live', more: Partial<SqliteStoreOptions> = {}): Promise<Store> {
  const keyring = openKeyring({ directory: path.join(root, name, 'keys'), master: Buffer.alloc(32, 7) });
  const store = await openSqliteStore({
    directory: path.join(root, name, 'store'),
    keyring,
    baseUrl: 'http://noren.test/fhir',
    timeZone: 'Asia/Tokyo',
    synchronous: 'normal',
    ...more,
  });
  open.push({ store, keyring, name });
  return store;
}

const number = (value: string) => ({ identifier: [{ system: 'urn:n', value }] });
const consent = (id: string, whose: string): AnyResource & { id: string } => ({
  resourceType: 'Consent',
  id,
  patient: { reference: whose },
});
const objection = (persons: string[], more: Partial<ListEntry> = {}): ListEntry => ({
  list: 'objection',
  source: 'Consent/c',
  persons,
  from: 0,
  ...more,
});
const objects = (store: Store, line: ListEntry) =>
  store.commit({ writes: [write(consent(line.source.slice(8), 'Patient/a'))], lists: [line], erase: [line] });
/** Two persons: a (records at two hospitals) and b. */
async function fill(store: Store): Promise<void> {
  await store.commit({
    writes: [
      write(patient('a', { ...number('1'), name: [{ family: '佐藤' }] }), { sender: h1 }),
      write(observation('oa', 'Patient/a', 'x'), { sender: h1 }),
      write(patient('a2', number('1')), { sender: h2 }),
      write(observation('oa2', 'Patient/a2', 'x'), { sender: h2 }),
      write(patient('b', number('2')), { sender: h1 }),
      write(observation('ob', 'Patient/b', 'x'), { sender: h1 }),
      write({ resourceType: 'Organization', id: 'h1', name: 'x' }),
    ],
    receipt: { key: 'all', shape: 's' },
  });
}
const there = async (store: Store, ...names: string[]): Promise<string[]> => {
  const found: string[] = [];
  for (const name of names) {
    const [type, id] = name.split('/') as [string, string];
    const version = await store.read(all, type, id);
    if (version) found.push(version.deleted ? `${name} deleted` : name);
  }
  return found;
};
const everything = ['Patient/a', 'Observation/oa', 'Patient/a2', 'Observation/oa2', 'Patient/b', 'Observation/ob', 'Organization/h1'];

describe('whatever happens in between', () => {
  test.each(['committed', 'destroyed', 'purged'] as const)(
    'the process ends after the step %s: the next start finishes and writes it down once',
    async step => {
      const told: string[] = [];
      const store = await start('live', {
        step: name => {
          // What lies on the disk at this moment is what a killed process leaves.
          if (name === step) cpSync(path.join(root, 'live'), path.join(root, 'image'), { recursive: true });
        },
      });
      await fill(store);
      await objects(store, objection(['urn:n|1']));
      const again = await start('image', { erased: async ({ source }) => void told.push(source) });
      expect(await there(again, ...everything, 'Consent/c')).toEqual(['Patient/b', 'Observation/ob', 'Organization/h1', 'Consent/c']);
      expect((await again.search(all, query('Observation'))).total).toBe(1);
      expect(await again.book('erasures')).toMatchObject([{ source: 'Consent/c', keys: 2 }]);
      expect(told).toEqual(['Consent/c']);
      await close();
      const third = await start('image', { erased: async ({ source }) => void told.push(source) });
      expect(await third.book('erasures')).toHaveLength(1);
      expect(told).toHaveLength(1);
    },
  );

  test('it cannot be told: the commit is answered, and it is told at the next start', async () => {
    const store = await start('live', {
      erased: async () => {
        throw new Error('the disk is full');
      },
    });
    await fill(store);
    await objects(store, objection(['urn:n|1']));
    expect(await there(store, 'Patient/a', 'Consent/c')).toEqual(['Consent/c']);
    await close();
    const told: string[] = [];
    const again = await start('live', { erased: async ({ source }) => void told.push(source) });
    expect(told).toEqual(['Consent/c']);
    expect(await again.book('erasures')).toHaveLength(1);
  });

  test('a Binary goes with what its securityContext names, whichever came first in the request', async () => {
    const store = await start();
    const binary = (id: string, reference: string) => ({
      resourceType: 'Binary',
      id,
      contentType: 'text/plain',
      securityContext: { reference },
    });
    await fill(store);
    await store.commit({
      writes: [write(binary('x', 'Observation/oa'), { sender: h1 }), write(binary('z', 'Observation/ob'), { sender: h1 })],
    });
    await store.commit({
      writes: [write(binary('y', 'Observation/new'), { sender: h1 }), write(observation('new', 'Patient/a', 'x'), { sender: h1 })],
    });
    await objects(store, objection(['urn:n|1']));
    expect(await there(store, 'Binary/x', 'Binary/y', 'Binary/z', 'Observation/ob')).toEqual(['Binary/z', 'Observation/ob']);
  });

  test('a Binary goes with what stands behind its securityContext, however many Binaries in between came in the same request', async () => {
    const store = await start();
    const binary = (id: string, reference: string) =>
      write({ resourceType: 'Binary', id, contentType: 'text/plain', securityContext: { reference } });
    await fill(store);
    await store.commit({ writes: [binary('first', 'Binary/second'), binary('second', 'Binary/third'), binary('third', 'Observation/oa')] });
    await store.commit({ writes: [binary('later', 'Binary/first')] });
    await store.commit({ writes: [binary('circle', 'Binary/circle2'), binary('circle2', 'Binary/circle')] });
    await objects(store, objection(['urn:n|1']));
    // A Binary whose guard is gone would be hidden all the same: the count tells that its key is gone.
    const [{ counts }] = (await store.book('erasures')) as [{ counts: { type: string; versions: number }[] }];
    expect(counts.filter(({ type }) => type === 'Binary').reduce((sum, { versions }) => sum + versions, 0)).toBe(4);
  });

  test('a commit that is refused erases nothing', async () => {
    const store = await start();
    await fill(store);
    const line = objection(['urn:n|1']);
    const refused = store.commit({ writes: [write(consent('c', 'Patient/a'), { expect: 4 })], lists: [line], erase: [line] });
    await expect(refused).rejects.toBeInstanceOf(Problem);
    await expect(store.commit({ writes: [], erase: [line] })).rejects.toThrow('not on record');
    expect(await there(store, ...everything)).toEqual(everything);
    expect(store.ready()).toBe(true);
  });

  test('commits that wait behind it find the line, and those before it go with the rest', async () => {
    const store = await start();
    await fill(store);
    const line = objection(['urn:n|1']);
    const judge = (lines: readonly ListEntry[]) => {
      if (lines.some(one => one.list === 'objection')) throw new Problem('business-rule');
    };
    const more = (id: string) =>
      store
        .commit({ writes: [write(observation(id, 'Patient/a', 'x'))], checks: [{ persons: ['Patient/a'], judge }] })
        .then(() => 'taken')
        .catch((error: Problem) => error.kind);
    const [before, , after] = await Promise.all([more('before'), objects(store, line), more('after')]);
    expect([before, after]).toEqual(['taken', 'business-rule']);
    expect(await there(store, 'Observation/before', 'Observation/after')).toEqual([]);
  });
});

describe('many at once', () => {
  test('two hundred persons object while their data come in: of none is anything left, and nothing comes in after its objection is answered', async () => {
    let store = await start();
    const judge = (lines: readonly ListEntry[]) => {
      if (lines.some(line => line.list === 'objection')) throw new Problem('business-rule');
    };
    const late: string[] = [];
    let taken = 0;
    const person = async (n: number): Promise<void> => {
      let answered = false;
      const key = `urn:n|${n}`;
      const send = async (i: number): Promise<void> => {
        const wasAnswered = answered;
        const writes = [write(patient(`p${n}`, number(String(n)))), write(observation(`o${n}-${i}`, `Patient/p${n}`, 'x'))];
        const outcome = await store.commit({ writes, checks: [{ persons: [key], judge }] }).then(
          () => 'taken',
          (error: Problem) => error.kind,
        );
        if (outcome === 'taken') taken++;
        if (wasAnswered && outcome !== 'business-rule') late.push(`${n}: ${outcome}`);
      };
      const sending = Promise.all(
        Array.from({ length: 12 }, (_, i) => new Promise(resolve => setTimeout(resolve, (n * i) % 40)).then(() => send(i))),
      );
      await new Promise(resolve => setTimeout(resolve, n % 23));
      if (n % 2 === 0) await objects(store, objection([key], { source: `Consent/c${n}` }));
      answered = n % 2 === 0;
      await sending;
    };
    await Promise.all(Array.from({ length: 400 }, (_, n) => person(n)));
    expect(late).toEqual([]);
    expect(taken).toBeGreaterThan(2400);
    for (const again of [false, true]) {
      if (again) {
        await close();
        store = await start();
      }
      const ids = await store.match(all, query('Patient'), 1000);
      expect(ids.map(id => Number(id.slice(1)) % 2)).toEqual(Array(200).fill(1));
      expect((await store.search(all, query('Observation', [], { count: 0 }))).total).toBe(200 * 12);
      expect((await store.book('erasures')).length).toBe(200);
    }
  }, 60_000);
});

describe('from whatever copy', () => {
  test('an older copy of the data with the keys of today shows nothing of the person, and still keeps his data out', async () => {
    let store = await start();
    await fill(store);
    await close();
    cpSync(path.join(root, 'live'), path.join(root, 'old'), { recursive: true });
    store = await start();
    await objects(store, objection(['urn:n|1']));
    await close();
    rmSync(path.join(root, 'old', 'keys'), { recursive: true });
    cpSync(path.join(root, 'live', 'keys'), path.join(root, 'old', 'keys'), { recursive: true });
    const old = await start('old');
    expect(await there(old, ...everything, 'Consent/c')).toEqual(['Patient/b', 'Observation/ob', 'Organization/h1']);
    for (const name of ['urn:n|1', 'Patient/a', 'Patient/a2'])
      expect(await old.lines([name])).toMatchObject([{ list: 'objection', from: 0 }]);
    expect(await old.lines(['urn:n|2'])).toEqual([]);
    expect(await old.receipt('all')).toBeUndefined();
  });

  test('what became of the line afterwards holds in the older copy too', async () => {
    let store = await start();
    await fill(store);
    await objects(store, objection(['urn:n|1']));
    await close();
    cpSync(path.join(root, 'live'), path.join(root, 'old'), { recursive: true });
    store = await start();
    const [line] = await store.lines(['Patient/a']);
    await store.commit({ writes: [], lists: [{ ...line!, until: 5 }] });
    await close();
    rmSync(path.join(root, 'old', 'keys'), { recursive: true });
    cpSync(path.join(root, 'live', 'keys'), path.join(root, 'old', 'keys'), { recursive: true });
    for (const name of ['old', 'live']) expect(await (await start(name)).lines(['urn:n|1'])).toMatchObject([{ until: 5 }]);
  });

  test('no file holds a person key, not even behind the keys that are left: lines and records have hashes', async () => {
    const store = await start();
    await fill(store);
    await objects(store, objection(['urn:n|1']));
    const [line] = await store.lines(['urn:n|1']);
    expect(line!.persons).toEqual(expect.arrayContaining(['Patient/a', 'Patient/a2', store.mark('urn:n|1')]));
    expect(JSON.stringify(line)).not.toContain('urn:n');
    expect(store.mark(store.mark('urn:n|1'))).toBe(store.mark('urn:n|1'));
    for (const name of readdirSync(root, { recursive: true }).map(String)) {
      const file = path.join(root, name);
      if (statSync(file).isFile()) expect(readFileSync(file).includes('urn:n')).toBe(false);
    }
  });
});

describe('what goes and what stays', () => {
  test('limited to a sender: what that one sent, whole; the person’s other data stay', async () => {
    const store = await start();
    await fill(store);
    await store.commit({ writes: [write(observation('mixed', 'Patient/a2', 'x'), { sender: h1 })] });
    await objects(store, objection(['urn:n|1'], { sender: h1 }));
    expect(await there(store, ...everything, 'Observation/mixed')).toEqual(everything.slice(2));
  });

  test('history and deletions go too; a resource that comes back is a first version', async () => {
    let store = await start();
    await fill(store);
    await store.commit({ writes: [write(observation('oa', 'Patient/a', 'y'), { sender: h1 })] });
    await store.commit({ writes: [{ type: 'Observation', id: 'oa', expect: 2, sender: h1 }] });
    await objects(store, objection(['Patient/a']));
    for (const again of [false, true]) {
      if (again) {
        await close();
        store = await start();
      }
      expect(await store.history(all, { type: 'Observation', id: 'oa' }, { count: 9 })).toBeUndefined();
      for (const whose of [{}, { type: 'Observation' }])
        expect((await store.history(all, whose, { count: 1000 }))!.versions.filter(({ id }) => id === 'oa' || id === '')).toEqual([]);
      expect(await store.version(all, 'Observation', 'oa', 1)).toBeUndefined();
      expect(await store.sender(all, 'Observation', 'oa')).toBeUndefined();
    }
    const { versions } = await store.commit({ writes: [write(observation('oa', 'Patient/b', 'z'), { sender: h2, expect: 'absent' })] });
    expect(versions[0]!.versionId).toBe(1);
    expect(await store.sender(all, 'Observation', 'oa')).toBe(h2);
  });

  test('a resource about several persons goes whole; the operator’s Group that names them by reference stays', async () => {
    const store = await start('live', { keeps: (sender, type) => type === 'Group' && sender === 'client/operator' });
    await fill(store);
    const group = (id: string, ...entities: object[]) => ({
      resourceType: 'Group' as const,
      id,
      type: 'person',
      actual: true,
      member: entities.map(entity => ({ entity })),
    });
    const [refA, refB] = [{ reference: 'Patient/a' }, { reference: 'Patient/b' }];
    await store.commit({
      writes: [
        write(group('sent', refA, refB), { sender: h1 }),
        write(group('kept', refA, refB), { sender: 'client/operator' }),
        write(group('alone', refA), { sender: 'client/operator' }),
        write(group('numbered', { identifier: { system: 'urn:n', value: '1' } }, refB), { sender: 'client/operator' }),
        write(group('others', refB), { sender: 'client/operator' }),
        write({ resourceType: 'List', id: 'list', entry: [{ item: refA }, { item: refB }] }, { sender: 'client/operator' }),
      ],
    });
    await objects(store, objection(['urn:n|1']));
    expect(await there(store, 'Group/sent', 'Group/kept', 'Group/alone', 'Group/numbered', 'Group/others', 'List/list')).toEqual([
      'Group/kept',
      'Group/alone',
      'Group/others',
    ]);
    expect(await there(store, 'Patient/b', 'Observation/ob')).toEqual(['Patient/b', 'Observation/ob']);
  });

  test('of a resource that was about somebody else first, those versions stay, and it does not come back to life', async () => {
    let store = await start();
    await fill(store);
    await store.commit({ writes: [write(observation('ob', 'Patient/a', 'y'), { sender: h1 })] });
    await objects(store, objection(['urn:n|1']));
    for (const again of [false, true]) {
      if (again) {
        await close();
        store = await start();
      }
      const { versions } = (await store.history(all, { type: 'Observation', id: 'ob' }, { count: 9 }))!;
      expect(versions.map(version => [version.versionId, version.deleted])).toEqual([
        [3, true],
        [1, false],
      ]);
      expect((await store.search(all, query('Observation'))).total).toBe(0);
    }
  });

  test('of a resource that is about somebody else now, the versions about the person go; numbers stay', async () => {
    let store = await start();
    await fill(store);
    await store.commit({ writes: [write(observation('oa', 'Patient/b', 'y'), { sender: h1 })] });
    await objects(store, objection(['urn:n|1']));
    await close();
    store = await start();
    expect((await store.history(all, { type: 'Observation', id: 'oa' }, { count: 9 }))!.versions.map(version => version.versionId)).toEqual(
      [2],
    );
    const { versions } = await store.commit({ writes: [write(observation('oa', 'Patient/b', 'z'), { sender: h1, expect: 2 })] });
    expect(versions[0]!.versionId).toBe(3);
  });

  test('what is said to be of the legal record stays', async () => {
    const store = await start();
    await fill(store);
    const receipt = { resourceType: 'DocumentReference' as const, status: 'current', subject: { reference: 'Patient/a' }, content: [] };
    await store.commit({ writes: [write({ ...receipt, id: 'r' }, { legal: true }), write({ ...receipt, id: 's' })] });
    await objects(store, objection(['urn:n|1']));
    expect(await there(store, 'DocumentReference/r', 'DocumentReference/s')).toEqual(['DocumentReference/r']);
    const own: Access = { ...all, reach: { '*': [{ patient: 'Patient/a' }] } };
    expect((await store.search(own, query('DocumentReference'))).total).toBe(1);
    expect((await store.search(own, query('Consent'))).total).toBe(1);
  });

  test('who is joined to the person in the same commit goes too', async () => {
    const store = await start();
    await store.commit({ writes: [write(patient('a', number('1')), { sender: h1 }), write(patient('z', number('9')), { sender: h2 })] });
    await objects(store, objection(['urn:n|1', 'urn:n|9']));
    expect(await there(store, 'Patient/a', 'Patient/z')).toEqual([]);
  });

  test('two lines in one commit that mean the same person: once each', async () => {
    const store = await start();
    await fill(store);
    const [one, two] = [objection(['urn:n|1']), objection(['Patient/a'], { source: 'Consent/d' })];
    await store.commit({
      writes: [write(consent('c', 'Patient/a')), write(consent('d', 'Patient/a'))],
      lists: [one, two],
      erase: [one, two],
    });
    expect(await there(store, ...everything, 'Consent/c', 'Consent/d')).toEqual([
      'Patient/b',
      'Observation/ob',
      'Organization/h1',
      'Consent/c',
      'Consent/d',
    ]);
    expect(await store.book('erasures')).toMatchObject([{ keys: 2 }, { keys: 0, counts: [] }]);
  });
});

test('a key that covers somebody else too is not destroyed: the line is taken, and it is told', async () => {
  const failed: unknown[] = [];
  const store = await start('live', { failed: error => void failed.push(error) });
  await fill(store);
  await close();
  // No commit can make such a key; here one block is put under another's key by hand.
  const keyring = openKeyring({ directory: path.join(root, 'live', 'keys'), master: Buffer.alloc(32, 7) });
  const db = new DatabaseSync(path.join(root, 'live', 'store', 'noren.db'));
  const rows = db.prepare('SELECT number, key, idx, body FROM block WHERE idx IS NOT NULL ORDER BY number').all();
  const idOf = (row: Record<string, unknown>) => Number(row['key']);
  const bytes = (value: unknown) => Buffer.from(value as Uint8Array);
  const holds = (row: Record<string, unknown>, id: string) =>
    openIndex(Number(row['number']), keyring.key(idOf(row))!, bytes(row['idx'])).some(([record]) => record.id === id);
  const [his, theirs] = ['oa', 'ob'].map(id => rows.find(row => holds(row, id))!) as [Record<string, unknown>, Record<string, unknown>];
  const number = Number(theirs['number']);
  const [from, to] = [keyring.key(idOf(theirs))!, keyring.key(idOf(his))!];
  const entries = openIndex(number, from, bytes(theirs['idx']));
  const body = openBody(number, from, bytes(theirs['body']));
  db.prepare('UPDATE block SET key = ?, idx = ?, body = ? WHERE number = ?').run(
    idOf(his),
    sealIndex(number, to, entries),
    sealBody(number, to, [body]),
    number,
  );
  db.close();
  keyring.close();

  const again = await start('live', { failed: error => void failed.push(error) });
  await objects(again, objection(['urn:n|1']));
  expect(String(failed[0])).toContain('covers');
  expect(failed).toHaveLength(1);
  expect(await there(again, 'Patient/b', 'Observation/ob', 'Consent/c')).toEqual(['Patient/b', 'Observation/ob', 'Consent/c']);
  expect(await again.lines(['urn:n|1'])).toHaveLength(1);
  expect(await again.book('erasures')).toEqual([]);
  expect(again.ready()).toBe(true);
});

describe('nothing leads back', () => {
  test('a page of an open cursor has nobody who was erased since', async () => {
    const store = await start();
    await fill(store);
    const asked = [[], [{ code: '_id', type: 'id', descending: true } as const]].map(sort => query('Observation', [], { count: 1, sort }));
    const pages = await Promise.all(asked.map(one => store.search(all, one)));
    await objects(store, objection(['urn:n|1']));
    for (const [i, page] of pages.entries()) {
      const rest = await store.search(all, { ...asked[i]!, count: 50 }, page.next!);
      expect([...page.matches, ...rest.matches].map(version => version.id)).toEqual([['oa', 'ob'], ['ob']][i]);
      expect(rest.total).toBe(1);
    }
  });

  test('a set of persons counted before has nothing to read of him', async () => {
    const store = await start();
    await fill(store);
    const set = await store.persons(all, query('Patient'));
    const moment = await store.moment();
    const note = (since: number) => store.commit({ writes: [], unchanged: { moment: since, list: 'objection', persons: set } });
    await note(moment);
    await objects(store, objection(['urn:n|1']));
    const records: string[] = [];
    for await (const person of store.each(all, set)) records.push(...person.records);
    expect(records).toEqual(['Patient/b']);
    await expect(note(moment)).rejects.toThrow(Stale);
    await note(await store.moment());
  });

  test('a receipt of which a part is gone answers no more', async () => {
    let store = await start();
    await fill(store);
    await store.commit({ writes: [write(observation('ob2', 'Patient/b', 'x'))], receipt: { key: 'b', shape: 's' } });
    await objects(store, objection(['urn:n|1']));
    expect([await store.receipt('all'), (await store.receipt('b'))?.versions.length]).toEqual([undefined, 1]);
    await close();
    store = await start();
    expect([await store.receipt('all'), (await store.receipt('b'))?.versions.length]).toEqual([undefined, 1]);
  });

  test('numbers of versions are not given twice: an old cursor means after a start what it meant before', async () => {
    let store = await start();
    await fill(store);
    await store.commit({ writes: ['1', '2', '3'].map(id => write(observation(`late${id}`, 'Patient/a', 'x'), { sender: h1 })) });
    const snapshot = async () => (await store.search(all, query('Observation', [], { count: 1 }))).next!.snapshot;
    const before = await snapshot();
    await objects(store, objection(['urn:n|1']));
    await close();
    store = await start();
    await store.commit({ writes: [write(observation('fresh', 'Patient/b', 'x'))] });
    expect(await snapshot()).toBeGreaterThan(before + 1);
    const page = await store.search(all, query('Observation'), { snapshot: before, after: [0] });
    expect(page.matches.map(version => version.id)).toEqual(['ob']);
  });

  test('every block of his under its key is gone from reach; the keys of others are whole', async () => {
    const store = await start();
    await fill(store);
    await close();
    const keysOf = (name: string) => {
      const db = new DatabaseSync(path.join(root, name, 'keys', 'keys.db'), { readOnly: true });
      const rows = db.prepare('SELECT id, owner, wrapped FROM data_key WHERE id > 0').all();
      db.close();
      return rows as { id: number; owner: Uint8Array | null; wrapped: Uint8Array | null }[];
    };
    const before = keysOf('live');
    await objects(await start(), objection(['urn:n|1']));
    await close();
    const after = keysOf('live');
    expect(after.filter(row => row.wrapped === null)).toHaveLength(2);
    expect(after.filter(row => row.wrapped === null && row.owner !== null)).toEqual([]);
    for (const row of before) {
      const now = after.find(one => one.id === row.id)!;
      if (now.wrapped !== null) expect(now).toEqual(row);
    }
  });
});
