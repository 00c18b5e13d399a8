// docs/operation/de-identify.md, docs/operation/anonymize.md; HL7 DARTS 1.0.0-ballot; https://hl7.org/fhir/R4/async.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle, Parameters } from '@medplum/fhirtypes';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { objection } from '../journeys/world.ts';
import { lines, openSource, type Source } from './source.ts';
import { openWhole, type Told, type Whole } from './whole.ts';

const numbers = 'urn:oid:1.2.392.100495.20.3.51.11319999991';
let server: Whole;
let source: Source;
beforeAll(async () => {
  source = await openSource();
  server = await openWhole('--file-sources', `${source.origin}/data`);
  source.files.set('/data/Patient.ndjson', lines(patient('p1'), patient('p2')));
  source.files.set('/data/Encounter.ndjson', lines(visit));
});
afterAll(async () => {
  await server.close();
  await source.close();
});

const patient = (id: string): AnyResource => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: numbers, value: `KARTE-${id}` }],
  name: [{ text: '山田太郎' }],
  gender: 'male',
  birthDate: '1961-05-28',
});
const visit: AnyResource = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: { reference: 'Patient/p1' },
  period: { start: '2001-06-01T10:00:00+09:00' },
};

const data = (type: string, url: string): Json => ({
  name: 'data',
  part: [
    { name: 'resourceType', valueCode: type },
    { name: 'resourceUrl', valueUrl: url },
  ],
});
const files = (...given: Json[]): Json => ({
  name: 'identifiableDataFileUrls',
  resource: { resourceType: 'Parameters', parameter: [{ name: 'format', valueCode: 'fhir+ndjson' }, ...given] },
});
const both = () =>
  files(data('Patient', `${source.origin}/data/Patient.ndjson`), data('Encounter', `${source.origin}/data/Encounter.ndjson`));
const call = (code: string, parameter: Json[], client = 'hospital-1', headers: Record<string, string> = {}): Promise<Told> =>
  server.ask('POST', `$${code}`, { body: { resourceType: 'Parameters', parameter }, client, headers });

/** Type → URL of the files that were offered. */
function offered(body: unknown, name: string): ReadonlyMap<string, string> {
  expect(validate(body as AnyResource)).toEqual([]);
  const [out, ...more] = (body as Parameters).parameter!;
  expect([out!.name, more]).toEqual([name, []]);
  const [format, ...list] = (out!.resource as Parameters).parameter!;
  expect(format).toEqual({ name: 'format', valueCode: 'fhir+ndjson' });
  return new Map(list.map(({ part }) => [part![0]!.valueCode!, part![1]!.valueUrl!]));
}
const fetched = async (url: string, client = 'hospital-1', init: RequestInit = {}): Promise<Response> =>
  fetch(url, { ...init, headers: { authorization: `Bearer ${await server.token(client)}`, ...(init.headers as Record<string, string>) } });
const resources = async (url: string): Promise<AnyResource[]> => {
  const text = await (await fetched(url)).text();
  expect(text.at(-1)).toBe('\n');
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as AnyResource);
};

test('$de-identify: of files files are made, one of each type; what refers from file to file still does', async () => {
  const { status, json, headers } = await call('de-identify', [both(), { name: 'policy', valueString: 'jp-anonymized' }]);
  expect(status).toBe(200);
  const out = offered(json, 'de-identifiedDataFileUrls');
  expect([...out.keys()].sort()).toEqual(['Encounter', 'Patient', 'Provenance']);
  expect(Date.parse(headers.get('expires')!)).toBeGreaterThan(Date.now());
  for (const url of out.values()) expect(url.slice(server.baseUrl.length)).toMatch(/^\/_file\/[\w-]{24}$/);
  const people = await resources(out.get('Patient')!);
  const [encounter] = await resources(out.get('Encounter')!);
  expect(people.map(one => one.resourceType)).toEqual(['Patient', 'Patient']);
  expect(people.map(one => `Patient/${one.id}`)).toContain((encounter!['subject'] as Json)['reference']);
  expect(JSON.stringify([people, encounter])).not.toMatch(/山田|KARTE|"p1"|Patient\/p1|e1"/);
  // Its target is no Bundle: there is none.
  const [evidence] = await resources(out.get('Provenance')!);
  expect((evidence!['target'] as Json[])[0]).not.toHaveProperty('type');
  const file = await fetched(out.get('Patient')!, 'hospital-1', { headers: { accept: 'application/fhir+ndjson' } });
  expect([file.headers.get('content-type'), file.headers.get('x-content-type-options')]).toEqual(['application/fhir+ndjson', 'nosniff']);
  expect(Date.parse(file.headers.get('expires')!)).toBeGreaterThan(Date.now());
  // The next call knows nothing of this one.
  const again = offered(
    (await call('de-identify', [both(), { name: 'policy', valueString: 'jp-anonymized' }])).json,
    'de-identifiedDataFileUrls',
  );
  expect((await resources(again.get('Encounter')!))[0]!.id).not.toBe(encounter!.id);
});

test('$anonymize with respond-async: the files of the result; for the caller alone, until it forgets them', async () => {
  const taken = await call('anonymize', [both()], 'hospital-1', { prefer: 'respond-async' });
  expect(taken.status).toBe(202);
  const url = taken.headers.get('content-location')!;
  let told = await fetched(url);
  while (told.status === 202) {
    await new Promise(resolve => setTimeout(resolve, 5));
    told = await fetched(url);
  }
  const file = offered(((await told.json()) as Bundle).entry![0]!.resource, 'anonymizedFileUrls').get('Patient')!;
  const refusals = [
    await fetched(file, 'hospital-2'),
    await fetched(file, 'tester'),
    await fetched(`${server.baseUrl}/_file/never`),
    await fetched(file, 'hospital-2', { method: 'DELETE' }),
    await fetch(file),
    await fetched(file, 'hospital-1', { method: 'POST', body: '{}' }),
  ];
  expect(refusals.map(({ status }) => status)).toEqual([404, 404, 404, 404, 401, 405]);
  const [foreign, , never] = await Promise.all(refusals.slice(0, 3).map(answer => answer.text()));
  expect(foreign).toBe(never);
  const head = await fetched(file, 'hospital-1', { method: 'HEAD' });
  expect([head.status, Number(head.headers.get('content-length')) > 0, await head.text()]).toEqual([200, true, '']);
  expect((await fetched(file, 'hospital-1', { method: 'DELETE' })).status).toBe(200);
  expect((await fetched(file)).status).toBe(404);
});

test('nothing is fetched from elsewhere, for whom it is not allowed, or beside a Bundle', async () => {
  source.files.set('/other', lines(patient('p1')));
  const before = source.asked.length;
  const { host, port } = new URL(source.origin);
  const bundle = { name: 'identifiableData', resource: { resourceType: 'Bundle', type: 'collection' } };
  for (const url of [
    `${source.origin}/other`,
    `${source.origin}/data/../other`,
    `${source.origin}/data/%2e%2e/other`,
    `${source.origin}/data/..%2fother`,
    `http://user:secret@${host}/data/Patient.ndjson`,
    `http://127.0.0.1.evil.example:${port}/data/Patient.ndjson`,
    `http://127.0.0.1:1/data/Patient.ndjson`,
    'file:///etc/passwd',
  ]) {
    const { status, why } = await call('anonymize', [files(data('Patient', url))]);
    expect([status, why]).toEqual([400, expect.stringContaining('FILE_SOURCES')]);
  }
  expect((await call('anonymize', [both(), bundle])).status).toBe(400);
  expect((await call('anonymize', [both()], 'researcher-1')).status).toBe(403);
  expect(source.asked).toHaveLength(before);
});

test('what fails upstream, or is no resource, is told by place, status and line; the log and the audit hold nothing of it', async () => {
  source.files.set('/data/moved', (_, response) => response.writeHead(302, { location: '/data/Patient.ndjson' }).end());
  source.files.set('/data/broken', `${lines(patient('p1'))}{"name":"山田太郎`);
  const place = "Parameters.parameter.where(name='identifiableDataFileUrls').resource.parameter.where(name='data')[0]";
  const told = async (path: string, type = 'Patient') => {
    const { status, why, json } = await call('anonymize', [files(data(type, `${source.origin}/data/${path}`))]);
    return [status, why, (json as unknown as { issue: { expression: string[] }[] }).issue[0]!.expression[0]];
  };
  expect(await told('moved')).toEqual([422, 'The file cannot be fetched: its server answered with status 302.', place]);
  expect(await told('山')).toEqual([400, expect.stringContaining('FILE_SOURCES'), place]);
  expect(await told('broken')).toEqual([400, 'Line 2 of this file is no resource in JSON.', place]);
  expect(await told('Encounter.ndjson')).toEqual([400, 'Line 1 of this file is no Patient.', place]);
  const out = offered((await call('anonymize', [both()])).json, 'anonymizedFileUrls');
  const answer = await fetched(out.get('Patient')!);
  const events = (
    (await server.ask('GET', 'AuditEvent?_count=100', { client: 'operator' })).json as unknown as Bundle<AuditEvent>
  ).entry!.map(entry => entry.resource!);
  expect(server.log.join('\n') + JSON.stringify(events)).not.toMatch(/山田|KARTE|ndjson|127\.0\.0\.1:\d+\/data/);
  // The fetch of a file is on record, as its request.
  const id = answer.headers.get('x-request-id')!;
  const read = events.filter(event => JSON.stringify(event).includes(id));
  expect(read.map(event => event.subtype![0]!.code)).toEqual(['file-read']);
});

test('who has objected is in no file; after the next objection no file that was made before is given', async () => {
  await server.create(objection({ identifier: { system: numbers, value: 'KARTE-p2' } }));
  const out = offered((await call('anonymize', [both()])).json, 'anonymizedFileUrls');
  expect(await resources(out.get('Patient')!)).toHaveLength(1);
  await server.create(objection({ identifier: { system: numbers, value: 'KARTE-p9' } }));
  expect((await fetched(out.get('Patient')!)).status).toBe(410);
  expect((await fetched(out.get('Patient')!)).status).toBe(404);
  expect((await fetched(out.get('Encounter')!)).status).toBe(410);
});
