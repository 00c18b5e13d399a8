// docs/mongodb.md: what comes round by itself in each process is done once, or does no harm when it is done by each

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eraseDue } from '../../../../src/consent/erasure.ts';
import { asServer } from '../../../../src/fhir/model/access.ts';
import { observation, patient, write } from '../contract.ts';
import { dropDatabase, freshUri, openShared, type Shared, withMongo } from './database.ts';

withMongo('duties of several processes', () => {
  let uri: string;
  let all: Shared[];
  let told: string[];
  beforeEach(async () => {
    uri = freshUri();
    told = [];
    all = [];
    for (let i = 0; i < 3; i++) all.push(await openShared(uri, { erased: async ({ source }) => void told.push(source) }));
  });
  afterEach(async () => {
    for (const one of all) await one.close();
    await dropDatabase(uri);
  });

  test('an objection that has come into force is carried out by all at once: the person is erased, and nobody else', async () => {
    const [{ store }] = all as [Shared];
    const number = { identifier: [{ system: 'urn:n', value: '1' }] };
    await store.commit({ writes: [patient('a', number), observation('oa', 'Patient/a', 'x'), patient('b', {})].map(one => write(one)) });
    const objection = { list: 'objection', source: 'Consent/c', persons: ['urn:n|1'], from: Date.now() - 1000 };
    await store.commit({ writes: [write({ resourceType: 'Consent', id: 'c' } as never)], lists: [objection] });
    await Promise.all(all.map(one => eraseDue(one.store, Date.now())));
    const access = asServer('duties');
    for (const one of all) {
      expect(await one.store.read(access, 'Patient', 'a')).toBeUndefined();
      expect(await one.store.read(access, 'Observation', 'oa')).toBeUndefined();
      expect((await one.store.read(access, 'Patient', 'b'))?.id).toBe('b');
      await eraseDue(one.store, Date.now());
      const book = await one.store.book('erasures');
      expect(new Set(book.map(({ source }) => source))).toEqual(new Set(['Consent/c']));
    }
    // Who came too late has found nobody left, and says so.
    const book = await store.book('erasures');
    expect(book.map(({ keys }) => keys).toSorted()).toEqual([...book.slice(1).map(() => 0), 1]);
    expect(told).toHaveLength(book.length);
  });
});
