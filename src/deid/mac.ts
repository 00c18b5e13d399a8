/**
 * HMAC-SHA-256 of short texts, of which each resource needs some: what the padded key comes to is kept, so that a text of up to 55 letters is two blocks.
 * RFC 2104: https://www.rfc-editor.org/rfc/rfc2104#section-2
 * @module
 */
import { createHmac, hash } from 'node:crypto';
import { compress, initial, schedule } from './sha-256.ts';

/**
 * A text in (as UTF-8; with a second one: both, a slash between them), the digest out, in 8 words of 32 bits: of every Mac the same array, whose words are others after the next call.
 */
export type Mac = (text: string, second?: string) => Readonly<Int32Array>;

const block = 64;
/** Letters of a text that is hashed here. */
const short = 183;
const digest = new Int32Array(8);

/** Words of the message that is being hashed: of the last block the last two are its length. */
const message = new Int32Array(48);

/** Letters go to their places. @returns false: it has others than those of one byte */
function write(text: string, from: number): boolean {
  for (let i = 0, at = from; i < text.length; i++, at++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return false;
    message[at >> 2]! |= unit << (24 - ((at & 3) << 3));
  }
  return true;
}

export function macUnder(given: Uint8Array): Mac {
  const key = given.length > block ? hash('sha256', given, 'buffer') : given;
  /** The state behind the padded key. */
  const padded = (byte: number): Int32Array => {
    for (let t = 0; t < 16; t++) {
      schedule[t] = 0;
      for (let i = 4 * t; i < 4 * t + 4; i++) schedule[t] = (schedule[t]! << 8) | ((key[i] ?? 0) ^ byte);
    }
    const state = new Int32Array(8);
    compress(initial, state);
    return state;
  };
  const inner = padded(0x36);
  const outer = padded(0x5c);
  return (text, second) => {
    const length = second === undefined ? text.length : text.length + 1 + second.length;
    const words = ((length + 9 + block - 1) >> 6) << 4;
    if (length <= short) {
      message.fill(0, 0, words);
      if (write(text, 0) && (second === undefined || (write('/', text.length) && write(second, text.length + 1)))) {
        message[length >> 2]! |= 0x80 << (24 - ((length & 3) << 3));
        message[words - 1] = (block + length) * 8;
        for (let from = 0; from < words; from += 16) {
          for (let t = 0; t < 16; t++) schedule[t] = message[from + t]!;
          compress(from === 0 ? inner : digest, digest);
        }
        // The inner digest is the message of the outer hash: 96 bytes with the padded key.
        for (let t = 0; t < 8; t++) schedule[t] = digest[t]!;
        schedule.fill(0, 9, 15);
        schedule[8] = 0x80000000;
        schedule[15] = (block + 32) * 8;
        compress(outer, digest);
        return digest;
      }
    }
    const made = createHmac('sha256', key)
      .update(second === undefined ? text : `${text}/${second}`)
      .digest();
    for (let t = 0; t < 8; t++) digest[t] = made.readInt32BE(4 * t);
    return digest;
  };
}
