/**
 * Data keys: two for each patient (care data, legal record), wrapped by a master key that stands elsewhere, in a database of their own.
 * A destroyed key makes what it encrypted unreadable for good, in every copy of the data; so keys are never part of a backup of the data.
 * @module
 */
import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decrypt, encrypt } from './cipher.ts';

/** care: what treats the patient · legal: objections, notices, receipts · shared: one resource about several persons · common: about nobody. */
export type KeyKind = 'care' | 'legal' | 'shared' | 'common';

export interface DataKey {
  readonly id: number;
  readonly key: Buffer;
}

export interface Keyring {
  /** The key of this kind for an owner (`Patient/<id>`, a resource, `` for the common one); made if there is none. Kept for good by the next `save`. */
  keyFor(kind: KeyKind, owner: string): DataKey;
  /** Writes keys made since the last save; must come before the data that they encrypt. */
  save(): void;
  /** Undefined: destroyed, or never was. */
  key(id: number): Buffer | undefined;
  /** Destroys the key of an owner for good: true if there was one. */
  destroy(kind: KeyKind, owner: string): boolean;
  /** A secret of 32 bytes for one purpose, the same as long as this keyring lives. */
  secret(purpose: string): Buffer;
  /** Wraps every key anew under another master key, in one transaction. */
  rotate(master: Buffer): void;
  close(): void;
}

const derive = (from: Buffer, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', from, 'noren', purpose, 32));
const rootId = 0;
const cachedKeys = 20_000;

/**
 * @param directory made with mode 0700 if it is not there
 * @param master 32 bytes
 * @throws Error when the master key is not the one that wrapped these keys
 */
export function openKeyring({ directory, master }: { directory: string; master: Buffer }): Keyring {
  if (master.length !== 32) throw new Error('The master key must have 32 bytes.');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(path.join(directory, 'keys.db'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
  db.exec('CREATE TABLE IF NOT EXISTS data_key (id INTEGER PRIMARY KEY, owner BLOB UNIQUE, wrapped BLOB)');
  const byOwner = db.prepare('SELECT id, wrapped FROM data_key WHERE owner = ?');
  const byId = db.prepare('SELECT wrapped FROM data_key WHERE id = ?');
  const insert = db.prepare('INSERT INTO data_key (id, owner, wrapped) VALUES (?, ?, ?)');
  const erase = db.prepare('UPDATE data_key SET wrapped = NULL WHERE id = ?');

  let wrapping = derive(master, 'wrap');
  const wrap = (id: number, key: Buffer): Buffer => encrypt(wrapping, key, `key ${id}`);
  const unwrap = (id: number, wrapped: Uint8Array): Buffer => decrypt(wrapping, Buffer.from(wrapped), `key ${id}`);

  const rootRow = byId.get(rootId);
  const root = rootRow === undefined ? randomBytes(32) : unwrapRoot(rootRow['wrapped'] as Uint8Array);
  if (rootRow === undefined) insert.run(rootId, null, wrap(rootId, root));

  function unwrapRoot(wrapped: Uint8Array): Buffer {
    try {
      return unwrap(rootId, wrapped);
    } catch {
      throw new Error('The master key does not open this key store.');
    }
  }

  let next = Number(db.prepare('SELECT max(id) AS last FROM data_key').get()!['last']) + 1;
  const ownerKey = derive(root, 'owner');
  const nameOf = (kind: KeyKind, owner: string): Buffer =>
    createHmac('sha256', ownerKey).update(`${kind} ${owner}`).digest().subarray(0, 16);

  const unwrapped = new Map<number, Buffer>();
  const owned = new Map<string, DataKey>();
  let unsaved: { id: number; owner: Buffer; wrapped: Buffer }[] = [];
  const keep = <K, V>(cache: Map<K, V>, key: K, value: V): V => {
    if (cache.size >= cachedKeys) cache.delete(cache.keys().next().value as K);
    cache.set(key, value);
    return value;
  };

  const keyring: Keyring = {
    keyFor(kind, owner) {
      const label = `${kind} ${owner}`;
      const cached = owned.get(label);
      if (cached) return cached;
      const name = nameOf(kind, owner);
      const row = byOwner.get(name);
      if (row !== undefined) {
        if (row['wrapped'] === null) throw new Error('The key of this owner was destroyed.');
        const id = Number(row['id']);
        return keep(owned, label, { id, key: unwrap(id, row['wrapped'] as Uint8Array) });
      }
      const made = { id: next++, key: randomBytes(32) };
      unsaved.push({ id: made.id, owner: name, wrapped: wrap(made.id, made.key) });
      keep(unwrapped, made.id, made.key);
      // An unsaved key must not fall out of the cache, or its owner would get a second one.
      if (owned.size >= cachedKeys) keyring.save();
      return keep(owned, label, made);
    },
    save() {
      if (unsaved.length === 0) return;
      db.exec('BEGIN');
      for (const one of unsaved) insert.run(one.id, one.owner, one.wrapped);
      db.exec('COMMIT');
      unsaved = [];
    },
    key(id) {
      const cached = unwrapped.get(id);
      if (cached) return cached;
      const wrapped = byId.get(id)?.['wrapped'] as Uint8Array | null | undefined;
      return wrapped == null ? undefined : keep(unwrapped, id, unwrap(id, wrapped));
    },
    destroy(kind, owner) {
      keyring.save();
      const row = byOwner.get(nameOf(kind, owner));
      if (row === undefined || row['wrapped'] === null) return false;
      erase.run(row['id'] as number);
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      owned.delete(`${kind} ${owner}`);
      unwrapped.delete(Number(row['id']));
      return true;
    },
    secret: purpose => derive(root, `secret ${purpose}`),
    rotate(newMaster) {
      if (newMaster.length !== 32) throw new Error('The master key must have 32 bytes.');
      keyring.save();
      const rows = db.prepare('SELECT id, wrapped FROM data_key WHERE wrapped IS NOT NULL').all();
      const old = wrapping;
      const update = db.prepare('UPDATE data_key SET wrapped = ? WHERE id = ?');
      const fresh = derive(newMaster, 'wrap');
      db.exec('BEGIN');
      for (const row of rows) {
        const id = Number(row['id']);
        const key = decrypt(old, Buffer.from(row['wrapped'] as Uint8Array), `key ${id}`);
        update.run(encrypt(fresh, key, `key ${id}`), id);
      }
      db.exec('COMMIT');
      wrapping = fresh;
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close: () => {
      keyring.save();
      db.close();
    },
  };
  return keyring;
}
