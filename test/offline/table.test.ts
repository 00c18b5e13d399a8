// docs/deidentification/offline.md: tables by names
import { expect, test } from '@jest/globals';
import { fingerprintsOf, Table } from '../../src/offline/table.ts';

const names = Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? `Observation/${i}` : `urn:oid:1.2.392|${i}`));
const all = fingerprintsOf(names);

test.each([
  ['of which it is known how many come', names.length],
  ['that grows', 10],
  ['for none', 0],
])('table %s: each name has the number that it was given last, here and in another thread; no other has one', (_, expected) => {
  const table = new Table(3, expected);
  for (const number of [7, -(2 ** 31)])
    for (let i = 0; i < names.length; i++) table.put(all[i * 2]!, all[i * 2 + 1]!, i % 3 === 0 ? number : i);
  for (const one of [table, new Table(3, table.shared)]) {
    expect(names.map(name => one.get(name))).toEqual(names.map((_, i) => (i % 3 === 0 ? -(2 ** 31) : i)));
    expect(names.some(name => one.has(`${name}x`) || one.get(`x${name}`) !== undefined)).toBe(false);
  }
});

test('table: of as many names as were expected it takes 4 bytes a word by a third more', () => {
  const table = new Table(2, names.length);
  for (let i = 0; i < names.length; i++) table.put(all[i * 2]!, all[i * 2 + 1]!);
  expect(table.shared.byteLength / names.length).toBeCloseTo((8 * 4) / 3, 1);
});
