// https://hl7.org/fhir/R4/http.html#patch, https://hl7.org/fhir/R4/fhirpatch.html: attacks by patches and by the keys of a body, over a whole server
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openWhole, type Whole } from './whole.ts';

let server: Whole;
let id: string;
beforeAll(async () => {
  server = await openWhole();
});
afterAll(() => server.close());
beforeEach(async () => {
  id = await server.create({ resourceType: 'Patient', gender: 'male', name: [{ family: 'x' }] });
});
afterEach(async () => {
  expect((await server.ask('GET', `Patient/${id}`)).headers.get('etag')).toBe('W/"1"');
  expect([({} as { polluted?: unknown }).polluted, ([] as { polluted?: unknown }).polluted]).toEqual([undefined, undefined]);
});

const jsonPatch = (text: string) =>
  server.ask('PATCH', `Patient/${id}`, { body: text, headers: { 'content-type': 'application/json-patch+json' } });
const xmlPatch = (text: string) =>
  server.ask('PATCH', `Patient/${id}`, { body: text, headers: { 'content-type': 'application/xml-patch+xml' } });
const fhirPath = (path: string, type = 'replace', name?: string) =>
  server.ask('PATCH', `Patient/${id}`, {
    body: {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueCode: type },
            { name: 'path', valueString: path },
            { name: 'value', valueString: 'x' },
            ...(name === undefined ? [] : [{ name: 'name', valueString: name }]),
          ],
        },
      ],
    },
  });

test.each([
  '{"resourceType":"Patient","__proto__":{"polluted":true}}',
  '{"resourceType":"Patient","constructor":{"prototype":{"polluted":true}}}',
  '{"resourceType":"Patient","name":[{"__proto__":{"polluted":true}}]}',
])('13: %s: 400', async body => {
  expect((await server.ask('POST', 'Patient', { body })).status).toBe(400);
  expect((await server.ask('PUT', `Patient/${id}`, { body: body.replace('{', `{"id":"${id}",`) })).status).toBe(400);
});

describe('14: prototypes by paths', () => {
  test.each([
    '/__proto__',
    '/__proto__/polluted',
    '/constructor/prototype/polluted',
    '/name/__proto__/polluted',
    '/name/0/constructor/polluted',
  ])('JSON Patch %s: 400 or 422', async path => {
    for (const op of ['add', 'replace'])
      expect([400, 422]).toContain((await jsonPatch(JSON.stringify([{ op, path, value: { polluted: true } }]))).status);
    for (const op of ['copy', 'move'])
      expect([400, 422]).toContain((await jsonPatch(JSON.stringify([{ op, from: '/name', path }]))).status);
  });

  test.each(['__proto__', 'constructor', 'prototype', 'toString'])('FHIRPath Patch adds no %s: 400 or 422', async name => {
    expect([400, 422]).toContain((await fhirPath('Patient', 'add', name)).status);
    expect([400, 422]).toContain((await fhirPath(`Patient.${name}`)).status);
    expect([400, 422]).toContain((await fhirPath('Patient.name[0]', 'add', name)).status);
  });

  test('XML Patch: an element of that name is no element of FHIR', async () => {
    expect((await xmlPatch('<diff><add sel="Patient"><__proto__ value="x"/></add></diff>')).status).toBe(400);
    expect((await xmlPatch('<diff><add sel="Patient" type="@__proto__">x</add></diff>')).status).toBe(400);
  });
});

describe('15: expressions that cost', () => {
  test.each([
    ['an endless repeat', 'Patient.repeat($this)'],
    ['a repeat in a where', 'Patient.where(repeat(children()).exists())'],
    ['10,000 letters', `Patient${'.name'.repeat(2000)}`],
    ['all descendants of all descendants', 'Patient.descendants().descendants().descendants()'],
    ['an evil regular expression', "Patient.name.where(family.matches('(x+x+)+y'))"],
    ['500 brackets', `${'('.repeat(500)}Patient${')'.repeat(500)}`],
    ['a variable of the library', '%factory.Patient()'],
    ['the terminology server', "Patient.where(gender.memberOf('http://evil.example'))"],
    ['resolve', 'Patient.managingOrganization.resolve()'],
  ])('%s: 400 or 422, at once', async (_name, path) => {
    expect([400, 422]).toContain((await fhirPath(path)).status);
  });

  test('1,000 operations with long paths: an answer in time', async () => {
    const operation = {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'delete' },
        { name: 'path', valueString: `Patient.name${".where(family = 'y')".repeat(48)}` },
      ],
    };
    const { status } = await server.ask('PATCH', `Patient/${id}`, {
      body: { resourceType: 'Parameters', parameter: [...new Array(999).fill(operation), { name: 'x' }] },
    });
    expect([400, 422]).toContain(status);
  });

  test('copies that double, selectors that are long, trees that are deep: 400 or 422', async () => {
    const doubling = Array.from({ length: 500 }, (_, i) => ({ op: 'copy', from: '', path: `/name/0/a${i}` }));
    expect((await jsonPatch(JSON.stringify(doubling))).status).toBe(422);
    expect((await xmlPatch(`<diff><remove sel="Patient${'/*'.repeat(5000)}"/></diff>`)).status).toBe(400);
    expect((await xmlPatch(`<diff>${'<a>'.repeat(50_000)}`)).status).toBe(400);
    expect((await xmlPatch('<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><diff>&e;</diff>')).status).toBe(400);
  });
});

test.each([
  [
    'a failing test',
    [
      { op: 'replace', path: '/gender', value: 'female' },
      { op: 'test', path: '/gender', value: 'male' },
    ],
    422,
  ],
  ['id', [{ op: 'replace', path: '/id', value: 'other' }], 400],
  ['resourceType', [{ op: 'replace', path: '/resourceType', value: 'Person' }], 400],
  ['meta.versionId', [{ op: 'replace', path: '/meta/versionId', value: '9' }], 400],
  ['the whole', [{ op: 'replace', path: '', value: { resourceType: 'Patient', id: 'other' } }], 400],
])('16: JSON Patch with %s: refused, unchanged', async (_name, operations, status) => {
  expect((await jsonPatch(JSON.stringify(operations))).status).toBe(status);
});

test.each(['{', 'null', '[[]]', '[{"op":"add","op":"remove","path":"/gender"}]', ''])('a body that is no patch (%j): 400', async text => {
  expect((await jsonPatch(text)).status).toBe(400);
});

test('another media type: 415 with Accept-Patch', async () => {
  const { status, headers } = await server.ask('PATCH', `Patient/${id}`, { body: '[]', headers: { 'content-type': 'text/plain' } });
  expect([status, headers.get('accept-patch')]).toEqual([415, expect.stringContaining('application/json-patch+json')]);
});
