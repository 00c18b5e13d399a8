/**
 * The key store in a file, as it is carried: keys out of their wrapping and into another. The numbers of destroyed keys stay behind.
 * @module
 */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decrypt, encrypt } from '../keys/cipher.ts';
import { keyFile, keyTables, rootId } from '../keys/keyring.ts';
import { secretsOf, type Tombstone } from '../keys/secrets.ts';
import { mergedStones, type SideKeys, wrappingOf } from './side.ts';

/** Keys told at once. */
const batch = 1000;

/** @param directory nothing is made in it before `begin` */
export function keysInFile(directory: string, master: Buffer): SideKeys {
  const file = path.join(directory, keyFile);
  const wrapping = wrappingOf(master);
  const opened = (): DatabaseSync => {
    const made = new DatabaseSync(file, { timeout: 5000 });
    made.exec(keyTables);
    return made;
  };
  let db = existsSync(file) ? opened() : undefined;
  const there = (): DatabaseSync => {
    if (!db) throw new Error('There are no keys.');
    return db;
  };
  const unwrap = (id: number, wrapped: unknown): Buffer => decrypt(wrapping, Buffer.from(wrapped as Uint8Array), `key ${id}`);
  const wrap = (id: number, key: Buffer): Buffer => encrypt(wrapping, key, `key ${id}`);
  const rootHere = (): Buffer | undefined => {
    const row = db?.prepare('SELECT wrapped FROM data_key WHERE id = ?').get(rootId);
    if (!row) return undefined;
    try {
      return unwrap(rootId, row['wrapped']);
    } catch {
      throw new Error('The master key does not open this key store.');
    }
  };
  const transaction = (work: () => void): void => {
    there().exec('BEGIN IMMEDIATE');
    try {
      work();
      there().exec('COMMIT');
    } catch (error) {
      if (there().isTransaction) there().exec('ROLLBACK');
      throw error;
    }
  };

  return {
    root: async () => rootHere(),

    async *all() {
      const select = there().prepare('SELECT id, owner, wrapped FROM data_key WHERE id > ? AND wrapped IS NOT NULL ORDER BY id LIMIT ?');
      for (let last = rootId; ; ) {
        const rows = select.all(last, batch);
        if (rows.length === 0) return;
        last = Number(rows.at(-1)!['id']);
        yield rows.map(row => {
          const id = Number(row['id']);
          return { id, owner: Buffer.from(row['owner'] as Uint8Array), key: unwrap(id, row['wrapped']) };
        });
      }
    },

    async some(ids) {
      const select = there().prepare('SELECT wrapped FROM data_key WHERE id = ? AND wrapped IS NOT NULL');
      return new Map(
        [...new Set(ids)].flatMap(id => {
          const row = select.get(id);
          return row ? [[id, unwrap(id, row['wrapped'])] as const] : [];
        }),
      );
    },

    async ofOwner(owner) {
      const row = there().prepare('SELECT id, wrapped FROM data_key WHERE owner = ? AND wrapped IS NOT NULL').get(owner);
      return row && unwrap(Number(row['id']), row['wrapped']);
    },

    async stones() {
      const { openStone } = secretsOf(rootHere()!);
      const rows = there().prepare('SELECT body FROM tombstone').all();
      return mergedStones(rows.map(row => openStone(row['body'] as Uint8Array)));
    },

    async begin(root) {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      db ??= opened();
      db.prepare('INSERT OR IGNORE INTO data_key (id, owner, wrapped) VALUES (?, NULL, ?)').run(rootId, wrap(rootId, root));
    },

    async take(keys) {
      const insert = there().prepare('INSERT OR IGNORE INTO data_key (id, owner, wrapped) VALUES (?, ?, ?)');
      transaction(() => {
        for (const { id, owner, key } of keys) insert.run(id, owner, wrap(id, key));
      });
    },

    async lay(stones: readonly Tombstone[]) {
      const { nameOf, sealStone } = secretsOf(rootHere()!);
      const bury = there().prepare(
        'INSERT INTO tombstone (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body',
      );
      transaction(() => {
        for (const stone of stones) bury.run(nameOf('tombstone', stone.name), sealStone(stone));
      });
    },

    close: async () => db?.close(),
  };
}
