// docs/operation/deidentify.md; https://hl7.org/fhir/R4/search.html
import { describe, expect, test } from '@jest/globals';
import { dayOf } from '../../src/deid/calendar.ts';
import { Problem } from '../../src/fhir/model/outcome.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import type { Predicate, SearchQuery } from '../../src/fhir/search/query.ts';
import { allowed } from '../../src/release/allow-list.ts';
import { asksOf } from '../../src/release/asks.ts';
import { patientQuery, type Reader } from '../../src/release/cohort.ts';
import { policyNamed } from '../../src/release/policies.ts';

const readerOf = (output: 'bundle' | 'summary'): Reader => ({
  parseSearch,
  base: 'https://noren.test/fhir',
  timeZone: 'Asia/Tokyo',
  now: Date.parse('2026-06-15T12:00:00+09:00'),
  today: dayOf(2026, 6, 15),
  asks: asksOf(policyNamed('jp-anonymized'), output),
});
const reader = readerOf('summary');

test.each([
  'Patient',
  'Patient?',
  'Patient?gender=female',
  'Patient?gender:not=female,male',
  'Patient?birthdate=1952',
  'Patient?birthdate=ge1950&birthdate=lt1960',
  'Patient?deceased=true',
  'Patient?address-state=東京都',
  'Patient?address-state=%E6%9D%B1%E4%BA%AC%E9%83%BD',
  'Patient?_has:Condition:patient:code=http://hl7.org/fhir/sid/icd-10|E11',
  'Patient?_has:Observation:patient:value-quantity=gt120',
  'Patient?_has:Observation:patient:value-quantity=gt120||mg/dL',
  'Patient?_has:Observation:patient:value-quantity=gt120|http://unitsofmeasure.org|mg/dL',
  'Patient?_has:Observation:patient:value-quantity=2||錠',
  'Patient?_has:Observation:patient:value-quantity=2||TAB',
  'Patient?_has:Observation:patient:code-value-quantity=http://loinc.org|2339-0$gt120',
  'Patient?_has:Observation:patient:date=2024',
  'Patient?_has:Observation:subject:date=ge2023',
  'Patient?_has:Encounter:patient:date=lt1937',
  'Patient?_has:Encounter:patient:class=IMP',
  'Patient?_has:Observation:patient:encounter.class=IMP',
  'Patient?_has:Condition:patient:clinical-status=active',
  'Patient?_has:Observation:patient:category=laboratory',
  'Patient?_has:Immunization:patient:vaccine-code=140&gender=male',
  'Patient?birthdate=lt1937',
  'Patient?birthdate=le1936',
  'Patient?birthdate=1937',
  'Patient?address-state=東京',
  'Patient?address-state=Massachusetts',
  'Patient?deceased:missing=true',
  'Patient?_has:Observation:patient:code=http://medis.or.jp/CodeSystem/master-JLAC10-17digits|3D010000001926101',
  'Patient?_has:Observation:patient:code=3D010000001926101',
  'Patient?_has:Observation:patient:code-value-quantity=30525-0$gt65',
  'Patient?_has:Condition:patient:code=http://loinc.org|',
])('a researcher may ask %s', text => expect(patientQuery(text, reader).type).toBe('Patient'));

test.each([
  'Observation?code=x',
  'patient?gender=female',
  'Patient/1',
  'https://noren.test/fhir/Patient?gender=female',
  '',
  'Group/x/y',
  'Patient?colour=x',
  'Patient?_id=x',
  'Patient?_lastUpdated=2024',
  'Patient?_tag=x',
  'Patient?_text=x',
  'Patient?_filter=name eq x',
  'Patient?_filter=gender eq male',
  'Patient?_content=x',
  'Patient?_id:missing=false',
  'Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender',
  'Patient?_has:Observation:patient:code:text=x',
  'Patient?_has:Condition:patient:code:below=http://hl7.org/fhir/sid/icd-10|E11',
  'Patient?_has:Encounter:patient:location:below=x',
  'Patient?_has:Encounter:patient:_has:Observation:encounter:code=http://loinc.org|2339-0',
  'Patient?_has:Observation:patient:encounter.part-of.class=IMP',
  'Patient?_include=Patient:organization',
  'Patient?_revinclude=Observation:subject',
  'Patient?_count=1',
  'Patient?_sort=birthdate',
  'Patient?_summary=count',
  'Patient?identifier=D-5',
  'Patient?identifier:missing=true',
  'Patient?name=a',
  'Patient?family:exact=a',
  'Patient?phonetic=a',
  'Patient?telecom=03',
  'Patient?phone=03',
  'Patient?email=a',
  'Patient?address=東京',
  'Patient?address-city=千代田区',
  'Patient?address-postalcode=100',
  'Patient?death-date=2024',
  'Patient?active=true',
  'Patient?language=ja',
  'Patient?birthdate=1952-05',
  'Patient?birthdate=1952-05-17',
  'Patient?birthdate=ap1952',
  // Years of birth of people who are pooled as 90 and older.
  'Patient?birthdate=1936',
  'Patient?birthdate=1925',
  'Patient?birthdate=ne1930',
  'Patient?birthdate=lt1936',
  'Patient?birthdate=ge1920',
  'Patient?birthdate=gt1935',
  'Patient?birthdate=1952,1925',
  'Patient?_has:Observation:patient:patient.birthdate=1925',
  'Patient?_has:Observation:patient:value-quantity=gt95||a',
  'Patient?_has:Observation:patient:value-quantity=gt1164||mo',
  'Patient?_has:Observation:patient:code-value-quantity=30525-0$gt95',
  'Patient?_has:Observation:patient:code-value-quantity=30525-0$gt95||a',
  // Events by which somebody is older still.
  'Patient?_has:Encounter:patient:date=lt1936',
  'Patient?_has:Observation:patient:date=1925',
  'Patient?_has:Condition:patient:onset-date=lt1926',
  'Patient?_has:Observation:patient:encounter.date=le1930',
  // Below the prefecture.
  'Patient?address-state=東京都千代田区番町1',
  'Patient?address-state:contains=番町',
  'Patient?address-state:exact=東京都千代田区番町1-2',
  'Patient?address-state=1-2-3',
  // Systems of one hospital, and what is none.
  'Patient?_has:Observation:patient:code=http://hospital-1.example/codes|K1',
  'Patient?_has:Observation:patient:code=http://hospital-1.example/codes|',
  'Patient?_has:Observation:patient:code=http://jpfhir.jp/fhir/eCS/CodeSystem/DrugCode/11319999991|K1',
  'Patient?_has:Observation:patient:code=|K1',
  'Patient?_has:Observation:patient:code=2339-0,http://hospital-1.example/codes|K1',
  'Patient?_has:Observation:patient:code=1319999991',
  'Patient?_has:Observation:patient:code-value-quantity=http://hospital-1.example/codes|K1$gt5',
  'Patient?_has:Encounter:patient:class=http://hospital-1.example/ward|5E',
  'Patient?_has:Observation:patient:value-quantity=gt0|http://hospital-1.example/units|K1',
  'Patient?_has:Observation:patient:value-quantity=gt0||単位-山田',
  'Patient?_has:Observation:patient:code-value-quantity=http://loinc.org|2339-0$gt0||K-1-2-3',
  'Patient?%5Fid=x',
  'Patient?_list=x',
  'Patient?_has:Observation:patient:_has:Observation:focus:code=x',
  'Patient?_has:Observation:patient:subject:identifier=x',
  'Patient?_has:Observation:patient:date=ge2024-01-01&_has:Observation:patient:date=lt2024-01-02',
  'Patient?_has:Observation:patient:date=2024-02-05T10',
  'Patient?birthdate=1952,1960-01',
  'Patient?general-practitioner=Practitioner/1',
  'Patient?organization=Organization/1',
  'Patient?organization.name=x',
  'Patient?link=Patient/1',
  'Patient?link:Patient.name=x',
  'Patient?_has:Observation:patient:date=2024-02-05',
  'Patient?_has:Observation:patient:date=2024-02',
  'Patient?_has:Observation:patient:date=gt2024-02-05T10:00:00Z',
  'Patient?_has:Observation:patient:_id=x',
  'Patient?_has:Observation:patient:_lastUpdated=2024',
  'Patient?_has:Observation:patient:identifier=x',
  'Patient?_has:Observation:patient:performer=Practitioner/1',
  'Patient?_has:Observation:performer:code=x',
  'Patient?_has:Observation:patient:value-string=x',
  'Patient?_has:Observation:patient:value-date=2024',
  'Patient?_has:Observation:patient:code-value-string=x$y',
  'Patient?_has:Observation:patient:code-value-date=x$2024-01-01',
  'Patient?_has:Observation:patient:patient.name=x',
  'Patient?_has:Observation:patient:patient.identifier=x',
  'Patient?_has:Observation:patient:encounter.identifier=x',
  'Patient?_has:Observation:patient:encounter.date=2024-02-05',
  'Patient?_has:Observation:patient:code:text=山田',
  'Patient?_has:Coverage:beneficiary:subscriber=x',
  'Patient?_has:Coverage:beneficiary:status=active',
  'Patient?_has:Consent:patient:status=active',
  'Patient?_has:Communication:subject:status=completed',
  'Patient?_has:RelatedPerson:patient:name=x',
  'Patient?_has:AuditEvent:patient:date=2024',
  'Patient?_has:Group:member:code=x',
  'Patient?_has:Encounter:patient:location=Location/1',
  'Patient?_has:Encounter:patient:service-provider=Organization/1',
])('a researcher may not ask %s', text => {
  let problem: unknown;
  try {
    patientQuery(text, reader);
  } catch (thrown) {
    problem = thrown;
  }
  expect(problem).toBeInstanceOf(Problem);
  expect((problem as Problem).status).toBe(400);
  // The sentence names a parameter, never its value.
  expect((problem as Problem).message).not.toMatch(/D-5|山田|1952|1925|2024|03|番町|hospital|K1/);
});

// A data set shows who is pooled: nothing may tell his year of birth, or an age that leaves of nobody who is.
describe('of a data set', () => {
  const dataSet = readerOf('bundle');
  test.each([
    'Patient?birthdate=lt1947',
    'Patient?birthdate=ge1947',
    'Patient?birthdate=1947',
    'Patient?_has:Observation:patient:value-quantity=gt120',
    'Patient?_has:Observation:patient:value-quantity=gt8||h',
    'Patient?_has:Observation:patient:code-value-quantity=http://loinc.org|2339-0$gt120',
  ])('a researcher may ask %s', text => expect(patientQuery(text, dataSet).type).toBe('Patient'));
  test.each([
    'Patient?birthdate=1937',
    'Patient?birthdate=1946',
    'Patient?_has:Encounter:patient:date=lt1936',
    'Patient?birthdate=ge1946',
    'Patient?birthdate=lt1937',
    'Patient?_has:Observation:patient:patient.birthdate=1940',
    'Patient?_has:Observation:patient:value-quantity=70||a',
    'Patient?_has:Observation:patient:value-quantity=lt840||mo',
    'Patient?_has:Observation:patient:code-value-quantity=30525-0$70',
    'Patient?_has:Observation:patient:code-value-quantity=30525-0$gt65||a',
  ])('a researcher may not ask %s', text => expect(() => patientQuery(text, dataSet)).toThrow(Problem));
});

const query = (...where: Predicate[]): SearchQuery => ({
  type: 'Patient',
  where,
  sort: [],
  count: 1,
  total: 'none',
  summary: 'false',
  elements: [],
  include: [],
  revinclude: [],
});
const token = (code: string): Predicate => ({ kind: 'token', code, values: [{ code: 'x' }], not: false });
const chain = (code: string, type: string, where: Predicate): Predicate => ({ kind: 'chain', code, alternatives: [{ type, where }] });
const has = (type: string, where: Predicate): Predicate => ({ kind: 'has', type, code: 'patient', where });

test('a chain behind _has is judged by the type that it leads to', () => {
  expect(() =>
    allowed(query(has('Observation', chain('encounter', 'Encounter', token('class')))), reader.asks, reader.today),
  ).not.toThrow();
  expect(() => allowed(query(has('Observation', chain('encounter', 'Encounter', token('identifier')))), reader.asks, reader.today)).toThrow(
    Problem,
  );
  expect(() => allowed(query(has('Observation', chain('patient', 'Patient', token('gender')))), reader.asks, reader.today)).not.toThrow();
  expect(() => allowed(query(has('Observation', chain('patient', 'Patient', token('identifier')))), reader.asks, reader.today)).toThrow(
    Problem,
  );
  expect(() => allowed(query(has('Observation', chain('performer', 'Practitioner', token('code')))), reader.asks, reader.today)).toThrow(
    Problem,
  );
  expect(() => allowed(query(chain('link', 'Patient', token('gender'))), reader.asks, reader.today)).toThrow(Problem);
});
