// https://hl7.org/fhir/R4/search.html#revinclude
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { baseUrl, bundle, limited, observation, open, patient, put, type Seen, type Server, tester, transaction } from './parts.ts';

let server: Server;
const at = (reference: string) => ({ reference });
beforeAll(async () => {
  server = await open();
  const organization = (id: string, partOf?: string) =>
    put({ resourceType: 'Organization', id, name: id, ...(partOf ? { partOf: at(`Organization/${partOf}`) } : {}) });
  const answers = (id: string, questionnaire: string) =>
    put({ resourceType: 'QuestionnaireResponse', id, status: 'completed', questionnaire });
  const questions = (id: string, version: string) =>
    put({ resourceType: 'Questionnaire', id, status: 'active', url: 'http://e.org/q', version });
  const sent = [
    organization('ward', 'clinic'),
    organization('clinic', 'group'),
    // A circle.
    organization('group', 'ward'),
    put(patient({ id: 'p', managingOrganization: at('Organization/ward') })),
    put(observation({ id: 'o1', subject: at('Patient/p'), performer: [at('Organization/group'), at('Practitioner/d')] })),
    put(observation({ id: 'o2', subject: at('Patient/p'), hasMember: [at('Observation/o1')] })),
    put({ resourceType: 'Practitioner', id: 'd' }),
    questions('q1', '1'),
    questions('q2', '2'),
    answers('r1', 'http://e.org/q|1'),
    answers('r2', 'http://e.org/q'),
  ];
  expect((await server.call('POST', '', { body: transaction(...sent) })).status).toBe(200);
});
afterAll(() => server.close());

const names = (seen: Seen, mode: string) =>
  bundle(seen)
    .entry?.filter(e => e.search!.mode === mode)
    .map(e => (mode === 'outcome' ? e.resource!.resourceType : e.fullUrl!.slice(baseUrl.length + 1))) ?? [];
const brought = async (url: string, as = tester) => {
  const seen = await server.call('GET', url, { as });
  expect([url, seen.status]).toEqual([url, 200]);
  const all = [...names(seen, 'match'), ...names(seen, 'include')];
  expect(new Set(all).size).toBe(all.length);
  return names(seen, 'include').sort();
};

test('_include: one step without :iterate; with it on and on, a circle ends', async () => {
  expect(await brought('Patient?_include=Patient:organization')).toEqual(['Organization/ward']);
  expect(await brought('Patient?_include=Patient:organization&_include:iterate=Organization:partof')).toEqual([
    'Organization/clinic',
    'Organization/group',
    'Organization/ward',
  ]);
  expect(await brought('Patient?_include=Patient:organization&_include:recurse=Organization:partof')).toHaveLength(3);
  expect(await brought('Patient?_include:iterate=Organization:partof')).toEqual([]);
  expect(await brought('Organization?_id=ward&_include:iterate=Organization:partof')).toEqual([
    'Organization/clinic',
    'Organization/group',
  ]);
});

test('_include: a type behind the parameter, every parameter, everything', async () => {
  expect(await brought('Observation?_id=o1&_include=Observation:performer:Practitioner')).toEqual(['Practitioner/d']);
  expect(await brought('Observation?_id=o1&_include=Observation:*')).toEqual(['Organization/group', 'Patient/p', 'Practitioner/d']);
  expect(await brought('Observation?_id=o1&_include=*')).toEqual(['Organization/group', 'Patient/p', 'Practitioner/d']);
  expect(await brought('Observation?_id=o2&_include:iterate=*')).toHaveLength(6);
});

test('_revinclude: what refers to the matches, on and on with :iterate; from several ends nothing comes twice', async () => {
  expect(await brought('Organization?_id=ward&_revinclude=Patient:organization')).toEqual(['Patient/p']);
  expect(await brought('Organization?_id=ward&_revinclude=Patient:organization&_revinclude:iterate=Observation:subject')).toEqual([
    'Observation/o1',
    'Observation/o2',
    'Patient/p',
  ]);
  expect(await brought('Patient?_revinclude=*')).toEqual(['Observation/o1', 'Observation/o2']);
  expect(await brought('Patient?_revinclude=Observation:*&_include=*&_include:iterate=*&_revinclude:iterate=*')).toHaveLength(6);
});

test('_include: a canonical leads to what has the URL, with a version to that version alone; back the same way', async () => {
  expect(await brought('QuestionnaireResponse?_id=r1&_include=QuestionnaireResponse:questionnaire')).toEqual(['Questionnaire/q1']);
  expect(await brought('QuestionnaireResponse?_id=r2&_include=QuestionnaireResponse:questionnaire')).toEqual([
    'Questionnaire/q1',
    'Questionnaire/q2',
  ]);
  expect(await brought('Questionnaire?_id=q1&_revinclude=QuestionnaireResponse:questionnaire')).toEqual([
    'QuestionnaireResponse/r1',
    'QuestionnaireResponse/r2',
  ]);
  expect(await brought('Questionnaire?_id=q2&_revinclude=QuestionnaireResponse:questionnaire')).toEqual(['QuestionnaireResponse/r2']);
});

test('_include, _revinclude and _sort by a stored SearchParameter', async () => {
  const definition = {
    resourceType: 'SearchParameter',
    url: 'http://e.org/SearchParameter/friend',
    name: 'Friend',
    status: 'active',
    description: 'x',
    code: 'friend',
    base: ['Patient'],
    type: 'reference',
    expression: "Patient.extension('urn:friend').value",
    target: ['Patient'],
  };
  expect((await server.call('POST', 'SearchParameter', { body: definition })).status).toBe(201);
  const extension = [{ url: 'urn:friend', valueReference: at('Patient/p') }];
  await server.call('PUT', 'Patient/friendly', { body: patient({ id: 'friendly', extension }) });
  expect(await brought('Patient?_id=friendly&_include=Patient:friend')).toEqual(['Patient/p']);
  expect(await brought('Patient?_id=p&_revinclude=Patient:friend')).toEqual(['Patient/friendly']);
  expect(names(await server.call('GET', 'Patient?_sort=friend:Patient._id'), 'match')[0]).toBe('Patient/friendly');
  await server.call('DELETE', 'Patient/friendly');
});

test('_include: goes through nothing that this client may not know of', async () => {
  const reach = { '*': [{}], Organization: [{ ids: ['ward', 'group'] }] };
  const as = limited({ '*': 'rs' }, reach);
  expect(await brought('Patient?_include=Patient:organization&_include:iterate=Organization:partof', as)).toEqual(['Organization/ward']);
});

test('_include past the cap: an outcome says so, and the link "related" leads to the rest, each once', async () => {
  const many = Array.from({ length: 2300 }, (_, k) => put(observation({ id: `m${k}`, subject: at('Patient/many') })));
  for (let k = 0; k < many.length; k += 800)
    expect((await server.call('POST', '', { body: transaction(put(patient({ id: 'many' })), ...many.slice(k, k + 800)) })).status).toBe(
      200,
    );
  let page = await server.call('GET', 'Patient?_id=many&_revinclude=Observation:subject&_total=accurate');
  const all: string[] = [];
  const sizes: number[][] = [];
  for (;;) {
    all.push(...names(page, 'include'));
    sizes.push([names(page, 'match').length, names(page, 'include').length, names(page, 'outcome').length, bundle(page).total!]);
    const related = bundle(page).link!.find(l => l.relation === 'related')?.url;
    if (related === undefined) break;
    page = await server.call('GET', related.slice(baseUrl.length + 1));
  }
  expect(sizes).toEqual([
    [1, 1000, 1, 1],
    [0, 1000, 1, 1],
    [0, 300, 0, 1],
  ]);
  expect(new Set(all).size).toBe(2300);
});
