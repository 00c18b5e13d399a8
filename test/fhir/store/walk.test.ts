// https://hl7.org/fhir/R4/http.html#paging: a search that nobody wants the total of is walked piece by piece, and finds the same
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Access, asServer } from '../../../src/fhir/model/access.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import { openKeyring } from '../../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../../src/fhir/store/sqlite/store.ts';
import type { Cursor, Store } from '../../../src/fhir/store/store.ts';
import { questions } from '../search/questions.ts';
import { randomResource, seeded } from '../search/resources.ts';

const settings = { base: 'http://noren.test/fhir', timeZone: 'Asia/Tokyo' };
const types = ['Patient', 'Observation', 'Condition'];
const random = seeded(7);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
const directory = mkdtempSync(path.join(os.tmpdir(), 'noren-walk-'));
const keyring = openKeyring({ directory: path.join(directory, 'keys'), master: Buffer.alloc(32, 1) });
const resources: AnyResource[] = [];
let store: Store;

beforeAll(async () => {
  store = await openSqliteStore({
    ...{ directory: path.join(directory, 'store'), keyring, baseUrl: settings.base, timeZone: settings.timeZone, synchronous: 'normal' },
    maxWalked: 0,
  });
  for (let n = 0; n < 900; n++) {
    const type = pick(types);
    const resource = { ...randomResource(type, random), id: `r${Math.floor(random() * 500)}` } as AnyResource;
    await store.commit({ writes: [{ type, id: resource.id!, resource, expect: 'any', sender: `Organization/h${n % 2}` }] });
    resources.push(resource);
  }
  const persons = Array.from({ length: 40 }, (_, n) => `Patient/r${n * 5}`);
  await store.commit({ writes: [], lists: persons.map(name => ({ list: 'gone', source: name, persons: [name], from: 0 })) });
}, 120_000);
afterAll(async () => {
  await store.close();
  keyring.close();
  rmSync(directory, { recursive: true, force: true });
});

const all = asServer('property test');
const { where } = parseSearch('Observation', [['date:missing', 'false']], { defaultCount: 1, maxCount: 1, ...settings }).query;
const accesses: Access[] = [
  all,
  { ...all, reach: { '*': [{ sender: 'Organization/h0' }] } },
  { ...all, without: ['gone'] },
  { ...all, reach: { '*': [{}], Observation: [{ where }] } },
];

test('search: page after page without a total is what one page with a total holds', async () => {
  const { question } = questions({ ...settings, types, random, resources: () => resources });
  let walked = 0;
  let sorted = 0;
  const found = accesses.map(() => 0);
  for (let n = 0; n < 400; n++) {
    const type = pick(types);
    let query: ReturnType<typeof parseSearch>['query'];
    try {
      ({ query } = parseSearch(type, question(type), { defaultCount: 7, maxCount: 1000, ...settings }));
    } catch (error) {
      if (error instanceof Problem && error.status === 400) continue;
      throw error;
    }
    if (query.count === 0) continue;
    // Most of what is asked by several conditions is too little to be read off in an order.
    const isSorted = query.sort.length > 0;
    if (isSorted && random() < 0.5) query = { ...query, where: [] };
    for (const [i, access] of accesses.entries()) {
      const whole = await store.search(access, { ...query, count: 1000, total: 'accurate' });
      const ids: string[] = [];
      let cursor: Cursor | undefined;
      do {
        const page = await store.search(access, { ...query, total: 'none' }, cursor);
        // A query that can match nothing is no walk.
        if (page.matches.length > 0 && !isSorted) expect(page.total).toBeUndefined();
        if (isSorted && page.total === undefined) sorted++;
        ids.push(...page.matches.map(({ id }) => id));
        cursor = page.next;
        walked++;
      } while (cursor);
      expect(ids).toEqual(whole.matches.map(({ id }) => id));
      expect(whole.total).toBe(ids.length);
      found[i]! += ids.length;
    }
  }
  expect(walked).toBeGreaterThan(500);
  expect(sorted).toBeGreaterThan(500);
  // Each of the others is told less than all there is.
  for (const some of found.slice(1)) expect(some).toBeLessThan(found[0]!);
}, 60_000);

test('search: a sorted page goes on behind the last one, also where that was purged meanwhile', async () => {
  const ids = Array.from({ length: 40 }, (_, n) => `d${n}`);
  const writes = ids.map(id => ({
    ...({ type: 'Device', id, expect: 'any', sender: 'Organization/h0' } as const),
    resource: { resourceType: 'Device', id, manufactureDate: '2020-01-01' } as AnyResource,
  }));
  // What comes together is stored at one moment.
  await store.commit({ writes: writes.slice(0, 20) });
  await store.commit({ writes: writes.slice(20) });
  for (const sort of ['-_lastUpdated', '_lastUpdated']) {
    const { query } = parseSearch('Device', [['_sort', sort]], { defaultCount: 6, maxCount: 1000, ...settings });
    const whole = await store.search(all, { ...query, count: 1000, total: 'accurate' });
    const shown: string[] = [];
    let cursor: Cursor | undefined;
    do {
      const page = await store.search(all, { ...query, total: 'none' }, cursor);
      expect(page.total).toBeUndefined();
      shown.push(...page.matches.map(({ id }) => id));
      cursor = page.next;
      if (cursor) await store.commit({ writes: [], forget: [{ type: 'Device', id: shown.at(-1)!, what: 'all' }] });
    } while (cursor);
    expect(shown).toEqual(whole.matches.map(({ id }) => id));
  }
});
