// docs/request.md: a line holds for every record of the person, also of one who has very many names
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Lists } from '../../../../src/fhir/store/index/lists.ts';
import { Persons } from '../../../../src/fhir/store/index/persons.ts';
import type { ListEntry } from '../../../../src/fhir/store/store.ts';

const name = fc.nat(299).map(n => `Patient/${n}`);
const step = fc.oneof(
  fc.record({ from: fc.nat(299), names: fc.constantFrom(2, 5, 60, 120) }),
  fc.record({ source: fc.nat(9), persons: fc.array(name, { minLength: 1, maxLength: 3 }) }),
);

test('lines are those of all names of the person, whatever was asked before, joined since, or put in the place of another', () => {
  let many = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), fc.array(name, { minLength: 1, maxLength: 4 }), (steps, asked) => {
      const persons = new Persons();
      const lists = new Lists(persons, () => {});
      const put = new Map<string, ListEntry>();
      for (const one of steps) {
        if ('from' in one) persons.join(Array.from({ length: one.names }, (_, i) => `Patient/${(one.from + i) % 300}`));
        else {
          const line = { list: 'notice', source: `Consent/${one.source}`, persons: one.persons } as unknown as ListEntry;
          lists.put(line);
          put.set(line.source, line);
        }
        const known = asked.filter(name => persons.find(name) >= 0);
        const personOf = (name: string) => persons.person(persons.find(name));
        if (known.some(name => persons.names(personOf(name)).length > 100)) many++;
        const whose = new Set(known.map(personOf));
        const expected = [...put.values()].filter(line => line.persons.some(name => whose.has(personOf(name))));
        expect(
          lists
            .of(asked)
            .map(line => line.source)
            .sort(),
        ).toEqual(expected.map(line => line.source).sort());
      }
    }),
    { seed: 6, numRuns: 200 },
  );
  expect(many).toBeGreaterThan(500);
});
