/**
 * After an erasure every observable is that of a store that never had the person; for each adapter.
 * R4: https://hl7.org/fhir/R4/search.html, https://hl7.org/fhir/R4/http.html
 * @module
 */

import { expect, test } from '@jest/globals';
import { type Access, asServer, leavingOut } from '../../../src/fhir/model/access.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { searchParameters } from '../../../src/fhir/search/parameters.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import { partsOf } from '../../../src/fhir/search/parts.ts';
import type { SearchQuery } from '../../../src/fhir/search/query.ts';
import type { Commit, ListEntry, Store } from '../../../src/fhir/store/store.ts';
import { questions } from '../search/questions.ts';
import { randomResource, seeded } from '../search/resources.ts';

const settings = { base: 'http://noren.test/fhir', timeZone: 'Asia/Tokyo' };
const types = ['Patient', 'Observation', 'Condition', 'Encounter', 'Coverage', 'MedicationRequest'];
const senders = ['Organization/h0', 'Organization/h1', 'client/tester'];
let clock = Date.parse('2026-06-15T12:00:00+09:00');

/** Opens the store of this name, made at the first time; times are the clock's. */
export type OpenNamed = (name: string, now: () => number) => Promise<{ readonly store: Store; close(): Promise<void> }>;

interface Made {
  readonly commit: Commit;
  readonly person: number;
  readonly sender: string;
}

/** Eight persons, each with a record and data at several senders; updates, deletions and resources that come back. */
function history(random: () => number, commits: number): Made[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const made: Made[] = [];
  const there = new Set<string>();
  for (let n = 0; n < commits; n++) {
    // First everybody's records, which say who is one person.
    const person = n < 24 ? n % 8 : Math.floor(random() * 8);
    const sender = n < 24 ? Math.floor(n / 8) : Math.floor(random() * senders.length);
    const type = n < 24 ? 'Patient' : pick(types);
    const id = type === 'Patient' ? `p${person}-${sender}` : `p${person}-${sender}-${Math.floor(random() * 4)}`;
    const at = { type, id, expect: 'any', sender: senders[sender]! } as const;
    const receipt = random() < 0.3 ? { receipt: { key: `r${n}`, shape: 's' } } : {};
    if (n >= 24 && random() < 0.2 && there.has(`${type}/${id}`)) {
      made.push({ person, sender: at.sender, commit: { writes: [at], ...receipt } });
      continue;
    }
    there.add(`${type}/${id}`);
    const resource = { ...randomResource(type, random), id } as AnyResource;
    // References to persons lead to the person's own record, all others anywhere.
    const aim = (node: unknown): void => {
      if (node === null || typeof node !== 'object') return;
      const object = node as Record<string, unknown>;
      if (typeof object['reference'] === 'string') {
        const target = pick(types);
        object['reference'] =
          target === 'Patient'
            ? `Patient/p${person}-${sender}`
            : `${target}/p${Math.floor(random() * 8)}-${Math.floor(random() * 3)}-${Math.floor(random() * 4)}`;
      }
      for (const child of Object.values(object)) aim(child);
    };
    aim(resource);
    if (type === 'Patient') {
      resource['identifier'] = [{ system: 'urn:oid:1.2.3.4', value: `number-${person}` }];
      delete resource['link'];
    } else {
      const element = type === 'Coverage' ? 'beneficiary' : 'subject';
      resource[element] = { reference: `Patient/p${person}-${sender}` };
    }
    made.push({ person, sender: at.sender, commit: { writes: [{ ...at, resource }], ...receipt } });
  }
  return made;
}

const all = asServer('property test');
const accesses: Access[] = [
  all,
  { ...all, reach: { '*': [{ sender: 'Organization/h0' }] } },
  { ...all, reach: { '*': [{ patient: 'Patient/p3-0' }, { patient: 'Patient/p2-1' }] } },
  leavingOut(all, 'objection'),
];

/** Everything that can be seen of a store, as text. */
async function seen(store: Store, queries: readonly SearchQuery[], made: readonly Made[]): Promise<string[]> {
  const out: string[] = [];
  const version = (one: { type: string; id: string; versionId: number; lastUpdated: number; deleted: boolean; bytes: Buffer }) =>
    `${one.type}/${one.id} ${one.versionId} ${one.lastUpdated} ${one.deleted} ${one.bytes.toString()}`;
  const names = [...new Set(made.map(({ commit }) => `${commit.writes[0]!.type}/${commit.writes[0]!.id}`))];
  for (const access of accesses) {
    const ask = async (query: SearchQuery, n: number): Promise<string[]> => {
      const out: string[] = [];
      const page = await store.search(access, query);
      out.push(`query ${n}: ${page.total} ${page.matches.map(version).join()} + ${page.included.map(version).join()}`);
      // Words are read from the bytes, by searches alone.
      if ([...partsOf(query.type, query.where)].some(([, { kind }]) => kind === 'words')) return out;
      out.push(`match ${n}: ${(await store.match(access, query, 1000)).join()}`);
      if (query.type !== 'Patient') return out;
      const persons = await store.persons(access, query);
      const each = [];
      for await (const person of store.each(access, persons)) each.push(`${person.anchor} ${person.records.join()}`);
      out.push(`persons ${n}: ${persons.size} ${each.sort().join(' · ')}`);
      return out;
    };
    out.push(...(await Promise.all(queries.map(ask))).flat());
    const look = async (name: string): Promise<string[]> => {
      const [type, id] = name.split('/') as [string, string];
      const history = await store.history(access, { type, id }, { count: 100 });
      const first = await store.version(access, type, id, 1);
      return [
        `${name}: ${history?.total} ${history?.versions.map(version).join()} · ${first && version(first)}`,
        `${name}: ${await store.sender(access, type, id)} ${(await store.referred(access, [name])).map(version).join()}`,
      ];
    };
    out.push(...(await Promise.all(names.map(look))).flat());
    const people: string[] = [];
    for await (const person of store.each(access, await store.persons(access, { ...queries[0]!, type: 'Patient', where: [] })))
      people.push(`${person.anchor}: ${(await store.about(access, person)).map(version).join()}`);
    out.push(...people.sort());
  }
  for (const { commit } of made)
    if (commit.receipt)
      out.push(`receipt ${commit.receipt.key}: ${(await store.receipt(commit.receipt.key))?.versions.map(version).join()}`);
  for (let person = 0; person < 8; person++) out.push(`lines: ${(await store.lines([`urn:oid:1.2.3.4|number-${person}`])).length}`);
  return out;
}

/** Each cut short: resources are long. */
const differences = (a: readonly string[], b: readonly string[]): string[] =>
  a
    .flatMap((text, i) => (text === b[i] ? [] : [`${text.slice(0, 160)} … ${b[i]?.slice(0, 160)}`]))
    .concat(a.length === b.length ? [] : ['length']);

const consent: AnyResource & { id: string } = { resourceType: 'Consent', id: 'objection', patient: { reference: 'Patient/p3-0' } };

/** Searches of all kinds, among them those that find something. */
function searches(made: readonly Made[], random: () => number, most: number): SearchQuery[] {
  const resources = made.flatMap(({ commit }) => commit.writes.flatMap(write => write.resource ?? []));
  const { question } = questions({ ...settings, types, random, resources: () => resources });
  const queries: SearchQuery[] = [];
  for (let n = 0; queries.length < most; n++) {
    const type = types[n % types.length]!;
    const extra: [string, string][] =
      n % 5 === 0 ? [['_include', `${type}:*`]] : n % 5 === 1 ? [['_revinclude', 'Observation:subject']] : [];
    const sort = [...searchParameters(type).values()].filter(one => ['date', 'string', 'token', 'reference'].includes(one.type));
    if (n % 3 === 0 && sort.length > 0) extra.push(['_sort', sort[n % sort.length]!.code]);
    try {
      const { query } = parseSearch(type, [...question(type), ...extra], { defaultCount: 1000, maxCount: 1000, ...settings });
      queries.push(query);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }
  for (const type of types) queries.push({ ...queries[0]!, type, where: [], sort: [], include: [], revinclude: [] });
  return queries;
}

/** @param commits how many, all together @param most how many queries */
export function eraseProperty(adapter: string, { commits, queries: most }: { commits: number; queries: number }, open: OpenNamed): void {
  test.each([
    ['everybody’s data', 11, undefined],
    ['one institution’s data', 12, 'Organization/h0'],
  ] as const)(
    `${adapter}: erasure of %s of one of eight persons leaves what a store without them shows, at once and after a start`,
    async (_what, seed, sender) => {
      const random = seeded(seed);
      const made = history(random, commits);
      const isHis = (one: Made) => one.person === 3 && (sender === undefined || one.sender === sender);
      const [name, other] = [`erased-${seed}`, `never-${seed}`];
      let [erased, never] = [await open(name, () => clock), await open(other, () => clock)];
      for (const one of made) {
        clock += 1000;
        await erased.store.commit(one.commit);
        if (!isHis(one)) await never.store.commit(one.commit);
      }
      const queries = searches(made, random, most);
      const before = await seen(erased.store, queries, made);

      clock += 1000;
      // The line names one number; the others are found inside the commit.
      const line: ListEntry = { list: 'objection', source: 'Consent/objection', persons: ['urn:oid:1.2.3.4|number-3'], from: 0 };
      const commit: Commit = {
        writes: [{ type: 'Consent', id: 'objection', resource: consent, expect: 'absent', sender: 'client/tester' }],
        lists: [sender === undefined ? line : { ...line, sender }],
      };
      await erased.store.commit({ ...commit, erase: [line] });
      // Whose record Patient/p3-0 was is known to a store that had it only: the legal record is the person's there.
      await never.store.commit({ ...commit, lists: commit.lists!.map(one => ({ ...one, persons: [...one.persons, 'Patient/p3-0'] })) });
      const [one, two] = [await seen(erased.store, queries, made), await seen(never.store, queries, made)];
      expect(differences(one, two)).toEqual([]);
      expect(differences(one, before).length).toBeGreaterThan(most / 3);
      await erased.close();
      await never.close();
      [erased, never] = [await open(name, () => clock), await open(other, () => clock)];
      expect(differences(await seen(erased.store, queries, made), two)).toEqual([]);
      // What comes afterwards goes on as in the other store.
      clock += 1000;
      for (const { store } of [erased, never]) await store.commit(made[0]!.commit);
      expect(differences(await seen(erased.store, queries, made), await seen(never.store, queries, made))).toEqual([]);
      await erased.close();
      await never.close();
    },
    240_000,
  );

  test(`${adapter}: a purge of a third of the resources leaves what a store without them shows, at once and after a start`, async () => {
    const random = seeded(13);
    const made = history(random, commits);
    const nameOf = ({ commit }: Made): string => `${commit.writes[0]!.type}/${commit.writes[0]!.id}`;
    // Records of persons say who is one person, which a store without them cannot know.
    const names = [...new Set(made.map(nameOf))].filter(name => !name.startsWith('Patient/'));
    const gone = new Set(names.filter(() => random() < 0.33));
    expect(gone.size).toBeGreaterThan(10);
    let [purged, never] = [await open('purged', () => clock), await open('unpurged', () => clock)];
    for (const one of made) {
      clock += 1000;
      await purged.store.commit(one.commit);
      if (!gone.has(nameOf(one))) await never.store.commit(one.commit);
    }
    const queries = searches(made, random, most);
    const before = await seen(purged.store, queries, made);
    for (const name of gone) {
      const [type, id] = name.split('/') as [string, string];
      await purged.store.commit({ writes: [], forget: [{ type, id, what: 'all' }] });
    }
    const [one, two] = [await seen(purged.store, queries, made), await seen(never.store, queries, made)];
    expect(differences(one, two)).toEqual([]);
    expect(differences(one, before).length).toBeGreaterThan(most / 3);
    for (const scope of [{}, { type: 'Observation' }]) {
      const inOrder = async (store: Store) =>
        (await store.history(accesses[0]!, scope, { count: 1000 }))!.versions.map(
          ({ type, id, versionId }) => `${type}/${id} ${versionId}`,
        );
      expect(await inOrder(purged.store)).toEqual(await inOrder(never.store));
    }
    await purged.close();
    await never.close();
    [purged, never] = [await open('purged', () => clock), await open('unpurged', () => clock)];
    expect(differences(await seen(purged.store, queries, made), two)).toEqual([]);
    clock += 1000;
    for (const { store } of [purged, never]) for (const { commit } of made.slice(-20)) await store.commit(commit);
    expect(differences(await seen(purged.store, queries, made), await seen(never.store, queries, made))).toEqual([]);
    await purged.close();
    await never.close();
  }, 120_000);
}
