// The first pass: persons are counted, pairs reported, rows told.
import { expect, test } from '@jest/globals';
import { plan } from '../../../src/deid/dataset/plan.ts';
import { clinical, type PersonRow, Survey } from '../../../src/deid/dataset/survey.ts';
import { traitsOf } from '../../../src/deid/dataset/traits.ts';
import { PolicyError } from '../../../src/deid/policy.ts';
import { cpuTime } from '../../cpu-time.ts';
import { coded, condition, hospital, who } from './hospital.ts';

const sick = (...codes: string[]) => codes.map(code => condition(coded([who, code])));

test('a person with a code in many resources is one person', () => {
  const survey = new Survey({ k: 3 });
  survey.add('Patient/1', sick('I10', 'I10', 'I10'));
  survey.add('Patient/2', sick('I10'));
  const look = survey.looks.find(one => one.key.endsWith('|I10'))!;
  expect([look.persons, look.few.enough, look.few.size, survey.persons, survey.resources]).toEqual([2, false, 2, 2, 4]);
});

test('what is kept of persons ends at k', () => {
  const survey = new Survey({ k: 3 });
  for (let n = 0; n < 5000; n++) survey.add(`Patient/${n}`, sick('I10'));
  expect(JSON.stringify(survey.toJSON()).length).toBeLessThan(400);
});

test('a k below two, another k in a merge, and percentiles that are none, are refused', () => {
  expect(() => new Survey({ k: 1 })).toThrow(RangeError);
  expect(() => new Survey({ k: 3 }).merge(new Survey({ k: 4 }).toJSON())).toThrow(RangeError);
  for (const percentiles of [
    { low: 50, high: 99 },
    { low: -1, high: 99 },
    { low: 1, high: 101 },
    { low: Number.NaN, high: 99 },
  ])
    expect(() => plan(new Survey(), { percentiles })).toThrow(PolicyError);
});

test('pairs of codes that few persons have are reported, and the codes stay', () => {
  const survey = new Survey({ k: 3, combine: ['Condition.code'] });
  for (let n = 0; n < 6; n++) survey.add(`Patient/${n}`, sick(n < 3 ? 'I10' : 'E11'));
  survey.add('Patient/9', sick('I10', 'E11', 'B99'));
  const { json, report } = plan(survey);
  expect(Object.values(json.looks['Condition.code']!).filter(fate => fate === 0)).toHaveLength(1);
  const rolled = new Survey({ k: 3, combine: ['Condition.code'] });
  for (let n = 0; n < 6; n++) rolled.add(`Patient/${n}`, sick(n < 3 ? 'I10' : 'E11'));
  rolled.add('Patient/9', sick('I10', 'E11'));
  expect(plan(rolled).report.pairs).toEqual({
    share: 1,
    counted: 1,
    few: 1,
    rarest: [{ looks: [`Condition.code ${who}|E11`, `Condition.code ${who}|I10`], persons: 1 }],
  });
  // A pair with a code that does not stay is none that leaves.
  expect(report.pairs.counted).toBe(0);
});

test('traits of persons are counted with their codes', () => {
  const survey = new Survey({ k: 2, combine: ['Condition.code'], traits: traitsOf });
  const patient = (birthDate: string) => ({ resourceType: 'Patient', birthDate, gender: 'female', address: [{ state: '東京都' }] });
  for (const [n, birthDate] of ['1951-02', '1959', '1960-03'].entries()) survey.add(`Patient/${n}`, [patient(birthDate), ...sick('I10')]);
  expect(plan(survey).report.pairs.rarest).toEqual([{ looks: ['1960-1969 female 東京都', `Condition.code ${who}|I10`], persons: 1 }]);
  expect(traitsOf([{ resourceType: 'Patient' }])).toBe('? ? ?');
  expect(traitsOf(sick('I10'))).toBeUndefined();
});

test('of too many pairs a share is counted, each exactly', () => {
  const all = hospital(200, 4);
  const [whole, part] = [new Survey({ k: 5, combine: clinical }), new Survey({ k: 5, combine: clinical, mostPairs: 30 })];
  for (const { name, resources } of all) {
    whole.add(name, resources);
    part.add(name, resources);
  }
  const counted = (survey: Survey) => new Map([...survey.combinations].map(([a, b, persons]) => [`${a} ${b}`, persons]));
  const [every, some] = [counted(whole), counted(part)];
  expect(part.combinations.level).toBeGreaterThan(0);
  expect(some.size).toBeGreaterThan(0);
  expect(some.size).toBeLessThanOrEqual(30);
  for (const [pair, persons] of some) expect([pair, persons]).toEqual([pair, every.get(pair)]);
  expect(plan(part).report.pairs.share).toBe(2 ** -part.combinations.level);
});

test('of somebody with thousands of codes no pair is gone through that is not counted, and the share is what it says', () => {
  const codes = sick(...Array.from({ length: 5000 }, (_, i) => `${i}`));
  const survey = new Survey({ combine: clinical, mostPairs: 2000 });
  const begun = cpuTime();
  for (let n = 0; n < 20; n++) survey.add(`Patient/${n}`, codes);
  expect(cpuTime() - begun).toBeLessThan(2000);
  const counted = [...survey.combinations];
  expect(counted.every(([, , persons]) => persons === 20)).toBe(true);
  const share = (counted.length * 2 ** survey.combinations.level) / ((5000 * 4999) / 2);
  expect(share).toBeGreaterThan(0.8);
  expect(share).toBeLessThan(1.2);
});

test('a further pass is told each person with his looks', () => {
  const rows: PersonRow[] = [];
  const survey = new Survey({ k: 2, row: row => rows.push(row) });
  survey.add('Patient/1', sick('I10', 'E11', 'I10'));
  survey.add('Patient/2', sick('E11'));
  expect(rows.map(({ person, looks }) => [person, looks.map(number => survey.looks[number]!.key.slice(-3))])).toEqual([
    ['Patient/1', ['I10', 'E11']],
    ['Patient/2', ['E11']],
  ]);
});
