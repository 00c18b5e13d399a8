/**
 * `noren restore`: lays the copies of a backup into a new data directory, which stays closed until the objections and key destructions since then are done again from the journal.
 * So a restored server brings nobody back.
 * @module
 */
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { baseUrlOf, type Config, readConfig } from '../config.ts';
import { journalName, readJournal, replay } from '../fhir/store/journal.ts';
import { openKeyring } from '../fhir/store/keys/keyring.ts';
import { createLog } from '../http/log.ts';
import { changed, type Manifest, readManifest } from './backup-files.ts';
import { checkOpen, close, closedOf, reopen } from './closed.ts';
import { type Command, Refusal, settingsHelp } from './command.ts';
import { lock } from './lock.ts';
import { masterKeyFile, readMasterKey } from './master-key.ts';
import { openHouse } from './rooms.ts';

const usage = `Usage: noren restore --from FOLDER [--keys-from FOLDER] [flags]
       noren restore --replay FOLDER [flags]
       noren restore --nothing-since [flags]

First the copies are laid into the data directory:

  --from FOLDER       a backup of the data; the directory must hold none yet
  --keys-from FOLDER  a backup of the keys, where the keys themselves are lost; else DATA/keys must be there

No server starts on it until what was objected to and destroyed since the copy is done again:

  --replay FOLDER     from the journal (JOURNAL_DIR of the lost server); it is put aside when all of it is done
  --nothing-since     you say, on record, that nobody objected and nothing was erased since the copy

${settingsHelp(['data', 'masterKeyFile', 'journalDir'])}

Exit code 0: done. 1: refused, or the sentence on stderr says what to do; calling it again is safe.`;

export const command: Command = {
  name: 'restore',
  summary: 'bring back a backup, without those who objected since',
  usage,
  async run(args) {
    const { given, flags } = own(args);
    const config = readConfig(flags, process.env);
    mkdirSync(config.data, { recursive: true, mode: 0o700 });
    const unlock = lock(config.data);
    try {
      if (given.from !== undefined) await lay(config, given.from, given.keysFrom);
      else if (given.replay !== undefined || given.nothingSince) await open(config, given.replay);
      else throw new Refusal('Say what to restore: --from FOLDER first, then --replay FOLDER; --help tells more.');
    } finally {
      unlock();
    }
    return 0;
  },
};

interface Given {
  from?: string;
  keysFrom?: string;
  replay?: string;
  nothingSince?: boolean;
}

function own(args: readonly string[]): { given: Given; flags: string[] } {
  const given: Given = {};
  const flags: string[] = [];
  const named = { '--from': 'from', '--keys-from': 'keysFrom', '--replay': 'replay' } as const;
  for (let i = 0; i < args.length; i++) {
    const [name, inline] = args[i]!.split('=', 2) as [string, string?];
    if (name === '--nothing-since') given.nothingSince = true;
    else if (Object.hasOwn(named, name)) given[named[name as keyof typeof named]] = path.resolve(inline ?? args[++i] ?? '');
    else flags.push(args[i]!);
  }
  return { given, flags };
}

async function wholeBackup(folder: string, kind: Manifest['kind']): Promise<Manifest> {
  const manifest = readManifest(folder);
  if (manifest.kind !== kind) throw new Refusal(`${folder} is a backup of the ${manifest.kind}, not of the ${kind}.`);
  const wrong = await changed(folder, manifest);
  if (wrong.length > 0) throw new Refusal(`The backup in ${folder} is not whole: ${wrong.join(', ')}.`);
  return manifest;
}

async function lay({ data }: Config, from: string, keysFrom: string | undefined): Promise<void> {
  const manifest = await wholeBackup(from, 'data');
  const keys = path.join(data, 'keys', 'keys.db');
  if (keysFrom !== undefined) await wholeBackup(keysFrom, 'keys');
  if (existsSync(path.join(data, 'store', 'noren.db'))) throw new Refusal(`${data} holds data already; --data names a directory without.`);
  if (keysFrom === undefined && !existsSync(keys))
    throw new Refusal(`There are no keys in ${data}: lay DATA/keys there, or say --keys-from FOLDER.`);
  if (keysFrom !== undefined && existsSync(keys))
    throw new Refusal(`${data} has keys already: newer ones must not be replaced by those of a backup.`);
  // Closed before there is anything to open.
  close(data, { time: manifest.time, ...(manifest.journaled === undefined ? {} : { journaled: manifest.journaled }) });
  if (keysFrom !== undefined) put(path.join(keysFrom, 'keys.db'), keys);
  for (const name of Object.keys(manifest.files).filter(one => one.startsWith('audit/'))) {
    if (!existsSync(path.join(data, name))) put(path.join(from, name), path.join(data, name));
  }
  put(path.join(from, 'noren.db'), path.join(data, 'store', 'noren.db'));
  process.stderr.write(
    `Restored the copy of ${manifest.time}. Nothing starts on it yet: noren restore --replay JOURNAL does again what was objected to since.\n`,
  );
}

/** Whole or not at all. */
function put(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

async function open(config: Config, journal: string | undefined): Promise<void> {
  const closed = closedOf(config.data);
  if (!closed) throw new Refusal(`${config.data} is not closed: there is nothing to be done again.`);
  if (closed.migration) checkOpen(config.data);
  const log = createLog(line => process.stderr.write(line));
  // Nothing that is done again is journaled again; and nobody is erased by an objection that may have been withdrawn since.
  const { journalDir: _, ...rest } = config;
  const house = await openHouse({ ...rest, eraseOnObjection: 'never' } as Config, baseUrlOf(config, config.port), log);
  let done = 0;
  try {
    if (journal !== undefined) {
      const key = journalKey(config);
      const before = closed.journaled === undefined ? Date.parse(closed.time) : 0;
      for (const record of readJournal(journal, key, closed.journaled ?? 0)) {
        // What the copy has is not done again: who objected and came back would be erased a second time.
        if (record.time < before) continue;
        await replay(house.store, record);
        done++;
      }
    }
    await house.parts.audit.record({
      time: Date.now(),
      requestId: 'restore',
      interaction: journal === undefined ? 'restore-nothing-since' : 'restore-replay',
      status: 200,
      client: 'noren',
      role: 'server',
      purpose: 'HOPERAT',
    });
  } finally {
    await house.close();
  }
  // The numbers of a new journal begin anew.
  if (journal !== undefined)
    renameSync(path.join(journal, journalName), path.join(journal, `${journalName}-until-${new Date().toISOString().replaceAll(':', '')}`));
  reopen(config.data);
  process.stderr.write(`${done} records of the journal done again; the server may start.\n`);
}

function journalKey(config: Config): Buffer {
  const keyring = openKeyring({ directory: path.join(config.data, 'keys'), master: readMasterKey(masterKeyFile(config)) });
  try {
    return keyring.secret('journal');
  } finally {
    keyring.close();
  }
}
