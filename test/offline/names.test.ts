// docs/deidentification/offline.md: which resources are in the input
import { expect, test } from '@jest/globals';
import { Names, NamesMet } from '../../src/offline/names.ts';
import { fingerprintsOf } from '../../src/offline/table.ts';

test('names: what was added is there, also for another thread; nothing else is', () => {
  const names = new NamesMet();
  const all = Array.from({ length: 150_000 }, (_, i) => `Observation/${i}`);
  for (let i = 0; i < all.length; i += 1000) names.add(fingerprintsOf(all.slice(i, i + 1000)));
  names.add(fingerprintsOf(all.slice(0, 10)));
  const other = new Names(names.share());
  const some = all.filter((_, i) => i % 37 === 0 || i > 149_000);
  expect(some.filter(name => !other.has(name))).toEqual([]);
  expect(some.filter(name => other.has(name.replace('Observation', 'Encounter')) || other.has(`${name}x`))).toEqual([]);
});

test('names: of too many to tell apart, each counts as there', () => {
  expect(new Names('too-many').has('Observation/1')).toBe(true);
  expect(new Names(new NamesMet().share()).has('Observation/1')).toBe(false);
});
