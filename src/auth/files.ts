/**
 * Files that only their owner may read: directories 0700, files 0600, written whole or not at all.
 * @module
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

/** Makes the directory, and those above it, with mode 0700; one that is there stays as it is. */
export function makeDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Replaces the file in one step: a crash leaves the old one or the new one. */
export function writeOwnerOnly(file: string, value: unknown): void {
  makeDirectory(path.dirname(file));
  const next = `${file}.${process.pid}.new`;
  rmSync(next, { force: true });
  const handle = openSync(next, 'wx', 0o600);
  try {
    writeSync(handle, JSON.stringify(value, null, 2) + '\n');
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(next, file);
}

/** The file's JSON; undefined where there is no such file. What it holds, nobody has judged yet. */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${file} is not JSON.`);
  }
}
