// https://hl7.org/fhir/R4/auditevent.html#search, https://hl7.org/fhir/R4/search.html
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { type Audit, openAudit } from '../../src/audit/log.ts';
import { forget, read, scratch, start } from './ground.ts';

const base = 'https://noren.test/fhir';
const hour = 3_600_000;
let audit: Audit;
let directory: string;
const ids = (bundle: Bundle<AuditEvent>) => (bundle.entry ?? []).map(one => one.resource!.id);
const ask = (query: string) => audit.search([...new URLSearchParams(query)]);

beforeAll(async () => {
  directory = scratch();
  let now = start;
  // Small segments, so that every search crosses some.
  audit = await openAudit({ directory, now: () => now, sync: 'normal', maxSegmentBytes: 700, base });
  const { client: _, role: __, sender: ___, token: ____, ...nobody } = read();
  for (const record of [
    read(), // 1
    read({ client: 'hospital-2', sender: 'Organization/hospital-2', patients: ['Patient/p2'], id: 'o2' }), // 2
    read({ interaction: 'search-type', type: 'Patient', patients: ['Patient/p1', 'Patient/p2', 'Patient/p3'], parameters: ['family'] }), // 3
    read({ interaction: 'create', status: 422, issue: 'business-rule' }), // 4
    { ...nobody, status: 401 }, // 5
    read({ interaction: 'token' }), // 6
    read({ interaction: 'transaction', entries: { create: ['Condition/c1/_history/1'] } }), // 7
    read({
      client: 'operator',
      role: 'operator',
      sender: 'client/operator',
      interaction: '$switch-client',
      token: 't7',
      address: '198.51.100.7',
    }), // 8
  ]) {
    await audit.record(record);
    now += hour;
  }
});
afterAll(async () => {
  await audit.close();
  forget(directory);
});

const all = ['8', '7', '6', '5', '4', '3-1', '3-2', '3-3', '2', '1'];

test('newest first, or oldest first when asked', async () => {
  expect(ids(await ask(''))).toEqual(all);
  expect(ids(await ask('_sort=-date'))).toEqual(all);
  expect(ids(await ask('_sort=date'))).toEqual(['1', '2', '3-1', '3-2', '3-3', '4', '5', '6', '7', '8']);
});

describe('parameters', () => {
  test.each<[string, string[]]>([
    ['patient=p2', ['3-2', '2']],
    ['patient=Patient/p2', ['3-2', '2']],
    ['patient:Patient=p2', ['3-2', '2']],
    ['patient=p2,p3', ['3-2', '3-3', '2']],
    ['agent=hospital-2', ['2']],
    ['agent=Organization/hospital-2', ['2']],
    ['agent:identifier=|hospital-2', ['2']],
    ['agent-name=hospital', ['7', '6', '4', '3-1', '3-2', '3-3', '2', '1']],
    ['agent-role=operator', ['8']],
    ['entity=Observation/o2', ['2']],
    ['entity=Observation/o2/_history/1', ['2']],
    ['entity=Observation/o2/_history/2', []],
    ['entity=c1', ['7']],
    ['entity=Condition/c1', ['7']],
    ['entity=Patient/p3', ['3-3']],
    ['type=http://dicom.nema.org/resources/ontology/DCM|110114', ['6']],
    ['type=rest&subtype=create', ['4']],
    ['subtype=switch-client', ['8']],
    ['subtype=operation,transaction', ['8', '7']],
    ['action=C', ['4']],
    ['outcome=4', ['4']],
    ['outcome=4,8', ['5', '4']],
    ['address=198.51', ['8']],
    ['policy=urn:ietf:params:oauth:jti:t7', ['8']],
    ['date=lt2026-06-15T05:00:00Z', ['2', '1']],
    ['date=ge2026-06-15T10:00:00Z', ['8']],
    ['date=ge2026-06-15T04:00:00Z&date=lt2026-06-15T06:00:00Z', ['3-1', '3-2', '3-3', '2']],
    ['date=2026-06-15T12:00:00%2B09:00', ['1']],
    ['date=2026-06-15', all],
    ['date=2026-06', all],
    ['date=ne2026', []],
    ['date=gt2026-06-15', []],
    ['_id=3-2', ['3-2']],
    ['_id=3', []],
  ])('%s', async (query, expected) => expect(ids(await ask(query))).toEqual(expected));

  test.each([
    'colour=red',
    'patient.name=x',
    'date:missing=true',
    '_sort=agent',
    '_count=-1',
    '_count=x',
    'date=yesterday',
    'date=2026-02-31',
    'patient=Group/1',
    'entity=x/y',
    '_total=all',
    'type=',
    '_position=x',
  ])('%s is refused', async query => {
    await expect(ask(query)).rejects.toMatchObject({ kind: 'invalid-parameter', status: 400 });
  });
});

describe('pages', () => {
  const next = (bundle: Bundle) => bundle.link?.find(one => one.relation === 'next')?.url;

  test.each(['', '_sort=date&'])('%s one after the other they give everything once, while others write', async sort => {
    const seen: (string | undefined)[] = [];
    let query: string | undefined = `${sort}_count=2`;
    for (let page = 0; query !== undefined && page < 20; page++) {
      const bundle: Bundle<AuditEvent> = await ask(query);
      expect(bundle.entry!.length).toBeLessThanOrEqual(2);
      seen.push(...ids(bundle));
      const url: string | undefined = next(bundle);
      query = url?.slice(url.indexOf('?') + 1);
    }
    expect(seen.slice(0, 10)).toEqual(sort === '' ? all : ['1', '2', '3-1', '3-2', '3-3', '4', '5', '6', '7', '8']);
    expect(seen).toHaveLength(10);
  });

  test('the total counts events; a count of 0 is the total alone', async () => {
    expect(await ask('_count=2&_total=accurate')).toMatchObject({ total: 10, entry: [expect.anything(), expect.anything()] });
    const counted = await ask('_summary=count&patient=p1');
    expect(counted).toMatchObject({ total: 7 });
    expect(counted.entry).toBeUndefined();
    expect(next(counted)).toBeUndefined();
    expect((await ask('_count=2')).total).toBeUndefined();
  });

  test('links are the caller’s to seal', async () => {
    const bundle = await audit.search([['_count', '1']], { link: position => `sealed:${position}`, self: 'self:' });
    expect(bundle.link).toEqual([
      { relation: 'self', url: 'self:' },
      { relation: 'next', url: 'sealed:8-0' },
    ]);
  });
});

test('read: an event by its id; what is no event is not there', async () => {
  expect((await audit.read('3-2'))?.entity?.some(one => one.what?.reference === 'Patient/p2')).toBe(true);
  expect((await audit.read('8'))?.id).toBe('8');
  for (const id of ['3', '3-4', '9', '0', 'x', '8-1']) expect([id, await audit.read(id)]).toEqual([id, undefined]);
});

test('a release is found by its study: one event for each patient whose data left', async () => {
  const own = scratch();
  const log = await openAudit({ directory: own, now: () => start, sync: 'normal', base });
  const disclosures = [{ study: 'ResearchStudy/open', policy: 'https://noren.example/policy|1', hash: 'a'.repeat(64) }];
  await log.record(read());
  await log.record(read({ interaction: '$deidentify', patients: ['Patient/p1', 'Patient/p2'], disclosures }));
  const found = async (query: string) => ids(await log.search([...new URLSearchParams(query)]));
  expect(await found('entity=ResearchStudy/open')).toEqual(['2-1', '2-2']);
  expect(await found('type=110106&patient=p2')).toEqual(['2-2']);
  expect(await found('subtype=disclose&entity=ResearchStudy/another')).toEqual([]);
  await log.close();
  forget(own);
});

test('20,000 records are searched in well under a second', async () => {
  const big = scratch();
  const log = await openAudit({ directory: big, now: () => start, sync: 'normal' });
  await Promise.all(Array.from({ length: 20_000 }, (_, n) => log.record(read({ patients: [`Patient/p${n % 200}`] }))));
  const bundle = await log.search([
    ['patient', 'p7'],
    ['_total', 'accurate'],
    ['_count', '10'],
  ]);
  expect(bundle).toMatchObject({ total: 100 });
  await log.close();
  forget(big);
});
