/**
 * A MongoDB for tests: the one that MONGODB_URI names. Each database has a fresh name and is dropped afterwards.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from '@jest/globals';
import { type Binary, MongoClient } from 'mongodb';
import { type Entry, openBody, openIndex, sealIndex } from '../../../../src/fhir/store/block.ts';
import type { IndexRecord } from '../../../../src/fhir/store/index/state.ts';
import type { SharedKept } from '../../../../src/fhir/store/kept.ts';
import { openSharedKeyring, type SharedKeyring } from '../../../../src/fhir/store/keys/shared.ts';
import { type Collections, type LogEntry, openCollections } from '../../../../src/fhir/store/mongodb/collections.ts';
import { connect } from '../../../../src/fhir/store/mongodb/connection.ts';
import { openSharedKept } from '../../../../src/fhir/store/mongodb/kept.ts';
import { blockName, indexPlace } from '../../../../src/fhir/store/mongodb/replica.ts';
import { type MongoStoreOptions, openMongoStore } from '../../../../src/fhir/store/mongodb/store.ts';
import type { Store } from '../../../../src/fhir/store/store.ts';
import type { Opened } from '../contract.ts';

export const server = process.env['MONGODB_URI'];

/** `describe` of what needs a MongoDB; says when there is none. */
export const withMongo: (name: string, body: () => void) => void =
  server === undefined
    ? name => describe(name, () => test.skip('MONGODB_URI names no MongoDB', () => {}))
    : (name, body) => describe(name, body);

/** URI of a database that is not there yet. */
export function freshUri(): string {
  const url = new URL(server!);
  url.pathname = `/noren_test_${randomBytes(6).toString('hex')}`;
  return url.href;
}

export async function dropDatabase(uri: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  const name = client.db().databaseName;
  for (const one of [name, `${name}_keys`]) await client.db(one).dropDatabase();
  await client.close();
}

/** All documents of a collection, as they lie there. */
export async function documents(uri: string, collection: string): Promise<Record<string, unknown>[]> {
  const client = await MongoClient.connect(uri);
  const found = await client.db().collection(collection).find({}).toArray();
  await client.close();
  return found;
}

export type Shared = Pick<Opened, 'store'> & { readonly close: () => Promise<void> };

/** One process's view of a database. */
export async function openShared(uri: string, more: Partial<MongoStoreOptions> = {}): Promise<Shared> {
  const connection = await connect(uri);
  const keyring = await openSharedKeyring(connection.beside('keys'), Buffer.alloc(32, 7));
  const opening = openMongoStore({ connection, keyring, baseUrl: 'http://noren.test/fhir', timeZone: 'Asia/Tokyo', ...more });
  const store = await opening.catch(async error => {
    await connection.close();
    throw error;
  });
  return {
    store,
    async close() {
      await store.close();
      await connection.close();
    },
  };
}

/** For the tests of a block: a database of its own for each, and processes over it. */
export function processes() {
  let uri: string;
  let open: Shared[];
  beforeEach(() => {
    uri = freshUri();
    open = [];
  });
  afterEach(async () => {
    for (const one of open) await one.close();
    await dropDatabase(uri);
  });
  return {
    get uri() {
      return uri;
    },
    start: async (more: Partial<MongoStoreOptions> = {}): Promise<Store> => {
      const one = await openShared(uri, more);
      open.push(one);
      return one.store;
    },
  };
}

interface Run {
  readonly entry: LogEntry;
  /** Number in the entry. */
  readonly at: number;
  readonly entries: readonly Entry[];
}

/** All runs of the log that open. */
async function withRuns<T>(uri: string, work: (run: Run, collections: Collections, keyring: SharedKeyring) => Promise<T>): Promise<T[]> {
  const connection = await connect(uri);
  const keyring = await openSharedKeyring(connection.beside('keys'), Buffer.alloc(32, 7));
  const collections = openCollections(connection);
  const done: T[] = [];
  for (let number = 0; ; ) {
    const { entries, more } = await collections.after(number);
    for (const entry of entries) {
      number = entry.number;
      await keyring.learn(entry.runs.map(({ key }) => key));
      for (const [at, { key: id, index }] of entry.runs.entries()) {
        const key = keyring.key(id);
        if (key) done.push(await work({ entry, at, entries: openIndex(indexPlace(entry, at), key, index) }, collections, keyring));
      }
    }
    if (!more) break;
  }
  await connection.close();
  return done;
}

/** Puts other index records in the place of those of a database. */
export const rewriteRecords = (uri: string, change: (record: IndexRecord) => IndexRecord) =>
  withRuns(uri, ({ entry, at, entries }, collections, keyring) => {
    const changed = entries.map(([record, ...where]) => [change(record), ...where] as const);
    const sealed = sealIndex(indexPlace(entry, at), keyring.key(entry.runs[at]!.key)!, changed);
    return collections.reindex(entry, new Map([[at, sealed]]));
  });

/** The index records as they lie in a database. */
export const readRecords = async (uri: string): Promise<IndexRecord[]> =>
  (await withRuns(uri, async ({ entries }) => entries.map(([record]) => record))).flat();

/** What one process remembers together with others, and how its connection ends. */
export async function openKept(uri: string, now: () => number): Promise<readonly [SharedKept, close: () => Promise<void>]> {
  const connection = await connect(uri);
  const keyring = await openSharedKeyring(connection.beside('keys'), Buffer.alloc(32, 7));
  const kept = await openSharedKept({ connection, keyring, secret: keyring.secret('kept'), now });
  return [
    kept,
    async () => {
      await kept.close();
      await connection.close();
    },
  ];
}

export async function openMongo(): Promise<Opened> {
  const uri = freshUri();
  let opened = await openShared(uri);
  return {
    store: opened.store,
    async reopen() {
      await opened.close();
      opened = await openShared(uri);
      return opened.store;
    },
    async rewrite(change) {
      await opened.close();
      await rewriteRecords(uri, change);
      opened = await openShared(uri);
      return opened.store;
    },
    async readable() {
      const bodies = new Map((await documents(uri, 'blocks')).map(one => [one['_id'] as string, (one['body'] as Binary).buffer]));
      const texts = await withRuns(uri, async ({ entry: { commit, runs }, at, entries }, _, keyring) => {
        const names = Array.from({ length: runs[at]!.blocks }, (_, i) =>
          blockName(
            commit,
            runs.slice(0, at).reduce((sum, { blocks }) => sum + blocks, i),
          ),
        );
        const read = names.flatMap(name => {
          const body = bodies.get(name);
          return body ? openBody(name, keyring.key(runs[at]!.key)!, Buffer.from(body)).toString() : [];
        });
        return [...(entries.length > 0 ? [JSON.stringify(entries)] : []), ...read].join('\n');
      });
      return texts.filter(text => text !== '').join('\n');
    },
    async records() {
      return await readRecords(uri);
    },
    async remove() {
      await opened.close();
      await dropDatabase(uri);
    },
  };
}
