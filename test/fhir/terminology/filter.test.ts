// https://hl7.org/fhir/R4/valueset-filter-operator.html
import { describe, expect, test } from '@jest/globals';
import type { ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';
import type { Problem } from '../../../src/fhir/model/outcome.ts';
import { compileSystem } from '../../../src/fhir/terminology/code-system.ts';
import { filterTest } from '../../../src/fhir/terminology/filter.ts';
import { newWork } from '../../../src/fhir/terminology/work.ts';
import { cpuTime } from '../../cpu-time.ts';
import { fruit } from './resources.ts';

const system = compileSystem(fruit);
const found = (property: string, op: string, value: string, work = newWork()) => {
  const test = filterTest(system, { property, op, value } as ValueSetComposeIncludeFilter, 'filter', work);
  return system.concepts.filter(concept => test(concept, work)).map(one => one.code);
};
const refused = (...filter: Parameters<typeof found>): Problem => {
  try {
    found(...filter);
  } catch (problem) {
    return problem as Problem;
  }
  throw new Error('was not refused');
};
const all = system.concepts.map(one => one.code);

test.each<[string, string, string, string[]]>([
  ['colour', '=', 'yellow', ['lemon']],
  ['colour', '=', 'blue', []],
  ['origin', '=', 'asia', ['lemon']],
  ['code', '=', 'yuzu', ['yuzu']],
  ['display', '=', 'Medlar', ['medlar']],
  ['designation', '=', 'レモン', ['lemon']],
  ['parent', '=', 'citrus', ['lemon', 'orange', 'yuzu']],
  ['child', '=', 'yuzu', ['citrus', 'tree']],
  ['inactive', '=', 'true', ['medlar']],
  ['http://hl7.org/fhir/concept-properties#notSelectable', '=', 'true', ['citrus', 'tree']],
  ['notSelectable', '=', 'false', ['lemon', 'orange', 'yuzu', 'medlar']],
  ['concept', 'is-a', 'citrus', ['citrus', 'lemon', 'orange', 'yuzu']],
  ['concept', 'descendent-of', 'citrus', ['lemon', 'orange', 'yuzu']],
  ['concept', 'is-not-a', 'citrus', ['tree', 'medlar']],
  ['concept', 'generalizes', 'yuzu', ['citrus', 'yuzu', 'tree']],
  ['concept', 'in', 'lemon, yuzu,nothing', ['lemon', 'yuzu']],
  ['colour', 'in', 'yellow,brown', ['lemon', 'medlar']],
  ['colour', 'not-in', 'yellow,brown', ['citrus', 'orange', 'yuzu', 'tree']],
  ['colour', 'exists', 'true', ['lemon', 'orange', 'medlar']],
  ['colour', 'exists', 'false', ['citrus', 'yuzu', 'tree']],
  ['code', 'regex', 'l.*|.*r', ['lemon', 'medlar']],
  ['code', 'regex', 'emo', []],
  ['display', 'regex', '\\p{Han}+', ['yuzu']],
])('%s %s %s', (property, op, value, codes) => expect(found(property, op, value)).toEqual(all.filter(code => codes.includes(code))));

describe('refused', () => {
  test('a property that the system does not have; a concept that it does not have; what exists neither true nor false', () => {
    expect(refused('taste', '=', 'sour')).toMatchObject({ status: 422, findings: [{ expression: 'filter.property' }] });
    expect(refused('concept', 'is-a', 'nothing').status).toBe(404);
    expect(refused('colour', 'exists', 'maybe').status).toBe(422);
    expect(refused('colour', 'like', 'x').status).toBe(422);
  });
  test('a regular expression that is none, or looks around', () => {
    for (const value of ['(', 'a{2,1}', '(?=a)b', '(a)\\1']) expect([value, refused('code', 'regex', value).status]).toEqual([value, 422]);
  });
  test('one that is too long, repeats too much, or has too much to do', () => {
    expect(refused('code', 'regex', 'a'.repeat(501)).kind).toBe('too-costly');
    expect(refused('code', 'regex', 'a{1000}b{1000}c{1000}').kind).toBe('too-costly');
    expect(refused('display', 'regex', 'a{900}.*', newWork(5)).kind).toBe('too-costly');
  });
});

test('the dearest expression over many long values is given up in seconds', () => {
  const concept = Array.from({ length: 5000 }, (_, n) => ({ code: `${'x'.repeat(1990)}${n}` }));
  const long = compileSystem({ ...fruit, concept });
  const test = filterTest(long, { property: 'code', op: 'regex', value: '(x{0,300}y?){3}z' }, 'filter', newWork());
  const began = cpuTime();
  const work = newWork();
  expect(() => long.concepts.map(one => test(one, work))).toThrow(/more work/);
  expect(cpuTime() - began).toBeLessThan(5000);
});

test('(a+)+$ and its like are done in linear time', () => {
  const long = compileSystem({ ...fruit, concept: [{ code: `${'a'.repeat(5000)}b` }, { code: 'aaa' }] });
  for (const value of ['(a+)+$', '(a|aa)+', '(a*)*b?c', '([a-z]+)*x']) {
    const test = filterTest(long, { property: 'code', op: 'regex', value }, 'filter', newWork());
    const began = cpuTime();
    for (const concept of long.concepts) test(concept, newWork());
    expect(cpuTime() - began).toBeLessThan(500);
  }
});
