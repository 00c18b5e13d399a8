// https://csrc.nist.gov/pubs/sp/800/38/d/final

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { decrypt, encrypt } from '../../../../src/fhir/store/keys/cipher.ts';
import { openKeyring } from '../../../../src/fhir/store/keys/keyring.ts';

const master = Buffer.alloc(32, 1);
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'noren-keys-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('cipher: what was changed, moved or opened with another key does not open', () => {
  const key = Buffer.alloc(32, 3);
  const sealed = encrypt(key, Buffer.from('secret'), 'here');
  expect(decrypt(key, sealed, 'here').toString()).toBe('secret');
  expect(() => decrypt(key, sealed, 'there')).toThrow();
  expect(() => decrypt(Buffer.alloc(32, 4), sealed, 'here')).toThrow();
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed);
    changed[i]! ^= 1;
    expect(() => decrypt(key, changed, 'here')).toThrow();
  }
});

test('cipher: no nonce comes twice', () => {
  const key = Buffer.alloc(32, 3);
  const nonces = new Set(Array.from({ length: 2000 }, () => encrypt(key, Buffer.alloc(1), '').subarray(0, 12).toString('hex')));
  expect(nonces.size).toBe(2000);
});

test('keyring: an owner keeps its key over a restart; care and legal keys differ', () => {
  const one = openKeyring({ directory, master });
  const care = one.keyFor('care', 'Patient/1');
  const legal = one.keyFor('legal', 'Patient/1');
  expect(care.key.equals(legal.key)).toBe(false);
  const secret = one.secret('cursor');
  one.close();
  const two = openKeyring({ directory, master });
  expect(two.keyFor('care', 'Patient/1').key.equals(care.key)).toBe(true);
  expect(two.key(legal.id)!.equals(legal.key)).toBe(true);
  expect(two.secret('cursor').equals(secret)).toBe(true);
  expect(two.secret('study').equals(secret)).toBe(false);
  two.close();
});

test('keyring: a destroyed key is gone for good, the legal key stays', () => {
  const one = openKeyring({ directory, master });
  const care = one.keyFor('care', 'Patient/1');
  const legal = one.keyFor('legal', 'Patient/1');
  one.destroy([care.id], { name: 'a', text: 'first' });
  one.destroy([care.id], { name: 'a', text: 'second' });
  expect(one.key(care.id)).toBeUndefined();
  one.close();
  const two = openKeyring({ directory, master });
  expect(two.key(care.id)).toBeUndefined();
  expect(two.tombstones()).toEqual([{ name: 'a', text: 'second' }]);
  expect(two.key(legal.id)!.equals(legal.key)).toBe(true);
  two.close();
});

test('keyring: after its key is destroyed an owner has a fresh one, under a number that never was', () => {
  const one = openKeyring({ directory, master });
  const before = one.keyFor('care', 'Patient/1');
  const bytes = Buffer.from(before.key);
  one.destroy([before.id], { name: 'a', text: '' });
  const after = one.keyFor('care', 'Patient/1');
  expect(after.id).toBeGreaterThan(before.id);
  expect(after.key.equals(bytes)).toBe(false);
  one.close();
  const two = openKeyring({ directory, master });
  expect(two.keyFor('care', 'Patient/1').id).toBe(after.id);
  expect(two.keyFor('care', 'Patient/2').id).toBeGreaterThan(after.id);
  two.close();
});

test('keyring: of a destroyed key no file holds the wrapped bytes any more', () => {
  const one = openKeyring({ directory, master });
  const ids = Array.from({ length: 300 }, (_, i) => one.keyFor('care', `Patient/${i}`).id);
  one.save();
  const db = new DatabaseSync(path.join(directory, 'keys.db'), { readOnly: true });
  const wrapped = (id: number) => Buffer.from(db.prepare('SELECT wrapped FROM data_key WHERE id = ?').get(id)!['wrapped'] as Uint8Array);
  const [gone, stays] = [wrapped(ids[150]!), wrapped(ids[151]!)];
  db.close();
  const holds = (bytes: Buffer) =>
    readdirSync(directory).filter(name => readFileSync(path.join(directory, name)).includes(bytes.subarray(0, 20)));
  expect(holds(gone).length).toBeGreaterThan(0);
  one.destroy([ids[150]!], { name: 'a', text: '' });
  expect(holds(gone)).toEqual([]);
  expect(holds(stays)).toEqual(['keys.db']);
  one.close();
  expect(holds(gone)).toEqual([]);
});

test('keyring: a tombstone is not in clear, and outlives a change of the master key', () => {
  const one = openKeyring({ directory, master });
  one.destroy([], { name: 'objection Consent/1', text: 'Patient/plain-1' });
  one.rotate(Buffer.alloc(32, 2));
  one.close();
  for (const name of readdirSync(directory)) expect(readFileSync(path.join(directory, name)).includes('plain-1')).toBe(false);
  const two = openKeyring({ directory, master: Buffer.alloc(32, 2) });
  expect(two.tombstones()).toEqual([{ name: 'objection Consent/1', text: 'Patient/plain-1' }]);
  two.close();
});

test('keyring: another master key does not open it; after rotate only the new one does', () => {
  const one = openKeyring({ directory, master });
  const { id, key } = one.keyFor('care', 'Patient/1');
  const secret = one.secret('cursor');
  expect(() => openKeyring({ directory, master: Buffer.alloc(32, 9) })).toThrow('master key');
  one.rotate(Buffer.alloc(32, 2));
  one.close();
  expect(() => openKeyring({ directory, master })).toThrow('master key');
  const two = openKeyring({ directory, master: Buffer.alloc(32, 2) });
  expect(two.key(id)!.equals(key)).toBe(true);
  expect(two.secret('cursor').equals(secret)).toBe(true);
  two.close();
});
