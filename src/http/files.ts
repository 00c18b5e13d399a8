/**
 * Files that an operation made for one client, `[base]/_file/<id>`: fetched by that client alone, for a stated while, as long as nothing has come in about anybody.
 * The URL is no proof of access and says nothing. A file that could show somebody who has objected since is gone: it can be asked for again.
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Access } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { information, Problem } from '../fhir/model/outcome.ts';
import type { SharedKept } from '../fhir/store/kept.ts';
import type { OfferFiles } from '../operations/data-files.ts';
import { ndjson } from '../release/ndjson.ts';
import type { Held } from './held.ts';
import { ownerOf } from './jobs.ts';

/** A file that is kept. */
export interface KeptFile {
  readonly owner: string;
  /** Whose right it hangs on: code of the operation that made it. */
  readonly operation: string;
  /** Where the log of objections stood when nobody in it objected. */
  readonly moment: number;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly bytes: readonly Buffer[];
}

/** Where they are kept until their time is over. */
export interface Shelf {
  put(id: string, file: KeptFile): Promise<void>;
  find(id: string): Promise<KeptFile | undefined>;
  drop(id: string): Promise<void>;
}

/** In the memory of one process. @param now milliseconds since 1970 */
export function shelfOfOne(now: () => number): Shelf {
  const files = new Map<string, KeptFile>();
  const expire = (): void => {
    for (const [id, { until }] of files) if (until <= now()) files.delete(id);
  };
  return {
    async put(id, file) {
      files.set(id, file);
      setTimeout(expire, file.until - now() + 1000).unref();
    },
    async find(id) {
      expire();
      return files.get(id);
    },
    async drop(id) {
      files.delete(id);
    },
  };
}

const kind = 'File';

/** For all processes together. @param now milliseconds since 1970 */
export const shelfOfAll = (kept: SharedKept, now: () => number): Shelf => ({
  put: (id, { bytes, ...file }) =>
    kept.put(kind, id, { ...file, text: Buffer.concat(bytes).toString() }, (file.until - now()) / 1000, file.owner),
  async find(id) {
    const found = await kept.find(kind, id);
    if (found === undefined) return undefined;
    const { text, ...file } = found as unknown as Omit<KeptFile, 'bytes'> & { readonly text: string };
    return { ...file, bytes: [Buffer.from(text)] };
  },
  drop: id => kept.drop(kind, id),
});

export interface FilesParts {
  readonly baseUrl: string;
  readonly lifeSeconds: number;
  readonly shelf: Shelf;
  readonly held: Held;
  /** Where the log of what is on record about patients stands. */
  readonly moment: () => Promise<number>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Files {
  readonly offer: OfferFiles;
  /** `GET` of a file: 200. Throws 404, 403, 410. */
  fetch(id: string, granted: Access): Promise<Answer>;
  /** `DELETE` of a file: 200, and nothing of it is left. Throws 404. */
  forget(id: string, granted: Access): Promise<Answer>;
}

export function createFiles({ baseUrl, lifeSeconds, shelf, held, moment, now }: FilesParts): Files {
  const drop = async (id: string): Promise<void> => {
    held.release(id);
    await shelf.drop(id);
  };

  /** Somebody else's is not there. */
  async function own(id: string, granted: Access): Promise<KeptFile> {
    const file = await shelf.find(id);
    if (file?.owner !== ownerOf(granted)) throw new Problem('not-found', 'There is no such file, or it was kept as long as it is.');
    return file;
  }

  return {
    async offer(files, { access, ...by }) {
      const until = now() + lifeSeconds * 1000;
      const made = [...files].map(([type, bytes]) => ({
        type,
        bytes,
        id: randomBytes(18).toString('base64url'),
        size: bytes.reduce((sum, { length }) => sum + length, 0),
      }));
      if (made.reduce((sum, { size }) => sum + size, 0) > held.room())
        throw new Problem('too-costly', 'The files are larger than this server can keep: hand in less.');
      for (const { id, size } of made) held.hold(id, size, until);
      try {
        for (const { id, bytes } of made) await shelf.put(id, { ...by, owner: ownerOf(access), until, bytes });
      } catch (thrown) {
        await Promise.allSettled(made.map(({ id }) => drop(id)));
        throw thrown;
      }
      return { offered: made.map(({ type, id }) => ({ type, url: `${baseUrl}/_file/${id}` })), until };
    },

    async fetch(id, granted) {
      const file = await own(id, granted);
      if (!granted.operations.includes(file.operation))
        throw new Problem('forbidden', 'The file was made by an operation that this token does not allow.');
      if ((await moment()) !== file.moment) {
        await drop(id);
        throw new Problem('deleted', 'What may be known of somebody may have changed since the file was made: ask again.');
      }
      return {
        status: 200,
        content: { type: ndjson, bytes: file.bytes },
        headers: { expires: new Date(file.until).toUTCString() },
      };
    },

    async forget(id, granted) {
      await own(id, granted);
      await drop(id);
      return { status: 200, resource: information('The file is forgotten.') as never };
    },
  };
}
