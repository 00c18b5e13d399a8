/**
 * A coding some steps up its hierarchy: what leaves is the ancestor's system and code, nothing of the coding itself.
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import { ancestors, type HierarchyOf } from './hierarchy.ts';

export interface Upwards {
  /** How many steps up, 1 unless told; beyond the root: the root. */
  readonly steps?: number;
  /** Instead of steps: the form of the codes that are coarse enough (`^[A-Z]\d\d$`); the first from the code on, itself included, that has it. */
  readonly until?: RegExp;
}

/** The Coding as it leaves; undefined: it has no ancestor there, and so does not leave. */
export function generalizeCode(coding: unknown, of: HierarchyOf, { steps = 1, until }: Upwards = {}): Json | undefined {
  if (!isObject(coding)) return undefined;
  const { system, code } = coding;
  if (typeof system !== 'string' || typeof code !== 'string') return undefined;
  const above = ancestors(of, { system, code });
  const met =
    until === undefined ? above[Math.min(steps, above.length) - 1] : [{ system, code }, ...above].find(one => until.test(one.code));
  return met === undefined ? undefined : { system: met.system, code: met.code };
}
