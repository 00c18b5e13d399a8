import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { hexOf, uidOf, uuid } from '../../src/deid/digits.ts';

/** Digests, those that begin with zeros among them. */
const digests = Array.from({ length: 300 }, (_, i) => {
  const bytes = createHash('sha256').update(String(i)).digest();
  return bytes.fill(0, 0, i % 18);
});

const wordsOf = (bytes: Buffer): Int32Array => Int32Array.from({ length: 8 }, (_, i) => bytes.readInt32BE(4 * i));

test('hex: all of the digest', () => {
  for (const bytes of digests) expect(hexOf(wordsOf(bytes))).toBe(bytes.toString('hex'));
});

test('uid: all of the 128 bits in decimal below 2.25, without zeros before it', () => {
  for (const bytes of digests) expect(uidOf(wordsOf(bytes))).toBe(`2.25.${BigInt(`0x${bytes.toString('hex', 0, 16)}`)}`);
  expect(uidOf(new Int32Array(8).fill(-1))).toBe(`2.25.${2n ** 128n - 1n}`);
});

test('uuid: of version 8, and apart from version and variant every bit of the digest', () => {
  for (const bytes of digests) {
    const made = uuid(wordsOf(bytes));
    expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const of = Buffer.from(made.replaceAll('-', ''), 'hex');
    bytes.subarray(0, 16).forEach((byte, i) => {
      const mask = i === 6 ? 0x0f : i === 8 ? 0x3f : 0xff;
      expect(of[i]! & mask).toBe(byte & mask);
    });
  }
});
