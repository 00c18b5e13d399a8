// https://hl7.org/fhir/R4/resource-operation-meta.html, https://hl7.org/fhir/R4/resource-operation-meta-add.html, https://hl7.org/fhir/R4/resource-operation-meta-delete.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Meta, Parameters } from '@medplum/fhirtypes';
import { openWhole, type Told, type Whole } from '../http/whole.ts';

let server: Whole;
beforeAll(async () => {
  server = await openWhole();
});
afterAll(() => server.close());

const tag = (code: string, more: object = {}) => ({ system: 'urn:meta', code, ...more });
const patient = (meta?: object, more: object = {}) => ({ resourceType: 'Patient', ...(meta === undefined ? {} : { meta }), ...more });
const metaIn = ({ json }: Told): Meta => (json as unknown as Parameters).parameter![0]!.valueMeta!;
const given = (valueMeta: object) => ({ resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta }] });
const change = (id: string, operation: string, meta: object, client = 'tester') =>
  server.ask('POST', `Patient/${id}/$${operation}`, { body: given(meta), client });
const codes = (meta: Meta) => (meta.tag ?? []).map(({ code }) => code);

test('$meta of an instance, by GET and POST, and of one of its versions', async () => {
  const id = await server.create(patient({ tag: [tag('a')], profile: ['urn:p'] }));
  await change(id, 'meta-add', { tag: [tag('b')] });
  for (const method of ['GET', 'POST'])
    expect(metaIn(await server.ask(method, `Patient/${id}/$meta`))).toMatchObject({
      versionId: '2',
      tag: [tag('a'), tag('b')],
      profile: ['urn:p'],
    });
  const old = metaIn(await server.ask('GET', `Patient/${id}/_history/1/$meta`));
  expect([old.versionId, codes(old)]).toEqual(['1', ['a']]);
});

test('$meta-add: joins by system and code, keeps the rest, and makes a version like an update', async () => {
  const id = await server.create(patient({ tag: [tag('a')], security: [tag('s')] }, { gender: 'male' }));
  const told = await change(id, 'meta-add', { tag: [tag('a', { display: 'twice' }), tag('b')], profile: ['urn:p'], security: [tag('s')] });
  expect(metaIn(told)).toMatchObject({ versionId: '2', profile: ['urn:p'], security: [tag('s')] });
  expect(codes(metaIn(told))).toEqual(['a', 'b']);
  const read = await server.ask('GET', `Patient/${id}`);
  expect(read.json).toMatchObject({ gender: 'male', meta: { versionId: '2' } });
  expect(await server.count(`Patient?_id=${id}&_tag=urn:meta|b`)).toBe(1);
});

test('$meta-delete: takes away what is named and is there, and nothing else', async () => {
  const id = await server.create(patient({ tag: [tag('a'), tag('b')], security: [tag('a')] }));
  const told = await change(id, 'meta-delete', { tag: [{ system: 'urn:meta', code: 'a' }, tag('c')], profile: ['urn:p'] });
  expect([codes(metaIn(told)), metaIn(told).security, metaIn(told).profile]).toEqual([['b'], [tag('a')], undefined]);
  expect(metaIn(await change(id, 'meta-delete', { tag: [tag('b')] })).tag).toBeUndefined();
});

test('of 8 additions at the same time none is lost', async () => {
  const id = await server.create(patient());
  await Promise.all(Array.from({ length: 8 }, (_, i) => change(id, 'meta-add', { tag: [tag(`n${i}`)] })));
  expect(codes(metaIn(await server.ask('GET', `Patient/${id}/$meta`))).sort()).toEqual(Array.from({ length: 8 }, (_, i) => `n${i}`));
});

test('$meta of a type and of everything: what is used in resources that this client may know of', async () => {
  await server.create({ resourceType: 'Basic', code: { text: 'x' }, meta: { tag: [tag('of-basic')] } });
  await server.create({ resourceType: 'Organization', name: 'x', meta: { tag: [tag('of-organization')] } }, 'operator');
  const ofType = metaIn(await server.ask('GET', 'Basic/$meta'));
  expect([codes(ofType), ofType.versionId]).toEqual([['of-basic'], undefined]);
  expect(codes(metaIn(await server.ask('GET', '$meta')))).toEqual(expect.arrayContaining(['of-basic', 'of-organization']));
  const operator = codes(metaIn(await server.ask('GET', '$meta', { client: 'operator' })));
  expect([operator.includes('of-organization'), operator.includes('of-basic')]).toEqual([true, false]);
  expect((await server.ask('GET', 'Basic/$meta', { client: 'operator' })).status).toBe(403);
});

test('who may not read or change the resource does neither by these', async () => {
  const id = await server.create(patient({ tag: [tag('a')] }));
  expect((await server.ask('GET', `Patient/${id}/$meta`, { client: 'hospital-1' })).status).toBe(404);
  expect((await change(id, 'meta-add', { tag: [tag('x')] }, 'hospital-1')).status).toBe(404);
  expect((await change(id, 'meta-delete', { tag: [tag('a')] }, 'hospital-1')).status).toBe(404);
  expect((await change(id, 'meta-add', { tag: [tag('x')] }, 'operator')).status).toBe(403);
  expect((await server.ask('GET', `Patient/${id}/$meta`, { client: 'researcher-1' })).status).toBe(403);
  expect(codes(metaIn(await server.ask('GET', `Patient/${id}/$meta`)))).toEqual(['a']);
});

test('what is not there, a stored version, no meta, one that breaks a rule: refused', async () => {
  const id = await server.create(patient());
  expect((await change('never', 'meta-add', {})).status).toBe(404);
  expect((await server.ask('POST', `Patient/${id}/_history/1/$meta-add`, { body: given({ tag: [tag('x')] }) })).status).toBe(422);
  expect((await server.ask('POST', `Patient/${id}/$meta-add`, { body: { resourceType: 'Parameters' } })).status).toBe(400);
  expect((await server.ask('GET', `Patient/${id}/$meta-add`)).status).toBe(405);
  expect((await change(id, 'meta-add', { tag: [{ colour: 'red' }] })).status).toBe(400);
  expect((await server.ask('GET', `Patient/${id}`)).headers.get('etag')).toBe('W/"1"');
});
