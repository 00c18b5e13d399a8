// docs/encryption.md, docs/operation/purge.md: what is purged is in no answer, no index and no file, and nothing beside it is touched
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { asServer } from '../../../src/fhir/model/access.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { Predicate } from '../../../src/fhir/search/query.ts';
import { openBody, openIndex } from '../../../src/fhir/store/block.ts';
import { type Keyring, openKeyring } from '../../../src/fhir/store/keys/keyring.ts';
import { openFiles } from '../../../src/fhir/store/sqlite/files.ts';
import { openSqliteStore } from '../../../src/fhir/store/sqlite/store.ts';
import type { Forget, ListEntry, Store } from '../../../src/fhir/store/store.ts';
import { observation, patient, query, write } from './contract.ts';

const all = asServer('purge');
let root: string;
let store: Store;
let keyring: Keyring;
const open = async (): Promise<void> => {
  keyring = openKeyring({ directory: path.join(root, 'keys'), master: Buffer.alloc(32, 7) });
  store = await openSqliteStore({
    directory: path.join(root, 'store'),
    keyring,
    baseUrl: 'http://noren.test/fhir',
    timeZone: 'Asia/Tokyo',
    synchronous: 'normal',
  });
};
const close = async (): Promise<void> => {
  await store.close();
  keyring.close();
};
const reopen = async (): Promise<void> => {
  await close();
  await open();
};
beforeEach(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'noren-forget-'));
  await open();
});
afterEach(async () => {
  await close();
  rmSync(root, { recursive: true, force: true });
});

const forget = (...wanted: Forget[]) => store.commit({ writes: [], forget: wanted });
const kindOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'taken',
    error => (error instanceof Problem ? error.kind : error),
  );
const code = (value: string): Predicate => ({ kind: 'token', code: 'code', values: [{ code: value }], not: false });
const found = async (value: string) => (await store.search(all, query('Observation', [code(value)]))).matches.map(({ id }) => id).sort();
const versions = async (type: string, id: string) =>
  (await store.history(all, { type, id }, { count: 100 }))?.versions.map(({ versionId, deleted, bytes }) => [
    versionId,
    deleted ? 'deleted' : (JSON.parse(bytes.toString()) as { note?: { text: string }[] }).note?.[0]?.text,
  ]);
const note = (text: string) => ({ note: [{ text }] });
/** Everything that the keys still open in the database, as text. */
function readable(): string {
  const files = openFiles(path.join(root, 'store'), 'normal');
  const texts: string[] = [];
  for (const { number, key: id, index } of files.blocks()) {
    const key = keyring.key(id);
    if (!key) continue;
    const entries = openIndex(number, key, index);
    texts.push(JSON.stringify(entries));
    for (let at = 0; at <= Math.max(0, ...entries.map(entry => entry[2])); at++)
      texts.push(openBody(number + at, key, files.body(number + at)!.body).toString());
  }
  files.close();
  return texts.join('\n');
}

beforeEach(async () => {
  for (const text of ['first', 'second', 'third'])
    await store.commit({
      writes: [
        write(observation('o', 'Patient/a', 'x', note(`gone-${text}`))),
        write(observation('beside', 'Patient/a', 'x', note(`kept-${text}`))),
      ],
      receipt: { key: `receipt-${text}`, shape: 's' },
    });
});

test('all: no read, history, search or receipt knows of it, also after a start; what lay in the same block is as it was', async () => {
  await forget({ type: 'Observation', id: 'o', what: 'all' });
  for (let twice = 0; twice < 2; twice++) {
    expect([await store.read(all, 'Observation', 'o'), await versions('Observation', 'o')]).toEqual([undefined, undefined]);
    expect(await found('x')).toEqual(['beside']);
    expect(await versions('Observation', 'beside')).toEqual([
      [3, 'kept-third'],
      [2, 'kept-second'],
      [1, 'kept-first'],
    ]);
    expect(await store.receipt('receipt-first')).toBeUndefined();
    await reopen();
  }
  const { versions: made } = await store.commit({ writes: [write(observation('o', 'Patient/a', 'y'))] });
  expect(made[0]!.versionId).toBe(1);
  expect(await found('y')).toEqual(['o']);
});

test('all: nothing of it can be opened in the files, and its blocks of before stand nowhere in them', async () => {
  const files = () => readdirSync(path.join(root, 'store')).map(name => readFileSync(path.join(root, 'store', name)));
  const before = openFiles(path.join(root, 'store'), 'normal');
  const old = [...before.blocks()].map(({ number }) => Buffer.from(before.body(number)!.body));
  before.close();
  expect(readable()).toContain('gone-first');
  await forget({ type: 'Observation', id: 'o', what: 'all' });
  expect(readable()).not.toContain('gone-');
  expect(readable()).toContain('kept-first');
  await close();
  for (const bytes of files()) for (const body of old) expect(bytes.includes(body.subarray(0, 64))).toBe(false);
  await open();
});

test('history: the current version stays, with its number; the next one counts on', async () => {
  await forget({ type: 'Observation', id: 'o', what: 'history' });
  await reopen();
  expect(await versions('Observation', 'o')).toEqual([[3, 'gone-third']]);
  expect(readable()).not.toMatch(/gone-(first|second)/);
  await store.commit({ writes: [write(observation('o', 'Patient/a', 'x', note('fourth')))] });
  expect((await versions('Observation', 'o'))![0]).toEqual([4, 'fourth']);
});

test('version: one that is not current', async () => {
  await forget({ type: 'Observation', id: 'o', what: 'version', versionId: 2 });
  for (let twice = 0; twice < 2; twice++) {
    expect(await versions('Observation', 'o')).toEqual([
      [3, 'gone-third'],
      [1, 'gone-first'],
    ]);
    expect(await store.version(all, 'Observation', 'o', 2)).toBeUndefined();
    await reopen();
  }
  expect(await kindOf(forget({ type: 'Observation', id: 'o', what: 'version', versionId: 3 }))).toBe('conflict');
  expect(await kindOf(forget({ type: 'Observation', id: 'o', what: 'version', versionId: 2 }))).toBe('not-found');
  expect(await kindOf(forget({ type: 'Observation', id: 'never', what: 'all' }))).toBe('not-found');
});

test('what was deleted is purged with its deletion; its id is free', async () => {
  await store.commit({ writes: [{ type: 'Observation', id: 'o', expect: 3, sender: 'client/test' }] });
  await forget({ type: 'Observation', id: 'o', what: 'all' });
  await reopen();
  expect(await store.read(all, 'Observation', 'o')).toBeUndefined();
});

test('a key under which nothing lies any more is destroyed: an older copy of the files shows nothing either', async () => {
  await forget({ type: 'Observation', id: 'o', what: 'all' }, { type: 'Observation', id: 'beside', what: 'all' });
  const files = openFiles(path.join(root, 'store'), 'normal');
  expect([...files.blocks()].map(({ key }) => keyring.key(key))).toEqual([undefined, undefined, undefined]);
  files.close();
  await reopen();
  await store.commit({ writes: [write(observation('new', 'Patient/a', 'x'))] });
  await reopen();
  expect(await found('x')).toEqual(['new']);
});

test('no number of a version is given twice, though the last one was purged', async () => {
  const { versions: made } = await store.commit({ writes: [write(observation('last', 'Patient/a', 'x'))] });
  await forget({ type: 'Observation', id: 'last', what: 'all' });
  await reopen();
  const next = await store.commit({ writes: [write(observation('next', 'Patient/a', 'x'))], receipt: { key: 'r', shape: 's' } });
  expect(next.versions[0]!.lastUpdated).toBeGreaterThanOrEqual(made[0]!.lastUpdated);
  await reopen();
  expect((await store.receipt('r'))!.versions.map(({ id }) => id)).toEqual(['next']);
});

test('blocks that hold many: what stays lies where it is looked for', async () => {
  const many = Array.from({ length: 60 }, (_, i) => write(observation(`m${i}`, 'Patient/b', 'm', note(`${i}-${'x'.repeat(900)}`))));
  await store.commit({ writes: many });
  const wanted = [0, 7, 20, 21, 59].map((i): Forget => ({ type: 'Observation', id: `m${i}`, what: 'all' }));
  await forget(...wanted);
  for (let twice = 0; twice < 2; twice++) {
    expect((await found('m')).length).toBe(50);
    for (const i of [1, 6, 8, 19, 22, 58]) expect((await versions('Observation', `m${i}`))![0]![1]).toBe(`${i}-${'x'.repeat(900)}`);
    await reopen();
  }
});

test('the legal record is kept, and nothing else of the commit is done', async () => {
  const consent = { resourceType: 'Consent', id: 'c', patient: { reference: 'Patient/a' } };
  await store.commit({ writes: [write(consent)] });
  expect(await kindOf(forget({ type: 'Observation', id: 'o', what: 'all' }, { type: 'Consent', id: 'c', what: 'all' }))).toBe(
    'business-rule',
  );
  expect(await versions('Observation', 'o')).toHaveLength(3);
});

test('an objection keeps meaning everybody whom a purged record joined, after a start too', async () => {
  const numbers = (...values: string[]) => ({ identifier: values.map(value => ({ system: 'urn:n', value })) });
  const line: ListEntry = { list: 'objection', source: 'Consent/c', persons: ['Patient/p1'], from: 0 };
  await store.commit({
    writes: [
      write(patient('p1', numbers('1'))),
      write(patient('joins', numbers('1', '2'))),
      write(patient('p2', numbers('2'))),
      write(observation('of-p2', 'Patient/p2', 'x')),
    ],
    lists: [line],
  });
  const left = { ...all, without: ['objection'] };
  expect(await store.read(left, 'Observation', 'of-p2')).toBeUndefined();
  await forget({ type: 'Patient', id: 'joins', what: 'all' });
  await reopen();
  expect(await store.read(all, 'Observation', 'of-p2')).toBeDefined();
  expect(await store.read(left, 'Observation', 'of-p2')).toBeUndefined();
});
