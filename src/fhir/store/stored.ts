/**
 * Current versions of stored definitions, found by conditions: what profiles and terminology are read from.
 * @module
 */
import type { Access } from '../model/access.ts';
import type { Version } from '../model/exchange.ts';
import { type Predicate, searchFor } from '../search/query.ts';
import type { Store } from './store.ts';

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
  return found.filter(version => !version.deleted);
}
