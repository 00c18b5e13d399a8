// https://hl7.org/fhir/R4/async.html, https://hl7.org/fhir/R5/async-bundle.html, https://www.rfc-editor.org/rfc/rfc7240
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import { asServer } from '../../src/fhir/model/access.ts';
import { Problem } from '../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import type { ListEntry, Store } from '../../src/fhir/store/store.ts';
import { createLater } from '../../src/http/async.ts';
import { newTrail } from '../../src/http/audit.ts';
import { createHeld } from '../../src/http/held.ts';
import { jobsOfOne } from '../../src/http/jobs.ts';
import { objection } from '../journeys/world.ts';
import { openWhole, type Told, type Whole } from './whole.ts';
import { access, startWire } from './wire.ts';

let server: Whole;
beforeAll(async () => {
  server = await openWhole('--async-max-bytes', '200000');
});
afterAll(() => server.close());

const later = { prefer: 'respond-async' };
const patient = (value: string) => ({ resourceType: 'Patient', identifier: [{ system: 'urn:async', value }] });
const bundle = (type: string, ...entry: object[]) => ({ resourceType: 'Bundle', type, entry });
const post = (resource: { resourceType: string }) => ({ resource, request: { method: 'POST', url: resource.resourceType } });
const statusUrl = ({ headers }: Told): string => headers.get('content-location')!.slice(server.baseUrl.length + 1);

/** What is at a status URL once the work is done. */
async function result(url: string, client = 'tester'): Promise<Told> {
  for (;;) {
    const told = await server.ask('GET', url, { client });
    if (told.status !== 202) return told;
    expect([told.headers.get('x-progress'), told.headers.get('retry-after')]).toEqual(['in progress', '1']);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
const entryOf = ({ json }: Told) => (json as unknown as Bundle).entry![0]!;

test('a batch: 202 with a status URL, then 200 with a batch-response whose one entry is the answer', async () => {
  const taken = await server.ask('POST', '', {
    body: bundle('batch', post(patient('batch')), post({ resourceType: 'Nothing' })),
    headers: later,
  });
  expect([taken.status, taken.headers.get('preference-applied'), taken.json!.resourceType]).toEqual([
    202,
    'respond-async',
    'OperationOutcome',
  ]);
  const told = await result(statusUrl(taken));
  expect([told.status, told.json!['type'], entryOf(told).response!.status]).toEqual([200, 'batch-response', '200 OK']);
  const inner = entryOf(told).resource as Bundle;
  expect([inner.type, inner.entry!.map(one => one.response!.status!.slice(0, 3))]).toEqual(['batch-response', ['201', '404']]);
  expect(Date.parse(told.headers.get('expires')!)).toBeGreaterThan(Date.now());
  expect(await server.count('Patient?identifier=urn:async|batch')).toBe(1);
});

test('a transaction that is refused: 200, and the refusal in the entry', async () => {
  const taken = await server.ask('POST', '', {
    body: bundle('transaction', post({ ...patient('no'), colour: 'red' } as never)),
    headers: later,
  });
  const told = await result(statusUrl(taken));
  expect([told.status, entryOf(told).response!.status]).toEqual([200, '400 Bad Request']);
  expect((entryOf(told).response!.outcome as OperationOutcome).issue[0]!.expression).toEqual(['Bundle.entry[0].resource.colour']);
  expect(await server.count('Patient?identifier=urn:async|no')).toBe(0);
});

test('a search: its searchset; no value of it is in the status URL, which is new each time', async () => {
  await server.create(patient('searched'));
  const urls: string[] = [];
  for (const ask of [
    () => server.ask('GET', 'Patient?identifier=urn:async|searched', { headers: later }),
    () =>
      server.ask('POST', 'Patient/_search', {
        body: 'identifier=urn%3Aasync%7Csearched',
        headers: { ...later, 'content-type': 'application/x-www-form-urlencoded' },
      }),
  ]) {
    const url = statusUrl(await ask());
    expect(url).toMatch(/^_async\/[\w-]{24}$/);
    expect((entryOf(await result(url)).resource as Bundle).total).toBe(1);
    urls.push(url);
  }
  expect(new Set(urls).size).toBe(2);
});

test('who may not do it learns so from the result; a body that is none is refused at once', async () => {
  const taken = await server.ask('GET', 'Patient', { headers: later, client: 'operator' });
  expect(entryOf(await result(statusUrl(taken), 'operator')).response!.status).toBe('403 Forbidden');
  expect((await server.ask('POST', '', { body: '{', headers: later })).status).toBe(400);
});

test('another client, and nobody, does not get the result; after DELETE nobody does', async () => {
  const url = statusUrl(await server.ask('GET', 'Patient?_count=1', { headers: later }));
  await result(url);
  const foreign = await server.ask('GET', url, { client: 'hospital-1' });
  const never = await server.ask('GET', '_async/never', { client: 'hospital-1' });
  expect([foreign.status, foreign.why]).toEqual([404, never.why]);
  expect((await server.ask('DELETE', url, { client: 'hospital-1' })).status).toBe(404);
  expect((await server.ask('GET', url, { client: '' })).status).toBe(401);
  expect((await server.ask('POST', url, { body: patient('x') })).status).toBe(405);
  expect((await result(url)).status).toBe(200);
  expect((await server.ask('DELETE', url)).status).toBe(202);
  expect([(await server.ask('GET', url)).status, (await server.ask('DELETE', url)).status]).toEqual([404, 404]);
});

test('a patient in the result objects before it is fetched: 410', async () => {
  const number = { system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: 'async' };
  const id = await server.create({ resourceType: 'Patient', identifier: [number] });
  const [one, other] = [`Patient?_id=${id}`, 'Organization?_count=1'];
  const [about, elsewhere] = [
    statusUrl(await server.ask('GET', one, { headers: later })),
    statusUrl(await server.ask('GET', other, { headers: later })),
  ];
  expect((await result(about)).status).toBe(200);
  await server.create(objection({ identifier: number }), 'hospital-1');
  expect([(await server.ask('GET', about)).status, (await result(elsewhere)).status]).toEqual([410, 200]);
  expect((await server.ask('GET', about)).status).toBe(404);
});

test('who is in a result by an identifier, behind a securityContext or in a total alone is not in it once he has objected', async () => {
  const number = { system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: 'async-unnamed' };
  const subject = await server.create({ resourceType: 'Patient', identifier: [number], birthDate: '1901-02-03' });
  const code = { text: 'of the unnamed' };
  const id = await server.create({ resourceType: 'Observation', status: 'final', code, subject: { identifier: number } });
  const context = await server.create({
    resourceType: 'Encounter',
    status: 'finished',
    class: { code: 'AMB' },
    subject: { reference: `Patient/${subject}` },
  });
  const binary = await server.create({
    resourceType: 'Binary',
    contentType: 'text/plain',
    data: 'dW5uYW1lZA==',
    securityContext: { reference: `Encounter/${context}` },
  });
  const entry = (url: string) => ({ request: { method: 'GET', url } });
  const urls = [];
  for (const path of [
    `Observation/${id}`,
    `Observation?_id=${id}`,
    `Binary/${binary}`,
    'Patient?birthdate=1901-02-03&_summary=count',
    `Observation/${id}/$meta`,
    'Observation/$meta',
  ])
    urls.push(statusUrl(await server.ask('GET', path, { headers: later })));
  const batch = { body: bundle('batch', entry(`Observation/${id}`), entry(`Binary/${binary}`)), headers: later };
  urls.push(statusUrl(await server.ask('POST', '', batch)));
  const before: Told[] = [];
  for (const url of urls) before.push(await result(url));
  expect(before.map(({ status }) => status)).toEqual(urls.map(() => 200));
  expect([0, 1, 6].map(i => before[i]!.text.includes('of the unnamed'))).toEqual([true, true, true]);
  expect([before[2]!.text.includes('dW5uYW1lZA'), before[3]!.text.includes('"total":1')]).toEqual([true, true]);
  await server.create(objection({ identifier: number }), 'hospital-1');
  for (const url of urls) {
    const { status, text } = await server.ask('GET', url);
    expect([200, 410]).toContain(status);
    expect(text).not.toMatch(/of the unnamed|dW5uYW1lZA|"total":1|"versionId"/);
  }
});

test('a result that is larger than what is kept: too-costly in the entry; of a write that was done, the statuses are kept', async () => {
  const large = { ...patient('large'), name: [{ text: 'x'.repeat(210_000) }] };
  const headers = { prefer: 'respond-async, return=representation' };
  const written = await result(statusUrl(await server.ask('POST', '', { body: bundle('batch', post(large)), headers })));
  const inner = entryOf(written).resource as Bundle;
  expect([inner.entry![0]!.response!.status, inner.entry![0]!.resource]).toEqual(['201 Created', undefined]);
  const read = await result(statusUrl(await server.ask('GET', 'Patient?identifier=urn:async|large', { headers: later })));
  expect(entryOf(read).response!.status).toBe('422 Unprocessable Entity');
});

test('the audit has a record when it is taken and one when it is done, which says what was done', async () => {
  const taken = await server.ask('POST', '', { body: bundle('transaction', post(patient('audited'))), headers: later });
  const told = await result(statusUrl(taken));
  const location = (entryOf(told).resource as Bundle).entry![0]!.response!.location!;
  const events = await server.ask('GET', 'AuditEvent?_count=20&_sort=-date', { client: 'operator' });
  expect(events.text).toContain(location.split('/').slice(-4, -2).join('/'));
});

test('a result is kept for the time that is stated', async () => {
  const url = await server.earlier(11 * 60_000, async () => {
    const one = statusUrl(await server.ask('GET', 'Patient?_count=1', { headers: later }));
    expect((await result(one)).status).toBe(200);
    return one;
  });
  expect((await server.ask('GET', url)).status).toBe(404);
});

test('a token that gives other rights than the one that asked does not get the result: 403', async () => {
  let letters = 'cruds';
  const wire = await startWire(async () => ({ status: 200, bytes: [Buffer.from('{}')] }), {
    authenticate: async () => ({ ...access, permits: { '*': letters } }),
  });
  try {
    const taken = await wire.fetch('/Patient', { headers: later });
    const url = taken.headers.get('content-location')!.replace(/^.*\/fhir/, '');
    letters = 'r';
    expect((await wire.fetch(url)).status).toBe(403);
    letters = 'cruds';
    expect((await wire.fetch(url)).status).toBe(200);
  } finally {
    await wire.close();
  }
});

test('a client that has too many: 503, until it deletes one', async () => {
  const wire = await startWire(async () => ({ status: 200, bytes: [Buffer.from('{}')] }));
  try {
    const ask = () => wire.fetch('/Patient', { headers: later });
    const answers = [];
    for (let i = 0; i < 21; i++) answers.push(await ask());
    expect(answers.map(({ status }) => status)).toEqual([...new Array(20).fill(202), 503]);
    const url = answers[0]!.headers.get('content-location')!.replace(/^.*\/fhir/, '');
    await wire.fetch(url, { method: 'DELETE' });
    expect((await ask()).status).toBe(202);
  } finally {
    await wire.close();
  }
});

test('a read that cannot be done anew just now: 503, and what was kept stays for when it can', async () => {
  const granted = asServer('test');
  let [moment, isAway] = [1, false];
  const parts = {
    baseUrl: 'http://noren.test/fhir',
    limits: { asyncLifeSeconds: 60 },
    held: createHeld(100_000, Date.now),
    dispatch: async () => {
      if (isAway) throw new Problem('unavailable');
      return { status: 200, resource: { resourceType: 'Patient', id: `at-${moment}` } as AnyResource };
    },
    audit: { record: async () => {} },
    log: () => {},
    jobs: jobsOfOne(Date.now),
    known: { lines: async () => [], moment: async () => moment },
    now: Date.now,
    underway: () => {},
  };
  const made = createLater(parts);
  const trail = newTrail(0, 'r', 'GET', undefined);
  const request = { method: 'GET', path: 'Patient/x', query: [], headers: {} } as const;
  const { answer, work } = await made.take({ request, access: granted, granted, trail });
  await work;
  const id = answer.headers!['content-location']!.split('/').at(-1)!;
  [moment, isAway] = [2, true];
  await expect(made.status(id, granted, granted)).rejects.toMatchObject({ kind: 'unavailable' });
  isAway = false;
  expect(Buffer.concat([...(await made.status(id, granted, granted)).bytes!]).toString()).toContain('at-2');
});

test('a result about somebody who has withdrawn is told by each process, by whatever names it knows him; another line, and it is gone', async () => {
  const granted = asServer('test');
  const lines: ListEntry[] = [
    { list: 'objection', source: 'Consent/c', persons: ['key:1'], from: 0, until: 5 },
    { list: 'notice', source: 'Communication/n', persons: ['key:1'], from: 0 },
  ];
  const here = (known: Pick<Store, 'lines' | 'moment'>) =>
    createLater({
      baseUrl: 'http://noren.test/fhir',
      limits: { asyncLifeSeconds: 60 },
      held: createHeld(100_000, Date.now),
      dispatch: async () => ({ status: 200, resource: { resourceType: 'Patient', id: 'a' } as AnyResource, patients: ['Patient/a'] }),
      audit: { record: async () => {} },
      log: () => {},
      jobs,
      known,
      now: Date.now,
      underway: () => {},
    });
  const jobs = jobsOfOne(Date.now);
  const one = here({ lines: async () => lines, moment: async () => 1 });
  // It started after he had been erased: a stone told it all his names.
  const two = here({
    lines: async () => lines.toReversed().map(line => ({ ...line, persons: [...line.persons, 'Patient/a'] })),
    moment: async () => 1,
  });
  const { answer, work } = await one.take({
    request: { method: 'GET', path: 'Patient/a', query: [], headers: {} },
    access: granted,
    granted,
    trail: newTrail(0, 'r', 'GET', undefined),
  });
  await work;
  const id = answer.headers!['content-location']!.split('/').at(-1)!;
  expect([(await one.status(id, granted, granted)).status, (await two.status(id, granted, granted)).status]).toEqual([200, 200]);
  lines[0] = { ...lines[0]!, until: 6 };
  await expect(two.status(id, granted, granted)).rejects.toMatchObject({ kind: 'deleted' });
});
