/**
 * Expansion: a value set's codes as a list or a tree, filtered, in pages with a true total.
 * R4: https://hl7.org/fhir/R4/valueset-operation-expand.html, https://hl7.org/fhir/R4/valueset.html#expansion
 * @module
 */
import type { ValueSet, ValueSetExpansionContains, ValueSetExpansionParameter } from '@medplum/fhirtypes';
import { Problem } from '../model/outcome.ts';
import { readCanonical, writeCanonical } from './canonical.ts';
import { type CodeSet, type Versions, withImports } from './code-set.ts';
import { designationTest, displayIn, withText, wordsOf } from './display.ts';
import { everyone, type Member, membersOf } from './members.ts';
import { newWork } from './work.ts';

/** Codes of one answer. */
export const mostCodes = 10_000;

/** In the words of the operation's parameters. */
export interface Expansion {
  readonly filter?: string;
  readonly offset?: number;
  readonly count?: number;
  readonly includeDesignations?: boolean;
  readonly designation?: readonly string[];
  readonly includeDefinition?: boolean;
  readonly activeOnly?: boolean;
  readonly excludeNested?: boolean;
  readonly excludeNotForUI?: boolean;
  readonly excludePostCoordinated?: boolean;
  readonly displayLanguage?: string;
  readonly 'exclude-system'?: readonly string[];
  readonly 'system-version'?: readonly string[];
  readonly 'check-system-version'?: readonly string[];
  readonly 'force-system-version'?: readonly string[];
}

/** The parameters that an expansion goes by; the last ones may be given several times. */
const single = [
  'filter',
  'offset',
  'count',
  'includeDesignations',
  'includeDefinition',
  'activeOnly',
  'excludeNested',
  'excludeNotForUI',
  'excludePostCoordinated',
  'displayLanguage',
] as const;
const several = ['designation', 'exclude-system', 'system-version', 'check-system-version', 'force-system-version'] as const;
export const expansionParameters: readonly string[] = [...single, ...several];

/** @param given the values of each parameter, of the types that the operation has for them */
export const expansionIn = (given: ReadonlyMap<string, readonly unknown[]>): Expansion =>
  Object.fromEntries([
    ...single.flatMap(name => (given.has(name) ? [[name, given.get(name)![0]]] : [])),
    ...several.flatMap(name => (given.has(name) ? [[name, given.get(name)]] : [])),
  ]) as Expansion;

/** What of it decides which versions a value set is resolved with; undefined: as the value set says. */
export const versionsOf = (asked: Expansion): Versions | undefined => {
  const versions = {
    otherwise: asked['system-version'] ?? [],
    check: asked['check-system-version'] ?? [],
    force: asked['force-system-version'] ?? [],
  };
  return Object.values(versions).every(list => list.length === 0) ? undefined : versions;
};

/**
 * The value set with its expansion.
 * @param identifier of this expansion
 * @param timestamp when it was made
 * @throws Problem `too-costly` for more codes than one answer holds, if no page is asked for; `not-found` where a system or value set is not here
 */
export function expand(set: CodeSet, asked: Expansion, identifier: string, timestamp: string): ValueSet {
  const work = newWork();
  const all = everyone(membersOf(set, work));
  work.spend(all.length * (1 + wordsOf(asked.filter ?? '').length + (asked['exclude-system']?.length ?? 0)));
  const test = memberTest(asked);
  const named = asked.filter === undefined ? all : withText(all, wordsOf(asked.filter));
  const found = test === undefined ? named : named.filter(test);
  const { offset = 0, count } = asked;
  const isPaged = count !== undefined || offset > 0;
  const most = Math.min(count ?? mostCodes, mostCodes);
  if (!isPaged && found.length > mostCodes)
    throw new Problem('too-costly', `The value set has more than ${mostCodes} such codes: ask for pages (count, offset), or by a filter.`, {
      expression: 'ValueSet.expansion',
    });
  // Pages are of a list; and what a text finds is no tree any more.
  const isTree = !isPaged && asked.filter === undefined && asked.excludeNested !== true;
  const shown = shower(asked);
  work.spend(Math.min(found.length, most) * (asked.designation?.length ?? 0));
  const contains = isTree ? tree(found, shown) : found.slice(offset, offset + most).map(shown);
  const parameter = [...said(asked, most), ...used(set)];
  const { id: _, meta: __, text: ___, compose, expansion: ____, ...head } = set.resource;
  return {
    ...head,
    ...(asked.includeDefinition === true && compose !== undefined ? { compose } : {}),
    expansion: {
      ...(isUnclosed(set) ? { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed', valueBoolean: true }] } : {}),
      identifier,
      timestamp,
      total: found.length,
      ...(isPaged ? { offset } : {}),
      ...(parameter.length > 0 ? { parameter } : {}),
      ...(contains.length > 0 ? { contains } : {}),
    },
  };
}

/** Undefined: everybody. */
function memberTest(asked: Expansion): ((member: Member) => boolean) | undefined {
  const tests: ((member: Member) => boolean)[] = [];
  if (asked.activeOnly === true) tests.push(member => !member.isInactive);
  if (asked.excludeNotForUI === true) tests.push(member => !member.isAbstract);
  const left = (asked['exclude-system'] ?? []).map(readCanonical);
  if (left.length > 0)
    tests.push(({ system, version, known }) =>
      left.every(one => one.url !== system || (one.version !== undefined && one.version !== (version ?? known?.version))),
    );
  return tests.length === 0 ? undefined : member => tests.every(test => test(member));
}

/** How a member is shown. */
function shower(asked: Expansion): (member: Member) => ValueSetExpansionContains {
  const { designation = [], displayLanguage } = asked;
  const isWanted = designation.length > 0 ? designationTest(designation) : asked.includeDesignations === true ? () => true : () => false;
  return member => {
    const display = displayIn(member, displayLanguage, member.known?.language);
    const designations = member.designations.filter(isWanted);
    return {
      system: member.system,
      ...(member.isAbstract ? { abstract: true } : {}),
      ...(member.isInactive ? { inactive: true } : {}),
      ...(member.version === undefined ? {} : { version: member.version }),
      code: member.code,
      ...(display === undefined ? {} : { display }),
      ...(designations.length > 0 ? { designation: designations } : {}),
    };
  };
}

/** Levels of a tree: what is deeper stands beside its parent, so that any reader can take it. */
const mostLevels = 20;

/** Each member below the first of its parents that is a member too. */
function tree(members: readonly Member[], shown: (member: Member) => ValueSetExpansionContains): ValueSetExpansionContains[] {
  const roots: ValueSetExpansionContains[] = [];
  /** Concept → where it stands, what stands below it, and how deep that is. */
  const placed = new Map<
    object,
    { readonly beside: ValueSetExpansionContains[]; readonly entry: ValueSetExpansionContains; readonly level: number }
  >();
  for (const member of members) {
    const entry = shown(member);
    const concept = member.isListed ? undefined : member.concept;
    // Only below one that has its own place already: a ring of parents hangs in the air.
    const parent = concept?.parents.map(one => placed.get(one)).find(one => one !== undefined);
    const isDeeper = parent !== undefined && parent.level < mostLevels;
    const beside = parent === undefined ? roots : isDeeper ? (parent.entry.contains ??= []) : parent.beside;
    beside.push(entry);
    placed.set(concept ?? member, { beside, entry, level: parent === undefined ? 1 : parent.level + (isDeeper ? 1 : 0) });
  }
  return roots;
}

/** A system that is not all here may have more codes that belong to it. */
const isUnclosed = (set: CodeSet): boolean =>
  [...withImports(set)].some(({ include }) =>
    include.some(({ listed, known }) => listed === undefined && known !== undefined && known.content !== 'complete'),
  );

const choices: Readonly<Record<string, string>> = { string: 'valueString', number: 'valueInteger', boolean: 'valueBoolean' };
const uris: ReadonlySet<string> = new Set(['exclude-system', 'system-version', 'check-system-version', 'force-system-version']);

/** What was asked for, as far as it changes the answer. */
function said(asked: Expansion, most: number): ValueSetExpansionParameter[] {
  return Object.entries(asked).flatMap(([name, value]) =>
    [value].flat().map((one): ValueSetExpansionParameter => {
      const choice = uris.has(name) ? 'valueUri' : name === 'displayLanguage' ? 'valueCode' : choices[typeof one]!;
      return { name, [choice]: name === 'count' ? most : one };
    }),
  );
}

/** Code systems that were looked into, with their versions. */
function used(set: CodeSet): ValueSetExpansionParameter[] {
  const known = [...withImports(set)].flatMap(({ include, exclude }) => [...include, ...exclude].flatMap(part => part.known ?? []));
  const versions = known.flatMap(({ url, version }) => (version === undefined ? [] : [writeCanonical(url, version)]));
  return [...new Set(versions)].map(valueUri => ({ name: 'version', valueUri }));
}
