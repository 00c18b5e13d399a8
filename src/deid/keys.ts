/**
 * What one series of releases draws from its secret: pseudonyms, date shifts and the order of entries.
 * The same secret gives the same answers; without it they tell nothing, and two secrets have nothing in common.
 * Derivation: HKDF-SHA-256 (RFC 5869) per purpose, HMAC-SHA-256 (RFC 2104) per value.
 * @module
 */
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

export interface SeriesKeys {
  /** A valid FHIR id in the form of a UUID (version 8): `type` and `name` together decide it, so that one id in two types gives two. */
  readonly pseudonym: (type: string, name: string) => string;
  /** A UID of DICOM below the arc of UUIDs, 2.25. */
  readonly uid: (uid: string) => string;
  /** Whole days, uniform over -365 … -1 and 1 … 365, never 0. */
  readonly shiftDays: (person: string) => number;
}

/** Largest shift, days. */
export const mostShiftDays = 365;

/** @param secret at least 32 bytes; never leaves the server */
export function seriesKeys(secret: Uint8Array): SeriesKeys {
  if (secret.length < 32) throw new Error('the secret of a series has at least 32 bytes');
  const key = (purpose: string): KeyObject =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, 'noren', 'deidentify:' + purpose, 32)));
  const names = key('pseudonym');
  const uids = key('uid');
  const shifts = key('shift');
  return {
    pseudonym: (type, name) => uuid(mac(names, `${type}/${name}`)),
    uid: name => '2.25.' + BigInt('0x' + mac(uids, name).subarray(0, 16).toString('hex')).toString(),
    shiftDays: person => shift(shifts, person),
  };
}

const mac = (key: KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** RFC 9562 version 8: 122 bits of the digest. */
function uuid(digest: Buffer): string {
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const choices = 2 * mostShiftDays;
/** Draws from here on would favour the low shifts. */
const fair = Math.floor(65_536 / choices) * choices;

/** Rejection sampling over 16-bit draws: no shift is likelier than another. */
function shift(key: KeyObject, person: string): number {
  for (let round = 0; ; round++) {
    const digest = mac(key, `${round}|${person}`);
    for (let at = 0; at < digest.length; at += 2) {
      const draw = digest.readUInt16BE(at);
      if (draw >= fair) continue;
      const n = draw % choices;
      return n < mostShiftDays ? n - mostShiftDays : n - mostShiftDays + 1;
    }
  }
}
