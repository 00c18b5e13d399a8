/**
 * Where code systems, value sets and concept maps come from: what was stored, the specification's own, or a list of resources.
 * R4: https://hl7.org/fhir/R4/terminology-module.html
 * @module
 */
import type { CodeSystem, ConceptMap, ValueSet } from '@medplum/fhirtypes';
import type { AnyResource } from '../model/r4.ts';
import { chosen, readCanonical } from './canonical.ts';

export interface Kinds {
  readonly CodeSystem: CodeSystem;
  readonly ValueSet: ValueSet;
  readonly ConceptMap: ConceptMap;
}
export type Kind = keyof Kinds;

/** A resource that is here; opened when it is needed. */
export interface Found<One = AnyResource> {
  /** Names this content and no other, for as long as the server runs; '' for what is not kept. */
  readonly key: string;
  readonly open: () => One;
}

export interface Source {
  /** @param canonical with or without `|version` */
  find<K extends Kind>(kind: K, canonical: string): Promise<Found<Kinds[K]> | undefined>;
  /** The code system of which this is the value set of all codes (CodeSystem.valueSet). */
  ofAll(valueSet: string): Promise<Found<CodeSystem> | undefined>;
  /** Supplements of a system, of whichever version. */
  supplements(system: string): Promise<readonly Found<CodeSystem>[]>;
  /** Concept maps with a group from this system; or to it. */
  maps(side: 'source' | 'target', system: string): Promise<readonly Found<ConceptMap>[]>;
}

/** What a source must know of a resource without opening it. */
export interface Listed {
  readonly kind: Kind;
  readonly url: string;
  readonly version?: string;
  readonly status?: string;
  /** CodeSystem.valueSet. */
  readonly valueSet?: string;
  /** URL of the system that a CodeSystem supplements. */
  readonly supplements?: string;
  /** Systems of a ConceptMap's groups. */
  readonly sources?: readonly string[];
  readonly targets?: readonly string[];
  readonly found: Found<never>;
}

/** The entry of a resource in such a list. @param open default: the resource itself */
export function listed(resource: CodeSystem | ValueSet | ConceptMap, key: string, open: () => unknown = () => resource): Listed {
  const { resourceType: kind, url = '', version, status } = resource;
  const groups = resource.resourceType === 'ConceptMap' ? (resource.group ?? []) : [];
  return {
    kind,
    url,
    ...(version === undefined ? {} : { version }),
    ...(status === undefined ? {} : { status }),
    ...(resource.resourceType === 'CodeSystem' && resource.valueSet !== undefined ? { valueSet: resource.valueSet } : {}),
    ...(resource.resourceType === 'CodeSystem' && resource.supplements !== undefined
      ? { supplements: readCanonical(resource.supplements).url }
      : {}),
    ...(kind === 'ConceptMap'
      ? { sources: groups.flatMap(one => one.source ?? []), targets: groups.flatMap(one => one.target ?? []) }
      : {}),
    found: { key, open } as Found<never>,
  };
}

/** A source that is a list. */
export function sourceOf(list: readonly Listed[]): Source {
  const byUrl = Map.groupBy(list, ({ kind, url }) => `${kind} ${url}`);
  const byValueSet = Map.groupBy(list, ({ valueSet }) => valueSet);
  const bySystem = Map.groupBy(list, ({ supplements }) => supplements);
  const maps = list.filter(({ kind }) => kind === 'ConceptMap');
  return {
    async find(kind, canonical) {
      const { url, version } = readCanonical(canonical);
      return chosen(byUrl.get(`${kind} ${url}`) ?? [], version)?.found;
    },
    async ofAll(valueSet) {
      return chosen(byValueSet.get(valueSet) ?? [], undefined)?.found;
    },
    async supplements(system) {
      return (bySystem.get(system) ?? []).map(one => one.found);
    },
    async maps(side, system) {
      return maps.filter(one => (side === 'source' ? one.sources : one.targets)?.includes(system)).map(one => one.found);
    },
  };
}

/** Several sources as one: the first that knows a resource is asked for it; of supplements and concept maps all. */
export const inOrder = (...sources: readonly Source[]): Source => ({
  async find(kind, canonical) {
    for (const source of sources) {
      const found = await source.find(kind, canonical);
      if (found) return found;
    }
    return undefined;
  },
  async ofAll(valueSet) {
    for (const source of sources) {
      const found = await source.ofAll(valueSet);
      if (found) return found;
    }
    return undefined;
  },
  async supplements(system) {
    return (await Promise.all(sources.map(source => source.supplements(system)))).flat();
  },
  async maps(side, system) {
    return (await Promise.all(sources.map(source => source.maps(side, system)))).flat();
  },
});
