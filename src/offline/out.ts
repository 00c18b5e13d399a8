/**
 * A file of the output is there whole or not at all: written under another name, flushed to the disk, then given its own.
 * @module
 */
import { closeSync, createWriteStream, fsyncSync, futimesSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/**
 * @param at milliseconds: what the file says of when it was written, the same of every file; else the order of their times would be that of the input, which pseudonyms for names hide
 * @param meanwhile where it stands until it is whole, on the same file system
 */
export async function writeWhole(file: string, meanwhile: string, chunks: Iterable<Buffer>, at: number, gz = false): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  if (gz) await pipeline(Readable.from(chunks, { objectMode: false }), createGzip(), createWriteStream(meanwhile, { mode: 0o600 }));
  const fd = openSync(meanwhile, gz ? 'r+' : 'w', 0o600);
  try {
    if (!gz) for (const chunk of chunks) for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
    futimesSync(fd, at / 1000, at / 1000);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(meanwhile, file);
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
