/**
 * The journal: what no restored copy may forget (lines of lists, erasures, purges, books, and the resources that make them), written to another place before a commit is answered.
 * A backup is always older than the last objection; with the journal that objection, and the keys it destroyed, are not lost with the disk.
 * Shape of the file: for each record 4 bytes of length, then the sealed record (keys/cipher.ts), bound to its number.
 * @module
 */
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { asServer } from '../model/access.ts';
import { Problem } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import { decrypt, encrypt } from './keys/cipher.ts';
import type { BookEntry, Commit, Forget, LineName, ListEntry, Store } from './store.ts';

export const journalName = 'journal';

/** What a commit must not be forgotten for. */
export interface Journaled {
  /** Milliseconds. */
  readonly time: number;
  /** The resources that make lines; without one: it was deleted. */
  readonly writes: readonly { readonly type: string; readonly id: string; readonly sender: string; readonly resource?: AnyResource }[];
  /** Names of persons in the form that the store keeps. */
  readonly lists: readonly ListEntry[];
  readonly entries: readonly BookEntry[];
  readonly erase: readonly LineName[];
  /** Versions that were taken out for good; absent in records from before there was that. */
  readonly forget?: readonly Forgotten[];
}

/** `kept`: the version that was current then, and stayed; what came before it went with `history`. */
type Forgotten = Forget & { readonly kept?: number };

export interface Journal {
  /** Resolves when the record is on the disk. */
  append(record: Journaled): Promise<void>;
  close(): Promise<void>;
}

const nameOf = (number: number): string => `journal ${number}`;

/** Lengths of the whole records of a file; what follows the last one was never acknowledged. */
function lengths(file: string): number[] {
  const found: number[] = [];
  const handle = openSync(file, 'r');
  try {
    const { size } = statSync(file);
    const head = Buffer.alloc(4);
    for (let at = 0; at + 4 <= size; ) {
      readSync(handle, head, 0, 4, at);
      const length = head.readUInt32BE();
      if (at + 4 + length > size) break;
      found.push(length);
      at += 4 + length;
    }
    return found;
  } finally {
    closeSync(handle);
  }
}

/** How many records a journal holds; 0 where there is none. */
export function journalLength(directory: string): number {
  try {
    return lengths(path.join(directory, journalName)).length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/**
 * The records of a journal in order, from a number on (0 is the first).
 * @throws Error when the key is another, or a record was changed
 */
export function* readJournal(directory: string, key: Buffer, from: number): Generator<Journaled> {
  const file = path.join(directory, journalName);
  const bytes = readFileSync(file);
  let at = 0;
  for (const [number, length] of lengths(file).entries()) {
    if (number >= from) yield JSON.parse(decrypt(key, bytes.subarray(at + 4, at + 4 + length), nameOf(number)).toString()) as Journaled;
    at += 4 + length;
  }
}

/**
 * Opens a journal to be written on; what a cut-off write left at its end is taken away.
 * @param directory best on another disk than the data; made with mode 0700 if it is not there
 * @param key 32 bytes
 */
export async function openJournal(directory: string, key: Buffer): Promise<Journal> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, journalName);
  const handle: FileHandle = await open(file, 'a', 0o600);
  const whole = lengths(file);
  let number = whole.length;
  cut(
    file,
    whole.reduce((sum, length) => sum + 4 + length, 0),
  );
  let waiting: { readonly bytes: Buffer; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  let writing: Promise<void> | undefined;

  /** Whatever waits goes to the disk together. */
  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        await handle.appendFile(Buffer.concat(group.map(({ bytes }) => bytes)));
        await handle.datasync();
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    writing = undefined;
  }

  return {
    append(record) {
      const sealed = encrypt(key, Buffer.from(JSON.stringify(record)), nameOf(number++));
      const head = Buffer.alloc(4);
      head.writeUInt32BE(sealed.length);
      return new Promise((resolve, reject) => {
        waiting.push({ bytes: Buffer.concat([head, sealed]), resolve, reject });
        writing ??= write();
      });
    },
    async close() {
      await writing;
      await handle.close();
    },
  };
}

function cut(file: string, length: number): void {
  const handle = openSync(file, 'r+');
  try {
    ftruncateSync(handle, length);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * What of a commit goes into the journal; undefined: nothing.
 * @param forget of the commit, with what it keeps
 */
export function journaled(commit: Commit, mark: Store['mark'], time: number, forget: readonly Forgotten[] = []): Journaled | undefined {
  const { writes, lists = [], entries = [], erase = [] } = commit;
  if (lists.length === 0 && entries.length === 0 && erase.length === 0 && forget.length === 0) return undefined;
  const sources = new Set(lists.map(({ source }) => source));
  return {
    time,
    writes: writes
      .filter(({ type, id, legal }) => legal === true || type === 'Consent' || sources.has(`${type}/${id}`))
      .map(({ type, id, sender, resource }) => ({ type, id, sender, ...(resource === undefined ? {} : { resource }) })),
    lists: lists.map(line => ({ ...line, persons: line.persons.map(mark) })),
    entries,
    erase,
    ...(forget.length === 0 ? {} : { forget }),
  };
}

const reader = asServer('take versions out for good');

/** What is to be forgotten, with the version that is current: another one may be by the time that it is done again. */
const keeping = (store: Store, forget: readonly Forget[]): Promise<Forgotten[]> =>
  Promise.all(
    forget.map(async one => {
      const current = one.what === 'history' ? await store.read(reader, one.type, one.id) : undefined;
      return current === undefined ? one : { ...one, kept: current.versionId };
    }),
  );

/** A store whose commits are answered only when the journal has them too. A journal that cannot be written ends all writing: what it would not hold could be forgotten. */
export function withJournal(store: Store, journal: Journal, now: () => number): Store {
  let broken = false;
  const unavailable = () =>
    new Problem('unavailable', 'The journal cannot be written; restart the server.', { headers: { 'Retry-After': '10' } });
  return {
    ...store,
    async commit(commit) {
      if (broken) throw unavailable();
      const committed = await store.commit(commit);
      const record = committed.repeated ? undefined : journaled(commit, store.mark, now(), await keeping(store, commit.forget ?? []));
      if (record) {
        await journal.append(record).catch(() => {
          broken = true;
          throw unavailable();
        });
      }
      return committed;
    },
    ready: () => store.ready() && !broken,
  };
}

/** Does again, in a store that has been restored, what a record says was done. */
export async function replay(store: Store, { writes, lists, entries, erase, forget = [] }: Journaled): Promise<void> {
  const again = (await Promise.all(forget.map(one => forgetting(store, one)))).flat();
  await store.commit({
    writes: writes.map(write => ({ ...write, expect: 'any', legal: true })),
    lists,
    entries,
    erase,
    ...(again.length === 0 ? {} : { forget: again }),
  });
}

/** In a copy that is older, what was forgotten may be current, and then the resource goes as a whole; or it may never have come. */
async function forgetting(store: Store, { kept, ...one }: Forgotten): Promise<readonly Forget[]> {
  const { type, id, what, versionId } = one;
  const current = await store.read(reader, type, id);
  if (current === undefined) return [];
  const isCurrent = what === 'version' ? current.versionId === versionId : kept !== undefined && current.versionId < kept;
  if (isCurrent) return [{ type, id, what: 'all' }];
  if (what === 'version' && (await store.version(reader, type, id, versionId!)) === undefined) return [];
  return [one];
}
