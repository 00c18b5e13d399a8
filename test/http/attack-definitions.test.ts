// https://hl7.org/fhir/R4/searchparameter.html, https://hl7.org/fhir/R4/structuredefinition.html, https://hl7.org/fhir/R4/search.html: attacks by what is defined, over a whole server
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { openWhole, type Whole } from './whole.ts';

let server: Whole;
beforeAll(async () => {
  server = await openWhole();
  const link = [{ other: { reference: 'Patient/circle' }, type: 'seealso' }];
  await server.ask('PUT', 'Patient/circle', { body: { resourceType: 'Patient', id: 'circle', link } });
  await server.ask('PUT', 'Encounter/circle', {
    body: {
      resourceType: 'Encounter',
      id: 'circle',
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: 'Patient/circle' },
      partOf: { reference: 'Encounter/circle' },
    },
  });
});
afterAll(() => server.close());
afterEach(async () => {
  expect(await server.count('Patient')).toBe(1);
});

const entries = (json: unknown): number => ((json as Bundle).entry ?? []).length;

describe('24: what is brought along ends', () => {
  test.each([
    '_include=*&_include:iterate=*',
    '_revinclude=*&_revinclude:iterate=*',
    '_include:iterate=*&_revinclude:iterate=*&_include=Encounter:part-of&_include:iterate=Encounter:part-of',
    new Array(50).fill('_include=*').join('&'),
  ])('query %#, around a circle: each once', async query => {
    for (const path of [`Encounter?${query}`, `?_type=Encounter,Patient&${query}`, `Patient/circle/*?${query}`]) {
      const { status, json } = await server.ask('GET', path);
      expect([path, status, entries(json) <= 2]).toEqual([path, 200, true]);
    }
    expect(entries((await server.ask('GET', 'Patient/circle/$everything')).json)).toBe(2);
  });

  test('1,100 that refer to one: 1,000 are brought along, an outcome says so, and a link leads to the rest', async () => {
    const entry = Array.from({ length: 1100 }, () => ({
      resource: { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: 'Patient/circle' } },
      request: { method: 'POST', url: 'Basic' },
    }));
    expect((await server.ask('POST', '', { body: { resourceType: 'Bundle', type: 'transaction', entry } })).status).toBe(200);
    const modes = (bundle: Bundle) => {
      const count = (mode: string) => bundle.entry!.filter(one => one.search!.mode === mode).length;
      return { match: count('match'), include: count('include'), outcome: count('outcome') };
    };
    const first = (await server.ask('GET', 'Patient?_id=circle&_revinclude=Basic:patient')).json as unknown as Bundle;
    expect(modes(first)).toEqual({ match: 1, include: 1000, outcome: 1 });
    const related = first.link!.find(({ relation }) => relation === 'related')!.url!.slice(server.baseUrl.length + 1);
    const rest = (await server.ask('GET', related)).json as unknown as Bundle;
    expect(modes(rest)).toMatchObject({ include: 100, outcome: 0 });
  }, 60_000);

  test('above and below in a circle: each once', async () => {
    for (const modifier of ['above', 'below'])
      expect(entries((await server.ask('GET', `Encounter?part-of:${modifier}=Encounter/circle`)).json)).toBe(1);
  });
});

describe('25, 28: depth of the newer parameters', () => {
  const deep = 300;
  test.each([
    `_filter=${'('.repeat(deep)}name eq x${')'.repeat(deep)}`,
    `_filter=${'link.'.repeat(deep)}name eq x`,
    `_text=${'('.repeat(deep)}a${')'.repeat(deep)}`,
    `_content=${'NOT '.repeat(deep)}`,
    `${'link.'.repeat(20)}name=x`,
    `_has:Patient:link:${'_has:Patient:link:'.repeat(20)}name=x`,
    `_sort=${new Array(deep).fill('link.name').join(',')}`,
  ])('query %#: 400', async query => {
    expect((await server.ask('GET', `Patient?${query}`)).status).toBe(400);
  });
});

describe('36: criteria by the newer parameters choose, or are refused: never all', () => {
  test.each([
    '_filter=',
    '_filter=((',
    '_text=',
    '_content=x',
    '_text=x',
    '_sort=_id',
    '_include=*',
    '_has:Patient:link:_content=x',
    '_total=none',
  ])('Patient?%s: 400 or 412', async criteria => {
    const body = { resourceType: 'Patient' };
    const told = [
      await server.ask('DELETE', `Patient?${criteria}`),
      await server.ask('PUT', `Patient?${criteria}`, { body }),
      await server.ask('PATCH', `Patient?${criteria}`, { body: { resourceType: 'Parameters' } }),
      await server.ask('POST', 'Patient', { body, headers: { 'if-none-exist': criteria } }),
    ];
    for (const { status } of told) expect([400, 412]).toContain(status);
  });
});

const evil = [
  ['a regular expression that goes back and forth', "name.family.matches('^(a+)+$')"],
  ['repeat without end', 'repeat($this & $this).exists()'],
  ['everything of everything', 'descendants().select(%context.descendants()).select(%context.descendants()).exists()'],
  ['an aggregate that doubles', "name.aggregate($total & $total & 'xx', 'x').exists()"],
  ['depth', `${'('.repeat(2000)}true${')'.repeat(2000)}`],
  ['length', new Array(5000).fill('true').join(' and ')],
  ['a look elsewhere', "resolve().where(family = 'x').exists()"],
  ['what is no FHIRPath', 'name.where('],
  ['prototypes', '__proto__.constructor.constructor'],
] as const;
const names = Array.from({ length: 150 }, () => ({ family: `${'a'.repeat(80)}!`, given: ['b', 'c'] }));

describe('53: definitions that cost', () => {
  test.each(evil)(
    'a profile whose invariant is %s: refused, or resources are held against it within the time',
    async (name, expression) => {
      const id = `evil-${evil.findIndex(one => one[0] === name)}`;
      const url = `http://example.org/${id}`;
      const element = [{ id: 'Patient', path: 'Patient', constraint: [{ key: 'x-1', severity: 'error', human: 'h', expression }] }];
      const definition = {
        resourceType: 'StructureDefinition',
        id,
        url,
        name: 'Evil',
        status: 'active',
        kind: 'resource',
        abstract: false,
        type: 'Patient',
        baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
        derivation: 'constraint',
        differential: { element },
      };
      expect([201, 400, 422]).toContain((await server.ask('PUT', `StructureDefinition/${id}`, { body: definition })).status);
      const body = { resourceType: 'Patient', meta: { profile: [url] }, name: names };
      expect((await server.ask('POST', 'Patient/$validate', { body })).status).toBe(200);
    },
  );

  test.each(evil)('a search parameter whose expression is %s: refused', async (_name, expression) => {
    const parameter = {
      resourceType: 'SearchParameter',
      url: 'http://example.org/evil',
      name: 'Evil',
      status: 'active',
      description: 'x',
      code: 'evil',
      base: ['Patient'],
      type: 'string',
      expression: `Patient.${expression}`,
    };
    expect([400, 422]).toContain((await server.ask('POST', 'SearchParameter', { body: parameter })).status);
    expect((await server.ask('GET', 'Patient?evil=x')).status).toBe(400);
  });
});

describe('51: value sets that cost', () => {
  const set = (compose: object) => ({ resourceType: 'ValueSet', status: 'active', compose });
  const expand = (body: object) => server.ask('POST', 'ValueSet/$expand', { body });
  test('one that imports itself, and a ring of two: too-costly', async () => {
    const ring = (id: string, other: string) => ({
      ...set({ include: [{ valueSet: [`http://example.org/vs/${other}`] }] }),
      id,
      url: `http://example.org/vs/${id}`,
    });
    for (const [id, other] of [
      ['self', 'self'],
      ['one', 'two'],
      ['two', 'one'],
    ] as const)
      await server.ask('PUT', `ValueSet/${id}`, { body: ring(id, other) });
    for (const id of ['self', 'one', 'two']) {
      const { status, text } = await server.ask('GET', `ValueSet/${id}/$expand`);
      expect([id, status, text.includes('"too-costly"')]).toEqual([id, 422, true]);
      expect((await server.ask('GET', `Patient?language:in=http://example.org/vs/${id}`)).status).toBeGreaterThan(399);
    }
  });

  test('a system of 20,000 codes: expanded by pages, as a whole too-costly; an answer to others comes meanwhile', async () => {
    const concept = Array.from({ length: 20_000 }, (_, i) => ({ code: `c${i}` }));
    const url = 'http://example.org/large';
    const system = { resourceType: 'CodeSystem', id: 'large', url, status: 'active', content: 'complete', concept };
    expect((await server.ask('PUT', 'CodeSystem/large', { body: system })).status).toBe(201);
    const [whole, health] = await Promise.all([expand(set({ include: [{ system: url }] })), server.ask('GET', 'Patient/circle')]);
    expect([whole.status, whole.text.includes('"too-costly"'), health.status]).toEqual([422, true, 200]);
    const page = await server.ask('GET', `ValueSet/$expand?url=${encodeURIComponent(`${url}?fhir_vs`)}&count=2&offset=19998`);
    expect(page.json).toMatchObject({ expansion: { total: 20_000, contains: [{ code: 'c19998' }, { code: 'c19999' }] } });
  });

  test('a filter (a+)+$, and others that go back and forth or repeat too much', async () => {
    const concept = Array.from({ length: 2000 }, (_, i) => ({ code: `${'a'.repeat(60)}${i}!` }));
    const body = { resourceType: 'CodeSystem', id: 'long', url: 'http://example.org/long', status: 'active', content: 'complete', concept };
    await server.ask('PUT', 'CodeSystem/long', { body });
    for (const value of ['(a+)+$', 'a{1000}b{1000}c{1000}', '(.*a){30}']) {
      const filter = [{ property: 'code', op: 'regex', value }];
      const { status } = await expand(set({ include: [{ system: 'http://example.org/long', filter }] }));
      expect([200, 422]).toContain(status);
    }
  });
});
