// https://hl7.org/fhir/R4/http.html#search (whole system), https://hl7.org/fhir/R4/http.html#vsearch, https://hl7.org/fhir/R4/compartmentdefinition.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  baseUrl,
  bundle,
  institution,
  issues,
  limited,
  observation,
  open,
  patient,
  put,
  type Seen,
  type Server,
  tester,
  transaction,
} from './parts.ts';

let server: Server;
const h1 = institution('h1');
beforeAll(async () => {
  server = await open();
  const at = (id: string) => ({ reference: id });
  const sent = [
    put(patient({ id: 'a', gender: 'male', generalPractitioner: [at('Practitioner/d')] })),
    put(patient({ id: 'b', gender: 'female', link: [{ other: at('Patient/a'), type: 'seealso' }] })),
    put({ resourceType: 'Practitioner', id: 'd' }),
    put({ resourceType: 'Encounter', id: 'e', status: 'finished', class: { code: 'AMB' }, subject: at('Patient/a') }),
    put(observation({ id: 'o', subject: at('Patient/a'), encounter: at('Encounter/e'), performer: [at('Practitioner/d')] })),
    put(observation({ id: 'focus', subject: at('Patient/b'), focus: [at('Patient/a')], device: at('Device/v') })),
    put({ resourceType: 'Condition', id: 'c', subject: at('Patient/a'), asserter: at('RelatedPerson/r') }),
    put({ resourceType: 'RelatedPerson', id: 'r', patient: at('Patient/a') }),
    put({ resourceType: 'Device', id: 'v' }),
    put({
      resourceType: 'Immunization',
      id: 'i',
      status: 'completed',
      vaccineCode: { text: 'x' },
      patient: at('Patient/a'),
      occurrenceString: 'x',
    }),
    put({
      resourceType: 'List',
      id: 'l',
      status: 'current',
      mode: 'working',
      entry: [{ item: at('Patient/b') }, { item: at('Condition/c') }],
    }),
  ];
  expect((await server.call('POST', '', { body: transaction(...sent) })).status).toBe(200);
  const mine = observation({ id: 'mine', subject: at('Patient/a') });
  const write = { type: 'Observation', id: 'mine', resource: mine, expect: 'any', sender: 'Organization/h1' } as const;
  await server.store.commit({ writes: [write] });
});
afterAll(() => server.close());

const found = (seen: Seen) => bundle(seen).entry?.map(e => e.fullUrl!.slice(baseUrl.length + 1)) ?? [];
const ask = async (url: string, as = tester) => {
  const seen = await server.call('GET', url, { as });
  expect([url, seen.status]).toEqual([url, 200]);
  return found(seen).sort();
};
const next = (seen: Seen) =>
  bundle(seen)
    .link!.find(l => l.relation === 'next')
    ?.url.slice(baseUrl.length)
    .replace(/^\//, '');

test('search of the system: what the types have in common, of the types that are named or of all', async () => {
  expect(await ask('?_id=a,o,e')).toEqual(['Encounter/e', 'Observation/o', 'Patient/a']);
  expect(await ask('?_type=Patient,Condition')).toEqual(['Condition/c', 'Patient/a', 'Patient/b']);
  expect(await ask('?_type=Observation,Condition&patient=a')).toEqual(['Condition/c', 'Observation/mine', 'Observation/o']);
  expect(await ask('?_type=Patient,Device&_has:Observation:subject:status=final')).toEqual(['Patient/a', 'Patient/b']);
  expect(bundle(await server.call('GET', '?_type=Patient,Condition&_count=0')).total).toBe(3);
  expect((await ask('?_count=1000')).length).toBe(12);
});

test.each([
  ['?gender=male', 'http.gender'],
  ['?_type=Patient,Condition&gender=male', 'http.gender'],
  ['?_type=Patient,Encounter&_has:Observation:subject:status=final', 'http._has:Observation:subject:status'],
  ['?_type=Nonsense', 'http._type'],
  ['?_type=Patient&_type=Condition', 'http._type'],
  ['?_type=Patient,Condition&_sort=gender', 'http._sort'],
  ['?_type=Patient&_include=Observation:subject', 'http._include'],
])('search of the system: %s is refused with 400', async (url, at) => {
  const seen = await server.call('GET', url);
  expect([seen.status, issues(seen)[0]!.at]).toEqual([400, at]);
});

test('search of the system: POST, its links hold no value; pages by snapshot in any order', async () => {
  for (const sort of ['', '&_sort=-_id', '&_sort=-_lastUpdated,_id']) {
    const whole = found(await server.call('GET', `?_type=Patient,Observation,Condition${sort}`));
    expect(whole).toHaveLength(6);
    const walked: string[] = [];
    let page = await server.call('POST', `_search?_type=Patient,Observation,Condition&_count=2${sort}`);
    for (let pages = 0; ; pages++) {
      walked.push(...found(page));
      for (const { url } of bundle(page).link!) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:8080\/fhir\?_page=[\w-]+$/);
      const url = next(page);
      if (url === undefined) break;
      if (pages === 0) await server.call('PUT', 'Patient/late', { body: patient({ id: 'late' }) });
      page = await server.call('GET', url);
    }
    expect(walked).toEqual(whole);
    await server.call('DELETE', 'Patient/late');
  }
});

test('search of the system: only types that this client may search; naming another is 403', async () => {
  const as = limited({ Observation: 's', Patient: 'r' });
  expect(await ask('?_id=a,o', as)).toEqual(['Observation/o']);
  expect((await server.call('GET', '?_type=Observation,Patient', { as })).status).toBe(403);
  expect((await server.call('GET', '?_id=a', { as: limited({ Patient: 'r' }) })).status).toBe(403);
  expect(await ask('', h1)).toEqual(['Observation/mine', 'Practitioner/d']);
});

test('compartment: what the definition names, and the resource itself', async () => {
  const patients = [
    'Condition/c',
    'Encounter/e',
    'Immunization/i',
    'Observation/mine',
    'Observation/o',
    'Patient/a',
    'Patient/b',
    'RelatedPerson/r',
  ];
  expect(await ask('Patient/a/*')).toEqual(patients);
  expect(await ask('Patient/a/Observation')).toEqual(['Observation/mine', 'Observation/o']);
  expect(await ask('Patient/a/Immunization?status=completed')).toEqual(['Immunization/i']);
  expect(await ask('Patient/a/*?_type=Condition,Encounter')).toEqual(['Condition/c', 'Encounter/e']);
  expect(await ask('Encounter/e/*')).toEqual(['Encounter/e', 'Observation/o']);
  expect(await ask('Practitioner/d/*')).toEqual(['Observation/o', 'Patient/a', 'Practitioner/d']);
  expect(await ask('Device/v/*')).toEqual(['Device/v', 'Observation/focus']);
  expect(await ask('RelatedPerson/r/*')).toEqual(['Condition/c', 'RelatedPerson/r']);
  const posted = await server.call('POST', 'Patient/a/Observation/_search?status=final');
  expect(found(posted).sort()).toEqual(['Observation/mine', 'Observation/o']);
});

test('compartment: a type that is never in it and a type without compartments answer 404; methods that are none 405', async () => {
  for (const url of ['Patient/a/Organization', 'Organization/x/*', 'Patient/a/Nonsense', 'Patient/a/Observation/x'])
    expect([url, (await server.call('GET', url)).status]).toEqual([url, 404]);
  expect((await server.call('DELETE', 'Patient/a/Observation')).status).toBe(405);
  expect((await server.call('GET', 'Patient/a/Observation/_search')).status).toBe(405);
});

test('compartment: of a resource that was never there and of one that this client may not know of: the same 404, though something of his own is in it', async () => {
  const seen = async (id: string, as = tester) => {
    const { status, body } = await server.call('GET', `Patient/${id}/*`, { as });
    return JSON.stringify([status, body]);
  };
  expect(await seen('a', h1)).toBe(await seen('never', h1));
  expect(await seen('a', h1)).toBe(await seen('never'));
  expect(JSON.parse(await seen('never'))[0]).toBe(404);
  const reach = { Patient: [{}], '*': [{ sender: 'Organization/h1' }] };
  expect(await ask('Patient/a/*', limited({ '*': 'rs' }, reach))).toEqual(['Observation/mine', 'Patient/a', 'Patient/b']);
  expect((await server.call('GET', 'Patient/a/Observation', { as: limited({ Patient: 'rs' }) })).status).toBe(403);
  expect((await server.call('GET', 'Patient/a/Observation', { as: limited({ Observation: 'rs' }) })).status).toBe(404);
});

test('compartment: a page link is of this compartment and no other', async () => {
  const first = await server.call('GET', 'Patient/a/*?_count=3');
  const url = next(first)!;
  expect(url).toMatch(/^Patient\/a\/\*\?_page=/);
  expect(found(await server.call('GET', url))).toHaveLength(3);
  expect((await server.call('GET', url.replace('Patient/a', 'Patient/b'))).status).toBe(400);
  expect((await server.call('GET', url, { as: limited({ '*': 'rs' }) })).status).toBe(400);
});

test('_list: what a List names, if this client may know of the List', async () => {
  expect(await ask('Patient?_list=l')).toEqual(['Patient/b']);
  expect(await ask('?_list=l')).toEqual(['Condition/c', 'Patient/b']);
  expect(await ask('Patient?_list=never')).toEqual([]);
  expect(await ask('Patient?_list=l', limited({ Patient: 'rs' }))).toEqual([]);
});

test('in a batch and in a transaction: as alone', async () => {
  const asked = [
    '?_type=Patient,Condition',
    'Patient/a/Observation?status=final',
    'Patient/a/*',
    '_history?_count=1',
    `${baseUrl}?_type=Patient&_id=a`,
    'Patient/never/*',
  ];
  const statuses: Record<string, string[]> = {};
  for (const type of ['batch', 'transaction']) {
    const urls = type === 'batch' ? asked : asked.slice(0, -1);
    const body = { resourceType: 'Bundle', type, entry: urls.map(url => ({ request: { method: 'GET', url } })) };
    const seen = bundle(await server.call('POST', '', { body }));
    statuses[type] = seen.entry!.map(one => one.response!.status.slice(0, 3));
    expect(seen.entry!.slice(0, 5).map(one => (one.resource as { entry: unknown[] }).entry.length)).toEqual([3, 2, 8, 1, 1]);
  }
  expect(statuses).toEqual({ batch: ['200', '200', '200', '200', '200', '404'], transaction: ['200', '200', '200', '200', '200'] });
});
