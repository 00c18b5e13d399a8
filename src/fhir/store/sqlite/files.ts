/**
 * The database file: blocks and notes, all ciphertext. The only file with SQL for resources.
 * What it shows without keys: how many blocks, their sizes, which share a key, their order; by which search parameters they were indexed.
 * @module
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Counts up when older programs can no longer read the files. 1: keys by person alone, names in clear within the records (migrate.ts). */
const format = 2;

export const databaseName = 'noren.db';

export interface StoredBlock {
  readonly number: number;
  readonly key: number;
  readonly index: Buffer;
}

export interface Files {
  /** Written in an earlier format. */
  readonly isOld: boolean;
  /** The first blocks of runs; those after a number. */
  blocks(after?: number): Iterable<StoredBlock>;
  /** The same, the last one first. */
  lastBlocks(): Iterable<StoredBlock>;
  notes(after?: number): Iterable<{ readonly number: number; readonly body: Buffer }>;
  /** The first runs after the block of a number, in order. */
  runsAfter(block: number, most: number): readonly StoredBlock[];
  /** Number of the key of a block. */
  key(block: number): number | undefined;
  /** The index records of a run, by its first block. */
  index(block: number): Buffer;
  /** The first block of the run that a block belongs to. */
  firstOfRun(block: number): number;
  body(block: number): { readonly key: number; readonly body: Buffer } | undefined;
  /** Runs writes in one transaction, durable when it returns; throws with nothing written. */
  transaction(write: () => void): void;
  /** `index` stands with the first block of a run only. */
  putBlock(number: number, key: number, index: Buffer | null, body: Buffer): void;
  /** Puts other bytes in a block's place; the old ones are overwritten. */
  rewriteBlock(number: number, index: Buffer | null, body: Buffer): void;
  /** Puts another index in the place of a run's, by its first block; the old one is overwritten. */
  rewriteIndex(block: number, index: Buffer): void;
  /** What an edition of the search parameters consisted of, as it was put. */
  edition(mark: string): Buffer | undefined;
  editions(): ReadonlyMap<string, Buffer>;
  /** Passed over where it is there. */
  putEdition(mark: string, definitions: Buffer): void;
  /** What was written lies in the main file, and nothing of what it took the place of in the log beside it. */
  settle(): void;
  putNote(number: number, body: Buffer): void;
  lastBlock(): number;
  lastNote(): number;
  /** How far another store has been carried into this one (two numbers of its own); undefined: nothing is on its way. */
  carried(): readonly [number, number] | undefined;
  /** Undefined: all of it is here. */
  setCarried(place: readonly [number, number] | undefined): void;
  close(): void;
}

const buffer = (value: unknown): Buffer => {
  const bytes = value as Uint8Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

const blockOf = (row: Record<string, unknown>): StoredBlock => ({
  number: Number(row['number']),
  key: Number(row['key']),
  index: buffer(row['idx']),
});

/**
 * @param synchronous `full`: a commit survives loss of power (default of the server); `normal`: it survives the end of the process only
 * @throws Error when the files were written by a newer version of the program
 */
export function openFiles(directory: string, synchronous: 'full' | 'normal'): Files {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(path.join(directory, databaseName));
  db.exec(
    `PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'}; PRAGMA cache_size = -16000; PRAGMA secure_delete = ON`,
  );
  const found = Number(db.prepare('PRAGMA user_version').get()!['user_version']);
  if (found > format) throw new Error('The data directory was written by a newer version of Noren.');
  // The index column stands before the body: a start reads it without touching the pages of the body.
  db.exec(`
    CREATE TABLE IF NOT EXISTS block (number INTEGER PRIMARY KEY, key INTEGER NOT NULL, idx BLOB, body BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS note (number INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS edition (mark TEXT PRIMARY KEY, definitions BLOB NOT NULL);
    PRAGMA user_version = ${found === 0 ? format : found}`);
  const insertBlock = db.prepare('INSERT INTO block (number, key, idx, body) VALUES (?, ?, ?, ?)');
  const insertNote = db.prepare('INSERT INTO note (number, body) VALUES (?, ?)');
  const selectBody = db.prepare('SELECT key, body FROM block WHERE number = ?');
  const selectKey = db.prepare('SELECT key FROM block WHERE number = ?');
  const selectIndex = db.prepare('SELECT idx FROM block WHERE number = ?');
  const selectFirst = db.prepare('SELECT max(number) AS first FROM block WHERE number <= ? AND idx IS NOT NULL');
  const updateBlock = db.prepare('UPDATE block SET idx = ?, body = ? WHERE number = ?');
  const selectRuns = db.prepare('SELECT number, key, idx FROM block WHERE number > ? AND idx IS NOT NULL ORDER BY number LIMIT ?');
  const updateIndex = db.prepare('UPDATE block SET idx = ? WHERE number = ?');
  const selectEdition = db.prepare('SELECT definitions FROM edition WHERE mark = ?');
  const insertEdition = db.prepare('INSERT OR IGNORE INTO edition (mark, definitions) VALUES (?, ?)');
  const last = (table: 'block' | 'note'): number => Number(db.prepare(`SELECT max(number) AS last FROM ${table}`).get()!['last'] ?? 0);
  return {
    isOld: found !== 0 && found < format,
    *blocks(after = 0) {
      for (const row of db
        .prepare('SELECT number, key, idx FROM block WHERE number > ? AND idx IS NOT NULL ORDER BY number')
        .iterate(after))
        yield blockOf(row);
    },
    *lastBlocks() {
      for (const row of db.prepare('SELECT number, key, idx FROM block WHERE idx IS NOT NULL ORDER BY number DESC').iterate())
        yield blockOf(row);
    },
    runsAfter: (block, most) => selectRuns.all(block, most).map(blockOf),
    *notes(after = 0) {
      for (const row of db.prepare('SELECT number, body FROM note WHERE number > ? ORDER BY number').iterate(after))
        yield { number: Number(row['number']), body: buffer(row['body']) };
    },
    key(block) {
      const row = selectKey.get(block);
      return row && Number(row['key']);
    },
    index: block => buffer(selectIndex.get(block)!['idx']),
    firstOfRun: block => Number(selectFirst.get(block)!['first']),
    body(block) {
      const row = selectBody.get(block);
      return row && { key: Number(row['key']), body: buffer(row['body']) };
    },
    transaction(write) {
      db.exec('BEGIN IMMEDIATE');
      try {
        write();
        db.exec('COMMIT');
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },
    putBlock: (number, key, index, body) => void insertBlock.run(number, key, index, body),
    rewriteBlock: (number, index, body) => void updateBlock.run(index, body, number),
    rewriteIndex: (block, index) => void updateIndex.run(index, block),
    edition(mark) {
      const row = selectEdition.get(mark);
      return row && buffer(row['definitions']);
    },
    editions: () =>
      new Map(
        db
          .prepare('SELECT mark, definitions FROM edition')
          .all()
          .map(row => [String(row['mark']), buffer(row['definitions'])]),
      ),
    putEdition: (mark, definitions) => void insertEdition.run(mark, definitions),
    settle: () => void db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get(),
    putNote: (number, body) => void insertNote.run(number, body),
    lastBlock: () => last('block'),
    lastNote: () => last('note'),
    carried() {
      if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'carried'").get() === undefined) return undefined;
      const row = db.prepare('SELECT first, second FROM carried').get()!;
      return [Number(row['first']), Number(row['second'])];
    },
    setCarried(place) {
      db.exec('DROP TABLE IF EXISTS carried');
      if (!place) return;
      db.exec('CREATE TABLE carried (first INTEGER NOT NULL, second INTEGER NOT NULL)');
      db.prepare('INSERT INTO carried (first, second) VALUES (?, ?)').run(...place);
    },
    close: () => db.close(),
  };
}
