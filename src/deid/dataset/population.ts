/**
 * How many patients of a population have a code: a national list as data, of which a code with fewer than k is rare however many persons of the set have it.
 * @module
 */
import { isObject } from '../context.ts';
import { PolicyError } from '../policy.ts';
import { keyOfCode } from './keys.ts';

/** `system|code` → patients; a code that is not in it is not judged by it. */
export type Population = ReadonlyMap<string, number>;

/** From a list of `{ system, code, patients }`. @param at where the list stands @throws PolicyError that names the place in it */
export function readPopulation(json: unknown, at = 'population'): Population {
  if (!Array.isArray(json)) throw new PolicyError(at, 'must be a list');
  const population = new Map<string, number>();
  for (const [i, row] of (json as unknown[]).entries()) {
    const place = `${at}[${i}]`;
    if (!isObject(row) || typeof row['system'] !== 'string' || typeof row['code'] !== 'string' || row['code'] === '')
      throw new PolicyError(place, 'has "system", "code" and "patients"');
    const { system, code, patients } = row;
    if (!Number.isInteger(patients) || (patients as number) < 0) throw new PolicyError(`${place}.patients`, 'must be a whole number');
    const key = keyOfCode({ system, code });
    if (population.has(key)) throw new PolicyError(place, 'stands twice');
    population.set(key, patients as number);
  }
  return population;
}
