// https://hl7.org/fhir/R4/http.html#transaction, https://hl7.org/fhir/R4/http.html#trules, https://hl7.org/fhir/R4/bundle.html#references
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { Proposal } from '../../../src/fhir/store/gate.ts';
import {
  ask,
  baseUrl,
  bundle,
  entriesAt,
  identified,
  institution,
  limited,
  observation,
  open,
  openGate,
  patient,
  post,
  put,
  type Seen,
  type Server,
  statuses,
  tester,
  transaction,
  written,
} from './parts.ts';

let server: Server;
let proposals: readonly Proposal[] = [];
beforeAll(async () => {
  server = await open({
    gate: async (access, given) => {
      proposals = given;
      const refusedOne = given.find(p => p.resource?.['gender'] === 'unknown');
      if (refusedOne) throw new Problem('business-rule', undefined, { expression: refusedOne.expression });
      return openGate(access, given);
    },
  });
});
afterAll(() => server.close());

const send = (entry: unknown[], headers = {}, as = tester): Promise<Seen> =>
  server.call('POST', '', { body: transaction(...entry), headers, as });
const read = async (reference: string | undefined) => (await server.call('GET', reference!)).body;
const total = async (query: string) => bundle(await server.call('GET', `${query}${query.includes('?') ? '&' : '?'}_summary=count`)).total;
/** Sends what must be refused, and holds that nothing was stored. */
const refused = async (
  entry: unknown[],
  more: { headers?: Record<string, string>; as?: typeof tester } = {},
): Promise<readonly [number, (string | undefined)[]]> => {
  const before = [await total('Patient'), await total('Observation')];
  const seen = await send(entry, more.headers, more.as);
  expect([await total('Patient'), await total('Observation')]).toEqual(before);
  expect(seen.body).toHaveProperty('issue');
  return [seen.status, entriesAt(seen)];
};

test('transaction: an answer per entry, in the order of the request', async () => {
  const seen = await send([
    post(observation()),
    put(patient({ id: 't-1' })),
    ask('GET', 'Patient/t-1'),
    post(patient()),
    ask('HEAD', 'Patient/t-1'),
    ask('GET', 'Patient?_id=t-1'),
    ask('GET', 'Patient/t-1/_history'),
  ]);
  expect([seen.status, bundle(seen).type, statuses(seen)]).toEqual([
    200,
    'transaction-response',
    ['201', '201', '200', '201', '200', '200', '200'],
  ]);
  const { entry } = bundle(seen);
  expect(written(seen).slice(0, 2)).toEqual([expect.stringMatching(/^Observation\//), 'Patient/t-1']);
  expect(entry![1]).toMatchObject({
    fullUrl: `${baseUrl}/Patient/t-1`,
    response: { status: '201 Created', location: `${baseUrl}/Patient/t-1/_history/1`, etag: 'W/"1"' },
  });
  expect(entry![1]!.resource).toMatchObject({ id: 't-1', meta: { versionId: '1' } });
  // Reads see what the transaction wrote.
  expect(entry![2]!.resource).toMatchObject({ resourceType: 'Patient', id: 't-1' });
  expect(entry![4]).not.toHaveProperty('resource');
  expect(entry![5]!.resource).toMatchObject({ type: 'searchset', entry: [{ resource: { id: 't-1' } }] });
  expect(entry![6]!.resource).toMatchObject({ type: 'history', total: 1 });
});

test('transaction: Prefer says whether entries show resources', async () => {
  const first = async (prefer?: string, as = tester) => {
    const headers: Record<string, string> = prefer === undefined ? {} : { prefer };
    return bundle(await server.call('POST', '', { body: transaction(post(patient({ gender: 'male' }))), headers, as })).entry![0]!;
  };
  for (const prefer of [undefined, 'handling=strict', 'return=representation'])
    expect((await first(prefer)).resource).toMatchObject({ gender: 'male', meta: { versionId: '1' } });
  expect(await first('return=minimal')).not.toHaveProperty('resource');
  // Who sends much and has what it sent sees it again only if it asks.
  expect(await first(undefined, institution('hospital-1'))).not.toHaveProperty('resource');
  expect((await first('return=representation', institution('hospital-1'))).resource).toMatchObject({ gender: 'male' });
  const many = async (prefer?: string) =>
    bundle(
      await send(
        Array.from({ length: 101 }, () => post(patient({ gender: 'male' }))),
        prefer === undefined ? {} : { prefer },
      ),
    ).entry!;
  expect((await many()).some(one => 'resource' in one)).toBe(false);
  expect((await many('return=representation')).every(({ resource }) => resource !== undefined)).toBe(true);
  const told = bundle(await send([post(patient())], { prefer: 'return=OperationOutcome' })).entry![0]!;
  expect(told.response!.outcome).toMatchObject({ resourceType: 'OperationOutcome' });
  expect(told).not.toHaveProperty('resource');
});

test('transaction: an empty one is none the worse', async () => {
  expect((await server.call('POST', '', { body: { resourceType: 'Bundle', type: 'transaction' } })).status).toBe(200);
});

test('references: urn:uuid and urn:oid, both ways round, in the order of neither', async () => {
  const [p, e] = ['urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', 'urn:oid:1.2.3.4'];
  const seen = await send([
    post({ resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, subject: { reference: p }, partOf: { reference: e } }, e),
    post(patient({ link: [{ other: { reference: p }, type: 'seealso' }] }), p),
  ]);
  const [encounter, who] = written(seen);
  expect(await read(encounter)).toMatchObject({ subject: { reference: who }, partOf: { reference: encounter } });
  expect(await read(who)).toMatchObject({ link: [{ other: { reference: who } }] });
});

test('references: absolute ones by fullUrl, relative ones by the base of their entry, with version or fragment; others stay', async () => {
  const from = 'http://elsewhere.example/fhir';
  const about = (reference: string, k: number) => post(observation({ subject: { reference } }), `${from}/Observation/${k}`);
  const seen = await send(
    [
      put(patient({ id: 'moved' }), 'Patient/moved', {}, `${from}/Patient/1`),
      about(`${from}/Patient/1`, 1),
      about('Patient/1', 2),
      about(`${from}/Patient/1/_history/9`, 3),
      about('Patient/1/_history/9', 4),
      about('Patient/2', 5),
      post(observation({ subject: { reference: 'Patient/1' } })),
      about('http://other.example/fhir/Patient/1', 7),
      about('#c', 8),
    ].slice(0, 8),
  );
  const subjects = await Promise.all(
    written(seen)
      .slice(1)
      .map(async o => ((await read(o))['subject'] as { reference: string }).reference),
  );
  expect(subjects).toEqual([
    'Patient/moved',
    'Patient/moved',
    'Patient/moved/_history/1',
    'Patient/moved/_history/1',
    'Patient/2',
    'Patient/1',
    'http://other.example/fhir/Patient/1',
  ]);
});

test('references: links of the narrative and uri elements are settled; identifiers, canonicals and names are left alone', async () => {
  const urn = 'urn:uuid:6f9619ff-8b86-d011-b42d-00cf4fc964ff';
  const div = (link: string) =>
    `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${link}">b</a> <img src='${link}#x' alt="c"/> ${urn}</div>`;
  const name = 'http://elsewhere.example/fhir/ValueSet/1';
  const seen = await send([
    post({ resourceType: 'Binary', contentType: 'text/plain', data: 'eA==' }, urn),
    post({
      resourceType: 'DocumentReference',
      status: 'current',
      text: { status: 'generated', div: div(urn) },
      identifier: [{ system: 'urn:ietf:rfc3986', value: urn }],
      content: [{ attachment: { url: urn } }],
      extension: [{ url: name, valueUri: urn }],
      meta: { profile: [urn] },
    }),
    post({ resourceType: 'ValueSet', status: 'draft', url: name }, name),
  ]);
  const [binary, document, set] = written(seen);
  const body = await read(document);
  expect(body['text']).toEqual({ status: 'generated', div: div('@').replace('"@"', `"${binary}"`).replace("'@#x'", `'${binary}#x'`) });
  expect(body).toMatchObject({
    identifier: [{ value: urn }],
    content: [{ attachment: { url: binary } }],
    extension: [{ url: name, valueUri: binary }],
    meta: { profile: [urn] },
  });
  expect(await read(set)).toMatchObject({ url: name });
});

test('references: entries of a Bundle that is itself a resource live by their own fullUrls', async () => {
  const urn = 'urn:uuid:0a0a0a0a-0000-4000-8000-000000000001';
  const inner = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ fullUrl: 'urn:uuid:0a0a0a0a-0000-4000-8000-000000000002', resource: observation({ subject: { reference: urn } }) }],
  };
  const seen = await send([post(patient(), urn), post(inner)]);
  expect(JSON.stringify(await read(written(seen)[1]))).toContain(urn);
});

test('conditional references: one match is taken, none or several refuse the whole and name the element', async () => {
  await send([
    post(patient(identified('urn:ref', '1'))),
    post(patient(identified('urn:ref', '2'))),
    post(patient(identified('urn:ref', '2'))),
  ]);
  const about = (value: string) =>
    post(observation({ subject: { reference: `Patient?identifier=${encodeURIComponent(`urn:ref|${value}`)}` } }));
  const [stored] = bundle(await server.call('GET', 'Patient?identifier=urn:ref|1')).entry!;
  const seen = await send([about('1'), about('1')]);
  for (const reference of written(seen))
    expect(await read(reference)).toMatchObject({ subject: { reference: `Patient/${stored!.resource!.id}` } });
  expect(await refused([post(patient()), about('none')])).toEqual([412, ['Bundle.entry[1].resource.subject.reference']]);
  expect(await refused([post(patient()), about('2')])).toEqual([412, ['Bundle.entry[1].resource.subject.reference']]);
});

test('conditional references: what the transaction itself writes or deletes counts as it will be', async () => {
  const about = (value: string) => post(observation({ subject: { reference: `Patient?identifier=urn:own|${value}` } }));
  const seen = await send([about('1'), post(patient(identified('urn:own', '1')))]);
  expect(await read(written(seen)[0])).toMatchObject({ subject: { reference: written(seen)[1] } });
  expect(await refused([about('1'), post(patient(identified('urn:own', '1')))])).toEqual([
    412,
    ['Bundle.entry[0].resource.subject.reference'],
  ]);
  expect(await refused([about('1'), ask('DELETE', written(seen)[1]!)])).toEqual([412, ['Bundle.entry[0].resource.subject.reference']]);
  // An update takes the identifier away.
  expect((await refused([about('1'), put(patient({ id: written(seen)[1]!.split('/')[1] }))]))[0]).toBe(412);
});

test('conditional references: a search by what this client may not know of finds nothing', async () => {
  await send([post(patient(identified('urn:hidden', '1')))]);
  expect(
    (
      await refused([post(observation({ subject: { reference: 'Patient?identifier=urn:hidden|1' } }))], { as: institution('hospital-1') })
    )[0],
  ).toBe(412);
});

test('conditional create, update and delete stand in a transaction too', async () => {
  await send([
    post(patient(identified('urn:c', 'there'))),
    post(patient(identified('urn:c', 'update'))),
    post(patient(identified('urn:c', 'delete'))),
  ]);
  const urn = 'urn:uuid:11111111-1111-4111-8111-111111111111';
  const seen = await send([
    post(patient(identified('urn:c', 'there')), urn, { ifNoneExist: 'identifier=urn:c|there' }),
    post(patient(identified('urn:c', 'new')), undefined, { ifNoneExist: 'identifier=urn:c|new' }),
    put(patient({ ...identified('urn:c', 'update'), gender: 'male' }), 'Patient?identifier=urn:c|update'),
    ask('DELETE', 'Patient?identifier=urn:c|delete'),
    ask('DELETE', 'Patient?identifier=urn:c|nobody'),
    post(observation({ subject: { reference: urn } })),
  ]);
  expect(statuses(seen)).toEqual(['200', '201', '200', '204', '204', '201']);
  const [there] = bundle(await server.call('GET', 'Patient?identifier=urn:c|there')).entry!;
  expect(await read(written(seen)[5])).toMatchObject({ subject: { reference: `Patient/${there!.resource!.id}` } });
  expect(await total('Patient?identifier=urn:c|delete')).toBe(0);
});

test('reads: searches, histories, conditional reads and HEAD see what the transaction has done', async () => {
  const made = (await server.call('POST', 'Patient', { body: patient(identified('urn:reads', '1')) })).version!.id;
  const seen = await send([
    ask('GET', 'Patient?identifier=urn:reads|1'),
    ask('HEAD', `Patient/${made}`),
    ask('GET', `Patient/${made}/_history`),
    ask('GET', `Patient/${made}`, { ifNoneMatch: 'W/"2"' }),
    ask('GET', `Patient/${made}`, { ifModifiedSince: '2100-01-01T00:00:00Z' }),
    ask('GET', `Patient/${made}`, { ifNoneMatch: 'W/"1"' }),
    put(patient({ id: made, ...identified('urn:reads', '1'), gender: 'male' })),
    post(patient(identified('urn:reads', '1'))),
  ]);
  expect(statuses(seen)).toEqual(['200', '200', '200', '304', '304', '200', '200', '201']);
  const { entry } = bundle(seen);
  expect([entry![0]!.resource, entry![2]!.resource].map(one => (one as Bundle).total)).toEqual([2, 2]);
  expect([entry![1]!.resource, entry![3]!.resource, entry![1]!.response!.etag]).toEqual([undefined, undefined, 'W/"2"']);
  expect(entry![5]!.resource).toMatchObject({ gender: 'male' });
});

test('references in extensions and in contained resources are settled too', async () => {
  const [one, other] = ['urn:uuid:44444444-4444-4444-8444-444444444444', 'urn:oid:1.2.3.4'];
  const seen = await send([
    post(patient(), one),
    post({ resourceType: 'Organization', name: 'x' }, other),
    post(
      observation({
        extension: [
          { url: 'urn:x', valueReference: { reference: one } },
          { url: 'urn:y', extension: [{ url: 'z', valueUri: other }] },
        ],
        contained: [observation({ id: 'p', subject: { reference: one }, performer: [{ reference: other }] })],
        derivedFrom: [{ reference: '#p' }],
        subject: { reference: one, _reference: { extension: [{ url: 'urn:e', valueReference: { reference: other } }] } },
      }),
    ),
  ]);
  const [patientName, organization] = written(seen);
  const text = JSON.stringify(await read(written(seen)[2]));
  expect(text).not.toMatch(/urn:(uuid|oid)/);
  expect(text.split(`"${patientName}"`).length - 1).toBe(3);
  expect(text.split(`"${organization}"`).length - 1).toBe(3);
});

test('conditions: ifMatch and ifNoneMatch hold, and refuse the whole', async () => {
  await send([put(patient({ id: 'cond' }))]);
  expect(await refused([post(patient()), put(patient({ id: 'cond' }), 'Patient/cond', { ifMatch: 'W/"2"' })])).toEqual([
    412,
    ['Bundle.entry[1].request.ifMatch'],
  ]);
  expect(await refused([post(patient()), put(patient({ id: 'cond' }), 'Patient/cond', { ifMatch: '1' })])).toEqual([
    400,
    ['Bundle.entry[1].request.ifMatch'],
  ]);
  expect((await send([put(patient({ id: 'cond' }), 'Patient/cond', { ifMatch: 'W/"1"' })])).status).toBe(200);
  expect(statuses(await send([ask('GET', 'Patient/cond', { ifNoneMatch: 'W/"2"' })]))).toEqual(['304']);
});

test('all or nothing: findings of all entries are told together, each with its entry, and nothing is stored', async () => {
  const [status, at] = await refused([
    post(patient()),
    post(patient({ gender: 'femal' })),
    post(observation({ status: 'nonsense' })),
    post(patient()),
  ]);
  expect([status, at]).toEqual([422, ['Bundle.entry[1].resource.gender', 'Bundle.entry[2].resource.status']]);
  expect((await refused([post(patient({ gender: 'femal' })), post(patient({ colour: 'red' }))]))[0]).toBe(400);
});

test('all or nothing: the gate sees every write with its references settled, and its refusal refuses the whole', async () => {
  const urn = 'urn:uuid:22222222-2222-4222-8222-222222222222';
  expect(await refused([post(observation({ subject: { reference: urn } })), post(patient({ gender: 'unknown' }), urn)])).toEqual([
    422,
    ['Bundle.entry[1].resource'],
  ]);
  expect(proposals.map(p => [p.type, p.expression]).sort()).toEqual([
    ['Observation', 'Bundle.entry[0].resource'],
    ['Patient', 'Bundle.entry[1].resource'],
  ]);
  const about = proposals.find(p => p.type === 'Observation')!.resource!['subject'] as { reference: string };
  expect(about.reference).toBe(`Patient/${proposals.find(p => p.type === 'Patient')!.id}`);
});

test('the same resource twice, by whatever name: 400, both entries named', async () => {
  await send([put(patient({ id: 'twice', ...identified('urn:twice', '1') }))]);
  const both = [400, ['Bundle.entry[0]', 'Bundle.entry[1]']];
  const direct = put(patient({ id: 'twice' }));
  expect(await refused([direct, direct])).toEqual(both);
  expect(await refused([direct, ask('DELETE', 'Patient/twice')])).toEqual(both);
  expect(await refused([direct, put(patient(), 'Patient?identifier=urn:twice|1')])).toEqual(both);
  expect(await refused([direct, ask('DELETE', 'Patient?identifier=urn:twice|1')])).toEqual(both);
  expect(await refused([direct, post(patient(), undefined, { ifNoneExist: 'identifier=urn:twice|1' })])).toEqual(both);
  const once = post(patient(identified('urn:twice', '2')), undefined, { ifNoneExist: 'identifier=urn:twice|2' });
  expect(await refused([once, once])).toEqual(both);
  // Two names of entries that come to mean one resource.
  const [one, other] = [
    post(patient(), 'urn:uuid:55555555-5555-4555-8555-555555555551', { ifNoneExist: 'identifier=urn:twice|1' }),
    post(patient(), 'urn:uuid:55555555-5555-4555-8555-555555555552', { ifNoneExist: '_id=twice' }),
  ];
  expect(await refused([one, other])).toEqual(both);
  const urn = 'urn:uuid:33333333-3333-4333-8333-333333333333';
  expect(await refused([post(patient(), urn), post(observation(), urn)])).toEqual([
    400,
    ['Bundle.entry[0].fullUrl', 'Bundle.entry[1].fullUrl'],
  ]);
});

test.each([
  ['http://evil.example/fhir/Patient/1', 400],
  ['//evil.example/Patient/1', 400],
  ['/Patient/1', 400],
  ['Patient/../Observation/1', 400],
  ['Patient/%2e%2e/1', 400],
  ['Patient/1#x', 400],
  ['Patient/a b', 400],
  ['', 400],
  [baseUrl, 400],
  ['Patient/', 400],
  [`Patient/${'x'.repeat(65)}`, 400],
  ['Pateint/1', 404],
  ['Patient/1/_history/1', 405],
])('an entry whose url is %j is refused', async (url, status) => {
  const [got, at] = await refused([post(patient()), put(patient({ id: '1' }), url)]);
  expect(got).toBe(status);
  expect(at.every(one => one!.startsWith('Bundle.entry[1]'))).toBe(true);
});

test('an entry below our own absolute base is taken', async () => {
  expect(statuses(await send([put(patient({ id: 'abs' }), `${baseUrl}/Patient/abs`)]))).toEqual(['201']);
});

test.each<[string, unknown, number, string]>([
  ['no request', { resource: patient() }, 400, 'Bundle.entry[0].request'],
  ['a PATCH of what is not there', ask('PATCH', 'Patient/1'), 404, 'Bundle.entry[0]'],
  ['an unknown method', ask('FETCH', 'Patient/1'), 400, 'Bundle.entry[0].request.method'],
  ['no resource', ask('POST', 'Patient'), 400, 'Bundle.entry[0]'],
  ['a resource of another type', { resource: observation(), request: { method: 'POST', url: 'Patient' } }, 400, 'Bundle.entry[0].resource'],
  ['a search by POST', ask('POST', 'Patient/_search'), 400, 'Bundle.entry[0]'],
  ['an operation', ask('POST', '$deidentify'), 404, 'Bundle.entry[0]'],
  ['a relative fullUrl', post(patient(), 'Patient/1'), 400, 'Bundle.entry[0].fullUrl'],
  ['a fullUrl with a version', post(patient(), 'http://a.example/Patient/1/_history/1'), 400, 'Bundle.entry[0].fullUrl'],
  ['an unknown element', { ...post(patient()), colour: 1 }, 400, 'Bundle.entry[0].colour'],
  ['an unknown element of the request', post(patient(), undefined, { colour: 1 }), 400, 'Bundle.entry[0].request.colour'],
  ['no object', 'x', 400, 'Bundle.entry[0]'],
  ['null', null, 400, 'Bundle.entry[0]'],
])('an entry with %s is refused', async (_name, entry, status, at) => {
  const [got, where] = await refused([entry]);
  expect(got).toBe(status);
  expect(where.some(one => one?.startsWith(at))).toBe(true);
});

test('a Bundle that is none, or of another type, is refused', async () => {
  for (const body of [
    patient(),
    { resourceType: 'Bundle', type: 'collection' },
    { resourceType: 'Bundle' },
    { ...transaction(), entry: {} },
    transaction(),
    { ...transaction(), colour: 'red' },
    undefined,
  ])
    expect((await server.call('POST', '', { body })).status).toBe(400);
});

test('more entries than the limit: 413', async () => {
  expect((await send(Array.from({ length: 1001 }, () => post(patient())))).status).toBe(413);
});

test('access is asked for each entry: 403 names it, and nothing is stored', async () => {
  const as = limited({ Patient: 'cr' });
  expect(await refused([post(patient()), post(observation())], { as })).toEqual([403, ['Bundle.entry[1]']]);
  expect(await refused([post(patient()), ask('GET', 'Observation?code=x')], { as })).toEqual([403, ['Bundle.entry[1]']]);
  expect((await send([post(patient())], {}, as)).status).toBe(200);
});

test('an id that an institution did not send: 404, there or not, before any other judgement', async () => {
  await send([put(patient({ id: 'foreign' }))]);
  const as = institution('hospital-1');
  const there = await refused([post(patient({ gender: 'femal' })), put(patient({ id: 'foreign', colour: 'red' }))], { as });
  expect(there).toEqual([404, ['Bundle.entry[1]']]);
  expect(await refused([post(patient({ gender: 'femal' })), put(patient({ id: 'nowhere', colour: 'red' }))], { as })).toEqual(there);
});

test('a read that would fail refuses the whole before anything is stored', async () => {
  await send([put(patient({ id: 'going' }))]);
  expect(await refused([post(patient()), ask('GET', 'Patient/nowhere')])).toEqual([404, ['Bundle.entry[1]']]);
  expect(await refused([ask('DELETE', 'Patient/going'), ask('GET', 'Patient/going')])).toEqual([410, ['Bundle.entry[1]']]);
  expect(await refused([post(patient()), ask('GET', 'Patient?colour=red')])).toEqual([400, ['Bundle.entry[1].request.url']]);
});

test('Bundle.identifier: sent again it answers the same and stores nothing twice; another sender or a refused one is not meant', async () => {
  const as = institution('hospital-1');
  const body = {
    ...transaction(
      post(observation()),
      post(patient(identified('urn:once', '1')), undefined, { ifNoneExist: 'identifier=urn:once|1' }),
      put(patient(identified('urn:once', '2')), 'Patient?identifier=urn:once|2'),
      post(patient()),
      ask('GET', 'Patient?identifier=urn:once|1'),
    ),
    identifier: { system: 'urn:b', value: '1' },
  };
  const first = await server.call('POST', '', { body, as });
  const again = await server.call('POST', '', { body, as });
  expect(statuses(first)).toEqual(['201', '201', '201', '201', '200']);
  expect([again.status, written(again), statuses(again)]).toEqual([200, written(first), statuses(first)]);
  const [a, b] = await Promise.all(
    [1, 2].map(() =>
      server.call('POST', '', { body: { ...body, identifier: { system: 'urn:b', value: '2' }, entry: [post(observation())] }, as }),
    ),
  );
  expect(written(a!)).toEqual(written(b!));
  const other = await server.call('POST', '', { body: { ...body, entry: [post(observation())] }, as: institution('hospital-2') });
  expect(written(other)).not.toEqual(written(first).slice(0, 1));
  const bad = { ...body, identifier: { system: 'urn:b', value: '3' }, entry: [post(observation({ status: 'x' }))] };
  expect((await server.call('POST', '', { body: bad, as })).status).toBe(422);
  expect((await server.call('POST', '', { body: { ...bad, entry: [post(observation())] }, as })).status).toBe(200);
});

test('Bundle.identifier: a conditional create that found its match then is told as found, not as made', async () => {
  const [existing] = written(await send([post(patient(identified('urn:again', '1')))]));
  const body = {
    ...transaction(post(patient(identified('urn:again', '1')), undefined, { ifNoneExist: 'identifier=urn:again|1' }), post(patient())),
    identifier: { value: 'again' },
  };
  const first = await server.call('POST', '', { body });
  const again = await server.call('POST', '', { body });
  expect(written(first)[0]).toBe(existing);
  expect([written(again), statuses(again)]).toEqual([written(first), ['200', '201']]);
});

test('20 transactions at once with the same conditional create make one resource', async () => {
  const urn = 'urn:uuid:44444444-4444-4444-8444-444444444444';
  const one = () =>
    send([
      post(patient(identified('urn:many', '1')), urn, { ifNoneExist: 'identifier=urn:many|1' }),
      post(observation({ subject: { reference: urn } })),
    ]);
  const answers = await Promise.all(Array.from({ length: 20 }, one));
  expect(answers.every(a => a.status === 200)).toBe(true);
  expect(await total('Patient?identifier=urn:many|1')).toBe(1);
  const who = new Set(
    await Promise.all(answers.map(async a => ((await read(written(a)[1]))['subject'] as { reference: string }).reference)),
  );
  expect([...who]).toEqual([written(answers[0]!)[0]]);
});

test('referential integrity: what comes with the transaction counts as here, what it deletes does not', async () => {
  const strict = await open({ settings: { referentialIntegrity: true } });
  const tell = async (...entry: unknown[]) => {
    const seen = await strict.call('POST', '', { body: transaction(...entry) });
    return [seen.status, seen.status === 200 ? [] : entriesAt(seen)];
  };
  const about = (reference: string) => post(observation({ subject: { reference } }));
  const urn = 'urn:uuid:55555555-5555-4555-8555-555555555555';
  expect(await tell(about(urn), post(patient(), urn))).toEqual([200, []]);
  expect(await tell(about('Patient/kept'), put(patient({ id: 'kept' })))).toEqual([200, []]);
  expect(await tell(about('Patient/kept'), ask('DELETE', 'Patient/kept'))).toEqual([422, ['Bundle.entry[0].resource.subject.reference']]);
  expect(await tell(post(patient()), about(urn))).toEqual([422, ['Bundle.entry[1].resource.subject.reference']]);
  await strict.close();
});
