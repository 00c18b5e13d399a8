/**
 * A file of the output is there whole or not at all: written under another name, flushed to the disk, then given its own.
 * @module
 */
import { closeSync, createWriteStream, fsyncSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** @param meanwhile where it stands until it is whole, on the same file system @returns bytes on the disk */
export async function writeWhole(file: string, meanwhile: string, chunks: Iterable<Buffer>, gz = false): Promise<number> {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  if (gz) await pipeline(Readable.from(chunks, { objectMode: false }), createGzip(), createWriteStream(meanwhile, { mode: 0o600 }));
  const fd = openSync(meanwhile, gz ? 'r+' : 'w', 0o600);
  try {
    if (!gz) for (const chunk of chunks) for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(meanwhile, file);
  return statSync(file).size;
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
