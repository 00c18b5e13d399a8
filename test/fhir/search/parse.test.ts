// https://hl7.org/fhir/R4/search.html
import { describe, expect, test } from '@jest/globals';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';
import { type ParseOptions, parseSearch } from '../../../src/fhir/search/parse.ts';
import { caps } from '../../../src/fhir/search/predicate.ts';
import type { Predicate } from '../../../src/fhir/search/query.ts';
import { cpuTime } from '../../cpu-time.ts';
import { evaluate, type Stored } from './oracle.ts';

const base = 'http://127.0.0.1:8080/fhir';
const options: ParseOptions = { defaultCount: 50, maxCount: 1000, base, now: Date.UTC(2026, 0, 31) };
const parsed = (url: string, more: Partial<ParseOptions> = {}) => {
  const [type = '', text = ''] = [url.slice(0, url.indexOf('?')), url.slice(url.indexOf('?') + 1)];
  const params =
    text === '' ? [] : text.split('&').map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const);
  return parseSearch(type, params, { ...options, ...more });
};
const query = (url: string) => parsed(url).query;
const where = (url: string): Predicate => {
  const { where } = query(url);
  expect(where).toHaveLength(1);
  return where[0]!;
};
const problem = (url: string, more: Partial<ParseOptions> = {}): Problem => {
  try {
    parsed(url, more);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown;
    throw thrown;
  }
  throw new Error(`was taken: ${url}`);
};

describe('what is refused', () => {
  test.each([
    ['Patient?nmae=x', 'http.nmae'],
    ['Patient?name:foo=x', 'http.name:foo'],
    ['Patient?gender:exact=male', 'http.gender:exact'],
    ['Patient?birthdate:contains=2020', 'http.birthdate:contains'],
    ['Patient?birthdate=2020-13', 'http.birthdate'],
    ['Patient?birthdate=2020-02-30', 'http.birthdate'],
    ['Patient?birthdate=xx2020', 'http.birthdate'],
    ['Observation?value-quantity=gtx', 'http.value-quantity'],
    ['Observation?value-quantity=5|mg', 'http.value-quantity'],
    ['Observation?value-quantity=1e999', 'http.value-quantity'],
    ['RiskAssessment?probability=', 'http.probability'],
    ['Patient?_count=-1', 'http._count'],
    ['Patient?_count=ten', 'http._count'],
    ['Patient?_count=1&_count=2', 'http._count'],
    ['Patient?_sort=colour', 'http._sort'],
    ['Patient?_sort=', 'http._sort'],
    ['Observation?_sort=code-value-quantity', 'http._sort'],
    ['Patient?_total=many', 'http._total'],
    ['Patient?_summary=short', 'http._summary'],
    ['Patient?_summary:x=true', 'http._summary:x'],
    ['Patient?_elements=a-b', 'http._elements'],
    ['Observation?subject.colour=x', 'http.subject.colour'],
    ['Observation?subject:Practitioner.name=x', 'http.subject:Practitioner.name'],
    ['Observation?code.text=x', 'http.code.text'],
    ['Patient?_has:Observation:code:code=x', 'http._has:Observation:code:code'],
    ['Patient?_has:Nonsense:patient:code=x', 'http._has:Nonsense:patient:code'],
    ['Patient?_has:Observation:encounter:code=x', 'http._has:Observation:encounter:code'],
    ['Patient?_has:Observation:patient=x', 'http._has:Observation:patient'],
    ['Observation?subject:Device:exact=1', 'http.subject:Device:exact'],
    ['Observation?subject:Organization=1', 'http.subject:Organization'],
    ['Observation?subject=Patinet/1', 'http.subject'],
    ['Observation?subject=#p', 'http.subject'],
    ['Observation?code=|', 'http.code'],
    ['Observation?code=a|b|c', 'http.code'],
    ['Observation?code=a,', 'http.code'],
    ['Observation?code:missing=maybe', 'http.code:missing'],
    ['Observation?code-value-quantity=a', 'http.code-value-quantity'],
    ['Observation?code-value-quantity=a$b', 'http.code-value-quantity'],
    ['Observation?_include=Observation:code', 'http._include'],
    ['Observation?_include=Observation:subject:Organization', 'http._include'],
    ['Observation?_include=Patient:organization', 'http._include'],
    ['Observation?_include:iterate=Nonsense:subject', 'http._include:iterate'],
    ['Observation?_include:iterate=Observation:code', 'http._include:iterate'],
    ['Observation?_include:sometimes=Observation:subject', 'http._include:sometimes'],
    ['Patient?_revinclude=*:*', 'http._revinclude'],
    ['Patient?_summary=text&_revinclude=Observation:subject', 'http._summary'],
    ['Patient?_sort=_score', 'http._sort'],
    ['Observation?_sort=subject.colour', 'http._sort'],
    ['Observation?_sort=code.name', 'http._sort'],
    ['Observation?_sort=subject:Practitioner.name', 'http._sort'],
    ['Observation?_sort=subject:Patient.organization.name', 'http._sort'],
    ['Patient?_contained=true', 'http._contained'],
    ['Patient?_containedType=all', 'http._containedType'],
    ['Patient?_type=Patient', 'http._type'],
    ['Patient?_revinclude=Observation:encounter', 'http._revinclude'],
    ['Patient?_revinclude=Nonsense:patient', 'http._revinclude'],
    ['Patient?_id=a b', 'http._id'],
    ['Patient?_id:exact=a', 'http._id:exact'],
    ['Patient?_lastUpdated=yesterday', 'http._lastUpdated'],
    ['Patient?_query=x', 'http._query'],
    ['Patient?_filter=x', 'http._filter'],
    ['Patient?_text=', 'http._text'],
    ['Patient?_text=(', 'http._text'],
    ['Patient?_text:exact=x', 'http._text:exact'],
    ['Patient?gender:code-text=x', 'http.gender:code-text'],
    ['Patient?identifier:of-type=urn:s|MR', 'http.identifier:of-type'],
    ['Patient?identifier:of-type=|MR|1', 'http.identifier:of-type'],
    ['Condition?code:below=1', 'http.code:below'],
    ['Condition?code:above=urn:s|', 'http.code:above'],
    ['ValueSet?url:text=x', 'http.url:text'],
    ['Observation?subject:below=Patient/1', 'http.subject:below'],
    ['Observation?patient:above=1', 'http.patient:above'],
    ['Location?near=91|2', 'http.near'],
    ['Location?near=1|181', 'http.near'],
    ['Location?near=1', 'http.near'],
    ['Location?near=1|2|3|parsec', 'http.near'],
    ['Location?near=1|2|30000|km', 'http.near'],
    ['Location?near=1|2|constructor|m', 'http.near'],
    ['Location?near:exact=1|2', 'http.near:exact'],
    ['Observation?subject.name.family=x', 'http.subject.name.family'],
    ['Observation?subject.=x', 'http.subject.'],
    ['Observation?.name=x', 'http'],
    ['Patient?_has:Observation:patient:_has:Provenance:subject:agent=x', 'http._has:Observation:patient:_has:Provenance:subject:agent'],
    ['Location?_sort=near', 'http._sort'],
    ['Patient?_list=$current-problems', 'http._list'],
    ['Patient?_list=a/b', 'http._list'],
    ['Patient?constructor=x', 'http.constructor'],
    ['Patient?__proto__=x', 'http.__proto__'],
  ])('search: %s is refused with 400 at %s', (url, expression) => {
    const refused = problem(url);
    expect([refused.status, refused.findings[0]?.expression]).toEqual([400, expression]);
  });

  test('search: what is refused is named, its value never', () => {
    for (const url of [
      'Patient?birthdate=19530517',
      'Patient?_sort=19530517',
      'Patient?_include=19530517',
      'Patient?_elements=1953-05-17',
      'Patient?_id=山田',
      'Observation?subject=Yamada%2F1',
    ]) {
      expect(JSON.stringify(problem(url).findings)).not.toMatch(/1953|山田|Yamada/);
    }
  });

  test('search: what does not look like the name of a parameter is not repeated either', () => {
    for (const name of ['name[$ne]', '山田太郎', '$where', 'a b', 'x'.repeat(5000), '']) {
      const refused = problem(`Patient?${name}=x`);
      expect(refused.status).toBe(400);
      expect(refused.findings[0]?.expression).toBe('http');
      expect(refused.message).not.toContain(name === '' ? 'undefined' : name);
    }
  });

  test('search: lenient leaves unknown parameters out and says which; wrong values and modifiers are refused all the same', () => {
    const lenient = parsed('Patient?nmae=x&gender=male&name[$ne]=y&general-practitioner.colour=z&_count=5000', { lenient: true });
    expect(lenient.ignored).toEqual(['nmae', '?', 'general-practitioner.colour']);
    expect(lenient.used).toEqual([
      ['gender', 'male'],
      ['_count', '1000'],
    ]);
    expect(lenient.query.where).toHaveLength(1);
    expect(problem('Patient?birthdate=2020-13', { lenient: true }).status).toBe(400);
    expect(problem('Patient?name:foo=x', { lenient: true }).status).toBe(400);
  });
});

describe('hostile input', () => {
  test('search: too long a value, too many alternatives, too many parameters are refused, and quickly', () => {
    const from = cpuTime();
    expect(problem(`Patient?name=${'あ'.repeat(50_000)}`).status).toBe(400);
    expect(problem(`Patient?identifier=${Array.from({ length: caps.alternatives + 1 }, (_, i) => `urn:s|${i}`).join()}`).status).toBe(400);
    expect(problem(`Patient?name=${','.repeat(100_000)}`).status).toBe(400);
    expect(problem(`Patient?${Array.from({ length: caps.parameters + 1 }, () => 'name=a').join('&')}`).status).toBe(400);
    expect(problem(`Observation?${'subject.'.repeat(5000)}name=x`).status).toBe(400);
    expect(problem(`Task?${'part-of.'.repeat(20)}_id=x`).status).toBe(400);
    expect(problem(`Patient?${'_has:Observation:patient:'.repeat(20)}code=x`).status).toBe(400);
    // Every step may lead to every type: what is read stays bounded.
    expect(where(`Provenance?${'target.'.repeat(9)}_id=x`).kind).toBe('chain');
    expect(problem(`Provenance?target._id=${Array.from({ length: 9000 }, (_, i) => `p${i}`).join()}`).status).toBe(400);
    expect(where(`Patient?identifier=${Array.from({ length: 10_000 }, (_, i) => `urn:s|${i}`).join()}`).kind).toBe('token');
    expect(problem(`Patient?_has${':Observation:patient'.repeat(5000)}:code=x`).status).toBe(400);
    expect(problem(`Patient?birthdate=${'1'.repeat(1900)}`).status).toBe(400);
    expect(problem(`RiskAssessment?probability=${'1'.repeat(1900)}e5`).status).toBe(400);
    expect(cpuTime() - from).toBeLessThan(1000);
  });

  test('search: alternatives of all parameters together count', () => {
    const half = Array.from({ length: caps.alternatives / 2 }, (_, i) => i).join();
    expect(query(`Patient?_id=${half}&identifier=${half}`).where).toHaveLength(2);
    expect(problem(`Patient?_id=${half}&identifier=${half}&name=x`).status).toBe(400);
  });

  test('search: backslashes at the end and everywhere do no harm', () => {
    expect(where('Patient?name=a\\')).toMatchObject({ values: ['a\\'] });
    expect(where('Patient?name=\\\\\\')).toMatchObject({ values: ['\\\\'] });
    expect(where('Patient?name=a\\nb')).toMatchObject({ values: ['a\\nb'] });
  });
});

describe('values', () => {
  test('search: commas are alternatives unless a backslash stands before; \\, \\$ \\| \\\\ stand for themselves', () => {
    expect(where('Patient?name=a\\,b,c')).toEqual({ kind: 'string', code: 'name', values: ['a,b', 'c'], match: 'starts' });
    expect(where('Patient?identifier=urn:s|a\\|b')).toMatchObject({ values: [{ system: 'urn:s', code: 'a|b' }] });
    expect(where('Observation?code-value-string=a\\$b$c')).toMatchObject({
      values: [
        [
          { kind: 'token', test: { code: 'a$b' } },
          { kind: 'string', test: 'c' },
        ],
      ],
    });
    expect(where('Patient?name=a\\\\,b')).toMatchObject({ values: ['a\\', 'b'] });
  });

  test('search: the four forms of a token', () => {
    expect(where('Observation?code=1,urn:s|2,|3,urn:s|')).toEqual({
      kind: 'token',
      code: 'code',
      not: false,
      values: [{ code: '1' }, { system: 'urn:s', code: '2' }, { system: null, code: '3' }, { system: 'urn:s' }],
    });
    expect(where('Patient?gender:not=male')).toMatchObject({ not: true });
  });

  test('search: strings, their modifiers, and characters that other languages take for wildcards', () => {
    expect(where('Patient?family:exact=山')).toMatchObject({ values: ['山'], match: 'exact' });
    expect(where('Patient?family:contains=%_')).toMatchObject({ values: ['%_'], match: 'contains' });
  });

  test('search: dates by their precision, in the zone of the server', () => {
    expect(where('Patient?birthdate=2013')).toMatchObject({
      kind: 'date',
      values: [{ prefix: 'eq', low: Date.parse('2013-01-01T00:00+09:00'), high: Date.parse('2014-01-01T00:00+09:00') - 1 }],
    });
    expect(where('Observation?date=ge2013-01-14T10:00')).toMatchObject({
      values: [{ prefix: 'ge', low: Date.parse('2013-01-14T10:00+09:00'), high: Date.parse('2013-01-14T10:01+09:00') - 1 }],
    });
    expect(parsed('Patient?birthdate=2013-07-01', { timeZone: 'Europe/Berlin' }).query.where[0]).toMatchObject({
      values: [{ low: Date.parse('2013-07-01T00:00+02:00') }],
    });
    // A plus sign that came as a blank.
    expect(where('Observation?date=2013-01-14T10:00:00 09:00')).toMatchObject({
      values: [{ low: Date.parse('2013-01-14T10:00:00+09:00') }],
    });
  });

  test('search: quantities with number, system and code', () => {
    expect(where('Observation?value-quantity=lt5.4|http://unitsofmeasure.org|mg')).toMatchObject({
      kind: 'quantity',
      values: [{ prefix: 'lt', value: 5.4, system: 'http://unitsofmeasure.org', unitOrCode: 'mg' }],
    });
    expect(where('Observation?value-quantity=5.4||mg')).toEqual({
      kind: 'quantity',
      code: 'value-quantity',
      values: [{ prefix: 'eq', low: 5.35, high: 5.45, value: 5.4, unitOrCode: 'mg' }],
    });
  });

  test('search: id, Type/id, the absolute form and a version are the same target; patient means Patient only', () => {
    expect(where('Observation?patient=1')).toEqual({ kind: 'reference', code: 'patient', values: [{ id: '1' }], targets: ['Patient'] });
    for (const written of ['Patient/1', `${base}/Patient/1`, `${base}/Patient/1/_history/2`]) {
      expect(where(`Observation?subject=${written}`)).toMatchObject({ values: [{ reference: 'Patient/1' }] });
    }
    expect(where('Observation?subject:Patient=1')).toMatchObject({ values: [{ reference: 'Patient/1' }], targets: ['Patient'] });
    expect(where('Observation?subject=http://e.org/Patient/1')).toMatchObject({ values: [{ reference: 'http://e.org/Patient/1' }] });
    expect(where('Observation?subject:identifier=urn:s|v')).toEqual({
      kind: 'token',
      code: 'subject:identifier',
      values: [{ system: 'urn:s', code: 'v' }],
      not: false,
    });
  });

  test('search: _id, _lastUpdated, missing, uri modifiers', () => {
    expect(where('Patient?_id=a,b')).toEqual({ kind: 'id', values: ['a', 'b'] });
    expect(where('Patient?_lastUpdated=ge2020')).toMatchObject({ kind: 'lastUpdated', values: [{ prefix: 'ge' }] });
    expect(where('Patient?email:missing=true')).toEqual({ kind: 'missing', code: 'email', missing: true });
    expect(where('ValueSet?url:below=http://e.org/')).toEqual({ kind: 'uri', code: 'url', values: ['http://e.org/'], match: 'below' });
    expect(query('Patient?_tag=urn:t|x&_profile=http://e.org/p').where).toMatchObject([{ kind: 'token' }, { kind: 'uri' }]);
  });
});

test('search: the system of a code goes without saying in a part of a composite too', () => {
  expect(where('DocumentReference?relationship=DocumentReference/1$http://hl7.org/fhir/document-relationship-type|replaces')).toEqual(
    where('DocumentReference?relationship=DocumentReference/1$|replaces'),
  );
});

describe('modifiers', () => {
  test('search: the texts of a code, an identifier by its type', () => {
    expect(where('Condition?code:text=頭痛')).toEqual({ kind: 'string', code: 'code:text', values: ['頭痛'], match: 'contains' });
    expect(where('Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|4\\|6')).toEqual({
      kind: 'token',
      code: 'identifier:of-type',
      values: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203 MR', code: '4|6' }],
      not: false,
    });
  });

  test('search: what only a terminology can answer', () => {
    expect(where('Condition?code:in=http://e.org/vs,ValueSet/1')).toEqual({
      kind: 'concept',
      code: 'code',
      relation: 'in',
      values: [{ set: 'http://e.org/vs' }, { set: 'ValueSet/1' }],
      not: false,
      implicit: [],
    });
    expect(where('Condition?code:not-in=http://e.org/vs')).toMatchObject({ relation: 'in', not: true });
    expect(where('Condition?code:below=urn:s|1')).toMatchObject({ relation: 'below', values: [{ system: 'urn:s', code: '1' }] });
    expect(where('Patient?gender:above=male')).toMatchObject({
      values: [{ system: 'http://hl7.org/fhir/administrative-gender', code: 'male' }],
    });
  });

  test('search: MIME types below one are that with parameters', () => {
    expect(where('DocumentReference?contenttype:below=text/xml')).toMatchObject({ kind: 'token', match: 'mime' });
  });

  test('search: along a hierarchy, and versions of a canonical', () => {
    expect(where('Procedure?location:below=42')).toEqual({
      kind: 'reference',
      code: 'location',
      values: [{ id: '42' }],
      targets: ['Location'],
      along: 'below',
    });
    expect(where('MedicationAdministration?context:above=Encounter/21')).toMatchObject({ along: 'above', targets: ['Encounter'] });
    expect(where('QuestionnaireResponse?questionnaire:below=http://e.org/q|1')).toMatchObject({
      values: [{ reference: 'http://e.org/q|1' }],
      along: 'below',
    });
  });

  test('search: what is always there is never missing', () => {
    expect(where('Patient?_id:missing=true')).toEqual({ kind: 'or', any: [] });
    expect(where('Patient?_lastUpdated:missing=false')).toEqual({ kind: 'and', all: [] });
  });

  test('search: near, in the order of R4, 50 km where no distance is given', () => {
    expect(where('Location?near=35.68|139.77|11.2|km')).toEqual({
      kind: 'near',
      code: 'near',
      values: [{ latitude: 35.68, longitude: 139.77, metres: 11_200 }],
    });
    expect(where('Location?near=-83.694|-9|11.2')).toMatchObject({ values: [{ latitude: -83.694, metres: 11_200 }] });
    expect(where('Location?near=35|139,36|140|1|[mi_i]')).toMatchObject({ values: [{ metres: 50_000 }, { metres: 1609.344 }] });
  });
});

describe('chains and _has', () => {
  test('search: a chain names its type, or tries each that has the parameter', () => {
    expect(where('Observation?subject:Patient.name=x')).toEqual({
      kind: 'chain',
      code: 'subject',
      alternatives: [{ type: 'Patient', where: { kind: 'string', code: 'name', values: ['x'], match: 'starts' } }],
    });
    const { alternatives } = where('Observation?subject.identifier=x') as Extract<Predicate, { kind: 'chain' }>;
    expect(alternatives.map(one => one.type).sort()).toEqual(['Device', 'Group', 'Location', 'Patient']);
    expect(where('Observation?patient.gender=female')).toMatchObject({ alternatives: [{ type: 'Patient' }] });
    expect(where('Observation?patient.name:exact=x')).toMatchObject({ alternatives: [{ where: { match: 'exact' } }] });
  });

  test('search: two chains of one reference stay two', () => {
    expect(query('Observation?subject.name=a&subject.identifier=b').where.map(one => one.kind)).toEqual(['chain', 'chain']);
  });

  test('search: chains and _has go on, within each other', () => {
    expect(where('Observation?encounter.location.organization:Organization.name=x')).toEqual({
      kind: 'chain',
      code: 'encounter',
      alternatives: [
        {
          type: 'Encounter',
          where: {
            kind: 'chain',
            code: 'location',
            alternatives: [
              {
                type: 'Location',
                where: {
                  kind: 'chain',
                  code: 'organization',
                  alternatives: [{ type: 'Organization', where: { kind: 'string', code: 'name', values: ['x'], match: 'starts' } }],
                },
              },
            ],
          },
        },
      ],
    });
    expect(where('Patient?_has:Observation:patient:_has:DiagnosticReport:result:status=final')).toMatchObject({
      kind: 'has',
      type: 'Observation',
      where: { kind: 'has', type: 'DiagnosticReport', code: 'result', where: { kind: 'token', code: 'status' } },
    });
    expect(where('Patient?_has:Observation:patient:encounter.class=AMB')).toMatchObject({
      kind: 'has',
      where: { kind: 'chain', code: 'encounter', alternatives: [{ type: 'Encounter', where: { code: 'class' } }] },
    });
    expect(where('Observation?patient._has:Group:member:_id=g')).toMatchObject({
      kind: 'chain',
      alternatives: [{ type: 'Patient', where: { kind: 'has', type: 'Group', code: 'member', where: { kind: 'id', values: ['g'] } } }],
    });
    for (const name of ['_id', '_lastUpdated', '_tag', '_profile', '_security', '_source'])
      expect(where(`Observation?patient.${name}=${name === '_lastUpdated' ? '2020' : 'x'}`).kind).toBe('chain');
  });

  test('search: _has', () => {
    expect(where('Patient?_has:Observation:patient:code=urn:s|1')).toEqual({
      kind: 'has',
      type: 'Observation',
      code: 'patient',
      where: { kind: 'token', code: 'code', values: [{ system: 'urn:s', code: '1' }], not: false },
    });
    expect(where('Patient?_has:Observation:patient:code:not=1')).toMatchObject({ where: { not: true } });
  });
});

describe('the answer', () => {
  test('search: _sort, _count, _total, _summary, _elements', () => {
    expect(query('Observation?_sort=-date,status,_id,-_lastUpdated').sort).toEqual([
      { code: 'date', type: 'date', descending: true },
      { code: 'status', type: 'token', descending: false },
      { code: '_id', type: 'id', descending: false },
      { code: '_lastUpdated', type: 'lastUpdated', descending: true },
    ]);
    expect(query('Patient?_count=7&_total=accurate&_summary=data&_elements=name,gender')).toMatchObject({
      count: 7,
      total: 'accurate',
      summary: 'data',
      elements: ['name', 'gender'],
    });
    expect(query('Patient?')).toEqual({
      type: 'Patient',
      where: [],
      sort: [],
      count: 50,
      total: 'none',
      summary: 'false',
      elements: [],
      include: [],
      revinclude: [],
    });
  });

  test('search: _count=0 and _summary=count ask for the total alone; a huge _count is cut', () => {
    expect(query('Patient?_count=0')).toMatchObject({ count: 0, total: 'accurate' });
    expect(query('Patient?_summary=count&_count=10')).toMatchObject({ count: 0, total: 'accurate', summary: 'count' });
    expect(query('Patient?_count=99999999').count).toBe(1000);
  });

  test('search: _include and _revinclude', () => {
    expect(query('Observation?_include=Observation:subject&_include=Observation:performer:Organization&_include=*').include).toEqual([
      { source: 'Observation', code: 'subject' },
      { source: 'Observation', code: 'performer', target: 'Organization' },
      { source: 'Observation', code: '*' },
    ]);
    expect(query('Patient?_revinclude=Observation:subject').revinclude).toEqual([
      { source: 'Observation', code: 'subject', target: 'Patient' },
    ]);
    const all = query('Patient?_revinclude=*').revinclude;
    expect(all).toContainEqual({ source: 'Observation', code: '*', target: 'Patient' });
    expect(all.some(one => one.source === 'Medication')).toBe(false);
  });

  test('search: the self link shows what was used, a large _count as cut; how to write the answer is no question here', () => {
    const { used, ignored } = parsed('Patient?gender=male&_count=5000&_format=json&_pretty=true');
    expect(used).toEqual([
      ['gender', 'male'],
      ['_count', '1000'],
      ['_format', 'json'],
      ['_pretty', 'true'],
    ]);
    expect(ignored).toEqual([]);
  });
});

describe('a search, read and done the slow way', () => {
  const names = [
    ['山田', 'ヤマダ', '太郎'],
    ['渡邊', 'ワタナベ', 'Hanako'],
    ['Müller', 'Mueller', 'Jürgen'],
  ] as const;
  const stored = (resource: Json & { resourceType: string; id: string }, at: number): Stored => ({
    type: resource.resourceType,
    id: resource.id,
    resource: resource as AnyResource,
    lastUpdated: at,
  });
  const all: Stored[] = [
    ...names.map(([family, kana, given], i) =>
      stored(
        {
          resourceType: 'Patient',
          id: `p${i}`,
          name: [{ family, given: [given] }, { family: kana }],
          gender: i ? 'female' : 'male',
          birthDate: `19${50 + i * 20}-06-15`,
          identifier: [
            {
              system: 'urn:n',
              value: `N${i}`,
              ...(i === 0 ? { type: { text: 'Medical record', coding: [{ system: 'urn:type', code: 'MR' }] } } : {}),
            },
          ],
        },
        i,
      ),
    ),
    ...Array.from({ length: 30 }, (_, k) =>
      stored(
        {
          resourceType: 'Observation',
          id: `o${k}`,
          status: 'final',
          code: {
            ...(k % 2 ? { text: '最高血圧' } : {}),
            coding: [
              { system: 'http://loinc.org', code: k % 2 ? '8480-6' : '8462-4', display: k % 2 ? 'Systolic blood pressure' : 'Diastolic' },
            ],
          },
          subject: { reference: `Patient/p${k % 3}` },
          effectiveDateTime: `2023-0${1 + (k % 9)}-10`,
          valueQuantity: { value: 100 + k, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
        },
        10 + k,
      ),
    ),
    stored(
      {
        resourceType: 'Observation',
        id: 'bp',
        status: 'final',
        code: { coding: [{ code: 'panel' }] },
        component: [
          { code: { coding: [{ code: 'sys' }] }, valueQuantity: { value: 120 } },
          { code: { coding: [{ code: 'dia' }] }, valueQuantity: { value: 80 } },
        ],
      },
      50,
    ),
  ];
  const found = (url: string): string[] => evaluate(query(url), all, { base });

  test.each([
    ['Patient?family=山', 1],
    ['Patient?family:exact=山', 0],
    ['Patient?name=ヤマダ', 1],
    ['Patient?name=やまだ', 1],
    ['Patient?family=muller', 1],
    ['Patient?family=渡辺', 0],
    ['Patient?name:contains=na', 1],
    ['Patient?name:contains=%', 0],
    ['Patient?name=_', 0],
    ['Patient?gender=female', 2],
    ['Patient?gender:not=female', 1],
    ['Patient?gender=http://hl7.org/fhir/administrative-gender|female', 2],
    ['Patient?gender:not=http://hl7.org/fhir/administrative-gender|female', 1],
    ['Patient?gender=http://hl7.org/fhir/administrative-gender|', 3],
    ['Patient?gender=|female', 2],
    ['Patient?gender=http://hl7.org/fhir/observation-status|female', 0],
    ['Observation?patient.gender=http://hl7.org/fhir/administrative-gender|female', 20],
    ['Patient?email:missing=true', 3],
    ['Patient?birthdate=1970', 1],
    ['Patient?birthdate=ge1960&birthdate=lt1980', 1],
    ['Patient?identifier=urn:n|N1', 1],
    ['Patient?identifier=N1,N2', 2],
    ['Patient?identifier=|N1', 0],
    ['Patient?_id=p0,p2', 2],
    ['Patient?_id:not=p0,p2', 1],
    ['Patient?_lastUpdated=ge1970-01-01T09:00:00.001%2B09:00'.replace('%2B', '+'), 2],
    ['Patient?deceased=false', 3],
    ['Observation?code=8480-6', 15],
    ['Observation?code=http://loinc.org|8480-6', 15],
    ['Observation?code=http://loinc.org|', 30],
    ['Observation?code=sys', 0],
    ['Observation?combo-code=sys', 1],
    ['Observation?component-code-value-quantity=sys$gt110', 1],
    ['Observation?component-code-value-quantity=dia$gt110', 0],
    ['Observation?subject=Patient/p1', 10],
    ['Observation?patient=p1', 10],
    [`Observation?subject=${base}/Patient/p1`, 10],
    ['Observation?subject=Group/p1', 0],
    ['Observation?date=2023-03', 4],
    ['Observation?date=2023-03-10', 4],
    ['Observation?date=gt2023-08', 3],
    ['Observation?value-quantity=gt120', 9],
    ['Observation?value-quantity=120|http://unitsofmeasure.org|mm[Hg]', 1],
    ['Observation?value-quantity=lt105||mm[Hg]', 5],
    ['Observation?value-quantity=1e2', 5],
    ['Observation?subject:Patient.name=山田', 10],
    ['Observation?patient.gender=female', 20],
    ['Observation?subject:missing=true', 1],
    ['Patient?_has:Observation:patient:code=8480-6', 3],
    ['Patient?_has:Observation:patient:value-quantity=129', 1],
    ['Patient?identifier:of-type=urn:type|MR|N0', 1],
    ['Patient?identifier:of-type=urn:type|XX|N0', 0],
    ['Patient?identifier:text=record', 1],
    ['Observation?code:text=最高', 15],
    ['Observation?code:text=systo', 15],
    ['Observation?code:text=sys', 15],
    ['Observation?value-quantity:missing=true', 1],
  ])('search: %s finds %i', (url, count) => {
    expect(found(url)).toHaveLength(count);
  });

  test('search: sorted by several keys, what has no value last in either direction', () => {
    expect(found('Observation?_sort=-value-quantity&code=8480-6,panel').slice(0, 2)).toEqual(['o29', 'o27']);
    expect(found('Observation?_sort=-value-quantity').at(-1)).toBe('bp');
    expect(found('Observation?_sort=value-quantity').at(-1)).toBe('bp');
    expect(found('Patient?_sort=-gender,birthdate')).toEqual(['p0', 'p1', 'p2']);
    expect(found('Patient?_sort=gender,-birthdate')).toEqual(['p2', 'p1', 'p0']);
  });
});
