// src/web/objection/bars.ts, kinds.ts: counts become bars and a table, and the sums stay the same
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { byKind, byYear, type Count, cell, columns } from '../../src/web/objection/bars.ts';
import { kindOf, kinds } from '../../src/web/objection/kinds.ts';
import { holdingsIn } from '../../src/web/objection/record.ts';
import { holdings } from './world.ts';

const counts: readonly Count[] = [
  { type: 'Observation', year: 2020, number: 3 },
  { type: 'DiagnosticReport', year: 2022, number: 2 },
  { type: 'Condition', number: 1 },
];

test('bars: types are told by kind, largest first, and nothing is told by its diagnosis', () => {
  expect(byKind(counts)).toEqual([
    { kind: 'tests', number: 5 },
    { kind: 'diagnoses', number: 1 },
  ]);
  expect(kindOf('MolecularSequence')).toBe('other');
});

test('bars: a year without records is a gap, records without a year stand at the end', () => {
  expect(byYear(counts).map(({ year, number }) => [year, number])).toEqual([
    [2020, 3],
    [2021, 0],
    [2022, 2],
    [undefined, 1],
  ]);
});

test('bars: what is older than ten years is one bar', () => {
  const years = byYear([
    { type: 'Encounter', year: 1998, number: 2 },
    { type: 'Encounter', year: 2010, number: 1 },
    { type: 'Encounter', year: 2026, number: 4 },
  ]);
  expect(years.length).toBe(10);
  expect(years[0]).toEqual({ year: 2017, andBefore: true, number: 3 });
});

test('bars: kinds, years and cells always sum up to the same', () => {
  const count = fc.record({
    type: fc.constantFrom('Observation', 'Condition', 'Claim', 'Basic'),
    year: fc.integer({ min: 1990, max: 2026 }),
    number: fc.nat(50),
  });
  const unknown = fc.record({ type: fc.constant('Procedure'), number: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(fc.oneof(count, unknown)), (all: Count[]) => {
      const total = all.reduce((sum, one) => sum + one.number, 0);
      const of = (list: readonly { number: number }[]) => list.reduce((sum, one) => sum + one.number, 0);
      const cells = byYear(all).flatMap(year => kinds.map(kind => cell(all, kind, year)));
      return of(byKind(all)) === total && of(byYear(all)) === total && cells.reduce((sum, one) => sum + one, 0) === total;
    }),
  );
});

test('bars: the largest is as high as the picture, none leaves it, and one of a thousand is still seen', () => {
  const bars = columns([1, 1000, 0], { width: 300, height: 100 });
  expect(bars.map(bar => bar.height)).toEqual([2, 100, 0]);
  expect(bars.every(bar => bar.x >= 0 && bar.x + bar.width <= 300 && bar.y >= 0)).toBe(true);
  expect(columns([], { width: 300, height: 100 })).toEqual([]);
});

test('holdings: notices and objections are no records, and an institution that sent nothing else is not named', () => {
  const answer = holdings() as unknown as Parameters<typeof holdingsIn>[0];
  expect(holdingsIn(answer).map(one => one.institution.name)).toEqual(['見本中央病院', '見本クリニック']);
  const only = (type: string) => ({
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'holding',
        part: [
          { name: 'institution', valueReference: { reference: 'Organization/1' } },
          {
            name: 'count',
            part: [
              { name: 'type', valueCode: type },
              { name: 'number', valueUnsignedInt: 2 },
            ],
          },
        ],
      },
    ],
  });
  expect(holdingsIn(only('Communication'))).toEqual([]);
  expect(holdingsIn(only('Encounter'))).toEqual([
    { institution: { reference: 'Organization/1', name: '' }, counts: [{ type: 'Encounter', number: 2 }] },
  ]);
});
