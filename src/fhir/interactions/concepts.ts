/**
 * The terminology of a search: value sets are named by their canonical URL, or by where they are stored here.
 * R4: https://hl7.org/fhir/R4/search.html#token (`:in`: "The reference may be literal … or logical")
 * @module
 */

import type { AnyResource } from '../model/r4.ts';
import { literal } from '../model/reference.ts';
import type { Concepts } from '../search/concepts.ts';
import type { Context } from './interaction.ts';

/** As far as the caller may know of it; undefined: this server has none. */
export function conceptsOf({ terminology, access, store, baseUrl }: Context): Concepts | undefined {
  const known = terminology?.(access);
  if (!known) return undefined;
  return {
    ...known,
    async codesIn(valueSet) {
      const stored = literal(valueSet, baseUrl);
      if (stored?.type !== 'ValueSet') return await known.codesIn(valueSet);
      const version = await store.read(access, 'ValueSet', stored.id);
      if (!version || version.deleted) return undefined;
      const { url, version: business } = JSON.parse(version.bytes.toString()) as AnyResource;
      if (typeof url !== 'string') return undefined;
      return await known.codesIn(typeof business === 'string' ? `${url}|${business}` : url);
    },
  };
}
