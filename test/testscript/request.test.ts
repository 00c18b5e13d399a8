// https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.operation, https://hl7.org/fhir/R4/http.html#summary
import { afterAll, beforeAll, expect, test as it } from '@jest/globals';
import { type Asked, check, fixture, type Lab, op, openLab, patient, read, ref, run, test } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: patient, request: { method: 'POST', url: 'Patient' } }] };
const jsonPatch = [{ op: 'replace', path: '/active', value: false }];
const binary = { resourceType: 'Binary', contentType: 'application/xml-patch+xml', data: Buffer.from('<diff/>').toString('base64') };
const fixtures = [
  fixture('p', patient),
  fixture('with-id', { ...patient, id: 'five' }),
  fixture('versioned', { ...patient, id: 'six', meta: { versionId: '3' } }),
  fixture('bundle', bundle),
  fixture('params', { resourceType: 'Parameters', parameter: [{ name: 'a', valueString: 'b' }] }),
  fixture('binary', binary),
];

/** What arrives at the server for one operation. */
async function sent(operation: object, more: object = {}): Promise<Asked> {
  const result = await run(lab, {
    fixture: fixtures,
    test: [test(op(operation), check({ responseCode: '100', operator: 'greaterThan' }))],
    ...more,
  });
  expect(result.fault).toBeUndefined();
  expect(result.tests[0]!.actions[0]!.message).toMatch(/→/);
  return lab.asked[0]!;
}
const way = async (operation: object) => {
  const { method, url } = await sent(operation);
  return `${method} ${url}`;
};
const of = (code: string, more: object) => ({ type: { code }, ...more });

it.each([
  ['read', { targetId: 'with-id' }, 'GET Patient/five'],
  ['read', { resource: 'Patient', params: '/7' }, 'GET Patient/7'],
  ['read', { url: 'Patient/8' }, 'GET Patient/8'],
  ['vread', { targetId: 'versioned' }, 'GET Patient/six/_history/3'],
  ['vread', { resource: 'Patient', params: '/1/_history/2' }, 'GET Patient/1/_history/2'],
  ['history', { targetId: 'with-id' }, 'GET Patient/five/_history'],
  ['history', { resource: 'Patient' }, 'GET Patient/_history'],
  ['history', { resource: 'Patient', params: '?_count=2' }, 'GET Patient/_history?_count=2'],
  ['history', { resource: 'Patient', params: '/1/_history' }, 'GET Patient/1/_history'],
  ['history', {}, 'GET _history'],
  ['search', { resource: 'Patient', params: '?name=a&_count=1' }, 'GET Patient?name=a&_count=1'],
  ['search', { params: '?_type=Patient' }, 'GET ?_type=Patient'],
  ['search', { resource: 'Patient' }, 'GET Patient'],
  ['capabilities', {}, 'GET metadata'],
  ['capabilities', { params: '?mode=full' }, 'GET metadata?mode=full'],
  ['create', { sourceId: 'p' }, 'POST Patient'],
  ['create', { sourceId: 'p', resource: 'Person' }, 'POST Person'],
  ['update', { sourceId: 'with-id' }, 'PUT Patient/five'],
  ['update', { sourceId: 'p', targetId: 'with-id' }, 'PUT Patient/five'],
  ['update', { sourceId: 'p', resource: 'Patient', params: '?identifier=x' }, 'PUT Patient?identifier=x'],
  ['updateCreate', { sourceId: 'p', resource: 'Patient', params: '/new' }, 'PUT Patient/new'],
  ['patch', { sourceId: 'binary', targetId: 'with-id' }, 'PATCH Patient/five'],
  ['delete', { targetId: 'with-id' }, 'DELETE Patient/five'],
  ['delete', { resource: 'Patient', params: '?identifier=x' }, 'DELETE Patient?identifier=x'],
  ['deleteCondSingle', { resource: 'Patient', params: '?identifier=x' }, 'DELETE Patient?identifier=x'],
  ['deleteCondMultiple', { resource: 'Patient', params: '?identifier=x' }, 'DELETE Patient?identifier=x'],
  ['batch', { sourceId: 'bundle' }, 'POST '],
  ['transaction', { sourceId: 'bundle' }, 'POST '],
  ['everything', { targetId: 'with-id' }, 'GET Patient/five/$everything'],
  ['$everything', { resource: 'Patient', params: '/5/$everything?_type=Observation' }, 'GET Patient/5/$everything?_type=Observation'],
  ['expand', { resource: 'ValueSet', params: '?url=http://x' }, 'GET ValueSet/$expand?url=http://x'],
  ['expand', { resource: 'ValueSet', sourceId: 'params' }, 'POST ValueSet/$expand'],
  ['validate', { resource: 'Patient', sourceId: 'p' }, 'POST Patient/$validate'],
  ['everything', { resource: 'Patient', params: '/5?_type=Observation' }, 'GET Patient/5/$everything?_type=Observation'],
  ['lookup', { resource: 'CodeSystem', params: '?system=http://x/$y' }, 'GET CodeSystem/$lookup?system=http://x/$y'],
  ['history', { resource: 'Patient', params: '/5' }, 'GET Patient/5/_history'],
  ['search', { resource: 'Patient', params: '_id=5' }, 'GET Patient?_id=5'],
  ['search', { resource: 'Patient', params: '/_search?_id=5' }, 'GET Patient/_search?_id=5'],
  ['$own-operation', { params: '/$own-operation' }, 'GET $own-operation'],
  ['$own-operation', {}, 'GET $own-operation'],
  ['read', { method: 'head', url: 'Patient' }, 'HEAD Patient'],
  ['search', { method: 'post', resource: 'Patient', params: '?name=a' }, 'POST Patient/_search'],
] as const)('operation: %s %j is %s', async (code, more, expected) => {
  expect((await way(of(code, more))).replace(/^(\w+) \//, '$1 ')).toBe(expected);
});

it('operation: a type that is not known is an error, and nothing is sent', async () => {
  const result = await run(lab, { test: [test(op(of('teleport', { url: 'Patient' })))] });
  expect([result.tests[0]!.result, lab.asked.length]).toEqual(['error', 0]);
});

it('operation: without a type the method and the url are enough', async () => {
  expect(await way({ method: 'get', url: 'Patient/1' })).toBe('GET Patient/1');
});

it('create: no id is sent; the rest is', async () => {
  const { body } = await sent(of('create', { sourceId: 'with-id' }), {});
  expect(JSON.parse(body)).toMatchObject({ resourceType: 'Patient', active: true });
  expect(JSON.parse(body)).not.toHaveProperty('id');
});

it('update: the id of the target goes into the body', async () => {
  expect(JSON.parse((await sent(of('update', { sourceId: 'p', targetId: 'versioned' }))).body)).toMatchObject({ id: 'six' });
  // Written out by the script: sent as it stands there, a wrong id too.
  expect(JSON.parse((await sent(of('update', { sourceId: 'with-id', url: 'Patient/other' }))).body)).toMatchObject({ id: 'five' });
});

it('update: a fixture that was created is updated where it was created', async () => {
  await run(lab, { fixture: fixtures, test: [test(op(of('create', { sourceId: 'p' })), op(of('update', { sourceId: 'p' })))] });
  expect(lab.asked[1]!.url).toMatch(/^Patient\/s\d+$/);
  expect(`Patient/${(JSON.parse(lab.asked[1]!.body) as { id: string }).id}`).toBe(lab.asked[1]!.url);
});

it('a fixture without an id has that of the resource it became', async () => {
  const result = await run(lab, {
    fixture: fixtures,
    variable: [{ name: 'id', sourceId: 'p', path: 'Patient/id' }],
    test: [
      test(
        op(of('create', { sourceId: 'p' })),
        read(`Patient/${ref('id')}`),
        op(of('create', { sourceId: 'p' })),
        read(`Patient/${ref('id')}`),
      ),
    ],
  });
  expect(result.tests[0]!.result).toBe('pass');
  expect(JSON.parse(lab.asked[2]!.body)).not.toHaveProperty('id');
  expect(new Set(lab.asked.map(a => a.url)).size).toBe(3);
});

it('what a script creates is labelled HTEST, in Bundles too; a Parameters and a body of an operation are not', async () => {
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST', display: 'test health data' }];
  const bodyOf = async (operation: object) =>
    JSON.parse((await sent(operation)).body) as { meta?: unknown; entry?: { resource: { meta?: unknown } }[] };
  expect(await bodyOf(of('create', { sourceId: 'p' }))).toMatchObject({ meta: { security } });
  expect(await bodyOf(of('update', { sourceId: 'versioned' }))).toMatchObject({ meta: { versionId: '3', security } });
  const transaction = await bodyOf(of('transaction', { sourceId: 'bundle' }));
  expect(transaction.entry![0]!.resource).toMatchObject({ meta: { security } });
  expect(transaction).not.toHaveProperty('meta');
  expect(await bodyOf(of('validate', { sourceId: 'p', resource: 'Patient' }))).not.toHaveProperty('meta');
  await run(lab, { fixture: fixtures, test: [test(op(of('create', { sourceId: 'p' })))] }, { label: false });
  expect(JSON.parse(lab.asked[0]!.body)).toEqual(patient);
});

it('headers: json unless the script says otherwise; short names; a request header is sent verbatim and goes first', async () => {
  const headersOf = async (more: object) => (await sent(of('create', { sourceId: 'p', ...more }))).headers;
  expect(await headersOf({})).toMatchObject({ accept: 'application/fhir+json', 'content-type': 'application/fhir+json' });
  expect(await headersOf({ accept: 'xml', contentType: 'json' })).toMatchObject({ accept: 'application/fhir+xml' });
  expect(await headersOf({ contentType: 'text/plain' })).toMatchObject({ 'content-type': 'text/plain' });
  const requestHeader = [
    { field: 'Accept', value: 'application/json' },
    { field: 'If-None-Exist', value: 'identifier=a|b' },
    { field: 'X-Empty', value: '' },
  ];
  expect(await headersOf({ requestHeader })).toMatchObject({
    accept: 'application/json',
    'if-none-exist': 'identifier=a|b',
    'x-empty': '',
  });
});

it('patch: the body goes by its own type: a list is a JSON Patch, a Binary what it says, Parameters FHIRPath Patch', async () => {
  const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const path = await import('node:path');
  const root = mkdtempSync(path.join(tmpdir(), 'testscript-'));
  try {
    writeFileSync(path.join(root, 'patch.json'), JSON.stringify(jsonPatch));
    const script = {
      fixture: [fixture('patch', { reference: 'patch.json' })],
      test: [test(op(of('patch', { sourceId: 'patch', url: 'Patient/1' })), check({ response: 'notFound' }))],
    };
    writeFileSync(path.join(root, 's.json'), '{}');
    await run(lab, script, {}, path.join(root, 's.json'));
    expect(lab.asked[0]).toMatchObject({
      method: 'PATCH',
      body: JSON.stringify(jsonPatch),
      headers: { 'content-type': 'application/json-patch+json' },
    });
  } finally {
    rmSync(root, { recursive: true });
  }
  expect(await sent(of('patch', { sourceId: 'binary', url: 'Patient/1' }))).toMatchObject({
    body: '<diff/>',
    headers: { 'content-type': 'application/xml-patch+xml' },
  });
  expect(await sent(of('patch', { sourceId: 'params', url: 'Patient/1' }))).toMatchObject({
    headers: { 'content-type': 'application/fhir+json' },
  });
});

it('search by POST: the parameters are the body', async () => {
  expect(await sent(of('search', { method: 'post', resource: 'Patient', params: '?code=a|b&x=1' }))).toMatchObject({
    body: 'code=a%7Cb&x=1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
});

it('encodeRequestUrl: encoded unless false; what is encoded already stays', async () => {
  const url = 'Patient?code=http://x|y z&a=%20é#1';
  expect((await sent(of('search', { url }))).url).toBe('Patient?code=http://x%7Cy%20z&a=%20%C3%A9%231');
  expect((await sent(of('search', { url: 'Patient?code=a|b', encodeRequestUrl: false }))).url).toBe('Patient?code=a|b');
});

it('requestId and responseId: what was sent and what came can be asked about later', async () => {
  const result = await run(lab, {
    fixture: fixtures,
    variable: [{ name: 'sent', sourceId: 'q', expression: 'name.family' }],
    test: [
      test(
        op(of('create', { sourceId: 'p', requestId: 'q', responseId: 'r' })),
        read('Patient'),
        check({ sourceId: 'q', direction: 'request', expression: 'name.family', value: 'Test' }),
        check({ sourceId: 'r', response: 'created' }),
        check({ sourceId: 'r', headerField: 'ETag', value: 'W/"1"' }),
        check({ requestMethod: 'get' }),
        check({ requestURL: 'Patient' }),
        check({ requestURL: 'fhir/Pat', operator: 'contains' }),
        check({ direction: 'request', headerField: 'accept', operator: 'contains', value: 'json' }),
        read(`Patient?family=${ref('sent')}`),
      ),
    ],
  });
  expect(result.tests[0]!.actions.filter(a => a.result !== 'pass')).toEqual([]);
  expect(lab.asked.at(-1)!.url).toBe('Patient?family=Test');
});
