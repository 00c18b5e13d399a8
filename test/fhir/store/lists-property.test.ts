// https://hl7.org/fhir/R4/search.html#sort, https://hl7.org/fhir/R4/search.html#revinclude, https://hl7.org/fhir/R4/http.html#history, https://hl7.org/fhir/R4/http.html#paging:
// order, what is brought along, searches of several types, compartments, histories and walks through pages give what a slow, obvious evaluation gives, under every access
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CompartmentDefinition } from '@medplum/fhirtypes';
import { type Access, asServer } from '../../../src/fhir/model/access.ts';
import type { Version } from '../../../src/fhir/model/exchange.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import { type AnyResource, definition } from '../../../src/fhir/model/r4.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import { searchParameters } from '../../../src/fhir/search/parameters.ts';
import { parseSearch, type Several } from '../../../src/fhir/search/parse.ts';
import { openKeyring } from '../../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../../src/fhir/store/sqlite/store.ts';
import type { Cursor, HistoryOf, HistoryQuery, Store } from '../../../src/fhir/store/store.ts';
import { evaluateAll, type Stored } from '../search/oracle.ts';
import { questions } from '../search/questions.ts';
import { randomResource, seeded } from '../search/resources.ts';

const settings = { base: 'http://noren.test/fhir', timeZone: 'Asia/Tokyo' };
const options = { defaultCount: 1000, maxCount: 1000, ...settings };
const types = ['Patient', 'Observation', 'Condition', 'Encounter', 'Organization'];
const random = seeded(20_261_129);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
const directory = mkdtempSync(path.join(os.tmpdir(), 'noren-lists-'));
const keyring = openKeyring({ directory: path.join(directory, 'keys'), master: Buffer.alloc(32, 1) });
let store: Store;
let clock = Date.parse('2026-01-01T00:00:00Z');

interface Sent extends Stored {
  readonly sender: string;
}
const current = new Map<string, Sent>();
const senders = new Map<string, string>();
/** Every version that was ever stored, oldest first. */
const log: { readonly version: Version; readonly sender: string }[] = [];

/** References lead to what is there, so that chains, includes and circles are there too. */
const aim = (node: unknown): void => {
  if (node === null || typeof node !== 'object') return;
  const object = node as Record<string, unknown>;
  if (typeof object['reference'] === 'string' && random() < 0.8) object['reference'] = `${pick(types)}/r${Math.floor(random() * 10)}`;
  for (const child of Object.values(object)) aim(child);
};

async function write(type = pick(types), id = `r${Math.floor(random() * 10)}`): Promise<void> {
  const key = `${type}/${id}`;
  const sender = senders.get(key) ?? `Organization/h${Math.floor(random() * 2)}`;
  senders.set(key, sender);
  clock += Math.floor(random() * 3) * 1000;
  const resource = random() < 0.15 ? undefined : ({ ...randomResource(type, random), id } as AnyResource);
  aim(resource);
  const { versions } = await store.commit({ writes: [{ type, id, expect: 'any', sender, ...(resource ? { resource } : {}) }] });
  const version = versions[0]!;
  current.delete(key);
  log.push({ version, sender });
  if (!version.deleted)
    current.set(key, { type, id, resource: JSON.parse(version.bytes.toString()), lastUpdated: version.lastUpdated, sender });
}

const all = asServer('property test');
const without: Access = { ...all, without: ['gone'] };
const accesses: readonly Access[] = [
  all,
  { ...all, reach: { '*': [{ sender: 'Organization/h0' }] } },
  { ...all, reach: { Patient: [{}], Observation: [{ sender: 'Organization/h1' }], Organization: [{}] } },
  { ...all, reach: { '*': [{ patient: 'Patient/r3' }], Organization: [{}] } },
  {
    ...all,
    reach: Object.fromEntries(
      ['Patient', 'Observation', 'Condition'].map(type => [type, [{ patient: 'Patient/r3' }, { patient: 'Patient/r6' }]]),
    ),
  },
  without,
];

/** What an access knows of, told by reads alone. */
async function seen(access: Access): Promise<Sent[]> {
  const some: Sent[] = [];
  for (const one of current.values()) if (await store.read(access, one.type, one.id)) some.push(one);
  return some;
}

beforeAll(async () => {
  store = await openSqliteStore({
    directory: path.join(directory, 'store'),
    keyring,
    baseUrl: settings.base,
    timeZone: settings.timeZone,
    synchronous: 'normal',
    now: () => clock,
  });
  for (let n = 0; n < 180; n++) await write();
  await store.commit({
    writes: [],
    lists: ['Patient/r1', 'Patient/r4'].map(name => ({ list: 'gone', source: name, persons: [name], from: 0 })),
  });
}, 120_000);
afterAll(async () => {
  await store.close();
  keyring.close();
  rmSync(directory, { recursive: true, force: true });
});

const { question } = questions({ ...settings, types, random, resources: () => [...current.values()].map(one => one.resource) });
const references = (type: string) =>
  [...searchParameters(type).values()].filter(one => one.type === 'reference' && one.targets.some(target => types.includes(target)));

/** Up to three keys of any kind, now and then through a reference. */
function sortOf(type: string): [string, string] {
  const key = () => {
    const through = random() < 0.3 && references(type).length > 0 ? pick(references(type)) : undefined;
    const target = through && pick(through.targets.filter(one => types.includes(one)));
    const code = pick(['_id', '_lastUpdated', ...searchParameters(target ?? type).keys()]);
    return pick(['', '-']) + (through ? `${through.code}:${target}.${code}` : code);
  };
  return ['_sort', Array.from({ length: 1 + Math.floor(random() * 3) }, key).join(',')];
}

function includesOf(type: string): [string, string][] {
  const one = (): [string, string] => {
    const iterate = random() < 0.5;
    const source = iterate || random() < 0.3 ? pick(types) : type;
    const code = random() < 0.2 ? '*' : pick([...references(source).map(by => by.code), '*']);
    const name = pick(['_include', '_revinclude']) + (iterate ? ':iterate' : '');
    return [name, random() < 0.05 ? '*' : `${source}:${code}${random() < 0.3 ? `:${pick(types)}` : ''}`];
  };
  return Array.from({ length: Math.floor(random() * 4) }, one);
}

/** A search at random; undefined: it made no sense. */
function asked(of: string | Several, type: string) {
  const pairs = [...(random() < 0.5 ? question(type) : []).filter(([name]) => name !== '_sort'), ...includesOf(type)];
  if (random() < 0.7) pairs.push(sortOf(type));
  try {
    return { pairs, ...parseSearch(of, pairs, options) };
  } catch (error) {
    if (error instanceof Problem && error.status === 400) return undefined;
    throw error;
  }
}

const nameOf = ({ type, id }: Version): string => `${type}/${id}`;

test('order, several types, compartments and what is brought along: as the obvious evaluation has it, with its total', async () => {
  const known = await Promise.all(accesses.map(seen));
  let [compared, found, brought, sorted] = [0, 0, 0, 0];
  const wrong: unknown[] = [];
  for (let n = 0; compared < 2000 && n < 8000; n++) {
    const type = pick(types);
    const some = [type, ...types.filter(one => one !== type && random() < 0.5)];
    const compartment = pick(['Patient', 'Encounter']);
    const of = pick<string | Several>([
      type,
      { types: some },
      { types: some, within: { compartment, ids: [`r${Math.floor(random() * 10)}`] } },
    ]);
    const search = asked(of, type);
    if (!search) continue;
    const k = Math.floor(random() * accesses.length);
    const page = await store.search(accesses[k]!, search.query);
    const expected = evaluateAll(search.query, known[k]!, settings);
    const got = page.matches.map(nameOf);
    const included = page.included.map(nameOf);
    compared++;
    found += got.length;
    brought += included.length;
    if (search.query.sort.length > 0 && got.length > 1) sorted++;
    const isRight =
      JSON.stringify(got) === JSON.stringify(expected.matches) &&
      page.total === got.length &&
      JSON.stringify([...included].sort()) === JSON.stringify([...expected.included].sort());
    if (!isRight) wrong.push({ of, pairs: search.pairs, access: k, got, included, expected });
  }
  expect(wrong.slice(0, 2)).toEqual([]);
  for (const [count, least] of [
    [compared, 1500],
    [found, 5000],
    [brought, 1000],
    [sorted, 300],
  ] as const)
    expect(count).toBeGreaterThan(least);
}, 180_000);

test('a Patient compartment holds exactly what the CompartmentDefinition names', async () => {
  const extract = createExtractor(settings);
  const rows = definition<CompartmentDefinition>('compartmentdefinition-patient.json').resource!;
  // The package's copy has `subject` for an Encounter; R4 has `patient`.
  const codes = (type: string) => (type === 'Encounter' ? ['patient'] : (rows.find(row => row.code === type)?.param ?? []));
  for (const access of accesses) {
    const known = await seen(access);
    for (let k = 0; k < 10; k++) {
      const centre = `Patient/r${k}`;
      const expected = known
        .filter(
          ({ type, id, resource }) => `${type}/${id}` === centre || codes(type).some(code => extract(resource)[code]?.includes(centre)),
        )
        .map(({ type, id }) => `${type}/${id}`);
      const { query } = parseSearch({ types, within: { compartment: 'Patient', ids: [`r${k}`] } }, [], options);
      expect((await store.search(access, query)).matches.map(nameOf)).toEqual(expected);
    }
  }
});

test('pages: a walk gives the whole list once and in order, whatever is written in between', async () => {
  for (let n = 0, walks = 0; walks < 60 && n < 500; n++) {
    const type = pick(types);
    const search = asked(pick<string | Several>([type, { types }, { types, within: { compartment: 'Patient', ids: ['r2'] } }]), type);
    if (!search) continue;
    const access = pick(accesses);
    const query = { ...search.query, include: [], revinclude: [], total: pick(['none', 'accurate'] as const) };
    const versionsOf = (some: readonly Version[]) => some.map(version => `${nameOf(version)}@${version.versionId}`);
    const whole = versionsOf((await store.search(access, query)).matches);
    if (whole.length < 3) continue;
    walks++;
    const walked: string[] = [];
    let cursor: Cursor | undefined;
    let first: Cursor | undefined;
    do {
      const page = await store.search(
        access,
        { ...query, count: 1 + Math.floor(random() * 4) },
        cursor && JSON.parse(JSON.stringify(cursor)),
      );
      walked.push(...versionsOf(page.matches));
      cursor = page.next;
      if (random() < 0.7) first ??= cursor;
      if (random() < 0.3) await write();
    } while (cursor);
    // What somebody's access hangs on may change in between; what it saw before, it saw at the snapshot.
    // And back again, by pages of another size.
    const back: string[] = [];
    const end = await store.search(access, { ...query, count: 1000 }, first);
    for (let to = end.matches.length > 0 ? end.previous : undefined; to; ) {
      const page = await store.search(access, { ...query, count: 1 + Math.floor(random() * 4) }, JSON.parse(JSON.stringify(to)));
      back.unshift(...versionsOf(page.matches));
      if (access === all) expect(page.next).toBeDefined();
      to = page.previous;
    }
    if (access === all && first) expect([...back, ...versionsOf(end.matches)]).toEqual(whole);
    if (access === all) expect(walked).toEqual(whole);
    else expect(walked.filter(name => whole.includes(name))).toEqual(walked);
  }
}, 60_000);

test('pages: access is decided anew on each; who objects between two of them is on no later one', async () => {
  const { query } = parseSearch({ types }, [['_sort', '-_id']], options);
  const first = await store.search(without, { ...query, count: 5 });
  await store.commit({ writes: [], lists: [{ list: 'gone', source: 'Patient/r5', persons: ['Patient/r5'], from: 0 }] });
  const later: Version[] = [];
  for (let cursor = first.next; cursor; ) {
    const page = await store.search(without, { ...query, count: 5 }, cursor);
    later.push(...page.matches);
    cursor = page.next;
  }
  expect(later.length).toBeGreaterThan(5);
  expect(later.filter(({ bytes }) => bytes.includes('"Patient/r5"')).map(nameOf)).toEqual([]);
  expect(later.map(nameOf)).not.toContain('Patient/r5');
});

test('history: of a resource, a type and everything, each version that a vread gives and no other, newest first, in one or in many pages', async () => {
  const spanOf = (index: number): readonly [number, number] => {
    const { version } = log[index]!;
    const next = log.slice(index + 1).find(later => nameOf(later.version) === nameOf(version));
    return [version.lastUpdated, next ? next.version.lastUpdated : Number.POSITIVE_INFINITY];
  };
  const instants = log.map(({ version }) => version.lastUpdated);
  let versions = 0;
  for (let n = 0; n < 150; n++) {
    const access = pick(accesses);
    const type = pick(types);
    const of = pick<HistoryOf>([{}, { type }, { type, id: `r${Math.floor(random() * 10)}` }]);
    const asked: Omit<HistoryQuery, 'count'> = {
      ...(random() < 0.4 ? { since: pick(instants) + pick([0, 1]) } : {}),
      ...(random() < 0.4 ? { at: [pick(instants), 0] as const } : {}),
    };
    const from = asked.at?.[0];
    const at = from === undefined ? undefined : ([from, from + pick([0, 999, 20_000])] as const);
    const expected: string[] = [];
    let isThere = of.id === undefined;
    for (const [index, { version }] of log.entries()) {
      if (of.type !== undefined && of.type !== version.type) continue;
      if (of.id !== undefined && of.id !== version.id) continue;
      if (!(await store.version(access, version.type, version.id, version.versionId))) continue;
      isThere = true;
      const [start, end] = spanOf(index);
      if (asked.since !== undefined && start < asked.since) continue;
      if (at && !(start <= at[1] && end > at[0])) continue;
      expected.unshift(`${nameOf(version)}@${version.versionId}`);
    }
    const query = { ...asked, ...(at ? { at } : {}) } as Omit<HistoryQuery, 'count'>;
    const walked: string[] = [];
    const count = pick([2, 7, 1000]);
    let page = await store.history(access, of, { ...query, count });
    expect(page !== undefined).toBe(isThere);
    for (; page; page = page.next && (await store.history(access, of, { ...query, count, cursor: page.next }))) {
      expect(page.total).toBe(expected.length);
      walked.push(...page.versions.map(version => `${nameOf(version)}@${version.versionId}`));
    }
    expect(walked).toEqual(isThere ? expected : []);
    versions += walked.length;
  }
  expect(versions).toBeGreaterThan(1000);
}, 60_000);
