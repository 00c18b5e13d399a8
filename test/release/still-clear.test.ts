// docs/consent.md: an objection holds from its own statement on, for answers that are being made too; what is noted down is what left

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { asServer, leavingOut } from '../../src/fhir/model/access.ts';
import { openKeyring } from '../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../src/fhir/store/sqlite/store.ts';
import type { ListEntry, Store } from '../../src/fhir/store/store.ts';
import { stillClear } from '../../src/release/still-clear.ts';
import { patient, query, write } from '../fhir/store/contract.ts';

const research = leavingOut(asServer('test'), 'objection');
let store: Store;
let close: () => Promise<void>;
beforeEach(async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'noren-still-clear-'));
  const keyring = openKeyring({ directory, master: Buffer.alloc(32, 7) });
  store = await openSqliteStore({ directory, keyring, baseUrl: 'http://noren.test/fhir', timeZone: 'UTC', synchronous: 'normal' });
  close = async () => {
    await store.close();
    keyring.close();
    rmSync(directory, { recursive: true, force: true });
  };
  const people = ['0', '1', '2', '3', '4', '5', '6', '7'].map(id => write(patient(id, { identifier: [{ system: 'urn:n', value: id }] })));
  await store.commit({ writes: people });
});
afterEach(() => close());

const line = (list: string, who: string): ListEntry => ({ list, source: `Consent/${list}-${who}`, persons: [`urn:n|${who}`], from: 0 });
/** Counts persons in two looks; between them something happens. */
const work = (between: (run: number) => Promise<unknown>) => {
  let runs = 0;
  return async () => {
    const persons = await store.persons(research, query('Patient'));
    await between(++runs);
    return { persons, entry: { book: 'releases', entry: { runs } }, answer: { size: persons.size, runs } };
  };
};
const list = (name: string, who: string, erase = false) =>
  store.commit({ writes: [], lists: [line(name, who)], ...(erase ? { erase: [line(name, who)] } : {}) });

test('nothing happened: the answer is made once', async () => {
  expect(
    await stillClear(
      store,
      work(async () => {}),
    ),
  ).toEqual({ size: 8, runs: 1 });
});

test.each([false, true])('somebody in it objects meanwhile (erased: %s): it is made anew, without him', async erase => {
  expect(
    await stillClear(
      store,
      work(async run => (run === 1 ? await list('objection', '3', erase) : undefined)),
    ),
  ).toEqual({ size: 7, runs: 2 });
  expect(await store.book('releases')).toEqual([{ runs: 2 }]);
});

test('a notice, or an objection of somebody who is not in it, makes nothing anew', async () => {
  await list('objection', '5');
  const between = async (): Promise<void> => {
    await list('notice', '2');
    await list('objection', '5');
    await list('objection', 'nobody');
  };
  expect(await stillClear(store, work(between))).toEqual({ size: 7, runs: 1 });
});

test('two records become one person by the objection itself: it is made anew', async () => {
  const joined = { ...line('objection', '6'), persons: ['urn:n|0', 'urn:n|6'] };
  const between = async (run: number) => (run === 1 ? await store.commit({ writes: [], lists: [joined] }) : undefined);
  expect(await stillClear(store, work(between))).toEqual({ size: 6, runs: 2 });
});

test('objections faster than answers: 503, to be tried again', async () => {
  const refused = stillClear(
    store,
    work(async run => await list('objection', String(run))),
  );
  await expect(refused).rejects.toMatchObject({ status: 503, headers: { 'Retry-After': expect.any(String) } });
  expect(await store.book('releases')).toEqual([]);
});
