/**
 * From resource to resource: chains, `_has`, hierarchies. What a link leads to counts only as far as the Access may know of it, at the snapshot of the search.
 * A link is followed from its end (everything that the end finds, back to who refers to it), or from its beginning where few are left to ask.
 * R4: https://hl7.org/fhir/R4/search.html#chaining, https://hl7.org/fhir/R4/search.html#has, https://hl7.org/fhir/R4/search.html#recursive
 * @module
 */
import { hierarchyOf, searchParameters } from '../../search/parameters.ts';
import type { Predicate } from '../../search/query.ts';
import { isThere, named } from './canonicals.ts';
import { inside, type Searched } from './inside.ts';
import { ascending, intersect, union } from './postings.ts';
import type { ReferenceIndex } from './references.ts';
import type { Sight } from './sight.ts';
import type { State } from './state.ts';

type Of<K extends Predicate['kind']> = Extract<Predicate, { kind: K }>;

/** Who looks, and when. */
export interface Looking {
  readonly state: State;
  readonly snapshot: number;
  sees(type: string): Sight;
  /** Current version of a resource that may be known of; 0: none. */
  at(type: string, resource: number): number;
  /** Current versions of a type that meet a predicate and may be known of, ascending; worked out once. */
  ends(type: string, where: Predicate): readonly number[];
  /** Of some versions of a type those that meet a predicate and may be known of. */
  among(type: string, where: Predicate, seqs: readonly number[]): ReadonlySet<number>;
  /** Versions in which what stands inside meets a predicate of its type, among the candidates if there are any. */
  inside(type: string, index: Searched, where: Predicate, candidates?: readonly number[]): readonly number[];
  /** Throws Problem too-costly when the time is over. */
  check(): void;
}

const typeOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('/')));

/** Types whose resources have a canonical URL. */
const hasCanonical = (type: string): boolean => searchParameters(type).get('url')?.type === 'uri';

/** So few that what they lead to is looked at one by one, and not all that the end of a link finds. */
const isFew = (index: Searched, candidates: readonly number[] | undefined): candidates is readonly number[] =>
  candidates !== undefined && candidates.length * 8 < index.all.length;

const among = (candidates: readonly number[] | undefined, found: readonly number[]): readonly number[] =>
  candidates ? intersect(candidates, found) : found;

/** Versions whose reference leads to what meets the predicate of its type, be it a resource or contained in their own; among the candidates if there are any. */
export function chain(looking: Looking, index: Searched, asked: Of<'chain'>, candidates?: readonly number[]): readonly number[] {
  const within = asked.alternatives.flatMap(({ type, where }) => {
    const view = inside(index, asked.code, type);
    return view ? [looking.inside(type, view, where, candidates)] : [];
  });
  const outside = chainOut(looking, index, asked, candidates);
  return within.length === 0 ? outside : union([outside, ...within]);
}

function chainOut(looking: Looking, index: Searched, asked: Of<'chain'>, candidates?: readonly number[]): readonly number[] {
  const reference = index.reference(asked.code);
  if (!reference || reference.present.length === 0) return [];
  const { ledger } = looking.state;
  if (isFew(index, candidates)) {
    const leads = candidates.map((seq): [number, readonly number[]] => [seq, reference.from(seq)]);
    const isNamed = leads.some(([, targets]) => targets.some(target => ledger.name(target).includes(':')));
    if (!isNamed) return chainFrom(looking, new Map(leads), asked);
  }
  const targets = new Set<number>();
  const byName: number[] = [];
  for (const { type, where } of asked.alternatives) {
    // What no reference leads to need not be looked for.
    if (looking.state.type(type).all.length === 0) continue;
    const found = looking.ends(type, where);
    for (const seq of found) targets.add(ledger.resource(seq));
    if (found.length > 0 && hasCanonical(type)) for (const seq of byCanonical(looking, reference, type, new Set(found))) byName.push(seq);
  }
  const direct = targets.size === 0 ? [] : reference.toAny(targets);
  return among(candidates, byName.length === 0 ? direct : union([direct, ascending(byName)]));
}

/** @param left versions, each with the resources that it refers to */
function chainFrom(looking: Looking, left: Map<number, readonly number[]>, { alternatives }: Of<'chain'>): readonly number[] {
  const { ledger } = looking.state;
  const found: number[] = [];
  for (const { type, where } of alternatives) {
    const leads = (target: number): number => (typeOf(ledger.name(target)) === type ? ledger.at(target, looking.snapshot) : 0);
    const ends = [...left.values()].flatMap(targets => targets.map(leads).filter(seq => seq !== 0));
    const met = looking.among(type, where, ends);
    for (const [seq, targets] of left) {
      if (!targets.some(target => met.has(leads(target)))) continue;
      found.push(seq);
      left.delete(seq);
    }
  }
  return ascending(found);
}

/** Versions that refer to one of these by its canonical URL. */
function* byCanonical(looking: Looking, reference: ReferenceIndex, type: string, found: ReadonlySet<number>): Iterable<number> {
  const { ledger } = looking.state;
  for (const [name, seqs] of reference.urls()) {
    const meant = [...named(looking, name, [], [type])];
    if (!meant.some(seq => found.has(seq))) continue;
    // Where a version is named beside, that alone counts.
    for (const seq of seqs) if (!reference.from(seq).some(other => ledger.name(other).startsWith(`${name}|`))) yield seq;
  }
}

/** Versions of a type to which something that meets the predicate refers, among the candidates if there are any. */
export function has(looking: Looking, of: string, { type, code, where }: Of<'has'>, candidates?: readonly number[]): readonly number[] {
  const { state, snapshot } = looking;
  const { ledger } = state;
  const reference = state.type(type).reference(code);
  if (!reference || reference.present.length === 0) return [];
  const isNamed = hasCanonical(of);
  if (!isNamed && isFew(state.type(of), candidates)) {
    // What refers to a resource refers to its current version.
    const current = candidates.filter(seq => ledger.at(ledger.resource(seq), snapshot) === seq);
    const referring = current.flatMap(seq => reference.to(ledger.resource(seq)));
    const met = looking.among(type, where, referring);
    return current.filter(seq => reference.to(ledger.resource(seq)).some(from => met.has(from)));
  }
  const targets = new Set<number>();
  const seqs: number[] = [];
  for (const seq of looking.ends(type, where)) {
    const referred = reference.from(seq);
    for (const target of referred) targets.add(target);
    if (!isNamed) continue;
    const names = referred.map(ledger.name, ledger);
    for (const name of names) if (name.includes(':')) for (const one of named(looking, name, names, [of])) seqs.push(one);
  }
  for (const target of targets) {
    const seq = typeOf(ledger.name(target)) === of ? ledger.at(target, snapshot) : 0;
    if (seq !== 0) seqs.push(seq);
  }
  return among(candidates, ascending(seqs));
}

/** References along a hierarchy, or to the versions of a canonical. */
export function along(looking: Looking, index: Searched, { code, values, targets, along: direction }: Of<'reference'>): readonly number[] {
  const { ledger } = looking.state;
  const reference = index.reference(code);
  if (!reference) return [];
  const canonicals = new Set<string>();
  const resources = new Set<number>();
  for (const test of values) {
    looking.check();
    const names = test.reference === undefined ? targets.map(type => `${type}/${test.id}`) : [test.reference];
    for (const name of names) {
      if (name.includes('|')) canonicals.add(name);
      else for (const resource of reach(looking, typeOf(name), ledger.find(name), direction)) resources.add(resource);
    }
  }
  const versions = [...canonicals].map(name => {
    looking.check();
    return reference.toVersions(name);
  });
  return union([reference.toAny(resources), ...versions]);
}

/** A resource and all above or below it; a circle ends where it began. */
function reach(looking: Looking, type: string, start: number, direction: 'above' | 'below' | undefined): ReadonlySet<number> {
  const { ledger } = looking.state;
  const met = new Set<number>(start === 0 ? [] : [start]);
  const code = hierarchyOf(type);
  const parents = code === undefined ? undefined : looking.state.type(type).reference(code);
  if (!parents) return met;
  for (const resource of met) {
    if (direction === 'above') {
      const seq = looking.at(type, resource);
      for (const parent of seq === 0 ? [] : parents.from(seq)) if (typeOf(ledger.name(parent)) === type) met.add(parent);
    } else for (const seq of parents.to(resource)) if (isThere(looking, type, seq)) met.add(ledger.resource(seq));
  }
  return met;
}
