/**
 * A connection to MongoDB: every round trip has an end, and one that fails is `unavailable`, whatever the driver says of it. The URI, which may hold a password, is told to nobody.
 * @module
 */
import { type Db, MongoClient, type MongoClientOptions, MongoError, MongoServerError } from 'mongodb';
import { Problem } from '../../model/outcome.ts';

export interface Connection {
  readonly database: Db;
  /** The database beside it on the same server, `<name>_<suffix>`; by the same connection. */
  beside(suffix: string): Connection;
  /**
   * A round trip. @throws Problem unavailable when it did not come back with an answer: what it wrote may have been written or not.
   * An error of duplicate keys is the caller's.
   * @param mostMs after which it is given up, whatever the driver waits for
   */
  reach<T>(work: () => Promise<T>, mostMs?: number): Promise<T>;
  /** Whether the last round trip came back. */
  reachable(): boolean;
  close(): Promise<void>;
}

/** Milliseconds until somebody is told that the database does not answer. */
const limits = {
  serverSelectionTimeoutMS: 3000,
  waitQueueTimeoutMS: 3000,
  connectTimeoutMS: 3000,
  socketTimeoutMS: 6000,
  heartbeatFrequencyMS: 2000,
  // As long as the one above: else the driver looks at the server in the very moment in which all connections end, its own among them, and where that one is half closed
  // (and polled) it waits for ever for what it wrote to be taken: the server would never be found again.
  minHeartbeatFrequencyMS: 2000,
} as const;
/** One round trip, all waits of the driver together. */
const tripMs = 15_000;
/** For queries, at the server. */
export const maxTimeMS = 5000;

/** What the URI says itself stays. */
function optionsFor(uri: string): MongoClientOptions {
  const said = new URLSearchParams(uri.slice(uri.indexOf('?') + 1));
  const wanted: MongoClientOptions = {
    ...limits,
    w: 'majority',
    journal: true,
    wtimeoutMS: 5000,
    readConcernLevel: 'majority',
    maxPoolSize: 50,
  };
  const open = Object.entries(wanted).filter(([name]) => !said.has(name));
  return { ...Object.fromEntries(open), readPreference: 'primary', appName: 'noren', ignoreUndefined: true };
}

export const isDuplicate = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11000;

export const unavailable = (text = 'The database cannot be reached; try again.'): Problem =>
  new Problem('unavailable', text, { headers: { 'Retry-After': '5' } });

/**
 * @param told when the database stops to answer, and when it answers again
 * @throws Error with one sentence when the server does not answer
 */
export async function connect(uri: string, told: (state: 'lost' | 'found', why?: string) => void = () => {}): Promise<Connection> {
  let client: MongoClient;
  try {
    client = new MongoClient(uri, optionsFor(uri));
    await client.connect();
  } catch (error) {
    throw new Error(`MongoDB cannot be reached (${reason(error)}).`);
  }
  let up = true;
  const reach = async <T>(work: () => Promise<T>, mostMs = tripMs): Promise<T> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new MongoError('no answer')), mostMs);
    });
    try {
      const done = await Promise.race([work(), late]);
      if (!up) told('found');
      up = true;
      return done;
    } catch (error) {
      if (!(error instanceof MongoError) || isDuplicate(error)) throw error;
      if (up) told('lost', reason(error));
      up = false;
      throw unavailable();
    } finally {
      clearTimeout(timer);
    }
  };
  const over = (database: Db): Connection => ({
    database,
    beside: suffix => over(client.db(`${database.databaseName}_${suffix}`)),
    reach,
    reachable: () => up,
    close: () => client.close(),
  });
  return over(client.db());
}

/** Class and number of an error: its text may name hosts and values. */
const reason = (error: unknown): string =>
  error instanceof MongoServerError && error.code !== undefined
    ? `${error.name} ${error.code}`
    : error instanceof Error
      ? error.name
      : 'unknown';
