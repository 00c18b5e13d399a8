/**
 * What several processes remember together for a stated time: one collection, `kept`. A use is an insert under a unique `_id`, so of many one wins; there is no lock, no TTL and no update
 * that anything is decided by.
 * What is kept is sealed by the key of the ten minutes in which it ends, and that key stands with the others, in the database of the keys: when they are over it is destroyed,
 * and no copy of the data opens any of it again.
 * What the database shows without keys: how many there are, when each ends, which belong to one owner.
 * @module
 */
import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Collection, Filter } from 'mongodb';
import { isName, type Payload, type SharedKept } from '../kept.ts';
import { decrypt, encrypt } from '../keys/cipher.ts';
import type { SharedKeyring } from '../keys/shared.ts';
import { type Connection, isDuplicate, maxTimeMS } from './connection.ts';

interface Stored {
  /** `<name>`; `<name>/<attempt>/<n>` for what is too large for one document; `used.<name>` for a use; `key.<span>` for the key of a span. */
  readonly _id: string;
  readonly ends: Date;
  /** Of a data key. */
  readonly key?: number;
  readonly body?: Buffer;
  /** The documents that hold the rest of the body, in order. */
  readonly parts?: readonly string[];
  /** Keyed hash of the owner. */
  readonly of?: string;
}

/** What ends within one span has one key. */
const spanMs = 600_000;
const sweepMs = 600_000;
/** What is over goes so much later: clocks of two machines need not agree better. */
const skewMs = 3_600_000;
/** A document may have 16 MB. */
const partBytes = 8 * 1024 * 1024;
/** Looks at something that is replaced again and again. */
const mostTries = 5;
/** For the use of something that is not kept (any more). */
const defaultLifeMs = 86_400_000;

export interface SharedKeptOptions {
  readonly connection: Connection;
  readonly keyring: SharedKeyring;
  /** 32 bytes, which names hang on. */
  readonly secret: Buffer;
  readonly now?: () => number;
  /** Told of a sweep that failed; the next one comes. */
  readonly failed?: (error: unknown) => void;
}

const collectionOf = ({ database }: Connection): Collection<Stored> => database.collection('kept', { promoteBuffers: true });
const notesOfKeys = { _id: { $gte: 'key.', $lt: 'key.~' } };

/** Numbers of the keys that seal what is kept. */
export async function passingKeys(connection: Connection): Promise<ReadonlySet<number>> {
  const found = await connection.reach(() => collectionOf(connection).find(notesOfKeys, { maxTimeMS }).toArray());
  return new Set(found.map(({ key }) => key!));
}

export async function openSharedKept({ connection, keyring, secret, now = Date.now, failed }: SharedKeptOptions): Promise<SharedKept> {
  const { reach } = connection;
  const kept = collectionOf(connection);
  const names = Buffer.from(hkdfSync('sha256', secret, 'noren', 'kept names', 32));
  const nameOf = (kind: string, id: string) => createHmac('sha256', names).update(`${kind} ${id}`).digest('base64url');
  const usedOf = (name: string) => `used.${name}`;
  const ownerOf = (kind: string, of: string) => nameOf(`${kind} of`, of);
  await reach(async () => {
    await kept.createIndex({ ends: 1 });
    await kept.createIndex({ of: 1 }, { sparse: true });
  });

  /** True: it was not there yet. */
  const insert = (one: Stored): Promise<boolean> =>
    reach(async () => {
      try {
        await kept.insertOne(one);
        return true;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        return false;
      }
    });

  /** Spans whose key is noted, so that who sweeps finds it; and the keys that this process has in its memory. */
  const noted = new Set<number>();
  const held = new Map<number, number>();
  async function keyFor(endsMs: number) {
    const span = Math.ceil(endsMs / spanMs);
    const [key] = await keyring.keysFor([{ kind: 'passing', owner: String(span) }]);
    if (!noted.has(span)) {
      await insert({ _id: `key.${span}`, ends: new Date(span * spanMs), key: key!.id });
      noted.add(span);
    }
    held.set(span, key!.id);
    return key!;
  }

  async function findNamed(kind: string, name: string, tried = 1): Promise<Payload | undefined> {
    if (!isName(name)) return undefined;
    const found = await reach(() => kept.find({ _id: { $in: [name, usedOf(name)] } }, { maxTimeMS }).toArray());
    const one = found.find(({ _id }) => _id === name);
    if (one === undefined || one.ends.getTime() <= now()) return undefined;
    const parts = one.parts === undefined ? [] : await reach(() => kept.find({ _id: { $in: [...one.parts!] } }, { maxTimeMS }).toArray());
    const bodies = new Map(parts.map(({ _id, body }) => [_id, body!]));
    // Replaced meanwhile: what takes its place is another answer to the same question. Where its parts stay away, who dropped it was cut off.
    if (bodies.size < (one.parts?.length ?? 0)) return tried < mostTries ? findNamed(kind, name, tried + 1) : undefined;
    await keyring.learn([one.key!]);
    const key = keyring.key(one.key!);
    if (key === undefined) return undefined;
    held.set(Math.ceil(one.ends.getTime() / spanMs), one.key!);
    const sealed = one.parts === undefined ? one.body! : Buffer.concat([one.body!, ...one.parts.map(part => bodies.get(part)!)]);
    const payload = JSON.parse(decrypt(key, sealed, name).toString()) as Payload;
    return found.length > 1 ? { ...payload, consumed: true } : payload;
  }

  async function put(kind: string, id: string, payload: Payload, lifeSeconds: number, of?: string): Promise<void> {
    const name = nameOf(kind, id);
    const endsMs = now() + lifeSeconds * 1000;
    const { id: keyId, key } = await keyFor(endsMs);
    const sealed = encrypt(key, Buffer.from(JSON.stringify(payload)), name);
    const ends = new Date(endsMs);
    const attempt = `${name}/${randomBytes(6).toString('base64url')}`;
    const parts = Array.from({ length: Math.ceil(sealed.length / partBytes) - 1 }, (_, i) => `${attempt}/${i + 1}`);
    for (const [i, part] of parts.entries())
      await insert({ _id: part, ends, body: sealed.subarray((i + 1) * partBytes, (i + 2) * partBytes) });
    const { _id, ...document }: Stored = {
      _id: name,
      ends,
      key: keyId,
      body: sealed.subarray(0, partBytes),
      ...(parts.length === 0 ? {} : { parts }),
      ...(of === undefined ? {} : { of: ownerOf(kind, of) }),
    };
    // Of those that are there, not of all but its own: another put may be under way, whose parts are on their way.
    const before = await reach(() => kept.findOne({ _id }, { projection: { parts: 1 }, maxTimeMS }));
    await replace(_id, document);
    if (before?.parts) await remove({ _id: { $in: [...before.parts] } });
  }

  /** Two who put at once are one after the other: the second finds the document of the first. */
  const replace = (_id: string, document: Omit<Stored, '_id'>): Promise<void> =>
    reach(async () => {
      for (let tried = 1; ; tried++)
        try {
          await kept.replaceOne({ _id }, document, { upsert: true });
          return;
        } catch (error) {
          if (!isDuplicate(error) || tried === 5) throw error;
        }
    });

  const remove = (filter: Filter<Stored>): Promise<void> => reach(async () => void (await kept.deleteMany(filter)));
  const dropNamed = async (_kind: string, name: string): Promise<void> => {
    if (isName(name)) await remove({ _id: { $gte: name, $lt: `${name}~` } });
  };

  /** Keys first: a sweep that was cut off finds them again by the documents that are left. */
  async function sweep(): Promise<void> {
    const ends = { $lt: new Date(now() - skewMs) };
    const over = await reach(() => kept.find({ ...notesOfKeys, ends }, { maxTimeMS }).toArray());
    const ids = over.map(({ key }) => key!);
    if (ids.length > 0) {
      await keyring.destroy(ids);
      keyring.forget(ids);
    }
    // Those too that another process destroyed.
    for (const [span, id] of held) {
      if (span * spanMs >= now() - skewMs) continue;
      keyring.forget([id]);
      held.delete(span);
      noted.delete(span);
    }
    await remove({ ends });
  }
  let sweeping: Promise<void> | undefined;
  const timer = setInterval(() => {
    sweeping ??= sweep()
      .catch(error => {
        if (connection.reachable()) failed?.(error);
      })
      .finally(() => {
        sweeping = undefined;
      });
  }, sweepMs);
  timer.unref();

  return {
    find: (kind, id) => findNamed(kind, nameOf(kind, id)),
    findNamed: (kind, name) => findNamed(kind, name),
    put,
    drop: (kind, id) => dropNamed(kind, nameOf(kind, id)),
    dropNamed,
    dropOf: (kind, of) => remove({ of: ownerOf(kind, of) }),
    async use(kind, id, lifeSeconds) {
      const name = nameOf(kind, id);
      const ends =
        lifeSeconds === undefined
          ? (await reach(() => kept.findOne({ _id: name }, { projection: { ends: 1 }, maxTimeMS })))?.ends
          : new Date(now() + lifeSeconds * 1000);
      return insert({ _id: usedOf(name), ends: ends ?? new Date(now() + defaultLifeMs) });
    },
    async isUsed(kind, id) {
      const _id = usedOf(nameOf(kind, id));
      return (await reach(() => kept.findOne({ _id }, { projection: { _id: 1 }, maxTimeMS }))) !== null;
    },
    unuse: (kind, id) => remove({ _id: usedOf(nameOf(kind, id)) }),
    nameOf,
    async has(_kind, name) {
      if (!isName(name)) return false;
      const one = await reach(() => kept.findOne({ _id: name }, { projection: { ends: 1 }, maxTimeMS }));
      return one !== null && one.ends.getTime() > now();
    },
    count: (kind, of) => reach(() => kept.countDocuments({ of: ownerOf(kind, of), ends: { $gt: new Date(now()) } }, { maxTimeMS })),
    sweep,
    async close() {
      clearInterval(timer);
      await sweeping;
    },
  };
}
