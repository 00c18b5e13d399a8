// https://hl7.org/fhir/R4/codesystem-operation-find-matches.html
import { expect, test } from '@jest/globals';
import { compileSystem } from '../../../src/fhir/terminology/code-system.ts';
import { findMatches, type Wanted } from '../../../src/fhir/terminology/find-matches.ts';
import { fruit } from './resources.ts';

const system = compileSystem(fruit);
const ask = (wanted: readonly Wanted[], exact = true) =>
  findMatches(system, wanted, exact).map(({ concept, unmatched, nearly }) => [
    concept.code,
    unmatched.map(one => one.code).join(),
    nearly.map(one => one.code).join(),
  ]);

test('all properties first, then some: with those that it does not have', () => {
  expect(
    ask([
      { code: 'parent', text: 'citrus' },
      { code: 'colour', text: 'yellow' },
    ]),
  ).toEqual([
    ['lemon', '', ''],
    ['orange', 'colour', ''],
    ['yuzu', 'colour', ''],
  ]);
  expect(ask([{ code: 'colour', text: 'blue' }])).toEqual([]);
  expect(ask([{ code: 'taste', text: 'x' }])).toEqual([]);
});

test('a property without a value: whichever it is', () => {
  expect(ask([{ code: 'colour' }])).toEqual([
    ['lemon', '', ''],
    ['orange', '', ''],
    ['medlar', '', ''],
  ]);
});

test('for a human also what is only nearly so, after what is', () => {
  expect(ask([{ code: 'display', text: 'LEM' }])).toEqual([]);
  expect(ask([{ code: 'display', text: 'LEM' }], false)).toEqual([['lemon', '', 'display']]);
  expect(ask([{ code: 'designation', text: 'ﾚﾓﾝ' }], false)).toEqual([['lemon', '', 'designation']]);
  expect(
    ask(
      [
        { code: 'code', text: 'lemon' },
        { code: 'display', text: 'e' },
      ],
      false,
    )[0],
  ).toEqual(['lemon', '', 'display']);
});
