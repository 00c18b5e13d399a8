// https://hl7.org/fhir/R4/valueset.html#compositions: value sets of every shape, against the plain reading of the specification
import { expect, test } from '@jest/globals';
import type { ValueSet, ValueSetComposeInclude, ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { everyone, find, membersOf } from '../../../src/fhir/terminology/members.ts';
import { createTerminology } from '../../../src/fhir/terminology/terminology.ts';
import { newWork } from '../../../src/fhir/terminology/work.ts';
import { knowing } from './resources.ts';

/** Concepts of the tests' system: parent and colour of each. Two of a code's parents may be the same. */
interface Row {
  readonly code: string;
  readonly parents: readonly string[];
  readonly colour?: string;
}
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const colours = ['red', 'green'];
const system = 'http://example.org/system';

const rows: fc.Arbitrary<Row[]> = fc.tuple(
  ...names.map(code =>
    fc.record({
      code: fc.constant(code),
      // Rings too.
      parents: fc.array(fc.constantFrom(...names), { maxLength: 2 }),
      colour: fc.option(fc.constantFrom(...colours), { nil: undefined }),
    }),
  ),
) as unknown as fc.Arbitrary<Row[]>;

const filter: fc.Arbitrary<ValueSetComposeIncludeFilter> = fc.oneof(
  fc.record({
    property: fc.constant('concept'),
    op: fc.constantFrom('is-a', 'descendent-of', 'is-not-a', 'generalizes', '='),
    value: fc.constantFrom(...names),
  }),
  fc.record({
    property: fc.constant('colour'),
    op: fc.constantFrom('=', 'in', 'not-in', 'regex'),
    value: fc.constantFrom('red', 'green', 'blue'),
  }),
  fc.record({ property: fc.constant('colour'), op: fc.constant('exists'), value: fc.constantFrom('true', 'false') }),
) as fc.Arbitrary<ValueSetComposeIncludeFilter>;

const url = (index: number): string => `http://example.org/set-${index}`;

/** An include of the set number `index`: it may import the sets before it. */
const part = (index: number): fc.Arbitrary<ValueSetComposeInclude> => {
  const imports = index === 0 ? fc.constant<string[]>([]) : fc.array(fc.nat({ max: index - 1 }).map(url), { maxLength: 2 });
  return fc
    .tuple(
      imports,
      fc.oneof(
        fc.constant<ValueSetComposeInclude>({ system }),
        fc
          .array(fc.constantFrom(...names, 'nothing'), { minLength: 1, maxLength: 4 })
          .map((list): ValueSetComposeInclude => ({ system, concept: list.map(code => ({ code })) })),
        fc.array(filter, { minLength: 1, maxLength: 2 }).map((list): ValueSetComposeInclude => ({ system, filter: list })),
        fc.constant<ValueSetComposeInclude>({}),
      ),
    )
    .map(([valueSet, own]) => (valueSet.length > 0 ? { ...own, valueSet } : own.system === undefined ? { system } : own));
};
const valueSets: fc.Arbitrary<ValueSet[]> = fc.tuple(
  ...[0, 1, 2, 3].map(index =>
    fc
      .record({ include: fc.array(part(index), { minLength: 1, maxLength: 3 }), exclude: fc.array(part(index), { maxLength: 1 }) })
      .map((compose): ValueSet => ({ resourceType: 'ValueSet', url: url(index), status: 'active', compose })),
  ),
) as unknown as fc.Arbitrary<ValueSet[]>;

/** The plain reading: a concept at a time, by the words of the specification. */
function oracle(table: readonly Row[], sets: readonly ValueSet[]): (set: number) => string[] {
  const at = (code: string) => table.find(row => row.code === code)!;
  const isA = (code: string, above: string, seen: string[] = []): boolean =>
    code === above || (!seen.includes(code) && at(code).parents.some(parent => isA(parent, above, [...seen, code])));
  const holds = ({ property, op, value = '' }: ValueSetComposeIncludeFilter, { code, colour }: Row): boolean => {
    if (property === 'concept') {
      if (op === '=') return code === value;
      if (op === 'is-a') return isA(code, value);
      if (op === 'descendent-of') return isA(code, value) && code !== value;
      return op === 'is-not-a' ? !isA(code, value) : isA(value, code);
    }
    if (op === 'exists') return (colour !== undefined) === (value === 'true');
    return op === 'not-in' ? colour !== value : colour === value;
  };
  const inPart = (code: string, { system: own, concept, filter = [], valueSet = [] }: ValueSetComposeInclude): boolean =>
    (own === undefined || ((!concept || concept.some(one => one.code === code)) && filter.every(one => holds(one, at(code))))) &&
    valueSet.every(canonical =>
      inSet(
        code,
        sets.findIndex(one => one.url === canonical),
      ),
    );
  const inSet = (code: string, set: number): boolean => {
    const { include = [], exclude = [] } = sets[set]!.compose as { include?: ValueSetComposeInclude[]; exclude?: ValueSetComposeInclude[] };
    return include.some(one => inPart(code, one)) && !exclude.some(one => inPart(code, one));
  };
  return set => names.filter(code => inSet(code, set));
}

test('members, membership and the codes told to a search are what the specification says', async () => {
  await fc.assert(
    fc.asyncProperty(rows, valueSets, async (table, sets) => {
      const knowledge = knowing(
        {
          resourceType: 'CodeSystem',
          url: system,
          status: 'active',
          content: 'complete',
          concept: table.map(({ code, parents, colour }) => {
            const property = [
              ...parents.map(parent => ({ code: 'parent', valueCode: parent })),
              ...(colour === undefined ? [] : [{ code: 'colour', valueCode: colour }]),
            ];
            return { code, property };
          }),
          property: [{ code: 'colour', type: 'code' }],
        },
        ...sets,
      );
      const terminology = createTerminology(knowledge);
      const expected = oracle(table, sets);
      for (const [index] of sets.entries()) {
        const codes = expected(index);
        const set = await knowledge.resolve((await knowledge.valueSet(url(index)))!);
        expect(
          everyone(membersOf(set, newWork()))
            .map(one => one.code)
            .sort(),
        ).toEqual(codes);
        expect(names.filter(code => find(set, system, code, newWork()))).toEqual(codes);
        expect([...((await terminology.codesIn(url(index)))!.get(system) ?? [])].sort()).toEqual(codes);
      }
    }),
    { numRuns: 300 },
  );
});
