/**
 * What is written down between the passes and is not de-identified, beside the output: sealed under a key that is gone with the call, so that what a kill leaves behind says nothing.
 * In memory stands where to find it. Parts that are laid together are sealed in blocks, since beginning to seal takes longer than to seal some kilobytes.
 * @module
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { decrypt, encrypt } from '../fhir/store/keys/cipher.ts';

/** What all threads know of it. */
export interface SharedShelf {
  /** Directory that is gone when the work is whole. */
  readonly folder: string;
  /** 32 bytes of this call. */
  readonly key: Uint8Array;
}

/** Of each part four numbers: the file of its block, the block's first byte there, the block's bytes, which of its parts it is. */
export type Places = Float64Array<ArrayBuffer>;
export const placeWords = 4;

/** A block is sealed once it has so many bytes. */
const blockBytes = 16 * 1024;
/** Opened blocks that are held: parts that were laid together are mostly asked for one after the other. */
const mostHeld = 16;

/** Where a block stands: put in another's place it does not open. */
const placeOf = (file: number, from: number): string => `shelf ${file}.${from}`;

export class Shelf {
  readonly #folder: string;
  readonly #key: Buffer;
  readonly #file: number;
  readonly #held = new Map<string, readonly Buffer[]>();

  /** @param file number that no other thread of the call has, which writes there */
  constructor(shared: SharedShelf, file: number) {
    this.#folder = shared.folder;
    this.#key = Buffer.from(shared.key);
    this.#file = file;
  }

  #path(file: number): string {
    return path.join(this.#folder, `shelf.${file}`);
  }

  /** Writes parts behind what was laid before. */
  lay(parts: readonly (string | Uint8Array)[]): Places {
    const places = new Float64Array(parts.length * placeWords);
    if (parts.length === 0) return places;
    const fd = openSync(this.#path(this.#file), 'a', 0o600);
    try {
      let end = fstatSync(fd).size;
      let block: Buffer[] = [];
      let size = 0;
      let first = 0;
      for (const [i, part] of parts.entries()) {
        const bytes = Buffer.from(part as string);
        const length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.length);
        block.push(length, bytes);
        size += bytes.length;
        if (size < blockBytes && i + 1 < parts.length) continue;
        const sealed = encrypt(this.#key, Buffer.concat(block), placeOf(this.#file, end));
        for (let done = 0; done < sealed.length; ) done += writeSync(fd, sealed, done);
        for (let one = first; one <= i; one++) places.set([this.#file, end, sealed.length, one - first], one * placeWords);
        end += sealed.length;
        [block, size, first] = [[], 0, i + 1];
      }
    } finally {
      closeSync(fd);
    }
    return places;
  }

  /** The part at a place. @param at which of the places. Throws where it is not what was written. */
  takeUp(places: ArrayLike<number>, at = 0): Buffer {
    const [file, from, bytes, part] = [0, 1, 2, 3].map(word => places[at * placeWords + word]!) as [number, number, number, number];
    const name = placeOf(file, from);
    const parts = this.#held.get(name) ?? this.#open(file, from, bytes);
    this.#held.delete(name);
    // Whoever was asked for last goes last; a part by itself is not asked for twice.
    if (parts.length > 1) this.#held.set(name, parts);
    if (this.#held.size > mostHeld) this.#held.delete(this.#held.keys().next().value!);
    return parts[part]!;
  }

  #open(file: number, from: number, bytes: number): Buffer[] {
    const sealed = Buffer.allocUnsafeSlow(bytes);
    const fd = openSync(this.#path(file), 'r');
    try {
      for (let done = 0; done < bytes; ) {
        const n = readSync(fd, sealed, done, bytes - done, from + done);
        if (n === 0) throw new Error('what was written down is not there');
        done += n;
      }
    } finally {
      closeSync(fd);
    }
    const opened = decrypt(this.#key, sealed, placeOf(file, from));
    const parts: Buffer[] = [];
    for (let at = 0; at < opened.length; ) {
      const to = at + 4 + opened.readUInt32LE(at);
      parts.push(opened.subarray(at + 4, to));
      at = to;
    }
    return parts;
  }
}
