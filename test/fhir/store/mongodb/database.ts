/**
 * A MongoDB for tests: the one that MONGODB_URI names. Each database has a fresh name and is dropped afterwards.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { describe, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { SharedKept } from '../../../../src/fhir/store/kept.ts';
import { openSharedKeyring } from '../../../../src/fhir/store/keys/shared.ts';
import { connect } from '../../../../src/fhir/store/mongodb/connection.ts';
import { openSharedKept } from '../../../../src/fhir/store/mongodb/kept.ts';
import { type MongoStoreOptions, openMongoStore } from '../../../../src/fhir/store/mongodb/store.ts';
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
  const store = await openMongoStore({ connection, keyring, baseUrl: 'http://noren.test/fhir', timeZone: 'Asia/Tokyo', ...more });
  return {
    store,
    async close() {
      await store.close();
      await connection.close();
    },
  };
}

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
    async remove() {
      await opened.close();
      await dropDatabase(uri);
    },
  };
}
