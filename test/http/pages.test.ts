// docs/interaction/*.md: each row of each page's errors is met by a request to a whole server, and no page names another
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, BundleEntry, OperationOutcome } from '@medplum/fhirtypes';
import { objection as objectionTo } from '../journeys/world.ts';
import { type Asking, openWhole, type Told, type Whole } from './whole.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'docs/interaction');

let server: Whole;
/** A patient of the tester, one that was deleted, an objection of hospital-1. */
let id: string;
let gone: string;
let objection: string;
const identifier = [{ system: 'urn:pages', value: 'twice' }];
const patient = { resourceType: 'Patient', identifier };
beforeAll(async () => {
  server = await openWhole('--max-bundle-entries', '100');
  [id, gone] = [await server.create(patient), await server.create(patient)];
  await server.create(patient);
  await server.ask('DELETE', `Patient/${gone}`);
  const number = { system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: 'pages' };
  objection = await server.create(objectionTo({ identifier: number }), 'hospital-1');
});
afterAll(() => server.close());

interface Met {
  readonly status: number;
  readonly json: unknown;
}
/** Requests that meet a row; or the test that does, where no request can at will. */
type Row = readonly (() => Promise<Met>)[] | { readonly heldBy: string };

const get = (to: string, more: Asking = {}) => server.ask('GET', to, more);
const put = (to: string, body: object | string, headers: Record<string, string> = {}) => server.ask('PUT', to, { body, headers });
const post = (to: string, body: object | string, headers: Record<string, string> = {}) => server.ask('POST', to, { body, headers });
const remove = (to: string, headers: Record<string, string> = {}) => server.ask('DELETE', to, { headers });
const patch = (to: string, operations: unknown, headers: Record<string, string> = {}, client = 'tester') =>
  server.ask('PATCH', to, {
    body: JSON.stringify(operations),
    headers: { 'content-type': 'application/json-patch+json', ...headers },
    client,
  });
const fhirPath = (path: string, type = 'delete') => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: type },
        { name: 'path', valueString: path },
        ...(type === 'delete' ? [] : [{ name: 'value', valueIdentifier: { value: 'x' } }]),
      ],
    },
  ],
});
const several = 'identifier=urn:pages|twice';
const one = (method: string, url: string, resource?: object, more: object = {}) => ({
  ...(resource === undefined ? {} : { resource }),
  request: { method, url, ...more },
});
const bundle = (type: string, entry: readonly object[], more: object = {}) => ({ resourceType: 'Bundle', type, entry, ...more });
const transaction = (...entries: object[]) => post('', bundle('transaction', entries));
const batch = (...entries: object[]) => post('', bundle('batch', entries));
const observation = (subject: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  subject: { reference: subject },
});
const named = { identifier: { system: 'urn:pages', value: 'sent before' } };

const own = (value: string) => ({ system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value });
/** A report unit of hospital-1. */
const unit = (more: object = {}) => ({
  resourceType: 'Bundle',
  type: 'collection',
  meta: {
    tag: [
      { system: 'http://jpfhir.jp/fhir/FASTHDJ/CodeSystem/BundleTransactionType_CS', code: 'INS' },
      { system: 'http://jpfhir.jp/fhir/CLINS/CodeSystem/BundleResourceType_CS', code: 'Observation' },
    ],
  },
  identifier: { system: 'http://jpfhir.jp/fhir/CLINS/bundle-identifier', value: '1319999991^x^PAGES' },
  entry: [
    { fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001', resource: { resourceType: 'Patient', identifier: [own('twice')] } },
    { resource: observation('urn:uuid:00000000-0000-4000-8000-000000000001') },
  ],
  ...more,
});

/** What the second entry of a batch answers. */
async function inEntry(entry: object, more: { client?: string; identifier?: object } = {}): Promise<Met> {
  const { client, ...rest } = more;
  const body = bundle('batch', [one('GET', 'metadata'), entry], rest);
  const told = await server.ask('POST', '', { body, ...(client === undefined ? {} : { client }) });
  const { response } = ((told.json as unknown as Bundle).entry as BundleEntry[])[1]!;
  return { status: Number(response!.status!.slice(0, 3)), json: response!.outcome };
}

/** A page link that was given out an hour ago. */
async function oldLink(to: string): Promise<Told> {
  const told = await server.earlier(61 * 60_000, async () => (await get(to)).json as unknown as Bundle);
  const next = told.link!.find(({ relation }) => relation === 'next')!.url!;
  return get(next.slice(server.baseUrl.length).replace(/^\//, ''));
}
const foreignLink = async (): Promise<Told> => {
  const told = (await get('Patient?_count=1')).json as unknown as Bundle;
  return get(told.link!.find(({ relation }) => relation === 'next')!.url!.slice(server.baseUrl.length + 1), { client: 'hospital-1' });
};

const asAnAlien = (method: string, to: string, body?: object) => () =>
  server.ask(method, to, { client: 'researcher-1', ...(body === undefined ? {} : { body }) });

const pages: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  read: {
    '400': [
      () => get('Patient/a_b'),
      () => get(`Patient/${'a'.repeat(65)}`),
      () => get(`Patient/${id}`, { headers: { 'if-none-match': '1' } }),
      () => get(`Patient/${id}?name=x`),
      () => get(`Patient/${id}?_summary=x`),
    ],
    '403 forbidden': [asAnAlien('GET', 'Patient/x')],
    '404 not-supported': [() => get('patient/x')],
    '404 not-found': [() => get('Patient/nobody'), () => get(`Patient/${id}`, { client: 'hospital-1' })],
    '410 deleted': [() => get(`Patient/${gone}`)],
  },
  vread: {
    '400': [() => get('Patient/a_b/_history/1'), () => get(`Patient/${id}/_history/1?name=x`)],
    '403 forbidden': [asAnAlien('GET', 'Patient/x/_history/1')],
    '404 not-supported': [() => get('Patiant/x/_history/1')],
    '404 not-found': [
      () => get(`Patient/${id}/_history/2`),
      () => get(`Patient/${id}/_history/x`),
      () => get(`Patient/${id}/_history/1`, { client: 'hospital-1' }),
    ],
    '410 deleted': [() => get(`Patient/${gone}/_history/2`)],
  },
  history: {
    '400': [
      () => get('Patient/a_b/_history'),
      () => get(`Patient/${id}/_history?_at=20`),
      () => get(`Patient/${id}/_history?_at=2026&_at=2026`),
      () => get(`Patient/${id}/_history?_sort=_lastUpdated`),
      () => get(`Patient/${id}/_history?_count=x`),
      () => get(`Patient/${id}/_history?_since=2026`),
      () => get(`Patient/${id}/_history?_page=x`),
      () => get(`Patient/${id}/_history?_page=x&_count=1`),
      () => get('_history?_page=x'),
      () => get('Patient/_history?name=x'),
    ],
    '403 forbidden': [asAnAlien('GET', 'Patient/x/_history'), asAnAlien('GET', 'Patient/_history'), asAnAlien('GET', '_history')],
    '404 not-supported': [() => get('Patiant/x/_history'), () => get('Patiant/_history')],
    '404 not-found': [() => get('Patient/nobody/_history'), () => get(`Patient/${id}/_history`, { client: 'hospital-1' })],
    '405': [() => post('_history', {}), () => post('Patient/_history', {}), () => post(`Patient/${id}/_history`, {})],
    '422 too-costly': { heldBy: 'test/fhir/store/index/history.test.ts' },
    '410 deleted': [() => oldLink(`Patient/${gone}/_history?_count=1`), () => oldLink('_history?_count=1')],
  },
  create: {
    '400': [
      () => post('Patient', '{'),
      () => post('Patient', '[]'),
      () => post('Patient', { resourceType: 'Basic', code: { text: 'x' } }),
      () => post('Patient', { ...patient, colour: 'red' }),
      () => post('Patient', { ...patient, birthDate: '2020-02-31' }),
      () => post('Patient', patient, { 'if-none-exist': '' }),
      () => post('Patient', patient, { 'if-none-exist': 'foo=bar', prefer: 'handling=lenient' }),
      () => post('Patient', patient, { 'if-none-exist': 'birthdate=x' }),
    ],
    '403 forbidden': [asAnAlien('POST', 'Patient', patient)],
    '404 not-supported': [() => post('Patiant', { resourceType: 'Patiant' })],
    '409 conflict': { heldBy: 'test/fhir/interactions/tries.test.ts' },
    '412 multiple-matches': [
      () => post('Patient', patient, { 'if-none-exist': several }),
      () => post('Observation', observation(`Patient?${several}`)),
    ],
    '412 conflict': [
      () => post('Patient', patient, { 'if-none-exist': '_count=1' }),
      () => post('Observation', observation('Patient?identifier=urn:pages|none')),
    ],
    '422': [
      () => post('Observation', { resourceType: 'Observation', status: 'final' }),
      () => post('Patient', { ...patient, gender: 'femal' }),
      () => post('Patient', { ...patient, contact: [{ gender: 'male' }] }),
      () => post('Patient', { ...patient, text: { status: 'generated', div: '<script/>' } }),
      () => post('Observation', observation('Medication/1')),
      () => server.ask('POST', 'Patient', { body: patient, client: 'hospital-1' }),
    ],
  },
  update: {
    '400': [
      () => put(`Patient/${id}`, { ...patient, id: 'other' }),
      () => put(`Patient/${id}`, patient),
      () => put(`Patient?_id=${id}`, { ...patient, id: 'other' }),
      () => put('Patient/a_b', { ...patient, id: 'a_b' }),
      () => put(`Patient/${id}`, { ...patient, id }, { 'if-match': '1' }),
      () => put(`Patient/${id}`, '{'),
      () => put(`Patient/${id}`, { ...patient, id, colour: 'red' }),
      () => put(`Patient/${id}`, { ...patient, id, birthDate: '2020-02-31' }),
      () => put('Patient?foo=bar', patient, { prefer: 'handling=lenient' }),
    ],
    '403 forbidden': [asAnAlien('PUT', 'Patient/x', { ...patient, id: 'x' })],
    '404 not-supported': [() => put('Patiant/x', { resourceType: 'Patiant', id: 'x' })],
    '404 not-found': [
      () => server.ask('PUT', `Patient/${id}`, { body: { ...patient, id }, client: 'hospital-1' }),
      () => server.ask('PUT', 'Patient/nobody', { body: { ...patient, id: 'nobody' }, client: 'hospital-1' }),
    ],
    '409 conflict': [
      () => put('Patient?identifier=urn:pages|none', { ...patient, id }),
      async () => {
        const { json } = await get(`Consent/${objection}`, { client: 'hospital-1' });
        const body = { ...json, provision: { type: 'permit' } };
        return server.ask('PUT', `Consent/${objection}`, { body, client: 'hospital-1' });
      },
    ],
    '412 multiple-matches': [() => put(`Patient?${several}`, patient)],
    '412 conflict': [() => put(`Patient/${id}`, { ...patient, id }, { 'if-match': 'W/"9"' }), () => put('Patient', patient)],
    '422': [() => put(`Patient/${id}`, { ...patient, id, gender: 'femal' })],
  },
  patch: {
    '400': [
      () => patch('Patient/a_b', []),
      () => patch(`Patient/${id}`, {}),
      () => patch(`Patient/${id}`, [{ op: 'add', path: '/a' }]),
      () => patch(`Patient/${id}`, [{ op: 'replace', path: '/id', value: 'other' }]),
      () => patch(`Patient/${id}`, [{ op: 'replace', path: '/meta/versionId', value: '9' }]),
      () => patch(`Patient/${id}`, [{ op: 'add', path: '/colour', value: 'red' }]),
      () => patch(`Patient/${id}`, [], { 'if-match': '1' }),
      () => patch('Patient?foo=bar', [], { prefer: 'handling=lenient' }),
      () => server.ask('PATCH', `Patient/${id}`, { body: patient }),
      () => server.ask('PATCH', `Patient/${id}`, { body: fhirPath('Patient.repeat($this)') }),
      () => server.ask('PATCH', `Patient/${id}`, { body: '<diff><x/></diff>', headers: { 'content-type': 'application/xml-patch+xml' } }),
    ],
    '403 forbidden': [() => patch('Patient/x', [], {}, 'researcher-1')],
    '404 not-supported': [() => patch('Patiant/x', [])],
    '404 not-found': [
      () => patch('Patient/nobody', []),
      () => patch(`Patient/${id}`, [], {}, 'hospital-1'),
      () => patch('Patient?identifier=urn:pages|none', []),
    ],
    '409 conflict': [() => patch(`Consent/${objection}`, [{ op: 'replace', path: '/provision/type', value: 'permit' }], {}, 'hospital-1')],
    '410 deleted': [() => patch(`Patient/${gone}`, [])],
    '412 multiple-matches': [() => patch(`Patient?${several}`, [])],
    '412 conflict': [
      () => patch(`Patient/${id}`, [], { 'if-match': 'W/"9"' }),
      () => patch('Patient', []),
      () => patch('Patient?_count=1', []),
    ],
    '415': [() => server.ask('PATCH', `Patient/${id}`, { body: '[]', headers: { 'content-type': 'text/plain' } })],
    '422 processing': [
      () => patch(`Patient/${id}`, [{ op: 'test', path: '/active', value: true }]),
      () => patch(`Patient/${id}`, [{ op: 'replace', path: '/name/0/family', value: 'x' }]),
      () => server.ask('PATCH', `Patient/${id}`, { body: fhirPath('Patient.identifier.where(false)', 'replace') }),
    ],
    '422 too-costly': [() => patch(`Patient/${id}`, new Array(1001).fill({ op: 'test', path: '/id', value: 'x' }))],
    '422': [() => patch(`Patient/${id}`, [{ op: 'add', path: '/gender', value: 'femal' }])],
  },
  delete: {
    '400': [
      () => remove('Patient/a_b'),
      () => remove(`Patient/${id}`, { 'if-match': '1' }),
      () => remove('Patient?foo=bar', { prefer: 'handling=lenient' }),
    ],
    '403 forbidden': [asAnAlien('DELETE', 'Patient/x')],
    '404 not-supported': [() => remove('Patiant/x')],
    '404 not-found': [
      () => server.ask('DELETE', 'Patient/nobody', { client: 'hospital-1' }),
      () => server.ask('DELETE', `Patient/${id}`, { client: 'hospital-1' }),
    ],
    '409 conflict': [() => server.ask('DELETE', `Consent/${objection}`, { client: 'hospital-1' })],
    '412 multiple-matches': [() => remove(`Patient?${several}`, { 'if-match': '*' })],
    '412 conflict': [() => remove('Patient'), () => remove('Patient?_count=1'), () => remove(`Patient/${id}`, { 'if-match': 'W/"9"' })],
    '422 too-costly': [
      async () => {
        const basic = { resourceType: 'Basic', code: { coding: [{ system: 'urn:pages', code: 'many' }] } };
        for (let i = 0; i < 2; i++) await transaction(...new Array(51).fill(one('POST', 'Basic', basic)));
        return remove('Basic?code=urn:pages|many');
      },
    ],
  },
  capabilities: {
    '400': [() => get('metadata?mode=x'), () => get('metadata?_summary=x', { client: '' }), () => get('metadata?name=x', { client: '' })],
    '405': [() => post('metadata', {}), () => remove('metadata')],
  },
  'search-type': {
    '400': [
      () => get('Patient?nmae=x'),
      () => get('Observation?subject.nmae=x'),
      () => get('Patient?_has:Observation:nobody:code=x'),
      () => get('Patient?_contained=both'),
    ],
    '400, lenient or not': [
      'name:text=x',
      'link:above=x',
      'identifier:of-type=x',
      'identifier:above=x',
      `${'link.'.repeat(11)}_id=x`,
      '_filter=name zz x',
      '_filter=colour eq x',
      '_query=x',
      '_text=(',
      'birthdate=2020-13',
      'birthdate=xx2020',
      '_has:Observation:patient:value-quantity=gtx',
      '_count=-1',
      'name=',
      '_sort=nothing',
      '_include=Patient:nothing',
      '_include:iterate=Nothing:x',
      '_summary=text&_include=Patient:organization',
      '_list=$current-problems',
      '_include:iterate=Patient:nothing',
      '_revinclude=Nothing:x',
      '_count=1&_count=1',
      '_summary=true&_summary=true',
      `name=${'a'.repeat(2001)}`,
      '_page=x',
      '_page=x&name=y',
    ]
      .map(query => () => get(`Patient?${query}`, { headers: { prefer: 'handling=lenient' } }))
      .concat([foreignLink]),
    '403 forbidden': [asAnAlien('GET', 'Patient')],
    '404 not-supported': [() => get('Patiant?name=x'), () => get(`Observation/${id}/Patient`)],
    '404 not-found': [() => get('Patient?gender:in=http://a.example'), () => get('Patient?gender:below=x')],
    '422 too-costly': { heldBy: 'test/fhir/store/deadline.test.ts' },
    '503 transient': { heldBy: 'test/fhir/store/custom-index.test.ts' },
    '410 deleted': [() => oldLink('Patient?_count=1')],
  },
  'search-system': {
    '400': [() => get('?gender=male'), () => get('?_type=Patiant'), () => get('?_type=Patient&_type=Patient'), () => get('?_page=x')],
    '403 forbidden': [asAnAlien('GET', '?_id=x'), () => get('?_type=Patient', { client: 'researcher-1' })],
    '405': [() => get('_search')],
    '410 deleted': [() => oldLink('?_type=Patient&_count=1')],
  },
  'search-compartment': {
    '400': [() => get(`Patient/${id}/Observation?nmae=x`), () => get(`Patient/${id}/*?gender=male`), () => get(`Patient/${id}/*?_page=x`)],
    '403 forbidden': [asAnAlien('GET', 'Patient/x/Observation')],
    '404 not-found': [
      () => get('Patient/nobody/Observation'),
      () => get(`Patient/${gone}/*`),
      () => get(`Patient/${id}/*`, { client: 'hospital-1' }),
    ],
    '404 not-supported': [() => get(`Patient/${id}/Organization`), () => get('Organization/x/*')],
    '405': [() => post(`Patient/${id}/Observation`, {}), () => remove(`Patient/${id}/*`)],
    '410 deleted': [
      async () => {
        await server.create(observation(`Patient/${id}`));
        return oldLink(`Patient/${id}/*?_count=1`);
      },
    ],
  },
  batch: {
    '400': [
      () => batch({ resource: patient }),
      () => batch(one('BREW', 'Patient')),
      () => batch({ ...one('POST', 'Patient', patient), fullUrl: 'x' }),
      () => batch({ ...one('POST', 'Patient', patient), fullUrl: 'urn:x:1' }, { ...one('POST', 'Patient', patient), fullUrl: 'urn:x:1' }),
      () => batch(one('POST', '', bundle('batch', []))),
      () => batch(one('POST', '', bundle('transaction', []))),
      () => post('', bundle('batch', [one('GET', 'Patient')], { colour: 'red' })),
    ],
    '409 conflict': [
      async () => {
        const sent = { identifier: { system: 'urn:pages', value: 'of a transaction' } };
        await post('', bundle('transaction', [one('POST', 'Patient', patient)], sent));
        return post('', bundle('batch', [one('POST', 'Patient', patient)], sent));
      },
    ],
    '413': [() => batch(...new Array(101).fill(one('GET', 'Patient')))],
    '422': [() => post('', bundle('batch', [one('GET', 'Patient')], { total: 1 }))],
    'in the entry 403': [() => inEntry(one('GET', 'Patient'), { client: 'operator' })],
    'in the entry 405': [() => inEntry(one('POST', `Patient/${id}`, patient))],
    'in the entry 400': [() => inEntry(one('GET', 'http://evil.example/Patient'))],
    'in the entry 409': [
      async () => {
        await inEntry(one('POST', 'Patient', patient), named);
        return inEntry(one('POST', 'Basic', { resourceType: 'Basic', code: { text: 'x' } }), named);
      },
    ],
  },
  transaction: {
    '400': [
      () => transaction(one('BREW', 'Patient')),
      () => transaction(one('GET', 'http://evil.example/Patient')),
      () => transaction({ ...one('POST', 'Patient', patient), fullUrl: 'x' }),
      () => transaction(one('POST', '', bundle('batch', []))),
      () => transaction(one('POST', 'Patient/_search')),
      () => transaction(one('PUT', `Patient/${id}`, { ...patient, id }), one('DELETE', `Patient/${id}`)),
      () =>
        transaction(
          one('POST', 'Patient', patient, { ifNoneExist: 'identifier=urn:pages|new' }),
          one('POST', 'Patient', patient, { ifNoneExist: 'identifier=urn:pages|new' }),
        ),
      () => transaction(one('POST', 'Patient', { ...patient, colour: 'red' })),
      () => transaction(one('POST', 'Patient', { ...patient, birthDate: '2020-02-31' })),
    ],
    '403 forbidden': [asAnAlien('POST', '', bundle('transaction', [one('POST', 'Patient', patient)]))],
    '404 not-supported': [
      () => transaction(one('POST', 'Patiant', { resourceType: 'Patiant' })),
      () => transaction(one('POST', '$deidentify', { resourceType: 'Parameters' })),
    ],
    '404 not-found': [
      () => transaction(one('PATCH', 'Patient/nobody', { resourceType: 'Parameters' })),
      () => transaction(one('GET', 'Patient/nobody')),
      () =>
        server.ask('POST', '', { body: bundle('transaction', [one('PUT', `Patient/${id}`, { ...patient, id })]), client: 'hospital-1' }),
    ],
    '409 conflict': [
      async () => {
        const sent = { identifier: { system: 'urn:pages', value: 'of another transaction' } };
        await post('', bundle('transaction', [one('POST', 'Patient', patient)], sent));
        return post('', bundle('transaction', [one('POST', 'Basic', { resourceType: 'Basic', code: { text: 'x' } })], sent));
      },
      () => transaction(one('PUT', 'Patient?identifier=urn:pages|none', { ...patient, id })),
    ],
    '410 deleted': [
      () => transaction(one('GET', `Patient/${gone}`)),
      () => transaction(one('DELETE', `Patient/${id}`), one('GET', `Patient/${id}`)),
    ],
    '412 multiple-matches': [
      () => transaction(one('PUT', `Patient?${several}`, patient)),
      () => transaction(one('POST', 'Observation', observation(`Patient?${several}`))),
    ],
    '412 conflict': [
      () => transaction(one('PUT', `Patient/${id}`, { ...patient, id }, { ifMatch: 'W/"9"' })),
      () => transaction(one('PUT', `Patient/${id}`, { ...patient, id }, { ifNoneMatch: '*' })),
      () => transaction(one('DELETE', 'Patient?_count=1')),
      () => transaction(one('POST', 'Observation', observation('Patient?identifier=urn:pages|none'))),
    ],
    '413': [() => transaction(...new Array(101).fill(one('GET', 'Patient')))],
    '422': [
      () => transaction(one('POST', 'Patient', { ...patient, gender: 'femal' })),
      () => server.ask('POST', '', { body: bundle('transaction', [one('POST', 'Patient', patient)]), client: 'hospital-1' }),
    ],
  },
  async: {
    '403 forbidden': { heldBy: 'test/http/async.test.ts' },
    '404 not-found': [() => get('_async/never')],
    '410 deleted': { heldBy: 'test/http/async.test.ts' },
  },
  collection: {
    '400': [() => post('', unit()), () => server.ask('POST', '', { body: unit({ shoe: 'x' }), client: 'hospital-1' })],
    '403 forbidden': { heldBy: 'test/journeys/report-unit.test.ts' },
    '409 conflict': { heldBy: 'test/fhir/interactions/tries.test.ts' },
    '412 multiple-matches': [
      async () => {
        const parameter = [
          { name: 'scan', valueString: 'twice' },
          { name: 'sent', valueDateTime: '2026-01-05' },
        ];
        await server.ask('POST', '$record-notices', { body: { resourceType: 'Parameters', parameter }, client: 'hospital-1' });
        for (const _ of [1, 2]) await server.create({ resourceType: 'Patient', identifier: [own('twice')] }, 'hospital-1');
        return server.ask('POST', '', { body: unit(), client: 'hospital-1' });
      },
    ],
    '413': [() => server.ask('POST', '', { body: unit({ entry: new Array(101).fill({ resource: patient }) }), client: 'hospital-1' })],
    '422': [
      () => server.ask('POST', '', { body: unit({ meta: undefined }), client: 'hospital-1' }),
      () => server.ask('POST', '', { body: unit(), client: 'hospital-2' }),
    ],
  },
};

/** First cells of a page's table of errors; what happens in an entry is one row of several statuses. */
function rowsOf(page: string): string[] {
  const text = readFileSync(path.join(folder, `${page}.md`), 'utf8');
  const table = /\| error \| when \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(text)?.[1] ?? '';
  return table
    .trimEnd()
    .split('\n')
    .flatMap(line => {
      const [cell = '', when = ''] = line.replace(/^\| | \|$/g, '').split(' | ');
      const name = cell.replaceAll('`', '');
      return name === 'in the entry' ? [...when.matchAll(/\b(4\d\d)\b/g)].map(([, status]) => `${name} ${status}`) : [name];
    });
}

test('every page is held, and no other', () => {
  expect(Object.keys(pages).sort()).toEqual(
    readdirSync(folder)
      .map(file => file.replace(/\.md$/, ''))
      .sort(),
  );
});

describe.each(Object.keys(pages))('%s', page => {
  test('its table of errors has these rows', () => {
    expect(rowsOf(page)).toEqual(Object.keys(pages[page]!).sort((a, b) => rowsOf(page).indexOf(a) - rowsOf(page).indexOf(b)));
  });

  test.each(Object.keys(pages[page]!))('%s', async name => {
    const row = pages[page]![name]!;
    if ('heldBy' in row) {
      expect(existsSync(path.join(root, row.heldBy))).toBe(true);
      return;
    }
    const [, status, code] = /(\d{3})(?: ([a-z-]+))?/.exec(name)!;
    for (const [index, request] of row.entries()) {
      const met = await request();
      const [issue] = (met.json as OperationOutcome).issue ?? [];
      expect([index, met.status, code === undefined ? undefined : issue?.code]).toEqual([index, Number(status), code]);
    }
  });
});
