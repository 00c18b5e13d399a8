// https://hl7.org/fhir/R4/http.html#patch, https://hl7.org/fhir/R4/http.html#ops, https://www.rfc-editor.org/rfc/rfc5789: patches as they come and go over HTTP
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openWhole, type Whole } from './whole.ts';

let server: Whole;
beforeAll(async () => {
  server = await openWhole();
});
afterAll(() => server.close());

const json = { 'content-type': 'application/json-patch+json' };
const made = () => server.create({ resourceType: 'Patient', gender: 'male' });
const female = JSON.stringify([{ op: 'replace', path: '/gender', value: 'female' }]);

test('the answer has ETag, Last-Modified and Location of the new version, and the resource unless Prefer says otherwise', async () => {
  const id = await made();
  const whole = await server.ask('PATCH', `Patient/${id}`, { body: female, headers: json });
  expect([whole.status, whole.headers.get('etag'), whole.headers.get('location')]).toEqual([
    200,
    'W/"2"',
    `${server.baseUrl}/Patient/${id}/_history/2`,
  ]);
  expect(whole.json).toMatchObject({ gender: 'female', meta: { versionId: '2' } });
  const minimal = await server.ask('PATCH', `Patient/${id}`, { body: female, headers: { ...json, prefer: 'return=minimal' } });
  expect([minimal.status, minimal.text, minimal.headers.get('etag')]).toEqual([200, '', 'W/"3"']);
  const told = await server.ask('PATCH', `Patient/${id}`, { body: female, headers: { ...json, prefer: 'return=OperationOutcome' } });
  expect(told.json!.resourceType).toBe('OperationOutcome');
});

test('a charset may be named, if it is UTF-8', async () => {
  const id = await made();
  const under = async (charset: string) =>
    (
      await server.ask('PATCH', `Patient/${id}`, {
        body: female,
        headers: { 'content-type': `application/json-patch+json; charset=${charset}` },
      })
    ).status;
  expect([await under('utf-8'), await under('UTF-8'), await under('utf-16')]).toEqual([200, 200, 415]);
});

test('FHIRPath Patch comes in XML too, XML Patch as XML', async () => {
  const id = await made();
  const part = (name: string, element: string) => `<part><name value="${name}"/>${element}</part>`;
  const parameters = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>${part('type', '<valueCode value="replace"/>')}${part(
    'path',
    '<valueString value="Patient.gender"/>',
  )}${part('value', '<valueCode value="other"/>')}</parameter></Parameters>`;
  const first = await server.ask('PATCH', `Patient/${id}`, { body: parameters, headers: { 'content-type': 'application/fhir+xml' } });
  expect([first.status, first.json!['gender']]).toEqual([200, 'other']);
  const diff = '<diff xmlns:f="http://hl7.org/fhir"><replace sel="f:Patient/f:gender/@value">female</replace></diff>';
  const second = await server.ask('PATCH', `Patient/${id}`, { body: diff, headers: { 'content-type': 'application/xml-patch+xml' } });
  expect([second.status, second.json!['gender']]).toEqual([200, 'female']);
});

test('OPTIONS says which patches are taken, where there are any', async () => {
  expect((await server.ask('OPTIONS', 'Patient/1', { client: '' })).headers.get('accept-patch')).toBe(
    'application/fhir+json, application/fhir+xml, application/json-patch+json, application/xml-patch+xml',
  );
  expect((await server.ask('OPTIONS', 'metadata', { client: '' })).headers.get('accept-patch')).toBeNull();
});

test('the audit log says patch, by id and by criteria', async () => {
  const id = await made();
  await server.ask('PATCH', `Patient/${id}`, { body: female, headers: json });
  await server.ask('PATCH', `Patient?_id=${id}`, { body: female, headers: json });
  const { text } = await server.ask('GET', `AuditEvent?entity=Patient/${id}&subtype=patch`, { client: 'operator' });
  expect((JSON.parse(text) as { total?: number; entry: unknown[] }).entry).toHaveLength(2);
});
