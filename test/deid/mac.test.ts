// https://www.rfc-editor.org/rfc/rfc2104#section-2
import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hexOf } from '../../src/deid/digits.ts';
import { macUnder } from '../../src/deid/mac.ts';

const node = (key: Uint8Array, text: string): string => createHmac('sha256', key).update(text).digest('hex');

test('a text, or two with a slash between them, under any key: HMAC-SHA-256 as Node has it, whatever came before', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 150 }), fc.array(fc.tuple(texts, texts), { minLength: 1, maxLength: 5 }), (key, pairs) => {
      const mac = macUnder(key);
      for (const [one, other] of pairs) {
        expect(hexOf(mac(one))).toBe(node(key, one));
        expect(hexOf(mac(one, other))).toBe(node(key, `${one}/${other}`));
      }
    }),
    { numRuns: 300 },
  );
});

test('at every length around what is worked on in place, and of a text that is longer by far', () => {
  const key = Buffer.from('123');
  const mac = macUnder(key);
  for (const length of [...Array(300).keys(), 5000, 100_000]) {
    for (const letter of ['x', '患']) expect(hexOf(mac(letter.repeat(length)))).toBe(node(key, letter.repeat(length)));
  }
});

test('two keys in turn do not meet', () => {
  const [a, b] = [Buffer.from('a'), Buffer.from('b')];
  const [macA, macB] = [macUnder(a), macUnder(b)];
  for (const text of ['1', '2', '3']) expect([hexOf(macA(text)), hexOf(macB(text))]).toEqual([node(a, text), node(b, text)]);
});
