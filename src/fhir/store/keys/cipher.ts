/**
 * Authenticated encryption, the one way it is done here: AES-256-GCM, a random 96-bit nonce, the place of the ciphertext as additional data.
 * Shape: nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes). Source: NIST SP 800-38D.
 * @module
 */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';

const nonceBytes = 12;
const tagBytes = 16;

// One call for many nonces: asking the system for 12 bytes at a time costs more than the encryption of a small block.
const pool = Buffer.alloc(nonceBytes * 512);
let used = pool.length;
const nonce = (): Buffer => {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += nonceBytes;
  return pool.subarray(used - nonceBytes, used);
};

/** `place` says where the ciphertext belongs, so that it cannot be moved elsewhere unseen. */
export function encrypt(key: Buffer, plain: Buffer, place: string): Buffer {
  const iv = nonce();
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(place));
  const body = cipher.update(plain);
  const last = cipher.final();
  return Buffer.concat([iv, body, last, cipher.getAuthTag()]);
}

/** Throws when the ciphertext was changed, stands elsewhere, or the key is another. */
export function decrypt(key: Buffer, sealed: Buffer, place: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes));
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const body = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes));
  const last = decipher.final();
  return last.length === 0 ? body : Buffer.concat([body, last]);
}
