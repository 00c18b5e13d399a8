/**
 * The master key: 32 bytes in a file that is no part of the data or its backups. A sandbox makes its own under DATA; production is given one.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { type Config, settings } from '../config.ts';
import { Refusal } from './command.ts';

/** MASTER_KEY_FILE, or `DATA/master.key`. */
export const masterKeyFile = (config: Pick<Config, 'data' | 'masterKeyFile'>): string =>
  config.masterKeyFile ?? path.join(config.data, 'master.key');

/** The file's key: 64 hexadecimal digits, or base64 of 32 bytes. @throws Refusal that names the file, never what it holds */
export const readMasterKey = (file: string): Buffer => readKey(settings.masterKeyFile.variable, file);

/** The same of any setting that names a key's file. */
export function readKey(variable: string, file: string): Buffer {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Refusal(`${variable}: the file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  const key = /^[0-9a-f]{64}$/i.test(text)
    ? Buffer.from(text, 'hex')
    : /^[A-Za-z0-9+/_-]{43}=?$/.test(text)
      ? Buffer.from(text, 'base64')
      : undefined;
  if (key?.length !== 32) throw new Refusal(`${variable}: the file ${file} must hold 32 bytes as 64 hexadecimal digits or in base64.`);
  return key;
}

/** Writes a key whole or not at all, for its owner's eyes. */
export function writeMasterKey(file: string, key: Buffer): void {
  const next = `${file}.${process.pid}.new`;
  rmSync(next, { force: true });
  const handle = openSync(next, 'wx', 0o600);
  try {
    writeSync(handle, key.toString('hex') + '\n');
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(next, file);
}

/**
 * The key that this configuration means. A sandbox without one gets a new one, but only while it has no keys that an older one wraps.
 * @param fresh whether the key store is empty
 */
export function masterKey(config: Pick<Config, 'data' | 'masterKeyFile' | 'mode'>, fresh: boolean): Buffer {
  const file = masterKeyFile(config);
  if (config.masterKeyFile === undefined && config.mode === 'sandbox' && fresh && !exists(file)) writeMasterKey(file, randomBytes(32));
  return readMasterKey(file);
}

function exists(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}
