/**
 * What hangs on the root of a key store: names of owners (keyed hashes), sealed tombstones, secrets for other purposes. The root itself is wrapped by the master key.
 * @module
 */
import { createHmac, hkdfSync } from 'node:crypto';
import { decrypt, encrypt } from './cipher.ts';

/**
 * care: what treats a person, by who sent it · legal: objections, notices, receipts · kept: names persons by reference alone and outlives them · common: about nobody ·
 * passing: of a span of time, for what ends within it.
 */
export type KeyKind = 'care' | 'legal' | 'kept' | 'common' | 'passing';

/** What stays of somebody who was erased. */
export interface Tombstone {
  /** A second one of this name takes the place of the first. */
  readonly name: string;
  /** JSON, of no meaning here; it lies encrypted. */
  readonly text: string;
}

export const derive = (from: Buffer, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', from, 'noren', purpose, 32));

export interface Secrets {
  readonly nameOf: (kind: KeyKind | 'tombstone', owner: string) => Buffer;
  readonly sealStone: (tombstone: Tombstone) => Buffer;
  readonly openStone: (body: Uint8Array) => Tombstone;
  readonly secret: (purpose: string) => Buffer;
}

export function secretsOf(root: Buffer): Secrets {
  const ownerKey = derive(root, 'owner');
  const stoneKey = derive(root, 'tombstone');
  return {
    nameOf: (kind, owner) => createHmac('sha256', ownerKey).update(`${kind} ${owner}`).digest().subarray(0, 16),
    sealStone: tombstone => encrypt(stoneKey, Buffer.from(JSON.stringify(tombstone)), 'tombstone'),
    openStone: body => JSON.parse(decrypt(stoneKey, Buffer.from(body), 'tombstone').toString()) as Tombstone,
    secret: purpose => derive(root, `secret ${purpose}`),
  };
}
