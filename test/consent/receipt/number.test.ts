// https://www.crockford.com/base32.html
import { expect, test } from '@jest/globals';
import { readReceiptNumber, receiptNumber } from '../../../src/consent/receipt/number.ts';

const secret = Buffer.alloc(32, 7);
const number = receiptNumber(secret, 'Consent/1/_history/1');

test('receipt number: four groups of four, the same for the same version and secret, another for any other', () => {
  expect(number).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z*~$=U]{4}){3}$/);
  expect(receiptNumber(secret, 'Consent/1/_history/1')).toBe(number);
  expect(receiptNumber(secret, 'Consent/1/_history/2')).not.toBe(number);
  expect(receiptNumber(Buffer.alloc(32, 8), 'Consent/1/_history/1')).not.toBe(number);
});

test('receipt number: is read in small letters, full width, without hyphens, with O for 0 and I or L for 1', () => {
  expect(readReceiptNumber(` ${number.toLowerCase().replaceAll('-', ' ')} `)).toBe(number);
  const wide = number.replace(/[!-~]/g, c => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
  expect(readReceiptNumber(wide)).toBe(number);
  const zeros = Array.from({ length: 200 }, (_, n) => receiptNumber(secret, `Consent/${n}/_history/1`));
  const told = zeros.filter(one => /[01]/.test(one.slice(0, -1)));
  expect(told.length).toBeGreaterThan(0);
  for (const one of told) {
    const misread = one.slice(0, -1).replaceAll('0', 'O').replaceAll('1', 'l') + one.at(-1);
    expect(readReceiptNumber(misread)).toBe(one);
  }
});

test('receipt number: one wrong character, and two neighbours in each other’s place, are noticed', () => {
  const digits = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];
  const plain = number.replaceAll('-', '');
  for (let i = 0; i < 15; i++) {
    for (const digit of digits)
      if (digit !== plain[i]) expect(readReceiptNumber(plain.slice(0, i) + digit + plain.slice(i + 1))).toBeUndefined();
    const swapped = plain.slice(0, i) + plain[i + 1] + plain[i] + plain.slice(i + 2);
    if (i < 14 && plain[i] !== plain[i + 1]) expect(readReceiptNumber(swapped)).toBeUndefined();
  }
  for (const none of ['', plain.slice(1), `${plain}0`, 'U'.repeat(16)]) expect(readReceiptNumber(none)).toBeUndefined();
});
