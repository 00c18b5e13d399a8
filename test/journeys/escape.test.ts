// https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html, https://hl7.org/fhir/R4/security.html
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchToken } from '../../src/commands/token.ts';
import { objection, openWorld, type World } from './world.ts';

type Json = { readonly [member: string]: unknown };
interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly text: string;
}

let world: World;
let tester: string;
let mine: string;

const categories = 'http://terminology.hl7.org/CodeSystem/observation-category';
const laboratory = `category=${categories}|laboratory`;
const observation = (subject: string, category: string) => ({
  resourceType: 'Observation',
  status: 'final',
  category: [{ coding: [{ system: categories, code: category }] }],
  code: { text: 'x' },
  subject: { reference: `Patient/${subject}` },
});

/** Permits: an objection would stop what these tests write. */
const consent = (patient: object) => ({
  ...objection(patient),
  provision: { type: 'permit' },
  policyRule: { text: 'x' },
  scope: { text: 'x' },
});

async function ask(token: string, method: string, path: string, body?: object | string): Promise<Answer> {
  const response = await fetch(path === '' ? world.baseUrl : path.startsWith('http') ? path : `${world.baseUrl}/${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body === undefined
        ? {}
        : { 'Content-Type': typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/fhir+json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: text === '' ? {} : (JSON.parse(text) as Json) };
}

const tokenFor = async (client: string, scope?: string, patient?: string): Promise<string> =>
  (await fetchToken({ client, scope, patient, data: world.data, url: world.baseUrl })).token;
const put = async (resource: Json) => {
  const { status, text } = await ask(tester, 'PUT', `${resource['resourceType']}/${resource['id']}`, resource);
  if (status > 201) throw new Error(text);
};
/** `Type/id` of all entries. */
const found = ({ body }: Answer): string[] =>
  ((body['entry'] ?? []) as { resource?: Json }[]).map(({ resource }) => `${resource?.['resourceType']}/${resource?.['id']}`).sort();
/** An answer without what is its own: the request's id, links, the time. */
const bare = ({ status, body }: Answer, id: string) => {
  const { link: _, id: __, meta: ___, ...rest } = body;
  return [status, JSON.stringify(rest).replaceAll(id, '<id>')];
};

beforeAll(async () => {
  world = await openWorld(1, 'escape');
  tester = await tokenFor('tester');
  for (const id of ['a', 'b']) {
    await put({ resourceType: 'Patient', id, identifier: [{ system: 'urn:n', value: id }], name: [{ family: `family-${id}` }] });
    await put({
      resourceType: 'Encounter',
      id: `enc-${id}`,
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: `Patient/${id}` },
    });
    await put({ ...observation(id, 'laboratory'), id: `lab-${id}`, encounter: { reference: `Encounter/enc-${id}` } });
    await put({ ...observation(id, 'vital-signs'), id: `vital-${id}` });
    await put({ ...consent({ reference: `Patient/${id}` }), id: `consent-${id}` });
  }
  // A member of both: stands in the compartment of A by its subject, and leads to B.
  await put({
    ...observation('a', 'laboratory'),
    id: 'leads-to-b',
    performer: [{ reference: 'Patient/b' }],
    hasMember: [{ reference: 'Observation/lab-b' }],
  });
  mine = await tokenFor('patient-app', undefined, 'Patient/a');
}, 60_000);
afterAll(() => world.close());

describe('a patient app of one patient asks for another', () => {
  test('its own is there', async () => {
    expect((await ask(mine, 'GET', 'Patient/a')).status).toBe(200);
    expect(found(await ask(mine, 'GET', 'Observation'))).toEqual(expect.arrayContaining(['Observation/lab-a', 'Observation/vital-a']));
    expect((await ask(mine, 'GET', 'Consent?_summary=count')).body['total']).toBe(1);
  });

  test.each([
    ['Patient/b', 'Patient/never'],
    ['Patient/b/_history', 'Patient/never/_history'],
    ['Patient/b/_history/1', 'Patient/never/_history/1'],
    ['Observation/lab-b', 'Observation/never'],
    ['Consent/consent-b', 'Consent/never'],
    ['Consent/consent-b/_history', 'Consent/never/_history'],
    ['Encounter/enc-b/_history/1', 'Encounter/never/_history/1'],
  ])('%s: 404, the same as for what never was', async (path, never) => {
    const one = await ask(mine, 'GET', path);
    expect(one.status).toBe(404);
    expect(bare(one, 'b')).toEqual(bare(await ask(mine, 'GET', never), 'never'));
  });

  test.each([
    'Patient?_id=b',
    'Patient?identifier=urn:n|b',
    'Patient?family=family-b',
    'Patient?_has:Observation:subject:code:not=x&_id=b',
    'Patient?_has:Observation:performer:status=final',
    'Observation?subject=Patient/b',
    'Observation?patient=b',
    'Observation?subject:Patient=b',
    'Observation?subject.identifier=urn:n|b',
    'Observation?subject:Patient.family=family-b',
    'Observation?_id=lab-b',
    'Observation?encounter=Encounter/enc-b',
    'Observation?performer:Patient.family=family-b',
    'Observation?has-member.status=final&_id=lab-b',
    'Encounter?patient=Patient/b',
    'Consent?patient=Patient/b',
    'Patient?_id:not=a',
  ])('%s: nothing, counted as nothing', async path => {
    const { status, body } = await ask(mine, 'GET', path);
    expect([status, body['entry'], body['total'] ?? 0]).toEqual([200, undefined, 0]);
    expect((await ask(mine, 'GET', `${path}&_summary=count`)).body['total']).toBe(0);
    const [type, query] = path.split('?') as [string, string];
    expect(found(await ask(mine, 'POST', `${type}/_search`, query))).toEqual([]);
  });

  test.each([
    'Observation?_include=Observation:performer&_include=Observation:has-member',
    'Observation?_include=*',
    'Patient?_revinclude=Observation:performer&_revinclude=Observation:subject',
    'Patient?_revinclude=*',
  ])('%s: brings nothing of the other', async path => {
    const { status, text } = await ask(mine, 'GET', path);
    expect(status).toBe(200);
    expect(text).not.toMatch(/family-b|"id":"(b|lab-b|vital-b|enc-b|consent-b)"/);
  });

  test("the other's page link: refused or empty, and the entries of a batch as if they came alone", async () => {
    const theirs = await tokenFor('patient-app', undefined, 'Patient/b');
    const page = await ask(theirs, 'GET', 'Observation?_count=1');
    const next = (page.body['link'] as { relation: string; url: string }[]).find(one => one.relation === 'next')!.url;
    const followed = await ask(mine, 'GET', next);
    expect(followed.text).not.toMatch(/"id":"(lab-b|vital-b)"/);
    expect((await ask(theirs, 'GET', next)).text).toMatch(/"id":"(lab-b|vital-b)"/);

    const entry = ['Patient/b', 'Observation?subject=Patient/b', 'Observation/lab-b/_history'].map(url => ({
      request: { method: 'GET', url },
    }));
    const { body } = await ask(mine, 'POST', '', { resourceType: 'Bundle', type: 'batch', entry });
    const statuses = (body['entry'] as { response: { status: string } }[]).map(one => one.response.status.slice(0, 3));
    expect(statuses).toEqual(['404', '200', '404']);
    expect(JSON.stringify(body)).not.toContain('family-b');
    expect((await ask(mine, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry: [entry[0]] })).status).toBe(404);
  });

  test('writes: nothing of the other is made, changed or deleted', async () => {
    const about = consent;
    const before = (await ask(tester, 'GET', 'Consent?_summary=count')).body['total'];
    const attempts = [
      await ask(mine, 'POST', 'Consent', about({ reference: 'Patient/b' })),
      await ask(mine, 'POST', 'Consent', about({ identifier: { system: 'urn:n', value: 'b' } })),
      await ask(mine, 'POST', 'Consent', {
        ...about({ reference: '#p' }),
        contained: [{ resourceType: 'Patient', id: 'p', identifier: [{ system: 'urn:n', value: 'b' }] }],
      }),
      await ask(mine, 'PUT', 'Consent/consent-b', { ...about({ reference: 'Patient/a' }), id: 'consent-b' }),
      await ask(mine, 'PUT', 'Consent/consent-a', { ...about({ reference: 'Patient/b' }), id: 'consent-a' }),
      await ask(mine, 'PUT', 'Consent?patient=Patient/b', about({ reference: 'Patient/b' })),
      await ask(mine, 'DELETE', 'Consent/consent-b'),
      await ask(mine, 'DELETE', 'Consent?patient=Patient/b'),
      await ask(mine, 'PUT', 'Patient/b', { resourceType: 'Patient', id: 'b' }),
      await ask(mine, 'POST', 'Observation', observation('b', 'laboratory')),
      await ask(mine, 'POST', '$deidentify', { resourceType: 'Parameters' }),
    ];
    for (const { status } of attempts) expect([403, 404, 422]).toContain(status);
    expect((await ask(tester, 'GET', 'Consent?_summary=count')).body['total']).toBe(before);
    expect((await ask(tester, 'GET', 'Consent/consent-b')).body['meta']).toMatchObject({ versionId: '1' });
  });
});

describe('scopes with a query', () => {
  test('a patient app that may see laboratory results sees no vital signs, by whatever way', async () => {
    const token = await tokenFor('patient-app', `patient/Observation.rs?${laboratory} patient/Patient.rs`, 'Patient/a');
    expect((await ask(token, 'GET', 'Observation/lab-a')).status).toBe(200);
    expect(found(await ask(token, 'GET', 'Observation'))).toEqual(['Observation/lab-a', 'Observation/leads-to-b']);
    expect((await ask(token, 'GET', 'Observation?_summary=count')).body['total']).toBe(2);
    for (const path of ['Observation/vital-a', 'Observation/vital-a/_history', 'Observation/vital-a/_history/1', 'Observation/lab-b'])
      expect((await ask(token, 'GET', path)).status).toBe(404);
    for (const path of [
      'Observation?_id=vital-a',
      'Observation?category=vital-signs',
      'Patient?_has:Observation:subject:category=vital-signs',
    ])
      expect(found(await ask(token, 'GET', path))).toEqual([]);
    expect((await ask(token, 'GET', 'Patient?_revinclude=Observation:subject')).text).not.toContain('vital-a');
    expect((await ask(token, 'GET', 'Encounter/enc-a')).status).toBe(403);
  });

  test('letters belong to their own scope: read everything, search the laboratory alone', async () => {
    const token = await tokenFor('tester', `system/Observation.r system/Observation.s?${laboratory} system/Patient.rs`);
    expect((await ask(token, 'GET', 'Observation/vital-a')).status).toBe(200);
    expect(found(await ask(token, 'GET', 'Observation'))).toEqual(['Observation/lab-a', 'Observation/lab-b', 'Observation/leads-to-b']);
    expect(found(await ask(token, 'GET', 'Patient?_has:Observation:subject:category=vital-signs'))).toEqual([]);
  });

  test('several scopes of one type are alternatives', async () => {
    const token = await tokenFor('tester', `system/Observation.rs?${laboratory} system/Observation.rs?category=vital-signs`);
    expect((await ask(token, 'GET', 'Observation?_summary=count')).body['total']).toBe(5);
  });

  test('writes: neither from outside the query in, nor from inside out', async () => {
    const token = await tokenFor('tester', `system/Observation.cruds?${laboratory} system/Patient.rs system/Encounter.rs`);
    const lab = { ...observation('a', 'laboratory'), id: 'written' };
    expect((await ask(token, 'POST', 'Observation', observation('a', 'vital-signs'))).status).toBe(403);
    expect((await ask(token, 'PUT', 'Observation/written', { ...observation('a', 'vital-signs'), id: 'written' })).status).toBe(403);
    expect((await ask(token, 'PUT', 'Observation/written', lab)).status).toBe(201);
    expect((await ask(token, 'PUT', 'Observation/written', { ...observation('a', 'vital-signs'), id: 'written' })).status).toBe(403);
    expect((await ask(token, 'PUT', 'Observation/vital-a', { ...lab, id: 'vital-a' })).status).toBe(404);
    expect((await ask(token, 'DELETE', 'Observation/vital-a')).status).toBe(404);
    const entry = [{ resource: observation('a', 'vital-signs'), request: { method: 'POST', url: 'Observation' } }];
    expect((await ask(token, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(403);
    expect((await ask(token, 'DELETE', 'Observation/written')).status).toBe(204);
    expect((await ask(token, 'GET', 'Observation/written')).status).toBe(410);
    expect((await ask(tester, 'GET', 'Observation/vital-a')).body['meta']).toMatchObject({ versionId: '1' });
  });

  test('criteria find nothing that may be changed but not looked for', async () => {
    const token = await tokenFor('tester', `system/Observation.cu system/Observation.rs?${laboratory} system/Patient.rs`);
    const { status } = await ask(token, 'PUT', 'Observation?_id=vital-a', observation('a', 'vital-signs'));
    expect(status).toBe(201);
    expect((await ask(tester, 'GET', 'Observation/vital-a')).body['meta']).toMatchObject({ versionId: '1' });
  });
});
