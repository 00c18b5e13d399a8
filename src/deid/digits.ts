/**
 * A digest (8 words of 32 bits) as text: its first 128 bits as an identifier, or all of it. Each is written into one buffer and read from it as a whole:
 * a text put together of pieces keeps JSON.stringify from its fast way (joined.ts).
 * @module
 */

const hex = Buffer.from('0123456789abcdef', 'latin1');
const zero = 0x30;

const byteOf = (digest: Readonly<Int32Array>, i: number): number => (digest[i >> 2]! >>> (24 - ((i & 3) << 3))) & 0xff;

const all = Buffer.alloc(64);

/** 64 lower-case hex digits. */
export function hexOf(digest: Readonly<Int32Array>): string {
  for (let i = 0; i < 64; i++) all[i] = hex[(digest[i >> 3]! >>> (28 - ((i & 7) << 2))) & 0x0f]!;
  return all.toString('latin1');
}

const written = Buffer.from('xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx', 'latin1');
/** Where the two digits of each byte stand. */
const places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/** A UUID of version 8: all but 6 of the 128 bits. RFC 9562: https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8 */
export function uuid(digest: Readonly<Int32Array>): string {
  for (let i = 0; i < 16; i++) {
    let byte = byteOf(digest, i);
    if (i === 6) byte = (byte & 0x0f) | 0x80;
    else if (i === 8) byte = (byte & 0x3f) | 0x80;
    const at = places[i]!;
    written[at] = hex[byte >> 4]!;
    written[at + 1] = hex[byte & 0x0f]!;
  }
  return written.toString('latin1');
}

/** Four words of 32 bits, which `uuid` gives back. */
export const uuidWords = (uuid: string): number[] =>
  uuid
    .replaceAll('-', '')
    .match(/.{8}/g)!
    .map(digits => Number.parseInt(digits, 16) | 0);

const arc = Buffer.from('2.25.', 'latin1');
/** 2^128 has 39 digits; eight come at a time. */
const longest = 40;
const uid = Buffer.alloc(arc.length + longest);
/** A number of 128 bits, 24 at a time, the highest first. */
const limbs = new Float64Array(6);
const eight = 1e8;

/** A UID below the arc of UUIDs: all 128 bits as one number, in decimal. PS3.5 §B.2: https://dicom.nema.org/medical/dicom/current/output/chtml/part05/sect_B.2.html */
export function uidOf(digest: Readonly<Int32Array>): string {
  limbs[0] = byteOf(digest, 0);
  for (let i = 1; i < 6; i++) limbs[i] = (byteOf(digest, 3 * i - 2) << 16) | (byteOf(digest, 3 * i - 1) << 8) | byteOf(digest, 3 * i);
  // Long division, eight digits at a time: the rest and 24 bits more are a number without loss.
  for (let end = uid.length, from = 0; end > arc.length; end -= 8) {
    let rest = 0;
    for (let i = from; i < 6; i++) {
      const n = rest * 16_777_216 + limbs[i]!;
      const whole = Math.floor(n / eight);
      limbs[i] = whole;
      rest = n - whole * eight;
    }
    if (limbs[from] === 0) from++;
    for (let at = end - 1, left = rest | 0; at >= end - 8; at--) {
      const tens = (left / 10) | 0;
      uid[at] = zero + left - tens * 10;
      left = tens;
    }
  }
  let first = arc.length;
  while (first < uid.length - 1 && uid[first] === zero) first++;
  for (let i = 0; i < arc.length; i++) uid[first - arc.length + i] = arc[i]!;
  return uid.toString('latin1', first - arc.length);
}
