/**
 * Key sets that clients keep at a URL of their own: fetched by us, from outside addresses only, and kept a short while.
 * The address that was looked at is the one that is connected to; there are no redirects; size, time and life are limited.
 * SMART: https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#registering-a-client-communicating-public-keys
 * @module
 */
import { lookup as resolve } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isOutside } from './outside-address.ts';

export interface KeySetSettings {
  /** Milliseconds. */
  readonly now: () => number;
  /** http and https on this machine's own addresses are taken too: for tests and sandboxes. */
  readonly loopback?: boolean;
  /** Addresses of a name. */
  readonly addresses?: (hostname: string) => Promise<readonly string[]>;
  /** Trusted beside the system's certificates (PEM). */
  readonly ca?: string;
}

const limits = { bytes: 64 * 1024, timeoutMs: 5_000, lifeSeconds: 300, pauseSeconds: 10, againSeconds: 30 } as const;

/**
 * The keys behind a URL, as they came: whoever uses them checks them. Undefined: none can be had.
 * @param kid the key that is looked for: a set that is kept and lacks it is fetched again, once in 30 seconds
 */
export type KeySets = (uri: string, kid?: string) => Promise<readonly unknown[] | undefined>;

interface Kept {
  readonly keys: readonly unknown[] | undefined;
  /** Milliseconds: when it was asked for. */
  readonly from: number;
  /** Milliseconds. */
  readonly until: number;
}

const isLoopback = (address: string): boolean => address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);

/** Whether a client may register this URL for its keys. */
export function isKeySetUrl(text: unknown, loopback = false): text is string {
  const url = typeof text === 'string' && text.length <= 2000 ? URL.parse(text) : null;
  if (url === null || url.hash !== '' || url.username + url.password !== '') return false;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const own = loopback && (isLoopback(host) || host === 'localhost');
  return url.protocol === 'https:' ? own || isIP(host) === 0 || isOutside(host) : url.protocol === 'http:' && own;
}

/** What failed is not tried again for ten seconds. */
export function createKeySets(settings: KeySetSettings): KeySets {
  const { now } = settings;
  const kept = new Map<string, Kept>();
  const coming = new Map<string, Promise<Kept>>();

  const fetched = async (uri: string): Promise<Kept> => {
    const from = now();
    try {
      const { keys, lifeSeconds } = await fetchKeySet(uri, settings);
      return { keys, from, until: now() + lifeSeconds * 1000 };
    } catch {
      // Why it failed would tell the asker about our network. A set that is still good stays.
      const there = kept.get(uri);
      return there?.keys !== undefined && now() < there.until
        ? { ...there, from }
        : { keys: undefined, from, until: now() + limits.pauseSeconds * 1000 };
    }
  };
  const isEnough = ({ keys, from, until }: Kept, kid: string | undefined): boolean =>
    now() < until &&
    (kid === undefined || keys === undefined || keys.some(key => kidOf(key) === kid) || now() < from + limits.againSeconds * 1000);

  return async (uri, kid) => {
    const there = kept.get(uri);
    if (there !== undefined && isEnough(there, kid)) return there.keys;
    let asked = coming.get(uri);
    if (asked === undefined) {
      asked = fetched(uri).then(one => {
        kept.set(uri, one);
        coming.delete(uri);
        return one;
      });
      coming.set(uri, asked);
    }
    return (await asked).keys;
  };
}

const kidOf = (key: unknown): unknown => (key as { kid?: unknown } | null)?.kid;

async function fetchKeySet(uri: string, settings: KeySetSettings): Promise<{ keys: readonly unknown[]; lifeSeconds: number }> {
  const { loopback = false, addresses = systemAddresses, ca } = settings;
  if (!isKeySetUrl(uri, loopback)) throw new Error('This URL may not be fetched.');
  const url = new URL(uri);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = isIP(host) === 0 ? await withinTime(addresses(host)) : [host];
  const mayBe = (address: string) => isOutside(address) || (loopback && isLoopback(address));
  const [address] = found;
  // One address inside among many is enough to refuse: which one is taken must not be luck.
  if (address === undefined || !found.every(mayBe)) throw new Error('This host is not outside.');
  const family = isIP(address);
  const pinned: LookupFunction = (_host, options, done) => (options.all ? done(null, [{ address, family }]) : done(null, address, family));
  const options = {
    lookup: pinned,
    agent: false as const,
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(limits.timeoutMs),
  };
  return new Promise((take, fail) => {
    const request =
      url.protocol === 'https:' ? https.get(url, { ...options, ...(ca === undefined ? {} : { ca }) }) : http.get(url, options);
    request.once('error', fail);
    request.once('response', response => {
      const refuse = (why: string) => {
        request.destroy();
        fail(new Error(why));
      };
      if (response.statusCode !== 200) return refuse('The answer is not 200.');
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.once('error', fail);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limits.bytes) refuse('The answer is too long.');
        else chunks.push(chunk);
      });
      response.once('end', () => {
        try {
          const { keys } = JSON.parse(Buffer.concat(chunks).toString()) as { keys?: unknown };
          if (!Array.isArray(keys) || keys.length > 100) return refuse('The answer is no key set.');
          take({ keys, lifeSeconds: lifeOf(response.headers['cache-control']) });
        } catch (thrown) {
          fail(thrown as Error);
        }
      });
    });
  });
}

/** As long as the answer says, never more than five minutes. RFC 9111 §5.2.2 */
function lifeOf(cacheControl = ''): number {
  if (/(^|[\s,])no-(store|cache)\b/i.test(cacheControl)) return 0;
  const [, age] = /(?:^|[\s,])max-age="?(\d{1,9})/i.exec(cacheControl) ?? [];
  return Math.min(age === undefined ? limits.lifeSeconds : Number(age), limits.lifeSeconds);
}

const systemAddresses = async (hostname: string): Promise<readonly string[]> =>
  (await resolve(hostname, { all: true })).map(({ address }) => address);

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error('It takes too long.')), limits.timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
