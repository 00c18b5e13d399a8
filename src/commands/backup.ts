/**
 * `noren backup`: a copy of the data, or of the keys, while the server runs. Copies of the data may be as many and as old as one likes; the copy of the keys is replaced by each new one.
 * @module
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readConfig } from '../config.ts';
import { journalLength } from '../fhir/store/journal.ts';
import { copyDatabase } from '../fhir/store/sqlite/copy.ts';
import { type BackupKind, hashOf, readManifest, writeManifest } from './backup-files.ts';
import { type Command, Refusal, settingsHelp } from './command.ts';

const usage = `Usage: noren backup --out FOLDER [--keys] [flags]

Copies the database and the audit log (all of it ciphertext or without values) into a new folder, while the server runs or not.

  --out FOLDER  where the copy goes; it must not be there yet
  --keys        copies the keys instead, wrapped by the master key; a copy of the keys that is there already is replaced

Never keep copies of data and keys in one place, and of the keys never more than the last: old keys open again what was erased since.
The master key, the signing key, the registry of clients and the accounts are in neither: they are configuration.

${settingsHelp(['data', 'journalDir'])}

Exit code 0: the folder holds a whole copy. 1: it does not exist, or is as it was.`;

export const command: Command = {
  name: 'backup',
  summary: 'copy the data, or the keys',
  usage,
  async run(args) {
    const { out, keys, flags } = own(args);
    const config = readConfig(flags, process.env);
    const kind: BackupKind = keys ? 'keys' : 'data';
    if (existsSync(out) && !(keys && readManifest(out).kind === 'keys')) throw new Refusal(`${out} is there already; name a new folder.`);
    const next = `${out}.${process.pid}.new`;
    mkdirSync(next, { recursive: true, mode: 0o700 });
    try {
      const time = new Date().toISOString();
      // Before the copy: what the journal holds now, the database holds too.
      const journaled = !keys && config.journalDir !== undefined ? journalLength(config.journalDir) : undefined;
      const names = keys ? await copyKeys(config.data, next) : await copyData(config.data, next);
      const files: Record<string, string> = {};
      for (const name of names) files[name] = await hashOf(path.join(next, name));
      writeManifest(next, { kind, time, files, ...(journaled === undefined ? {} : { journaled }) });
      rmSync(out, { recursive: true, force: true });
      renameSync(next, out);
      process.stdout.write(`${names.length} files in ${out}\n`);
    } catch (error) {
      rmSync(next, { recursive: true, force: true });
      throw error;
    }
    return 0;
  },
};

function own(args: readonly string[]): { out: string; keys: boolean; flags: string[] } {
  let out: string | undefined;
  let keys = false;
  const flags: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const one = args[i]!;
    if (one === '--keys') keys = true;
    else if (one === '--out') out = args[++i];
    else if (one.startsWith('--out=')) out = one.slice('--out='.length);
    else flags.push(one);
  }
  if (out === undefined || out === '') throw new Refusal('Say where the copy goes: --out FOLDER.');
  return { out: path.resolve(out), keys, flags };
}

async function copy(from: string, to: string): Promise<void> {
  if (!existsSync(from))
    throw new Refusal(`There is no ${path.basename(from)} at ${path.dirname(from)}; --data names the directory of the server.`);
  await copyDatabase(from, to);
}

async function copyKeys(data: string, to: string): Promise<string[]> {
  await copy(path.join(data, 'keys', 'keys.db'), path.join(to, 'keys.db'));
  return ['keys.db'];
}

/** The audit log after the database: it may say more than is there, never less. */
async function copyData(data: string, to: string): Promise<string[]> {
  await copy(path.join(data, 'store', 'noren.db'), path.join(to, 'noren.db'));
  const names = ['noren.db'];
  const log = path.join(data, 'audit');
  if (!existsSync(log)) return names;
  mkdirSync(path.join(to, 'audit'), { mode: 0o700 });
  // The mark first: it never names a record that a segment copied later does not have.
  const order = readdirSync(log).sort((a, b) => Number(a.endsWith('.log')) - Number(b.endsWith('.log')));
  for (const name of order) {
    copyFileSync(path.join(log, name), path.join(to, 'audit', name));
    names.push(`audit/${name}`);
  }
  return names;
}
