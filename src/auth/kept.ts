/**
 * What an authorization server has to remember: sessions, grants, codes, refresh tokens, launches. One encrypted file each, named by a keyed hash:
 * neither a token nor a person can be read off the directory. Its mtime is the moment it ends.
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
import { decrypt, encrypt } from '../fhir/store/keys/cipher.ts';
import { makeDirectory } from './files.ts';

export type Payload = { [member: string]: unknown };

export interface Kept {
  find(model: string, id: string): Payload | undefined;
  put(model: string, id: string, payload: Payload, lifeSeconds: number): void;
  drop(model: string, id: string): void;
  /** By the name that it is kept under. */
  findNamed(model: string, name: string): Payload | undefined;
  dropNamed(model: string, name: string): void;
  /** True for the first caller of all processes, false ever after. */
  use(model: string, id: string): boolean;
  /** Under which name it is kept: says nothing to who has no key. */
  nameOf(model: string, id: string): string;
  /** Whether something of this name is kept. */
  has(model: string, name: string): boolean;
  /** Drops all of a model that were put with this clientId. */
  dropOf(model: string, clientId: string): void;
}

/** 256 bits: nothing else reaches the file system. */
const isName = (text: string): boolean => /^[\w-]{43}$/.test(text);

const sweepMs = 600_000;

/** @param secret 32 bytes */
export function openKept(directory: string, secret: Buffer, now: () => number = Date.now): Kept {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, 'noren', purpose, 32));
  const [names, contents] = [derive('kept names'), derive('kept contents')];
  const nameOf = (model: string, id: string) => createHmac('sha256', names).update(`${model} ${id}`).digest('base64url');
  const fileOf = (model: string, name: string) => path.join(directory, model, name);
  const ofClient = (model: string, clientId: string) => path.join(directory, `${model}-of`, nameOf('Client', clientId));
  const made = new Set<string>();
  const folder = (place: string) => {
    if (!made.has(place)) made.add(makeDirectory(place));
    return place;
  };
  let swept = 0;
  let writes = 0;

  function sweep(): void {
    swept = now();
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      const ends = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (ends < swept - 2 * sweepMs) rmSync(file, { force: true });
    }
  }

  function write(file: string, bytes: Buffer | string, ends: number): void {
    const next = `${file}.${process.pid}.${writes++}.new`;
    writeFileSync(next, bytes, { mode: 0o600, flag: 'wx' });
    utimesSync(next, ends, ends);
    renameSync(next, file);
  }

  function findNamed(model: string, name: string): Payload | undefined {
    if (!isName(name)) return undefined;
    let bytes: Buffer;
    try {
      bytes = readFileSync(fileOf(model, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const payload = JSON.parse(decrypt(contents, bytes, `${model} ${name}`).toString()) as Payload;
    return existsSync(`${fileOf(model, name)}.used`) ? { ...payload, consumed: true } : payload;
  }

  folder(directory);
  sweep();
  return {
    find: (model, id) => findNamed(model, nameOf(model, id)),
    findNamed,
    put(model, id, payload, lifeSeconds) {
      if (now() - swept > sweepMs) sweep();
      const name = nameOf(model, id);
      const ends = now() / 1000 + lifeSeconds;
      folder(path.join(directory, model));
      write(fileOf(model, name), encrypt(contents, Buffer.from(JSON.stringify(payload)), `${model} ${name}`), ends);
      if (model === 'Grant' && typeof payload['clientId'] === 'string')
        write(path.join(folder(ofClient(model, payload['clientId'])), name), '', ends);
    },
    drop: (model, id) => rmSync(fileOf(model, nameOf(model, id)), { force: true }),
    dropNamed(model, name) {
      if (isName(name)) rmSync(fileOf(model, name), { force: true });
    },
    use(model, id) {
      const file = `${fileOf(model, nameOf(model, id))}.used`;
      const ends = statSync(file.slice(0, -'.used'.length), { throwIfNoEntry: false })?.mtime;
      try {
        closeSync(openSync(file, 'wx', 0o600));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      }
      if (ends !== undefined) utimesSync(file, ends, ends);
      return true;
    },
    nameOf,
    has: (model, name) => isName(name) && existsSync(fileOf(model, name)),
    dropOf(model, clientId) {
      const place = ofClient(model, clientId);
      for (const name of existsSync(place) ? readdirSync(place) : []) {
        rmSync(fileOf(model, name), { force: true });
        rmSync(path.join(place, name), { force: true });
      }
    },
  };
}
