// https://hl7.org/fhir/R4/codesystem.html, https://hl7.org/fhir/R4/codesystem-concept-properties.html
import { describe, expect, test } from '@jest/globals';
import type { CodeSystem } from '@medplum/fhirtypes';
import { compileSystem, related, subsumption } from '../../../src/fhir/terminology/code-system.ts';
import { cpuTime } from '../../cpu-time.ts';
import { fruit } from './resources.ts';

const system = compileSystem(fruit);
const at = (code: string) => system.find(code)!;
const codes = (list: Iterable<{ code: string }>) => [...list].map(one => one.code).sort();

describe('the hierarchy', () => {
  test('is told by nesting, and by properties, whatever they are called, from either end', () => {
    expect(codes(at('lemon').parents)).toEqual(['citrus']);
    expect(codes(at('yuzu').parents)).toEqual(['citrus', 'tree']);
    expect(codes(at('citrus').children)).toEqual(['lemon', 'orange', 'yuzu']);
    const byChild = compileSystem({
      ...fruit,
      property: [],
      concept: [{ code: 'a', property: [{ code: 'child', valueCode: 'b' }] }, { code: 'b' }],
    });
    expect(codes(byChild.find('b')!.parents)).toEqual(['a']);
  });
  test('above and below a concept, itself included', () => {
    expect(codes(related(system, at('citrus'), 'below'))).toEqual(['citrus', 'lemon', 'orange', 'yuzu']);
    expect(codes(related(system, at('yuzu'), 'above'))).toEqual(['citrus', 'tree', 'yuzu']);
  });
  test('a ring ends where it began', () => {
    const ring = (code: string, kind: string) => ({ code, property: [{ code: 'kind', valueCode: kind }] });
    const rings = compileSystem({ ...fruit, concept: [ring('a', 'b'), ring('b', 'c'), ring('c', 'a'), ring('d', 'd')] });
    expect(codes(related(rings, rings.find('a')!, 'above'))).toEqual(['a', 'b', 'c']);
    expect(codes(related(rings, rings.find('d')!, 'below'))).toEqual(['d']);
    expect(subsumption(rings, rings.find('a')!, rings.find('b')!)).toBe('subsumes');
  });
  test('a parent that is not there is none', () => {
    expect(
      compileSystem({ ...fruit, concept: [{ code: 'a', property: [{ code: 'kind', valueCode: 'nothing' }] }] }).find('a')!.parents,
    ).toEqual([]);
  });
  test.each([
    ['citrus', 'lemon', 'subsumes'],
    ['lemon', 'citrus', 'subsumed-by'],
    ['lemon', 'lemon', 'equivalent'],
    ['lemon', 'orange', 'not-subsumed'],
    ['tree', 'yuzu', 'subsumes'],
  ])('%s to %s: %s', (a, b, outcome) => expect(subsumption(system, at(a), at(b))).toBe(outcome));
  test('parts and groupings are no kinds', () => {
    for (const hierarchyMeaning of ['part-of', 'grouped-by'] as const) {
      const parts = compileSystem({ ...fruit, hierarchyMeaning });
      expect(subsumption(parts, parts.find('citrus')!, parts.find('lemon')!)).toBe('not-subsumed');
      expect(codes(parts.find('lemon')!.parents)).toEqual(['citrus']);
    }
  });
});

test('what is abstract, what is inactive: by the properties that mean it', () => {
  expect(['citrus', 'lemon'].map(code => at(code).isAbstract)).toEqual([true, false]);
  expect(['medlar', 'lemon'].map(code => at(code).isInactive)).toEqual([true, false]);
  const plain = compileSystem({ ...fruit, property: [], concept: [{ code: 'a', property: [{ code: 'inactive', valueBoolean: true }] }] });
  expect(plain.find('a')!.isInactive).toBe(true);
});

test('case counts, unless the system says that it does not', () => {
  expect(system.find('Lemon')).toBeUndefined();
  expect(compileSystem({ ...fruit, caseSensitive: false }).find('LEMON')?.code).toBe('lemon');
});

test('of a code that is there twice the first counts, with the places of both', () => {
  const twice = compileSystem({
    ...fruit,
    concept: [
      { code: 'a', concept: [{ code: 'x', display: 'first' }] },
      { code: 'b', concept: [{ code: 'x', display: 'second' }] },
    ],
  });
  expect(twice.concepts.map(one => one.code)).toEqual(['a', 'x', 'b']);
  expect([twice.find('x')!.display, codes(twice.find('x')!.parents)]).toEqual(['first', ['a', 'b']]);
});

test('12,000 concepts are compiled in well under a second', () => {
  const concept = Array.from({ length: 100 }, (_, a) => ({
    code: `${a}`,
    concept: Array.from({ length: 119 }, (_, b) => ({ code: `${a}.${b}`, display: `Disease ${a} ${b}` })),
  }));
  const began = cpuTime();
  const large = compileSystem({ ...fruit, concept } as CodeSystem);
  expect(large.concepts.length).toBe(12_000);
  expect(cpuTime() - began).toBeLessThan(1000);
});
