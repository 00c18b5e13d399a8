/**
 * The key store of several processes: a MongoDB database of its own, best on another server than the data. The same keys, owners and tombstones as in keyring.ts.
 * A key is made by inserting its document: of two processes that make one for the same owner the unique index lets one through. It is destroyed by deleting the document;
 * each process forgets its copy when it meets the erasure in the log (replica.ts).
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Collection } from 'mongodb';
import { type Connection, isDuplicate, maxTimeMS } from '../mongodb/connection.ts';
import { decrypt, encrypt } from './cipher.ts';
import { type DataKey, type KeyOwner, rootId } from './keyring.ts';
import { derive, secretsOf, type Tombstone } from './secrets.ts';
import { KeySlab } from './slab.ts';

export interface SharedKeyring {
  /** The keys of owners, in order; made where there are none, and durable when it resolves. */
  keysFor(owners: readonly KeyOwner[]): Promise<readonly DataKey[]>;
  /** Brings keys into memory; those that are not there are destroyed. */
  learn(ids: Iterable<number>): Promise<void>;
  /** Of those in memory; a copy. Undefined: destroyed, or never learned. */
  key(id: number): Buffer | undefined;
  /** From memory, for good: nothing that is read late brings it back. */
  forget(ids: readonly number[]): void;
  /** Destroys keys for all processes, and lays down a tombstone first. `version` tells stones of one name apart. May be called again. */
  destroy(ids: readonly number[], tombstone?: Tombstone & { readonly version: string }): Promise<void>;
  /** All versions of all stones, older ones first. */
  tombstones(): Promise<readonly Tombstone[]>;
  /** A secret of 32 bytes for one purpose, the same as long as this key store lives. */
  secret(purpose: string): Buffer;
  /** Wraps the root of all keys anew under another master key. */
  rotate(master: Buffer): Promise<void>;
}

export interface StoredKey {
  /** 0: the root, wrapped by the master key; the others are wrapped by a key derived from the root. */
  readonly _id: number;
  /** Keyed hash. */
  readonly owner: Buffer;
  readonly wrapped: Buffer;
}

interface StoredStone {
  /** `<keyed hash of the name>.<version>` */
  readonly _id: string;
  readonly body: Buffer;
}

/** Nobody. */
export const rootOwner = Buffer.alloc(16);
const heldOwners = 20_000;
/** Names in one query. */
const asked = 1000;

export const keyCollections = ({ database }: Connection) => ({
  keys: database.collection<StoredKey>('keys', { promoteBuffers: true }),
  stones: database.collection<StoredStone>('tombstones', { promoteBuffers: true }),
});

/** Whether there is no key in it yet. */
export const isEmptyKeyStore = async (connection: Connection): Promise<boolean> =>
  (await connection.reach(() => keyCollections(connection).keys.findOne({ _id: rootId }, { maxTimeMS }))) === null;

/**
 * @param master 32 bytes
 * @throws Error when the master key is not the one that wrapped these keys
 */
export async function openSharedKeyring(connection: Connection, master: Buffer): Promise<SharedKeyring> {
  if (master.length !== 32) throw new Error('The master key must have 32 bytes.');
  const { reach } = connection;
  const { keys, stones } = keyCollections(connection);
  const aad = (id: number): string => `key ${id}`;
  await reach(() => keys.createIndex({ owner: 1 }, { unique: true }));
  const root = await openRoot();
  const wrapping = derive(root, 'wrap');
  const { nameOf, sealStone, openStone, secret } = secretsOf(root);

  const slab = new KeySlab();
  /** Destroyed, as far as this process has met it. */
  const gone = new Set<number>();
  /** Name of an owner → id. */
  const owned = new Map<string, number>();
  const hold = ({ _id, wrapped }: StoredKey): void => {
    if (!gone.has(_id) && !slab.has(_id)) slab.put(_id, decrypt(wrapping, wrapped, aad(_id)));
  };
  const own = (label: string, id: number): void => {
    if (owned.size >= heldOwners) owned.delete(owned.keys().next().value!);
    owned.set(label, id);
  };

  async function openRoot(): Promise<Buffer> {
    const fresh = randomBytes(32);
    const found = await reach(async () => {
      const there = await keys.findOne({ _id: rootId }, { maxTimeMS });
      if (there) return there;
      const wrapped = encrypt(derive(master, 'wrap'), fresh, aad(rootId));
      await unlessThere(() => keys.insertOne({ _id: rootId, owner: rootOwner, wrapped }));
      return await keys.findOne({ _id: rootId }, { maxTimeMS });
    });
    try {
      return decrypt(derive(master, 'wrap'), found!.wrapped, aad(rootId));
    } catch {
      throw new Error('The master key does not open this key store.');
    }
  }

  async function find(collection: Collection<StoredKey>, names: readonly Buffer[]): Promise<Map<string, StoredKey>> {
    const found = new Map<string, StoredKey>();
    for (let at = 0; at < names.length; at += asked)
      for (const one of await collection.find({ owner: { $in: names.slice(at, at + asked) } }, { maxTimeMS }).toArray())
        found.set(one.owner.toString('latin1'), one);
    return found;
  }

  const keyring: SharedKeyring = {
    async keysFor(owners) {
      const names = owners.map(({ kind, owner }) => nameOf(kind, owner));
      const wanted = new Map(names.map(name => [name.toString('latin1'), name]));
      const have = new Map<string, DataKey>();
      for (const label of wanted.keys()) {
        const id = owned.get(label);
        const key = id === undefined ? undefined : slab.get(id);
        if (key) have.set(label, { id: id!, key });
      }
      const take = (label: string, one: StoredKey): void => {
        hold(one);
        own(label, one._id);
        have.set(label, { id: one._id, key: slab.get(one._id)! });
      };
      const open = () => [...wanted].filter(([label]) => !have.has(label)).map(([, name]) => name);
      await reach(async () => {
        for (let missing = open(); missing.length > 0; missing = open()) {
          const left: number[] = [];
          for (const [label, one] of await find(keys, missing)) {
            if (gone.has(one._id)) {
              left.push(one._id);
              continue;
            }
            take(label, one);
          }
          // Its erasure is in the log, and who carries it out has not come to it yet.
          if (left.length > 0) await keys.deleteMany({ _id: { $in: left } });
          const fresh = open().map((owner): StoredKey => {
            const id = Number(randomBytes(8).readBigUInt64BE() >> 11n);
            return { _id: id, owner, wrapped: encrypt(wrapping, randomBytes(32), aad(id)) };
          });
          // Where one was lost to another process, all are looked up the next time round.
          if (fresh.length === 0 || !(await unlessThere(() => keys.insertMany(fresh, { ordered: false })))) continue;
          for (const one of fresh) take(one.owner.toString('latin1'), one);
        }
      });
      return names.map(name => have.get(name.toString('latin1'))!);
    },

    async learn(ids) {
      const missing = [...new Set(ids)].filter(id => !slab.has(id) && !gone.has(id));
      if (missing.length === 0) return;
      await reach(async () => {
        for (let at = 0; at < missing.length; at += asked)
          for (const one of await keys.find({ _id: { $in: missing.slice(at, at + asked) } }, { maxTimeMS }).toArray()) hold(one);
      });
    },

    key: id => slab.get(id),

    forget(ids) {
      for (const id of ids) {
        gone.add(id);
        slab.forget(id);
      }
    },

    async destroy(ids, tombstone) {
      if (ids.includes(rootId)) throw new Error('the root of all secrets is nobody’s key');
      await reach(async () => {
        if (tombstone) {
          const { version, ...stone } = tombstone;
          const _id = `${nameOf('tombstone', stone.name).toString('hex')}.${version}`;
          await unlessThere(() => stones.insertOne({ _id, body: sealStone(stone) }));
        }
        if (ids.length > 0) await keys.deleteMany({ _id: { $in: [...ids] } });
      });
    },

    tombstones: () =>
      reach(async () => {
        const found = await stones.find({}, { sort: { _id: 1 } }).toArray();
        return found.map(({ body }) => openStone(body));
      }),

    secret,

    async rotate(newMaster) {
      if (newMaster.length !== 32) throw new Error('The master key must have 32 bytes.');
      await reach(() => keys.updateOne({ _id: rootId }, { $set: { wrapped: encrypt(derive(newMaster, 'wrap'), root, aad(rootId)) } }));
    },
  };
  return keyring;
}

/** False: somebody else's was there first. */
async function unlessThere(insert: () => Promise<unknown>): Promise<boolean> {
  try {
    await insert();
    return true;
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    return false;
  }
}
