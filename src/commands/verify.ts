/**
 * `noren verify`: whether a backup is as it was made, and, with the keys, whether what it holds can be opened.
 * @module
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readConfig } from '../config.ts';
import { openKeyring } from '../fhir/store/keys/keyring.ts';
import { countBlocks, isSound } from '../fhir/store/sqlite/copy.ts';
import { changed, readManifest } from './backup-files.ts';
import { type Command, Refusal, settingsHelp } from './command.ts';
import { masterKeyFile, readMasterKey } from './master-key.ts';

const usage = `Usage: noren verify FOLDER [--open] [flags]

Checks every file of a backup against the hashes of its manifest, and the pages of its database.

  --open  opens every block too, with the keys of the data directory, and counts those whose key was destroyed since

${settingsHelp(['data', 'masterKeyFile'])}

Exit code 0: the backup is whole. 1: it is not; each fault is a line on stdout.`;

export const command: Command = {
  name: 'verify',
  summary: 'check a backup',
  usage,
  async run(args) {
    const [folder, ...rest] = args.filter(one => one !== '--open');
    if (folder === undefined || folder.startsWith('--')) throw new Refusal('Say which backup: noren verify FOLDER.');
    const manifest = readManifest(folder);
    const faults = (await changed(folder, manifest)).map(name => `CHANGED ${name}`);
    const database = path.join(folder, manifest.kind === 'keys' ? 'keys.db' : 'noren.db');
    if (faults.length === 0 && !isSound(database)) faults.push(`DAMAGED ${path.basename(database)}`);
    const said: string[] = [];
    if (faults.length === 0 && args.includes('--open')) {
      if (manifest.kind === 'keys') throw new Refusal('A backup of the keys has nothing to open.');
      const { opened, gone, broken } = openAll(database, rest);
      said.push(`${opened} blocks open, ${gone} of erased persons do not`);
      if (broken > 0) faults.push(`UNREADABLE ${broken} blocks`);
    }
    const whole = `${Object.keys(manifest.files).length} files of ${manifest.time}, kind ${manifest.kind}: ${faults.length === 0 ? 'whole' : 'NOT whole'}`;
    process.stdout.write([whole, ...said, ...faults, ''].join('\n'));
    return faults.length === 0 ? 0 : 1;
  },
};

function openAll(file: string, flags: string[]): ReturnType<typeof countBlocks> {
  const config = readConfig(flags, process.env);
  const directory = path.join(config.data, 'keys');
  if (!existsSync(path.join(directory, 'keys.db')))
    throw new Refusal(`There are no keys in ${config.data}; --data names the directory of the server.`);
  const keyring = openKeyring({ directory, master: readMasterKey(masterKeyFile(config)) });
  try {
    return countBlocks(file, keyring);
  } finally {
    keyring.close();
  }
}
