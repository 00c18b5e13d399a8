/**
 * Which codes a value set has: all of them in their order, or whether one is among them. The second may be known where the first is not.
 * R4: https://hl7.org/fhir/R4/valueset.html#compositions, https://hl7.org/fhir/R4/valueset.html#expansion
 * @module
 */
import type { CodeSystemConceptDesignation, ValueSetExpansionContains } from '@medplum/fhirtypes';
import { Problem } from '../model/outcome.ts';
import { type CodeSet, type Part, withImports } from './code-set.ts';
import type { Concept, System } from './code-system.ts';
import type { Work } from './work.ts';

export interface Member {
  readonly system: string;
  /** Stated by the value set. */
  readonly version?: string;
  readonly code: string;
  /** As the value set has it, before the code system's. */
  readonly display?: string;
  readonly designations: readonly CodeSystemConceptDesignation[];
  readonly isAbstract: boolean;
  readonly isInactive: boolean;
  /** Its concept and system, where they are known. */
  readonly concept?: Concept;
  readonly known?: System;
  /** Chosen one by one: it stands where the value set has it, and not under its parent. */
  readonly isListed: boolean;
}

/** System → code → member, in the order of the value set. */
export type Members = ReadonlyMap<string, ReadonlyMap<string, Member>>;

/** How many members a value set and those that it imports can have between them. */
export const weightOf = (set: CodeSet): number =>
  [...withImports(set)]
    .flatMap(({ include, exclude }) => [...include, ...exclude])
    .reduce((sum, { listed, known }) => sum + (listed?.size ?? known?.concepts.length ?? 0), 10);

type Growing = Map<string, Map<string, Member>>;

const has = (members: Members, { system, code }: Member): boolean => members.get(system)?.has(code) === true;

function put(members: Growing, member: Member): void {
  let codes = members.get(member.system);
  if (codes === undefined) members.set(member.system, (codes = new Map()));
  if (!codes.has(member.code)) codes.set(member.code, member);
}

/**
 * Everything in the value set.
 * @throws Problem `not-found` or `business-rule` where that cannot be said, `too-costly`
 */
export function membersOf(set: CodeSet, work: Work): Members {
  let members = known.get(set);
  if (members === undefined) known.set(set, (members = evaluated(set, work)));
  return members;
}

/** Worked out once for as long as the value set is kept. */
const known = new WeakMap<CodeSet, Members>();

function evaluated(set: CodeSet, work: Work): Members {
  const { resource } = set;
  try {
    if (set.include.length === 0)
      throw new Problem('business-rule', 'The value set does not say which codes it has.', { expression: 'ValueSet.compose' });
    const members: Growing = new Map();
    for (const part of set.include)
      for (const member of membersOfPart(part, work)) if (resource.compose?.inactive !== false || !member.isInactive) put(members, member);
    for (const part of set.exclude) for (const member of membersOfPart(part, work)) members.get(member.system)?.delete(member.code);
    return members;
  } catch (error) {
    // Somebody who knew the systems has said what is in it.
    const stored = error instanceof Problem && error.kind !== 'too-costly' ? expansionOf(set) : undefined;
    if (stored === undefined) throw error;
    return stored;
  }
}

function membersOfPart(part: Part, work: Work): Iterable<Member> {
  if (part.gap) throw part.gap;
  const [first, ...rest] = part.sets.map(set => membersOf(set, work));
  if (part.system === undefined) {
    if (first === undefined) return [];
    return everyone(first).filter(member => {
      work.spend(1);
      return rest.every(other => has(other, member));
    });
  }
  const among = (member: Member) => (first === undefined || has(first, member)) && rest.every(other => has(other, member));
  return (part.listed ? listedIn(part, work) : conceptsIn(part, work)).filter(among);
}

const lists = new WeakMap<Members, readonly Member[]>();

/** All of a value set, one after the other: the same list each time. */
export function everyone(members: Members): readonly Member[] {
  let list = lists.get(members);
  if (list === undefined) lists.set(members, (list = [...members.values()].flatMap(codes => [...codes.values()])));
  return list;
}

function conceptsIn(part: Part, work: Work): Member[] {
  const found: Member[] = [];
  for (const concept of part.known!.concepts) {
    work.spend(1);
    if (part.tests.every(test => test(concept, work))) found.push(memberOf(part, concept.code, concept));
  }
  return found;
}

function listedIn(part: Part, work: Work): Member[] {
  const found: Member[] = [];
  for (const [code] of part.listed!) {
    work.spend(1);
    const concept = part.known?.find(code);
    // A complete system knows all of its codes: this is none.
    if (concept === undefined && part.known?.content === 'complete') continue;
    found.push(memberOf(part, code, concept));
  }
  return found;
}

function memberOf({ system, version, known, listed }: Part, code: string, concept: Concept | undefined): Member {
  const own = listed?.get(code);
  const display = own?.display ?? concept?.display;
  const designations = own?.designation ? [...own.designation, ...(concept?.designations ?? [])] : (concept?.designations ?? []);
  return {
    system: system!,
    ...(version === undefined ? {} : { version }),
    code,
    ...(display === undefined ? {} : { display }),
    designations,
    isAbstract: concept?.isAbstract ?? false,
    isInactive: concept?.isInactive ?? false,
    ...(concept === undefined ? {} : { concept }),
    ...(known === undefined ? {} : { known }),
    isListed: listed !== undefined,
  };
}

/** The expansion that the resource has; undefined: none, or a part of one. */
function expansionOf({ resource: { expansion } }: CodeSet): Members | undefined {
  if (expansion === undefined || (expansion.offset ?? 0) > 0) return undefined;
  const members: Growing = new Map();
  let count = 0;
  const add = (list: readonly ValueSetExpansionContains[]): void => {
    for (const { system, version, code, display, designation = [], abstract, inactive, contains = [] } of list) {
      count++;
      if (system !== undefined && code !== undefined)
        put(members, {
          system,
          ...(version === undefined ? {} : { version }),
          code,
          ...(display === undefined ? {} : { display }),
          designations: designation,
          isAbstract: abstract === true,
          isInactive: inactive === true,
          isListed: true,
        });
      add(contains);
    }
  };
  add(expansion.contains ?? []);
  return expansion.total !== undefined && expansion.total > count ? undefined : members;
}

/**
 * Whether a code is in the value set: its member; false; or undefined: that cannot be said here.
 * @param system undefined: of whatever system of the value set
 * @throws Problem `too-costly`
 */
export function find(set: CodeSet, system: string | undefined, code: string, work: Work): Member | false | undefined {
  const included = first(set.include, part => findIn(part, system, code, work));
  if (included === undefined || set.include.length === 0) {
    const stored = expansionOf(set);
    if (stored === undefined) return undefined;
    return everyone(stored).find(one => one.code === code && (system === undefined || one.system === system)) ?? false;
  }
  if (included === false || (set.resource.compose?.inactive === false && included.isInactive)) return false;
  const excluded = first(set.exclude, part => findIn(part, included.system, included.code, work));
  return excluded === undefined ? undefined : excluded === false ? included : false;
}

/** The first answer that is a member; else undefined if one is, else false. */
function first(parts: readonly Part[], ask: (part: Part) => Member | false | undefined): Member | false | undefined {
  let answer: false | undefined = false;
  for (const part of parts) {
    const found = ask(part);
    if (found) return found;
    if (found === undefined) answer = undefined;
  }
  return answer;
}

function findIn(part: Part, system: string | undefined, code: string, work: Work): Member | false | undefined {
  work.spend(1);
  let member: Member | undefined;
  let isSure = part.gap === undefined;
  if (part.system !== undefined) {
    if (system !== undefined && system !== part.system) return false;
    const own = ownIn(part, code, work);
    if (own === false) return false;
    if (own === undefined) isSure = false;
    else member = own;
  }
  for (const set of part.sets) {
    const found = find(set, member?.system ?? part.system ?? system, member?.code ?? code, work);
    if (found === false) return false;
    if (found === undefined) isSure = false;
    else member ??= found;
  }
  return isSure ? (member ?? false) : undefined;
}

/** What the system, the list and the filters say, without the value sets. */
function ownIn(part: Part, code: string, work: Work): Member | false | undefined {
  const { known, listed, tests } = part;
  const concept = known?.find(code);
  if (listed) {
    const real = concept?.code ?? code;
    if (!listed.has(real)) return false;
    return concept === undefined && known?.content === 'complete' ? false : memberOf(part, real, concept);
  }
  if (known === undefined) return undefined;
  if (concept === undefined) return known.content === 'complete' ? false : undefined;
  if (part.gap !== undefined) return undefined;
  return tests.every(test => test(concept, work)) ? memberOf(part, concept.code, concept) : false;
}
