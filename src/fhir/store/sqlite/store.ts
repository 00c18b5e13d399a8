/**
 * The embedded store: encrypted blocks in SQLite, the index in memory (read by reader.ts), one writer (writer.ts). Here it is opened and closed.
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import { createExtractor } from '../../search/extract.ts';
import { State } from '../index/state.ts';
import type { Keyring } from '../keys/keyring.ts';
import { edition, packed, unpacked } from '../log/edition.ts';
import type { Erased } from '../log/erase.ts';
import { valuesOf } from '../log/prepare.ts';
import { fitting, Renewal } from '../log/renewal.ts';
import { createReader } from '../reader.ts';
import type { Store } from '../store.ts';
import { Bodies } from './bodies.ts';
import { openFiles } from './files.ts';
import { migrate } from './migrate.ts';
import { runsIn } from './runs.ts';
import { Writer } from './writer.ts';

export interface SqliteStoreOptions {
  /** Holds the database files; made with mode 0700. */
  readonly directory: string;
  readonly keyring: Keyring;
  /** Absolute references below it are our own. */
  readonly baseUrl: string;
  /** Zone of dates without one. */
  readonly timeZone: string;
  readonly synchronous?: 'full' | 'normal';
  /** Unpacked blocks kept in memory. */
  readonly cacheBytes?: number;
  /** Resources that one page may bring along by _include and _revinclude. */
  readonly maxIncluded?: number;
  /** For a total that nobody asked for so many versions are looked at, and no more. */
  readonly maxWalked?: number;
  /** Milliseconds that one search may keep the processor; 2,000 unless said otherwise. */
  readonly maxSearchMs?: number;
  readonly now?: () => number;
  /** 10-digit code of an institution by the sender it writes as; for patient numbers whose system does not name it. */
  readonly institutionCode?: (sender: string) => string | undefined;
  /** Whether what a sender has of a type outlives the persons that it names by reference alone (lists that the operator keeps); absent: nothing does. */
  readonly keeps?: (sender: string, type: string) => boolean;
  /** Told of each erasure when the keys are destroyed, before the commit is answered; told again at the next start if it fails. */
  readonly erased?: (erasure: Erased) => Promise<void>;
  /** Told of an erasure that cannot be carried out: its line is stored all the same. */
  readonly failed?: (error: unknown) => void;
  /** Told when values cannot be taken anew; it is tried again. */
  readonly notRenewed?: (error: unknown) => void;
  /** Told where an erasure stands. */
  readonly step?: (name: 'committed' | 'destroyed' | 'purged') => void;
}

/** @throws Error with one sentence when the files cannot be used */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { keyring } = options;
  const now = options.now ?? Date.now;
  const synchronous = options.synchronous ?? 'full';
  let files = openFiles(options.directory, synchronous);
  if (files.carried()) {
    files.close();
    throw new Error('The migration into this data directory is not finished: call noren migrate again.');
  }
  if (files.isOld) files = await migrate(files, options.directory, synchronous, { ...options, now });
  const bodies = new Bodies(files, keyring, options.cacheBytes ?? 96 * 1024 * 1024);
  const definitions = (mark: string) => {
    const stored = files.edition(mark);
    return stored && unpacked(stored);
  };
  const state = new State(undefined, fitting(definitions));
  const bytes = (seqs: readonly number[]): Buffer[] => seqs.map(seq => bodies.at(state.ledger.place(seq)));
  const today = edition();
  files.putEdition(today.mark, packed(today.definitions));
  const renewal = new Renewal({
    state,
    runs: runsIn(files, keyring),
    bytes,
    valuesOf: valuesOf(createExtractor({ base: options.baseUrl, timeZone: options.timeZone }), options.baseUrl),
    definitions,
    ...(options.notRenewed === undefined ? {} : { failed: options.notRenewed }),
  });
  const writer = new Writer({ ...options, now, files, state, bodies, met: entries => renewal.meet(entries) });
  await writer.start();
  renewal.begin();

  let closed = false;
  const usable = (): void => {
    if (!writer.ready() || closed)
      throw new Problem('unavailable', 'The store cannot be used; restart the server.', { headers: { 'Retry-After': '10' } });
  };
  return {
    ...createReader({ ...options, now, state, mark: writer.mark, fresh: usable, bytes, renewing: () => renewal.indexing() }),

    async commit(commit) {
      usable();
      return await writer.commit(commit);
    },

    ready: () => writer.ready() && !closed,

    async close() {
      await renewal.stop();
      await writer.idle();
      if (!closed) files.close();
      closed = true;
    },
  };
}
