// https://hl7.org/fhir/R4/search.html, https://hl7.org/fhir/R4/http.html#general: attacks by path and query, over a whole server
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement } from '@medplum/fhirtypes';
import { openWhole, type Told, type Whole } from './whole.ts';
import { speak } from './wire.ts';

const patients = 5;
let server: Whole;
let id: string;
beforeAll(async () => {
  server = await openWhole();
  const made = (index: number) => ({
    resourceType: 'Patient',
    identifier: [{ system: 'urn:n', value: `n${index}` }],
    name: [{ family: `山田${index}`, given: ["O'Neil%_"] }],
    gender: index % 2 === 0 ? 'male' : 'female',
    birthDate: `195${index}-01-01`,
  });
  for (let index = 0; index < patients; index++) id = await server.create(made(index));
  const Observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: `Patient/${id}` } };
  await server.create(Observation);
});
afterAll(() => server.close());
// Alive, and nothing is gone.
afterEach(async () => {
  expect(await server.count('Patient')).toBe(patients);
});

const get = (path: string, headers: Record<string, string> = {}) => server.ask('GET', path, { headers });
const find = (query: string) => get(`Patient?${query}`);
const encoded = encodeURIComponent;
const matches = ({ json }: Told): number => ((json as unknown as Bundle).entry ?? []).filter(e => e.search?.mode === 'match').length;

describe('17: ids', () => {
  test.each([
    ['../', '..%2Fmetadata'],
    ['an encoded dot segment', '%2e%2e%2fmetadata'],
    ['doubly encoded', '%252e%252e%252fmetadata'],
    ['NUL', 'a%00'],
    ['65 characters', 'a'.repeat(65)],
    ['Unicode', encoded('山田')],
    ['a full-width letter', encoded('ａ')],
    ['a bar', 'a%7Cb'],
    ['quotes', encoded(`'"`)],
    ['a blank', 'a%20b'],
    ['a line break', 'a%0Ab'],
    ['SQL', encoded("1' OR '1'='1")],
    ['__proto__', '__proto__'],
  ])('%s: 400 or 404 for every interaction', async (_name, bad) => {
    for (const path of [`Patient/${bad}`, `Patient/${bad}/_history`, `Patient/${bad}/_history/1`, `Patient/${id}/_history/${bad}`])
      expect([400, 404]).toContain((await get(path)).status);
    expect([400, 404]).toContain((await server.ask('DELETE', `Patient/${bad}`)).status);
    const put = await server.ask('PUT', `Patient/${bad}`, { body: { resourceType: 'Patient', id: decodeURIComponent(bad) } });
    expect([400, 404]).toContain(put.status);
  });
});

describe('18: paths', () => {
  test.each(['Patient/..%2f..%2fmetadata', 'Patient//x', '%2fPatient', 'Patient/x/', 'Patient%2Fx', 'patient', 'Patient;a=b'])(
    '%s: 400 or 404',
    async path => {
      expect([400, 404]).toContain((await get(path)).status);
    },
  );

  test.each(['//evil.example/fhir/Patient', 'http://evil.example/fhir/Patient', '/fhir/../oauth/token', '\\fhir\\Patient'])(
    'the request line %s: 400 or 404, and no redirect',
    async target => {
      const token = await server.token('tester');
      const answer = await speak(
        server.port,
        `GET ${target} HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
      expect(answer).toContain('"OperationOutcome"');
      expect(answer).not.toMatch(/^location:/im);
    },
  );
});

const strings = ['name', 'family', 'given', 'address', 'address-city', 'phonetic'];
const injections = [
  "' OR 1=1 --",
  "'; DROP TABLE version; --",
  '%',
  '_',
  '\\',
  '%%%',
  "\\'",
  '" OR ""="',
  '*',
  '.*',
  '\u0000',
  '{$ne:null}',
];

describe('19, 20: SQL and wildcards are plain text', () => {
  test.each(injections)('%j finds what such a text finds: nothing', async text => {
    for (const name of strings) {
      for (const modifier of ['', ':contains', ':exact']) {
        const told = await find(`${name}${modifier}=${encoded(text)}`);
        expect([name, modifier, told.status, matches(told)]).toEqual([name, modifier, 200, 0]);
      }
    }
    for (const name of ['identifier', 'gender', '_tag', 'general-practitioner:identifier', 'link', '_has:Observation:patient:code']) {
      const told = await find(`${name}=${encoded(text)}`);
      expect([200, 400]).toContain(told.status);
      if (told.status === 200) expect(matches(told)).toBe(0);
    }
  });

  const texts = injections.map(text => text.replace('\u0000', 'a\u0000b'));
  test.each(['Patient', 'Observation', 'Location', 'RiskAssessment', 'ValueSet'])(
    'in every parameter of %s: refused, or it finds nothing',
    async type => {
      const { rest } = (await get('metadata')).json as unknown as CapabilityStatement;
      const parameters = rest![0]!.resource!.find(one => one.type === type)!.searchParam!;
      expect(parameters.length).toBeGreaterThan(5);
      for (const { name, type: kind } of parameters) {
        for (const text of texts) {
          const told = await server.ask('POST', `${type}/_search`, {
            body: `${name}=${encoded(text)}`,
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
          });
          expect([name, kind, text, [200, 400].includes(told.status)]).toEqual([name, kind, text, true]);
          if (told.status === 200) expect([name, kind, text, matches(told)]).toEqual([name, kind, text, 0]);
        }
      }
    },
  );

  test('what is in the data is found, quotation mark and percent sign too', async () => {
    expect(matches(await find(`given=${encoded("O'Neil")}`))).toBe(patients);
    expect(matches(await find(`given:exact=${encoded("O'Neil%_")}`))).toBe(patients);
    expect(matches(await find(`given:exact=${encoded("O'Neil%%")}`))).toBe(0);
  });
});

test.each([
  'name[$ne]=x',
  'name[$regex]=.*',
  'name[]=x',
  'name[0]=x',
  'name.$where=1',
  '$where=1',
  '__proto__=x',
  'constructor=x',
  'toString=x',
])('21: %s: 400, and with handling=lenient it is left out and named nowhere in the self link', async query => {
  expect((await find(query)).status).toBe(400);
  const lenient = await get(`Patient?${query}&gender=male`, { prefer: 'handling=lenient' });
  expect([lenient.status, matches(lenient)]).toEqual([200, 3]);
  expect((lenient.json as unknown as Bundle).link![0]!.url).toBe(`${server.baseUrl}/Patient?gender=male`);
});

test.each([
  ['50,000 letters and an exclamation mark', 'name', 'a'.repeat(50_000) + '!'],
  ['50,000 blanks', 'name:contains', ' '.repeat(50_000)],
  ['a date with 10,000 zeros', 'birthdate', `2020-01-01T00:00:00.${'0'.repeat(10_000)}Z`],
  ['a number with 10,000 zeros', '_has:Observation:patient:value-quantity', `1${'0'.repeat(10_000)}`],
  ['a canonical with 10,000 bars', '_profile', `http://a.example/${'|'.repeat(10_000)}`],
  ['10,000 backslashes', 'identifier', '\\'.repeat(10_000)],
])('22: %s: refused or answered at once', async (_name, name, value) => {
  const started = performance.now();
  // The URL is too long for it; a form is not.
  const told = await server.ask('POST', 'Patient/_search', {
    body: `${name}=${encoded(value)}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect([200, 400]).toContain(told.status);
  expect([414, 431]).toContain((await find(`${name}=${encoded(value)}`)).status);
  expect(performance.now() - started).toBeLessThan(10_000);
});

describe('23: _count', () => {
  test.each(['-1', 'abc', '1.5', '1e3', '', '0x10', '９'])('%j: 400', async count => {
    expect((await find(`_count=${encoded(count)}`)).status).toBe(400);
  });

  test('1e9 in digits is cut, and the self link says so; 0 is the total alone', async () => {
    const capped = await find('_count=1000000000');
    expect([capped.status, matches(capped)]).toEqual([200, patients]);
    expect((capped.json as unknown as Bundle).link![0]!.url).toContain('_count=1000');
    expect((await find('_count=0')).json).toMatchObject({ total: patients });
    expect(matches(await find('_count=0'))).toBe(0);
  });
});

test('27: an OR list of 10,000 values is answered; a longer one: 400', async () => {
  const search = (count: number) =>
    server.ask('POST', 'Patient/_search', {
      body: `identifier=${Array.from({ length: count }, (_, i) => `urn:n|n${i}`).join(',')}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  expect((await search(10_001)).status).toBe(400);
  const answered = await search(10_000);
  expect([answered.status, matches(answered)]).toEqual([200, patients]);
});

test.each([
  '_sort=nothing',
  '_sort=__proto__',
  '_sort=-',
  '_elements=__proto__,$',
  '_filter=((((',
  '_filter=name zz x',
  '_filter=colour eq x',
  `_filter=${'not('.repeat(300)}`,
  'name:contains=',
  '_text=((',
  '_content=%25',
  '_query=x',
  '_list=$current-problems',
])('28: %s: 400', async query => {
  expect((await find(query)).status).toBe(400);
});

test('28: no filter is left out by a lenient search, not even one with a name that nobody knows', async () => {
  for (const query of ['_filter=colour eq x', '_filter=((', '_query=x'])
    expect((await get(`Patient?${query}`, { prefer: 'handling=lenient' })).status).toBe(400);
});

test('28: _elements=__proto__ names no element, and pollutes nothing', async () => {
  const told = await find('_elements=constructor,toString');
  expect(told.status).toBe(200);
  const [entry] = (told.json as unknown as Bundle).entry!;
  expect(Object.keys(entry!.resource!).sort()).toEqual(['id', 'meta', 'resourceType']);
});

describe('29: what is asked comes back as data, never as a page', () => {
  const script = '<script>alert(1)</script>';
  test('_format: 406, without the script', async () => {
    const { status, text } = await find(`_format=${encoded(script)}`);
    expect([status, text.includes('script')]).toEqual([406, false]);
  });

  test('a value stands in the self link, percent-encoded; a name and a value of a refusal stand nowhere', async () => {
    const found = await find(`name=${encoded(script)}`);
    expect([found.status, found.text.includes('<script'), found.text.includes(encoded(script))]).toEqual([200, false, true]);
    for (const query of [
      `${encoded(script)}=1`,
      `birthdate=${encoded(script)}`,
      `_sort=${encoded(script)}`,
      `gender:${encoded(script)}=x`,
    ]) {
      const { status, text } = await find(query);
      expect([status, /script|alert/.test(text)]).toEqual([400, false]);
    }
    const unknown = await get(`Patient/${encoded(script)}`);
    expect([unknown.status, /script|alert/.test(unknown.text)]).toEqual([400, false]);
  });
});

test('33: links name the configured base, whatever Host and X-Forwarded-Host say', async () => {
  const token = await server.token('tester');
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request(
      `${server.baseUrl}/Patient?_count=1`,
      {
        headers: {
          host: 'evil.example',
          'x-forwarded-host': 'evil.example',
          'x-forwarded-proto': 'https',
          forwarded: 'host=evil.example',
          'x-original-url': '/evil.example',
          authorization: `Bearer ${token}`,
        },
      },
      answer => {
        let told = '';
        answer.on('data', part => (told += part)).on('end', () => resolve(told));
      },
    );
    asked.on('error', reject).end();
  });
  const { link, entry } = JSON.parse(text) as Bundle;
  expect(link!.map(({ relation }) => relation)).toEqual(['self', 'first', 'next']);
  for (const url of [...link!.map(one => one.url!), entry![0]!.fullUrl!]) expect(url.startsWith(`${server.baseUrl}/Patient`)).toBe(true);
  expect(text).not.toContain('evil');
});

describe('53: SearchParameters with hostile expressions', () => {
  const definition = (more: object) => ({
    resourceType: 'SearchParameter',
    url: 'http://e.example/hostile',
    name: 'Hostile',
    status: 'active',
    description: 'x',
    code: 'hostile',
    base: ['Patient'],
    type: 'string',
    expression: 'Patient.name.family',
    ...more,
  });

  test.each([
    ['an endless repeat', { expression: 'Patient.repeat(extension | $this)' }],
    ['a regular expression that never ends', { expression: "Patient.name.family.matches('^(a+)+$')" }],
    ['50 types of extensions, sixty times', { expression: `Patient${'.extension.value'.repeat(60)}` }],
    [
      'a walk within a walk within a walk',
      { expression: 'Patient.name.where(%resource.name.where(%resource.name.exists()).exists()).family' },
    ],
    ['10,000 parentheses', { expression: `${'('.repeat(10_000)}Patient${')'.repeat(10_000)}` }],
    ['the constructor of everything', { expression: 'Patient.constructor.constructor' }],
    ['the code of another', { code: 'name' }],
    ['a chain for a code', { code: 'name.family' }],
    ['every type there is', { base: ['Resource'] }],
  ])('%s: 422, and the parameter is unknown', async (_name, more) => {
    const told = await server.ask('POST', 'SearchParameter', { body: definition(more) });
    expect([400, 422]).toContain(told.status);
    expect((await find('hostile=x')).status).toBe(400);
  });

  test('one that is none is taken, searched by, and gone when it is deleted', async () => {
    const made = await server.create(definition({}));
    expect(matches(await find('hostile=山田1'))).toBe(1);
    expect((await server.ask('DELETE', `SearchParameter/${made}`)).status).toBeLessThan(300);
    expect((await find('hostile=山田1')).status).toBe(400);
  });
});
