/**
 * What a backup is: a folder with copies of files and a manifest that says of which kind it is, when it was made and what each file hashes to.
 * Data and keys are never in the same one: who has both reads everything, and what was erased comes back with old keys.
 * @module
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Refusal } from './command.ts';

export type BackupKind = 'data' | 'keys';

export interface Manifest {
  readonly kind: BackupKind;
  /** ISO instant at which the copy was begun. */
  readonly time: string;
  /** Path below the folder, with slashes → SHA-256 in hexadecimal digits. */
  readonly files: Readonly<Record<string, string>>;
  /** How many records the journal held then: all of them are in the copy. */
  readonly journaled?: number;
}

export const manifestName = 'manifest.json';

export async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

export const writeManifest = (folder: string, manifest: Manifest): void =>
  writeFileSync(path.join(folder, manifestName), JSON.stringify(manifest, null, 2) + '\n', { mode: 0o600 });

/** @throws Refusal where the folder holds no backup */
export function readManifest(folder: string): Manifest {
  const file = path.join(folder, manifestName);
  if (!existsSync(file)) throw new Refusal(`${folder} holds no backup: there is no ${manifestName} in it.`);
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Partial<Manifest>;
  if ((manifest.kind !== 'data' && manifest.kind !== 'keys') || typeof manifest.files !== 'object' || typeof manifest.time !== 'string')
    throw new Refusal(`The ${manifestName} in ${folder} is not one of a backup.`);
  const outside = Object.keys(manifest.files).some(name => path.isAbsolute(name) || name.split('/').includes('..'));
  if (outside) throw new Refusal(`The ${manifestName} in ${folder} names files outside of it.`);
  return manifest as Manifest;
}

/** What of a backup is not as it was made: names of files. */
export async function changed(folder: string, { files }: Manifest): Promise<string[]> {
  const wrong: string[] = [];
  const real = realpathSync(folder);
  for (const [name, hash] of Object.entries(files)) {
    const file = path.join(real, name);
    // A link would bring in what lies elsewhere.
    if (!existsSync(file) || realpathSync(file) !== file || (await hashOf(file)) !== hash) wrong.push(name);
  }
  return wrong;
}
