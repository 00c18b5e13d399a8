/**
 * Passwords: made once, kept as scrypt hashes, compared in constant time. A wrong name costs as much time as a wrong password.
 * NIST SP 800-63B §3.1.1; RFC 7914 (scrypt); OWASP Password Storage (N = 2^15, r = 8, p = 3)
 * @module
 */
import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';

const cost = { N: 2 ** 15, r: 8, p: 3 };
const bytes = 32;

// Without letters that look like others.
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';

/** 79 bits in four groups that can be read out. */
export const newPassword = (): string =>
  Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')).join('-');

const derived = (password: string, salt: Buffer, { N, r, p } = cost): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, bytes, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );

/** `scrypt$N$r$p$salt$hash` */
export async function hashed(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derived(password, salt);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

const nobodys = ['scrypt', cost.N, cost.r, cost.p, Buffer.alloc(16).toString('base64url'), Buffer.alloc(bytes).toString('base64url')].join(
  '$',
);

/** @param kept undefined: there is no such account; takes its time all the same */
export async function matches(password: string, kept: string | undefined): Promise<boolean> {
  const [, N, r, p, salt = '', hash = ''] = (kept ?? nobodys).split('$');
  const key = await derived(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) });
  return timingSafeEqual(key, Buffer.from(hash, 'base64url')) && kept !== undefined;
}
