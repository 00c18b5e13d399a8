/**
 * Number of a receipt: a keyed mark of the version of the Consent that it is about. Whoever has no key can neither guess one nor see from it whose it is.
 * Crockford's Base32 with its check symbol, in groups of four: https://www.crockford.com/base32.html
 * @module
 */
import { createHmac } from 'node:crypto';

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Five more symbols that stand in the last place only. */
const checks = digits + '*~$=U';
/** 75 bits of the mark, then one check symbol. */
const length = 15;

const checkOf = (body: string): string => {
  let value = 0n;
  for (const digit of body) value = value * 32n + BigInt(digits.indexOf(digit));
  return checks[Number(value % 37n)]!;
};

/**
 * `7ZK2-M0QX-…`, the same for the same version as long as the secret lives.
 * @param version `Consent/<id>/_history/<n>`
 */
export function receiptNumber(secret: Buffer, version: string): string {
  const mark = createHmac('sha256', secret).update(version).digest();
  let value = BigInt(`0x${mark.subarray(0, 10).toString('hex')}`) >> 5n;
  let body = '';
  for (let i = 0; i < length; i++, value >>= 5n) body = digits[Number(value & 31n)]! + body;
  return (body + checkOf(body)).replace(/.{4}(?=.)/g, '$&-');
}

/** A number as somebody reads it off a paper (small letters, spaces, O for 0) → as it was printed; undefined: it is none. */
export function readReceiptNumber(text: string): string | undefined {
  const plain = text.normalize('NFKC').toUpperCase().replace(/[\s-]/g, '');
  const body = plain.slice(0, length).replace(/O/g, '0').replace(/[IL]/g, '1');
  const isNumber = plain.length === length + 1 && [...body].every(digit => digits.includes(digit)) && plain[length] === checkOf(body);
  return isNumber ? (body + plain[length]).replace(/.{4}(?=.)/g, '$&-') : undefined;
}
