/**
 * Every search gives what a slow, obvious evaluation gives, under every access; for each adapter.
 * R4: https://hl7.org/fhir/R4/search.html
 * @module
 */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Access, asServer, type Clause } from '../../../src/fhir/model/access.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import { partsOf } from '../../../src/fhir/search/parts.ts';
import type { Store } from '../../../src/fhir/store/store.ts';
import { evaluate, type Stored } from '../search/oracle.ts';
import { questions } from '../search/questions.ts';
import { randomResource, seeded } from '../search/resources.ts';

const settings = { base: 'http://noren.test/fhir', timeZone: 'Asia/Tokyo' };
const types = ['Patient', 'Observation', 'Condition', 'Encounter', 'Organization', 'Location'];
const random = seeded(20_260_401);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
let store: Store;
interface Sent extends Stored {
  readonly sender: string;
}
const all = asServer('property test');
/** Three persons stand on a list: what is about them is not there, at the ends of chains and behind a `not` as little as for a read. */
const withoutSome: Access = { ...all, without: ['gone'] };
const left = new Set<Sent>();
const current = new Map<string, Sent>();
const senders = new Map<string, string>();

/** Half of the references lead to resources that are there, so that chains have somewhere to go. */
const aim = (node: unknown): void => {
  if (node === null || typeof node !== 'object') return;
  const object = node as Record<string, unknown>;
  if (typeof object['reference'] === 'string' && random() < 0.7) object['reference'] = `${pick(types)}/r${Math.floor(random() * 12)}`;
  for (const child of Object.values(object)) aim(child);
};

async function fill(): Promise<void> {
  for (let n = 0; n < 190; n++) {
    const type = pick(types);
    const id = `r${Math.floor(random() * 12)}`;
    const key = `${type}/${id}`;
    // The first version's sender stays, after a deletion too.
    const sender = senders.get(key) ?? `Organization/h${Math.floor(random() * 2)}`;
    senders.set(key, sender);
    current.delete(key);
    if (random() < 0.1) {
      await store.commit({ writes: [{ type, id, expect: 'any', sender }] });
      continue;
    }
    const resource = { ...randomResource(type, random), id } as AnyResource;
    // Numbers made at random lie on no earth.
    if (type === 'Location') resource['position'] = { latitude: 30 + random() * 15, longitude: 130 + random() * 15 };
    aim(resource);
    const { versions } = await store.commit({ writes: [{ type, id, resource, expect: 'any', sender }] });
    current.set(key, { type, id, resource: JSON.parse(versions[0]!.bytes.toString()), lastUpdated: versions[0]!.lastUpdated, sender });
  }
  const persons = ['Patient/r1', 'Patient/r4', 'Patient/r7'];
  await store.commit({ writes: [], lists: persons.map(name => ({ list: 'gone', source: name, persons: [name], from: 0 })) });
  for (const one of current.values()) if (!(await store.read(withoutSome, one.type, one.id))) left.add(one);
}

const { question } = questions({ ...settings, types, random, resources: () => [...current.values()].map(one => one.resource) });

const accesses: [string, Access, (one: Sent) => boolean][] = [
  ['everything', all, () => true],
  ['one sender', { ...all, reach: { '*': [{ sender: 'Organization/h0' }] } }, one => one.sender === 'Organization/h0'],
  [
    'some types',
    { ...all, reach: { Patient: [{}], Observation: [{ sender: 'Organization/h1' }] } },
    one => one.type === 'Patient' || (one.type === 'Observation' && one.sender === 'Organization/h1'),
  ],
  ['without three persons', withoutSome, one => !left.has(one)],
];

const asked = (type: string) => {
  const options = { defaultCount: 1000, maxCount: 1000, base: settings.base, timeZone: settings.timeZone };
  return parseSearch(type, question(type), options).query;
};

/** Access by a condition on each type that holds for some of its resources and not for all: what scopes with a query make. */
function queried(): [string, Access, (one: Sent) => boolean] {
  const plain = ['token', 'string', 'uri', 'reference', 'number', 'quantity'];
  const reach: Record<string, Clause[]> = {};
  const seen = new Set<string>();
  for (const type of types) {
    const there = [...current.values()].filter(one => one.type === type);
    for (let tries = 0; reach[type] === undefined && tries < 2000; tries++) {
      try {
        const query = asked(type);
        const ids = evaluate({ ...query, sort: [] }, there, settings);
        if (query.where.length === 0 || !query.where.every(one => plain.includes(one.kind) && !('along' in one))) continue;
        if (ids.length === 0 || ids.length === there.length) continue;
        reach[type] = [{ where: query.where }];
        for (const id of ids) seen.add(`${type}/${id}`);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
    }
    if (reach[type] === undefined) throw new Error(`no condition on ${type}`);
  }
  return ['a query', { ...all, reach }, one => seen.has(`${one.type}/${one.id}`)];
}

/** @param queries how many */
export function searchProperty(
  adapter: string,
  queries: number,
  open: () => Promise<{ readonly store: Store; remove(): Promise<void> }>,
): void {
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ store, remove } = await open());
    await fill();
  }, 120_000);
  afterAll(() => remove());

  test(`${adapter}: read, version and history know of what a search under the same conditions finds, and of nothing else`, async () => {
    for (let n = 0; n < queries / 75; n++) {
      const [, access, sees] = queried();
      const look = async (one: Sent): Promise<void> => {
        const is = sees(one);
        expect((await store.read(access, one.type, one.id)) !== undefined).toBe(is);
        const last = (await store.read(all, one.type, one.id))!.versionId;
        expect((await store.version(access, one.type, one.id, last)) !== undefined).toBe(is);
        const history = await store.history(access, { type: one.type, id: one.id }, { count: 100 });
        expect(history?.versions.some(({ versionId }) => versionId === last) ?? false).toBe(is);
        expect((await store.sender(access, one.type, one.id)) !== undefined).toBe(is);
        expect(await store.referred(access, [`${one.type}/${one.id}`])).toHaveLength(is ? 1 : 0);
      };
      await Promise.all([...current.values()].map(look));
    }
  });

  test(`${adapter}: search: generated queries find what the obvious evaluation finds, in its order, with its total`, async () => {
    let compared = 0;
    let found = 0;
    let byQuery: ReturnType<typeof queried> | undefined;
    const kinds = new Map<string, number>();
    const wrong: unknown[] = [];
    for (let n = 0; n < queries; n++) {
      const type = pick(types);
      const pairs = question(type);
      let query: ReturnType<typeof parseSearch>['query'];
      try {
        ({ query } = parseSearch(type, pairs, { defaultCount: 1000, maxCount: 1000, base: settings.base, timeZone: settings.timeZone }));
      } catch (error) {
        // A modifier that this type of parameter does not take, or a value that another type's is no example of.
        if (error instanceof Problem && error.status === 400) continue;
        throw error;
      }
      // Another one now and then.
      if (byQuery === undefined || n % 50 === 0) byQuery = queried();
      for (const [name, access, sees] of [...accesses, byQuery]) {
        const expected = evaluate(query, [...current.values()].filter(sees), settings);
        const page = await store.search(access, query);
        const got = page.matches.map(version => version.id);
        compared++;
        found += got.length;
        if (JSON.stringify(got) !== JSON.stringify(expected) || page.total !== expected.length)
          wrong.push({ type, pairs, access: name, expected, got });
        if (got.length > 0) for (const [, { kind }] of partsOf(type, query.where)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(compared).toBeGreaterThan(queries * 1.6);
    expect(found).toBeGreaterThan(queries);
    expect(left.size).toBeGreaterThan(5);
    expect(left.size).toBeLessThan(current.size / 2);
    // Few questions do not come to everything.
    if (queries < 1000) return;
    for (const kind of ['and', 'or', 'not', 'words', 'near', 'has', 'chain', 'reference', 'quantity', 'composite'])
      expect([...kinds.keys()]).toContain(kind);
  }, 240_000);
}
