/**
 * Data keys, each of one owner and kind, wrapped by a master key that stands elsewhere, in a database of their own; and tombstones, which must outlast every copy of the data.
 * A destroyed key makes what it encrypted unreadable for good, in every copy of the data; so keys are never part of a backup of the data.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decrypt, encrypt } from './cipher.ts';
import { derive, type KeyKind, secretsOf, type Tombstone } from './secrets.ts';

/** Whose key it is; the owner is an unambiguous text, `` for the common one. */
export interface KeyOwner {
  readonly kind: KeyKind;
  readonly owner: string;
}

export interface DataKey {
  readonly id: number;
  readonly key: Buffer;
}

export interface Keyring {
  /** The key of this kind for an owner (an unambiguous text; `` for the common one); made if there is none, also after one was destroyed. Kept for good by the next `save`. */
  keyFor(kind: KeyKind, owner: string): DataKey;
  /** Writes keys made since the last save; must come before the data that they encrypt. */
  save(): void;
  /** Undefined: destroyed, or never was. */
  key(id: number): Buffer | undefined;
  /**
   * Destroys keys for good and lays down a tombstone (if there is one), in one transaction, on the disk when it returns. Their owners may have fresh keys from then on; numbers do not come again.
   * Keys that are gone already are passed over.
   */
  destroy(ids: readonly number[], tombstone?: Tombstone): void;
  tombstones(): readonly Tombstone[];
  /** A secret of 32 bytes for one purpose, the same as long as this keyring lives. */
  secret(purpose: string): Buffer;
  /** Wraps every key anew under another master key, in one transaction. */
  rotate(master: Buffer): void;
  close(): void;
}

export const keyFile = 'keys.db';
/** Stands among the data keys: the root of all secrets. */
export const rootId = 0;
export const keyTables = `
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
    CREATE TABLE IF NOT EXISTS data_key (id INTEGER PRIMARY KEY, owner BLOB UNIQUE, wrapped BLOB);
    CREATE TABLE IF NOT EXISTS tombstone (name BLOB PRIMARY KEY, body BLOB NOT NULL)`;
const cachedKeys = 20_000;

/**
 * @param directory made with mode 0700 if it is not there
 * @param master 32 bytes
 * @throws Error when the master key is not the one that wrapped these keys
 */
export function openKeyring({ directory, master }: { directory: string; master: Buffer }): Keyring {
  if (master.length !== 32) throw new Error('The master key must have 32 bytes.');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Others only read, and not for long.
  const db = new DatabaseSync(path.join(directory, keyFile), { timeout: 5000 });
  db.exec(keyTables);
  const byOwner = db.prepare('SELECT id, wrapped FROM data_key WHERE owner = ? AND wrapped IS NOT NULL');
  const byId = db.prepare('SELECT wrapped FROM data_key WHERE id = ?');
  const insert = db.prepare('INSERT INTO data_key (id, owner, wrapped) VALUES (?, ?, ?)');
  const erase = db.prepare('UPDATE data_key SET owner = NULL, wrapped = NULL WHERE id = ?');
  const bury = db.prepare('INSERT INTO tombstone (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body');

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
  const { nameOf, sealStone, openStone, secret } = secretsOf(root);

  const unwrapped = new Map<number, Buffer>();
  const owned = new Map<string, DataKey>();
  let unsaved: { id: number; owner: Buffer; wrapped: Buffer }[] = [];
  const keep = <K, V>(cache: Map<K, V>, key: K, value: V): V => {
    if (cache.size >= cachedKeys) cache.delete(cache.keys().next().value as K);
    cache.set(key, value);
    return value;
  };
  /** In the main file, and nowhere else: what the log beside it held of the pages before is gone. False: another program reads it just now. */
  const settled = (): boolean => Number(db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()!['busy']) === 0;
  const settle = (): void => {
    if (!settled()) throw new Error('The key store is in use by another program.');
  };
  // What was destroyed before a crash may stand in the log still.
  settled();

  const keyring: Keyring = {
    keyFor(kind, owner) {
      const name = nameOf(kind, owner);
      const label = name.toString('latin1');
      const cached = owned.get(label);
      if (cached) return cached;
      const row = byOwner.get(name);
      if (row !== undefined) {
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
    destroy(ids, tombstone) {
      if (ids.includes(rootId)) throw new Error('the root of all secrets is nobody’s key');
      keyring.save();
      db.exec('BEGIN IMMEDIATE');
      try {
        for (const id of ids) erase.run(id);
        if (tombstone) bury.run(nameOf('tombstone', tombstone.name), sealStone(tombstone));
        db.exec('COMMIT');
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
      settle();
      const gone = new Set(ids);
      for (const [label, { id, key }] of owned) {
        if (!gone.has(id)) continue;
        key.fill(0);
        owned.delete(label);
      }
      for (const id of gone) {
        unwrapped.get(id)?.fill(0);
        unwrapped.delete(id);
      }
    },
    tombstones: () =>
      db
        .prepare('SELECT body FROM tombstone')
        .all()
        .map(row => openStone(row['body'] as Uint8Array)),
    secret,
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
      settle();
    },
    close: () => {
      keyring.save();
      db.close();
    },
  };
  return keyring;
}
