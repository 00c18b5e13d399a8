// https://ucum.org/ucum
import { expect, test } from '@jest/globals';
import { secondsIn, unitTest } from '../../src/deid/units.ts';

const isUcum = unitTest(new Set(['score', '1.73_m2', '#']));

test.each([
  'mg/dL',
  'mm[Hg]',
  '10*3/uL',
  '%',
  '/min',
  'kg/m2',
  '{score}',
  'U/L',
  'mmol/L',
  'mL/min/{1.73_m2}',
  '{#}',
  'ug/(kg.h)',
  'm',
  'Cel',
  'a',
  '10*9/L',
  'fL',
  '[iU]/L',
  'g/mol',
  '1',
])('%s is a unit', text => {
  expect(isUcum(text)).toBe(true);
});
test.each([
  'Yamada',
  '山田',
  'Smith',
  'john.smith',
  'E-12',
  '{山田太郎}',
  '{Taro Yamada of Tokyo}',
  '{Yamada}',
  '{0312345678}',
  'mg/{Taro}',
  '{score',
  '{{score}}',
  'x'.repeat(60),
  '03-5555-0147',
  '',
  // Years and days take no prefix, and a bracket that opens is closed.
  'ka',
  'hd',
  '(a',
  'a)',
])('%s is none', text => {
  expect(isUcum(text)).toBe(false);
});

const [year, day] = [31_557_600, 86_400];
test.each([
  ...'a 1.a a/1 (a) ((a)) a1 a{age} {age}a 1/(1/a) /a-1 %.a/% mg.a/mg mL/(mL/a) Hz-1.a/s m/(m/a)'.split(' ').map(text => [text, year]),
  ...[['10*1.a', 10 * year] as const, ['mo', year / 12] as const, ['d.1', day] as const, ['wk', 7 * day] as const, ['Ms', 1e6] as const],
  ...'s J/W Ohm.F H/Ohm kat.s/kat Hz-1 kg.m2.s-2/W umol/U/min.s'.split(' ').map(text => [text, 1]),
] as [string, number][])('%s is a time of %d seconds', (text, seconds) => expect(secondsIn(text)).toBe(seconds));

test.each(['A', 'mg', '/min', 'a-1', 'a2', 'a.A', 'm/s', '1', '{years}', 'mol'])('%s is a unit, and none of time', text =>
  expect(secondsIn(text)).toBe(0),
);
test.each(['years', '(a', '100.a', 'ka', '('.repeat(40), `${'1.'.repeat(30)}a`])('%s is no unit', text =>
  expect(secondsIn(text)).toBeUndefined(),
);
