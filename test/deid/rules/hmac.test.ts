// https://www.rfc-editor.org/rfc/rfc2104#section-2
import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hmacOf } from '../../../src/deid/rules/hmac.ts';

const expected = (key: Uint8Array, text: string): string => createHmac('sha256', key).update(text).digest('hex');

test('of any text under any key it is the HMAC of node:crypto', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 150 }), fc.array(texts, { minLength: 1, maxLength: 5 }), (key, list) => {
      const hmac = hmacOf(Buffer.from(key));
      for (const text of list) expect(hmac(text)).toBe(expected(key, text));
    }),
    { numRuns: 500 },
  );
});

test('at every length around a block, and of a text longer than what is kept for it', () => {
  const key = Buffer.from('123');
  const hmac = hmacOf(key);
  for (const length of [...Array(200).keys(), 5000, 100_000]) {
    for (const letter of ['x', '患']) expect(hmac(letter.repeat(length))).toBe(expected(key, letter.repeat(length)));
  }
});

test('two keys in turn do not meet', () => {
  const [a, b] = [Buffer.from('a'), Buffer.from('b')];
  const [hmacA, hmacB] = [hmacOf(a), hmacOf(b)];
  for (const text of ['1', '2', '3']) expect([hmacA(text), hmacB(text)]).toEqual([expected(a, text), expected(b, text)]);
});
