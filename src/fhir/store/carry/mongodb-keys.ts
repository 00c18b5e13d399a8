/**
 * The key store in MongoDB, as it is carried: keys out of their wrapping and into another.
 * @module
 */
import { MongoBulkWriteError } from 'mongodb';
import { decrypt, encrypt } from '../keys/cipher.ts';
import { rootId } from '../keys/keyring.ts';
import { secretsOf } from '../keys/secrets.ts';
import { keyCollections, rootOwner, type StoredKey } from '../keys/shared.ts';
import { type Connection, isDuplicate, maxTimeMS } from '../mongodb/connection.ts';
import { mergedStones, type SideKeys, wrappingOf } from './side.ts';

/** Keys in one query. */
const batch = 1000;
/** Of stones that come from elsewhere: all that are laid down later sort after it. */
const carriedVersion = '0';

export function keysInMongo(connection: Connection, master: Buffer): SideKeys {
  const { reach } = connection;
  const { keys, stones } = keyCollections(connection);
  let wrapping: Buffer | undefined;

  async function rootHere(): Promise<Buffer | undefined> {
    const there = await reach(() => keys.findOne({ _id: rootId }, { maxTimeMS }));
    if (!there) return undefined;
    try {
      const root = decrypt(wrappingOf(master), there.wrapped, `key ${rootId}`);
      wrapping = wrappingOf(root);
      return root;
    } catch {
      throw new Error('The master key does not open this key store.');
    }
  }
  const wrapper = async (): Promise<Buffer> => {
    if (!wrapping) await rootHere();
    if (!wrapping) throw new Error('There are no keys.');
    return wrapping;
  };
  const unwrap = ({ _id, wrapped }: StoredKey, by: Buffer): Buffer => decrypt(by, wrapped, `key ${_id}`);

  return {
    root: rootHere,

    async *all() {
      const by = await wrapper();
      for (let last = rootId; ; ) {
        const found = await reach(() => keys.find({ _id: { $gt: last } }, { sort: { _id: 1 }, limit: batch, maxTimeMS }).toArray());
        if (found.length === 0) return;
        last = found.at(-1)!._id;
        yield found.map(one => ({ id: one._id, owner: one.owner, key: unwrap(one, by) }));
      }
    },

    async some(ids) {
      const by = await wrapper();
      const wanted = [...new Set(ids)];
      const found = new Map<number, Buffer>();
      for (let at = 0; at < wanted.length; at += batch)
        for (const one of await reach(() => keys.find({ _id: { $in: wanted.slice(at, at + batch) } }, { maxTimeMS }).toArray()))
          found.set(one._id, unwrap(one, by));
      return found;
    },

    async ofOwner(owner) {
      const by = await wrapper();
      const one = await reach(() => keys.findOne({ owner }, { maxTimeMS }));
      return one ? unwrap(one, by) : undefined;
    },

    async stones() {
      const { openStone } = secretsOf((await rootHere())!);
      const found = await reach(() => stones.find({}, { sort: { _id: 1 } }).toArray());
      return mergedStones(found.map(({ body }) => openStone(body)));
    },

    async begin(root) {
      await reach(() => keys.createIndex({ owner: 1 }, { unique: true }));
      const wrapped = encrypt(wrappingOf(master), root, `key ${rootId}`);
      await insertNew(() => keys.insertOne({ _id: rootId, owner: rootOwner, wrapped }));
    },

    async take(some) {
      const by = await wrapper();
      const documents = some.map(({ id, owner, key }) => ({ _id: id, owner, wrapped: encrypt(by, key, `key ${id}`) }));
      if (documents.length > 0) await insertNew(() => keys.insertMany(documents, { ordered: false }));
    },

    async lay(some) {
      const { nameOf, sealStone } = secretsOf((await rootHere())!);
      for (const stone of some)
        await insertNew(() =>
          stones.insertOne({ _id: `${nameOf('tombstone', stone.name).toString('hex')}.${carriedVersion}`, body: sealStone(stone) }),
        );
    },

    close: () => connection.close(),
  };

  /** What is there already came by an earlier call. */
  async function insertNew(insert: () => Promise<unknown>): Promise<void> {
    try {
      await reach(insert);
    } catch (error) {
      const others = error instanceof MongoBulkWriteError && [error.writeErrors].flat().some(one => one.code !== 11000);
      if (!isDuplicate(error) || others) throw error;
    }
  }
}
