// A plan that comes from a file is checked before it is used.
import { expect, test } from '@jest/globals';
import { plan } from '../../../src/deid/dataset/plan.ts';
import { hashOf, readPlan } from '../../../src/deid/dataset/plan-json.ts';
import { Survey } from '../../../src/deid/dataset/survey.ts';
import { PolicyError } from '../../../src/deid/policy.ts';
import { hospital } from './hospital.ts';

const made = (): ReturnType<typeof plan> => {
  const survey = new Survey({ k: 4 });
  for (const { name, resources } of hospital(60, 2)) survey.add(name, resources);
  return plan(survey);
};

test('a plan goes through a file and is the same', () => {
  const { json, hash } = made();
  const read = readPlan(JSON.parse(JSON.stringify(json)));
  expect(read).toEqual(json);
  expect(hashOf(read)).toBe(hash);
});

test('what is no plan is refused, and the refusal names no code', () => {
  const { json } = made();
  const wrong: unknown[] = [
    undefined,
    [],
    { ...json, version: 2 },
    { ...json, k: 1 },
    { ...json, percentiles: {} },
    { ...json, looks: { 'Condition.code': { 'urn:x|secret': 2 } } },
    { ...json, limits: { Observation: { 'urn:x|secret': { low: 'a' } } } },
    { ...json, limits: { Observation: { 'urn:x|secret': { plain: true } } } },
    { ...json, normals: { Observation: { 'urn:x|secret': [1] } } },
    { ...json, withheld: 'Condition' },
  ];
  for (const one of wrong) {
    expect(() => readPlan(one)).toThrow(PolicyError);
    expect(() => readPlan(one)).not.toThrow(/secret/);
  }
});
