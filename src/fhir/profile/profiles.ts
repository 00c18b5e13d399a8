/**
 * Resources against the profiles that they name or that are asked for; and StructureDefinitions that are to be stored, whether they can be used.
 * All work on one resource has a deadline: what a profile says was written by somebody.
 * R4: https://hl7.org/fhir/R4/profiling.html, https://hl7.org/fhir/R4/resource.html#Meta.profile
 * @module
 */
import { withDeadline } from '../model/deadline.ts';
import { type Finding, Problem } from '../model/outcome.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import { budget } from './budget.ts';
import { codingsOf, isInOwn } from './coded.ts';
import { type Bound, Conformance } from './conformance.ts';
import { claimed, extensionsIn, isAbsolute, isSmall, resourcesIn } from './inside.ts';
import { resourceItem } from './items.ts';
import { Library, type Source } from './library.ts';
import { definitionFindings, once } from './usable.ts';

/** What profiles ask of terminology; structurally `fhir/terminology`'s Terminology. */
export interface Codes {
  /** Every code of a value set; undefined: not known here. Throws Problem too-costly. */
  codesIn(valueSet: string): Promise<ReadonlyMap<string, ReadonlySet<string>> | undefined>;
  /** Whether a coding is in a value set; undefined: cannot be said here. */
  validateCode(valueSet: string, coding: { system?: string; code: string; display?: string }): Promise<boolean | undefined>;
}

export interface ProfileParts {
  readonly source: Source;
  /** Without it, value sets that the specification lists for required bindings are all that is known. */
  readonly terminology?: Codes;
  /** Milliseconds. */
  readonly now: () => number;
  readonly baseUrl?: string;
}

export interface Profiles {
  /** Whether a resource, or one inside it, names a profile, or is a definition itself: only then there is anything to wait for. */
  readonly concerns: (resource: AnyResource) => boolean;
  /** What is wrong with a resource by the profiles that it and those inside it name, and by those asked for. Warnings are among it. */
  readonly check: (resource: AnyResource, asked?: readonly string[]) => Promise<readonly Finding[]>;
  /** Why a StructureDefinition cannot be used. @param beside others that come with it */
  readonly checkDefinition: (resource: AnyResource, beside?: readonly AnyResource[]) => Promise<readonly Finding[]>;
  /** A StructureDefinition was stored or deleted. */
  readonly changed: () => void;
}

/** For one resource, and more for each one inside it; a quarter of one is what it takes as a rule. */
const resourceMs = 500;
const innerMs = 2;
const mostBound = 5_000;
/** Profiles that a resource, with all inside it, may name. */
const mostNamed = 500;

export function createProfiles({ source, terminology, now, baseUrl }: ProfileParts): Profiles {
  const library = new Library(source, now);

  async function codesFor(valueSets: ReadonlySet<string>): Promise<ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>> {
    const known = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
    if (terminology === undefined) return known;
    for (const valueSet of valueSets) {
      const codes = await unlessProblem(() => terminology.codesIn(valueSet));
      if (codes !== undefined) known.set(valueSet, codes);
    }
    return known;
  }

  async function isIn({ item, valueSet }: Bound, memo: Map<string, boolean | undefined>): Promise<boolean | undefined> {
    const codings = codingsOf(item);
    if (terminology === undefined || codings.length === 0) return codings.length === 0 ? false : isInOwn(item, valueSet);
    let result: boolean | undefined = false;
    for (const coding of codings) {
      const key = JSON.stringify([valueSet, coding.system, coding.code]);
      if (!memo.has(key)) memo.set(key, await unlessProblem(() => terminology.validateCode(valueSet, { ...coding })));
      const answer = memo.get(key);
      if (answer === true) return true;
      if (answer === undefined) result = undefined;
    }
    return result ?? isInOwn(item, valueSet);
  }

  async function boundFindings(bound: readonly Bound[]): Promise<Finding[]> {
    const findings: Finding[] = [];
    const memo = new Map<string, boolean | undefined>();
    for (const one of bound.slice(0, mostBound)) {
      const { item, strength, path, profile } = one;
      // Words instead of a code are what an extensible binding leaves room for.
      if (strength === 'extensible' && codingsOf(item).length === 0) continue;
      if ((await isIn(one, memo)) !== false) continue;
      const text = `${path} has no code of the value set that it is bound to (profile ${profile}).`;
      findings.push({
        kind: 'code-invalid',
        text,
        expression: item.place,
        ...(strength === 'required' ? {} : { severity: 'warning' as const }),
      });
    }
    return findings;
  }

  async function check(resource: AnyResource, asked: readonly string[] = []): Promise<readonly Finding[]> {
    const all = [...resourcesIn({ resource, place: resource.resourceType })].map(inside => ({
      ...inside,
      profiles: [...new Set([...(inside.resource === resource ? asked : []), ...claimed(inside.resource)])],
    }));
    const names = [...new Set(all.flatMap(inside => inside.profiles))];
    const tooCostly = (): Finding[] => [
      {
        kind: 'too-costly',
        text: 'Holding the resource against its profiles would need more work than one request may ask for.',
        expression: resource.resourceType,
      },
    ];
    if (names.length > mostNamed) return tooCostly();
    const profiles = await library.open(names);
    // Most of what is named is not known here: then there is nothing more to do.
    const isHeld = asked.length > 0 || names.some(one => profiles.tree(one) !== undefined);
    const extensions = new Map(all.map(inside => [inside, isHeld ? extensionsIn(inside.resource, inside.place) : []] as const));
    const urls = [...new Set([...extensions.values()].flat().map(({ value }) => (value as Json)['url']))].filter(isAbsolute);
    const definitions = await library.open(urls);
    const codes = await codesFor(new Set([...profiles.valueSets, ...definitions.valueSets]));
    const ground = {
      treeOf: (one: string) => profiles.tree(one) ?? definitions.tree(one),
      codesIn: (valueSet: string) => codes.get(valueSet),
    };

    const findings: Finding[] = [];
    const bound: Bound[] = [];
    const watched = !(profiles.isLinear && definitions.isLinear && isSmall(resource));
    const pass = watched ? await turn() : undefined;
    const start = performance.now();
    const left = budget();
    try {
      if (left.ms <= 0) throw new Problem('too-costly');
      const work = () => {
        findings.length = 0;
        bound.length = 0;
        for (const inside of all) {
          const item = resourceItem(inside.resource, inside.place);
          const conformance = new Conformance(inside.resource, ground, { ...inside, base: baseUrl ?? '' });
          for (const profile of inside.profiles) {
            const tree = ground.treeOf(profile);
            if (tree !== undefined) conformance.check(item, tree, profile);
            else if (asked.includes(profile) && inside.resource === resource)
              findings.push({ kind: 'not-found', text: 'The profile that is asked for is not known here.', expression: inside.place });
            else
              findings.push({
                kind: 'not-found',
                text: 'A profile that the resource names is not known here.',
                expression: `${inside.place}.meta.profile`,
                severity: 'information',
              });
          }
          for (const extension of extensions.get(inside)!) {
            const url = (extension.value as Json)['url'];
            const tree = isAbsolute(url) ? ground.treeOf(url) : undefined;
            if (tree?.name === 'Extension') conformance.check(extension, tree, String(url));
          }
          findings.push(...conformance.findings);
          bound.push(...conformance.bound);
        }
      };
      if (!watched) work();
      else withDeadline(Math.min(resourceMs + all.length * innerMs, left.ms), work);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      return tooCostly();
    } finally {
      const took = performance.now() - start;
      left.ms -= took;
      pass?.(took);
    }
    return once([...findings, ...(await boundFindings(bound))]);
  }

  return {
    concerns: resource => {
      if (resource.resourceType === 'StructureDefinition') return true;
      for (const inside of resourcesIn({ resource, place: '' })) if (claimed(inside.resource).length > 0) return true;
      return false;
    },
    check,
    checkDefinition: (resource, beside = []) => definitionFindings(resource, beside, source),
    changed: library.changed,
  };
}

/** Milliseconds that a check may take without others having their turn after it. */
const unnoticed = 20;
let last: Promise<void> = Promise.resolve();

/**
 * Waits until it is one's turn: checks that need a watch come one after another, and after one that took long others have as much time as it took. The entries of a
 * batch, which are many at once, would else keep the process for as long as all of them together.
 * @returns to be called with the milliseconds that it took
 */
async function turn(): Promise<(took: number) => void> {
  const before = last;
  let pass: () => void = () => {};
  last = new Promise(resolve => {
    pass = resolve;
  });
  await before;
  return took => {
    if (took > unnoticed) setTimeout(pass, took);
    else pass();
  };
}

/** What terminology cannot say, it does not say. */
async function unlessProblem<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined;
    throw thrown;
  }
}
