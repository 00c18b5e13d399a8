import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { macUnder } from '../../src/deid/mac.ts';

const key = Buffer.alloc(32, 9);
const mac = macUnder(key);
const node = (text: string): string => createHmac('sha256', key).update(text).digest('latin1');

// Around the ends of what is worked on in place, and with letters of one to four bytes at both ends.
const texts = [0, 1, 63, 64, 255, 256, 257, 600].flatMap(length => [
  'x'.repeat(length),
  `患者${'x'.repeat(length)}`,
  `${'x'.repeat(length)}𠮷`,
]);

test('a text, or two with a slash between them: HMAC-SHA-256 as Node has it, whatever came before', () => {
  for (const text of texts) {
    expect(mac(text)).toBe(node(text));
    for (const second of texts) expect(mac(text, second)).toBe(node(`${text}/${second}`));
  }
});
