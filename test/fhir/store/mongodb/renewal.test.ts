// docs/search-parameters.md, docs/mongodb.md: what an earlier state of the program stored

import { expect, test } from '@jest/globals';
import { asServer } from '../../../../src/fhir/model/access.ts';
import type { Predicate } from '../../../../src/fhir/search/query.ts';
import type { Store } from '../../../../src/fhir/store/store.ts';
import { observation, query, write } from '../contract.ts';
import { renewalContract } from '../renewal.ts';
import { dropDatabase, freshUri, openMongo, openShared, readRecords, rewriteRecords, withMongo } from './database.ts';

withMongo('MongoDB', () => {
  renewalContract('MongoDB', { resources: 160, queries: 60 }, openMongo);

  test('several processes that start at once each read it anew for themselves, and none undoes what another has done', async () => {
    const uri = freshUri();
    const first = await openShared(uri);
    for (let n = 0; n < 30; n++)
      await first.store.commit({ writes: [write(observation(`o${n}`, `Patient/${n}`, 'x', { code: { text: `red ${n}` } }))] });
    await first.close();
    await rewriteRecords(uri, ({ made: _, values, ...record }) => ({
      ...record,
      values: Object.fromEntries(Object.entries(values).filter(([code]) => !code.endsWith(':text'))),
    }));
    const opened = await Promise.all(Array.from({ length: 3 }, () => openShared(uri)));
    const red: Predicate = { kind: 'string', code: 'code:text', values: ['red'], match: 'starts' };
    const found = async (store: Store) => {
      while ((await store.indexing()).length > 0) await new Promise(resolve => setTimeout(resolve, 10));
      return (await store.search(asServer('test'), query('Observation', [red]))).total;
    };
    expect(await Promise.all(opened.map(({ store }) => found(store)))).toEqual([30, 30, 30]);
    expect((await readRecords(uri)).filter(({ values }) => values['code:text']?.length === 1)).toHaveLength(30);
    for (const one of opened) await one.close();
    await dropDatabase(uri);
  }, 60_000);
});
