// https://hl7.org/fhir/R4/security.html, https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/operationslist.html
// An institution meets what another sender stored, on every path: the answer is that for what never was, to the letter.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchToken } from '../../src/commands/token.ts';
import { openWorld, type World } from './world.ts';

type Json = { readonly [member: string]: unknown };
interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: Json;
  readonly headers: Headers;
}

let world: World;
let tester: string;
let hospital: string;

async function ask(
  token: string,
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(path === '' ? world.baseUrl : path.startsWith('http') ? path : `${world.baseUrl}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: text.startsWith('{') ? (JSON.parse(text) as Json) : {}, headers: response.headers };
}

const put = async (resource: Json) => {
  const { status, text } = await ask(tester, 'PUT', `${resource['resourceType']}/${resource['id']}`, resource);
  if (status > 201) throw new Error(text);
};
const system = 'urn:oid:1.2.392.100495.20.3.51.9999999999';
const tag = { system: 'urn:tags', code: 'tag-of-theirs' };

beforeAll(async () => {
  world = await openWorld(1, 'escape-institution');
  tester = (await fetchToken({ client: 'tester', data: world.data, url: world.baseUrl })).token;
  hospital = (await fetchToken({ client: 'hospital-1', data: world.data, url: world.baseUrl })).token;
  const subject = { reference: 'Patient/theirs' };
  await put({
    resourceType: 'Patient',
    id: 'theirs',
    meta: { tag: [tag] },
    identifier: [{ system, value: 'theirs' }],
    name: [{ family: 'family-theirs' }],
    gender: 'female',
    birthDate: '1970-01-01',
  });
  await put({ resourceType: 'Encounter', id: 'enc-theirs', meta: { tag: [tag] }, status: 'finished', class: { code: 'AMB' }, subject });
  for (const status of ['preliminary', 'final'])
    await put({
      resourceType: 'Observation',
      id: 'obs-theirs',
      meta: { tag: [tag] },
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">narrative-theirs</div>' },
      status,
      code: { text: 'content-theirs' },
      subject,
      encounter: { reference: 'Encounter/enc-theirs' },
      effectiveDateTime: '2024-05-01',
    });
  await put({
    resourceType: 'Group',
    id: 'group-theirs',
    meta: { tag: [tag] },
    type: 'person',
    actual: true,
    member: [{ entity: subject }],
  });
  await put({
    resourceType: 'Binary',
    id: 'bin-theirs',
    meta: { tag: [tag] },
    contentType: 'text/plain',
    data: 'eA==',
    securityContext: subject,
  });
  const parameter = {
    resourceType: 'SearchParameter',
    id: 'colour',
    url: 'http://example.org/SearchParameter/colour',
    name: 'Colour',
    status: 'active',
    description: 'x',
    code: 'colour',
    base: ['Observation'],
    type: 'string',
    expression: 'Observation.code.text',
  };
  await put(parameter);
}, 60_000);
afterAll(() => world.close());

/** The same question about what another stored and about what never was. */
const both = ['theirs', 'nobodys'] as const;
const pick = ({ status, body, headers, text }: Answer, id: string): string => {
  const { link: _, id: __, meta: ___, ...rest } = body;
  const shown = Object.keys(body).length === 0 ? text : JSON.stringify(rest);
  const told = [...headers.keys()].filter(
    name => !['content-length', 'date', 'x-request-id', 'location', 'content-location'].includes(name),
  );
  return JSON.stringify([status, told, shown.replaceAll(id, '<id>').replace(/"lastUpdated":"[^"]*"/g, '')]);
};
async function alike(
  method: string,
  path: string,
  body?: (id: string) => object | string | undefined,
  headers: (id: string) => Record<string, string> = () => ({}),
): Promise<Answer> {
  const [one, other] = await Promise.all(both.map(id => ask(hospital, method, path.replaceAll('<id>', id), body?.(id), headers(id))));
  expect(pick(one!, both[0])).toBe(pick(other!, both[1]));
  expect(pick(one!, 'nobody')).not.toMatch(/family-theirs|content-theirs|narrative-theirs|tag-of-theirs/);
  return one!;
}

describe('reads', () => {
  test.each([
    'Patient/<id>',
    'Patient/<id>/_history',
    'Patient/<id>/_history/1',
    'Patient/<id>/$everything',
    'Patient/<id>/$meta',
    'Patient/<id>/_history/1/$meta',
    'Patient/<id>/$validate',
    'Patient/<id>/*',
    'Patient/<id>/Observation?status=final',
    'Encounter/enc-<id>/*',
    'Encounter/enc-<id>/$everything',
    'Group/group-<id>',
    'Group/group-<id>/$everything',
    'Observation/obs-<id>/_history/2',
    'Binary/bin-<id>',
    'Binary/bin-<id>/_history/1',
    'Binary/bin-<id>/$meta',
  ])('GET %s: 404, at once, as an entry, and later', async path => {
    const { status } = await alike('GET', path);
    expect(status).toBe(404);
    for (const headers of [{ 'if-none-match': 'W/"1"' }, { accept: 'application/fhir+xml' }, { accept: 'text/plain' }])
      expect((await alike('GET', path, undefined, () => headers as Record<string, string>)).status).toBeGreaterThan(399);
    for (const type of ['batch', 'transaction'])
      await alike('POST', '', id => ({
        resourceType: 'Bundle',
        type,
        entry: [{ request: { method: 'GET', url: path.replaceAll('<id>', id) } }],
      }));
    const [one, other] = await Promise.all(
      both.map(async id => {
        const taken = await ask(hospital, 'GET', path.replaceAll('<id>', id), undefined, { prefer: 'respond-async' });
        expect(taken.status).toBe(202);
        const url = taken.headers.get('content-location')!;
        for (;;) {
          const answer = await ask(hospital, 'GET', url);
          if (answer.status === 202) continue;
          await ask(hospital, 'DELETE', url);
          return pick(answer, id);
        }
      }),
    );
    expect(one).toBe(other);
  });
});

describe('searches', () => {
  test.each([
    'Patient?_id=<id>',
    `Patient?identifier=${system}|<id>`,
    'Patient?_filter=_id eq <id>',
    'Patient?_filter=family eq family-<id>',
    'Patient?_filter=not (family eq "family-<id>")',
    'Patient?_content="family-<id>"',
    'Observation?_text="narrative-<id>"',
    'Observation?_content="content-<id>"',
    'Observation?code:text=content-<id>',
    'Observation?colour=content-<id>',
    'Observation?_sort=colour',
    'Observation?_sort=subject.family&_count=1',
    'Observation?_sort=-subject:Patient.birthdate',
    'Observation?_filter=subject.family eq "family-<id>"',
    'Observation?subject:Patient._content="family-<id>"',
    'Patient?_has:Observation:subject:colour=content-<id>',
    'Patient?_has:Observation:subject:_content="content-<id>"',
    'Patient?_has:Observation:subject:_text="narrative-<id>"',
    'Encounter?_has:Observation:encounter:subject:Patient.family=family-<id>',
    'Observation?encounter.subject:Patient.family=family-<id>',
    'Binary?_id=bin-<id>',
    'Group?member=Patient/<id>',
    '?_type=Patient,Observation,Binary&_id=<id>,obs-<id>,bin-<id>',
    '?_type=Patient,Observation&_tag=urn:tags|tag-of-<id>',
    'Observation?_tag:not=tag-of-<id>',
    'Observation?subject:missing=false&_total=accurate',
    'Organization?_revinclude=*&_revinclude:iterate=*&_id=<id>',
    'Observation?_lastUpdated=gt2020-01-01&_summary=count',
    'Observation?patient=Patient/<id>&_include=*&_include:iterate=*',
  ])('%s: nothing', async path => {
    const { status, body } = await alike('GET', path);
    expect([status, body['entry'], body['total'] ?? 0]).toEqual([200, undefined, 0]);
  });

  test('they find it, who may', async () => {
    for (const path of [
      'Observation?colour=content-theirs',
      'Observation?_content="content-theirs"',
      'Patient?_filter=family eq "family-theirs"',
    ])
      expect([path, ((await ask(tester, 'GET', path)).body['entry'] as unknown[])?.length]).toEqual([path, 1]);
  });

  test.each([
    '_history',
    'Observation/_history',
    'Patient/_history?_since=2020-01-01T00:00:00Z',
    'Binary/_history',
    'Encounter/_history?_at=2999',
  ])('%s: nothing of theirs, counted as nothing', async path => {
    const { status, body, text } = await ask(hospital, 'GET', path);
    expect([status, /theirs/.test(text)]).toEqual([200, false]);
    expect((body['total'] as number) ?? 0).toBe(((body['entry'] ?? []) as unknown[]).length);
  });

  test.each(['$meta', 'Patient/$meta', 'Observation/$meta', 'Binary/$meta'])('%s: no label of theirs', async path => {
    const { status, text } = await ask(hospital, 'GET', path);
    expect([status, text.includes('tag-of-theirs')]).toEqual([200, false]);
    expect((await ask(tester, 'GET', 'Observation/$meta')).text).toContain('tag-of-theirs');
  });
});

describe('writes', () => {
  const json = { 'content-type': 'application/json-patch+json' };
  const xml = { 'content-type': 'application/xml-patch+xml' };
  const patches: readonly (readonly [name: string, type: Record<string, string>, body: string])[] = [
    ['a test that holds', json, '[{"op":"test","path":"/gender","value":"female"}]'],
    ['a test that does not', json, '[{"op":"test","path":"/gender","value":"male"}]'],
    ['a path that leads nowhere', json, '[{"op":"remove","path":"/nowhere"}]'],
    ['what is no patch', json, '{'],
    ['an XML patch', xml, '<diff xmlns:f="http://hl7.org/fhir"><remove sel="f:Patient/f:gender"/></diff>'],
    ['an empty FHIRPath patch', {}, '{"resourceType":"Parameters"}'],
  ];
  test.each(patches)('PATCH with %s: 404', async (_, headers, body) => {
    for (const path of ['Patient/<id>', 'Patient?_id=<id>', `Patient?identifier=${system}|<id>`, 'Patient?_filter=family eq family-<id>'])
      for (const more of [{}, { 'if-match': 'W/"1"' }, { 'if-match': 'W/"9"' }])
        expect(
          (
            await alike(
              'PATCH',
              path,
              () => body,
              () => ({ ...headers, ...more }) as Record<string, string>,
            )
          ).status,
        ).toBe(404);
  });

  test.each([
    ['PUT', 'Patient/<id>', 404],
    ['PUT', 'Patient?_id=<id>', 404],
    ['DELETE', 'Patient/<id>', 404],
    ['DELETE', 'Patient?_id=<id>', 200],
    ['DELETE', 'Observation?_content="content-<id>"', 400],
    ['DELETE', 'Observation?colour=content-<id>', 400],
    ['DELETE', 'Patient/<id>/_history', 403],
    ['DELETE', 'Patient/<id>/_history/1', 403],
    ['POST', 'Patient/<id>/$purge', 403],
    ['POST', 'Patient/<id>/$meta-add', 404],
    ['POST', 'Patient/<id>/$meta-delete', 404],
    ['POST', 'Patient/<id>/$validate', 200],
  ] as const)('%s %s: %i', async (method, path, expected) => {
    const labels = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [tag] } }] };
    const body = (id: string) =>
      method === 'PUT' || path.endsWith('$validate')
        ? { resourceType: 'Patient', id }
        : path.includes('$meta')
          ? labels
          : path.includes('$')
            ? { resourceType: 'Parameters' }
            : undefined;
    expect((await alike(method, path, body)).status).toBe(expected);
  });

  test.each(['update', 'delete'])('$validate in the mode %s says nothing of theirs', async mode => {
    await alike('POST', 'Patient/<id>/$validate', id => ({
      resourceType: 'Parameters',
      parameter: [
        { name: 'mode', valueCode: mode },
        { name: 'resource', resource: { resourceType: 'Patient', id } },
      ],
    }));
  });

  test('what refers to theirs is judged as what refers to nothing, content with X-Security-Context too', async () => {
    const about = (subject: object) => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject });
    for (const subject of [
      (id: string) => ({ reference: `Patient/${id}` }),
      (id: string) => ({ reference: `Patient/${id}/_history/1` }),
      (id: string) => ({ reference: `Patient?identifier=${system}|${id}` }),
      (id: string) => ({ reference: `Patient?_content=family-${id}` }),
    ])
      for (const type of ['batch', 'transaction'])
        await alike('POST', '', id => ({
          resourceType: 'Bundle',
          type,
          entry: [{ resource: about(subject(id)), request: { method: 'POST', url: 'Observation' } }],
        }));
    await alike('POST', 'Observation', id => about({ reference: `Patient/${id}` }));
    for (const criteria of ['_id=obs-<id>', '_content="content-<id>"', 'colour=content-<id>'])
      await alike(
        'POST',
        'Observation',
        () => about({ reference: 'Patient/none' }),
        id => ({
          'if-none-exist': criteria.replace('<id>', id),
        }),
      );
    await alike(
      'POST',
      'Binary',
      () => 'x',
      id => ({ 'content-type': 'text/plain', 'x-security-context': `Patient/${id}` }),
    );
    await alike(
      'PUT',
      'Binary/bin-<id>',
      () => 'x',
      id => ({ 'content-type': 'text/plain', 'x-security-context': `Patient/${id}` }),
    );
  });

  test('none of theirs was changed', async () => {
    for (const [path, version] of [
      ['Patient/theirs', '1'],
      ['Observation/obs-theirs', '2'],
      ['Binary/bin-theirs', '1'],
    ])
      expect((await ask(tester, 'GET', path!, undefined, { accept: 'application/fhir+json' })).body['meta']).toMatchObject({
        versionId: version,
        tag: [tag],
      });
  });
});
