/**
 * A ValueSet with everything that it speaks of at hand: systems compiled, imported value sets resolved. What is missing is noted where it is missing: whether
 * that matters depends on the question.
 * R4: https://hl7.org/fhir/R4/valueset.html#compositions
 * @module
 */
import type { CodeSystem, ValueSet, ValueSetComposeInclude, ValueSetComposeIncludeConcept } from '@medplum/fhirtypes';
import { Problem } from '../model/outcome.ts';
import { readCanonical, writeCanonical } from './canonical.ts';
import type { System } from './code-system.ts';
import { type ConceptTest, filterTest } from './filter.ts';
import type { Found, Kind } from './source.ts';
import { newWork } from './work.ts';

/** One include or exclude: what all of its conditions leave. */
export interface Part {
  /** Absent: the value sets alone say which codes. */
  readonly system?: string;
  /** Stated by the value set, or by who asks. */
  readonly version?: string;
  /** Absent: not known here. */
  readonly known?: System;
  /** The concepts that are listed; absent: not by a list. */
  readonly listed?: ReadonlyMap<string, ValueSetComposeIncludeConcept>;
  readonly tests: readonly ConceptTest[];
  readonly sets: readonly CodeSet[];
  /** Why it cannot be said which codes these are, all of them. */
  readonly gap?: Problem;
}

/** Something that a value set was resolved from. */
export interface Seen {
  readonly kind: Exclude<Kind, 'ConceptMap'>;
  readonly canonical: string;
  /** Undefined: it was not there. */
  readonly key: string | undefined;
}

export interface CodeSet {
  readonly resource: ValueSet;
  readonly include: readonly Part[];
  readonly exclude: readonly Part[];
  readonly seen: readonly Seen[];
}

/** What a value set is resolved with. */
export interface Known {
  readonly system: (canonical: string) => Promise<Found<CodeSystem> | undefined>;
  readonly valueSet: (canonical: string) => Promise<Found<ValueSet> | undefined>;
  readonly compiled: (found: Found<CodeSystem>) => System;
}

/** Versions of code systems that who asks wants. R4: https://hl7.org/fhir/R4/valueset-operation-expand.html */
export interface Versions {
  /** Where the value set names none. */
  readonly otherwise: readonly string[];
  /** The value set may name no other. */
  readonly check: readonly string[];
  /** Whatever the value set names. */
  readonly force: readonly string[];
}

/** A value set and all that it leads to, each once. */
export function withImports(set: CodeSet): ReadonlySet<CodeSet> {
  const found = new Set([set]);
  // A set gives what is added to it while it is gone through.
  for (const one of found) for (const part of [...one.include, ...one.exclude]) for (const next of part.sets) found.add(next);
  return found;
}

/** Steps of looking for a resource. */
const lookUp = 100;

/** Value sets that one may lead to, itself included. */
const mostSets = 500;

/**
 * @param versions absent: as the value set says
 * @throws Problem `too-costly` for imports that lead back or to too many, and for too much to look at; `business-rule` for a version that was to be checked and is another
 */
export async function resolve(found: Found<ValueSet>, known: Known, versions?: Versions): Promise<CodeSet> {
  const work = newWork();
  const seen: Seen[] = [];
  /** What a canonical stands for is asked once. */
  const systems = new Map<string, System | undefined>();
  const sets = new Map<string, Found<ValueSet> | undefined>();
  const done = new Map<string, CodeSet>();
  const open = new Set<string>();

  async function setOf({ key, open: read }: Found<ValueSet>): Promise<CodeSet> {
    const before = done.get(key);
    if (before) return before;
    if (open.has(key)) throw new Problem('too-costly', 'A value set imports itself.', { expression: 'ValueSet.compose.include.valueSet' });
    if (open.size + done.size >= mostSets)
      throw new Problem('too-costly', `A value set may lead to ${mostSets} others.`, { expression: 'ValueSet.compose.include.valueSet' });
    open.add(key);
    const resource = read();
    const set: CodeSet = {
      resource,
      include: await parts(resource.compose?.include ?? [], 'include'),
      exclude: await parts(resource.compose?.exclude ?? [], 'exclude'),
      seen,
    };
    open.delete(key);
    done.set(key, set);
    return set;
  }

  async function parts(list: readonly ValueSetComposeInclude[], element: 'include' | 'exclude'): Promise<Part[]> {
    const found: Part[] = [];
    for (const [index, one] of list.entries()) found.push(await part(one, `ValueSet.compose.${element}[${index}]`));
    return found;
  }

  async function part(one: ValueSetComposeInclude, place: string): Promise<Part> {
    const { concept, filter = [], valueSet = [] } = one;
    work.spend(10 + (concept?.length ?? 0) + filter.length + valueSet.length);
    // Some write the version into the system.
    const named = one.system === undefined ? undefined : readCanonical(one.system);
    const system = named?.url;
    const version = system === undefined ? undefined : wanted(system, one.version ?? named?.version, place);
    const table = system === undefined ? undefined : await systemOf(writeCanonical(system, version));
    let gap: Problem | undefined;
    const isMissing = table === undefined || (table.content === 'not-present' && table.concepts.length === 0);
    if (system !== undefined && isMissing && concept === undefined)
      gap = new Problem('not-found', 'The value set needs a code system that is not here.', { expression: `${place}.system` });
    const tests: ConceptTest[] = [];
    if (gap === undefined && table !== undefined)
      for (const [index, one] of filter.entries()) {
        try {
          tests.push(filterTest(table, one, `${place}.filter[${index}]`, work));
        } catch (error) {
          if (!(error instanceof Problem) || error.kind === 'too-costly') throw error;
          gap ??= error;
        }
      }
    const imported: CodeSet[] = [];
    for (const [index, canonical] of valueSet.entries()) {
      const set = await valueSetOf(canonical);
      if (set) imported.push(await setOf(set));
      else gap ??= new Problem('not-found', 'The value set imports one that is not here.', { expression: `${place}.valueSet[${index}]` });
    }
    return {
      ...(system === undefined ? {} : { system }),
      ...(version === undefined ? {} : { version }),
      ...(table === undefined ? {} : { known: table }),
      ...(concept === undefined ? {} : { listed: new Map(concept.map(one => [table?.find(one.code!)?.code ?? one.code!, one])) }),
      tests,
      sets: imported,
      ...(gap === undefined ? {} : { gap }),
    };
  }

  async function systemOf(canonical: string): Promise<System | undefined> {
    if (!systems.has(canonical)) {
      work.spend(lookUp);
      const found = await known.system(canonical);
      seen.push({ kind: 'CodeSystem', canonical, key: found?.key });
      systems.set(canonical, found && known.compiled(found));
    }
    return systems.get(canonical);
  }

  async function valueSetOf(canonical: string): Promise<Found<ValueSet> | undefined> {
    if (!sets.has(canonical)) {
      work.spend(lookUp);
      const found = await known.valueSet(canonical);
      seen.push({ kind: 'ValueSet', canonical, key: found?.key });
      sets.set(canonical, found);
    }
    return sets.get(canonical);
  }

  function wanted(system: string, stated: string | undefined, place: string): string | undefined {
    const named = (list: readonly string[]) => list.map(readCanonical).find(one => one.url === system)?.version;
    const checked = named(versions?.check ?? []);
    const forced = named(versions?.force ?? []);
    if (forced === undefined && checked !== undefined && stated !== undefined && stated !== checked)
      throw new Problem('business-rule', 'The value set names another version of a code system than the one to be checked.', {
        expression: `${place}.version`,
      });
    return forced ?? stated ?? checked ?? named(versions?.otherwise ?? []);
  }

  return await setOf(found);
}
