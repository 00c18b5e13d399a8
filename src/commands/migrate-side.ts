/**
 * The two sides of a migration by what the command line says of them: a data directory, or the URI of a MongoDB with the one of its keys; a URI is told to nobody.
 * @module
 */
import path from 'node:path';
import { type Config, settings } from '../config.ts';
import { mongoSide } from '../fhir/store/carry/mongodb.ts';
import type { Side } from '../fhir/store/carry/side.ts';
import { fileSide, holdsFiles } from '../fhir/store/carry/sqlite.ts';
import { type Connection, connect } from '../fhir/store/mongodb/connection.ts';
import { close, closedOf, reopen } from './closed.ts';
import { Refusal } from './command.ts';
import { masterKeyFile, readMasterKey } from './master-key.ts';

/** Where one side is. */
export interface Address {
  readonly called: 'source' | 'target';
  /** Data directory; absent: MongoDB. */
  readonly data?: string;
  readonly uri?: string;
  /** Of the key database, where it is another than the one beside the data. */
  readonly keysUri?: string;
  readonly masterKeyFile: string;
}

const isUri = (text: string): boolean => /^mongodb(\+srv)?:/.test(text);

/**
 * @param given what stands after `--from` or `--to`; absent: where the settings say that the data are
 * @throws Refusal
 */
export function addressOf(
  called: Address['called'],
  given: string | undefined,
  named: { readonly keysUri?: string | undefined; readonly masterKeyFile?: string | undefined },
  config: Config,
): Address {
  const where = given ?? (config.store === 'sqlite' ? config.data : config.store);
  const file = named.masterKeyFile ?? config.masterKeyFile;
  if (!isUri(where)) {
    if (named.keysUri !== undefined) throw new Refusal(`The ${called} is a data directory, which has its keys in it.`);
    const data = path.resolve(where);
    return { called, data, masterKeyFile: masterKeyFile({ data, masterKeyFile: file }) };
  }
  for (const uri of [where, named.keysUri]) if (uri !== undefined) checkUri(called, uri);
  if (file === undefined)
    throw new Refusal(`Say in which file the master key of the ${called} is: --${called === 'source' ? 'from' : 'to'}-master-key FILE.`);
  const keysUri = named.keysUri ?? config.keys;
  return { called, uri: where, masterKeyFile: file, ...(keysUri === undefined ? {} : { keysUri }) };
}

function checkUri(called: string, uri: string): void {
  try {
    settings.store.read(uri);
  } catch (error) {
    throw new Refusal(`The URI of the ${called} ${(error as Error).message}.`);
  }
}

/**
 * @param step told where it stands, for tests that end the process there
 * @throws Error with one sentence
 */
export async function openSide({ data, uri, keysUri, masterKeyFile: file }: Address, step: (name: string) => void): Promise<Side> {
  const master = readMasterKey(file);
  if (data !== undefined) return filesAt(data, master);
  const opened: Connection[] = [];
  try {
    opened.push(await connect(uri!));
    const [beside] = opened;
    if (keysUri !== undefined) opened.push(await connect(keysUri));
    return mongoSide({ data: beside!, keys: opened[1] ?? beside!.beside('keys'), master, step });
  } catch (error) {
    for (const one of opened) await one.close();
    throw error;
  }
}

/** @throws Refusal where a directory is to hold a store and does not */
export function checkThere({ data, called }: Address): void {
  if (data === undefined) return;
  const there = holdsFiles(directoriesOf(data));
  if (!there.store || !there.keys) throw new Refusal(`There is no store in ${data}; name the data directory of the server.`);
  if (called === 'source' && closedOf(data)) throw new Refusal(`${data} is closed: finish the restore, or the migration, into it first.`);
}

const directoriesOf = (data: string) => ({ store: path.join(data, 'store'), keys: path.join(data, 'keys') });

function filesAt(data: string, master: Buffer): Side {
  return fileSide({
    ...directoriesOf(data),
    master,
    mark: {
      set: (from, until) => close(data, { time: new Date().toISOString(), migration: { from, until } }),
      isSet(from, until) {
        const { migration } = closedOf(data) ?? {};
        return migration !== undefined && migration.from === from && migration.until.join() === until.join();
      },
      takeAway: () => reopen(data),
    },
  });
}
