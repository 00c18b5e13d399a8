/**
 * Copies of database files: made between two commits whoever writes meanwhile, checked page by page, their blocks opened one by one.
 * @module
 */
import { backup, DatabaseSync } from 'node:sqlite';
import { openBody } from '../block.ts';
import type { Keyring } from '../keys/keyring.ts';

/** Pages copied in one step. */
const step = 4096;

/** @throws Error when one of the files cannot be used */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const db = new DatabaseSync(from, { readOnly: true, timeout: 10_000 });
  try {
    await backup(db, to, { rate: step });
  } finally {
    db.close();
  }
}

/** Whether the pages of a database hang together. */
export function isSound(file: string): boolean {
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      return db.prepare('PRAGMA integrity_check(1)').get()!['integrity_check'] === 'ok';
    } finally {
      db.close();
    }
  } catch {
    return false;
  }
}

/** How many blocks of a copy open, whose key was destroyed, and how many do not open though their key is there. */
export function countBlocks(file: string, keyring: Pick<Keyring, 'key'>): { opened: number; gone: number; broken: number } {
  const db = new DatabaseSync(file, { readOnly: true });
  const count = { opened: 0, gone: 0, broken: 0 };
  try {
    for (const row of db.prepare('SELECT number, key, body FROM block').iterate()) {
      const key = keyring.key(Number(row['key']));
      if (!key) count.gone++;
      else if (opens(Number(row['number']), key, row['body'] as Uint8Array)) count.opened++;
      else count.broken++;
    }
    return count;
  } finally {
    db.close();
  }
}

function opens(number: number, key: Buffer, body: Uint8Array): boolean {
  try {
    openBody(number, key, Buffer.from(body));
    return true;
  } catch {
    return false;
  }
}
