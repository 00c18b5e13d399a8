// https://ucum.org/ucum
import { expect, test } from '@jest/globals';
import { unitTest } from '../../src/deid/units.ts';

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
])('%s is none', text => {
  expect(isUcum(text)).toBe(false);
});
