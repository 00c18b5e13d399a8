/**
 * Values that a client carries for the server and can neither read nor change: the place in a result list, and what was asked.
 * A seal is bound to whom it was made for; altered, foreign and expired ones open nothing.
 * R4: https://hl7.org/fhir/R4/http.html#paging
 * @module
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Problem } from './outcome.ts';

export interface Sealer {
  /** @param binding whom and what the value is for; it must be the same text when it is opened */
  seal(value: unknown, binding: string, now: number): string;
  /** Throws Problem: `invalid-parameter` (400) for what this sealer did not make for this binding, `deleted` (410) for what is too old. */
  open(text: string, binding: string, maxAgeMs: number, now: number): unknown;
}

const algorithm = 'aes-256-gcm';
const [nonceLength, tagLength, timeLength] = [12, 16, 8];
const foreign = () => new Problem('invalid-parameter', 'This page link was not made for this request.', { expression: 'http._page' });

/** @param key 32 bytes */
export function createSealer(key: Buffer): Sealer {
  return {
    seal(value, binding, now) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(binding));
      const time = Buffer.alloc(timeLength);
      time.writeDoubleBE(now);
      const body = Buffer.concat([cipher.update(time), cipher.update(JSON.stringify(value)), cipher.final()]);
      return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url');
    },

    open(text, binding, maxAgeMs, now) {
      const bytes = Buffer.from(text, 'base64url');
      // base64url has several spellings of the same bytes: only ours is taken.
      if (bytes.length < nonceLength + timeLength + tagLength || bytes.toString('base64url') !== text) throw foreign();
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceLength), { authTagLength: tagLength })
        .setAAD(Buffer.from(binding))
        .setAuthTag(bytes.subarray(-tagLength));
      let body: Buffer;
      try {
        body = Buffer.concat([decipher.update(bytes.subarray(nonceLength, -tagLength)), decipher.final()]);
      } catch {
        throw foreign();
      }
      if (now - body.readDoubleBE(0) > maxAgeMs) {
        throw new Problem('deleted', 'This page link is too old: search again.', { expression: 'http._page' });
      }
      return JSON.parse(body.toString('utf8', timeLength)) as unknown;
    },
  };
}
