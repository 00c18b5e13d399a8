/**
 * What is purged is in no answer, no index and no file, and nothing beside it is touched; for each adapter.
 * docs/operation/purge.md, docs/interaction/delete.md
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { asServer } from '../../../src/fhir/model/access.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { Predicate } from '../../../src/fhir/search/query.ts';
import type { Forget, ListEntry, Store } from '../../../src/fhir/store/store.ts';
import { type Opened, observation, patient, query, write } from './contract.ts';

const all = asServer('purge');

export function forgetContract(name: string, open: () => Promise<Opened>): void {
  describe(`${name}: what is purged`, () => {
    let opened: Opened;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
      for (const text of ['first', 'second', 'third'])
        await store.commit({
          writes: [
            write(observation('o', 'Patient/a', 'x', note(`gone-${text}`))),
            write(observation('beside', 'Patient/a', 'x', note(`kept-${text}`))),
          ],
          receipt: { key: `receipt-${text}`, shape: 's' },
        });
    });
    afterEach(() => opened.remove());

    const forget = (...wanted: Forget[]) => store.commit({ writes: [], forget: wanted });
    const kindOf = (promise: Promise<unknown>) =>
      promise.then(
        () => 'taken',
        error => (error instanceof Problem ? error.kind : error),
      );
    const code = (value: string): Predicate => ({ kind: 'token', code: 'code', values: [{ code: value }], not: false });
    const found = async (value: string) =>
      (await store.search(all, query('Observation', [code(value)]))).matches.map(({ id }) => id).sort();
    const versions = async (type: string, id: string) =>
      (await store.history(all, { type, id }, { count: 100 }))?.versions.map(({ versionId, deleted, bytes }) => [
        versionId,
        deleted ? 'deleted' : (JSON.parse(bytes.toString()) as { note?: { text: string }[] }).note?.[0]?.text,
      ]);
    const note = (text: string) => ({ note: [{ text }] });

    test('all: no read, history, search or receipt knows of it, also after a start; what lay in the same block is as it was', async () => {
      await forget({ type: 'Observation', id: 'o', what: 'all' });
      for (let twice = 0; twice < 2; twice++) {
        expect([await store.read(all, 'Observation', 'o'), await versions('Observation', 'o')]).toEqual([undefined, undefined]);
        expect(await found('x')).toEqual(['beside']);
        expect(await versions('Observation', 'beside')).toEqual([
          [3, 'kept-third'],
          [2, 'kept-second'],
          [1, 'kept-first'],
        ]);
        expect(await store.receipt('receipt-first')).toBeUndefined();
        store = await opened.reopen();
      }
      const { versions: made } = await store.commit({ writes: [write(observation('o', 'Patient/a', 'y'))] });
      expect(made[0]!.versionId).toBe(1);
      expect(await found('y')).toEqual(['o']);
    });

    test('history: the current version stays, with its number; the next one counts on', async () => {
      await forget({ type: 'Observation', id: 'o', what: 'history' });
      store = await opened.reopen();
      expect(await versions('Observation', 'o')).toEqual([[3, 'gone-third']]);
      expect(await opened.readable()).not.toMatch(/gone-(first|second)/);
      await store.commit({ writes: [write(observation('o', 'Patient/a', 'x', note('fourth')))] });
      expect((await versions('Observation', 'o'))![0]).toEqual([4, 'fourth']);
    });

    test('version: one that is not current', async () => {
      await forget({ type: 'Observation', id: 'o', what: 'version', versionId: 2 });
      for (let twice = 0; twice < 2; twice++) {
        expect(await versions('Observation', 'o')).toEqual([
          [3, 'gone-third'],
          [1, 'gone-first'],
        ]);
        expect(await store.version(all, 'Observation', 'o', 2)).toBeUndefined();
        store = await opened.reopen();
      }
      expect(await kindOf(forget({ type: 'Observation', id: 'o', what: 'version', versionId: 3 }))).toBe('conflict');
      expect(await kindOf(forget({ type: 'Observation', id: 'o', what: 'version', versionId: 2 }))).toBe('not-found');
      expect(await kindOf(forget({ type: 'Observation', id: 'never', what: 'all' }))).toBe('not-found');
    });

    test('what was deleted is purged with its deletion; its id is free', async () => {
      await store.commit({ writes: [{ type: 'Observation', id: 'o', expect: 3, sender: 'client/test' }] });
      await forget({ type: 'Observation', id: 'o', what: 'all' });
      store = await opened.reopen();
      expect(await store.read(all, 'Observation', 'o')).toBeUndefined();
    });

    test('no number of a version is given twice, though the last one was purged', async () => {
      const { versions: made } = await store.commit({ writes: [write(observation('last', 'Patient/a', 'x'))] });
      await forget({ type: 'Observation', id: 'last', what: 'all' });
      store = await opened.reopen();
      const next = await store.commit({ writes: [write(observation('next', 'Patient/a', 'x'))], receipt: { key: 'r', shape: 's' } });
      expect(next.versions[0]!.lastUpdated).toBeGreaterThanOrEqual(made[0]!.lastUpdated);
      store = await opened.reopen();
      expect((await store.receipt('r'))!.versions.map(({ id }) => id)).toEqual(['next']);
    });

    test('blocks that hold many: what stays lies where it is looked for', async () => {
      const many = Array.from({ length: 60 }, (_, i) => write(observation(`m${i}`, 'Patient/b', 'm', note(`${i}-${'x'.repeat(900)}`))));
      await store.commit({ writes: many });
      const wanted = [0, 7, 20, 21, 59].map((i): Forget => ({ type: 'Observation', id: `m${i}`, what: 'all' }));
      await forget(...wanted);
      for (let twice = 0; twice < 2; twice++) {
        expect((await found('m')).length).toBe(50);
        for (const i of [1, 6, 8, 19, 22, 58]) expect((await versions('Observation', `m${i}`))![0]![1]).toBe(`${i}-${'x'.repeat(900)}`);
        store = await opened.reopen();
      }
    });

    test('the legal record is kept, and nothing else of the commit is done', async () => {
      const consent = { resourceType: 'Consent', id: 'c', patient: { reference: 'Patient/a' } };
      await store.commit({ writes: [write(consent)] });
      expect(await kindOf(forget({ type: 'Observation', id: 'o', what: 'all' }, { type: 'Consent', id: 'c', what: 'all' }))).toBe(
        'business-rule',
      );
      expect(await versions('Observation', 'o')).toHaveLength(3);
    });

    test('an objection keeps meaning everybody whom a purged record joined, after a start too', async () => {
      const numbers = (...values: string[]) => ({ identifier: values.map(value => ({ system: 'urn:n', value })) });
      const line: ListEntry = { list: 'objection', source: 'Consent/c', persons: ['Patient/p1'], from: 0 };
      await store.commit({
        writes: [
          write(patient('p1', numbers('1'))),
          write(patient('joins', numbers('1', '2'))),
          write(patient('p2', numbers('2'))),
          write(observation('of-p2', 'Patient/p2', 'x')),
        ],
        lists: [line],
      });
      const left = { ...all, without: ['objection'] };
      expect(await store.read(left, 'Observation', 'of-p2')).toBeUndefined();
      await forget({ type: 'Patient', id: 'joins', what: 'all' });
      store = await opened.reopen();
      expect(await store.read(all, 'Observation', 'of-p2')).toBeDefined();
      expect(await store.read(left, 'Observation', 'of-p2')).toBeUndefined();
    });

    test('all: nothing of it can be opened any more, and what lay beside it can', async () => {
      expect(await opened.readable()).toContain('gone-first');
      await forget({ type: 'Observation', id: 'o', what: 'all' });
      const left = await opened.readable();
      expect(left).not.toContain('gone-');
      for (const text of ['first', 'second', 'third']) expect(left).toContain(`kept-${text}`);
      expect(left).not.toContain('"id":"o"');
    });

    test('a key under which nothing lies any more is destroyed, and its owner goes on under another', async () => {
      await forget({ type: 'Observation', id: 'o', what: 'all' }, { type: 'Observation', id: 'beside', what: 'all' });
      expect(await opened.readable()).toBe('');
      store = await opened.reopen();
      await store.commit({ writes: [write(observation('new', 'Patient/a', 'x'))] });
      store = await opened.reopen();
      expect(await found('x')).toEqual(['new']);
    });

    test('one after the other out of the same block: what stays lies where it is looked for', async () => {
      const many = Array.from({ length: 12 }, (_, i) => write(observation(`s${i}`, 'Patient/c', 's', note(`body-${i}`))));
      await store.commit({ writes: many });
      for (const i of [3, 0, 11, 4]) {
        await forget({ type: 'Observation', id: `s${i}`, what: 'all' });
        expect(await opened.readable()).not.toMatch(new RegExp(`body-${i}\\b`));
      }
      for (let twice = 0; twice < 2; twice++) {
        expect(await found('s')).toEqual(['s1', 's10', 's2', 's5', 's6', 's7', 's8', 's9']);
        for (const i of [1, 2, 5, 6, 7, 8, 9, 10]) expect(await versions('Observation', `s${i}`)).toEqual([[1, `body-${i}`]]);
        store = await opened.reopen();
      }
      // Erased, the person takes along what was put anew for him.
      const line: ListEntry = { list: 'objection', source: 'Consent/c', persons: ['Patient/c'], from: 0 };
      await store.commit({
        writes: [write({ resourceType: 'Consent', id: 'c', patient: { reference: 'Patient/c' } })],
        lists: [line],
        erase: [line],
      });
      expect([await found('s'), (await opened.readable()).includes('body-')]).toEqual([[], false]);
    });
  });
}
