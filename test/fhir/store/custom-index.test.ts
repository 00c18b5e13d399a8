// https://hl7.org/fhir/R4/searchparameter.html: an index that is being read, and what an erasure leaves of it
import { expect, test } from '@jest/globals';
import { asServer } from '../../../src/fhir/model/access.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import type { Predicate, SearchQuery } from '../../../src/fhir/search/query.ts';
import { Custom } from '../../../src/fhir/store/custom.ts';
import { Evaluation } from '../../../src/fhir/store/index/evaluate.ts';
import { type IndexRecord, State } from '../../../src/fhir/store/index/state.ts';

const base = 'http://noren.test/fhir';
const extract = createExtractor({ base });

/** A state with bytes of its own, which come when they are let. */
function log() {
  const state = new State();
  const bytes: Buffer[] = [];
  const records: IndexRecord[] = [];
  let held: Promise<void> | undefined;
  const put = (resource: AnyResource & { id: string }): void => {
    bytes.push(Buffer.from(JSON.stringify(resource)));
    const seq = bytes.length;
    const record = {
      seq,
      type: resource.resourceType,
      id: resource.id,
      time: seq,
      sender: 's',
      values: extract(resource),
      mentions: { about: [], same: [] },
    };
    records.push(record);
    state.apply(record, { block: seq, offset: 0, length: 1 });
  };
  const custom = new Custom({
    state,
    baseUrl: base,
    timeZone: 'Asia/Tokyo',
    fresh: async () => {},
    bytes: async seqs => {
      if (seqs.some(seq => records[seq - 1]!.type !== 'SearchParameter')) await held;
      return seqs.map(seq => bytes[seq - 1]!);
    },
  });
  const hold = () => {
    let release = () => {};
    held = new Promise(resolve => (release = resolve));
    return release;
  };
  const find = (where: Predicate) => new Evaluation(state, asServer('test'), state.ledger.last, 0).run('Patient', [where]);
  return { state, records, put, custom, hold, find };
}

const definition = {
  resourceType: 'SearchParameter',
  id: 'colour',
  url: 'http://e.org/colour',
  name: 'Colour',
  status: 'active',
  description: 'x',
  code: 'colour',
  base: ['Patient'],
  type: 'string',
  expression: "Patient.extension('urn:colour').value",
};
const patient = (id: string, valueString: string) => ({ resourceType: 'Patient', id, extension: [{ url: 'urn:colour', valueString }] });
const colour = (value: string): Predicate => ({ kind: 'string', code: 'colour', values: [value], match: 'starts' });
const none: Predicate = { kind: 'and', all: [] };
const asked = (where: Predicate, more: Partial<SearchQuery> = {}) => ({
  type: 'Patient',
  where: [where],
  sort: [],
  include: [],
  revinclude: [],
  ...more,
});

test('custom: what is being read answers 503 with a sentence, and how far it is can be asked', async () => {
  const { state, put, custom, hold, find } = log();
  put(patient('a', 'red'));
  put(patient('b', 'green'));
  put(definition);
  const release = hold();
  await custom.refresh();
  expect(custom.parameters('Patient').get('colour')?.type).toBe('string');
  expect(custom.parameters('Observation').has('colour')).toBe(false);
  expect(custom.indexing()).toEqual([{ type: 'Patient', code: 'colour', url: definition.url, indexed: 0, of: 2 }]);
  const refused = await custom.ready(asked(colour('red')), state.ledger.last).catch((thrown: unknown) => thrown);
  expect(refused).toBeInstanceOf(Problem);
  expect(refused).toMatchObject({ kind: 'unavailable', headers: { 'Retry-After': '5' } });
  expect((refused as Problem).message).not.toContain('red');
  // At the end of a chain too; and what does not ask by it waits for nothing.
  await expect(
    custom.ready(
      asked({ kind: 'chain', code: 'subject', alternatives: [{ type: 'Patient', where: colour('red') }] }, { type: 'Observation' }),
      state.ledger.last,
    ),
  ).rejects.toMatchObject({ kind: 'unavailable' });
  await custom.ready(asked(none), state.ledger.last);
  // Where it is brought along by, or sorted by, it is asked by as well.
  for (const more of [
    { sort: [{ code: 'colour', type: 'string', descending: false }] },
    { include: [{ source: 'Patient', code: 'colour' }] },
    { revinclude: [{ source: '*', code: '*' }] },
  ] as const)
    await expect(custom.ready(asked(none, more), state.ledger.last)).rejects.toMatchObject({ kind: 'unavailable' });
  release();
  await custom.ready(asked(colour('red')), state.ledger.last);
  expect(find(colour('red'))).toEqual([1]);
  expect(custom.indexing()).toMatchObject([{ indexed: 2, of: 2 }]);
});

test('custom: what is erased, before it was read or after, is found no more', async () => {
  const { state, records, put, custom, hold, find } = log();
  put(patient('a', 'red'));
  put(patient('b', 'red'));
  put(definition);
  await custom.refresh();
  await custom.ready(asked(colour('red')), state.ledger.last);
  put(patient('c', 'red'));
  put(patient('d', 'red'));
  const release = hold();
  const ready = custom.ready(asked(colour('red')), state.ledger.last);
  await new Promise(resolve => setTimeout(resolve, 50));
  state.remove([records[0]!, records[3]!]);
  release();
  await ready;
  expect(find(colour('red'))).toEqual([2, 5]);
  expect(find({ kind: 'missing', code: 'colour', missing: false })).toEqual([2, 5]);
});

test('custom: a reference that leads to something contained is a value, and a chain finds what stands there', async () => {
  const { state, put, custom, find } = log();
  const gp = (id: string, more: object) => ({ resourceType: 'Patient', id, ...more });
  put(gp('a', { contained: [{ resourceType: 'Practitioner', id: 'p', gender: 'female' }], generalPractitioner: [{ reference: '#p' }] }));
  put(gp('b', {}));
  put({ ...definition, id: 'gp', code: 'gp', type: 'reference', target: ['Practitioner'], expression: 'Patient.generalPractitioner' });
  await custom.refresh();
  const missing = (is: boolean): Predicate => ({ kind: 'missing', code: 'gp', missing: is });
  await custom.ready(asked(missing(false)), state.ledger.last);
  expect([find(missing(false)), find(missing(true))]).toEqual([[1], [2]]);
  const where: Predicate = { kind: 'token', code: 'gender', values: [{ code: 'female' }], not: false };
  expect(find({ kind: 'chain', code: 'gp', alternatives: [{ type: 'Practitioner', where }] })).toEqual([1]);
});
