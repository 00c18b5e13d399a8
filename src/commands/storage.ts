/**
 * Where the data and their keys are, by the settings: files below DATA, or MongoDB. Each with a way to open what is there; a URI is told to nobody.
 * @module
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config.ts';
import type { SharedKept } from '../fhir/store/kept.ts';
import { openKeyring } from '../fhir/store/keys/keyring.ts';
import { openSqliteStore, type SqliteStoreOptions } from '../fhir/store/sqlite/store.ts';
import type { Store } from '../fhir/store/store.ts';
import { type Log, traceOf } from '../http/log.ts';
import { masterKey } from './master-key.ts';

/** What the adapters are told alike. */
export type StoreOptions = Omit<SqliteStoreOptions, 'directory' | 'keyring' | 'synchronous' | 'step'> & {
  readonly step?: (name: string) => void;
};

export interface Storage {
  /** A secret for one purpose, from the key store. */
  secret(purpose: string): Buffer;
  openStore(options: StoreOptions): Promise<Store>;
  /** What several processes remember together; absent: there is one process. Closed with the rest. */
  openKept?(now: () => number): Promise<SharedKept>;
  /** Wraps the keys under another master key. */
  rotate(master: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Directory of the key store, where it is files. */
export const keysDirectory = (config: Pick<Config, 'data'>): string => path.join(config.data, 'keys');

/**
 * @param master 32 bytes; absent: the one that the settings name, which a sandbox makes for keys that are not there yet
 * @throws Error with one sentence when the keys or the database cannot be used
 */
export function openStorage(config: Config, log: Log, master?: Buffer): Promise<Storage> {
  return config.store === 'sqlite' ? Promise.resolve(files(config, master)) : shared(config, log, master);
}

function files(config: Config, master: Buffer | undefined): Storage {
  const directory = keysDirectory(config);
  const keyring = openKeyring({ directory, master: master ?? masterKey(config, !existsSync(path.join(directory, 'keys.db'))) });
  return {
    secret: keyring.secret,
    openStore: options =>
      openSqliteStore({ ...options, directory: path.join(config.data, 'store'), keyring, synchronous: config.synchronous }),
    rotate: async fresh => keyring.rotate(fresh),
    close: async () => keyring.close(),
  };
}

async function shared(config: Config, log: Log, master: Buffer | undefined): Promise<Storage> {
  // Loaded only where it is used: the driver is large.
  const { connect } = await import('../fhir/store/mongodb/connection.ts');
  const { checkWhole } = await import('../fhir/store/mongodb/collections.ts');
  const { openSharedKept } = await import('../fhir/store/mongodb/kept.ts');
  const { openMongoStore } = await import('../fhir/store/mongodb/store.ts');
  const { isEmptyKeyStore, openSharedKeyring } = await import('../fhir/store/keys/shared.ts');
  const told = (what: string) => (state: 'lost' | 'found', why?: string) =>
    log(
      state === 'lost' ? 'error' : 'info',
      `${what} ${state === 'lost' ? 'cannot be reached' : 'is reached again'}`,
      why === undefined ? {} : { why },
    );
  const data = await connect(config.store, told('MongoDB'));
  const opened: { close(): Promise<void> }[] = [data];
  const close = async (): Promise<void> => {
    for (const one of opened.toReversed()) await one.close();
  };
  try {
    await checkWhole(data);
    let keys = data.beside('keys');
    if (config.keys !== undefined) {
      keys = await connect(config.keys, told('the key store'));
      opened.push(keys);
    }
    const keyring = await openSharedKeyring(keys, master ?? masterKey(config, await isEmptyKeyStore(keys)));
    return {
      secret: keyring.secret,
      openStore: options => openMongoStore({ ...options, connection: data, keyring }),
      async openKept(now) {
        const failed = (error: unknown) => log('error', 'what is over could not be swept', traceOf(error));
        const kept = await openSharedKept({ connection: data, keyring, secret: keyring.secret('kept'), now, failed });
        opened.push(kept);
        return kept;
      },
      rotate: keyring.rotate,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
