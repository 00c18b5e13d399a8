/**
 * Current versions of stored definitions, found by conditions: what profiles and terminology are read from.
 * R4: https://hl7.org/fhir/R4/extensibility.html#modifierExtension
 * @module
 */
import type { Access } from '../model/access.ts';
import type { Version } from '../model/exchange.ts';
import { type Predicate, searchFor } from '../search/query.ts';
import type { Store } from './store.ts';

/**
 * Whether a definition means what its elements say: it has no modifier extension anywhere and no implicit rules, none of which this server knows. What has one is
 * stored, found and read; acting by it would be acting by half of it.
 */
export const isUnderstood = (json: Pick<Buffer, 'includes'> | string): boolean =>
  !json.includes('"modifierExtension":') && !json.includes('"implicitRules":');

/** @param most more are not looked at */
export async function storedWhere(
  store: Store,
  access: Access,
  type: string,
  where: readonly Predicate[],
  most: number,
): Promise<Version[]> {
  const ids = await store.match(access, searchFor(type, where, most), most);
  if (ids.length === 0) return [];
  const found = await store.referred(
    access,
    ids.map(id => `${type}/${id}`),
  );
  return found.filter(({ deleted, bytes }) => !deleted && isUnderstood(bytes));
}
