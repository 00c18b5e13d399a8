/**
 * Stored code systems, value sets and concept maps as a source of terminology: what an Access may know of, before the specification's own.
 * R4: https://hl7.org/fhir/R4/terminology-module.html
 * @module
 */
import type { CodeSystem } from '@medplum/fhirtypes';
import { type Access, askedFor } from '../model/access.ts';
import type { Version } from '../model/exchange.ts';
import { parseJson } from '../model/json.ts';
import type { Predicate } from '../search/query.ts';
import { chosen, readCanonical } from '../terminology/canonical.ts';
import { specification } from '../terminology/definitions.ts';
import { Kept } from '../terminology/kept.ts';
import { type Compiled, createKnowledge, type Knowledge } from '../terminology/knowledge.ts';
import { type Found, inOrder, type Kind, type Kinds, type Source } from '../terminology/source.ts';
import type { Store } from './store.ts';
import { storedWhere } from './stored.ts';

/** Resources that have one canonical, or are looked through. */
const most = 1000;

/** A stored version, opened when it is needed. */
export const foundIn = <K extends Kind>(version: Version): Found<Kinds[K]> => ({
  key: `${version.type}/${version.id}/${version.versionId}/${version.lastUpdated}`,
  open: () => parseJson(version.bytes, { maxDepth: Number.POSITIVE_INFINITY }) as unknown as Kinds[K],
});

/** CodeSystem.valueSet of stored versions, by key; '' for none. */
const valueSets = new Kept<string>(10_000);

function storedSource(store: Store, whole: Access): Source {
  const versions = (type: Kind, ...where: readonly Predicate[]): Promise<Version[]> =>
    storedWhere(store, askedFor(whole, 's', type), type, where, most);
  return {
    async find(kind, canonical) {
      const { url, version } = readCanonical(canonical);
      const found = await versions(
        kind,
        { kind: 'uri', code: 'url', values: [url], match: 'exact' },
        ...(version === undefined ? [] : [{ kind: 'token', code: 'version', values: [{ code: version }], not: false } as const]),
      );
      if (found.length < 2) return found[0] && foundIn(found[0]);
      const candidates = found
        .sort((a, b) => a.lastUpdated - b.lastUpdated)
        .map(one => {
          const { open, key } = foundIn<typeof kind>(one);
          const { version, status } = open();
          return { key, open, ...(version === undefined ? {} : { version }), ...(status === undefined ? {} : { status }) };
        });
      return chosen(candidates, version);
    },
    async ofAll(valueSet) {
      for (const version of await versions('CodeSystem')) {
        const found: Found<CodeSystem> = foundIn<'CodeSystem'>(version);
        if (valueSets.get(found.key, () => [found.open().valueSet ?? '', 1]) === valueSet) return found;
      }
      return undefined;
    },
    async supplements(system) {
      // A search by a canonical finds its versions too.
      const by = { kind: 'reference', code: 'supplements', values: [{ reference: system }], targets: ['CodeSystem'] } as const;
      return (await versions('CodeSystem', by)).map(foundIn<'CodeSystem'>);
    },
    async maps(side, system) {
      return (await versions('ConceptMap', { kind: 'uri', code: `${side}-system`, values: [system], match: 'exact' })).map(
        foundIn<'ConceptMap'>,
      );
    },
  };
}

/** What is known to somebody: what is stored, as far as he may know of it, and what the specification defines. */
export const knowledgeIn = (store: Store, access: Access, compiled: Compiled): Knowledge =>
  createKnowledge(inOrder(storedSource(store, access), specification()), compiled);
