/**
 * Records of an earlier state of the program, opened by this one: when they have been read anew, all is found as in a store that was never any other; for each adapter.
 * R4: https://hl7.org/fhir/R4/search.html
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { asServer } from '../../../src/fhir/model/access.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import { partsOf } from '../../../src/fhir/search/parts.ts';
import type { SearchQuery } from '../../../src/fhir/search/query.ts';
import type { IndexRecord } from '../../../src/fhir/store/index/state.ts';
import { edition } from '../../../src/fhir/store/log/edition.ts';
import type { ListEntry, Store } from '../../../src/fhir/store/store.ts';
import { questions } from '../search/questions.ts';
import { randomResource, seeded } from '../search/resources.ts';
import { type Opened, write } from './contract.ts';

const all = asServer('renewal');
const settings = { base: 'http://noren.test/fhir', timeZone: 'Asia/Tokyo' };
const types = ['Patient', 'Observation', 'Location', 'Coverage', 'Binary', 'Condition'];

/** What the first state of the program took. */
const asOfOld = ({ made: _, values, ...record }: IndexRecord): IndexRecord => ({
  ...record,
  values: Object.fromEntries(Object.entries(values).filter(([code]) => !/:(text|of-type)$|^near$|^jp-|^_securityContext$|#/.test(code))),
});
/** Of an edition that nobody knows, with values that mean something else today and look like none of today. */
const asOfAnother = ({ values, ...record }: IndexRecord): IndexRecord => ({
  ...record,
  ...(record.made === undefined ? {} : { made: 'strange' }),
  values: Object.fromEntries(Object.entries(values).map(([code]) => [code, [{ of: 'another' }]])) as never,
});

export function renewalContract(name: string, amount: { resources: number; queries: number }, open: () => Promise<Opened>): void {
  describe(`${name}: records of an earlier state`, () => {
    let earlier: Opened;
    let today: Opened;
    beforeEach(async () => {
      [earlier, today] = [await open(), await open()];
    });
    afterEach(async () => {
      await earlier.remove();
      await today.remove();
    });

    function some(seed: number): (AnyResource & { id: string })[] {
      const random = seeded(seed);
      return Array.from({ length: amount.resources }, (_, n) => {
        const type = types[n % types.length]!;
        // Some come in several versions.
        const id = `r${n % 3 === 0 ? n : n % 40}`;
        const resource = { ...randomResource(type, random), id } as AnyResource & { id: string };
        if (type === 'Location') resource['position'] = { longitude: 130 + (n % 17), latitude: 30 + (n % 13) };
        if (type === 'Patient')
          resource['identifier'] = [{ system: 'urn:n', value: `n${id}`, type: { text: 'Card', coding: [{ system: 'urn:t', code: 't' }] } }];
        if (type === 'Observation') resource['subject'] = { reference: `Patient/r${n % 40}` };
        if (type === 'Binary') resource['securityContext'] = { reference: `Patient/r${(n * 6) % 40}` };
        return resource;
      });
    }
    async function fill(resources: readonly (AnyResource & { id: string })[], ...stores: readonly Store[]): Promise<void> {
      for (let at = 0; at < resources.length; at += 7) {
        const unlike = new Map(resources.slice(at, at + 7).map(one => [`${one.resourceType}/${one.id}`, write(one)]));
        for (const store of stores) await store.commit({ writes: [...unlike.values()] });
      }
      for (const store of stores)
        await store.commit({
          writes: [
            { type: 'Condition', id: resources.find(one => one.resourceType === 'Condition')!.id, expect: 'any', sender: 'client/test' },
          ],
        });
    }
    function searches(resources: readonly AnyResource[]): SearchQuery[] {
      const random = seeded(4);
      const asked = types.filter(type => type !== 'Binary');
      const { question } = questions({ ...settings, types: asked, random, resources: () => resources });
      const found: SearchQuery[] = [];
      const parse = (type: string, pairs: [string, string][]) =>
        parseSearch(type, pairs, { defaultCount: 1000, maxCount: 1000, ...settings }).query;
      for (let n = 0; found.length < amount.queries; n++) {
        const type = asked[n % asked.length]!;
        try {
          const query = parse(type, [...question(type), ...(n % 5 === 0 ? [['_include', `${type}:*`] as [string, string]] : [])]);
          if (![...partsOf(type, query.where)].some(([, { kind }]) => kind === 'words')) found.push(query);
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
        }
      }
      return [
        ...found,
        parse('Location', [['near', '35|135|300|km']]),
        parse('Patient', [['identifier:of-type', 'urn:t|t|nr0']]),
        parse('Patient', [['identifier:text', 'card']]),
        parse('Binary', []),
      ];
    }
    const shown = async (store: Store, queries: readonly SearchQuery[]): Promise<string[]> => {
      const out: string[] = [];
      for (const query of queries) {
        const { matches, included } = await store.search(all, query);
        out.push([matches, included].map(list => list.map(({ type, id, versionId }) => `${type}/${id}/${versionId}`).join()).join(' + '));
      }
      return out;
    };
    const whole = async (store: Store): Promise<void> => {
      while ((await store.indexing()).length > 0) await new Promise(resolve => setTimeout(resolve, 10));
    };
    // Names of persons are hashed by keys of their own.
    const inOrder = (records: readonly IndexRecord[]) =>
      [...records].sort((a, b) => a.seq - b.seq).map(({ seq, type, id, values, made }) => ({ seq, type, id, values, made }));

    test.each([
      ['the first state', asOfOld],
      ['another edition', asOfAnother],
      ['the first state, half of them read anew before', (record: IndexRecord) => (record.seq % 40 < 20 ? asOfOld(record) : record)],
    ])(
      'of %s: everything is found as in a store of today, and the next start has nothing to do',
      async (_what, age) => {
        const resources = some(1);
        await fill(resources, earlier.store, today.store);
        const queries = searches(resources);
        const expected = await shown(today.store, queries);
        expect(expected.slice(-4).map(text => text.length > 3)).toEqual([true, true, true, true]);
        let store = await earlier.rewrite(age);
        // What comes meanwhile is found as well.
        const more = some(2).slice(0, 20);
        await fill(more, store, today.store);
        await whole(store);
        const now = await shown(today.store, queries);
        expect(await shown(store, queries)).toEqual(now);
        expect(now).not.toEqual(expected);
        expect(inOrder(await earlier.records())).toEqual(inOrder(await today.records()));
        store = await earlier.reopen();
        expect(await store.indexing()).toEqual([]);
        expect(await shown(store, queries)).toEqual(now);
      },
      120_000,
    );

    test('until they are read, whoever asks by what they may lack is told to wait; by all else is answered; $index-status tells both', async () => {
      const resources = some(1);
      await fill(resources, earlier.store);
      const ask = (store: Store, code: string, value: string) =>
        store.search(all, parseSearch('Patient', [[code, value]], { defaultCount: 1000, maxCount: 1000, ...settings }).query);
      const store = await earlier.rewrite(asOfOld);
      const [status, refused, answered] = await Promise.all([
        store.indexing(),
        ask(store, 'identifier:text', 'card').catch((error: unknown) => error),
        ask(store, 'identifier', 'urn:n|nr0'),
      ]);
      expect(answered.matches.map(({ id }) => id)).toEqual(['r0']);
      // Where all was read in the meantime nothing is refused.
      if (refused instanceof Problem) expect(refused).toMatchObject({ kind: 'unavailable', headers: { 'Retry-After': '5' } });
      else expect((refused as typeof answered).matches.length).toBeGreaterThan(0);
      if (status.length > 0) {
        expect(status.map(({ code }) => code)).toEqual(expect.arrayContaining(['identifier:text', 'near', '_securityContext']));
        expect(status.map(({ code }) => code)).not.toContain('identifier');
      }
      await whole(store);
      expect((await ask(store, 'identifier:text', 'card')).matches.length).toBeGreaterThan(0);
    });

    test('who is erased in the meantime stays erased, and what is purged stays purged', async () => {
      const resources = some(3);
      await fill(resources, earlier.store, today.store);
      const queries = searches(resources);
      const line: ListEntry = { list: 'objection', source: 'Consent/c', persons: ['urn:n|nr0', 'Patient/r0'], from: 0 };
      const consent = { resourceType: 'Consent', id: 'c', patient: { reference: 'Patient/r0' } };
      const gone = async (store: Store): Promise<void> => {
        await store.commit({ writes: [write(consent)], lists: [line], erase: [line] });
        await store.commit({ writes: [], forget: [{ type: 'Location', id: 'r2', what: 'all' }] });
      };
      await gone(today.store);
      const store = await earlier.rewrite(asOfAnother);
      await gone(store);
      await whole(store);
      const expected = await shown(today.store, queries);
      expect(await shown(store, queries)).toEqual(expected);
      const records = await earlier.records();
      expect(records.some(({ type, id }) => type === 'Location' && id === 'r2')).toBe(false);
      expect(
        records.filter(({ made, type }) => made !== undefined && type !== 'Consent').every(({ made }) => made === edition().mark),
      ).toBe(true);
      expect(await shown(await earlier.reopen(), queries)).toEqual(expected);
    }, 120_000);
  });
}
