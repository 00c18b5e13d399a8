// What somebody who knows something can find out. docs/deidentification.md (threats)
import { beforeAll, describe, expect, test } from '@jest/globals';
import { seriesKeys } from '../../src/deid/keys.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { isSlow } from '../slow.ts';
import { keysFrom, type Name, released } from './ground.ts';
import { byChance, type Dossier, dossiers, foundByNearest, foundByShared, nearest, patientOf, rankCorrelation, shared } from './joining.ts';
import { population, shuffled, together } from './same-persons.ts';

const persons = 1000;

describe('known pairs of a pseudonym and its shift', () => {
  const keys = seriesKeys(Buffer.alloc(32, 3));
  const pairs = Array.from({ length: persons }, (_, i) => ({ id: keys.pseudonym('Patient', `p${i}`), days: keys.shiftDays(`p${i}`) }));
  const chance = 1 / 730;
  /** Share of persons whose shift a guess from others' pairs meets. */
  const met = (guess: (id: string, i: number) => number): number =>
    pairs.filter(({ id, days }, i) => guess(id, i) === days).length / persons;
  /** P of the known attack on polynomial hashes: Σ byte·131^k mod m. */
  const polynomial = (id: string, m: number): number => [...Buffer.from(id)].reduce((h, byte) => (h * 131 + byte) % m, 0);

  test('the shift of the person whose pseudonym is nearest tells no more than chance', () => {
    const nearest = (id: string, i: number): number =>
      pairs.filter((_, j) => j !== i).reduce((best, one) => (alike(one.id, id) > alike(best.id, id) ? one : best), pairs[i === 0 ? 1 : 0]!)
        .days;
    expect(met(nearest)).toBeLessThan(0.01);
  });

  test.each([101, 730, 731])('nor does a line through two pairs over the polynomial hash modulo %d', modulus => {
    let worst = 0;
    for (let slope = 1; slope < modulus; slope += 7) {
      const [one] = pairs;
      const constant = one!.days - slope * polynomial(one!.id, modulus);
      const range = (n: number) => (((n % modulus) + modulus) % modulus) - (modulus >> 1);
      worst = Math.max(
        worst,
        met(id => range(slope * polynomial(id, modulus) + constant)),
      );
    }
    // The best of some hundred lines over a thousand persons, who are met by chance in one case of 730.
    expect(worst).toBeLessThan(0.015);
  });

  test('the commonest shift is not much commoner than chance', () => {
    const counts = new Map<number, number>();
    for (const { days } of pairs) counts.set(days, (counts.get(days) ?? 0) + 1);
    expect(Math.max(...counts.values()) / persons).toBeLessThan(chance * 8);
  });
});

/** Length of the common beginning. */
function alike(a: string, b: string): number {
  let n = 0;
  while (n < a.length && a[n] === b[n]) n++;
  return n;
}

describe.each<[Name, number]>([
  ['jp-anonymized', 120],
  // With notes, and files in DocumentReferences.
  ...(isSlow ? ([['jp-anonymized-text', 24]] satisfies [Name, number][]) : []),
])('the same persons under two keys: %s', (name, count) => {
  const people = population(count);
  const world = together(people);
  /** Before de-identification; under one key, under another; under the first one again, sent in another order. */
  let [before, one, two, again]: Dossier[][] = [];
  let ids: string[];
  beforeAll(async () => {
    const sent = people.flatMap((person, i) => person.entries.map(({ resource }) => [resource, i] as const));
    const sender = new Map(sent);
    const entries = world['entry'] as { resource: AnyResource }[];
    before = dossiers(
      entries.map(({ resource }) => resource),
      resource => sender.get(resource)!,
    );
    const release = async (bundle: AnyResource, key: number): Promise<{ resources: readonly AnyResource[]; persons: Dossier[] }> => {
      const by = keysFrom(key, name);
      const { resources } = await released(bundle, by);
      // Known to the test, which has the keys.
      const truth = new Map(people.map((person, i) => [by.keys.pseudonym('Patient', person.name), i]));
      return { resources, persons: dossiers(resources, resource => truth.get(patientOf(resource))!) };
    };
    const [first, second] = [await release(world, 1), await release(world, 2)];
    ids = [first, second].flatMap(({ resources }) => resources.map(({ id }) => id!));
    [one, two] = [first.persons, second.persons];
    again = (await release({ ...world, entry: shuffled(entries) }, 1)).persons;
  });

  test('all leave, and have no id in common', () => {
    expect(one!.map(dossier => dossier.length)).toEqual(new Array(count).fill(one![0]!.length));
    expect(new Set(ids).size).toBe(2 * count * one![0]!.length);
  });

  test.each(Object.entries(nearest))('nobody is found by what is nearest: %s', (_, of) => {
    const found = (a: Dossier[] | undefined, b: Dossier[] | undefined): number => foundByNearest(a!.map(of), b!.map(of));
    expect(found(one, two)).toBeLessThanOrEqual(byChance);
    // The attack is one: it finds people in what was sent, or where a key serves twice.
    expect(found(before, before) > count / 2 || found(one, again) > count / 2).toBe(true);
  });

  test.each(['all dates', 'place of the Patient', 'bytes of all resources'])('nor are persons in one order by %s', attack => {
    const first = (dossiers: Dossier[] | undefined): number[] => dossiers!.map(dossier => nearest[attack]!(dossier)[0]!);
    expect(Math.abs(rankCorrelation(first(one), first(two)))).toBeLessThan(4 / Math.sqrt(count));
    expect(rankCorrelation(first(before), first(before))).toBeCloseTo(1);
  });

  test.each(Object.entries(shared))('nobody is found by what is shared: %s', (_, of) => {
    const found = (a: Dossier[] | undefined, b: Dossier[] | undefined): number => foundByShared(a!.map(of), b!.map(of));
    expect(found(one, two)).toBeLessThanOrEqual(byChance);
    expect(found(before, before) > count / 2 || found(one, again) > count / 2).toBe(true);
  });

  test('what a key serves twice joins everybody, by dates and by order', () => {
    for (const attack of ['all dates', 'places in the order of entries'])
      expect(foundByNearest(one!.map(nearest[attack]!), again!.map(nearest[attack]!))).toBeGreaterThan(count * 0.8);
  });
});
