/**
 * Names of persons as the store keeps them: a business identifier is a keyed hash from the first write on, so that no list, index record or tombstone holds a number that
 * somebody else knows, and yet the same person is found again under any spelling (`personKey` has made them one before).
 * References of records stay: their ids are the server's and mean nothing elsewhere.
 * @module
 */
import { createHmac } from 'node:crypto';
import type { Keyring } from './keyring.ts';

const marked = /^key:[A-Za-z0-9_-]{43}$/;
const reference = /^(Patient|RelatedPerson)\/[A-Za-z0-9\-.]{1,64}$/;

/** A name in its stored form; one that has it already is left alone. */
export type NameMark = (name: string) => string;

export function nameMark(keyring: Pick<Keyring, 'secret'>): NameMark {
  const secret = keyring.secret('person names');
  return name =>
    reference.test(name) || marked.test(name) ? name : `key:${createHmac('sha256', secret).update(name).digest('base64url')}`;
}
