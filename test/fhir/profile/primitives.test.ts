// https://hl7.org/fhir/R4/datatypes.html#primitive
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '../../../src/fhir/model/json.ts';
import { primitives } from '../../../src/fhir/profile/primitives.ts';
import { cpuTime } from '../../cpu-time.ts';

const good: Readonly<Record<string, readonly unknown[]>> = {
  base64Binary: ['AAAA', 'AAA=', 'AA==', 'AAAA\nBBBB', ' QUJD '],
  boolean: [true, false],
  canonical: ['http://a.example/x|1.0', '#a', 'urn:x'],
  code: ['a', 'a b', 'entered-in-error', '日本'],
  date: ['2020', '2020-02', '2020-02-29', '2000-02-29', '0001-01-01', '9999-12-31'],
  dateTime: [
    '2020',
    '2020-12',
    '2020-12-31',
    '2020-12-31T23:59:59Z',
    '2016-12-31T23:59:60Z',
    '2020-01-01T00:00:00.123456+09:00',
    '2020-01-01T00:00:00-14:00',
  ],
  decimal: [0, -1.5, 1e300, new Decimal('7.20'), new Decimal('1e3')],
  id: ['a', 'A-b.9', 'x'.repeat(64)],
  instant: ['2020-12-31T23:59:59Z', '2020-12-31T23:59:59.001+05:30'],
  integer: [0, -5, 2_147_483_647, -2_147_483_648],
  markdown: ['# a', 'a\n\n* b', ' indented', ' \n '],
  oid: ['urn:oid:1.2.3', 'urn:oid:2.16.840.1'],
  positiveInt: [1, 2_147_483_647],
  string: ['a', ' a ', ' ', '\u00a0', '\u3000', 'a\tb\r\nc', '山田　太郎', 'é', '𠮷野家'],
  time: ['00:00:00', '23:59:60', '12:30:00.5'],
  unsignedInt: [0, 7],
  uri: [
    'a',
    'http://a.example/a\u00a0b',
    'http://a.example/a\u3000b',
    'urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7',
    'http://a.example/é',
  ],
  url: ['http://a.example', 'mailto:a@b.example'],
  uuid: ['urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7'],
};

const bad: Readonly<Record<string, readonly unknown[]>> = {
  base64Binary: ['', '  ', 'AA\u00a0AA', 'AA\u3000AA', 'AAA', 'A===', 'AA=A', 'AA-_'],
  boolean: ['true', 0, null],
  canonical: ['', 'a b'],
  code: ['', ' ', ' a', 'a ', 'a  b', 'a\u0000', 'a\tb', 'a\nb', 'a\u00a0b', 'a\u00a0', '\u3000a', 'a\u3000b'],
  date: [
    '',
    '20',
    '0000',
    '2020-13',
    '2020-00',
    '2020-02-30',
    '2020-02-31',
    '2021-02-29',
    '1900-02-29',
    '2020-04-31',
    '2020-1-1',
    '2020-01-01T00:00:00Z',
    '2020-01-01x',
    ' 2020',
  ],
  dateTime: [
    '2020-02-31',
    '2020-02-31T00:00:00Z',
    '2020-01-01T00:00:00',
    '2020-01-01T24:00:00Z',
    '2020-01-01T00:60:00Z',
    '2020-01-01T00:00Z',
    '2020-01-01T00:00:00.Z',
    '2020-01-01T00:00:00+14:30',
    '2020-01-01T00:00:00+15:00',
    '2020-01-01 00:00:00Z',
    '2020-01T00:00:00Z',
    '2020-01-01T00:00:00Zx',
  ],
  decimal: ['1', null, Number.NaN, Number.POSITIVE_INFINITY, new Decimal('1e999')],
  id: ['', 'a/b', 'a b', 'x'.repeat(65), 'あ', '../x', 'a_b', 'a\n', 5],
  instant: ['2020', '2020-01-01', '2020-01-01T00:00:00'],
  integer: [1.5, '1', 2_147_483_648, new Decimal('1.0'), new Decimal('1e3')],
  markdown: ['', 'a\u0000'],
  oid: ['1.2.3', 'urn:oid:3.1', 'urn:oid:1.02', 'urn:oid:1'],
  positiveInt: [0, -1],
  string: ['', 'a\u0000b', '\u001b[0m', 5, 'x'.repeat(1_048_577)],
  time: ['24:00:00', '12:00', '1:00:00', '12:00:00Z', '12:00:00.'],
  unsignedInt: [-1],
  uri: ['', ' ', 'a b', 'a\n'],
  url: ['', 'a b'],
  uuid: ['53fefa32-fcbb-4ff8-8a92-55ee120877b7', 'urn:uuid:53FEFA32-fcbb-4ff8-8a92-55ee120877b7', 'urn:uuid:x'],
};

describe.each(Object.keys(good))('%s', type => {
  test.each(good[type]!.map(v => [v]))('takes %p', value => expect(primitives[type]!(value)).toBe(true));
  test.each(bad[type]!.map(v => [v]))('refuses %p', value => expect(primitives[type]!(value)).toBe(false));
  test('takes no null, list or object', () => {
    for (const value of [null, undefined, [], {}, ['a']]) expect(primitives[type]!(value)).toBe(false);
  });
});

test('a date is one exactly if the calendar has it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }), (year, month, day) => {
      const text = [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');
      const at = new Date(0);
      at.setUTCFullYear(year, month - 1, day);
      const isReal = at.getUTCMonth() === month - 1;
      expect({ text, is: primitives['date']!(text) }).toEqual({ text, is: isReal });
      expect(primitives['instant']!(`${text}T00:00:00Z`)).toBe(isReal);
    }),
    { numRuns: 2000 },
  );
});

test('a hostile text is judged at once', () => {
  const hostile = [
    'a'.repeat(50_000) + '!',
    ' '.repeat(1_000_000),
    '0'.repeat(10_000),
    '1.'.repeat(50_000),
    'A'.repeat(1_000_001),
    `2020-01-01T00:00:00.${'1'.repeat(100_000)}`,
  ];
  const start = cpuTime();
  for (const test of Object.values(primitives)) for (const text of hostile) test(text);
  expect(cpuTime() - start).toBeLessThan(1500);
});
