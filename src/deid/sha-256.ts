/**
 * The block function of SHA-256, for HMACs of short texts (mac.ts). A call of node:crypto takes 0.4 µs when one follows the other, but several times that between other work,
 * after which its code and data are in no cache any more: two of them were a sixth of all that is done to a resource, this is about a tenth (decision 0037). Held to node:crypto by tests.
 * FIPS 180-4: https://csrc.nist.gov/pubs/fips/180-4/upd1/final
 * @module
 */

/** The first 64 primes. */
const primes: number[] = [];
for (let n = 2; primes.length < 64; n++) if (primes.every(prime => n % prime !== 0)) primes.push(n);
/** The first 32 bits behind the point. */
const fraction = (x: number): number => ((x - Math.floor(x)) * 2 ** 32) | 0;
/** Section 4.2.2. */
const constants = Int32Array.from(primes, prime => fraction(Math.cbrt(prime)));
/** Section 5.3.3. */
export const initial: Readonly<Int32Array> = Int32Array.from(primes.slice(0, 8), prime => fraction(Math.sqrt(prime)));

/** The block that is to be hashed: its 16 words stand at the beginning. */
export const schedule = new Int32Array(64);

/** Section 6.2.2: the block in the schedule goes into a state of 8 words. */
export function compress(from: Readonly<Int32Array>, into: Int32Array): void {
  for (let t = 16; t < 64; t++) {
    const x = schedule[t - 15]!;
    const y = schedule[t - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[t] = (schedule[t - 16]! + s0 + schedule[t - 7]! + s1) | 0;
  }
  let a = from[0]!;
  let b = from[1]!;
  let c = from[2]!;
  let d = from[3]!;
  let e = from[4]!;
  let f = from[5]!;
  let g = from[6]!;
  let h = from[7]!;
  for (let t = 0; t < 64; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + (g ^ (e & (f ^ g))) + constants[t]! + schedule[t]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) | (c & (a | b)))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  into[0] = from[0]! + a;
  into[1] = from[1]! + b;
  into[2] = from[2]! + c;
  into[3] = from[3]! + d;
  into[4] = from[4]! + e;
  into[5] = from[5]! + f;
  into[6] = from[6]! + g;
  into[7] = from[7]! + h;
}
