// https://hl7.org/fhir/R4/search.html#prefix, https://hl7.org/fhir/R4/search.html#number, #quantity, #token, #uri, #string
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../../src/fhir/model/fold.ts';
import {
  anyRange,
  dateTest,
  matchesComposite,
  matchesDate,
  matchesNumber,
  matchesQuantity,
  matchesReference,
  matchesString,
  matchesToken,
  matchesUri,
  metresBetween,
  numberTest,
} from '../../../src/fhir/search/compare.ts';
import { dateReader } from '../../../src/fhir/search/dates.ts';
import type { Prefix, Ranged } from '../../../src/fhir/search/query.ts';
import { readDateTest, readNumberTest, readQuantityTest } from '../../../src/fhir/search/read-value.ts';
import type { QuantityValue } from '../../../src/fhir/search/values.ts';

const readDate = dateReader();
const reading = { base: 'http://x/fhir', readDate, now: Date.UTC(2026, 0, 31) };
const date = (value: string, test: string): boolean => matchesDate(readDate(value)!, readDateTest(test, reading)!);
const period = (start: string, end: string, test: string): boolean =>
  matchesDate([readDate(start)![0], readDate(end)![1]], readDateTest(test, reading)!);
const number = (value: number, test: string): boolean => matchesNumber([value, value], readNumberTest(test)!);

describe('dates', () => {
  test('eq: the range of the search contains that of the value; a day does not find a stored month or year', () => {
    expect(date('2013-05-10', '2013')).toBe(true);
    expect(date('2013-05-10', '2013-05')).toBe(true);
    expect(date('2013-05', '2013-05-10')).toBe(false);
    expect(date('2013', '2013-05')).toBe(false);
    expect(date('2013-01-14T10:00:00+09:00', '2013-01-14')).toBe(true);
    expect(date('2013-01-14T23:30:00Z', '2013-01-14')).toBe(false); // the 15th in Tokyo
  });

  test('ne: whatever eq does not find', () => {
    expect(date('2013-05-10', 'ne2013')).toBe(false);
    expect(date('2013', 'ne2013-05')).toBe(true);
  });

  test('gt and lt: something of the value lies past the range of the search', () => {
    expect(date('2013-01-14T10:00:00+09:00', 'gt2013-01-14')).toBe(false);
    expect(date('2013-01-15', 'gt2013-01-14')).toBe(true);
    expect(date('2013-01', 'gt2013-01-14')).toBe(true);
    expect(date('2013-01', 'lt2013-01-14')).toBe(true);
    expect(date('2013-01-14', 'lt2013-01-14')).toBe(false);
  });

  test('ge and le: past the range or inside it, but not merely overlapping its end', () => {
    expect(date('2013-03-14', 'ge2013-03-14')).toBe(true);
    expect(date('2013-03-13', 'ge2013-03-14')).toBe(false);
    expect(date('2013-03-14', 'le2013-03-14')).toBe(true);
    expect(date('2013-03-15', 'le2013-03-14')).toBe(false);
    expect(period('2013-03-13', '2013-03-14', 'ge2013-03-14')).toBe(false);
  });

  test('sa and eb: no overlap at all', () => {
    expect(date('2013-03-15', 'sa2013-03-14')).toBe(true);
    expect(period('2013-03-14', '2013-03-20', 'sa2013-03-14')).toBe(false);
    expect(date('2013-03-13', 'eb2013-03-14')).toBe(true);
    expect(period('2013-03-10', '2013-03-14', 'eb2013-03-14')).toBe(false);
  });

  test('ap: within a tenth of the time since then', () => {
    expect(date('2015-12-01', 'ap2016-01-31')).toBe(true);
    expect(date('2013-12-01', 'ap2016-01-31')).toBe(false);
  });

  test('an open Period reaches past everything', () => {
    expect(matchesDate([readDate('2020')![0], 8.64e15], readDateTest('gt2099', reading)!)).toBe(true);
    expect(matchesDate([readDate('2020')![0], 8.64e15], readDateTest('2020', reading)!)).toBe(false);
  });
});

describe('numbers', () => {
  test('100 means 99.5 up to 100.5, 100.00 less, 1e2 from 95 up to 105', () => {
    expect([99.4, 99.5, 100, 100.4999, 100.5].map(n => number(n, '100'))).toEqual([false, true, true, true, false]);
    expect([99.994, 99.995, 100.004, 100.005].map(n => number(n, '100.00'))).toEqual([false, true, true, false]);
    expect([94.9, 95, 104.9, 105].map(n => number(n, '1e2'))).toEqual([false, true, true, false]);
    expect(number(5.4, '5.4') && number(5.35, '5.4') && !number(5.45, '5.4')).toBe(true);
    expect(number(-1, '-1') && number(-1.5, '-1') && !number(-0.5, '-1')).toBe(true);
  });

  test('gt, lt, ge, le, sa, eb compare with exactly what is written', () => {
    expect(number(100.1, 'gt100') && !number(100, 'gt100')).toBe(true);
    expect(number(100, 'ge100') && !number(99.9, 'ge100')).toBe(true);
    expect(number(99.9, 'lt100') && !number(100, 'lt100')).toBe(true);
    expect(number(100, 'le100') && !number(100.1, 'le100')).toBe(true);
    expect(number(100.1, 'sa100') && number(99.9, 'eb100')).toBe(true);
  });

  test('ap: within a tenth', () => {
    expect([89, 90, 110, 111].map(n => number(n, 'ap100'))).toEqual([false, true, true, false]);
  });
});

test('quantities: a system asks for its code, without one code or unit may be meant, nothing written means any unit', () => {
  const value: QuantityValue = [5.4, 5.4, 'http://unitsofmeasure.org', 'mg', 'milligram'];
  const is = (test: string): boolean => matchesQuantity(value, readQuantityTest(test)!);
  expect(
    is('5.4') && is('5.4|http://unitsofmeasure.org|mg') && is('5.4||mg') && is('5.4||milligram') && is('gt5|http://unitsofmeasure.org|'),
  ).toBe(true);
  expect(is('5.4|http://unitsofmeasure.org|milligram') || is('5.4|urn:other|mg') || is('5.4||g') || is('5.5||mg')).toBe(false);
});

test('tokens: code, system|code, |code and system|, letter by letter', () => {
  expect(matchesToken(['urn:s', 'A'], { code: 'A' })).toBe(true);
  expect(matchesToken(['urn:s', 'A'], { code: 'a' })).toBe(false);
  expect(matchesToken(['urn:s', 'A'], { system: 'urn:s', code: 'A' })).toBe(true);
  expect(matchesToken(['urn:s', 'A'], { system: null, code: 'A' })).toBe(false);
  expect(matchesToken([null, 'A'], { system: null, code: 'A' })).toBe(true);
  expect(matchesToken(['urn:s', 'A'], { system: 'urn:s' })).toBe(true);
  expect(matchesToken(['urn:t', 'A'], { system: 'urn:s' })).toBe(false);
});

test('references: an id alone means any type that the parameter allows', () => {
  expect(matchesReference('Patient/1', { id: '1' }, ['Patient', 'Group'])).toBe(true);
  expect(matchesReference('Device/1', { id: '1' }, ['Patient', 'Group'])).toBe(false);
  expect(matchesReference('Patient/1', { reference: 'Patient/1' }, [])).toBe(true);
  expect(matchesReference('Patient/11', { reference: 'Patient/1' }, ['Patient'])).toBe(false);
});

test('strings: starts-with without case and accents, exact to the letter, contains anywhere; % and _ are no wildcards', () => {
  const is = (value: string, test: string, match: 'starts' | 'exact' | 'contains'): boolean =>
    matchesString(fold(value), value, test, match);
  expect(is('Müller', 'MULL', 'starts') && is('Müller', 'ller', 'contains') && is('Müller', 'Müller', 'exact')).toBe(true);
  expect(is('Müller', 'ller', 'starts') || is('Müller', 'Muller', 'exact') || is('Müller', 'müller', 'exact')).toBe(false);
  expect(is('Müller', '%', 'contains') || is('Müller', '_', 'starts') || is('Müller', 'M%r', 'starts') || is('', '', 'starts')).toBe(false);
  // A compatibility ideograph and its unified one: apart for exact, the same else.
  expect(is('\u798F', '\uFA1B', 'exact')).toBe(false);
  expect(is('\u798F', '\uFA1B', 'starts')).toBe(true);
});

test('URIs: below and above go by whole segments of the path', () => {
  expect(matchesUri('http://e.org/fhir/ValueSet/123', 'http://e.org/fhir/', 'below')).toBe(true);
  expect(matchesUri('http://e.org/fhir/ValueSet/123', 'http://e.org/fhir/ValueSet/12', 'below')).toBe(false);
  expect(matchesUri('http://e.org/fhir', 'http://e.org/fhir/ValueSet/123', 'above')).toBe(true);
  expect(matchesUri('http://e.org/fhirx', 'http://e.org/fhir/ValueSet/123', 'above')).toBe(false);
  expect(matchesUri('http://e.org/fhir/', 'http://e.org/fhir', 'exact')).toBe(false);
  expect(matchesUri('http://Acme.example/x', 'acme.', 'contains')).toBe(true);
  expect(matchesUri('http://acme.example/x', 'acme/', 'contains')).toBe(false);
});

test('composites: both parts hold within one element, no cross product', () => {
  const value = [[[null, 'sys']], [[120, 120, null, null, null]]] as const;
  const tests = (code: string, n: string) => [
    { kind: 'token', test: { code } } as const,
    { kind: 'quantity', test: readQuantityTest(n)! } as const,
  ];
  expect(matchesComposite(value, tests('sys', 'gt110'))).toBe(true);
  expect(matchesComposite(value, tests('dia', 'gt110'))).toBe(false);
  expect(matchesComposite(value, tests('sys', 'gt130'))).toBe(false);
});

test('prefixes on any two ranges: ne is what eq is not, sa and eb leave no overlap, gt or le or both hold', () => {
  const range = fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 20 }))
    .map(([low, length]) => [low, low + length] as const);
  fc.assert(
    fc.property(range, range, (value, [low, high]) => {
      const is = (prefix: Prefix): boolean => matchesDate(value, { prefix, low, high, value: low } satisfies Ranged);
      return (
        is('eq') !== is('ne') &&
        (!is('sa') || (is('gt') && !is('ap'))) &&
        (!is('eb') || (is('lt') && !is('ap'))) &&
        is('ap') === !(is('sa') || is('eb')) &&
        is('ge') === (is('gt') || is('eq')) &&
        is('le') === (is('lt') || is('eq'))
      );
    }),
  );
});

describe('many alternatives', () => {
  const prefixes = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap', 'po', 'co'] as const;
  const whole = fc.integer({ min: -20, max: 20 });
  const tests = fc.array(
    fc.record({
      prefix: fc.constantFrom(...prefixes),
      from: whole,
      length: fc.integer({ min: 0, max: 6 }),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 60 },
  );
  const range = fc.tuple(whole, fc.integer({ min: 0, max: 8 })).map(([low, length]): [number, number] => [low, low + length]);

  test.each([
    ['dates', dateTest],
    ['numbers', numberTest],
  ])('anyRange: %s: holds where one of them does, however many they are', (_name, one) => {
    fc.assert(
      fc.property(tests, fc.array(range, { minLength: 20, maxLength: 40 }), (asked, ranges) => {
        const ranged = asked.map(
          ({ prefix, from, length, at }): Ranged => ({ prefix, low: from, high: from + length, value: from + length * at }),
        );
        const any = anyRange(ranged, one);
        for (const [low, high] of ranges) expect(any(low, high)).toBe(ranged.some(test => one(test)(low, high)));
      }),
      { numRuns: 300 },
    );
  });

  test('metresBetween: from pole to pole, over the date line, and none at all', () => {
    const half = Math.PI * 6_371_008.8;
    expect(metresBetween([90, 0], { latitude: -90, longitude: 0 })).toBeCloseTo(half, 0);
    expect(metresBetween([0, 179.5], { latitude: 0, longitude: -179.5 })).toBeCloseTo(half / 180, 0);
    expect(metresBetween([35, 139], { latitude: 35, longitude: 139 })).toBe(0);
    // Tokyo to Osaka, station to station: some 400 km.
    expect(metresBetween([35.6812, 139.7671], { latitude: 34.7025, longitude: 135.4959 }) / 1000).toBeCloseTo(403, -1);
  });

  test('isOfVersion: what begins with a version is of it, what merely looks like it is not', () => {
    const of = (value: string, test: string) => matchesUri(value, test, 'below');
    expect(of('http://e.org/p|1.0', 'http://e.org/p|1')).toBe(true);
    expect(of('http://e.org/p|1-beta', 'http://e.org/p|1')).toBe(true);
    expect(of('http://e.org/p|12', 'http://e.org/p|1')).toBe(false);
    expect(of('http://e.org/p', 'http://e.org/p|1')).toBe(false);
    expect(of('http://e.org/p/q', 'http://e.org/p')).toBe(true);
  });
});
