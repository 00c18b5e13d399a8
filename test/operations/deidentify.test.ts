// docs/operation/deidentify.md; https://hl7.org/fhir/R4/operations.html, https://hl7.org/fhir/R4/bundle.html#references
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dayOf, readDate } from '../../src/deid/calendar.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { createOperations } from '../../src/operations/index.ts';
import { chest, file as dicomFile, entry, syntaxes } from '../deid/dicom/ground.ts';
import { daplFaultsOfReport } from '../release/dapl.ts';
import {
  access,
  base,
  cohort,
  type Ground,
  loinc,
  numbers,
  ofKind,
  ofType,
  openGround,
  person,
  resources,
  studies,
  summary,
  to,
  under,
} from './ground.ts';

const researcher = access('researcher');
const everyone = [to('open'), cohort('Patient?')];
const many = 24;
let ground: Ground;

beforeAll(async () => {
  ground = await openGround();
  await ground.write(...studies);
  for (let n = 0; n < many; n++) {
    await ground.write(
      ...person(n, { ...(n === 1 ? { patient: { birthDate: '1925-03-03' } } : {}), ...(n === 2 ? { disease: 'E75.2' } : {}) }),
    );
  }
  // One person with two records, at two hospitals, under one insurance number.
  const insured = (value: string) => ({ system: 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID', value });
  await ground.write(
    ...person(50, {
      value: 501,
      patient: { identifier: [{ system: numbers, value: 'B-1' }, insured('06139463:12:3456:01')], gender: 'unknown' },
    }),
    ...person(51, { value: 502, patient: { identifier: [insured('０６１３９４６３:12:3456:01')], gender: 'male' } }),
  );
  // What nobody owns, and what several are named in.
  await ground.write(
    {
      resourceType: 'Medication',
      id: 'm1',
      code: { coding: [{ system: 'http://www.whocc.no/atc', code: 'A10BA02' }] },
      batch: { lotNumber: 'LOT-7', expirationDate: '2027-01-01' },
    },
    {
      resourceType: 'MedicationRequest',
      id: 'r1',
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/p3' },
      medicationReference: { reference: 'Medication/m1' },
      authoredOn: '2024-02-03',
    },
    {
      resourceType: 'Observation',
      id: 'two',
      status: 'final',
      code: loinc('1111-1'),
      subject: { reference: 'Patient/p3' },
      focus: [{ reference: 'Patient/p4' }],
      effectiveDateTime: '2024-02-03',
    },
    {
      resourceType: 'Observation',
      id: 'logical',
      status: 'final',
      code: loinc('2222-2'),
      subject: { identifier: { system: numbers, value: 'KARTE-5' } },
      effectiveDateTime: '2024-02-03',
    },
    {
      resourceType: 'Observation',
      id: 'foreign',
      status: 'final',
      code: loinc('3333-3'),
      subject: { reference: 'Patient/p6' },
      focus: [{ reference: 'Patient/p7' }],
    },
    { resourceType: 'Practitioner', id: 'doctor', name: [{ text: '探針医師太郎' }] },
    {
      resourceType: 'Coverage',
      id: 'cov',
      status: 'active',
      beneficiary: { reference: 'Patient/p3' },
      payor: [{ display: '探針健康保険組合' }],
    },
  );
});
afterAll(() => ground.close());

const day = (text: unknown): number => readDate(String(text))!.first;
const glucose = (bundle: AnyResource, value: number): AnyResource =>
  ofKind(bundle, 'Observation').find(one => (one['valueQuantity'] as Json | undefined)?.['value'] === value)!;
const subjectOf = (resource: AnyResource): string => String((resource['subject'] as Json | undefined)?.['reference']);

describe('refused', () => {
  const measure: Json = {
    name: 'measure',
    resource: {
      resourceType: 'Measure',
      status: 'active',
      group: [{ population: [{ criteria: { language: 'application/x-fhir-query', expression: 'Patient?' } }] }],
    },
  };
  test.each<[string, number, Json[]]>([
    ['no study', 400, [cohort('Patient?')]],
    ['no cohort', 400, [to('open')]],
    ['an unknown parameter', 400, [...everyone, { name: 'colour', valueString: 'x' }]],
    ['a parameter twice', 400, [...everyone, cohort('Patient?')]],
    ['a parameter of another type', 400, [to('open'), { name: 'cohort', valueCode: 'Patient?' }]],
    ['a parameter with two values', 400, [to('open'), { name: 'cohort', valueString: 'Patient?', valueCode: 'x' }]],
    ['a parameter without a value', 400, [to('open'), { name: 'cohort' }]],
    ['a study that is no ResearchStudy', 400, [{ name: 'study', valueReference: { reference: 'Patient/p1' } }, cohort('Patient?')]],
    [
      'a version of the study',
      400,
      [{ name: 'study', valueReference: { reference: 'ResearchStudy/open/_history/1' } }, cohort('Patient?')],
    ],
    ['a version of a Measure', 400, [...everyone, summary, { name: 'measure', valueReference: { reference: 'Measure/m/_history/1' } }]],
    [
      'a Measure that is none of R4',
      400,
      [...everyone, summary, { name: 'measure', resource: { ...(measure['resource'] as Json), group: [{ code: 'x' }] } }],
    ],
    ['a study by its display', 400, [{ name: 'study', valueReference: { display: 'open' } }, cohort('Patient?')]],
    ['a study that was withdrawn', 403, [to('closed'), cohort('Patient?')]],
    ['a study whose period is over', 403, [to('over'), cohort('Patient?')]],
    ['a study that is not there', 403, [to('gone'), cohort('Patient?')]],
    ["a study that is not this client's", 403, [to('another'), cohort('Patient?')]],
    ['a cohort that is no Patient query', 400, [to('open'), cohort('Observation?code=x')]],
    ['a cohort by a number', 400, [to('open'), cohort('Patient?identifier=KARTE-5')]],
    ['an unknown type', 400, [...everyone, ofType('Observatoin')]],
    ['a type that no release holds', 400, [...everyone, ofType('Practitioner')]],
    ['an unknown output', 400, [...everyone, { name: 'output', valueCode: 'csv' }]],
    ['a summary without a measure', 400, [...everyone, summary]],
    ['a measure without a summary', 400, [...everyone, measure]],
    ['a measure that is no Measure', 400, [...everyone, summary, { name: 'measure', resource: { resourceType: 'Library' } }]],
    ['a measure that is not there', 404, [...everyone, summary, { name: 'measure', valueReference: { reference: 'Measure/none' } }]],
    ['a Group that is not there', 404, [to('open'), cohort('Group/none')]],
    ['a cohort of one', 422, [to('open'), cohort('Patient?_has:Condition:patient:code=E75.2')]],
    ['a count over a cohort of one', 422, [to('open'), cohort('Patient?_has:Condition:patient:code=E75.2'), summary, measure]],
    ['an empty cohort', 422, [to('open'), cohort('Patient?_has:Condition:patient:code=none')]],
  ])('%s: %d', async (_, status, parameter) => {
    const answer = await ground.ask(researcher, ...parameter);
    expect([answer.status, answer.text]).toEqual([status, expect.not.stringMatching(/KARTE|E75|\b1\b person/)]);
  });

  test('who is no researcher may not ask under a study', async () => {
    for (const role of ['tester', 'institution', 'operator', 'patient'] as const) {
      expect((await ground.ask(access(role, { studies: ['open'] }), ...everyone)).status).toBe(403);
    }
  });
  test('who may not call the operation: 403', async () =>
    expect((await ground.ask(access('researcher', { operations: [] }), ...everyone)).status).toBe(403));
  test('the refusal of a small cohort does not tell how small it is', async () => {
    const one = await ground.ask(researcher, to('open'), cohort('Patient?_has:Condition:patient:code=E75.2'));
    const none = await ground.ask(researcher, to('open'), cohort('Patient?_has:Condition:patient:code=none'));
    expect(one).toEqual(none);
  });
});

describe('bundle', () => {
  let bundle: AnyResource;
  let text: string;
  beforeAll(async () => {
    ({ body: bundle, text } = await ground.ask(researcher, ...everyone));
  });

  test('is a valid collection with the label, ended by a Provenance with policy and hash', () => {
    expect(bundle['type']).toBe('collection');
    expect(JSON.stringify(bundle.meta)).toContain('"ANONYED"');
    const last = resources(bundle).at(-1)!;
    expect(last.resourceType).toBe('Provenance');
    expect(last['policy']).toEqual(['https://noren.example/fhir/deidentification-policy/jp-anonymized|1.0.0']);
    expect(JSON.stringify(last['entity'])).toMatch(/"value":"[0-9a-f]{64}"/);
    expect(validate(bundle)).toEqual([]);
  });

  test('nothing of names, numbers, institutions, staff, payers or the store is in it', () => {
    for (const word of [
      '山田',
      'KARTE',
      '探針',
      'hospital-1',
      '1319999991',
      'LOT-7',
      'versionId',
      'lastUpdated',
      base,
      '"display":"山',
      '_history',
    ])
      expect(text).not.toContain(word);
    expect(new Set(resources(bundle).map(one => one.resourceType))).toEqual(
      new Set(['Patient', 'Encounter', 'Condition', 'Observation', 'MedicationRequest', 'Medication', 'Provenance']),
    );
    const words = new Set(text.split(/[^\w.-]+/));
    for (let n = 0; n < many; n++) for (const id of [`p${n}`, `e${n}`, `c${n}`, `o${n}a`, `o${n}b`]) expect(words.has(id)).toBe(false);
  });

  test('every full URL is made from the pseudonym, and every reference leads to one', () => {
    const entries = bundle['entry'] as { fullUrl: string; resource: AnyResource }[];
    const urls = new Set(entries.map(entry => entry.fullUrl));
    expect(urls.size).toBe(entries.length);
    for (const { fullUrl, resource } of entries) expect(fullUrl).toBe(`https://noren.example/fhir/${resource.resourceType}/${resource.id}`);
    const references = [...text.matchAll(/"reference":"([^"]+)"/g)].map(found => found[1]);
    expect(references.length).toBeGreaterThan(many * 4);
    for (const reference of references) expect(urls.has(`https://noren.example/fhir/${reference}`)).toBe(true);
  });

  test('the graph of references is the one it was', () => {
    for (let n = 0; n < many; n++) {
      const observation = glucose(bundle, 100 + n);
      const own = resources(bundle).filter(one => subjectOf(one) === subjectOf(observation));
      const encounter = own.find(one => one.resourceType === 'Encounter')!;
      expect((observation['encounter'] as Json)['reference']).toBe(`Encounter/${encounter.id}`);
      expect((own.find(one => one.resourceType === 'Condition')!['encounter'] as Json)['reference']).toBe(`Encounter/${encounter.id}`);
    }
  });

  test('all dates of one person moved by the same days, intervals and times of day stayed', () => {
    const shifts = new Set<number>();
    for (let n = 0; n < many; n++) {
      const first = glucose(bundle, 100 + n);
      const own = resources(bundle).filter(one => subjectOf(one) === subjectOf(first));
      const second = own.find(one => JSON.stringify(one).includes('4548-4'))!;
      const shift = day(first['effectiveDateTime']) - dayOf(2024, 2, 3);
      shifts.add(shift);
      expect(Math.abs(shift)).toBeGreaterThanOrEqual(1);
      expect(Math.abs(shift)).toBeLessThanOrEqual(365);
      expect(day(second['effectiveDateTime'])).toBe(dayOf(2024, 3, 15) + shift);
      expect(String(first['effectiveDateTime'])).toMatch(/T09:30:00\+09:00$/);
      const period = own.find(one => one.resourceType === 'Encounter')!['period'] as Json;
      expect([day(period['start']) - shift, String(period['end']).slice(10)]).toEqual([dayOf(2024, 2, 3), 'T10:30:00+09:00']);
      expect(day(own.find(one => one.resourceType === 'Condition')!['recordedDate'])).toBe(dayOf(2024, 2, 3) + shift);
    }
    expect(shifts.size).toBeGreaterThan(many / 2);
  });

  test('patients have gender, month of birth, prefecture and municipality, and nothing else', () => {
    for (const patient of ofKind(bundle, 'Patient')) {
      expect(
        Object.keys(patient).every(key => ['resourceType', 'id', 'meta', 'gender', 'birthDate', '_birthDate', 'address'].includes(key)),
      ).toBe(true);
      expect(String(patient['birthDate'] ?? '1950-01')).toMatch(/^\d{4}-\d{2}$/);
      expect(patient['address']).toEqual([expect.objectContaining({ state: expect.stringMatching(/^(東京都|大阪府)$/) })]);
    }
  });

  test('who is 90 or older is pooled, which is not the same as missing', () => {
    const pooled = ofKind(bundle, 'Patient').filter(patient => patient['birthDate'] === undefined);
    expect(pooled).toHaveLength(1);
    expect(JSON.stringify(pooled[0]!['_birthDate'])).toContain('"comparator":">="');
  });

  test('two records of one person leave under one Patient and one shift', () => {
    const [a, b] = [glucose(bundle, 501), glucose(bundle, 502)];
    expect(subjectOf(a)).toBe(subjectOf(b));
    expect(a['effectiveDateTime']).toBe(b['effectiveDateTime']);
    expect(ofKind(bundle, 'Patient')).toHaveLength(many + 1);
    expect(ofKind(bundle, 'Patient').find(one => `Patient/${one.id}` === subjectOf(a))).toMatchObject({ gender: 'male' });
  });

  test('what belongs to nobody comes along without dates; what names several persons has none either', () => {
    expect(ofKind(bundle, 'Medication')).toHaveLength(1);
    const two = ofKind(bundle, 'Observation').find(one => JSON.stringify(one['code']).includes('1111-1'))!;
    expect(two).toHaveProperty('focus');
    expect(two).not.toHaveProperty('effectiveDateTime');
  });

  test('a logical reference to a patient becomes a plain one', () => {
    const logical = ofKind(bundle, 'Observation').find(one => JSON.stringify(one['code']).includes('2222-2'))!;
    expect(subjectOf(logical)).toBe(subjectOf(glucose(bundle, 105)));
    expect(day(logical['effectiveDateTime'])).toBe(day(glucose(bundle, 105)['effectiveDateTime']));
  });

  test('the order of the entries is not that of the store', () => {
    const ids = resources(bundle)
      .slice(0, -1)
      .map(one => one.id!);
    expect(ids).toEqual([...ids].sort());
  });

  test('the same study again: the same pseudonyms and dates', async () => {
    const again = await ground.ask(researcher, ...everyone);
    expect(resources(again.body).slice(0, -1)).toEqual(resources(bundle).slice(0, -1));
  });

  test('another study: not one id in common, and other shifts', async () => {
    const { body: other } = await ground.ask(researcher, to('second'), cohort('Patient?'));
    expect(resources(other)).toHaveLength(resources(bundle).length);
    const ids = new Set(resources(bundle).map(one => one.id));
    expect(resources(other).some(one => ids.has(one.id!))).toBe(false);
    const same = Array.from(
      { length: many },
      (_, n) => glucose(other, 100 + n)['effectiveDateTime'] === glucose(bundle, 100 + n)['effectiveDateTime'],
    ).filter(Boolean);
    expect(same.length).toBeLessThan(3);
  });

  test('type limits what comes out; whose an Observation is can still be told', async () => {
    const { body } = await ground.ask(researcher, ...everyone, ofType('Observation'));
    expect(new Set(resources(body).map(one => one.resourceType))).toEqual(new Set(['Observation', 'Provenance']));
    const observation = glucose(body, 103);
    expect(observation['subject']).toEqual({
      type: 'Patient',
      identifier: { system: 'https://noren.example/fhir/sid/pseudonym', value: subjectOf(glucose(bundle, 103)).slice('Patient/'.length) },
    });
    expect(observation).not.toHaveProperty('encounter');
    expect(observation['effectiveDateTime']).toBe(glucose(bundle, 103)['effectiveDateTime']);
    expect(validate(body)).toEqual([]);
  });

  test('a resource whose subject is outside of the cohort does not leave; one that names an outsider leaves without dates', async () => {
    const { body } = await ground.ask(researcher, to('open'), cohort('Patient?gender=male'));
    expect(JSON.stringify(body)).not.toContain('3333-3');
    const two = ofKind(body, 'Observation').find(one => JSON.stringify(one['code']).includes('1111-1'))!;
    expect(two).not.toHaveProperty('focus');
    expect(two).not.toHaveProperty('effectiveDateTime');
  });

  test("a Group that the operator keeps is a cohort; a hospital's is not", async () => {
    const member = Array.from({ length: 12 }, (_, n) => ({
      entity: { reference: `Patient/p${n}` },
      ...(n === 11 ? { inactive: true } : {}),
    }));
    const group = (id: string): AnyResource => ({ resourceType: 'Group', id, type: 'person', actual: true, member });
    await ground.write(group('g1'));
    await ground.store.commit({
      writes: [{ type: 'Group', id: 'g2', resource: group('g2'), expect: 'absent', sender: 'Organization/hospital-1' }],
    });
    expect(ofKind((await ground.ask(researcher, to('open'), cohort('Group/g1'))).body, 'Patient')).toHaveLength(11);
    expect((await ground.ask(researcher, to('open'), cohort('Group/g2'))).status).toBe(404);
  });

  test('too much for one answer: 422', async () => {
    const small = await openGround({ maxReleaseResources: 40 });
    await small.write(...studies);
    for (let n = 0; n < 12; n++) await small.write(...person(n));
    const answer = await small.ask(researcher, ...everyone);
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('40 resources')]);
    expect((await small.ask(researcher, ...everyone, ofType('Condition'))).status).toBe(200);
    await small.close();
  });
});

describe('90 and over', () => {
  const old = async (
    patient: object,
    dates: readonly string[],
    parameter: Json[] = everyone,
  ): Promise<{ patient: AnyResource; dates: unknown[] }> => {
    const own = await openGround();
    await own.write(...studies);
    for (let n = 0; n < 12; n++) await own.write(...person(n));
    await own.write({ resourceType: 'Patient', id: 'old', gender: 'other', ...patient });
    for (const [i, date] of dates.entries())
      await own.write({
        resourceType: 'Observation',
        id: `old-${i}`,
        status: 'final',
        code: loinc('9999-9'),
        subject: { reference: 'Patient/old' },
        effectiveDateTime: date,
      });
    const { body } = await own.ask(researcher, ...parameter);
    await own.close();
    return {
      patient: ofKind(body, 'Patient').find(one => one['gender'] === 'other')!,
      dates: ofKind(body, 'Observation')
        .filter(one => JSON.stringify(one).includes('9999-9'))
        .map(one => one['effectiveDateTime']),
    };
  };
  test.each<[string, object, string[], boolean]>([
    ['born 90 years ago to the day', { birthDate: '1936-06-15' }, [], true],
    ['born in a year that may be 90 years ago', { birthDate: '1936' }, [], true],
    ['80, with a visit planned ten years from now', { birthDate: '1946-06-10' }, ['2036-06-12'], true],
    ['80, with a visit planned nine years from now', { birthDate: '1946-06-10' }, ['2035-06-12'], false],
    ['two years short of 90', { birthDate: '1938-06-16' }, [], false],
    ['died at 95', { birthDate: '1900-01-01', deceasedDateTime: '1995-06-01' }, [], true],
    ['died at 60 in 1996', { birthDate: '1936-01-01', deceasedDateTime: '1996-06-01' }, ['1990-01-01'], false],
    ['died at 60, with an event noted 31 years later', { birthDate: '1936-01-01', deceasedDateTime: '1996-06-01' }, ['2027-01-01'], true],
    ['died, nobody knows when', { birthDate: '1930-01-01', deceasedBoolean: true }, [], true],
  ])('%s', async (_, patient, dates, pooled) => {
    const left = await old(patient, dates);
    expect(left.patient['birthDate'] === undefined).toBe(pooled);
    expect(left.patient['_birthDate'] !== undefined).toBe(pooled);
  });
  test('nobody who is 89 seems to be 90 by a shifted birth date', async () => {
    const left = await Promise.all(Array.from({ length: 8 }, (_, i) => old({ birthDate: `1937-0${i + 1}-01` }, [])));
    for (const { patient } of left) {
      const birth = patient['birthDate'];
      if (birth !== undefined) expect(String(birth) > '1936-06').toBe(true);
    }
  });
  test('dates that lie so far apart that they tell such an age do not leave together', async () => {
    const left = await old({ birthDate: '1930-01-01' }, ['1930-01-01', '1980-05-05', '2024-01-01']);
    expect(left.dates.filter(date => date === undefined)).toHaveLength(1);
    expect(left.dates).toHaveLength(3);
  });
  test('of somebody without a date of birth neither', async () => {
    const left = await old({}, ['1926-01-01', '1937-06-20', '1980-05-05', '2025-01-01']);
    expect(left.dates.filter(date => date === undefined)).toHaveLength(1);
    expect(left.patient).not.toHaveProperty('birthDate');
    expect(left.patient).not.toHaveProperty('_birthDate');
  });
  test('a cohort by year of birth does not tell who is pooled by what is planned', async () => {
    const own = await openGround();
    await own.write(...studies);
    for (let n = 0; n < 12; n++) await own.write(...person(n, { patient: { birthDate: '1946-05-01' } }));
    await own.write({ ...person(3)[2]!, id: 'planned', onsetDateTime: '2036-05-20' });
    const told = async (text: string, ...parameter: Json[]) => (await own.ask(researcher, to('open'), cohort(text), ...parameter)).status;
    // Somebody born in 1946 is pooled; a data set of those born in 1946 would show that it is one of them.
    const { body } = await own.ask(researcher, ...everyone);
    expect(ofKind(body, 'Patient').filter(one => one['_birthDate'] !== undefined)).toHaveLength(1);
    for (const text of ['Patient?birthdate=1946', 'Patient?birthdate=ge1946', 'Patient?birthdate=ge1937&birthdate=lt1947'])
      expect(await told(text)).toBe(400);
    for (const text of ['Patient?birthdate=lt1947', 'Patient?birthdate=le1946']) expect(await told(text)).toBe(200);
    // A count tells of nobody that he is pooled.
    const population = [
      { code: { coding: [{ code: 'initial-population' }] }, criteria: { language: 'application/x-fhir-query', expression: 'Patient?' } },
    ];
    const measure = { name: 'measure', resource: { resourceType: 'Measure', status: 'active', group: [{ population }] } };
    expect(await told('Patient?birthdate=1946', summary, measure)).toBe(200);
    expect(await told('Patient?birthdate=1936', summary, measure)).toBe(400);
    await own.close();
  });
  test('the answer does not hang on the types that are asked for', async () => {
    const left = await old({ birthDate: '1936-01-01', deceasedDateTime: '1996-06-01' }, ['2027-01-01'], [...everyone, ofType('Patient')]);
    expect(left.patient['_birthDate']).toBeDefined();
  });
});

describe('summary', () => {
  const query = (expression: string) => ({ language: 'application/x-fhir-query', expression });
  const path = (expression: string) => ({ language: 'text/fhirpath', expression });
  const code = (kind: string) => ({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/measure-population', code: kind }] });
  const measure = (...group: object[]): Json => ({
    name: 'measure',
    resource: { resourceType: 'Measure', url: 'urn:m', status: 'active', group },
  });
  const ask = (...group: object[]) => ground.ask(researcher, ...everyone, summary, measure(...group));
  const whole = { population: [{ code: code('initial-population'), criteria: query('Patient?') }] };
  const groups = (report: AnyResource) =>
    report['group'] as { population: Json[]; stratifier: { stratum: { value: Json; population: Json[] }[] }[] }[];
  const masked = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] };

  test('is a valid MeasureReport of the Measure over the period of the study', async () => {
    const { status, body } = await ask(whole);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      resourceType: 'MeasureReport',
      type: 'summary',
      measure: 'urn:m',
      period: { start: '2026-01-01', end: '2026-06-15' },
    });
    expect(validate(body)).toEqual([]);
    expect(daplFaultsOfReport(body)).toEqual([]);
    // Persons, not records: two records are one.
    expect(groups(body)[0]!.population[0]).toMatchObject({ count: many + 1 });
  });
  test('an inline Measure without a url is called by a urn made of it', async () => {
    const inline = { name: 'measure', resource: { resourceType: 'Measure', status: 'active', group: [whole] } };
    const [one, two] = [
      await ground.ask(researcher, ...everyone, summary, inline),
      await ground.ask(researcher, ...everyone, summary, inline),
    ];
    expect(one.body['measure']).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(one.body).toEqual(two.body);
  });
  test('a stored Measure is taken by reference', async () => {
    await ground.write({ resourceType: 'Measure', id: 'stored', url: 'urn:stored', version: '2', status: 'active', group: [whole] });
    const { body } = await ground.ask(researcher, ...everyone, summary, {
      name: 'measure',
      valueReference: { reference: 'Measure/stored' },
    });
    expect(body['measure']).toBe('urn:stored|2');
  });
  test('a count of 1 to 9 is masked, a count of 0 is not', async () => {
    const { body } = await ask(
      { population: [{ criteria: query('Patient?_has:Condition:patient:code=E75.2') }] },
      { population: [{ criteria: query('Patient?_has:Condition:patient:code=none') }] },
    );
    expect(groups(body)[0]!.population[0]).toEqual({ _count: masked });
    expect(groups(body)[1]!.population[0]).toEqual({ count: 0 });
  });
  test('strata by value: gender, prefecture, a band of ages', async () => {
    const { body } = await ask({
      ...whole,
      stratifier: [
        { criteria: path('gender') },
        { criteria: path('Patient.address.state') },
        { criteria: path("iif(%age >= 65, '65+', '0-64')") },
        { criteria: path('(%age div 50) * 50') },
      ],
    });
    const values = (s: number) =>
      groups(body)[0]!.stratifier[s]!.stratum.map(({ value, population }) => [value['text'], population[0]!['count'] ?? 'masked']);
    expect(values(0)).toEqual([
      ['female', 12],
      ['male', 13],
    ]);
    // 8 in Osaka are too few, and Tokyo with the total would give them back.
    expect(values(1)).toEqual([
      ['大阪府', 'masked'],
      ['東京都', 'masked'],
    ]);
    expect(values(2).map(([value]) => value)).toEqual(['0-64', '65+']);
    expect(values(3).map(([value]) => value)).toEqual(['50']);
  });
  test('a stratifier by query: in, or out', async () => {
    const { body } = await ask({ ...whole, stratifier: [{ criteria: query('Patient?gender=female') }] });
    expect(groups(body)[0]!.stratifier[0]!.stratum).toEqual([
      { value: { text: 'true' }, population: [expect.objectContaining({ count: 12 })] },
      { value: { text: 'false' }, population: [expect.objectContaining({ count: 13 })] },
    ]);
  });
  test('no expression can see more of a Patient than a query may ask', async () => {
    for (const expression of [
      'name.text',
      'identifier.value',
      'address.city',
      'address.line',
      'id',
      'managingOrganization.reference',
      'birthDate.toString().substring(4)',
      'descendants().where($this is string).where(contains("山田"))',
    ]) {
      const { text } = await ask({ ...whole, stratifier: [{ criteria: path(expression) }] });
      for (const word of ['山田', 'KARTE', '千代田', '探針', 'hospital', '-05', '"p1"']) expect(text).not.toContain(word);
    }
  });
  test('a part is counted within its whole, and the remainder is no cell for free', async () => {
    const { body } = await ask({
      population: [
        { code: code('denominator'), criteria: query('Patient?') },
        { code: code('numerator'), criteria: query('Patient?_has:Condition:patient:code=E11') },
      ],
    });
    // 24 of 25: the one who is left out would be known by a subtraction.
    const counts = groups(body)[0]!.population.map(one => one['count']);
    expect(counts.filter(count => count === undefined)).toHaveLength(1);
  });
  test.each<[string, object]>([
    ['no population', { population: [] }],
    ['a criterion in another language', { population: [{ criteria: { language: 'text/cql', expression: 'x' } }] }],
    ['a criterion that identifies', { population: [{ criteria: query('Patient?name=山田') }] }],
    ['a stratifier in another language', { ...whole, stratifier: [{ criteria: { language: 'text/cql', expression: 'x' } }] }],
    ['a stratifier that is no FHIRPath', { ...whole, stratifier: [{ criteria: path('gender.where(') }] }],
    ['a stratifier that asks a terminology server', { ...whole, stratifier: [{ criteria: path("gender.memberOf('http://x')") }] }],
    ['a stratifier that never ends', { ...whole, stratifier: [{ criteria: path('(1).repeat($this + 1)') }] }],
    ['… in another spelling', { ...whole, stratifier: [{ criteria: path('(1).`repeat`($this + 1)') }] }],
    ['… with a comment', { ...whole, stratifier: [{ criteria: path('(1).repeat/* */($this + 1)') }] }],
    ['a regular expression that takes ages', { ...whole, stratifier: [{ criteria: path(`'${'a'.repeat(40)}!'.matches('(a+)+$')`) }] }],
    ['a stratifier of components', { ...whole, stratifier: [{ component: [{ criteria: path('gender') }] }] }],
  ])('%s: 400', async (_, group) => expect((await ask(group)).status).toBe(400));
});

describe('data', () => {
  const given = (...list: AnyResource[]): Json => ({
    name: 'data',
    resource: {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: list.map((resource, i) => ({
        fullUrl: `urn:uuid:00000000-0000-4000-8000-00000000000${i}`,
        resource,
        request: { method: 'POST', url: resource.resourceType },
      })),
    },
  });
  const urn = (i: number) => ({ reference: `urn:uuid:00000000-0000-4000-8000-00000000000${i}` });
  const patient = (value: string, more: object = {}): AnyResource => ({
    resourceType: 'Patient',
    identifier: [{ system: numbers, value }],
    name: [{ text: '漏洩検査' }],
    birthDate: '1961-05-17',
    ...more,
  });
  const observation = (subject: object, more: object = {}): AnyResource => ({
    resourceType: 'Observation',
    status: 'final',
    code: loinc('2339-0'),
    subject,
    effectiveDateTime: '2024-02-03',
    note: [{ text: '漏洩検査' }],
    ...more,
  });

  test('a Bundle comes back without the person, its references by full URL followed', async () => {
    const { status, body, text } = await ground.ask(access('tester'), given(patient('X-1'), observation(urn(0))));
    expect(status).toBe(200);
    expect(text).not.toMatch(/漏洩検査|X-1|urn:uuid:0{8}/);
    expect(subjectOf(ofKind(body, 'Observation')[0]!)).toBe(`Patient/${ofKind(body, 'Patient')[0]!.id}`);
    expect(ofKind(body, 'Observation')[0]!['effectiveDateTime']).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(validate(body)).toEqual([]);
  });
  test('keys are those of the call alone', async () => {
    const ask = async () => (await ground.ask(access('institution'), given(patient('X-1'), observation(urn(0))))).body;
    const [one, two] = [await ask(), await ask()];
    expect(ofKind(one, 'Patient')[0]!.id).not.toBe(ofKind(two, 'Patient')[0]!.id);
  });
  test('nothing of it is stored', async () => {
    await ground.ask(access('operator'), given(patient('X-1')));
    expect(await ground.store.lines([`${numbers}|X-1`])).toEqual([]);
    const found = await ground.ask(researcher, ...everyone);
    expect(ofKind(found.body, 'Patient')).toHaveLength(many + 1);
  });
  test('two records with one number leave as one person', async () => {
    const { body } = await ground.ask(
      access('tester'),
      given(patient('X-1'), patient('Ｘ-1', { gender: 'male' }), observation(urn(0)), observation(urn(1))),
    );
    expect(ofKind(body, 'Patient')).toHaveLength(1);
    expect(new Set(ofKind(body, 'Observation').map(subjectOf)).size).toBe(1);
    expect(new Set(ofKind(body, 'Observation').map(one => one['effectiveDateTime'])).size).toBe(1);
  });
  test('who objected is left out, with everything about him', async () => {
    await ground.object(`${numbers.toLowerCase()}|NO-1`);
    const { body } = await ground.ask(
      access('institution'),
      given(patient('NO-1'), observation(urn(0), { valueString: 'a' }), patient('X-2'), observation(urn(2))),
    );
    expect(ofKind(body, 'Patient')).toHaveLength(1);
    expect(ofKind(body, 'Observation')).toHaveLength(1);
  });
  test('an empty Bundle gives one with nothing but the Provenance', async () => {
    const { status, body } = await ground.ask(access('tester'), { name: 'data', resource: { resourceType: 'Bundle', type: 'collection' } });
    expect([status, resources(body).map(one => one.resourceType)]).toEqual([200, ['Provenance']]);
    expect(validate(body)).toEqual([]);
  });
  test.each<[string, number, ReturnType<typeof access>, Json[]]>([
    ['a researcher', 403, researcher, [given(patient('X-1'))]],
    ['together with a study', 400, access('tester'), [given(patient('X-1')), to('open')]],
    ['together with a cohort', 400, access('tester'), [given(patient('X-1')), cohort('Patient?')]],
    ['as a summary', 400, access('tester'), [given(patient('X-1')), summary]],
    ['that is no Bundle', 400, access('tester'), [{ name: 'data', resource: patient('X-1') }]],
  ])('%s: %d', async (_, status, who, parameter) => expect((await ground.ask(who, ...parameter)).status).toBe(status));
});

describe('the policy of a study', () => {
  const bound = access('researcher', { studies: ['pseudonymized', 'linkable', 'text', 'shared', 'images', 'none', 'open'] });
  beforeAll(() =>
    ground.write(
      under('pseudonymized', 'jp-pseudonymized|1.0.0'),
      under('linkable', 'jp-linkable'),
      under('text', 'jp-anonymized-text'),
      under('shared', 'jp-anonymized-shared'),
      under('images', 'jp-anonymized-images'),
      under('none', 'jp-none'),
    ),
  );

  test('jp-pseudonymized: dates as they are, its own label, pseudonyms and hash', async () => {
    const [one, other] = await Promise.all(['pseudonymized', 'open'].map(id => ground.ask(bound, to(id), cohort('Patient?'))));
    expect(one!.status).toBe(200);
    const [patient] = ofKind(one!.body, 'Patient');
    expect(patient).toMatchObject({
      meta: { security: [expect.objectContaining({ code: 'PSEUDED' }), expect.anything(), expect.anything(), expect.anything()] },
    });
    const ids = new Set(ofKind(other!.body, 'Patient').map(resource => resource.id));
    expect(ofKind(one!.body, 'Patient').filter(resource => ids.has(resource.id))).toEqual([]);
    expect(one!.text).toContain('deidentification-policy/jp-pseudonymized|1.0.0');
    expect(one!.text).toContain('"2024-02-03"');
  });

  test('jp-linkable: refused without a link key; with one each insured person has one link key', async () => {
    expect(await ground.ask(bound, to('linkable'), cohort('Patient?'))).toMatchObject({
      status: 422,
      text: expect.stringContaining('LINK_KEY_FILE'),
    });
    const linked = createOperations({ ...ground.parts, linkKey: () => Buffer.alloc(32, 9) });
    const answer = await linked(
      {
        method: 'POST',
        path: '$deidentify',
        query: [],
        body: { resourceType: 'Parameters', parameter: [to('linkable'), cohort('Patient?')] },
        headers: {},
      },
      bound,
    );
    const patients = ofKind(JSON.parse(Buffer.concat(answer.bytes!).toString()) as AnyResource, 'Patient');
    const keys = patients.flatMap(patient => (patient['identifier'] ?? []) as { system: string; value: string }[]);
    expect(keys).toHaveLength(patients.length);
    expect(new Set(keys.map(key => key.value)).size).toBe(patients.length);
    for (const key of keys)
      expect(key).toEqual({ system: 'https://noren.example/fhir/sid/link-key', value: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test('jp-anonymized-text: notes leave without the names that records and registries know, their dates moved', async () => {
    await ground.write(
      { resourceType: 'Practitioner', id: 'doctor', name: [{ family: '御手洗', given: ['権兵衛'], text: '御手洗 権兵衛' }] },
      {
        resourceType: 'Observation',
        id: 'noted',
        status: 'final',
        code: loinc('3333-3'),
        subject: { reference: 'Patient/p3' },
        effectiveDateTime: '2024-02-03',
        note: [{ text: '２０２４年２月３日に御手洗が診察。血圧は安定、電話 03-1234-5678。' }],
      },
    );
    const { body, text } = await ground.ask(bound, to('text'), cohort('Patient?'));
    const observation = ofKind(body, 'Observation').find(one => one['note'] !== undefined)!;
    const note = (observation['note'] as { text: string }[])[0]!.text;
    expect(note).toMatch(/^２０[０-９]{2}年[０-９]+月[０-９]+日に【.+】が診察。血圧は安定、電話 【.+】。$/);
    const [, year, month, day] = /^(\d+)年(\d+)月(\d+)日/.exec(note.normalize('NFKC'))!;
    expect(`${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`).toBe(observation['effectiveDateTime']);
    expect(text).not.toContain('御手洗');
  });

  test('jp-anonymized-text: a type that this policy alone lets out leaves, and may be asked for', async () => {
    await ground.write({
      resourceType: 'DocumentReference',
      id: 'letter',
      status: 'current',
      subject: { reference: 'Patient/p3' },
      content: [{ attachment: { contentType: 'text/plain', data: Buffer.from('血圧は安定。').toString('base64') } }],
    });
    const only = ofType('DocumentReference');
    for (const parameter of [[], [only]]) {
      const { body } = await ground.ask(bound, to('text'), cohort('Patient?'), ...parameter);
      expect(ofKind(body, 'DocumentReference')).toHaveLength(1);
    }
    expect((await ground.ask(bound, to('open'), cohort('Patient?'), only)).status).toBe(400);
  });

  test('jp-anonymized-shared: a code that one person has does not leave', async () => {
    const rare = '"E75.2"';
    expect((await ground.ask(bound, to('open'), cohort('Patient?'))).text).toContain(rare);
    const { status, text, body } = await ground.ask(bound, to('shared'), cohort('Patient?'));
    expect(status).toBe(200);
    expect(text).not.toContain(rare);
    const last = (await ground.store.book('releases')).at(-1)!;
    expect(last).toMatchObject({
      study: 'shared',
      plan: expect.stringMatching(/^[0-9a-f]{64}$/),
      rarePairs: expect.any(Number),
      dataSet: expect.stringMatching(/^urn:uuid:/),
    });
    for (const part of ['plan', 'dataSet'] as const) expect(text).toContain(String(last[part]));
    expect(ofKind(body, 'Patient').length).toBeGreaterThan(20);
    expect(validate(body)).toEqual([]);
  });

  test('jp-anonymized-images: Binaries leave with who points at them, one by one; under another policy, or asked for alone without a securityContext, they do not', async () => {
    const data = dicomFile(
      chest([entry(0x00080020, 'DA', '20240203'), entry(0x00100010, 'PN', 'CANARY'), entry(0x00100020, 'LO', 'X-3')]),
      syntaxes.explicit,
    ).toString('base64');
    const binary = (id: string, more: object = {}): AnyResource => ({
      ...{ resourceType: 'Binary', id, contentType: 'application/dicom', data },
      ...more,
    });
    const document = (id: string, file: string): AnyResource => ({
      ...{ resourceType: 'DocumentReference', id, status: 'current', subject: { reference: 'Patient/p3' }, date: '2024-02-03T00:00:00Z' },
      content: [{ attachment: { contentType: 'application/dicom', url: `Binary/${file}` } }],
    });
    await ground.write(
      binary('slice', { securityContext: { reference: 'DocumentReference/scan' } }),
      binary('open-slice'),
      binary('nobodys'),
      binary('own', { securityContext: { reference: 'Patient/p4' } }),
      binary('head', { data: dicomFile(chest([entry(0x00180015, 'CS', 'HEAD')]), syntaxes.explicit).toString('base64') }),
      document('scan', 'slice'),
      document('open-scan', 'open-slice'),
      document('head-scan', 'head'),
    );
    const { body, text } = await ground.ask(bound, to('images'), cohort('Patient?'), ofType('DocumentReference'), ofType('Binary'));
    const left = ofKind(body, 'Binary');
    expect(left).toHaveLength(3);
    const links = ofKind(body, 'DocumentReference').flatMap(one =>
      (one['content'] as { attachment: { url?: string } }[]).flatMap(({ attachment }) => attachment.url ?? []),
    );
    expect(links).toHaveLength(2);
    expect(left.map(({ id }) => `Binary/${id}`)).toEqual(expect.arrayContaining(links));
    for (const one of left) {
      const bytes = Buffer.from(String(one['data']), 'base64');
      expect(bytes.toString('latin1', 128, 132)).toBe('DICM');
      expect(bytes.toString('latin1')).not.toMatch(/CANARY|X-3|20240203/);
    }
    expect(text).not.toContain('CANARY');
    expect(validate(body)).toEqual([]);
    // Nothing that was asked for leads to the others.
    const alone = ofKind((await ground.ask(bound, to('images'), cohort('Patient?'), ofType('Binary'))).body, 'Binary');
    expect(alone).toHaveLength(2);
    expect(left.map(({ id }) => id)).toEqual(expect.arrayContaining(alone.map(({ id }) => id)));
    expect((await ground.ask(bound, to('text'), cohort('Patient?'), ofType('Binary'))).status).toBe(400);
  });

  test('jp-anonymized-images: whose a Binary is does not depend on which types are asked for', async () => {
    const data = dicomFile(chest([]), syntaxes.explicit).toString('base64');
    const attachment = { contentType: 'application/dicom', url: 'Binary/shared' };
    await ground.write(
      { resourceType: 'Binary', id: 'shared', contentType: 'application/dicom', data },
      {
        ...{ resourceType: 'DocumentReference', id: 'shared-scan', status: 'current', subject: { reference: 'Patient/p5' } },
        content: [{ attachment }],
      },
    );
    const count = async (...types: string[]): Promise<number> =>
      ofKind((await ground.ask(bound, to('images'), cohort('Patient?'), ...types.map(ofType))).body, 'Binary').length;
    const [some, all] = [await count('DocumentReference', 'Binary'), await count()];
    await ground.write({
      resourceType: 'Media',
      id: 'shared-media',
      status: 'completed',
      subject: { reference: 'Patient/p6' },
      content: attachment,
    });
    expect(await count('DocumentReference', 'Binary')).toBe(some - 1);
    expect(await count()).toBe(all - 1);
  });

  test('one that this server does not know closes the study', async () =>
    expect((await ground.ask(bound, to('none'), cohort('Patient?'))).status).toBe(422));
});

describe('a study that names a policy which is not here', () => {
  test.each([['jp-pseudonymized|0.9.0'], ['jp-pseudonymized|'], ['jp-none'], ['jp-pseudonymized', 'jp-anonymized']])(
    '%s %s: refused, a count too',
    async (...canonicals) => {
      await ground.write(under('elsewhere', ...canonicals));
      for (const parameter of [[], [summary]])
        expect(
          await ground.ask(access('researcher', { studies: ['elsewhere'] }), to('elsewhere'), cohort('Patient?'), ...parameter),
        ).toMatchObject({
          status: 422,
          text: 'The study names a policy, or a version of one, that this server does not have.',
        });
    },
  );
});

// Last: it takes somebody away.
describe('objection', () => {
  test('holds from its commit on, under every record of the person, and nobody else misses anything', async () => {
    const before = await ground.ask(researcher, ...everyone);
    await ground.object('Patient/p51');
    const after = await ground.ask(researcher, ...everyone);
    expect([glucose(after.body, 501), glucose(after.body, 502)]).toEqual([undefined, undefined]);
    expect(ofKind(after.body, 'Patient')).toHaveLength(ofKind(before.body, 'Patient').length - 1);
    expect(resources(before.body).length - resources(after.body).length).toBe(9);
  });
});
