// docs/operation/expand.md, https://hl7.org/fhir/R4/valueset-operation-expand.html
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ValueSet, ValueSetExpansionContains } from '@medplum/fhirtypes';
import type { Told } from '../http/whole.ts';
import { openTerms, ref, system, type Terms } from './terminology-ground.ts';

let terms: Terms;
beforeAll(async () => {
  terms = await openTerms();
}, 60_000);
afterAll(() => terms.close());

const codes = ({ json }: Told): (string | undefined)[] => {
  const flat = (list: readonly ValueSetExpansionContains[] = []): (string | undefined)[] =>
    list.flatMap(one => [one.code, ...flat(one.contains)]);
  return flat((json as unknown as ValueSet).expansion?.contains);
};
const citrus = ['citrus', 'lemon', 'orange', 'yuzu'];
const valueUri = (name: string, value: string) => ({ name, valueUri: value });

describe('which value set', () => {
  test('by its canonical, with a version of it or not; by its id, whatever url says; by POST with Parameters', async () => {
    const asked = await terms.get(`ValueSet/$expand?url=${ref('citrus')}`);
    expect([asked.status, asked.json!.resourceType, codes(asked)]).toEqual([200, 'ValueSet', citrus]);
    expect(codes(await terms.get(`ValueSet/citrus/$expand?url=${ref('all')}`))).toEqual(citrus);
    expect(codes(await terms.get('ValueSet/citrus/_history/1/$expand'))).toEqual(citrus);
    expect(codes(await terms.post('ValueSet/$expand', [valueUri('url', ref('citrus'))]))).toEqual(citrus);
    expect(codes(await terms.post('ValueSet/citrus/$expand', []))).toEqual(citrus);
    expect(codes(await terms.get(`ValueSet/$expand?url=${system}?fhir_vs`))).toHaveLength(6);
    expect(codes(await terms.get(`ValueSet/$expand?url=${encodeURIComponent(`${system}?fhir_vs|1`)}`))).toEqual(['lemon']);
  });
  test('as it is sent, alone or in Parameters', async () => {
    const sent = { resourceType: 'ValueSet', status: 'draft', compose: { include: [{ system, version: '1' }] } };
    const alone = await terms.ask('POST', 'ValueSet/$expand?count=5', { body: sent });
    expect([alone.status, codes(alone)]).toEqual([200, ['lemon']]);
    expect(codes(await terms.post('ValueSet/$expand', [{ name: 'valueSet', resource: sent }]))).toEqual(['lemon']);
    const broken = { ...sent, compose: { include: [{ filter: 'x' }] } };
    expect((await terms.ask('POST', 'ValueSet/$expand', { body: broken })).status).toBe(400);
    expect((await terms.post('ValueSet/$expand', [{ name: 'valueSet', resource: { resourceType: 'Patient' } }])).status).toBe(400);
  });
  test('the specification’s own', async () => {
    const own = await terms.get('ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender');
    expect(codes(own)).toEqual(['male', 'female', 'other', 'unknown']);
    expect((await terms.get('ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&valueSetVersion=3')).status).toBe(404);
  });
  test('none with a modifier extension or implicit rules, which nobody here knows: by its id and as it is sent 422, by its canonical 404; it is stored and read', async () => {
    const twisted = {
      resourceType: 'ValueSet',
      id: 'twisted',
      url: ref('twisted'),
      status: 'active',
      compose: { include: [{ system, modifierExtension: [{ url: 'http://example.org/not', valueBoolean: true }] }] },
    };
    expect((await terms.ask('PUT', 'ValueSet/twisted', { body: twisted })).status).toBe(201);
    const asked = ['ValueSet/twisted/$expand', `ValueSet/$expand?url=${ref('twisted')}`].map(path => terms.get(path));
    const sent = terms.post('ValueSet/$expand', [
      { name: 'valueSet', resource: { ...twisted, implicitRules: 'http://example.org/rules' } },
    ]);
    expect((await Promise.all([...asked, sent])).map(({ status }) => status)).toEqual([422, 404, 422]);
    expect((await terms.get('ValueSet/twisted')).json).toMatchObject({ compose: twisted.compose });
    // What only quotes the name of one is expanded.
    const quoting = {
      ...twisted,
      id: 'quoting',
      url: ref('quoting'),
      title: 'no "modifierExtension": here',
      compose: { include: [{ system }] },
    };
    expect((await terms.ask('PUT', 'ValueSet/quoting', { body: quoting })).status).toBe(201);
    expect((await terms.get('ValueSet/quoting/$expand')).status).toBe(200);
  });
  test('a change of a code system is in the next answer', async () => {
    const changing = { resourceType: 'CodeSystem', id: 'changing', url: ref('changing'), status: 'active', content: 'complete' };
    const put = (code: string) => terms.ask('PUT', 'CodeSystem/changing', { body: { ...changing, concept: [{ code }] } });
    const ask = async () => codes(await terms.get(`ValueSet/$expand?url=${ref('changing')}?fhir_vs`));
    await put('one');
    expect(await ask()).toEqual(['one']);
    await put('two');
    expect(await ask()).toEqual(['two']);
    await terms.ask('DELETE', 'CodeSystem/changing');
    expect((await terms.get(`ValueSet/$expand?url=${ref('changing')}?fhir_vs`)).status).toBe(404);
  });
});

test('text, pages, language, and what is shown', async () => {
  const lemon = await terms.get(`ValueSet/all/$expand?filter=${encodeURIComponent('ﾚﾓﾝ')}&displayLanguage=ja&includeDesignations=true`);
  expect((lemon.json as unknown as ValueSet).expansion).toMatchObject({ total: 1, contains: [{ code: 'lemon', display: 'レモン' }] });
  const page = await terms.get('ValueSet/all/$expand?offset=2&count=2');
  expect((page.json as unknown as ValueSet).expansion).toMatchObject({
    total: 6,
    offset: 2,
    contains: [{ code: 'orange' }, { code: 'yuzu' }],
  });
  expect(codes(await terms.get('ValueSet/all/$expand?activeOnly=true&excludeNotForUI=true'))).toEqual(['lemon', 'orange', 'yuzu']);
  expect(codes(await terms.get(`ValueSet/all/$expand?system-version=${encodeURIComponent(`${system}|1`)}`))).toEqual(['lemon']);
  const nested = (await terms.get('ValueSet/all/$expand')).json as unknown as ValueSet;
  expect(nested.expansion!.contains![0]!.contains!.map(one => one.code)).toEqual(['lemon', 'orange', 'yuzu']);
});

test('in a batch, each as by itself', async () => {
  const entry = (url: string) => ({ request: { method: 'GET', url } });
  const urls = [
    'ValueSet/citrus/$expand?count=1',
    `ValueSet/$expand?url=${ref('nothing')}`,
    `CodeSystem/$lookup?system=${system}&code=lemon`,
  ];
  const told = await terms.ask('POST', '', { body: { resourceType: 'Bundle', type: 'batch', entry: urls.map(entry) } });
  const entries = told.json!['entry'] as { resource?: { resourceType: string }; response: { status: string } }[];
  expect(entries.map(one => [one.response.status.slice(0, 3), one.resource?.resourceType])).toEqual([
    ['200', 'ValueSet'],
    ['404', undefined],
    ['200', 'Parameters'],
  ]);
});

describe('errors', () => {
  test.each<[string, number, string]>([
    ['ValueSet/$expand', 400, 'invalid'],
    ['ValueSet/$expand?url=http://example.org/all&name=x', 400, 'invalid'],
    ['ValueSet/all/$expand?count=-1', 400, 'invalid'],
    ['ValueSet/all/$expand?count=x', 400, 'invalid'],
    ['ValueSet/all/$expand?context=x', 400, 'invalid'],
    ['ValueSet/all/$expand?date=2020-01-01', 400, 'invalid'],
    ['ValueSet/all/$expand?valueSet=x', 400, 'invalid'],
    ['ValueSet/nothing/$expand', 404, 'not-found'],
    ['ValueSet/$expand?url=http://example.org/nothing', 404, 'not-found'],
    ['ValueSet/open/$expand', 404, 'not-found'],
    ['ValueSet/ring/$expand', 422, 'too-costly'],
    ['Patient/1/$expand', 404, 'not-supported'],
    ['$expand?url=http://example.org/all', 404, 'not-supported'],
  ])('%s: %i %s', async (path, status, code) => {
    const told = await terms.ask('GET', path);
    expect([told.status, (told.json!['issue'] as { code: string }[])[0]!.code]).toEqual([status, code]);
    expect(told.text).not.toMatch(/example\.org\/(nothing|not-here)/);
  });
  test('two value sets at once; a deleted one; another method', async () => {
    const sent = { resourceType: 'ValueSet', status: 'draft', compose: { include: [{ system }] } };
    expect((await terms.ask('POST', `ValueSet/$expand?url=${ref('all')}`, { body: sent })).status).toBe(400);
    await terms.ask('PUT', 'ValueSet/gone', { body: { ...sent, id: 'gone' } });
    await terms.ask('DELETE', 'ValueSet/gone');
    expect((await terms.ask('GET', 'ValueSet/gone/$expand')).status).toBe(410);
    expect((await terms.ask('PUT', 'ValueSet/$expand', { body: sent })).status).toBe(405);
  });
  test('attack 51: a regular expression made to hang is harmless, a ring of imports and a very large system are too costly', async () => {
    expect(codes(await terms.get('ValueSet/bomb/$expand'))).toEqual([]);
    const concept = Array.from({ length: 10_001 }, (_, n) => ({ code: `c${n}` }));
    const large = { resourceType: 'CodeSystem', id: 'large', url: ref('large'), status: 'active', content: 'complete', concept };
    expect((await terms.ask('PUT', 'CodeSystem/large', { body: large })).status).toBe(201);
    const whole = await terms.get(`ValueSet/$expand?url=${ref('large')}?fhir_vs`);
    expect([whole.status, (whole.json!['issue'] as { code: string }[])[0]!.code]).toEqual([422, 'too-costly']);
    expect(codes(await terms.get(`ValueSet/$expand?url=${ref('large')}?fhir_vs&count=3&offset=9999`))).toEqual(['c9999', 'c10000']);
  });
});

test('who may read value sets may ask: a hospital and the operator, no researcher and no patient’s app', async () => {
  const path = `ValueSet/$expand?url=${ref('citrus')}`;
  for (const client of ['hospital-1', 'operator']) expect(codes(await terms.get(path, client))).toEqual(citrus);
  for (const client of ['researcher-1', 'patient-app']) expect((await terms.get(path, client)).status).toBe(403);
  expect((await terms.ask('GET', path, { client: '' })).status).toBe(401);
});
