// 保険者番号: weights 2,1,2,1… from the right, digit sums of the products, check = (10 − Σ mod 10) mod 10
import { expect, test } from '@jest/globals';
import { insurance, insurerCheckDigit, memberId } from '../../src/generate/numbers.ts';
import { random } from '../../src/generate/random.ts';

test('insurer number: 3312001 has the check digit 5', () => {
  expect(insurerCheckDigit('3312001')).toBe(5);
});

test('insurer number: leading zeros of a six-digit number change nothing', () => {
  expect(insurerCheckDigit('0013800')).toBe(insurerCheckDigit('13800'));
});

test('insurer number: every generated one ends with its check digit; from 75 years on it is that of the old (39)', () => {
  for (let serial = 1; serial <= 500; serial++) {
    const age = serial % 100;
    const { insurer } = insurance(random('seed', serial), serial, age, '13');
    expect(insurer).toMatch(/^\d{8}$/);
    expect(Number(insurer[7])).toBe(insurerCheckDigit(insurer.slice(0, 7)));
    expect(insurer.startsWith('39')).toBe(age >= 75);
  }
});

test('member id: four parts, the branch number last; a missing one leaves its colon', () => {
  const one = { insurer: '06139463', insurerName: '', symbol: '12', number: '3456', branch: '01' };
  expect(memberId(one)).toBe('06139463:12:3456:01');
  expect(memberId({ ...one, branch: '' })).toBe('06139463:12:3456:');
});
