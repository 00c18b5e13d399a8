// https://hl7.org/fhir/R4/terminology-service.html#closure
import { expect, test } from '@jest/globals';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import { type ClosureEvent, relationsSince, tableOf } from '../../../src/fhir/terminology/closure.ts';
import { compileSystem } from '../../../src/fhir/terminology/code-system.ts';
import { fruit } from './resources.ts';

const system = 'http://example.org/fruit';
const systems = new Map([[system, compileSystem(fruit)]]);
const begun: ClosureEvent = { id: 'begun' };
const added = (...codes: string[]): ClosureEvent => ({ id: codes.join(), concepts: codes.map(code => ({ system, code })) });

test('a table is what its events make it since it was last begun', () => {
  expect(tableOf([])).toBeUndefined();
  expect(tableOf([added('lemon')])).toBeUndefined();
  expect(tableOf([begun])).toEqual({ version: 0, concepts: [] });
  expect(tableOf([begun, added('lemon'), added('citrus', 'lemon')])).toEqual({
    version: 2,
    concepts: [
      { system, code: 'lemon', since: 1 },
      { system, code: 'citrus', since: 2 },
    ],
  });
  expect(tableOf([begun, added('lemon'), begun])).toEqual({ version: 0, concepts: [] });
});

test('what is new: every relation with an end that came later, whichever came first', () => {
  const table = tableOf([begun, added('lemon', 'medlar'), added('citrus'), added('yuzu', 'tree')])!;
  const since = (version: number) => relationsSince(table, version, systems).map(({ code, above }) => [code, ...above].join(' '));
  expect(since(0)).toEqual(['lemon citrus', 'yuzu citrus tree']);
  expect(since(1)).toEqual(['lemon citrus', 'yuzu citrus tree']);
  expect(since(2)).toEqual(['yuzu citrus tree']);
  expect(since(3)).toEqual([]);
});

test('a system that is gone has no relations any more', () => {
  expect(relationsSince(tableOf([begun, added('lemon', 'citrus')])!, 0, new Map())).toEqual([]);
});

test('20,000 concepts and no more', () => {
  const many = added(...Array.from({ length: 20_001 }, (_, n) => `c${n}`));
  expect(() => tableOf([begun, many])).toThrow(Problem);
});

test('a chain of 20,000 parents is too costly to tell', () => {
  const concept = Array.from({ length: 20_000 }, (_, n) => ({ code: `c${n}`, property: [{ code: 'kind', valueCode: `c${n - 1}` }] }));
  const chain = new Map([[system, compileSystem({ ...fruit, concept })]]);
  const table = tableOf([begun, added(...concept.map(one => one.code))])!;
  expect(() => relationsSince(table, 0, chain)).toThrow(Problem);
});
