/**
 * What is written down between the passes and is not de-identified, beside the output: sealed under a key that is gone with the call, so that what a kill leaves behind says nothing.
 * In memory stands where to find it. Parts that are laid together are sealed in blocks, since beginning to seal takes longer than to seal some kilobytes.
 * AES-256-GCM: NIST SP 800-38D, https://doi.org/10.6028/NIST.SP.800-38D
 * @module
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';

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

const algorithm = 'aes-256-gcm';
const tagBytes = 16;
/** A block is sealed once it has so many bytes. */
const blockBytes = 16 * 1024;
/** Opened blocks that are held: parts that were laid together are mostly asked for one after the other. */
const mostHeld = 16;

/** Nothing is written twice at one place of one file under one key, and a block that is put in another's place does not open. */
function nonceOf(file: number, from: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(file, 0);
  nonce.writeUIntBE(from, 6, 6);
  return nonce;
}

export class Shelf {
  readonly #shared: SharedShelf;
  readonly #file: number;
  readonly #held = new Map<string, readonly Buffer[]>();

  /** @param file number that no other thread of the call has, which writes there */
  constructor(shared: SharedShelf, file: number) {
    this.#shared = shared;
    this.#file = file;
  }

  #path(file: number): string {
    return path.join(this.#shared.folder, `shelf.${file}`);
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
        const cipher = createCipheriv(algorithm, this.#shared.key, nonceOf(this.#file, end));
        const sealed = Buffer.concat([cipher.update(Buffer.concat(block)), cipher.final(), cipher.getAuthTag()]);
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
    const name = `${file}.${from}`;
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
    const decipher = createDecipheriv(algorithm, this.#shared.key, nonceOf(file, from), { authTagLength: tagBytes });
    const opened = decipher.setAuthTag(sealed.subarray(-tagBytes)).update(sealed.subarray(0, -tagBytes));
    decipher.final();
    const parts: Buffer[] = [];
    for (let at = 0; at < opened.length; ) {
      const to = at + 4 + opened.readUInt32LE(at);
      parts.push(opened.subarray(at + 4, to));
      at = to;
    }
    return parts;
  }
}
