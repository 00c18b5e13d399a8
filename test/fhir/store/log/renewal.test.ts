// docs/search-parameters.md: what is being read anew, step by step

import { expect, test } from '@jest/globals';
import { asServer } from '../../../../src/fhir/model/access.ts';
import type { AnyResource } from '../../../../src/fhir/model/r4.ts';
import { createExtractor } from '../../../../src/fhir/search/extract.ts';
import type { Predicate } from '../../../../src/fhir/search/query.ts';
import type { Entry } from '../../../../src/fhir/store/block.ts';
import { Evaluation } from '../../../../src/fhir/store/index/evaluate.ts';
import { type IndexRecord, State } from '../../../../src/fhir/store/index/state.ts';
import { edition } from '../../../../src/fhir/store/log/edition.ts';
import { valuesOf } from '../../../../src/fhir/store/log/prepare.ts';
import { Renewal, type StoredRun } from '../../../../src/fhir/store/log/renewal.ts';

const base = 'http://noren.test/fhir';
const all = asServer('test');
const take = valuesOf(createExtractor({ base }), base);

interface Run extends StoredRun {
  readonly number: number;
  readonly before: readonly Entry[] | undefined;
}

/** A log of one version a run, which is read when it is let. */
function log() {
  const state = new State();
  const resources: AnyResource[] = [];
  const stored: Entry[][] = [];
  const told: unknown[] = [];
  let open = Promise.withResolvers<void>();
  let before: (() => void) | undefined;
  const renewal = new Renewal<Run>({
    state,
    valuesOf: take,
    definitions: () => undefined,
    bytes: seqs => seqs.map(seq => Buffer.from(JSON.stringify(resources[seq - 1]))),
    failed: error => told.push(error),
    runs: {
      async after(last) {
        await open.promise;
        const number = (last?.number ?? 0) + 1;
        const before = stored[number - 1];
        return before ? [{ number, before, entries: () => before }] : [];
      },
      put(changed) {
        before?.();
        before = undefined;
        if (changed.some(([run]) => stored[run.number - 1] !== run.before)) return false;
        for (const [{ number }, entries] of changed) stored[number - 1] = [...entries];
        return true;
      },
    },
  });
  /** Of today, or without what the first state did not take. */
  const put = (resource: AnyResource & { id: string }, isOld: boolean): void => {
    const seq = resources.push(resource);
    const values = Object.entries(take(resource)).filter(([code]) => !isOld || !/[:#]|^_sec/.test(code));
    const record: IndexRecord = {
      seq,
      type: resource.resourceType,
      id: resource.id,
      time: seq,
      sender: 's',
      values: Object.fromEntries(values),
      mentions: { about: [], same: [] },
      ...(isOld ? {} : { made: edition().mark }),
    };
    stored.push([[record, 1, 0]]);
    state.apply(record, { block: seq, offset: 0, length: 1 });
    renewal.meet(stored.at(-1)!);
  };
  const find = (type: string, ...where: Predicate[]) => new Evaluation(state, all, state.ledger.last, 0).run(type, where);
  const done = async () => {
    open.resolve();
    while (renewal.indexing().length > 0) await new Promise(resolve => setTimeout(resolve, 5));
    open = Promise.withResolvers();
  };
  return { state, stored, told, renewal, put, find, done, meanwhile: (what: () => void) => (before = what) };
}

const observation = (id: string, text: string) => ({ resourceType: 'Observation', id, code: { text } });
const words = (value: string): Predicate => ({ kind: 'string', code: 'code:text', values: [value], match: 'starts' });
const waits = expect.objectContaining({ kind: 'unavailable', headers: { 'Retry-After': '5' } });
const thrown = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

test('whoever asks by what earlier versions lack is told to wait, and how far it is; then all are found, those that came meanwhile too', async () => {
  const { stored, renewal, put, find, done } = log();
  put(observation('a', 'red'), true);
  put(observation('b', 'red'), true);
  renewal.begin();
  expect(thrown(() => find('Observation', words('red')))).toEqual(waits);
  expect(thrown(() => find('Patient', words('red')))).toEqual([]);
  expect(find('Observation', { kind: 'missing', code: 'date', missing: true })).toEqual([1, 2]);
  expect(renewal.indexing()).toContainEqual({
    type: 'Observation',
    code: 'code:text',
    url: 'http://hl7.org/fhir/SearchParameter/clinical-code',
    indexed: 0,
    of: 2,
  });
  put(observation('c', 'red'), false);
  await done();
  expect(find('Observation', words('red'))).toEqual([1, 2, 3]);
  expect(stored.flat().every(([{ made }]) => made === edition().mark)).toBe(true);
});

test('chains wait for what earlier versions contain', async () => {
  const { renewal, put, find, done } = log();
  const contained = [{ resourceType: 'Patient', id: 'p', gender: 'female' }];
  put({ resourceType: 'Observation', id: 'o', contained, subject: { reference: '#p' } } as AnyResource & { id: string }, true);
  const chained: Predicate = {
    kind: 'chain',
    code: 'subject',
    alternatives: [{ type: 'Patient', where: { kind: 'token', code: 'gender', values: [{ code: 'female' }], not: false } }],
  };
  const missing: Predicate = { kind: 'missing', code: 'subject', missing: true };
  renewal.begin();
  expect(thrown(() => find('Observation', chained))).toEqual(waits);
  expect(thrown(() => find('Observation', missing))).toEqual(waits);
  await done();
  expect([find('Observation', chained), find('Observation', missing)]).toEqual([[1], []]);
});

test('a Binary whose guard is not known yet is shown to nobody', async () => {
  const { state, renewal, put, find, done } = log();
  put(observation('o', 'x'), false);
  put({ resourceType: 'Binary', id: 'b', securityContext: { reference: 'Observation/o' } }, true);
  put({ resourceType: 'Binary', id: 'shut', securityContext: { reference: 'Observation/none' } }, true);
  renewal.begin();
  expect(thrown(() => find('Binary'))).toEqual(waits);
  expect(thrown(() => new Evaluation(state, all, 3, 0).at('Binary', state.ledger.find('Binary/b')))).toEqual(waits);
  await done();
  expect(find('Binary')).toEqual([2]);
});

test('a run that was changed while it was read is read again', async () => {
  const { stored, renewal, put, find, done, meanwhile } = log();
  put(observation('a', 'red'), true);
  put(observation('b', 'red'), true);
  meanwhile(() => {
    stored[0] = [...stored[0]!];
  });
  renewal.begin();
  await done();
  expect(find('Observation', words('red'))).toEqual([1, 2]);
  expect(stored.flat().every(([{ made }]) => made === edition().mark)).toBe(true);
});

test('what is taken out before it was read, or after, is found no more, and its record is left out', async () => {
  const { state, stored, renewal, put, find, done, meanwhile } = log();
  for (const id of ['a', 'b', 'c']) put(observation(id, 'red'), true);
  const [a, , c] = stored.map(run => run[0]![0]);
  renewal.begin();
  state.remove([c!]);
  meanwhile(() => state.remove([a!]));
  await done();
  expect(find('Observation', words('red'))).toEqual([2]);
  expect(stored.map(run => run.length)).toEqual([1, 1, 0]);
});

test('what a process of an earlier state writes later is read anew as well', async () => {
  const { renewal, put, find, done } = log();
  put(observation('a', 'red'), false);
  renewal.begin();
  expect(renewal.indexing()).toEqual([]);
  expect(find('Observation', words('red'))).toEqual([1]);
  put(observation('b', 'red'), true);
  expect(thrown(() => find('Observation', words('red')))).toEqual(waits);
  await done();
  expect(find('Observation', words('red'))).toEqual([1, 2]);
});
