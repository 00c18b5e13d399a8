/**
 * `encrypt` of the Microsoft-compatible format, and back: AES-CBC with PKCS#7 padding, base64 of initialization vector and cipher text. There is no tag: what was changed may come out as another text.
 * NIST SP 800-38A
 * @module
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const blockBytes = 16;

const algorithm = (key: Buffer): string => `aes-${key.length * 8}-cbc`;

/** @param key 16, 24 or 32 bytes @param iv 16 bytes that nobody can foretell */
export function encrypted(key: Buffer, iv: Uint8Array, text: string): string {
  const cipher = createCipheriv(algorithm(key), key, iv);
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
}

/** The text again. Throws for most of what this key has not made. */
export function decrypted(key: Buffer, text: string): string {
  const bytes = Buffer.from(text, 'base64');
  // Node passes over what is no base64.
  if (bytes.length < 2 * blockBytes || bytes.toString('base64') !== text) throw new Error('is no base64 of an encrypted text');
  const decipher = createDecipheriv(algorithm(key), key, bytes.subarray(0, blockBytes));
  // Bytes that are no UTF-8 are another key's, or were changed.
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
    Buffer.concat([decipher.update(bytes.subarray(blockBytes)), decipher.final()]),
  );
}
