/**
 * The store of several processes: a log and encrypted blocks in MongoDB, in each process the same index in memory (read by reader.ts). Here it is opened and closed.
 * @module
 */

import { createExtractor } from '../../search/extract.ts';
import { nameMark } from '../keys/mark.ts';
import type { SharedKeyring } from '../keys/shared.ts';
import { edition, packed, unpacked } from '../log/edition.ts';
import type { Erased } from '../log/erase.ts';
import { valuesOf } from '../log/prepare.ts';
import { fitting, Renewal } from '../log/renewal.ts';
import { createReader } from '../reader.ts';
import type { Store } from '../store.ts';
import { Bodies } from './bodies.ts';
import { openCollections } from './collections.ts';
import { type Connection, unavailable } from './connection.ts';
import { Decider, type Step } from './decider.ts';
import { Erasures } from './erasures.ts';
import { Purges } from './purges.ts';
import { Replica } from './replica.ts';
import { runsIn } from './runs.ts';
import { Writer } from './writer.ts';

export interface MongoStoreOptions {
  /** Its database is the store's alone; closed by whoever opened it. */
  readonly connection: Connection;
  readonly keyring: SharedKeyring;
  /** Absolute references below it are our own. */
  readonly baseUrl: string;
  /** Zone of dates without one. */
  readonly timeZone: string;
  /** Unpacked blocks kept in memory. */
  readonly cacheBytes?: number;
  /** Resources that one page may bring along by _include and _revinclude. */
  readonly maxIncluded?: number;
  readonly now?: () => number;
  /** 10-digit code of an institution by the sender it writes as; for patient numbers whose system does not name it. */
  readonly institutionCode?: (sender: string) => string | undefined;
  /** Whether what a sender has of a type outlives the persons that it names by reference alone; absent: nothing does. */
  readonly keeps?: (sender: string, type: string) => boolean;
  /** Told of each erasure when the keys are destroyed, before the commit is answered; told again, perhaps in another process, if it fails. */
  readonly erased?: (erasure: Erased) => Promise<void>;
  /** Told of an erasure that cannot be carried out: its line is stored all the same. */
  readonly failed?: (error: unknown) => void;
  /** Told when values cannot be taken anew; it is tried again. */
  readonly notRenewed?: (error: unknown) => void;
  /** Told where a commit or an erasure stands. */
  readonly step?: (name: Step) => void;
}

/** Milliseconds between two looks at the log of a process that nobody asks. */
const lookMs = 1000;
const dayMs = 86_400_000;
/** Days for which blocks without an entry are looked for. */
const sweptDays = 8;

/** @throws Error with one sentence when the database cannot be used */
export async function openMongoStore(options: MongoStoreOptions): Promise<Store> {
  const { connection, keyring, failed } = options;
  const now = options.now ?? Date.now;
  const step = options.step ?? (() => {});
  const keeps = options.keeps ?? (() => false);
  const mark = nameMark(keyring);
  const [register] = await keyring.keysFor([{ kind: 'legal', owner: 'register' }]);
  const collections = openCollections(connection);
  await collections.claim(keyring.secret('store').toString('hex'));
  const bodies = new Bodies(collections, keyring, options.cacheBytes ?? 96 * 1024 * 1024, () => replica);
  const today = edition();
  await collections.putEdition(today.mark, packed(today.definitions));
  const editions = await collections.editions();
  const definitions = (made: string) => {
    const stored = editions.get(made);
    return stored && unpacked(stored);
  };
  const replica = new Replica({
    fit: fitting(definitions),
    collections,
    keyring,
    keeps,
    drop: blocks => bodies.drop(blocks),
    leave: blocks => bodies.leave(blocks),
    met: entries => renewal.meet(entries),
  });
  const renewal = new Renewal({
    state: replica.state,
    runs: runsIn(collections, keyring, () => replica),
    bytes: seqs => bodies.of(seqs),
    valuesOf: valuesOf(createExtractor({ base: options.baseUrl, timeZone: options.timeZone }), options.baseUrl),
    definitions,
    ...(options.notRenewed === undefined ? {} : { failed: options.notRenewed }),
  });
  const decider = new Decider({ collections, replica, register: register!.key, step });
  const erasures = new Erasures({ ...options, now, step, replica, decider });
  const purges = new Purges({ collections, replica, keyring, bodies, decider, step });
  const writer = new Writer({ ...options, now, keeps, mark, replica, bodies, decider, erasures, purges });
  await replica.start(register!.key);
  await erasures.finishLeft(0);
  await purges.finishLeft(0);
  renewal.begin();

  let closed = false;
  let swept = 0;
  let looking: Promise<void> | undefined;
  /** Meets what others write and finishes what they leave, whether anybody asks or not: an erasure does not wait for a request to leave the memory of an idle process. */
  const look = async (): Promise<void> => {
    if (!replica.whole) return;
    try {
      await replica.catchUp();
      await erasures.finishLeft();
      await purges.finishLeft();
      if (Date.now() - swept < dayMs) return;
      const commits = replica.commits();
      await collections.sweep(Date.now() - sweptDays * dayMs, Date.now() - dayMs, commit => commits.has(commit));
      swept = Date.now();
    } catch (error) {
      if (connection.reachable()) failed?.(error);
    }
  };
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
  }, lookMs);
  timer.unref();

  const usable = (): void => {
    if (closed || !replica.whole) throw unavailable('The store cannot be used; restart the server.');
  };
  return {
    ...createReader({
      ...options,
      now,
      mark,
      state: replica.state,
      async fresh() {
        usable();
        await replica.catchUp();
      },
      bytes: seqs => bodies.of(seqs),
      renewing: () => renewal.indexing(),
    }),

    async commit(commit) {
      usable();
      if (!connection.reachable()) throw unavailable();
      return await writer.commit(commit);
    },

    ready: () => !closed && replica.whole && connection.reachable(),

    async close() {
      clearInterval(timer);
      await renewal.stop();
      const decided = decider.close();
      await looking;
      await writer.idle();
      await erasures.idle();
      await purges.idle();
      await decided;
      closed = true;
    },
  };
}
