// docs/deidentification.md#the-release-ledger: what is noted down, before the answer goes out, and about whom
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Problem } from '../../src/fhir/model/outcome.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { createOperations } from '../../src/operations/index.ts';
import { entryOf, releases, releasesWith } from '../../src/release/ledger.ts';
import {
  access,
  cohort,
  type Ground,
  noon,
  ofKind,
  ofType,
  openGround,
  person,
  resources,
  studies,
  summary,
  to,
} from '../operations/ground.ts';

const researcher = access('researcher');
const measure = (...populations: string[]): Json => ({
  name: 'measure',
  resource: {
    resourceType: 'Measure',
    status: 'active',
    group: populations.map(expression => ({
      population: [
        {
          code: { coding: [{ code: 'initial-population' }] },
          criteria: { language: 'application/x-fhir-query', expression },
        },
      ],
    })),
  },
});

let ground: Ground;
const book = (): Promise<readonly Json[]> => ground.store.book('releases');
const last = async (): Promise<Json> => (await book()).at(-1)!;
const numbersOf = async (...records: string[]) => (await releasesWith(records, ground.parts)).map(one => one.number);

beforeAll(async () => {
  ground = await openGround();
  await ground.write(...studies);
  const insured = { identifier: [{ system: 'urn:oid:9', value: 'one-person' }] };
  for (let n = 0; n < 24; n++) await ground.write(...person(n, n === 0 ? { patient: insured } : {}));
  // A second record of the first person, of another disease than all the others have.
  await ground.write(...person(50, { patient: insured, disease: 'I10' }));
});
afterAll(() => ground.close());

test('a bundle: study, client, policy and hash as in its Provenance, types, numbers of persons and resources', async () => {
  const { body } = await ground.ask(researcher, to('open'), cohort('Patient?'), ofType('Patient'), ofType('Condition'));
  const [provenance] = ofKind(body, 'Provenance') as [AnyResource];
  const { marks, ...entry } = await last();
  expect(entry).toEqual({
    time: new Date(noon).toISOString(),
    study: 'open',
    client: 'researcher-1',
    kind: 'bundle',
    policy: (provenance['policy'] as string[])[0],
    hash: ((provenance['entity'] as Json[])[0]!['what'] as { identifier: { value: string } }).identifier.value,
    types: ['Condition', 'Patient'],
    persons: 24,
    resources: resources(body).length - 1,
    dataSet: (body['identifier'] as Json)['value'],
  });
  expect(marks).toHaveLength(25 * 22);
});

test('marks stand in an order that is theirs, say nothing without the key, and are the same in each entry', async () => {
  await ground.ask(researcher, to('second'), cohort('Patient?'), ofType('Patient'));
  const [one, two] = (await book()).map(entry => entry['marks'] as string);
  expect(two).toBe(one);
  const list = one!.match(/.{22}/g)!;
  expect(list.every(mark => /^[\w-]{22}$/.test(mark))).toBe(true);
  expect(list).toEqual([...new Set(list)].sort());
  for (let n = 0; n < 24; n++) expect(one).not.toContain(Buffer.from(`Patient/p${n}`).toString('base64url'));
});

test('a summary marks the cohort; masked or not, none of its counts is noted', async () => {
  const { body } = await ground.ask(
    researcher,
    to('open'),
    cohort('Patient?_has:Condition:patient:code=E11'),
    summary,
    measure('Patient?gender=male', 'Patient?_has:Condition:patient:code=I10'),
  );
  expect(body.resourceType).toBe('MeasureReport');
  const { marks, ...entry } = await last();
  expect([entry['kind'], entry['persons'], (marks as string).length]).toEqual(['summary', 24, 25 * 22]);
  expect(Object.keys(entry).sort()).toEqual(['client', 'hash', 'kind', 'persons', 'policy', 'study', 'time']);
});

test('whose data are in it is found by any record of the person, also one that the release did not read; whose are not, by none', async () => {
  await ground.ask(researcher, to('open'), cohort('Patient?gender=male'), summary, measure('Patient?'));
  expect(await numbersOf('Patient/p1')).toEqual([1, 2, 3, 4]);
  expect(await numbersOf('Patient/p0')).toEqual([1, 2, 3]);
  expect(await numbersOf('Patient/p50')).toEqual([1, 2, 3]);
  expect(await numbersOf('Patient/p0', 'Patient/p1')).toEqual([1, 2, 3, 4]);
  expect(await numbersOf('Patient/p')).toEqual([]);
  expect(await numbersOf()).toEqual([]);
});

test('a record under an objection to one institution is marked with the person whose other data leave', async () => {
  await ground.send('Organization/h2', ...person(60, { patient: { identifier: [{ system: 'urn:oid:9', value: 'another' }] } }));
  await ground.write(...person(61, { patient: { identifier: [{ system: 'urn:oid:9', value: 'another' }] } }));
  await ground.store.commit({
    writes: [],
    lists: [{ list: 'objection', source: 'Consent/h2', persons: ['Patient/p60'], sender: 'Organization/h2', from: 0 }],
  });
  const { text } = await ground.ask(researcher, to('open'), cohort('Patient?'), ofType('Observation'));
  expect([text.includes('"value":160'), text.includes('"value":161')]).toEqual([false, true]);
  const number = (await book()).length;
  expect(await numbersOf('Patient/p60')).toEqual([number]);
  expect(await numbersOf('Patient/p61')).toEqual([number]);
});

test('who objects is in no later entry and stays in the earlier ones', async () => {
  await ground.object('Patient/p5');
  const earlier = await numbersOf('Patient/p5');
  expect(earlier.length).toBeGreaterThan(3);
  await ground.ask(researcher, to('open'), cohort('Patient?'));
  expect(await numbersOf('Patient/p5')).toEqual(earlier);
  expect(await numbersOf('Patient/p6')).toContain((await book()).length);
});

test('what is refused, and data handed in, leave no entry', async () => {
  const before = (await book()).length;
  expect((await ground.ask(researcher, to('closed'), cohort('Patient?'))).status).toBe(403);
  expect((await ground.ask(researcher, to('open'), cohort('Patient?_has:Condition:patient:code=I10'))).status).toBe(422);
  const data = { resourceType: 'Bundle', type: 'collection', entry: person(1).map(resource => ({ resource })) };
  expect((await ground.ask(access('operator'), { name: 'data', resource: data })).status).toBe(200);
  expect((await book()).length).toBe(before);
});

test('what was stopped while it was made leaves no entry', async () => {
  const before = (await book()).length;
  for (const more of [[], [summary, measure('Patient?')]]) {
    let asked = 0;
    const mayRelease = async (): Promise<void> => {
      if (++asked > 1) throw new Problem('business-rule', 'Release is stopped.');
    };
    const dispatch = createOperations({ ...ground.parts, mayRelease });
    const body = { resourceType: 'Parameters', parameter: [to('open'), cohort('Patient?'), ...more] };
    await expect(dispatch({ method: 'POST', path: '$deidentify', query: [], body, headers: {} }, researcher)).rejects.toMatchObject({
      kind: 'business-rule',
    });
  }
  expect((await book()).length).toBe(before);
});

test('a release that cannot be noted down does not go out', async () => {
  const other = await openGround();
  await other.close();
  // Reads go to the one store; the book lies in one that takes nothing any more.
  const dispatch = createOperations({ ...ground.parts, store: { ...ground.store, commit: other.store.commit } });
  const ask = (...parameter: Json[]) =>
    dispatch({ method: 'POST', path: '$deidentify', query: [], body: { resourceType: 'Parameters', parameter }, headers: {} }, researcher);
  await expect(ask(to('open'), cohort('Patient?'))).rejects.toMatchObject({ kind: 'unavailable' });
  await expect(ask(to('open'), cohort('Patient?'), summary, measure('Patient?'))).rejects.toMatchObject({ kind: 'unavailable' });
});

test('the book: numbers are places in it, and every mark of a long entry is found', async () => {
  const many = Array.from({ length: 1000 }, (_, n) => `Patient/many-${n}`);
  const release = {
    time: new Date(noon).toISOString(),
    study: 'open',
    client: 'c',
    kind: 'summary',
    policy: 'p|1',
    hash: 'h',
    persons: 1000,
  } as const;
  await ground.store.commit({ writes: [], entries: [await entryOf(release, [...many, ...many], ground.parts)] });
  const all = await releases(ground.parts);
  expect(all.map(one => one.number)).toEqual(all.map((_, i) => i + 1));
  expect(all.at(-1)).toEqual({ ...release, number: all.length });
  for (const one of many) expect(await numbersOf(one)).toEqual([all.length]);
  for (let n = 1000; n < 1200; n++) expect(await numbersOf(`Patient/many-${n}`)).toEqual([]);
});
