// docs/deidentification/offline.md#encrypted-texts; NIST SP 800-38A
import { expect, test } from '@jest/globals';
import { decrypted, encrypted } from '../../../src/deid/rules/cipher.ts';

const iv = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const key = Buffer.from('0123456789abcdef');

test.each([16, 24, 32])('encrypt: by a key of %d bytes, and back', bytes => {
  const by = Buffer.alloc(bytes, 'k');
  for (const text of ['山', '\u{feff}a', 'x'.repeat(100)]) expect(decrypted(by, encrypted(by, iv, text))).toBe(text);
});

test('encrypt: a text of other keys does not come out, though padding alone is met by one key in 256', () => {
  const made = encrypted(key, iv, 'a longer text');
  for (let i = 0; i < 2000; i++) {
    const other = Buffer.alloc(32);
    other.writeUInt16BE(i);
    expect(() => decrypted(other, made)).toThrow();
  }
});

test('encrypt: what is no base64 of whole blocks is no encrypted text', () => {
  const made = encrypted(key, iv, 'abc');
  for (const text of ['', 'abc', `${made}\n`, made.slice(0, 24), ` ${made}`, made.replace('=', '')])
    expect(() => decrypted(key, text)).toThrow();
});
