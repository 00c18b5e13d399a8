/**
 * A block: versions that share a data key, their bytes compressed and then encrypted as one, and beside it, the same way, what the index must know of them.
 * A block holds several small resources because one call of the compressor and of the cipher costs more than their work on a kilobyte.
 * @module
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { IndexRecord } from './index/state.ts';
import { decrypt, encrypt } from './keys/cipher.ts';

/** A block is closed once it holds this many bytes: reading one resource opens a whole block. */
export const blockBytes = 16 * 1024;

const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** One version: its record, the length of its bytes (0: a deletion), and how many blocks after the one with the index they lie. */
export type Entry = readonly [record: IndexRecord, length: number, block: number];

/** `place` is the block's number or name: what was sealed for one does not open in another. */
export const sealBody = (place: number | string, key: Buffer, bodies: readonly Buffer[]): Buffer =>
  seal(key, Buffer.concat(bodies), `body ${place}`);

/** The records of a whole run of blocks stand with its first. */
export const sealIndex = (place: number | string, key: Buffer, entries: readonly Entry[]): Buffer =>
  seal(key, Buffer.from(JSON.stringify(entries)), `index ${place}`);

export const openBody = (place: number | string, key: Buffer, body: Buffer): Buffer => open(key, body, `body ${place}`);

export const openIndex = (place: number | string, key: Buffer, index: Buffer): Entry[] =>
  JSON.parse(open(key, index, `index ${place}`).toString()) as Entry[];

/** Compresses and encrypts anything; `place` binds it to where it stands. */
export const seal = (key: Buffer, plain: Buffer, place: string): Buffer =>
  encrypt(key, plain.length === 0 ? plain : zstdCompressSync(plain, options), place);

export const open = (key: Buffer, sealed: Buffer, place: string): Buffer => unpack(decrypt(key, sealed, place));

/** Undoes the compressor. */
export const unpack = (packed: Buffer): Buffer => (packed.length === 0 ? packed : zstdDecompressSync(packed));

/** Of what was sealed for a place of one container: still packed, to be sealed for a place of another. */
export const unsealAt = (what: 'body' | 'index', place: number | string, key: Buffer, sealed: Buffer): Buffer =>
  decrypt(key, sealed, `${what} ${place}`);

export const sealAt = (what: 'body' | 'index', place: number | string, key: Buffer, packed: Buffer): Buffer =>
  encrypt(key, packed, `${what} ${place}`);
