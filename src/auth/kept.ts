/**
 * What an authorization server has to remember (sessions, grants, codes, refresh tokens, launches, what was used), as files of one process. One encrypted file each, named by a keyed hash:
 * neither a token nor a person can be read off the directory. Its mtime is the moment it ends. A use is an empty file beside it, made with O_EXCL.
 * RFC 6749 §10.3, §10.4 (tokens kept confidential in storage)
 * @module
 */
import { createHmac, hkdfSync } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { isName, type Kept, type Payload } from '../fhir/store/kept.ts';
import { decrypt, encrypt } from '../fhir/store/keys/cipher.ts';
import { makeDirectory } from './files.ts';

const sweepMs = 600_000;
const suffix = '.used';

/** @param secret 32 bytes */
export function openKept(directory: string, secret: Buffer, now: () => number = Date.now): Kept {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, 'noren', purpose, 32));
  const [names, contents] = [derive('kept names'), derive('kept contents')];
  const nameOf = (kind: string, id: string) => createHmac('sha256', names).update(`${kind} ${id}`).digest('base64url');
  const fileOf = (kind: string, name: string) => path.join(directory, kind, name);
  const ofOwner = (kind: string, of: string) => path.join(directory, `${kind}-of`, nameOf('Client', of));
  const made = new Set<string>();
  const folder = (place: string) => {
    if (!made.has(place)) made.add(makeDirectory(place));
    return place;
  };
  /**
   * Names of what was used, by kind: what was there at the start, and what this process made. One process serves a data directory (`noren.lock`).
   * Asked for at every request: of a kind that nothing was used of, no name is worked out.
   */
  const used = new Map<string, Set<string>>();
  const usedOf = (kind: string): Set<string> => used.get(kind) ?? used.set(kind, new Set()).get(kind)!;
  let swept = 0;
  let writes = 0;

  function sweep(): void {
    swept = now();
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      const ends = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      // Some time later: the file system's clock need not be ours.
      const isOver = ends < swept - 2 * sweepMs;
      if (isOver) rmSync(file, { force: true });
      if (!entry.name.endsWith(suffix)) continue;
      const [names, name] = [usedOf(path.basename(entry.parentPath)), entry.name.slice(0, -suffix.length)];
      if (isOver) names.delete(name);
      else names.add(name);
    }
  }
  const sweepAtTimes = () => {
    if (now() - swept > sweepMs) sweep();
  };

  function write(file: string, bytes: Buffer | string, ends: number): void {
    const next = `${file}.${process.pid}.${writes++}.new`;
    writeFileSync(next, bytes, { mode: 0o600, flag: 'wx' });
    utimesSync(next, ends, ends);
    renameSync(next, file);
  }

  async function findNamed(kind: string, name: string): Promise<Payload | undefined> {
    if (!isName(name)) return undefined;
    let bytes: Buffer;
    try {
      bytes = readFileSync(fileOf(kind, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const payload = JSON.parse(decrypt(contents, bytes, `${kind} ${name}`).toString()) as Payload;
    return existsSync(fileOf(kind, name) + suffix) ? { ...payload, consumed: true } : payload;
  }

  async function dropNamed(kind: string, name: string): Promise<void> {
    if (isName(name)) rmSync(fileOf(kind, name), { force: true });
  }

  folder(directory);
  sweep();
  return {
    find: (kind, id) => findNamed(kind, nameOf(kind, id)),
    findNamed,
    async put(kind, id, payload, lifeSeconds, of) {
      sweepAtTimes();
      const name = nameOf(kind, id);
      const ends = now() / 1000 + lifeSeconds;
      folder(path.join(directory, kind));
      write(fileOf(kind, name), encrypt(contents, Buffer.from(JSON.stringify(payload)), `${kind} ${name}`), ends);
      if (of !== undefined) write(path.join(folder(ofOwner(kind, of)), name), '', ends);
    },
    drop: (kind, id) => dropNamed(kind, nameOf(kind, id)),
    dropNamed,
    async dropOf(kind, of) {
      const place = ofOwner(kind, of);
      for (const name of existsSync(place) ? readdirSync(place) : []) {
        rmSync(fileOf(kind, name), { force: true });
        rmSync(path.join(place, name), { force: true });
      }
    },
    async use(kind, id, lifeSeconds) {
      sweepAtTimes();
      folder(path.join(directory, kind));
      const name = nameOf(kind, id);
      const file = fileOf(kind, name) + suffix;
      const ends =
        lifeSeconds === undefined
          ? statSync(file.slice(0, -suffix.length), { throwIfNoEntry: false })?.mtime
          : new Date(now() + lifeSeconds * 1000);
      try {
        closeSync(openSync(file, 'wx', 0o600));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      }
      if (ends !== undefined) utimesSync(file, ends, ends);
      usedOf(kind).add(name);
      return true;
    },
    isUsed: (kind, id) => (used.get(kind)?.size ?? 0) > 0 && usedOf(kind).has(nameOf(kind, id)),
    async unuse(kind, id) {
      const name = nameOf(kind, id);
      rmSync(fileOf(kind, name) + suffix, { force: true });
      usedOf(kind).delete(name);
    },
    nameOf,
    has: (kind, name) => isName(name) && existsSync(fileOf(kind, name)),
  };
}
