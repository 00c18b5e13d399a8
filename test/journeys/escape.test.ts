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

async function ask(token: string, method: string, path: string, body?: object | string, headers: object = {}): Promise<Answer> {
  const response = await fetch(path === '' ? world.baseUrl : path.startsWith('http') ? path : `${world.baseUrl}/${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...headers,
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
  await put({
    ...observation('b', 'exam'),
    id: 'by-identifier',
    subject: { identifier: { system: 'urn:n', value: 'b' } },
  });
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
    const to = [
      { name: 'type', valueCode: 'replace' },
      { name: 'path', valueString: 'Consent.patient' },
      { name: 'value', valueReference: { reference: 'Patient/b' } },
    ];
    const moving = { resourceType: 'Parameters', parameter: [{ name: 'operation', part: to }] };
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
      await ask(mine, 'PATCH', 'Consent/consent-b', moving),
      await ask(mine, 'PATCH', 'Consent/consent-a', moving),
      await ask(mine, 'PATCH', 'Consent?patient=Patient/a', moving),
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

describe.each([
  ['all scopes', 'patient/*.cruds'],
  [
    'scopes with a query',
    `patient/Patient.rs patient/Encounter.rs patient/Observation.rs?${laboratory} patient/Consent.crus?status=active`,
  ],
])('a patient app with %s learns nothing of another', (_, scope) => {
  let token: string;
  beforeAll(async () => {
    token = await tokenFor('patient-app', scope, 'Patient/a');
  });

  /** The answer, with what names the one or the other taken out. */
  const alike = async (
    method: string,
    path: string,
    of: readonly string[],
    body?: (of: string) => object,
    headers?: (of: string) => object,
  ) => {
    const answers = [];
    for (const one of of) {
      const answer = await ask(token, method, path.replaceAll('<id>', one), body?.(one), headers?.(one));
      const issue = (answer.body['issue'] as { code: string }[] | undefined)?.map(({ code }) => code);
      answers.push([answer.status, issue, answer.body['total'], found(answer).length]);
    }
    expect(answers[0]).toEqual(answers[1]);
    return answers[0]!;
  };
  const patients = ['b', 'never'];

  test.each([
    ['GET', 'Patient/<id>'],
    ['HEAD', 'Patient/<id>'],
    ['GET', 'Patient/<id>/_history'],
    ['GET', 'Patient/<id>/_history/1'],
    ['GET', 'Patient/<id>/$everything'],
    ['GET', 'Patient/<id>/Observation'],
    ['GET', 'Patient/<id>/*'],
    ['GET', 'Encounter/enc-<id>/*'],
    ['GET', 'Encounter/enc-<id>/$everything'],
    ['GET', 'Group/<id>/$everything'],
    ['GET', 'Observation/lab-<id>'],
    ['GET', 'Observation/lab-<id>/_history'],
    ['GET', 'Encounter/enc-<id>/_history/1'],
    ['GET', 'Consent/consent-<id>'],
    ['DELETE', 'Consent/consent-<id>'],
    ['PATCH', 'Consent/consent-<id>'],
    ['PATCH', 'Consent?_id=consent-<id>'],
    ['PATCH', 'Consent?patient=<id>'],
    ['GET', 'Patient/<id>/$meta'],
    ['GET', 'Patient/<id>/$validate'],
    ['GET', 'Observation/lab-<id>/_history/1/$meta'],
    ['DELETE', 'Observation/lab-<id>/_history'],
  ])('%s %s: refused, the same for what never was', async (method, path) => {
    // HEAD has no body to read.
    if (method === 'HEAD') {
      const statuses = await Promise.all(
        patients.map(
          async id => (await fetch(`${world.baseUrl}/Patient/${id}`, { method, headers: { Authorization: `Bearer ${token}` } })).status,
        ),
      );
      return expect([404, 405]).toContain(statuses[0] === statuses[1] ? statuses[0] : 0);
    }
    const patch = () => ({ resourceType: 'Parameters' });
    const [status] = await alike(method, path, patients, ...(method === 'PATCH' ? [patch] : []));
    expect([400, 403, 404, 405]).toContain(status);
  });

  test.each([
    'Patient?_id=<id>',
    'Patient?_id=<id>,x&_total=accurate',
    'Patient?identifier=urn:n|<id>&_summary=count',
    'Patient?_has:Observation:patient:_id=lab-<id>',
    'Patient?_has:Encounter:patient:_id=enc-<id>',
    'Patient?_has:Consent:patient:_id=consent-<id>&_count=0',
    'Observation?subject=Patient/<id>&_sort=-date',
    'Observation?subject=Patient/<id>,Patient/none&_sort=subject',
    'Observation?subject:identifier=urn:n|<id>',
    'Observation?patient.identifier=urn:n|<id>',
    'Observation?encounter=Encounter/enc-<id>',
    '?_type=Patient,Encounter&_id=<id>,enc-<id>',
    '?_type=Observation,Encounter&patient=<id>&_sort=-_lastUpdated',
    'Observation?encounter:Encounter.patient=Patient/<id>',
    'Observation?has-member._id=lab-<id>',
    'Observation?performer:Patient._id=<id>',
    'Encounter?subject=<id>&_revinclude=Observation:encounter',
    'Consent?patient=<id>&_elements=id',
    'Patient?_filter=_id eq <id>',
    'Patient?_filter=identifier eq "urn:n|<id>" and not (gender eq other)',
    'Observation?_filter=subject eq Patient/<id>',
    'Observation?_filter=subject.identifier eq "urn:n|<id>"',
    'Patient?_content=<id>&_id=<id>',
    'Patient?_has:Observation:subject:_content=final&_id=<id>',
    'Observation?subject=Patient/<id>&_sort=subject:Patient.family',
    'Observation?subject=Patient/<id>&_include:iterate=*&_revinclude:iterate=*',
  ])('%s: nothing, counted as nothing', async path => {
    // It is there to be found by whoever may.
    const theirs = await ask(tester, 'GET', path.replaceAll('<id>', 'b'));
    expect(found(theirs).length + Number(theirs.body['total'] ?? 0)).toBeGreaterThan(0);
    expect(await alike('GET', path, patients)).toEqual([200, undefined, 0, 0]);
    expect((await alike('GET', `${path.replace(/&_(count=0|summary=count|total=accurate)/, '')}&_summary=count`, patients))[2]).toBe(0);
  });

  test('what A has that leads to B brings nothing of B, in whatever order', async () => {
    for (const path of [
      '_include=Observation:performer',
      '_include=*',
      '_include=Observation:has-member',
      '_sort=performer',
      '_sort=-has-member',
      '_sort=has-member.code',
      '_include:iterate=*&_revinclude:iterate=*',
    ])
      expect((await ask(token, 'GET', `Observation?_id=leads-to-b&${path}`)).text).not.toMatch(/family-b|"id":"lab-b"/);
    expect(found(await ask(token, 'GET', 'Observation?_id=leads-to-b&_include=*'))).toEqual(
      expect.arrayContaining(['Observation/leads-to-b']),
    );
  });

  test('If-None-Match and If-Match say nothing of what another has', async () => {
    for (const version of ['1', '9']) {
      const match = () => ({ 'If-None-Match': `W/"${version}"` });
      expect((await alike('GET', 'Patient/<id>', patients, undefined, match))[0]).toBe(404);
      const put = (id: string) => ({ ...consent({ reference: 'Patient/a' }), id: `consent-${id}` });
      expect((await alike('PUT', 'Consent/consent-<id>', patients, put, () => ({ 'If-Match': `W/"${version}"` })))[0]).toBe(404);
    }
  });

  test('If-None-Exist and criteria find nothing of another: what is written is new, and of the own patient', async () => {
    const about = () => consent({ reference: 'Patient/a' });
    const criteria = (id: string) => ({ 'If-None-Exist': `_id=consent-${id}` });
    expect((await alike('POST', 'Consent', patients, about, criteria))[0]).toBe(201);
    expect((await alike('PUT', 'Consent?patient=Patient/<id>', patients, about))[0]).toBe(201);
    expect((await alike('PUT', 'Consent?_id=consent-<id>', patients, about))[0]).toBe(201);
    expect((await ask(tester, 'GET', 'Consent/consent-b')).body['meta']).toMatchObject({ versionId: '1' });
  });

  test.each([
    ['a reference', (id: string) => ({ reference: `Patient/${id}` })],
    ['an absolute reference', (id: string) => ({ reference: `${world.baseUrl}/Patient/${id}` })],
    ['a version', (id: string) => ({ reference: `Patient/${id}/_history/1` })],
    ['an identifier', (id: string) => ({ identifier: { system: 'urn:n', value: id } })],
    ['a conditional reference', (id: string) => ({ reference: `Patient?identifier=urn:n|${id}` })],
    ['both, the reference being the own', (id: string) => ({ reference: 'Patient/a', identifier: { system: 'urn:n', value: id } })],
  ])('a Consent about another by %s is refused, alone and in a Bundle, the same for nobody', async (_name, reference) => {
    const [status] = await alike('POST', 'Consent', patients, id => consent(reference(id)));
    expect([400, 403, 412, 422]).toContain(status);
    for (const type of ['transaction', 'batch']) {
      const bundle = (id: string) => ({
        resourceType: 'Bundle',
        type,
        entry: [{ resource: consent(reference(id)), request: { method: 'POST', url: 'Consent' } }],
      });
      const [one] = await alike('POST', '', patients, bundle);
      const inside = (await ask(token, 'POST', '', bundle('b'))).body['entry'] as { response: { status: string } }[] | undefined;
      expect([400, 403, 412, 422]).toContain(type === 'batch' ? Number(inside![0]!.response.status.slice(0, 3)) : one);
    }
  });

  test.each(['batch', 'transaction'])('in a %s: every entry as if it came alone', async type => {
    const entries: readonly [method: string, url: string, resource?: (id: string) => object][] = [
      ['GET', 'Patient/<id>'],
      ['GET', 'Observation/lab-<id>/_history/1'],
      ['GET', 'Observation?subject=Patient/<id>'],
      ['DELETE', 'Consent/consent-<id>'],
      ['DELETE', 'Consent?patient=<id>'],
      ['PUT', 'Consent/consent-<id>', id => ({ ...consent({ reference: 'Patient/a' }), id: `consent-${id}` })],
      ['PUT', 'Patient/<id>', id => ({ resourceType: 'Patient', id })],
      ['PATCH', 'Consent/consent-<id>', () => ({ resourceType: 'Parameters' })],
      ['PATCH', 'Consent?patient=Patient/<id>', () => ({ resourceType: 'Parameters' })],
      ['POST', 'Patient', () => ({ resourceType: 'Patient', id: 'a' })],
    ];
    for (const [method, url, resource] of entries) {
      const bundle = (id: string) => ({
        resourceType: 'Bundle',
        type,
        entry: [{ ...(resource ? { resource: resource(id) } : {}), request: { method, url: url.replaceAll('<id>', id) } }],
      });
      const answers = await Promise.all(patients.map(id => ask(token, 'POST', '', bundle(id))));
      const told = answers.map(({ status, body }) => {
        const [entry] = (body['entry'] ?? [{}]) as { response?: { status: string }; resource?: Json }[];
        return [status, entry?.response?.status, entry?.resource?.['total']].map(String);
      });
      expect(told[0]).toEqual(told[1]);
      expect(JSON.stringify(answers)).not.toContain('family-b');
      if (method !== 'GET') expect(type === 'batch' ? told[0]![1] : told[0]![0]).toMatch(/^40[34]/);
    }
    for (const id of ['Consent/consent-b', 'Patient/b', 'Patient/a'])
      expect((await ask(tester, 'GET', id)).body['meta']).toMatchObject({ versionId: '1' });
  });

  test('operations: none that is served tells of another, by whatever it is given', async () => {
    const { body } = await ask(token, 'GET', 'metadata');
    const [rest] = body['rest'] as { operation: { name: string }[] }[];
    const codes = rest!.operation.map(({ name }) => name);
    expect(codes).toEqual(expect.arrayContaining(['holdings', 'releases', 'acknowledge', 'deidentify']));
    const given = (name: string, reference: (id: string) => string) => (id: string) => ({
      resourceType: 'Parameters',
      parameter: [{ name, valueReference: { reference: reference(id) } }],
    });
    for (const code of codes)
      for (const parameters of [given('patient', id => `Patient/${id}`), given('consent', id => `Consent/consent-${id}`)]) {
        const [status] = await alike('POST', `$${code}`, patients, parameters);
        expect([400, 403, 404]).toContain(status);
      }
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
    expect((await ask(token, 'DELETE', 'Observation/written')).status).toBe(200);
    expect((await ask(token, 'GET', 'Observation/written')).status).toBe(410);
    expect((await ask(tester, 'GET', 'Observation/vital-a')).body['meta']).toMatchObject({ versionId: '1' });
  });

  test('each version is judged by itself: what came in from outside has no past there', async () => {
    await put({ ...observation('a', 'vital-signs'), id: 'moved' });
    await put({ ...observation('a', 'laboratory'), id: 'moved' });
    await put({ ...observation('a', 'vital-signs'), id: 'left' });
    await put({ ...observation('a', 'laboratory'), id: 'left' });
    await put({ ...observation('a', 'vital-signs'), id: 'left' });
    const token = await tokenFor('patient-app', `patient/Observation.rs?${laboratory}`, 'Patient/a');
    expect((await ask(token, 'GET', 'Observation/moved')).status).toBe(200);
    expect((await ask(token, 'GET', 'Observation/moved/_history/1')).status).toBe(404);
    expect((await ask(token, 'GET', 'Observation/moved/_history')).body['total']).toBe(1);
    expect((await ask(token, 'GET', 'Observation/left')).status).toBe(404);
    expect((await ask(token, 'GET', 'Observation/left/_history/2')).status).toBe(200);
    expect(found(await ask(token, 'GET', 'Observation?_id=left'))).toEqual([]);
    for (const id of ['moved', 'left']) await ask(tester, 'DELETE', `Observation/${id}`);
    expect((await ask(token, 'GET', 'Observation/moved')).status).toBe(410);
    expect((await ask(token, 'GET', 'Observation/left')).status).toBe(404);
  });

  test('paging, sorting and totals know of the query alone', async () => {
    const token = await tokenFor('tester', `system/Observation.rs?${laboratory}`);
    const [seen, first]: [string[], string] = [[], 'Observation?_sort=-_id&_count=1&_total=accurate'];
    for (let next: string | undefined = first; next !== undefined; ) {
      const answer: Answer = await ask(token, 'GET', next);
      expect(answer.body['total']).toBe(3);
      seen.push(...found(answer));
      next = (answer.body['link'] as { relation: string; url: string }[]).find(one => one.relation === 'next')?.url;
    }
    expect(seen).toEqual(['Observation/leads-to-b', 'Observation/lab-b', 'Observation/lab-a']);
  });

  test.each(['transaction', 'batch'])('a %s that is sent again tells what lies inside the query alone', async type => {
    const bundle = {
      resourceType: 'Bundle',
      type,
      identifier: { system: 'urn:again', value: type },
      entry: ['laboratory', 'vital-signs'].map(category => ({
        resource: { ...observation('a', category), code: { text: `sent as ${category}` } },
        request: { method: 'POST', url: 'Observation' },
      })),
    };
    const whole = { Prefer: 'return=representation' };
    expect((await ask(tester, 'POST', '', bundle, whole)).text).toContain('sent as vital-signs');
    const token = await tokenFor('tester', `system/Observation.crs?${laboratory} system/Patient.rs`);
    const answer = await ask(token, 'POST', '', bundle, whole);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('sent as laboratory');
    expect(answer.text).not.toContain('sent as vital-signs');
    // What came in later does not open what it was before.
    const [id] = found(await ask(tester, 'GET', 'Observation?category=vital-signs&_sort=-_lastUpdated&_count=1'));
    await put({ ...observation('a', 'laboratory'), id: id!.slice('Observation/'.length) });
    expect((await ask(token, 'GET', id!)).status).toBe(200);
    expect((await ask(token, 'POST', '', bundle, whole)).text).not.toContain('sent as vital-signs');
  });

  test('a page link of a wider token shows a narrower one nothing more', async () => {
    const wide = await tokenFor('tester', 'system/Observation.rs');
    const narrow = await tokenFor('tester', `system/Observation.rs?${laboratory}`);
    const page = await ask(wide, 'GET', 'Observation?_count=1');
    const { url } = (page.body['link'] as { relation: string; url: string }[]).find(one => one.relation === 'next')!;
    for (const id of found(await ask(narrow, 'GET', `${url}`))) expect(id).toMatch(/lab-|leads-to-b/);
  });

  test('criteria find nothing that may be changed but not looked for', async () => {
    const token = await tokenFor('tester', `system/Observation.cu system/Observation.rs?${laboratory} system/Patient.rs`);
    const { status } = await ask(token, 'PUT', 'Observation?_id=vital-a', observation('a', 'vital-signs'));
    expect(status).toBe(201);
    expect((await ask(tester, 'GET', 'Observation/vital-a')).body['meta']).toMatchObject({ versionId: '1' });
  });
});

describe('who may change but neither read nor search', () => {
  test('does so by id, and learns nothing by it', async () => {
    await put({ resourceType: 'Patient', id: 'blind', name: [{ family: 'unseen' }], identifier: [{ system: 'urn:n', value: 'blind' }] });
    const token = await tokenFor('tester', 'system/Patient.cud system/Observation.crs');
    const profile = {
      resourceType: 'Parameters',
      parameter: [{ name: 'profile', valueUri: 'http://hl7.org/fhir/StructureDefinition/Patient' }],
    };
    expect((await ask(token, 'GET', 'Patient/blind/$validate')).status).toBe(404);
    expect((await ask(token, 'POST', 'Patient/blind/$validate', profile)).status).toBe(404);
    // Criteria, references and chains are looks as well.
    for (const family of ['unseen', 'never']) {
      expect((await ask(token, 'PUT', `Patient?family=${family}`, { resourceType: 'Patient' })).status).toBe(201);
      expect((await ask(token, 'POST', 'Patient', { resourceType: 'Patient' }, { 'If-None-Exist': `family=${family}` })).status).toBe(201);
      expect((await ask(token, 'PUT', `Observation?subject:Patient.family=${family}`, observation('blind', 'exam'))).status).toBe(403);
      expect(found(await ask(token, 'GET', `Observation?subject:Patient.family=${family}`))).toEqual([]);
      const bundle = {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          {
            resource: { ...observation('x', 'exam'), subject: { reference: `Patient?family=${family}` } },
            request: { method: 'POST', url: 'Observation' },
          },
        ],
      };
      expect((await ask(token, 'POST', '', bundle)).status).toBe(412);
    }
    expect((await ask(tester, 'GET', 'Patient/blind')).body['meta']).toMatchObject({ versionId: '1' });
    expect((await ask(token, 'PUT', 'Patient/blind', { resourceType: 'Patient', id: 'blind' })).status).toBe(200);
    expect((await ask(token, 'DELETE', 'Patient/blind')).status).toBe(200);
  });
});
