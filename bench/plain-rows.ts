/**
 * The ceiling of an import: each resource's bytes as one row of SQLite, a transaction a bundle, synchronous; nothing checked, nothing encrypted, no index.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Resources a second. @param bundles transactions as they are posted */
export function plainRows(bundles: readonly Buffer[]): number {
  const rows = bundles.map(bundle =>
    (JSON.parse(bundle.toString()) as { entry: { resource: unknown }[] }).entry.map(entry => Buffer.from(JSON.stringify(entry.resource))),
  );
  const folder = mkdtempSync(path.join(os.tmpdir(), 'noren-bench-raw-'));
  const db = new DatabaseSync(path.join(folder, 'raw.db'));
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE resource (n INTEGER PRIMARY KEY, body BLOB)');
    const insert = db.prepare('INSERT INTO resource (body) VALUES (?)');
    const began = performance.now();
    for (const bundle of rows) {
      db.exec('BEGIN');
      for (const row of bundle) insert.run(row);
      db.exec('COMMIT');
    }
    return rows.flat().length / ((performance.now() - began) / 1000);
  } finally {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
