/**
 * What is known of terminology through one source: code systems compiled, value sets resolved, each once for the same content, whoever asks.
 * R4: https://hl7.org/fhir/R4/terminology-service.html
 * @module
 */
import type { CodeSystem, ConceptMap, ValueSet } from '@medplum/fhirtypes';
import { readCanonical, writeCanonical } from './canonical.ts';
import { type CodeSet, resolve, type Seen, type Versions } from './code-set.ts';
import { compileSystem, type System } from './code-system.ts';
import { type CompiledMap, compileMap } from './concept-map.ts';
import { Kept } from './kept.ts';
import { weightOf } from './members.ts';
import type { Found, Source } from './source.ts';
import { isFor, supplemented } from './supplement.ts';

/** Compiled things, shared by everybody: they are found by the key of their content, and only who may know of the content learns its key. */
export interface Compiled {
  readonly systems: Kept<System>;
  /** Of supplements: for which versions of their system they are. */
  readonly supplementFor: Kept<(version: string | undefined) => boolean>;
  readonly maps: Kept<CompiledMap>;
  /** By the key of the value set: what it was resolved to, and from what. */
  readonly sets: Kept<CodeSet>;
}

/** Concepts and elements that are kept compiled, about 0.5 kB each. */
const mostKept = 400_000;

export const newCompiled = (): Compiled => ({
  systems: new Kept(mostKept),
  supplementFor: new Kept(10_000),
  maps: new Kept(mostKept),
  sets: new Kept(mostKept),
});

export interface Knowledge {
  readonly source: Source;
  system(canonical: string): Promise<System | undefined>;
  /** With the names that supplements give it. */
  compiled(found: Found<CodeSystem>): Promise<System>;
  /** As it is defined; implicit ones too. */
  valueSet(canonical: string): Promise<Found<ValueSet> | undefined>;
  /**
   * @param versions absent: as the value set says
   * @throws Problem `too-costly` for a value set that imports itself, or too many others
   */
  resolve(found: Found<ValueSet>, versions?: Versions): Promise<CodeSet>;
  map(found: Found<ConceptMap>): CompiledMap;
}

/** Keeps no more of a supplement than what the question needs. */
function headOf({ concept: _, ...head }: CodeSystem): (version: string | undefined) => boolean {
  return version => isFor(head, version);
}

/** `?fhir_vs`, `?fhir_vs=isa/[code]`: all of a system, or what is below a concept. */
const implicit = /^([^?]+)\?fhir_vs(?:=isa\/(.+))?$/;

export function createKnowledge(source: Source, { systems, supplementFor, maps, sets }: Compiled = newCompiled()): Knowledge {
  const plain = (found: Found<CodeSystem>): System =>
    systems.get(found.key, () => {
      const system = compileSystem(found.open());
      return [system, system.concepts.length];
    });

  /** The code system with its supplements, as one content under one key. */
  async function whole(found: Found<CodeSystem>): Promise<Found<CodeSystem>> {
    if (found.key === '') return found;
    const { url, version } = plain(found);
    const supplements = (await source.supplements(url)).filter(one => supplementFor.get(one.key, () => [headOf(one.open()), 1])(version));
    if (supplements.length === 0) return found;
    return {
      key: [found, ...supplements].map(one => one.key).join('+'),
      open: () =>
        supplemented(
          found.open(),
          supplements.map(one => one.open()),
        ),
    };
  }

  async function systemOf(canonical: string): Promise<Found<CodeSystem> | undefined> {
    const found = await source.find('CodeSystem', canonical);
    return found && (await whole(found));
  }

  async function valueSet(canonical: string): Promise<Found<ValueSet> | undefined> {
    const found = await source.find('ValueSet', canonical);
    if (found) return found;
    const { url, version } = readCanonical(canonical);
    const [, base, code] = implicit.exec(url) ?? [];
    const all = base === undefined ? await source.ofAll(url) : await source.find('CodeSystem', writeCanonical(base, version));
    // It has the version of its system.
    if (!all || (version !== undefined && plain(all).version !== version)) return undefined;
    return { key: `${all.key}?${url}`, open: () => allOf(plain(all), url, code) };
  }

  /** Whether everything that a value set was resolved from is still what this source gives. */
  async function isAsSeen(seen: readonly Seen[]): Promise<boolean> {
    for (const { kind, canonical, key } of seen) {
      const found = kind === 'ValueSet' ? await valueSet(canonical) : await systemOf(canonical);
      if (found?.key !== key) return false;
    }
    return true;
  }
  return {
    source,
    async system(canonical) {
      const found = await systemOf(canonical);
      return found && plain(found);
    },
    compiled: async found => plain(await whole(found)),
    valueSet,
    map: found =>
      maps.get(found.key, () => {
        const map = compileMap(found.open());
        return [map, map.size];
      }),
    async resolve(found, versions) {
      const known = { system: systemOf, valueSet, compiled: plain };
      if (versions !== undefined || found.key === '') return await resolve(found, known, versions);
      const kept = sets.find(found.key);
      if (kept !== undefined && (await isAsSeen(kept.seen))) return kept;
      const set = await resolve(found, known);
      sets.put(found.key, set, weightOf(set));
      return set;
    },
  };
}

/** The value set of everything in a system, or of what is below one of its concepts. */
const allOf = ({ url: system, version, name }: System, url: string, code: string | undefined): ValueSet => ({
  resourceType: 'ValueSet',
  url,
  ...(version === undefined ? {} : { version }),
  title: name,
  status: 'active',
  compose: {
    include: [
      {
        system,
        ...(version === undefined ? {} : { version }),
        ...(code === undefined ? {} : { filter: [{ property: 'concept', op: 'is-a', value: code }] }),
      },
    ],
  },
});
