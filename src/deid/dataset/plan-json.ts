/**
 * A plan as JSON, to be kept in a file or handed to a worker; and the one place where such JSON becomes a plan again.
 * @module
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import { isObject } from '../context.ts';
import { PolicyError } from '../policy.ts';
import type { Bounds, Percentiles } from './measured.ts';

/** What becomes of a look: 0, it stays; 1, it goes; else the key that it leaves with. */
export type Fate = 0 | 1 | string;

export interface Limits extends Bounds {
  /** false: no value without a comparator leaves. */
  readonly plain?: false;
  /** Values that came with a comparator and are shared by k persons: `<0.3`. */
  readonly shared?: readonly string[];
}

/** Place → key → what is said of it. */
export type Table<T> = Record<string, Record<string, T>>;

export interface PlanJson {
  readonly version: 1;
  readonly k: number;
  readonly percentiles: Percentiles;
  /** Place → key → fate. */
  readonly looks: Table<Fate>;
  /** Place → key of a fact, or a unit → limits. */
  readonly limits: Table<Limits>;
  /** Place of a fact → its key → reference ranges that leave. */
  readonly normals: Table<readonly string[]>;
  /** Places whose objects do not leave: resource types, groups of elements. */
  readonly withheld: readonly string[];
}

/** SHA-256 (hex) of a plan in canonical JSON. */
export const hashOf = (json: PlanJson): string => createHash('sha256').update(canonicalJson(json)).digest('hex');

const isFate = (value: unknown): boolean => value === 0 || value === 1 || typeof value === 'string';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(one => typeof one === 'string');
const isLimits = (value: unknown): boolean =>
  isObject(value) &&
  ['low', 'high'].every(side => value[side] === undefined || Number.isFinite(value[side])) &&
  (value['plain'] === undefined || value['plain'] === false) &&
  (value['shared'] === undefined || isTexts(value['shared']));

/** From JSON. @throws PolicyError that names the part, never a code */
export function readPlan(value: unknown): PlanJson {
  if (!isObject(value) || value['version'] !== 1) throw new PolicyError('plan', 'is no plan of version 1');
  const { k, percentiles } = value;
  if (!Number.isInteger(k) || (k as number) < 2) throw new PolicyError('plan.k', 'must be a whole number from 2 on');
  if (!isObject(percentiles) || !['low', 'high'].every(side => Number.isFinite(percentiles[side])))
    throw new PolicyError('plan.percentiles', 'has "low" and "high"');
  for (const [part, is] of [
    ['looks', isFate],
    ['limits', isLimits],
    ['normals', isTexts],
  ] as const) {
    const table = value[part];
    if (!isObject(table) || !Object.values(table).every(keys => isObject(keys) && Object.values(keys).every(is)))
      throw new PolicyError(`plan.${part}`, 'is not what a plan has there');
  }
  if (!isTexts(value['withheld'])) throw new PolicyError('plan.withheld', 'must be a list of places');
  return value as unknown as PlanJson;
}
