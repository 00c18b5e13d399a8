/**
 * `noren keys rotate`: wraps every data key under a new master key, in one transaction; no data are rewritten.
 * The new key is on disk before a data key hangs on it, and the old one stays beside it until the rotation is done.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { type Command, Refusal, settingsHelp } from './command.ts';
import { lock } from './lock.ts';
import { masterKeyFile, readMasterKey, writeMasterKey } from './master-key.ts';
import { keysDirectory, openStorage } from './storage.ts';

const usage = `Usage: noren keys rotate [flags]

Makes a new master key and wraps all data keys under it. All servers of the store must be stopped. A rotation that was cut off is finished by calling it again.

${settingsHelp(['data', 'store', 'keys', 'masterKeyFile'])}

Exit code 0: the file holds the new key, the old one opens nothing any more. 1: nothing has changed, or the sentence on stderr says what to do.`;

export const command: Command = {
  name: 'keys',
  summary: 'rotate the master key',
  usage,
  async run([action, ...flags]) {
    if (action !== 'rotate') throw new Refusal('Say "noren keys rotate"; --help tells more.');
    const config = readConfig(flags, process.env);
    const file = masterKeyFile(config);
    if (config.store === 'sqlite' && !existsSync(path.join(keysDirectory(config), 'keys.db')))
      throw new Refusal(`There are no keys in ${config.data}; --data names the directory of the server.`);
    const unlock = lock(config.data);
    try {
      await rotate(config, file);
    } finally {
      unlock();
    }
    process.stderr.write(`The master key in ${file} is new; keep a copy of it where the data and their backups are not.\n`);
    return 0;
  },
};

/** Either key may be the right one after a cut: the next file is written first and takes the place of the old one last. */
async function rotate(config: Config, file: string): Promise<void> {
  const next = `${file}.next`;
  if (!existsSync(next)) writeMasterKey(next, randomBytes(32));
  const fresh = readMasterKey(next);
  if (!(await opens(config, fresh))) {
    const storage = await openStorage(config, () => {}, readMasterKey(file));
    await storage.rotate(fresh);
    await storage.close();
  }
  writeMasterKey(file, fresh);
  rmSync(next);
}

async function opens(config: Config, master: Buffer): Promise<boolean> {
  try {
    await (await openStorage(config, () => {}, master)).close();
    return true;
  } catch {
    return false;
  }
}
