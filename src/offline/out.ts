/**
 * A file of the output is there whole or not at all: written under another name, flushed to the disk, then given its own.
 * @module
 */
import { closeSync, constants, createWriteStream, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Writes bytes at their place in a file that others may write other places of. */
export function writeAt(file: string, bytes: Buffer, at: number): void {
  // Neither emptied nor appended to: constants of open(2) that Node has no letters for.
  const fd = openSync(file, constants.O_WRONLY | constants.O_CREAT, 0o600);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, at + done);
  } finally {
    closeSync(fd);
  }
}

export const writeCompressed = (file: string, chunks: Iterable<Buffer>): Promise<void> =>
  pipeline(Readable.from(chunks, { objectMode: false }), createGzip(), createWriteStream(file, { mode: 0o600 }));

/**
 * Gives a file its own name as soon as it is on the disk; until then other work may go on.
 * @param meanwhile where it stands, on the same file system
 * @param at milliseconds: what the file says of when it was written, the same of every file; else the order of their times would be that of the input, which pseudonyms for names hide
 */
export async function settle(meanwhile: string, file: string, at: number): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(meanwhile, 'r+');
  try {
    await handle.utimes(at / 1000, at / 1000);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(meanwhile, file);
}

/** What was renamed in a directory is so on the disk. Windows has no such call. */
export function flushDirectory(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
