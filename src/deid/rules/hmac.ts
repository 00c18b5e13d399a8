/**
 * HMAC-SHA-256 of many short texts with one key: the two padded keys are made once, and each text takes two plain hashes (an object for each text costs as much again).
 * RFC 2104: https://www.rfc-editor.org/rfc/rfc2104#section-2
 * @module
 */
import { hash } from 'node:crypto';

const block = 64;
/** Longest text that the buffer is kept for, bytes. */
const most = 1024;

/** @returns 64 hexadecimal digits for the UTF-8 of a text */
export function hmacOf(key: Buffer): (text: string) => string {
  const short = key.length > block ? hash('sha256', key, 'buffer') : key;
  const padded = (byte: number, more: number): Buffer => {
    const made = Buffer.alloc(block + more);
    for (let i = 0; i < block; i++) made[i] = (short[i] ?? 0) ^ byte;
    return made;
  };
  const inner = padded(0x36, most);
  const outer = padded(0x5c, 32);
  return text => {
    const given = text.length * 3 <= most ? inner : Buffer.concat([inner.subarray(0, block), Buffer.alloc(text.length * 3)]);
    const end = block + given.write(text, block);
    outer.write(hash('sha256', given.subarray(0, end), 'latin1'), block, 'latin1');
    return hash('sha256', outer, 'hex');
  };
}
