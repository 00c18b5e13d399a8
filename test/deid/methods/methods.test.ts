// https://hl7.org/fhir/R4/datatypes.html; one method = one describe
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { dayOf } from '../../../src/deid/calendar.ts';
import { Absent } from '../../../src/deid/context.ts';
import { deidentify } from '../../../src/deid/deidentify.ts';
import { seriesKeys } from '../../../src/deid/keys.ts';
import { methods } from '../../../src/deid/methods/index.ts';
import { Decimal } from '../../../src/fhir/model/json.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { policyNamed } from '../../../src/release/policies.ts';
import { base, compile, out, run } from '../ground.ts';

/** @param type of the element; default: the first that the method can treat */
const make = (name: string, options: Record<string, unknown> = {}, inner?: (value: unknown) => unknown, type?: string) => {
  const method = methods.get(name)!;
  return method.make({ pooledFrom: 90, ...options }, inner, type ?? method.types[0]!);
};

describe('keep', () => {
  const keep = (type: string, value: unknown) => make('keep', {}, undefined, type)(value, run());
  test.each([
    ['boolean', true],
    ['boolean', false],
    ['integer', 0],
    ['decimal', 7.5],
    ['code', 'final'],
    ['code', 'E11.9'],
    ['time', '09:30:00'],
    ['date', '2024-02-20'],
    ['dateTime', '2024-02'],
    ['instant', '2024-02-20T09:30:15.120+09:00'],
  ])('a %s leaves as it is: %p', (type, value) => expect(keep(type, value)).toBe(value));
  test('a decimal keeps its digits', () => expect(JSON.stringify(keep('decimal', new Decimal('7.20')))).toBe('7.20'));
  test.each([
    ...['山田太郎', 'two words', '', 'x'.repeat(65), { a: 1 }, null, 7].map(value => ['code', value]),
    ['boolean', 'Yamada'],
    ['integer', 'Yamada'],
    ['decimal', '7'],
    ['time', 'Yamada'],
    ['date', '2024-02-31'],
    ['dateTime', '2024-02-20 山田'],
  ])('in the place of a %s %p goes', (type, value) => expect(keep(String(type), value)).toBeUndefined());
  test.each(['date', 'dateTime', 'instant'])('of several persons, of whom one may be pooled, no %s leaves', type => {
    const { subject: _, ...several } = run().context;
    const date = (options: Record<string, unknown>) => make('keep', options, undefined, type)('1931-02-03', { ...run(), context: several });
    expect(date({})).toBeUndefined();
    expect(date({ pooledFrom: undefined })).toBe('1931-02-03');
  });
});

test('remove: nothing leaves', () => expect(make('remove')('x', run())).toBeUndefined());

describe('date-shift', () => {
  const shift = make('date-shift');
  test.each([
    ['2024-02-20', '2024-03-01'],
    ['2024-12-28T09:30:15.120+09:00', '2025-01-07T09:30:15+09:00'],
    ['2024-02', '2024-02'],
    ['2024', '2024'],
  ])('%s moves by ten days to %s', (from, to) => expect(shift(from, run())).toBe(to));
  test('a partial date moves from its middle', () => {
    const far = { subject: { shiftDays: 200, pooled: false } };
    expect(shift('2024-01', run(far))).toBe('2024-08');
    expect(shift('2024', run(far))).toBe('2025');
    expect(shift('2024', run({ subject: { shiftDays: 100, pooled: false } }))).toBe('2024');
  });
  test('dates of different persons and days that share a place are told apart', () => {
    for (const shiftDays of [1, 10])
      for (let second = 0; second < 60; second++)
        for (const day of ['01', '11', '20']) {
          const time = `T10:0${second % 10}:${String(second).padStart(2, '0')}Z`;
          const moved = String(Number(day) + shiftDays).padStart(2, '0');
          expect(shift(`2024-01-${day}${time}`, run({ subject: { shiftDays, pooled: false } }))).toBe(`2024-01-${moved}${time}`);
        }
  });
  test('without a person there is no date', () => {
    const { subject: _, ...nobody } = run().context;
    expect(shift('2024-02-20', { ...run(), context: nobody })).toBeUndefined();
  });
  test.each(['2023-02-29', 'tomorrow', 5])('%p does not leave', value => expect(shift(value, run())).toBeUndefined());
  test('what is earlier than a pooled person may show goes', () => {
    const old = { subject: { shiftDays: 1, pooled: true, notBefore: 0 } };
    expect(shift('1969-12-31', run(old))).toBeUndefined();
    expect(shift('1970-01-01', run(old))).toBe('1970-01-02');
  });
});

test('date-shift: days outside of the life, which would show the shift, go', () => {
  const shift = make('date-shift');
  const subject = { shiftDays: 7, pooled: false, notBefore: 1000, notAfter: 30_000 };
  for (const text of ['9999-12-31', '9999-12-31T23:59:59Z', '2099-12-31', '9999', '1900-01-01', '1900', '0001-01-01'])
    expect(shift(text, run({ subject }))).toBeUndefined();
  expect(shift('2024-02-20', run({ subject }))).toBe('2024-02-27');
});

test('date-shift: of a leap second, of which there are a few, the minute leaves and its last second', () => {
  const shift = make('date-shift');
  const subject = { shiftDays: 7, pooled: false };
  expect(shift('2016-12-31T23:59:60Z', run({ subject }))).toBe('2017-01-07T23:59:59Z');
  expect(shift('2017-01-01T08:59:60.5+09:00', run({ subject }))).toBe('2017-01-08T08:59:59+09:00');
  expect(shift('2017-01-01T08:60:00+09:00', run({ subject }))).toBeUndefined();
});

describe('weekday-shift', () => {
  const weekday = make('weekday-shift');
  test.each([
    [1, 'mon', 'tue'],
    [-1, 'mon', 'sun'],
    [-365, 'tue', 'mon'],
    [14, 'sat', 'sat'],
  ])('by %d days %s is %s', (shiftDays, from, to) => expect(weekday(from, run({ subject: { shiftDays, pooled: false } }))).toBe(to));
  test('goes where dates go', () => {
    const { subject: _, ...nobody } = run().context;
    expect(weekday('mon', { ...run(), context: nobody })).toBeUndefined();
    expect(weekday('Yamada', run())).toBeUndefined();
  });
  test('of several the order is that of a week, wherever it began', () => {
    const left = (dayOfWeek: (string | null)[], more: object = {}) => {
      const occurrenceTiming = { repeat: { dayOfWeek, ...more } };
      const request = { resourceType: 'ServiceRequest', id: 's', status: 'active', intent: 'order', occurrenceTiming } as AnyResource;
      const { subject: _, ...rest } = run().context;
      return deidentify(policyNamed('jp-anonymized'), request, { ...rest, subject: { shiftDays: 3, pooled: false } })!['occurrenceTiming'];
    };
    expect(left(['mon', 'wed', 'fri'])).toEqual({ repeat: { dayOfWeek: ['mon', 'thu', 'sat'] } });
    expect(left(['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'])).toEqual(left(['wed', 'thu', 'fri', 'sat', 'sun', 'mon', 'tue']));
    const masked = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] };
    const beside = { _dayOfWeek: [null, masked, null] };
    expect(left(['wed', null, 'mon'], beside)).toEqual({ repeat: { dayOfWeek: ['thu', 'sat'] } });
  });
});

describe('generalize-date', () => {
  const generalize = make('generalize-date', { birth: true });
  test('a date of birth is shifted and cut to the month', () => expect(generalize('1961-05-28', run())).toBe('1961-06'));
  test('a year stays a year', () => expect(generalize('1961', run())).toBe('1961'));
  test('of a pooled person it says 90 or more, and is not missing', () => {
    const old = generalize('1920-05-28', run({ subject: { shiftDays: 10, pooled: true } })) as Absent;
    expect(old).toBeInstanceOf(Absent);
    expect(old.extension).toEqual([
      { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' },
      {
        url: 'https://noren.example/fhir/StructureDefinition/pooled-age',
        valueQuantity: { value: 90, comparator: '>=', unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' },
      },
    ]);
  });
  test.each(['9999-12-31', '2099-12-31', '2030-01-01'])('%s is no birth, and moved would show the shift', date => {
    const at = { subject: { shiftDays: 10, pooled: false, notAfter: dayOf(2035, 6, 15) }, today: dayOf(2026, 6, 15) };
    expect(generalize(date, run(at))).toBeUndefined();
    expect(generalize('2026-06-15', run(at))).toBe('2026-06');
  });
});

describe('pseudonymize', () => {
  test('an id becomes that of the release', () => expect(make('pseudonymize')('1', run())).toBe('pseudonym'));
  test('a UID becomes a keyed one', () => expect(make('pseudonymize', { domain: 'uid' })('1.2.3', run())).toMatch(/^2\.25\./));
  test('of identifiers the UID of a study becomes the keyed one, and all others go', () => {
    const treat = make('pseudonymize', { domain: 'uid' }, undefined, 'Identifier');
    const uid = run().context.keys.uid('1.2.3');
    expect(treat({ use: 'official', system: 'urn:dicom:uid', value: 'urn:oid:1.2.3', assigner: { display: 'A' } }, run())).toEqual({
      system: 'urn:dicom:uid',
      value: `urn:oid:${uid}`,
    });
    for (const other of [{ system: 'urn:dicom:uid', value: '山田' }, { system: 'urn:accession', value: 'urn:oid:1.2.3' }, { value: '1' }])
      expect(treat(other, run())).toBeUndefined();
  });
  test('another domain stops the load', () => expect(() => make('pseudonymize', { domain: 'x' })).toThrow('domain'));
});

describe('reference', () => {
  const reference = make('reference');
  test.each([
    ['relative', { reference: 'Patient/1' }],
    ['absolute below our own base', { reference: 'https://noren.test/fhir/Patient/1' }],
    ['of a version', { reference: 'Patient/1/_history/3' }],
    ['with type, identifier and display', { reference: 'Patient/1', type: 'Patient', identifier: { value: '9' }, display: '山田太郎' }],
  ])('%s: follows its target, and nothing else of it leaves', (_, value) =>
    expect(reference(value, run())).toEqual({ reference: 'Patient/out-1' }),
  );
  test.each([
    ['foreign URL', { reference: 'https://other.example/fhir/Patient/1' }],
    ['conditional', { reference: 'Patient?identifier=urn:x|9' }],
    ['urn', { reference: 'urn:uuid:7a1c6f3e-0000-4000-8000-000000000000' }],
    ['display alone', { display: '山田太郎' }],
    ['identifier alone', { identifier: { system: 'urn:x', value: '9' } }],
    ['contained one that does not leave', { reference: '#q' }],
    ['nonsense', { reference: 5 }],
  ])('%s whose target does not leave: goes', (_, value) => expect(reference(value, run())).toBeUndefined());
  test('urn and conditional forms follow a target that the release knows by that name', () => {
    const lead = (text: string) => ({ reference: `Patient/${text.length}` });
    expect(reference({ reference: 'urn:uuid:1' }, run({ lead }))).toEqual({ reference: 'Patient/10' });
  });
  test('a logical one follows an identifier that the release knows', () => {
    const identified = () => ({ reference: 'Patient/known' });
    expect(reference({ identifier: { system: 'urn:x', value: '9' } }, run({ identified }))).toEqual({ reference: 'Patient/known' });
  });
  test('a contained one follows the new id, and is noted as used', () => {
    const state = run();
    expect(reference({ reference: '#p' }, state)).toEqual({ reference: '#c1' });
    expect([...state.used]).toEqual(['c1']);
  });
});

describe('age-top-code', () => {
  const top = make('age-top-code', {}, value => value);
  const bare = make('age-top-code', { bare: true }, value => value);
  const old = { value: 90, comparator: '>=', unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' };
  test('of a pooled person no age leaves, from which with two dates a higher one could be told', () => {
    const subject = { shiftDays: 10, pooled: true };
    for (const age of [
      { value: 70, unit: 'a', code: 'a' },
      { value: 840, unit: 'months' },
      { value: 64, unit: '歳' },
    ])
      expect(top(age, run({ subject }))).toBeUndefined();
    expect(bare({ value: 64 }, run({ subject }))).toBeUndefined();
    expect(top({ low: { value: 70, unit: 'a' } }, run({ subject }))).toBeUndefined();
    // Nor that he is above the limit by then: the first time tells when he reached it.
    expect(bare({ value: 95 }, run({ subject }))).toBeUndefined();
    expect(top({ value: 95, unit: 'a', code: 'a' }, run({ subject }))).toBeUndefined();
    for (const other of [
      { value: 30, unit: 'min' },
      { value: 5, unit: 'mg' },
      { value: 14, unit: 'd' },
    ])
      expect(top(other, run({ subject }))).toEqual(other);
  });
  test.each([
    { value: 97, unit: 'years old' },
    { value: 97, unit: '{yrs}' },
    { value: 97, unit: 'Y/O' },
    { value: 97, unit: '満歳' },
    { value: 90, unit: '歳' },
    { value: 103, code: 'a' },
    { value: 1080, unit: 'months' },
    { value: 4697, code: 'wk' },
    { value: new Decimal('92.5'), unit: 'years' },
    { value: 33_000, code: 'd', unit: 'x' },
    ...'y. ans 満年齢 歳代 さい {a} (years) [years]'.split(' ').map(unit => ({ value: 97, unit })),
    ...['age in years', 'Age (years)', 'in years'].map(unit => ({ value: 97, unit })),
    ...'1.a a/1 (a) a1 a{age} 1/(1/a)'.split(' ').map(code => ({ value: 97, code })),
    { value: 9.7, code: '10*1.a' },
    { value: 33, code: '10*3.d' },
    { value: 2900, code: 'Ms' },
    { value: 2900, code: 'MJ/W' },
  ])('%p is 90 or more', value => expect(top(value, run())).toEqual(old));
  test.each([{ value: 89.9, unit: 'a' }, { value: 1079, unit: 'mo' }, { value: 120, unit: 'mm[Hg]', code: 'mm[Hg]' }, { value: 120 }])(
    '%p stays',
    value => expect(top(value, run())).toBe(value),
  );
  test.each(['A', 'S', 'H', 'A.a', 'a2', '/a', 'g/a'])('a unit of %p is none of time: UCUM is read with its case', unit =>
    expect(top({ value: 95, unit }, run({ subject: { shiftDays: 10, pooled: true } }))).toEqual({ value: 95, unit }),
  );
  test('where code and unit say different times, it is the longer', () =>
    expect(top({ value: 95, unit: '歳', code: 'mo' }, run())).toEqual(old));
  test('an Age in a unit that nobody knows goes: without the unit it would be one in years', () =>
    expect(bare({ value: 95, unit: 'Winter' }, run())).toBeUndefined());
  test('an Age without a unit is in years', () => expect(bare({ value: 95 }, run())).toEqual(old));
  test('less than an age above 90 says nothing that may be said', () =>
    expect(top({ value: 95, comparator: '<', unit: 'a' }, run())).toBeUndefined());
  test('a Range comes down to 90, or loses its upper end', () => {
    const { comparator: _, ...limit } = old;
    expect(top({ low: { value: 91, unit: 'a' }, high: { value: 99, unit: 'a' } }, run())).toEqual({ low: limit });
    expect(top({ low: { value: 70, unit: 'a' }, high: { value: 99, unit: 'a' } }, run())).toEqual({
      low: { value: 70, unit: 'a' },
    });
  });
  test('an end of a Range in no unit that leaves may be an age, and goes', () => {
    expect(top({ low: { value: 95 }, high: { value: 5, unit: 'mg' } }, run())).toEqual({ high: { value: 5, unit: 'mg' } });
    expect(top({ low: { value: 91 }, high: { value: 99 } }, run())).toBeUndefined();
  });
});

describe('place', () => {
  const place = make('place', { prefectures: ['東京都', '大阪府', '三重県', '神奈川県'] });
  test.each([
    [
      {
        text: '〒100-0001 東京都千代田区探針町9-8',
        postalCode: '100-0001',
        state: '東京都',
        city: '千代田区',
        line: ['探針町9-8'],
        country: 'JP',
      },
      { state: '東京都', city: '千代田区' },
    ],
    [
      { state: '大阪府', city: '大阪市北区' },
      { state: '大阪府', city: '大阪市北区' },
    ],
    [
      { state: '東京都', city: '千代田区探針町九丁目' },
      { state: '東京都', city: '千代田区' },
    ],
    [
      { state: '東京都', city: '千代田区１－２－３' },
      { state: '東京都', city: '千代田区' },
    ],
    [
      { state: '三重県', city: '四日市市' },
      { state: '三重県', city: '四日市市' },
    ],
    [
      { state: '神奈川県', city: '横浜市中区山下町' },
      { state: '神奈川県', city: '横浜市中区' },
    ],
    [
      { state: '東京都', city: '千代田区一番町' },
      { state: '東京都', city: '千代田区' },
    ],
    [
      { state: '東京都', city: '東京都町田市中町' },
      { state: '東京都', city: '町田市' },
    ],
    [
      { state: '東京都', city: '立川市東町地区' },
      { state: '東京都', city: '立川市' },
    ],
    [
      { state: 'Tokyo', city: 'Chiyoda-ku Ichibancho' },
      { state: 'Tokyo', city: 'Chiyoda-ku' },
    ],
    [
      { state: 'Kanagawa-ken', city: 'Yokohama-shi Naka-ku Yamashita-cho' },
      { state: 'Kanagawa-ken', city: 'Yokohama-shi Naka-ku' },
    ],
    [{ state: 'Ōsaka', city: 'Yamada Taro' }, { state: 'Ōsaka' }],
    [{ state: '東京都千代田区一番町', city: 'x' }, { state: '東京都' }],
    [
      { state: 'Massachusetts', city: 'Boston', line: ['5 Elm St'] },
      { state: 'Massachusetts', city: 'Boston' },
    ],
    [{ state: 'MA', city: '5 Elm Street' }, { state: 'MA' }],
    [{ city: '千代田区' }, undefined],
    [{ state: '5 Elm Street' }, undefined],
  ])('%p leaves as %p', (address, expected) => expect(place(address, run())).toEqual(expected));
  test('of several addresses one leaves: home before work, an old one never', () => {
    const list = [
      { use: 'old', state: '三重県' },
      { use: 'work', state: '大阪府' },
      { use: 'home', state: '東京都' },
    ];
    expect(place(list, run())).toEqual([{ state: '東京都' }]);
    expect(place(list.slice(0, 2), run())).toEqual([{ state: '大阪府' }]);
    expect(place(list.slice(0, 1), run())).toBeUndefined();
  });
});

const municipalities = new URL('../../../../shared/data/jp-codes/municipality-codes.tsv', import.meta.url);
(existsSync(municipalities) ? test : test.skip)(
  'place: of every municipality of Japan the whole name leaves, and nothing behind it',
  () => {
    const rows = readFileSync(municipalities, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map(line => line.split('\t'));
    const prefectures = rows.filter(row => row[1] === 'prefecture').map(row => row[2]!);
    const place = make('place', { prefectures });
    for (const [, kind, , , full] of rows) {
      const state = prefectures.find(name => full!.startsWith(name))!;
      if (kind === 'prefecture') continue;
      const city = full!.slice(state.length);
      expect(place({ state, city: `${city}探針町3-2-1` }, run())).toEqual({ state, city });
    }
  },
);

describe('code-system', () => {
  const coding = make('code-system', {
    systems: [{ system: 'http://loinc.org', code: '\\d{1,5}-\\d' }],
    prefixes: [{ prefix: 'http://jpfhir.jp/fhir/core/' }],
    codes: { 'http://terminology.hl7.org/CodeSystem/v3-ActCode': ['AMB', 'IMP'] },
  });
  test('of a system whose codes are listed, those leave', () => {
    const system = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
    expect(coding({ system, code: 'AMB' }, run())).toEqual({ system, code: 'AMB' });
    expect(coding({ system, code: 'Yamada' }, run())).toBeUndefined();
  });
  test('system and code leave; display and version do not', () =>
    expect(
      coding({ system: 'http://loinc.org', version: '2', code: '2339-0', display: '山田太郎の血糖', userSelected: true }, run()),
    ).toEqual({ system: 'http://loinc.org', code: '2339-0' }));
  test.each([
    { system: 'http://loinc.org', code: 'TANAKA' },
    { system: 'http://loinc.org' },
    { code: '2339-0' },
    { system: 'http://hospital.example/codes', code: 'A1' },
    { system: 'http://jpfhir.jp/fhir/core/DrugCode/11319999991', code: '123' },
    { system: 'http://jpfhir.jp/fhir/core/1319999991/x', code: '123' },
    { system: 'http://jpfhir.jp/fhir/core/山田太郎', code: '123' },
    { system: 'http://jpfhir.jp/fhir/core/x?patient=Yamada', code: '123' },
    { system: 'http://jpfhir.jp/fhir/core/a/b/c', code: '123' },
    { system: 'http://terminology.hl7.org/CodeSystem/Yamada', code: 'AMB' },
    { system: 'http://jpfhir.jp/fhir/core/x', code: '山田' },
    { system: 'http://jpfhir.jp/fhir/core/x', code: '1319999991' },
  ])('%p goes', value => expect(coding(value, run())).toBeUndefined());
  test('what is known of codings that came before changes nothing: codes and systems that share a place are told apart', () => {
    // Of some ten thousand codings many stand in one of 8,192 places.
    for (let round = 0; round < 2; round++)
      for (let n = 0; n < 100_000; n += 9) {
        const code = `${n}-${n % 10}`;
        expect(coding({ system: 'http://loinc.org', code }, run())).toEqual({ system: 'http://loinc.org', code });
        expect(coding({ system: 'http://other.org', code }, run())).toBeUndefined();
        expect(coding({ system: 'http://loinc.org', code: `${n}x` }, run())).toBeUndefined();
      }
  });
  test('under jp-anonymized a name has no place in a code or a system of a publisher', () => {
    const jp = 'http://jpfhir.jp/fhir/core/CodeSystem/';
    const ucum = 'http://unitsofmeasure.org';
    const dcm = 'http://dicom.nema.org/resources/ontology/DCM';
    const category = `${jp}JP_SimpleObservationCategory_CS`;
    const left = (system: string, code: string): unknown =>
      out({ resourceType: 'Observation', status: 'final', code: { coding: [{ system, code }] } })?.['code'];
    for (const [system, code] of [
      [`${jp}Yamada/Taro-19800505`, '1'],
      [`${jp}Yamada`, '1'],
      [category, 'Yamada.Taro/090-1234-56'],
      [category, 'yamada-taro'],
      [category, 'YAMADATARO'],
      [`${jp.replace('/Code', '/mhlw/Code')}YamadaTaro`, '1'],
      [dcm, 'YAMADATARO'],
      [ucum, 'YamadaTaro(1980)'],
      [ucum, 'mg{YamadaTaro}'],
    ] as const)
      expect([system, code, JSON.stringify(left(system, code))]).toEqual([
        system,
        code,
        expect.not.stringMatching(/Yamada|Taro|yamada|YAMADA/),
      ]);
    for (const [system, code] of [
      [category, 'laboratory'],
      [`${jp}JP_DentalBodySite_CS`, '1042'],
      [`${jp}GCM/JP_JfagyMedicationAllergen_CS`, 'GCM2260701F1ZZZ'],
      [`${jp}JP_DocumentCodes_CS`, '18725-2'],
      [`${jp}route-codes`, 'PO'],
      [`${jp.replace('/Code', '/mhlw/Code')}MedicationUsage_ePrescription`, '1011100000000000'],
      [dcm, 'CT'],
      [dcm, '113100'],
      [ucum, 'mg/dL'],
    ] as const)
      expect(left(system, code)).toEqual({ coding: [{ system, code }] });
  });
  test('a list that is none stops the load', () => expect(() => make('code-system', { systems: 'x', prefixes: [] })).toThrow('systems'));
});

describe('quantity', () => {
  const quantity = make('quantity', { words: ['錠'], annotations: ['score'], systems: [{ system: 'urn:units', code: '[A-Z]{1,4}|CM2' }] });
  test.each([
    [
      { value: 140, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
      { value: 140, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
    ],
    [
      { value: 2, unit: '錠' },
      { value: 2, unit: '錠' },
    ],
    [
      { value: 2, unit: '山田', comparator: '<' },
      { value: 2, comparator: '<' },
    ],
    [{ value: 2, unit: '山田', system: 'http://unitsofmeasure.org', code: 'Yamada' }, { value: 2 }],
    [{ value: 2, system: 'http://hospital.example', code: '1' }, { value: 2 }],
    [
      { value: 2, system: 'urn:units', code: 'TAB' },
      { value: 2, system: 'urn:units', code: 'TAB' },
    ],
    [{ value: 2, system: 'urn:units', code: 'YAMADA' }, { value: 2 }],
    [{ value: 2, system: 'urn:units', code: '1234567890' }, { value: 2 }],
    [{ value: 2, comparator: 'Yamada' }, { value: 2 }],
    [{ unit: 'mg' }, undefined],
  ])('%p leaves as %p', (value, expected) => expect(quantity(value, run())).toEqual(expected));
});

describe('generalize-date: how far', () => {
  test.each([
    ['month', {}, '2024-02-20', '2024-02'],
    ['season', { to: 'season' }, '2024-02-20', '2023-12'],
    ['season', { to: 'season' }, '2024-05-31', '2024-03'],
    ['season', { to: 'season' }, '2024-12-01', '2024-12'],
    ['quarter', { to: 'quarter' }, '2024-06-30', '2024-04'],
    ['year', { to: 'year' }, '2024-06-30T12:00:00Z', '2024'],
    ['span of years', { to: 'year', years: 5 }, '1969-12-31', '1965'],
  ])('to the %s, unshifted (%j): %s leaves as %s', (_, options, from, to) =>
    expect(make('generalize-date', { shift: false, ...options })(from, run())).toBe(to),
  );
  test('of several persons, of whom one may be pooled, not even the year leaves', () => {
    const { subject: _, ...several } = run().context;
    const year = (options: Record<string, unknown>) =>
      make('generalize-date', { to: 'year', shift: false, ...options })('1931-02-03', { ...run(), context: several });
    expect(year({})).toBeUndefined();
    expect(year({ pooledFrom: undefined })).toBe('1931');
  });
  test('shifted, first', () => expect(make('generalize-date', { to: 'year' })('2024-12-25', run())).toBe('2025'));
  test('a year alone has no month to tell', () =>
    expect(make('generalize-date', { to: 'season', shift: false })('2024', run())).toBe('2024'));
  test('a day outside of the life goes', () =>
    expect(
      make('generalize-date', { to: 'year', shift: false })('1900-01-01', run({ subject: { shiftDays: 1, pooled: false, notBefore: 0 } })),
    ).toBeUndefined());
  test.each([{ to: 'week' }, { years: 5 }, { to: 'year', years: 0.5 }])('%j is no way to cut', options =>
    expect(() => make('generalize-date', options)).toThrow('must be'),
  );
});

describe('place: how fine', () => {
  const address = [{ state: '東京都', city: '文京区', line: ['1-2-3'], postalCode: '113-0033' }];
  const of = (options: object) => make('place', { prefectures: ['東京都'], ...options })(address, run());
  test('a city, as it is', () => expect(of({})).toEqual([{ city: '文京区', state: '東京都' }]));
  test('a prefecture', () => expect(of({ to: 'prefecture' })).toEqual([{ state: '東京都' }]));
  test('an area that a table knows', () =>
    expect(of({ to: 'area', areas: { 東京都文京区: '区中央部' } })).toEqual([{ district: '区中央部', state: '東京都' }]));
  test('of a municipality that it does not know, the prefecture', () =>
    expect(of({ to: 'area', areas: {} })).toEqual([{ state: '東京都' }]));
  test('an area without a table, a table without an area', () => {
    expect(() => of({ to: 'area' })).toThrow('go together');
    expect(() => of({ areas: {} })).toThrow('go together');
  });
});

describe('zip-area', () => {
  const zip = make('zip-area', { restricted: ['036', '203'] });
  test('three digits, and zeros', () =>
    expect(zip([{ city: 'Seattle', state: 'WA', postalCode: '98028-1830', line: ['1 Main St'] }], run())).toEqual([
      { state: 'WA', postalCode: '98000' },
    ]));
  const without = (valueCode: string) => ({
    postalCode: '00000',
    _postalCode: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode }] },
  });
  test('an area with few people is masked, and so is the state, which may have no other', () =>
    expect(zip([{ state: 'WY', postalCode: '20301' }], run())).toEqual([without('masked')]));
  test.each([
    ['113-0033', 'unsupported'],
    [undefined, 'unknown'],
    ['', 'unknown'],
    ['00000', 'unknown'],
  ])('in the place of a ZIP code %p: %s', (postalCode, said) =>
    expect(zip([{ state: 'WA', postalCode }], run())).toEqual([{ state: 'WA', ...without(said) }]),
  );
  test.each(['US', 'USA', 'United States', 'united states of america', 'U.S.A.'])('five digits of %s are a ZIP code', country =>
    expect(zip([{ postalCode: '98028', country }], run())).toEqual([{ postalCode: '98000' }]),
  );
  test.each(['DE', 'Deutschland', 'United Kingdom', 'JP', '日本'])(
    'five digits of %s are none, and its states are not those of the law',
    country => expect(zip([{ state: 'Bayern', postalCode: '80331', country }], run())).toEqual([without('unsupported')]),
  );
  test('there is always one, where the policy has a rule for it', () => {
    const rules = [
      { paths: ['Patient.address'], method: 'zip-area', restricted: ['036'] },
      { paths: ['Resource.id'], method: 'pseudonymize' },
    ];
    const by = compile({ groups: [{ measure: 'm', title: 'm', rules }], elements: { Patient: ['address'] } });
    for (const address of [undefined, [], [{ use: 'old', state: 'WA' }]])
      expect(out({ resourceType: 'Patient', ...(address && { address }) }, {}, by)).toMatchObject({ address: [without('unknown')] });
  });
  test('an old address does not leave', () => expect(zip([{ use: 'old', state: 'WA' }], run())).toBeUndefined());
});

describe('perturb', () => {
  const perturb = make('perturb', { span: 2 });
  test('moves by half the span at most, and as often the same way as the other', () => {
    const moved = Array.from({ length: 2000 }, (_, i) => (perturb(10, run({ id: `r${i}` })) as number) - 10);
    expect(Math.max(...moved.map(Math.abs))).toBeLessThanOrEqual(1);
    expect(Math.abs(moved.reduce((sum, n) => sum + n, 0) / 2000)).toBeLessThan(0.06);
  });
  test('answers the same for the same place under the same keys, so that it cannot be averaged away', () =>
    expect(perturb(10, run())).toBe(perturb(10, run())));
  test('two values of one resource have noise of their own', () => {
    const state = run();
    expect(perturb(10, state)).not.toBe(perturb(10, state));
  });
  test('what comes before it in the resource changes nothing; a value that was corrected moves by noise of its own', () => {
    const state = run();
    perturb(7, state);
    expect(perturb(10, state)).toBe(perturb(10, run()));
    const noise = Array.from({ length: 20 }, (_, n) => ((perturb(n, run()) as number) - n).toFixed(2));
    expect(new Set(noise).size).toBeGreaterThan(10);
  });
  test('proportional: also of a negative value', () => {
    const moved = make('perturb', { span: 0.1, range: 'proportional', roundTo: 6 })(-200, run()) as number;
    expect(Math.abs(moved + 200)).toBeLessThanOrEqual(10);
    expect(moved).not.toBe(-200);
  });
  test('an integer stays one; what must be positive stays so', () => {
    for (let i = 0; i < 50; i++) {
      expect(make('perturb', { span: 9 }, undefined, 'positiveInt')(1, run({ id: `r${i}` }))).toBeGreaterThanOrEqual(1);
      expect(Number.isInteger(make('perturb', { span: 9 }, undefined, 'integer')(1, run({ id: `r${i}` })))).toBe(true);
    }
  });
  test('of a quantity the value moves, as the policy lets the rest out', () => {
    const treat = make('perturb', { span: 2 }, value => value, 'Quantity');
    expect(treat({ value: 10, unit: 'mg' }, run())).toEqual({ value: expect.any(Number), unit: 'mg' });
    expect(treat({ unit: 'mg' }, run())).toBeUndefined();
  });
  test.each([{}, { span: -1 }, { span: 1, range: 'wide' }, { span: 1, roundTo: 0.5 }])('%j is no noise', options =>
    expect(() => make('perturb', options)).toThrow('must'),
  );
});

test('substitute: a value of the policy, whatever stood there', () => {
  expect(make('substitute', { value: 'x' })('山田', run())).toBe('x');
  expect(() => make('substitute')).toThrow('must say what leaves');
});

test('hash: the same text the same, another domain or key another', () => {
  const hash = make('hash');
  expect(hash('A-1', run())).toMatch(/^[0-9a-f]{64}$/);
  expect(hash('A-1', run())).toBe(hash('A-1', run()));
  expect(make('hash', { domain: 'x' })('A-1', run())).not.toBe(hash('A-1', run()));
});

test('encrypt: only the keys give it back; the same text in two places looks different', () => {
  const encrypt = make('encrypt');
  const state = run();
  const [one, two] = [encrypt('山田太郎', state) as string, encrypt('山田太郎', state) as string];
  expect(one).not.toBe(two);
  expect([one, two].map(state.context.keys.decrypt)).toEqual(['山田太郎', '山田太郎']);
  expect(() => state.context.keys.decrypt(one.slice(0, -8) + 'AAAAAAA=')).toThrow();
  expect(() => state.context.keys.decrypt('AAAA')).toThrow('too short');
});

test('mask: gone, and said so', () => {
  const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }];
  expect(make('mask', {}, undefined, 'string')('山田', run())).toStrictEqual(new Absent(extension));
  expect(make('mask', {}, undefined, 'CodeableConcept')({ text: '山田' }, run())).toEqual({ extension });
});

describe('link', () => {
  const options = { system: 'urn:link', from: ['http://a|', 'http://b|'] };
  const keyed = seriesKeys(Buffer.alloc(32, 7), {}, Buffer.alloc(32, 9));
  const other = seriesKeys(Buffer.alloc(32, 8), {}, Buffer.alloc(32, 9));
  const personKeys = ['http://c|1', 'http://b|2', 'http://a|3'];
  test('one identifier, of the number that comes first in the policy', () => {
    const left = make('link', options)([], run({ keys: keyed, personKeys }));
    expect(left).toEqual([{ system: 'urn:link', value: keyed.link!('http://a|3') }]);
  });
  test('the same for everybody who has the link key, whatever else he has', () =>
    expect(make('link', options)([], run({ keys: other, personKeys }))).toEqual(
      make('link', options)([], run({ keys: keyed, personKeys })),
    ));
  test('none without a key for it, or of a person without such a number', () => {
    expect(make('link', options)([], run({ personKeys }))).toBeUndefined();
    expect(make('link', options)([], run({ keys: keyed, personKeys: ['http://c|1'] }))).toBeUndefined();
  });
});

describe('bands', () => {
  const bands = make('bands', { units: { kg: { width: 5, bottom: 30, top: 150 }, mmol: { width: 0.5 } } }, value => value);
  const kg = (value: number, more = {}) => ({ value, unit: 'kg', code: 'kg', ...more });
  test.each([
    [kg(62.4), kg(60)],
    [kg(150), kg(150, { comparator: '>=' })],
    [kg(29.9), kg(30, { comparator: '<' })],
    [
      { value: 3.74, code: 'mmol' },
      { value: 3.5, code: 'mmol' },
    ],
    [kg(62.4, { comparator: '>' }), kg(60, { comparator: '>' })],
    [kg(62.4, { comparator: '<' }), kg(65, { comparator: '<' })],
    [kg(150, { comparator: '<=' }), kg(150, { comparator: '<=' })],
  ])('%j leaves as %j', (from, to) => expect(bands(from, run())).toEqual(to));
  test.each([kg(200, { comparator: '<' }), kg(20, { comparator: '>=' }), { unit: 'kg' }])('%j may be anything, and goes', value =>
    expect(bands(value, run())).toBeUndefined(),
  );
  test('a unit without bands goes', () => expect(bands({ value: 1, code: 'm' }, run())).toBeUndefined());
  test.each([{}, { units: { kg: { width: 0 } } }, { units: { kg: { width: 1, bottom: 5, top: 5 } } }])('%j are no bands', options =>
    expect(() => make('bands', options)).toThrow('must'),
  );
});

describe('pseudonymize: what else names something', () => {
  test('a canonical URL, whatever its version, becomes a uuid; a uuid stays one', () => {
    const canonical = make('pseudonymize', {}, undefined, 'canonical');
    expect(canonical('http://hospital.example/Questionnaire/1|2', run())).toMatch(/^urn:uuid:[0-9a-f]{8}-/);
    for (const more of ['|2', '|2#part', '#part'])
      expect(canonical(`http://hospital.example/Questionnaire/1${more}`, run())).toBe(
        canonical('http://hospital.example/Questionnaire/1', run()),
      );
    expect(make('pseudonymize', {}, undefined, 'uuid')('urn:uuid:c757873d-ec9a-4326-a141-556f43239520', run())).toMatch(/^urn:uuid:/);
  });
  test('an Identifier: its value by its system, and its use', () => {
    const treat = make('pseudonymize', {}, undefined, 'Identifier');
    const left = treat({ use: 'usual', system: 'urn:a', value: '1', period: { start: '2020' } }, run());
    expect(left).toEqual({ use: 'usual', system: 'https://noren.example/fhir/sid/identifier-pseudonym', value: expect.any(String) });
    expect(treat({ system: 'urn:b', value: '1' }, run())).not.toEqual(
      expect.objectContaining({ value: (left as { value: string }).value }),
    );
    expect(treat({ system: 'urn:a' }, run())).toBeUndefined();
  });
});

describe('clean-text, clean-attachment', () => {
  test('nothing leaves where nobody has said how', () => {
    expect(make('clean-text')('山田様', run())).toBeUndefined();
    expect(make('clean-attachment')({ contentType: 'text/plain' }, run())).toBeUndefined();
  });
  test('the URL of a Binary follows it; any other goes, and what is told beside it', () => {
    const attachment = make('clean-attachment', {}, undefined, 'Attachment');
    const file = { contentType: 'Application/DICOM; a=b', title: '山田', size: 1, hash: 'x', creation: '2020' };
    for (const url of ['Binary/b', 'Binary/b/_history/2', `${base}/Binary/b`])
      expect(attachment({ ...file, url }, run())).toEqual({ contentType: 'application/dicom', url: 'Binary/out-b' });
    expect(attachment({ contentType: '山田', url: 'Binary/b' }, run())).toEqual({ url: 'Binary/out-b' });
    for (const url of ['DocumentReference/b', 'https://elsewhere.example/Binary/b', '#b', 1, undefined])
      expect(attachment({ ...file, url }, run())).toBeUndefined();
    expect(attachment({ ...file, url: 'Binary/b' }, run({ lead: () => undefined }))).toBeUndefined();
    expect(attachment({ ...file, url: 'Binary/b', data: '?' }, run())).toBeUndefined();
  });
  test('data that are no base64 do not leave, and looking through them takes no longer than there is of them', () => {
    const attachment = make('clean-attachment');
    const left = (data: string) => attachment({ contentType: 'text/plain', data }, run({ clean: (text: string) => text }));
    for (const data of ['YWI=', ' YW I=\n', 'YW\nI= ', 'YWI']) expect(left(data)).toMatchObject({ data: 'YWI=' });
    for (const data of ['', '=', 'YW=I', 'YWI = =', 'YWI===', '山田', `Y${' '.repeat(1 << 22)}!`]) expect(left(data)).toBeUndefined();
  });
  test('a file of text leaves unless "texts" is false; a Binary only if it is somebody’s', () => {
    const clean = (text: string) => text;
    const file = { contentType: 'text/plain', data: Buffer.from('安静').toString('base64') };
    const { subject: _, ...nobody } = run({ clean }).context;
    for (const type of ['Attachment', 'Binary'])
      expect(make('clean-attachment', {}, undefined, type)(file, run({ clean }))).toMatchObject({ data: file.data });
    expect(make('clean-attachment', {}, undefined, 'Attachment')(file, { ...run(), context: nobody })).toBeDefined();
    expect(make('clean-attachment', {}, undefined, 'Binary')(file, { ...run(), context: nobody })).toBeUndefined();
    expect(make('clean-attachment', { texts: false })(file, run({ clean }))).toBeUndefined();
    expect(() => make('clean-attachment', { texts: 'no' })).toThrow('"texts"');
  });
  test('what the cleaner makes of it, told whose it is', () => {
    const clean = (text: string, subject: unknown) => (subject === undefined ? undefined : text.replace('山田', '【氏名】'));
    expect(make('clean-text')('山田様', run({ clean }))).toBe('【氏名】様');
    const { subject: _, ...nobody } = run().context;
    expect(make('clean-text')('山田様', { ...run(), context: { ...nobody, clean } })).toBeUndefined();
  });
});

describe('generalize-code', () => {
  const icd = 'http://hl7.org/fhir/sid/icd-10';
  const treat = make(
    'generalize-code',
    { systems: { [icd]: { until: '[A-Z]\\d\\d' }, 'http://www.whocc.no/atc': { steps: 2 } } },
    value => value,
  );
  test.each([
    [
      { system: icd, code: 'E11.9' },
      { system: icd, code: 'E11' },
    ],
    [
      { system: icd, code: 'E11' },
      { system: icd, code: 'E11' },
    ],
    [
      { system: 'http://www.whocc.no/atc', code: 'A10BA02' },
      { system: 'http://www.whocc.no/atc', code: 'A10B' },
    ],
    [
      { system: 'http://loinc.org', code: '1-2' },
      { system: 'http://loinc.org', code: '1-2' },
    ],
  ])('%j leaves as %j', (from, to) => expect(treat(from, run())).toEqual(to));
  test('what an earlier rule does not let out does not leave', () =>
    expect(
      make('generalize-code', { systems: { [icd]: { steps: 1 } } }, () => undefined)({ system: icd, code: 'E11' }, run()),
    ).toBeUndefined());
  test.each([{}, { systems: { 'http://loinc.org': { steps: 1 } } }, { systems: { [icd]: {} } }, { systems: { [icd]: { steps: 0 } } }])(
    '%j is no way up',
    options => expect(() => make('generalize-code', options)).toThrow('systems'),
  );
});
