// What somebody who knows something can find out. docs/deidentification.md (threats)
import { beforeAll, describe, expect, test } from '@jest/globals';
import { dayOf, readDate } from '../../src/deid/calendar.ts';
import { seriesKeys } from '../../src/deid/keys.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { collection, keysFrom, ofType, type Released, released } from './ground.ts';

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

describe('the same persons under two keys', () => {
  // Alike in everything clinical, so that nothing but keys could tell them apart.
  const day = (i: number, more: number) => new Date(Date.UTC(2020, 0, 1 + i + more)).toISOString().slice(0, 10);
  const world = collection(
    ...Array.from({ length: persons }, (_, i): AnyResource[] => [
      { resourceType: 'Patient', id: `p${i}`, gender: 'female', birthDate: '1970-01-01', name: [{ text: `山田${i}` }] },
      {
        resourceType: 'Observation',
        id: `o${i}`,
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '2339-0' }] },
        subject: { reference: `Patient/p${i}` },
        effectiveDateTime: day(i, 0),
      },
    ]).flat(),
  );
  let one: Released;
  let two: Released;
  beforeAll(async () => {
    one = await released(world, keysFrom(1));
    two = await released(world, keysFrom(2));
  });
  const subjects = ({ resources }: Released): AnyResource[] => ofType(resources, 'Observation');
  const subjectOf = (resource: AnyResource): string => (resource['subject'] as { reference: string }).reference;
  /** Place of each true person in a release: known to the test, which has the keys. */
  const placeOf = (by: number, { resources }: Released): Map<string, number> => {
    const { keys } = keysFrom(by);
    const at = new Map(ofType(resources, 'Patient').map((patient, i) => [patient.id!, i] as const));
    return new Map(Array.from({ length: persons }, (_, i) => [`p${i}`, at.get(keys.pseudonym('Patient', `Patient/p${i}`))!] as const));
  };

  test('have no id in common', () => {
    const ids = new Set(one.resources.map(resource => resource.id));
    expect(two.resources.filter(resource => ids.has(resource.id))).toEqual([]);
    expect(new Set(one.resources.map(resource => resource.id)).size).toBe(one.resources.length);
  });

  test('are joined on their dates as seldom as by chance', () => {
    const dates = (released: Released): Map<number, string[]> => {
      const found = new Map<number, string[]>();
      for (const resource of subjects(released)) {
        const first = readDate(resource['effectiveDateTime'])!.first;
        found.set(first, [...(found.get(first) ?? []), subjectOf(resource)]);
      }
      return found;
    };
    const [a, b] = [dates(one), dates(two)];
    const k1 = keysFrom(1).keys;
    const k2 = keysFrom(2).keys;
    const pairOf = new Map(
      Array.from({ length: persons }, (_, i) => [
        `Patient/${k1.pseudonym('Patient', `Patient/p${i}`)}`,
        `Patient/${k2.pseudonym('Patient', `Patient/p${i}`)}`,
      ]),
    );
    let joined = 0;
    for (const [date, names] of a) for (const name of names) if (b.get(date)?.includes(pairOf.get(name)!)) joined++;
    // Two shifts of one person are equal once in 730.
    expect(joined).toBeLessThan(8);
    expect(dayOf(2020, 1, 1)).toBeGreaterThan(0);
  });

  test('stand in another order', () => {
    const [a, b] = [placeOf(1, one), placeOf(2, two)];
    const names = [...a.keys()];
    expect(names.filter(name => a.get(name) === b.get(name)).length).toBeLessThan(8);
    // Rank correlation of independent orders: standard deviation 1/√n.
    const mean = (persons - 1) / 2;
    const sum = names.reduce((s, name) => s + (a.get(name)! - mean) * (b.get(name)! - mean), 0);
    expect(Math.abs(sum / ((persons * (persons ** 2 - 1)) / 12))).toBeLessThan(4 / Math.sqrt(persons));
  });

  test('have no size of their own', () => {
    const sizes = new Set(subjects(one).map(resource => JSON.stringify(resource).length));
    expect(sizes.size).toBe(1);
  });
});
