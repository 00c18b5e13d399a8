// https://hl7.org/fhir/R4/http.html#patch, https://hl7.org/fhir/R4/http.html#concurrency
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Access } from '../../../src/fhir/model/access.ts';
import type { Json } from '../../../src/fhir/model/r4.ts';
import {
  ask,
  batch,
  bundle,
  identified,
  institution,
  issues,
  limited,
  observation,
  open,
  patient,
  put,
  type Server,
  statuses,
  tester,
  transaction,
} from './parts.ts';

let server: Server;
beforeAll(async () => {
  server = await open();
});
afterAll(() => server.close());

const made = async (more: Json = {}, as = tester) => (await server.call('POST', 'Patient', { body: patient(more), as })).version!.id;
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }];
const add = (path: string, value: unknown) => [{ op: 'add', path, value }];
const female = add('/gender', 'female');
const fhirPath = (type: string, path: string, ...parts: Json[]) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'operation', part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...parts] }],
});
const inBinary = (patch: unknown, contentType = 'application/json-patch+json') => ({
  resourceType: 'Binary',
  contentType,
  data: Buffer.from(JSON.stringify(patch)).toString('base64'),
});
const patching = (url: string, resource: Json, more: Json = {}) => ({ resource, request: { method: 'PATCH', url, ...more } });

test('patch: JSON Patch and FHIRPath Patch make a new version of what is stored', async () => {
  const id = await made({ gender: 'male', active: true });
  const first = await server.call('PATCH', `Patient/${id}`, { patch: replace('/gender', 'female') });
  expect([first.status, first.version!.versionId, first.body['gender'], first.body['active']]).toEqual([200, 2, 'female', true]);
  const body = fhirPath('add', 'Patient', { name: 'name', valueString: 'birthDate' }, { name: 'value', valueDate: '1970-01-01' });
  const second = await server.call('PATCH', `Patient/${id}`, { body });
  expect([second.status, second.version!.versionId, second.body['birthDate']]).toEqual([200, 3, '1970-01-01']);
  expect((await server.call('GET', `Patient?_id=${id}&birthdate=1970-01-01&gender=female&_summary=count`)).body['total']).toBe(1);
});

test('patch: numbers that nobody touched keep their digits', async () => {
  const request = { method: 'POST', path: 'Observation', query: [], headers: {} } as const;
  const { parseJson } = await import('../../../src/fhir/model/json.ts');
  const body = parseJson('{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":7.20}}') as never;
  const { version } = await server.dispatch({ ...request, body }, tester);
  await server.call('PATCH', `Observation/${version!.id}`, { patch: replace('/status', 'amended') });
  const read = await server.dispatch({ method: 'GET', path: `Observation/${version!.id}`, query: [], headers: {} }, tester);
  expect(read.version!.bytes.toString()).toContain('"value":7.20');
  expect(read.version!.bytes.toString()).toContain('"amended"');
});

test('patch: what comes out is judged like an update: unknown elements 400, broken rules 422, nothing is stored', async () => {
  const id = await made({ gender: 'male' });
  const refused = async (patch: unknown) => (await server.call('PATCH', `Patient/${id}`, { patch })).status;
  expect(await refused(add('/colour', 'red'))).toBe(400);
  expect(await refused(replace('/gender', 'x'))).toBe(422);
  expect(await refused(replace('/gender', 5))).toBe(400);
  expect(await refused(add('/contact', [{ gender: 'male' }]))).toBe(422);
  expect(await refused(replace('', 'x'))).toBe(422);
  expect(await refused(replace('', patient()))).toBe(400);
  expect((await server.call('GET', `Patient/${id}`)).version!.versionId).toBe(1);
});

test.each([
  ['a failing test', [{ op: 'test', path: '/gender', value: 'female' }, ...add('/active', true)], 422],
  ['a path to nothing', replace('/name/0/family', 'x'), 422],
  ['__proto__', add('/__proto__/polluted', true), 422],
  ['__proto__ as a member', add('/__proto__', { polluted: true }), 400],
  ['constructor.prototype', add('/constructor/prototype/polluted', true), 422],
  ['id', replace('/id', 'other'), 400],
  ['no id', [{ op: 'remove', path: '/id' }], 400],
  ['resourceType', replace('/resourceType', 'Group'), 400],
  ['meta.versionId', replace('/meta/versionId', '77'), 400],
  ['meta.lastUpdated', replace('/meta/lastUpdated', '2020-01-01T00:00:00Z'), 400],
  ['no list', { op: 'add' }, 400],
])('attack 14 and 16: %s: refused and unchanged', async (_name, patch, status) => {
  const id = await made({ gender: 'male' });
  expect((await server.call('PATCH', `Patient/${id}`, { patch })).status).toBe(status);
  expect((await server.call('GET', `Patient/${id}`)).version!.versionId).toBe(1);
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
});

test('patch: FHIRPath Patch changes neither id nor version', async () => {
  const id = await made();
  for (const [path, value] of [
    ['Patient.id', { valueId: 'other' }],
    ['Patient.meta.versionId', { valueId: '77' }],
  ] as const)
    expect([
      path,
      (await server.call('PATCH', `Patient/${id}`, { body: fhirPath('replace', path, { name: 'value', ...value }) })).status,
    ]).toEqual([path, 400]);
});

test('patch: what never was 404, what was deleted 410, a body that is another resource or none 400 or 415', async () => {
  expect((await server.call('PATCH', 'Patient/never', { patch: female })).status).toBe(404);
  const id = await made();
  expect((await server.call('PATCH', `Patient/${id}`, { body: patient({ id }) })).status).toBe(400);
  expect((await server.call('PATCH', `Patient/${id}`)).status).toBe(415);
  await server.call('DELETE', `Patient/${id}`);
  expect((await server.call('PATCH', `Patient/${id}`, { patch: female })).status).toBe(410);
});

test('patch: If-Match of another version 412, of the current one 200, malformed 400', async () => {
  const id = await made();
  const under = async (etag: string) =>
    (await server.call('PATCH', `Patient/${id}`, { patch: female, headers: { 'if-match': etag } })).status;
  expect([await under('W/"2"'), await under('2'), await under('W/"1"'), await under('W/"1"'), await under('*')]).toEqual([
    412, 400, 200, 412, 200,
  ]);
});

test('patch: of 50 at the same time none is lost', async () => {
  const id = await made({ telecom: [{ system: 'phone', value: 'first' }] });
  const numbers = Array.from({ length: 50 }, (_, i) => String(i));
  const told = await Promise.all(
    numbers.map(value => server.call('PATCH', `Patient/${id}`, { patch: add('/telecom/-', { system: 'phone', value }) })),
  );
  expect(new Set(told.map(one => one.status))).toEqual(new Set([200]));
  const { body, version } = await server.call('GET', `Patient/${id}`);
  expect((body['telecom'] as Json[]).map(one => one['value']).sort()).toEqual(['first', ...numbers].sort());
  expect(version!.versionId).toBe(51);
});

describe('the narrative', () => {
  const text = (status: string) => ({ text: { status, div: '<div xmlns="http://www.w3.org/1999/xhtml">male</div>' } });
  test('generated: goes when the data change, stays when they do not, and when the patch changes it', async () => {
    const id = await made({ ...text('generated'), gender: 'male' });
    const tagged = await server.call('PATCH', `Patient/${id}`, { patch: add('/meta/tag', [{ code: 'x' }]) });
    expect(tagged.body['text']).toBeDefined();
    const both = await server.call('PATCH', `Patient/${id}`, {
      patch: [...replace('/gender', 'female'), ...replace('/text/div', '<div xmlns="http://www.w3.org/1999/xhtml">female</div>')],
    });
    expect((both.body['text'] as Json)['div']).toContain('female');
    const alone = await server.call('PATCH', `Patient/${id}`, { patch: replace('/gender', 'other') });
    expect([alone.status, alone.body['text'], alone.body['gender']]).toEqual([200, undefined, 'other']);
  });

  test('additional: it says more than the data, so it is not given up: 422', async () => {
    const id = await made({ ...text('additional'), gender: 'male' });
    const told = await server.call('PATCH', `Patient/${id}`, { patch: replace('/gender', 'female') });
    expect([told.status, issues(told)[0]!.at]).toEqual([422, 'Patient.text']);
  });
});

describe('who may', () => {
  test('an institution patches what it sent; of what others sent it learns nothing', async () => {
    const id = await made({ gender: 'male' }, institution('hospital-1'));
    expect((await server.call('PATCH', `Patient/${id}`, { patch: female, as: institution('hospital-1') })).status).toBe(200);
    const as = institution('hospital-2');
    const never = await server.call('PATCH', 'Patient/never', { patch: female, as });
    expect(await server.call('PATCH', `Patient/${id}`, { patch: female, as })).toEqual(never);
    expect(await server.call('PATCH', `Patient/${id}`, { patch: [{ op: 'test', path: '/gender', value: 'x' }], as })).toEqual(never);
    expect(never.status).toBe(404);
  });

  test('who may not update a type, or may not read it, does not patch it: 403', async () => {
    const id = await made();
    for (const letters of ['crds', 'cuds'])
      expect([letters, (await server.call('PATCH', `Patient/${id}`, { patch: female, as: limited({ Patient: letters }) })).status]).toEqual(
        [letters, 403],
      );
  });

  test('what may be changed but not read is not there for a patch', async () => {
    const [mine, other] = [await made({ gender: 'male' }), await made({ gender: 'male' })];
    const as: Access = {
      ...limited({ Patient: 'ru' }, { Patient: [{ letters: 'u' }, { ids: [mine], letters: 'r' }] }),
      within: {},
    };
    expect((await server.call('PATCH', `Patient/${mine}`, { patch: female, as })).status).toBe(200);
    expect((await server.call('PATCH', `Patient/${other}`, { patch: female, as })).status).toBe(404);
  });

  test('within: what comes out must be what may be written, as for an update', async () => {
    const id = await made({ gender: 'male' });
    const where = [{ kind: 'token', code: 'gender', values: [{ code: 'male' }], not: false }];
    const as: Access = { ...limited({ Patient: 'ru' }), within: { Patient: { u: [where] } } };
    expect((await server.call('PATCH', `Patient/${id}`, { patch: add('/active', true), as })).status).toBe(200);
    expect((await server.call('PATCH', `Patient/${id}`, { patch: female, as })).status).toBe(403);
    expect((await server.call('GET', `Patient/${id}`)).body).toMatchObject({ gender: 'male', active: true });
  });
});

describe('conditional patch', () => {
  test('one match is patched, none 404, several 412, no criteria 412, unknown ones 400', async () => {
    await made(identified('urn:cp', '1'));
    await made(identified('urn:cp', '2'));
    await made(identified('urn:cp', '2'));
    const to = async (query: string) =>
      (await server.call('PATCH', `Patient${query}`, { patch: female, headers: { prefer: 'handling=lenient' } })).status;
    expect([await to('?identifier=urn:cp|1'), await to('?identifier=urn:cp|3'), await to('?identifier=urn:cp|2')]).toEqual([200, 404, 412]);
    expect([await to(''), await to('?foo=bar'), await to('?_count=1')]).toEqual([412, 400, 412]);
    expect((await server.call('GET', 'Patient?identifier=urn:cp|1&gender=female&_summary=count')).body['total']).toBe(1);
    expect((await server.call('GET', 'Patient?identifier=urn:cp|2&gender=female&_summary=count')).body['total']).toBe(0);
  });

  test('If-Match goes with criteria too', async () => {
    await made(identified('urn:cp', '9'));
    const under = async (etag: string) =>
      (await server.call('PATCH', 'Patient?identifier=urn:cp|9', { patch: female, headers: { 'if-match': etag } })).status;
    expect([await under('W/"4"'), await under('W/"1"')]).toEqual([412, 200]);
  });
});

describe('in Bundles', () => {
  test('a transaction patches by Binary and by Parameters, by id and by criteria, and tells of it as patches', async () => {
    const [one, two] = [await made(identified('urn:pb', '1')), await made(identified('urn:pb', '2'))];
    const told = await server.call('POST', '', {
      body: transaction(
        patching(`Patient/${one}`, inBinary(female), { ifMatch: 'W/"1"' }),
        patching(
          'Patient?identifier=urn:pb|2',
          fhirPath('add', 'Patient', { name: 'name', valueString: 'gender' }, { name: 'value', valueCode: 'female' }),
        ),
        ask('GET', `Patient/${one}`),
      ),
    });
    expect(statuses(told)).toEqual(['200', '200', '200']);
    expect(bundle(told).entry![0]!.response).toMatchObject({
      etag: 'W/"2"',
      location: expect.stringContaining(`Patient/${one}/_history/2`),
    });
    expect(bundle(told).entry![2]!.resource).toMatchObject({ gender: 'female' });
    expect(told.entries).toEqual({
      patch: [`Patient/${one}/_history/2`, `Patient/${two}/_history/2`],
      read: [`Patient/${one}/_history/2`],
    });
  });

  test('a transaction patches by the XML in a Binary', async () => {
    const id = await made({ gender: 'male' });
    const data = Buffer.from('<diff><replace sel="Patient/gender/@value">female</replace></diff>').toString('base64');
    const binary = { resourceType: 'Binary', contentType: 'application/xml-patch+xml; charset=utf-8', data };
    expect(statuses(await server.call('POST', '', { body: transaction(patching(`Patient/${id}`, binary)) }))).toEqual(['200']);
    expect((await server.call('GET', `Patient/${id}`)).body['gender']).toBe('female');
  });

  test('a patch may refer to what the transaction creates', async () => {
    const id = (await server.call('POST', 'Observation', { body: observation() })).version!.id;
    const fullUrl = 'urn:uuid:00000000-0000-4000-8000-000000000001';
    const told = await server.call('POST', '', {
      body: transaction(patching(`Observation/${id}`, inBinary(add('/subject', { reference: fullUrl }))), {
        fullUrl,
        resource: patient(),
        request: { method: 'POST', url: 'Patient' },
      }),
    });
    expect(statuses(told)).toEqual(['200', '201']);
    const subject = (await server.call('GET', `Observation/${id}`)).body['subject'] as Json;
    expect(bundle(told).entry![1]!.response!.location).toContain(`${subject['reference']}/_history/1`);
  });

  test('a patch that fails undoes the transaction and is named; a resource is patched and updated in two transactions only', async () => {
    const id = await made({ gender: 'male' });
    const failing = patching(`Patient/${id}`, inBinary([{ op: 'test', path: '/gender', value: 'female' }]));
    const told = await server.call('POST', '', { body: transaction(put({ ...patient(), id: 'never-made' }), failing) });
    expect([told.status, issues(told)[0]!.at]).toEqual([422, 'Bundle.entry[1]']);
    expect((await server.call('GET', 'Patient/never-made')).status).toBe(404);
    const twice = await server.call('POST', '', {
      body: transaction(put(patient({ id })), patching(`Patient/${id}`, inBinary(add('/active', true)))),
    });
    expect([twice.status, issues(twice).map(i => i.at)]).toEqual([400, ['Bundle.entry[0]', 'Bundle.entry[1]']]);
  });

  test('in a batch each stands alone; a Binary of another type is 415', async () => {
    const id = await made();
    const told = await server.call('POST', '', {
      body: batch(
        patching(`Patient/${id}`, inBinary(female)),
        patching('Patient/never', inBinary(female)),
        patching(`Patient/${id}`, inBinary(female, 'text/plain')),
        patching(`Patient/${id}`, patient()),
      ),
    });
    expect(statuses(told)).toEqual(['200', '404', '415', '400']);
    expect(told.entries).toEqual({ patch: [`Patient/${id}/_history/2`] });
  });
});
