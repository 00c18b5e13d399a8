/**
 * Ids that the server makes: opaque, lower case, in order of time, so that what is written together lies together.
 * R4: https://hl7.org/fhir/R4/resource.html#id
 * @module
 */
import { randomFillSync } from 'node:crypto';

const digits = '0123456789abcdefghijklmnopqrstuv';
const pool = Buffer.alloc(4096);
let used = pool.length;

/**
 * 23 characters: ten for the 48 bits of the time in milliseconds, thirteen random ones (65 bits).
 * @param now milliseconds since 1970
 */
export function newId(now: number = Date.now()): string {
  if (used + 13 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let id = '';
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) id = digits[rest % 32] + id;
  for (let i = 0; i < 13; i++) id += digits[pool[used++]! & 31];
  return id;
}
