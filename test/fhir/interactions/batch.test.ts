// https://hl7.org/fhir/R4/http.html#transaction, https://hl7.org/fhir/R4/http.html#brules
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  ask,
  batch,
  bundle,
  identified,
  institution,
  limited,
  observation,
  open,
  openGate,
  patient,
  post,
  put,
  type Server,
  statuses,
  tester,
  transaction,
  written,
} from './parts.ts';

let server: Server;
const reported: unknown[] = [];
beforeAll(async () => {
  server = await open({
    report: thrown => reported.push(thrown),
    gate: async (access, given) => {
      if (given.some(p => p.resource?.['gender'] === 'unknown')) throw new TypeError('a bug with 山田 in it');
      return openGate(access, given);
    },
  });
});
afterAll(() => server.close());

const send = (entry: unknown[], as = tester, more: object = {}) => server.call('POST', '', { body: { ...batch(...entry), ...more }, as });

test('batch: each entry stands alone, with its own status and outcome, in the order of the request', async () => {
  await server.call('PUT', 'Patient/b', { body: patient({ id: 'b' }) });
  const seen = await send([
    ask('GET', 'Patient/b'),
    ask('GET', 'Patient/none'),
    post({ resourceType: 'Basic', code: { text: 'x' } }),
    post(patient({ colour: 'red' })),
    put(patient({ id: 'b', gender: 'male' })),
    ask('GET', 'Patient?colour=red'),
  ]);
  expect([seen.status, bundle(seen).type, statuses(seen)]).toEqual([200, 'batch-response', ['200', '404', '201', '400', '200', '400']]);
  const { entry } = bundle(seen);
  // Reads come last, as in a transaction.
  expect(entry![0]!.resource).toMatchObject({ id: 'b', gender: 'male' });
  expect(entry![1]!.response!.outcome).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ code: 'not-found', expression: ['Bundle.entry[1]'] }],
  });
  expect(entry![3]!.response!.outcome).toMatchObject({ issue: [{ expression: ['Bundle.entry[3].resource.colour'] }] });
});

test('batch: one forbidden entry answers 403, the others run', async () => {
  const seen = await send([post(observation()), post(patient()), ask('GET', 'Observation?code=x')], limited({ Patient: 'c' }));
  expect(statuses(seen)).toEqual(['403', '201', '403']);
});

test('batch: a method or url that is not served fails its own entry', async () => {
  const seen = await send([
    post(patient()),
    ask('POST', 'Patient/b', {}),
    put(patient({ id: '1' }), 'http://evil.example/fhir/Patient/1'),
    ask('GET', 'Patient/../metadata'),
    ask('GET', 'Patient?_count=1'),
  ]);
  expect([seen.status, statuses(seen)]).toEqual([200, ['201', '405', '400', '400', '200']]);
  const { entry } = bundle(seen);
  expect(entry![1]!.response!.outcome).toMatchObject({ issue: [{ code: 'not-supported' }] });
  expect(entry![2]!.response!.outcome).toMatchObject({ issue: [{ expression: ['Bundle.entry[2].request.url'] }] });
  expect((await server.call('GET', 'Patient/1')).status).toBe(404);
});

test('batch: an entry that is none refuses the whole, since the Bundle itself is wrong', async () => {
  expect((await send([post(patient()), { resource: patient() }])).status).toBe(400);
  expect((await send([post(patient()), ask('FETCH', 'Patient/1')])).status).toBe(400);
});

test('batch: a batch or transaction in it is refused', async () => {
  for (const inner of [batch(post(patient())), transaction(post(patient()))]) {
    expect((await send([{ resource: inner, request: { method: 'POST', url: '' } }])).status).toBe(400);
    expect((await send([{ resource: inner, request: { method: 'POST', url: '/' } }])).status).toBe(400);
  }
  // As a resource it is stored, and nothing in it is done.
  const before = bundle(await server.call('GET', 'Patient?_summary=count')).total;
  expect(statuses(await send([post(batch(post(patient())))]))).toEqual(['201']);
  expect(bundle(await server.call('GET', 'Patient?_summary=count')).total).toBe(before);
});

test('batch: an entry that meets a bug tells the client nothing, and the server everything', async () => {
  const seen = await send([post(patient({ gender: 'unknown' })), post(patient())]);
  expect(statuses(seen)).toEqual(['500', '201']);
  expect(JSON.stringify(seen.body)).not.toContain('山田');
  expect(reported).toHaveLength(1);
});

test('batch: one with an identifier stores nothing twice, and does what failed the first time', async () => {
  const as = institution('hospital-1');
  const identifier = { system: 'urn:batch', value: '1' };
  const first = await send(
    [post(observation()), post(observation({ status: 'x' })), put(patient(identified('urn:b', '1')), 'Patient?identifier=urn:b|1')],
    as,
    { identifier },
  );
  const again = await send(
    [post(observation()), post(observation()), put(patient(identified('urn:b', '1')), 'Patient?identifier=urn:b|1')],
    as,
    { identifier },
  );
  expect([statuses(first), statuses(again)]).toEqual([
    ['201', '422', '201'],
    ['201', '201', '201'],
  ]);
  expect([written(again)[0], written(again)[2]]).toEqual([written(first)[0], written(first)[2]]);
  expect(bundle(await server.call('GET', 'Observation?_summary=count', { as })).total).toBe(2);
});

test('batch: 200 entries keep their places', async () => {
  const seen = await send(Array.from({ length: 200 }, (_, k) => put(patient({ id: `many-${k}` }))));
  expect(written(seen)).toEqual(Array.from({ length: 200 }, (_, k) => `Patient/many-${k}`));
});
