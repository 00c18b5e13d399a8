/**
 * What every store must do, whatever stands behind it: the same sentences for each adapter.
 * R4: https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/search.html
 * @module
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Access, asServer, leavingOut } from '../../../src/fhir/model/access.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import type { Predicate, SearchQuery } from '../../../src/fhir/search/query.ts';
import type { IndexRecord } from '../../../src/fhir/store/index/state.ts';
import { type HistoryPage, Stale, type Store, type Write } from '../../../src/fhir/store/store.ts';

export interface Opened {
  readonly store: Store;
  /** Closes the store and opens it again over the same files. */
  reopen(): Promise<Store>;
  /** Closes the store, puts other index records in the place of those in its files, and opens it again. */
  rewrite(record: (record: IndexRecord) => IndexRecord): Promise<Store>;
  /** Everything that its keys still open in its files, as text. */
  readable(): Promise<string>;
  /** The index records as they lie in its files. */
  records(): Promise<readonly IndexRecord[]>;
  remove(): Promise<void>;
}

const all = asServer('store contract');
const hospital = (id: string): Access => ({
  ...all,
  agent: { ...all.agent, role: 'institution', sender: `Organization/${id}` },
  reach: { '*': [{ sender: `Organization/${id}` }], Organization: [{}] },
});

export const write = (resource: AnyResource & { id: string }, more: Partial<Write> = {}): Write => ({
  type: resource.resourceType,
  id: resource.id,
  resource,
  expect: 'any',
  sender: 'client/test',
  ...more,
});
export const patient = (id: string, more: object = {}): AnyResource & { id: string } => ({ resourceType: 'Patient', id, ...more });
export const observation = (id: string, subject: string, code: string, more: object = {}): AnyResource & { id: string } => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: { reference: subject },
  ...more,
});
export const query = (type: string, where: readonly Predicate[] = [], more: Partial<SearchQuery> = {}): SearchQuery => ({
  type,
  where,
  sort: [],
  count: 50,
  total: 'none',
  summary: 'false',
  elements: [],
  include: [],
  revinclude: [],
  ...more,
});
const code = (value: string): Predicate => ({ kind: 'token', code: 'code', values: [{ code: value }], not: false });
const hasCode = (value: string): Predicate => ({ kind: 'has', type: 'Observation', code: 'patient', where: code(value) });
const kindOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'taken',
    error => (error instanceof Problem ? error.kind : error instanceof Stale ? 'stale' : error),
  );
const ids = async (store: Store, access: Access, asked: SearchQuery): Promise<string[]> =>
  (await store.search(access, asked)).matches.map(version => version.id);

export function storeContract(name: string, open: () => Promise<Opened>): void {
  describe(`${name}: the store's contract`, () => {
    let opened: Opened;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.remove());

    test('commit: versions count 1, 2, 3 and carry meta.versionId and meta.lastUpdated', async () => {
      await store.commit({ writes: [write(patient('a', { gender: 'male', meta: { versionId: '77', tag: [{ code: 'x' }] } }))] });
      const { versions } = await store.commit({ writes: [write(patient('a', { gender: 'female' }))] });
      expect(versions[0]).toMatchObject({ type: 'Patient', id: 'a', versionId: 2, deleted: false });
      const first = await store.version(all, 'Patient', 'a', 1);
      expect(JSON.parse(first!.bytes.toString())).toMatchObject({ gender: 'male', meta: { versionId: '1', tag: [{ code: 'x' }] } });
      expect(JSON.parse((await store.read(all, 'Patient', 'a'))!.bytes.toString()).meta.lastUpdated).toBe(
        new Date(versions[0]!.lastUpdated).toISOString(),
      );
    });

    test('a Binary is there for who may know of its securityContext, on every path, from one statement to the next', async () => {
      const binary = (id: string, reference: string) => ({
        resourceType: 'Binary',
        id,
        contentType: 'text/plain',
        securityContext: { reference },
      });
      const sent = (id: string) => ({ sender: `Organization/${id}` });
      await store.commit({
        writes: [
          write(patient('a'), sent('h1')),
          write(observation('o1', 'Patient/a', 'x'), sent('h1')),
          write(observation('o2', 'Patient/b', 'x'), sent('h2')),
          write(binary('open', 'Observation/o1'), sent('h1')),
          write(binary('shut', 'Observation/o2'), sent('h1')),
          write(binary('nowhere', 'Observation/o3'), sent('h1')),
          write({ resourceType: 'Binary', id: 'free', contentType: 'text/plain' }, sent('h1')),
        ],
      });
      const held = async () => {
        const h1 = hospital('h1');
        expect((await ids(store, h1, query('Binary'))).sort()).toEqual(['free', 'open']);
        expect((await store.search(h1, query('Binary', [], { total: 'accurate', count: 1 }))).total).toBe(2);
        expect(await store.match(h1, query('Binary'), 9)).toHaveLength(2);
        expect((await ids(store, all, query('Binary'))).sort()).toEqual(['free', 'open', 'shut']);
        for (const [id, there] of [
          ['open', true],
          ['shut', false],
          ['nowhere', false],
          ['free', true],
        ] as const) {
          expect([id, (await store.read(h1, 'Binary', id)) !== undefined]).toEqual([id, there]);
          expect([id, (await store.version(h1, 'Binary', id, 1)) !== undefined]).toEqual([id, there]);
          expect([id, (await store.sender(h1, 'Binary', id)) !== undefined]).toEqual([id, there]);
        }
        expect(await store.referred(h1, ['Binary/open', 'Binary/shut'])).toHaveLength(1);
      };
      await held();
      store = await opened.reopen();
      await held();
      await store.commit({
        writes: [write(binary('open', 'Observation/o2'), sent('h1')), write(binary('shut', 'Observation/o1'), sent('h1'))],
      });
      expect((await ids(store, hospital('h1'), query('Binary'))).sort()).toEqual(['free', 'shut']);
      // What the first version was guarded by guards the first version still.
      expect(await store.version(hospital('h1'), 'Binary', 'shut', 1)).toBeUndefined();
    });

    test('a Binary is about whom its securityContext is about, and is left out with them', async () => {
      await store.commit({ writes: [write(patient('a'))] });
      await store.commit({
        writes: [
          write({ resourceType: 'Binary', id: 'x', contentType: 'text/plain', securityContext: { reference: 'Observation/o' } }),
          write(observation('o', 'Patient/a', 'x')),
        ],
      });
      await store.commit({
        writes: [write({ resourceType: 'Binary', id: 'y', contentType: 'text/plain', securityContext: { reference: 'Observation/o' } })],
      });
      // A Binary may stand for another one, of the same request too.
      const behind = (id: string, reference: string) =>
        write({ resourceType: 'Binary', id, contentType: 'text/plain', securityContext: { reference } });
      await store.commit({ writes: [behind('z', 'Binary/zz'), behind('zz', 'Observation/o')] });
      for await (const person of store.each(all, await store.persons(all, query('Patient'))))
        expect((await store.about(all, person, ['Binary'])).map(({ id }) => id).sort()).toEqual(['x', 'y', 'z', 'zz']);
      await store.commit({ writes: [], lists: [{ list: 'objection', source: 'Consent/c', persons: ['Patient/a'], from: 0 }] });
      expect(await ids(store, leavingOut(all, 'objection'), query('Binary'))).toEqual([]);
      expect((await ids(store, all, query('Binary'))).sort()).toEqual(['x', 'y', 'z', 'zz']);
    });

    test('a chain looks into what is contained, and is left out with what contains it', async () => {
      const inside = (id: string, family: string) =>
        write({
          ...observation(id, '#p', 'x'),
          contained: [{ resourceType: 'Patient', id: 'p', name: [{ family }] }],
          encounter: { reference: `Encounter/${id}` },
        });
      await store.commit({ writes: [inside('a', 'Sato'), inside('b', 'Suzuki'), write(observation('c', 'Patient/p', 'x'))] });
      const named = (value: string) =>
        query('Observation', [
          {
            kind: 'chain',
            code: 'subject',
            alternatives: [{ type: 'Patient', where: { kind: 'string', code: 'family', values: [value], match: 'starts' } }],
          },
        ]);
      expect(await ids(store, all, named('sato'))).toEqual(['a']);
      store = await opened.reopen();
      expect(await ids(store, all, named('s'))).toEqual(['a', 'b']);
      await store.commit({ writes: [inside('a', 'Kato')] });
      expect([await ids(store, all, named('s')), await ids(store, all, named('kato'))]).toEqual([['b'], ['a']]);
      expect(await ids(store, hospital('h9'), named('kato'))).toEqual([]);
    });

    test('commit: an expected version that is not current refuses all of it', async () => {
      await store.commit({ writes: [write(patient('a'))] });
      expect(await kindOf(store.commit({ writes: [write(patient('b')), write(patient('a'), { expect: 2 })] }))).toBe('precondition-failed');
      expect(await kindOf(store.commit({ writes: [write(patient('a'), { expect: 'absent' })] }))).toBe('precondition-failed');
      expect(await store.read(all, 'Patient', 'b')).toBeUndefined();
      expect((await store.read(all, 'Patient', 'a'))!.versionId).toBe(1);
    });

    test('commit: of twenty updates of one version at the same time one is taken', async () => {
      await store.commit({ writes: [write(patient('a'))] });
      const kinds = await Promise.all(
        Array.from({ length: 20 }, () => kindOf(store.commit({ writes: [write(patient('a'), { expect: 1 })] }))),
      );
      expect(kinds.filter(kind => kind === 'taken')).toHaveLength(1);
      expect(kinds.filter(kind => kind === 'precondition-failed')).toHaveLength(19);
    });

    test('commit: criteria that match something else by now are stale, and nothing is stored', async () => {
      const criteria = [{ access: all, query: query('Observation', [code('x')]), ids: [] }];
      const kinds = await Promise.all(
        ['1', '2'].map(id => kindOf(store.commit({ writes: [write(observation(id, 'Patient/a', 'x'))], criteria }))),
      );
      expect(kinds.sort()).toEqual(['stale', 'taken']);
      expect((await store.search(all, query('Observation', [code('x')]))).total).toBe(1);
    });

    test('commit: a refused commit leaves its neighbours of the same moment untouched', async () => {
      const [a, bad, b] = await Promise.all([
        kindOf(store.commit({ writes: [write(patient('a'))] })),
        kindOf(
          store.commit({
            writes: [write(patient('bad'))],
            checks: [
              {
                persons: ['Patient/bad'],
                judge: () => {
                  throw new Problem('business-rule');
                },
              },
            ],
          }),
        ),
        kindOf(store.commit({ writes: [write(patient('b'))] })),
      ]);
      expect([a, bad, b]).toEqual(['taken', 'business-rule', 'taken']);
      expect((await ids(store, all, query('Patient'))).sort()).toEqual(['a', 'b']);
    });

    test('commit: a receipt answers as the first time and stores nothing twice', async () => {
      const first = await store.commit({ writes: [write(patient('a'))], receipt: { key: 'hospital|urn:x|1', shape: 's' } });
      const again = await store.commit({ writes: [write(patient('z'))], receipt: { key: 'hospital|urn:x|1', shape: 's' } });
      expect(again).toMatchObject({ repeated: true, versions: [{ id: 'a', versionId: 1 }] });
      expect(first.repeated).toBe(false);
      expect(await store.read(all, 'Patient', 'z')).toBeUndefined();
      store = await opened.reopen();
      expect((await store.receipt('hospital|urn:x|1'))!.versions.map(version => version.id)).toEqual(['a']);
    });

    test('commit: of many under one receipt at the same time one is stored, lines and all, and the store goes on', async () => {
      const commits = Array.from({ length: 12 }, (_, n) =>
        store.commit({
          writes: [write(patient(`same-${n}`, {}))],
          lists: [{ list: 'notice', source: `Communication/same-${n}`, persons: ['urn:n|same'], from: 0 }],
          receipt: { key: 'same', shape: 's' },
        }),
      );
      const done = await Promise.all(commits);
      expect(done.filter(one => !one.repeated)).toHaveLength(1);
      expect(new Set(done.map(one => one.versions[0]!.id)).size).toBe(1);
      expect(await store.lines(['urn:n|same'])).toHaveLength(1);
      expect(store.ready()).toBe(true);
    });

    test('delete: a version without bytes; the resource is out of searches and can come back', async () => {
      await store.commit({ writes: [write(observation('o', 'Patient/a', 'x'))] });
      await store.commit({ writes: [{ type: 'Observation', id: 'o', expect: 1, sender: 'client/test' }] });
      expect(await store.read(all, 'Observation', 'o')).toMatchObject({ deleted: true, versionId: 2 });
      expect((await store.search(all, query('Observation'))).total).toBe(0);
      await store.commit({ writes: [write(observation('o', 'Patient/a', 'x'))] });
      expect(
        (await store.history(all, { type: 'Observation', id: 'o' }, { count: 10 }))!.versions.map(version => [
          version.versionId,
          version.deleted,
        ]),
      ).toEqual([
        [3, false],
        [2, true],
        [1, false],
      ]);
    });

    test('history: newest first, cut by count, on from a cursor, total of all', async () => {
      for (let i = 0; i < 5; i++) await store.commit({ writes: [write(patient('a', { multipleBirthInteger: i }))] });
      const first = await store.history(all, { type: 'Patient', id: 'a' }, { count: 2 });
      expect(first!.versions.map(version => version.versionId)).toEqual([5, 4]);
      const page = await store.history(all, { type: 'Patient', id: 'a' }, { count: 2, cursor: first!.next! });
      expect(page!.total).toBe(5);
      expect(page!.versions.map(version => version.versionId)).toEqual([3, 2]);
      expect(await store.history(all, { type: 'Patient', id: 'never' }, { count: 2 })).toBeUndefined();
    });

    test('history of a type and of everything: at a snapshot, of each only what the Access may know of, since a time', async () => {
      await store.commit({ writes: [write(patient('a')), write(observation('o', 'Patient/a', 'x'), { sender: 'Organization/h1' })] });
      await store.commit({ writes: [write(patient('a', { active: true })), write(patient('b'))] });
      await store.commit({ writes: [{ type: 'Patient', id: 'b', expect: 'any', sender: 'client/test' }] });
      const told = (page: HistoryPage | undefined) => page!.versions.map(({ type, id, versionId }) => `${type}/${id}@${versionId}`);
      const first = await store.history(all, {}, { count: 3 });
      expect([first!.total, told(first)]).toEqual([5, ['Patient/b@2', 'Patient/b@1', 'Patient/a@2']]);
      await store.commit({ writes: [write(patient('late'))] });
      const rest = await store.history(all, {}, { count: 3, cursor: first!.next! });
      expect([rest!.total, told(rest), rest!.next]).toEqual([5, ['Observation/o@1', 'Patient/a@1'], undefined]);
      expect(told(await store.history(all, { type: 'Patient' }, { count: 9 }))).toEqual([
        'Patient/late@1',
        'Patient/b@2',
        'Patient/b@1',
        'Patient/a@2',
        'Patient/a@1',
      ]);
      expect(told(await store.history(hospital('h1'), {}, { count: 9 }))).toEqual(['Observation/o@1']);
      const since = first!.versions[0]!.lastUpdated;
      expect((await store.history(all, {}, { count: 0, since: since + 3_600_000 }))!.total).toBe(0);
      store = await opened.reopen();
      expect((await store.history(all, { type: 'Patient' }, { count: 9 }))!.versions.filter(({ deleted }) => deleted)).toHaveLength(1);
      expect((await store.history(all, {}, { count: 1 }))!.total).toBe(6);
    });

    test('search of several types: one order, one total, one snapshot; what is brought along counts once, and as found where that is asked', async () => {
      const writes = [patient('a'), patient('b'), observation('o', 'Patient/a', 'x'), observation('p', 'Patient/a', 'y')];
      await store.commit({ writes: writes.map(one => write(one)) });
      const parts = [
        { type: 'Patient', where: [] },
        { type: 'Observation', where: [code('x')] },
        { type: 'Observation', where: [code('x')] },
      ];
      const asked = query('', [], { parts, count: 2, sort: [{ code: '_id', type: 'id', descending: true }] });
      const first = await store.search(all, asked);
      expect([first.total, first.matches.map(({ id }) => id)]).toEqual([3, ['o', 'b']]);
      await store.commit({ writes: [write(patient('aa'))] });
      const second = await store.search(all, asked, first.next!);
      expect([second.total, second.matches.map(({ id }) => id), second.next]).toEqual([3, ['a'], undefined]);
      const include = [{ source: '*', code: '*' }];
      const brought = await store.search(all, query('', [], { parts: parts.slice(1), include }));
      expect([brought.total, brought.included.map(({ id }) => id)]).toEqual([1, ['a']]);
      const whole = await store.search(all, query('', [], { parts: parts.slice(1), include, whole: {} }));
      expect([whole.total, whole.matches.map(({ id }) => id), whole.included]).toEqual([2, ['a', 'o'], []]);
      expect((await store.search(all, query('', [], { parts: [] }))).matches).toEqual([]);
    });

    test('reopen: everything acknowledged is there again, searches and lists included', async () => {
      await store.commit({
        writes: [write(patient('a', { identifier: [{ system: 'urn:n', value: '1' }] })), write(observation('o', 'Patient/a', 'x'))],
        lists: [{ list: 'objection', source: 'Consent/c', persons: ['urn:n|1'], from: 0 }],
      });
      await store.commit({ writes: [write(patient('a', { identifier: [{ system: 'urn:n', value: '1' }], gender: 'male' }))] });
      store = await opened.reopen();
      expect((await store.read(all, 'Patient', 'a'))!.versionId).toBe(2);
      expect(await ids(store, all, query('Observation', [code('x')]))).toEqual(['o']);
      expect(await store.lines(['Patient/a'])).toHaveLength(1);
      expect(await ids(store, leavingOut(all, 'objection'), query('Observation', [code('x')]))).toEqual([]);
    });

    test('book: entries stay in their order, each with its commit or not at all', async () => {
      await store.commit({ writes: [], entries: [{ book: 'releases', entry: { n: 1 } }] });
      await expect(
        store.commit({
          writes: [{ type: 'Patient', id: 'nobody', expect: 7, sender: 'client/a' }],
          entries: [{ book: 'releases', entry: { n: 2 } }],
        }),
      ).rejects.toThrow();
      await store.commit({
        writes: [],
        entries: [
          { book: 'releases', entry: { n: 3 } },
          { book: 'stops', entry: {} },
        ],
      });
      expect(await store.book('releases')).toEqual([{ n: 1 }, { n: 3 }]);
      store = await opened.reopen();
      expect(await store.book('releases')).toEqual([{ n: 1 }, { n: 3 }]);
      expect(await store.book('nothing')).toEqual([]);
    });

    test('access: what another sender sent is not there: read, vread, history, search, count, include, chain, _has', async () => {
      await store.commit({
        writes: [
          write(patient('a', { managingOrganization: { reference: 'Organization/org' }, gender: 'male' }), { sender: 'Organization/h1' }),
          write(observation('o', 'Patient/a', 'x'), { sender: 'Organization/h1' }),
        ],
      });
      await store.commit({ writes: [write({ resourceType: 'Organization', id: 'org' })] });
      const [own, other] = [hospital('h1'), hospital('h2')];
      expect(await store.read(own, 'Patient', 'a')).toBeDefined();
      expect(await store.read(other, 'Patient', 'a')).toBeUndefined();
      expect(await store.version(other, 'Patient', 'a', 1)).toBeUndefined();
      expect(await store.history(other, { type: 'Patient', id: 'a' }, { count: 10 })).toBeUndefined();
      expect((await store.search(other, query('Observation', [code('x')]))).total).toBe(0);
      expect((await store.search(other, query('Observation', [], { count: 0 }))).total).toBe(0);
      const revinclude = [{ source: 'Patient', code: 'organization' }];
      expect((await store.search(own, query('Organization', [], { revinclude }))).included).toHaveLength(1);
      expect((await store.search(other, query('Organization', [], { revinclude }))).included).toHaveLength(0);
      const chain: Predicate = {
        kind: 'chain',
        code: 'subject',
        alternatives: [{ type: 'Patient', where: { kind: 'token', code: 'gender', values: [{ code: 'male' }], not: false } }],
      };
      expect(await ids(store, own, query('Observation', [chain]))).toEqual(['o']);
      const seesObservationsOnly: Access = { ...all, reach: { Observation: [{}] } };
      expect(await ids(store, seesObservationsOnly, query('Observation', [chain]))).toEqual([]);
      const seesPatientsOnly: Access = { ...all, reach: { Patient: [{}] } };
      expect(await ids(store, all, query('Patient', [hasCode('x')]))).toEqual(['a']);
      expect(await ids(store, seesPatientsOnly, query('Patient', [hasCode('x')]))).toEqual([]);
    });

    test('search: :missing counts a reference by identifier alone as a value; what has neither is missing', async () => {
      await store.commit({
        writes: [
          write(observation('literal', 'Patient/p', 'A')),
          write(observation('logical', 'Patient/p', 'A', { subject: { identifier: { system: 'urn:n', value: '1' } } })),
          write(observation('nobody', 'Patient/p', 'A', { subject: undefined })),
        ],
      });
      const missing = (missing: boolean) => ids(store, all, query('Observation', [{ kind: 'missing', code: 'subject', missing }]));
      expect([await missing(false), await missing(true)]).toEqual([['literal', 'logical'], ['nobody']]);
    });

    test('search: _id:not is everything else that is there', async () => {
      await store.commit({ writes: ['a', 'b', 'c'].map(id => write(patient(id))) });
      await store.commit({ writes: [{ type: 'Patient', id: 'c', expect: 1, sender: 'client/test' }] });
      const not = (...values: string[]) => ids(store, all, query('Patient', [{ kind: 'id', values, not: true }]));
      expect([await not('a'), await not('b', 'c', 'none'), await not('a', 'b')]).toEqual([['b'], ['a'], []]);
    });

    test('access: an empty reach means nothing', async () => {
      await store.commit({ writes: [write(patient('a'))] });
      for (const reach of [{}, { '*': [] }, { Patient: [] }, { Patient: [{ ids: [] }] }, { Patient: [{ patient: 'Patient/none' }] }]) {
        const access: Access = { ...all, reach };
        expect(await store.read(access, 'Patient', 'a')).toBeUndefined();
        expect((await store.search(access, query('Patient'))).total).toBe(0);
      }
    });

    test('access: a patient reaches its own compartment and no other', async () => {
      await store.commit({
        writes: [
          write(patient('a')),
          write(patient('b')),
          write(observation('oa', 'Patient/a', 'x')),
          write(observation('ob', 'Patient/b', 'x', { focus: [{ reference: 'Patient/a' }] })),
        ],
      });
      const access: Access = { ...all, reach: { '*': [{ patient: 'Patient/a' }] } };
      expect(await ids(store, access, query('Patient'))).toEqual(['a']);
      expect(await ids(store, access, query('Observation'))).toEqual(['oa']);
      expect(await store.read(access, 'Observation', 'ob')).toBeUndefined();
      await store.commit({ writes: [{ type: 'Observation', id: 'oa', expect: 'any', sender: 'client/test' }] });
      expect(await store.read(access, 'Observation', 'oa')).toMatchObject({ deleted: true });
    });

    test('lists: who stands on one is left out under every record of the person, in every query', async () => {
      await store.commit({
        writes: [write(patient('a', { identifier: [{ system: 'urn:n', value: '１' }] })), write(observation('oa', 'Patient/a', 'x'))],
      });
      await store.commit({
        writes: [write(patient('b', { identifier: [{ system: 'urn:n', value: '1' }] })), write(observation('ob', 'Patient/b', 'x'))],
      });
      await store.commit({
        writes: [
          write(patient('c', { link: [{ other: { reference: 'Patient/b' }, type: 'seealso' }] })),
          write(observation('oc', 'Patient/c', 'x')),
        ],
      });
      await store.commit({ writes: [write(patient('d')), write(observation('od', 'Patient/d', 'x'))] });
      const research = leavingOut(all, 'objection');
      expect((await store.persons(research, query('Patient'))).size).toBe(2);
      await store.commit({
        writes: [write({ resourceType: 'Consent', id: 'c1', patient: { reference: 'Patient/a' } })],
        lists: [{ list: 'objection', source: 'Consent/c1', persons: ['Patient/a'], from: 0 }],
      });
      expect(await ids(store, research, query('Observation', [code('x')]))).toEqual(['od']);
      expect(await ids(store, research, query('Patient', [hasCode('x')]))).toEqual(['d']);
      expect((await store.persons(research, query('Patient'))).size).toBe(1);
      expect((await store.persons(all, query('Patient'))).size).toBe(2);
      expect(await store.read(research, 'Patient', 'c')).toBeUndefined();
      expect(await store.lines(['Patient/c'])).toHaveLength(1);
    });

    test('lists: a line limited to a sender, ended, or not yet begun leaves out only what it means', async () => {
      const line = { list: 'objection', source: 'Consent/c', persons: ['Patient/a'], from: 0 };
      await store.commit({
        writes: [
          write(patient('a'), { sender: 'Organization/h1' }),
          write(observation('old', 'Patient/a', 'x'), { sender: 'Organization/h1' }),
          write(observation('elsewhere', 'Patient/a', 'x'), { sender: 'Organization/h2' }),
        ],
      });
      const research = leavingOut(all, 'objection');
      await store.commit({ writes: [], lists: [{ ...line, sender: 'Organization/h1' }] });
      expect(await ids(store, research, query('Observation'))).toEqual(['elsewhere']);
      await store.commit({ writes: [], lists: [{ ...line, from: Date.now() + 3_600_000 }] });
      expect((await ids(store, research, query('Observation'))).sort()).toEqual(['elsewhere', 'old']);
      await store.commit({ writes: [], lists: [{ ...line, until: Date.now() + 1 }] });
      await new Promise(resolve => setTimeout(resolve, 20));
      await store.commit({ writes: [write(observation('new', 'Patient/a', 'x'))] });
      expect(await ids(store, research, query('Observation'))).toEqual(['new']);
    });

    test('search: pages hold a snapshot while others write, in every order', async () => {
      const value = (n: number) => ({ valueQuantity: { value: n, unit: 'mg' } });
      await store.commit({
        writes: Array.from({ length: 25 }, (_, k) => write(observation(`o${k}`, 'Patient/a', 'x', k % 5 === 4 ? {} : value((k * 7) % 20)))),
      });
      for (const sort of [
        [],
        [{ code: 'value-quantity', type: 'quantity', descending: true }],
        [
          { code: 'value-quantity', type: 'quantity', descending: false },
          { code: '_id', type: 'id', descending: true },
        ],
      ] as SearchQuery['sort'][]) {
        const asked = query('Observation', [code('x')], { count: 4, sort });
        const whole = await ids(store, all, { ...asked, count: 100 });
        let page = await store.search(all, asked);
        const seen = page.matches.map(version => version.id);
        for (let n = 0; page.next; n++) {
          if (n === 1)
            await store.commit({
              writes: [
                write(observation(`late${sort.length}`, 'Patient/a', 'x', value(3))),
                write(observation('o3', 'Patient/a', 'x', value(0))),
              ],
            });
          page = await store.search(all, asked, page.next);
          seen.push(...page.matches.map(version => version.id));
        }
        expect(seen).toEqual(whole);
      }
    });

    test('search: an objection between two pages empties the second of that person', async () => {
      await store.commit({
        writes: ['a', 'b'].flatMap(id => [
          write(patient(id)),
          ...[1, 2, 3].map(n => write(observation(`${id}${n}`, `Patient/${id}`, 'x'))),
        ]),
      });
      const research = leavingOut(all, 'objection');
      const asked = query('Observation', [code('x')], { count: 2 });
      const page = await store.search(research, asked);
      const rest = page.matches[0]!.id.startsWith('a') ? 'a' : 'b';
      await store.commit({ writes: [], lists: [{ list: 'objection', source: 'Consent/1', persons: [`Patient/${rest}`], from: 0 }] });
      const next = await store.search(research, asked, page.next!);
      expect(next.matches.some(version => version.id.startsWith(rest))).toBe(false);
      expect(next.total).toBe(3);
    });

    test('persons: two criteria may hold in two records of one person; a negative one must hold in all', async () => {
      const same = { identifier: [{ system: 'urn:n', value: '1' }] };
      await store.commit({
        writes: [
          write(patient('a', { ...same, gender: 'female' })),
          write(patient('b', { ...same, gender: 'unknown' })),
          write(patient('c', { gender: 'unknown' })),
          write(observation('oa', 'Patient/a', 'x')),
          write(observation('ob', 'Patient/b', 'y')),
          write(observation('oc', 'Patient/c', 'y')),
        ],
      });
      const gender = (code: string, not: boolean): Predicate => ({ kind: 'token', code: 'gender', values: [{ code }], not });
      const size = async (...where: Predicate[]) => (await store.persons(all, query('Patient', where))).size;
      expect(await size(hasCode('x'), hasCode('y'))).toBe(1);
      expect(await size(gender('female', true))).toBe(1);
      expect(await size(gender('female', true), hasCode('x'))).toBe(0);
      expect(await size({ kind: 'missing', code: 'birthdate', missing: true })).toBe(2);
    });

    test('persons: sets combine as sets of persons, and each gives a person with all records once', async () => {
      await store.commit({
        writes: [
          write(patient('a', { identifier: [{ system: 'urn:n', value: '1' }] })),
          write(patient('b', { identifier: [{ system: 'urn:n', value: '1' }] })),
          write(patient('c')),
          write(observation('oa', 'Patient/a', 'x')),
          write(observation('ob', 'Patient/b', 'y')),
          write(observation('oc', 'Patient/c', 'y')),
        ],
      });
      const [x, y] = [
        await store.persons(all, query('Patient', [hasCode('x')])),
        await store.persons(all, query('Patient', [hasCode('y')])),
      ];
      expect([x.size, y.size, x.and(y).size, x.or(y).size, y.minus(x).size]).toEqual([1, 2, 1, 2, 1]);
      const people = [];
      for await (const person of store.each(all, x.or(y))) people.push(person);
      expect(people.map(person => person.records)).toEqual([['Patient/a', 'Patient/b'], ['Patient/c']]);
      expect(people.map(person => person.anchor)).toEqual(['Patient/a', 'Patient/c']);
      expect((await store.about(all, people[0]!)).map(version => version.id).sort()).toEqual(['a', 'b', 'oa', 'ob']);
      expect((await store.about(all, people[0]!, ['Observation'])).map(version => version.id)).toEqual(['oa', 'ob']);
    });

    test('left out by a tag: a resource that has it now or had it is not read, searched, counted, included or told of by its history', async () => {
      const patientsApp: Access = {
        ...all,
        agent: { ...all.agent, role: 'patient', patient: 'Patient/a' },
        reach: { '*': [{ patient: 'Patient/a' }] },
        withoutTags: ['UNINFORMED', 'UNDELIVERED'],
      };
      const tag = (value: string, system?: string) => ({ meta: { tag: [{ code: value, ...(system === undefined ? {} : { system }) }] } });
      const condition = (id: string, more: object = {}): AnyResource & { id: string } => ({
        resourceType: 'Condition',
        id,
        code: { coding: [{ code: 'C34' }] },
        subject: { reference: 'Patient/a' },
        ...more,
      });
      const names = ['plain', 'now', 'never', 'before', 'later', 'gone'];
      const diagnosis = names.map(id => ({ condition: { reference: `Condition/${id}` } }));
      await store.commit({
        writes: [
          write(patient('a')),
          write(condition('plain', tag('LTS'))),
          write(condition('now', tag('UNINFORMED', 'urn:a-spelling-of-its-own'))),
          write(condition('never', tag('UNDELIVERED'))),
          write(condition('before', tag('UNINFORMED'))),
          write(condition('later')),
          write(condition('gone', tag('UNINFORMED'))),
          write({ resourceType: 'Encounter', id: 'e', subject: { reference: 'Patient/a' }, diagnosis }),
        ],
      });
      const asked = query('Condition', [], { count: 1, total: 'accurate' });
      const page = await store.search(patientsApp, asked);
      expect([page.matches[0]!.id, page.total]).toEqual(['plain', 2]);
      await store.commit({
        writes: [
          write(condition('before')),
          write(condition('later', tag('UNINFORMED'))),
          { type: 'Condition', id: 'gone', expect: 'any', sender: 'client/test' },
        ],
      });
      // A page of the search that began before the tag came.
      expect((await store.search(patientsApp, asked, page.next!)).matches).toEqual([]);
      store = await opened.reopen();

      const seen: string[] = [];
      for (const id of names) if ((await store.read(patientsApp, 'Condition', id)) !== undefined) seen.push(id);
      expect(seen).toEqual(['plain', 'before']);
      expect(await ids(store, patientsApp, query('Condition'))).toEqual(['plain', 'before']);
      expect((await store.search(patientsApp, query('Condition', [], { count: 0 }))).total).toBe(2);
      const including = query('Encounter', [], { include: [{ source: 'Encounter', code: 'diagnosis' }] });
      expect((await store.search(patientsApp, including)).included.map(version => version.id)).toEqual(['plain', 'before']);
      expect((await store.search(all, including)).included).toHaveLength(names.length - 1);
      const told = async (id: string) =>
        (await store.history(patientsApp, { type: 'Condition', id }, { count: 10 }))?.versions.map(version => version.versionId) ??
        'not there';
      expect(await Promise.all(names.map(told))).toEqual([[1], 'not there', 'not there', [2], 'not there', 'not there']);
      expect(await store.version(patientsApp, 'Condition', 'before', 1)).toBeUndefined();
      expect(await store.version(patientsApp, 'Condition', 'later', 1)).toBeUndefined();
      expect(await store.sender(patientsApp, 'Condition', 'now')).toBeUndefined();
      expect(await store.tally(patientsApp, 'Patient/a')).toEqual([
        { sender: 'client/test', type: 'Condition', number: 2 },
        { sender: 'client/test', type: 'Encounter', number: 1 },
        { sender: 'client/test', type: 'Patient', number: 1 },
      ]);
    });

    test('tally: by sender, type and year in the zone of the server; what this Access may not know of is not counted', async () => {
      const at = (id: string, effectiveDateTime: string | undefined, sender: string, subject = 'Patient/a') =>
        write(observation(id, subject, 'x', effectiveDateTime === undefined ? {} : { effectiveDateTime }), {
          sender: `Organization/${sender}`,
        });
      await store.commit({
        writes: [
          write(patient('a', { birthDate: '1950-01-01', identifier: [{ system: 'urn:n', value: '1' }] }), { sender: 'Organization/h1' }),
          write(patient('b', { identifier: [{ system: 'urn:n', value: '1' }] }), { sender: 'Organization/h2' }),
          at('o1', '2024', 'h1'),
          at('o2', '2024-12-31T14:59:59Z', 'h1'),
          at('o3', '2024-12-31T15:00:00Z', 'h1'),
          at('o4', undefined, 'h1'),
          at('o5', '2024', 'h2', 'Patient/b'),
        ],
      });
      const [h1, h2] = [{ sender: 'Organization/h1' }, { sender: 'Organization/h2' }];
      const ofFirst = [
        { ...h1, type: 'Observation', number: 1 },
        { ...h1, type: 'Observation', year: 2024, number: 2 },
        { ...h1, type: 'Observation', year: 2025, number: 1 },
        { ...h1, type: 'Patient', number: 1 },
      ];
      expect(await store.tally({ ...all, reach: { '*': [{ patient: 'Patient/a' }] } }, 'Patient/a')).toEqual(ofFirst);
      expect(await store.tally({ ...all, reach: { Patient: [{}] } }, 'Patient/a')).toEqual([
        { ...h1, type: 'Patient', number: 1 },
        { ...h2, type: 'Patient', number: 1 },
      ]);
      expect(await store.tally(all, 'Patient/b')).toEqual([
        ...ofFirst,
        { ...h2, type: 'Observation', year: 2024, number: 1 },
        { ...h2, type: 'Patient', number: 1 },
      ]);
      expect(await store.tally(all, 'Patient/nobody')).toEqual([]);
    });
  });
}
