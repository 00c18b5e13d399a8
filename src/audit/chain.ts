/**
 * The chain: each line's hash covers the line and the hash of the line before, so no line can be changed, taken out or moved unseen.
 * With a key the hash is an HMAC: who can write the file, but has no key, cannot make a chain that fits.
 * SHA-256: FIPS 180-4; HMAC: RFC 2104.
 * @module
 */
import { hash } from 'node:crypto';

/** Hash of the line before and this line's text → this line's hash, base64url, 43 characters. */
export interface Chain {
  readonly algorithm: 'sha256' | 'hmac-sha256';
  readonly next: (before: string, text: string) => string;
}

export function chain(key?: Buffer): Chain {
  if (key === undefined) return { algorithm: 'sha256', next: (before, text) => hash('sha256', `${before}\n${text}`, 'base64url') };
  if (key.length < 32) throw new Error('the key of the audit log is shorter than 32 bytes');
  const authenticate = hmac(key);
  return { algorithm: 'hmac-sha256', next: (before, text) => authenticate(`${before}\n${text}`) };
}

/** SHA-256 takes blocks of 64 bytes. */
const block = 64;
/** Longer texts get a buffer of their own, which is not kept. */
const keptBytes = 65_536;

/**
 * HMAC-SHA-256 of a text, base64url, as two one-shot hashes over a padded key that is made once: an Hmac object costs more to make and
 * to throw away than the hashing. RFC 2104: H(K ⊕ opad, H(K ⊕ ipad, text))
 */
export function hmac(key: Buffer): (text: string) => string {
  const short = key.length > block ? hash('sha256', key, 'buffer') : key;
  const padded = (bytes: Buffer, pad: number): Buffer => {
    for (let i = 0; i < block; i++) bytes[i] = (short[i] ?? 0) ^ pad;
    return bytes;
  };
  const inner = padded(Buffer.alloc(block + keptBytes), 0x36);
  const outer = padded(Buffer.alloc(block + 32), 0x5c);
  return text => {
    const most = text.length * 3;
    const bytes = most <= keptBytes ? inner : Buffer.concat([inner.subarray(0, block)], block + most);
    const length = bytes.write(text, block, 'utf8');
    // Latin-1 is bytes as they are; a Buffer for an answer costs as much as the hash.
    outer.write(hash('sha256', bytes.subarray(0, block + length), 'latin1'), block, 'latin1');
    return hash('sha256', outer, 'base64url');
  };
}

/** What stands before the first line of all. */
export const origin = '0'.repeat(43);
