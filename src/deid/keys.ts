/**
 * What one series of releases draws from its secret: pseudonyms, date shifts, hashes, noise, and the order of entries.
 * The same secret gives the same answers; without it they tell nothing, and two secrets have nothing in common.
 * Derivation: HKDF-SHA-256 (RFC 5869) per purpose, HMAC-SHA-256 (RFC 2104) per value.
 * @module
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from 'node:crypto';
import { hexOf, uidOf, uuid } from './digits.ts';
import { type Mac, macUnder } from './mac.ts';

export interface SeriesKeys {
  /** A valid FHIR id in the form of a UUID (version 8): `type` and `name` together decide it, so that one id in two types gives two. */
  readonly pseudonym: (type: string, name: string) => string;
  /** A UID of DICOM below the arc of UUIDs, 2.25. */
  readonly uid: (uid: string) => string;
  /** Whole days, uniform over the range and never 0: by default -365 … -1 and 1 … 365. */
  readonly shiftDays: (person: string) => number;
  /** HMAC-SHA-256 of a text, 64 lower-case hex digits. */
  readonly hash: (text: string) => string;
  /** What joins one person's data to those of whoever has the same key: 64 lower-case hex digits. Absent: no key for it was given. */
  readonly link?: (personKey: string) => string;
  /** Text in, base64 out: AES-256-GCM; `name` (of the place) and text decide the nonce, so that the same keys give the same answer and no nonce serves two texts. */
  readonly encrypt: (name: string, text: string) => string;
  /** The text again. Throws for what these keys have not made. */
  readonly decrypt: (text: string) => string;
  /** Uniform over [0, 1), decided by the name: asked again it answers the same, so that noise cannot be averaged away. */
  readonly uniform: (name: string) => number;
}

/** How far dates move. */
export interface ShiftRange {
  /** Largest shift, days. Default 365. */
  readonly mostDays?: number;
  /** By whole weeks: weekdays stay. Default false. */
  readonly wholeWeeks?: boolean;
}

/** Largest shift unless a policy says another, days. */
export const mostShiftDays = 365;

/**
 * @param secret at least 32 bytes; never leaves the server
 * @param link at least 32 bytes, shared with whoever may join: a key of its own, since a series' secret is shared with nobody
 */
export function seriesKeys(secret: Uint8Array, range: ShiftRange = {}, link?: Uint8Array): SeriesKeys {
  const key = derived(secret);
  const names = macUnder(key('pseudonym'));
  const uids = macUnder(key('uid'));
  const shifts = macUnder(key('shift'));
  const hashes = macUnder(key('hash'));
  const nonces = macUnder(key('nonce'));
  const draws = macUnder(key('uniform'));
  const cipher = createSecretKey(key('encrypt'));
  const links = link === undefined ? undefined : macUnder(derived(link)('link'));
  const draw = shiftOf(range);
  return {
    pseudonym: (type, name) => uuid(names(type, name)),
    uid: name => uidOf(uids(name)),
    shiftDays: person => draw(shifts, person),
    hash: text => hexOf(hashes(text)),
    ...(links === undefined ? {} : { link: (personKey: string) => hexOf(links(personKey)) }),
    encrypt: (name, text) => sealed(cipher, Buffer.from(hexOf(nonces(`${name}|${text}`)).slice(0, 24), 'hex'), text),
    decrypt: text => opened(cipher, text),
    uniform: name => Number.parseInt(hexOf(draws(name)).slice(0, 12), 16) / 2 ** 48,
  };
}

function derived(secret: Uint8Array): (purpose: string) => Buffer {
  if (secret.length < 32) throw new Error('the secret of a series has at least 32 bytes');
  return purpose => Buffer.from(hkdfSync('sha256', secret, 'noren', 'deidentify:' + purpose, 32));
}

function sealed(key: ReturnType<typeof createSecretKey>, nonce: Buffer, text: string): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function opened(key: ReturnType<typeof createSecretKey>, text: string): string {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < 28) throw new Error('is too short for an encrypted text');
  // Node passes over what is no base64.
  if (bytes.toString('base64') !== text) throw new Error('is no base64 of an encrypted text');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
}

/** Rejection sampling over 16-bit draws: no shift is likelier than another. */
function shiftOf({ mostDays = mostShiftDays, wholeWeeks = false }: ShiftRange): (mac: Mac, person: string) => number {
  const unit = wholeWeeks ? 7 : 1;
  const most = Math.floor(mostDays / unit);
  if (!Number.isInteger(mostDays) || most < 1 || mostDays > 3650) throw new Error('dates move by 1 (or 7) to 3650 days at most');
  const choices = 2 * most;
  /** Draws from here on would favour the low shifts. */
  const fair = Math.floor(65_536 / choices) * choices;
  return (mac, person) => {
    for (let round = 0; ; round++) {
      const digest = Buffer.from(hexOf(mac(`${round}|${person}`)), 'hex');
      for (let at = 0; at < digest.length; at += 2) {
        const draw = digest.readUInt16BE(at);
        if (draw >= fair) continue;
        const n = draw % choices;
        return unit * (n < most ? n - most : n - most + 1);
      }
    }
  };
}
