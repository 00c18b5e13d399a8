/**
 * A query over the indexes: the most selective predicate first, then the others among what is left; only what the Access may know of, at one snapshot.
 * Chains and _has are queries of their own, under the same Access: what may not be known of cannot be found by its shadow.
 * R4: https://hl7.org/fhir/R4/search.html
 * @module
 */
import type { Access } from '../../model/access.ts';
import { Problem } from '../../model/outcome.ts';
import { anyRange, dateTest } from '../../search/compare.ts';
import { unanswerable } from '../../search/concepts.ts';
import type { Predicate } from '../../search/query.ts';
import type { Deadline } from './deadline.ts';
import { guarded } from './guard.ts';
import type { Searched } from './inside.ts';
import { along, chain, has, type Looking } from './links.ts';
import { ascending, intersect, listOf, place, union, without } from './postings.ts';
import { everything, nothing, type Sight, sight, within } from './sight.ts';
import type { State } from './state.ts';

/** What was found out before: the versions in whose bytes the words of a predicate stand. */
export type Settled = ReadonlyMap<Predicate, readonly number[]>;

export interface EvaluationLimits {
  readonly deadline?: Deadline;
  readonly settled?: Settled;
}

export class Evaluation {
  readonly state: State;
  readonly access: Access;
  readonly snapshot: number;
  readonly #now: number;
  readonly #deadline: Deadline | undefined;
  readonly #settled: Settled | undefined;
  readonly #sights = new Map<string, Sight>();
  readonly #looking: Looking;
  /** Ends of chains, each of which is looked for once however many ways lead to it. */
  readonly #run = new Map<Predicate, readonly number[]>();

  constructor(state: State, access: Access, snapshot: number, now: number, { deadline, settled }: EvaluationLimits = {}) {
    this.state = state;
    this.access = access;
    this.snapshot = snapshot;
    this.#now = now;
    this.#deadline = deadline;
    this.#settled = settled;
    this.#looking = {
      state,
      snapshot,
      sees: type => this.sees(type),
      at: (type, resource) => this.at(type, resource),
      ends: (type, where) => this.#runOne(type, where),
      among: (type, where, seqs) => this.#among(type, where, seqs),
      inside: (type, index, where, candidates) => this.#having(type, [where], candidates && intersect(candidates, index.all), index),
      check: () => this.check(),
    };
  }

  /** Whether a version of this type is there for the Access (current or not). */
  sees(type: string): Sight {
    let made = this.#sights.get(type);
    if (!made) {
      // A clause that looks at other resources of its own type sees none of them.
      this.#sights.set(type, nothing);
      made = sight(this.state, this.access, type, this.#now, where => this.#having(type, where));
      if (type === 'Binary') made = guarded(made, this.state, this.snapshot, other => this.sees(other));
      this.#sights.set(type, made);
    }
    return made;
  }

  /** Whether there is time left. @throws Problem too-costly */
  check(): void {
    this.#deadline?.check();
  }

  /** Current version of a resource at the snapshot that the Access may know of; 0: none. */
  at(type: string, resource: number): number {
    const seq = this.state.ledger.at(resource, this.snapshot);
    return seq !== 0 && this.sees(type)(seq) ? seq : 0;
  }

  /** Current versions, no deletions, that mention a person (a root), ascending; `types` limits them. */
  about(person: number, types?: readonly string[]): number[] {
    const { ledger, persons } = this.state;
    const seqs = ascending(persons.names(person).flatMap(name => listOf(this.state.mentioning(name))));
    return seqs.filter(seq => {
      if (!ledger.holds(seq, this.snapshot) || ledger.deleted(seq)) return false;
      const type = typeOf(ledger.name(ledger.resource(seq)));
      return (types === undefined || types.includes(type)) && this.sees(type)(seq);
    });
  }

  /** Current versions of a type for which all predicates hold, ascending. */
  run(type: string, where: readonly Predicate[]): readonly number[] {
    return this.#visible(type, this.#having(type, where, this.within(type)));
  }

  /** Versions of a type, no deletions, among which all lie that the Access may know of; undefined: any may be one of them. */
  within(type: string): readonly number[] | undefined {
    return within(this.state, this.access, type);
  }

  /** The predicates in the order in which they are looked at, with how many versions each is guessed to find. */
  plan(
    type: string,
    where: readonly Predicate[],
    index: Searched = this.state.type(type),
  ): { readonly predicate: Predicate; readonly cost: number }[] {
    return where.map(predicate => ({ predicate, cost: this.#estimate(type, index, predicate) })).sort((a, b) => a.cost - b.cost);
  }

  /** Roughly how many versions `run` would have to look at. */
  estimate(type: string, where: readonly Predicate[]): number {
    const all = this.within(type) ?? this.state.type(type).all;
    return this.plan(type, where).reduce((least, { cost }) => Math.min(least, cost), all.length);
  }

  /** The first `most` of what `run` would give after a number: the list is walked piece by piece, and no further than needed. */
  first(type: string, where: readonly Predicate[], after: number, most: number): readonly number[] {
    const index = this.state.type(type);
    const asked = this.plan(type, where).map(({ predicate }) => predicate);
    const driver = asked[0] && listed.has(asked[0].kind) && !opposite(asked[0]) ? asked.shift() : undefined;
    const list = driver ? this.#find(type, index, driver) : index.all;
    const tests = asked.map(predicate => this.#test(type, index, predicate));
    const found: number[] = [];
    let size = 256;
    for (let at = place(list, after + 1); at < list.length && found.length < most; at += size, size = Math.min(size * 2, 65_536)) {
      this.#deadline?.check();
      let piece: readonly number[] = list.slice(at, at + size);
      for (const test of tests) piece = test(piece);
      for (const seq of this.#visible(type, piece)) found.push(seq);
    }
    return found.slice(0, most);
  }

  /** Keeps of a piece of a list what satisfies a predicate; what must be worked out as a whole is worked out once. */
  #test(type: string, index: Searched, predicate: Predicate): (piece: readonly number[]) => readonly number[] {
    if (predicate.kind === 'lastUpdated' || ranges.has(predicate.kind)) return piece => this.#find(type, index, predicate, piece);
    const denied = opposite(predicate);
    let all: readonly number[] | undefined;
    return piece => {
      all ??= this.#find(type, index, denied ?? predicate);
      return denied ? without(piece, all) : intersect(piece, all);
    };
  }

  #runOne(type: string, predicate: Predicate): readonly number[] {
    let found = this.#run.get(predicate);
    if (!found) {
      this.#deadline?.check();
      found = this.run(type, [predicate]);
      this.#run.set(predicate, found);
    }
    return found;
  }

  /** Versions of a type, current or not and whether they may be known of or not, for which all predicates hold; among the candidates if there are any. */
  #having(
    type: string,
    where: readonly Predicate[],
    candidates?: readonly number[],
    index: Searched = this.state.type(type),
  ): readonly number[] {
    let found = candidates;
    for (const { predicate } of where.length > 1 ? this.plan(type, where, index) : where.map(predicate => ({ predicate }))) {
      this.#deadline?.check();
      found = this.#find(type, index, predicate, found);
      if (found.length === 0) return found;
    }
    return found ?? index.all;
  }

  #visible(type: string, seqs: readonly number[]): readonly number[] {
    const sees = this.sees(type);
    const { ledger } = this.state;
    const { snapshot } = this;
    const rest: number[] = [];
    if (sees === everything) {
      for (const seq of seqs) if (ledger.holds(seq, snapshot)) rest.push(seq);
    } else {
      for (const seq of seqs) if (ledger.holds(seq, snapshot) && sees(seq)) rest.push(seq);
    }
    return rest;
  }

  /** Roughly how many versions a predicate finds, or how much work it is. */
  #estimate(type: string, index: Searched, predicate: Predicate): number {
    const all = index.all.length;
    switch (predicate.kind) {
      case 'id':
        return predicate.not ? all + 1 : predicate.values.length;
      case 'chain':
      case 'has':
        return all / 2;
      case 'lastUpdated':
        return all;
      case 'missing':
        return predicate.missing ? all + 1 : (index.parameter(predicate.code)?.present.length ?? 0);
      case 'token':
        return predicate.not ? all + 1 : (index.parameter(predicate.code)?.estimate(predicate) ?? 0);
      case 'and':
        return predicate.all.reduce((least, one) => Math.min(least, this.#estimate(type, index, one)), all);
      case 'or':
        return predicate.any.reduce((sum, one) => sum + this.#estimate(type, index, one), 0);
      case 'not':
        return all + 1;
      case 'words':
        return this.#settled?.get(predicate)?.length ?? all;
      case 'concept':
        return 0;
      default:
        return index.parameter(predicate.code)?.estimate(predicate) ?? 0;
    }
  }

  /** Versions (current or not) that satisfy one predicate, among the candidates if there are any. */
  #find(type: string, index: Searched, predicate: Predicate, candidates?: readonly number[]): readonly number[] {
    const among = (list: readonly number[]): readonly number[] => (candidates ? intersect(candidates, list) : list);
    switch (predicate.kind) {
      case 'and':
        return this.#having(type, predicate.all, candidates, index);
      case 'or':
        return this.#any(type, index, predicate.any, candidates);
      case 'not':
        return without(candidates ?? index.all, this.#find(type, index, predicate.denied, candidates));
      case 'id': {
        if (index.ids) {
          const ids = index.ids.find({ kind: 'token', code: '_id', values: predicate.values.map(code => ({ code })), not: false });
          return predicate.not ? without(candidates ?? index.all, ids) : among(ids);
        }
        const seqs = predicate.values
          .map(id => this.state.ledger.at(this.state.ledger.find(`${type}/${id}`), this.snapshot))
          .filter(seq => seq > 0);
        return predicate.not ? without(candidates ?? index.all, ascending(seqs)) : among(ascending(seqs));
      }
      case 'lastUpdated': {
        // What is contained has no time of its own, and nothing refers to it from outside (R4: references.html#contained).
        if (index.ids) return [];
        const test = anyRange(predicate.values, dateTest);
        return (candidates ?? index.all).filter(seq => {
          const time = this.state.ledger.time(seq);
          return test(time, time);
        });
      }
      case 'missing': {
        const present = valued(index, type, predicate.code);
        return predicate.missing ? without(candidates ?? index.all, present) : among(present);
      }
      case 'token': {
        const found = parameterOf(index, type, predicate.code)?.find(predicate, candidates, this.#deadline) ?? [];
        return predicate.not ? without(candidates ?? index.all, found) : among(found);
      }
      case 'concept':
        throw unanswerable(predicate);
      case 'words': {
        const settled = this.#settled?.get(predicate);
        if (!settled) throw new Problem('invalid-parameter', 'Words (_text, _content) can be looked for only in a search.');
        return among(settled);
      }
      case 'reference':
        return among(
          predicate.along ? along(this.#looking, index, predicate) : (parameterOf(index, type, predicate.code)?.find(predicate) ?? []),
        );
      case 'chain':
        return chain(this.#looking, index, predicate, candidates);
      case 'has':
        return index.ids ? [] : has(this.#looking, type, predicate, candidates);
      default:
        return among(parameterOf(index, type, predicate.code)?.find(predicate, candidates, this.#deadline) ?? []);
    }
  }

  /** Put together now and then: a thousand alternatives that each find nearly all would not find room beside each other. */
  #any(type: string, index: Searched, any: readonly Predicate[], candidates?: readonly number[]): readonly number[] {
    const { length } = candidates ?? index.all;
    let lists: (readonly number[])[] = [];
    let size = 0;
    for (const one of any) {
      this.#deadline?.check();
      const list = this.#find(type, index, one, candidates);
      lists.push(list);
      size += list.length;
      if (size <= length * 2) continue;
      lists = [union(lists)];
      size = lists[0]!.length;
      if (size === length) break;
    }
    return union(lists);
  }

  /** Of some versions of a type those that may be known of and meet a predicate. */
  #among(type: string, where: Predicate, seqs: readonly number[]): ReadonlySet<number> {
    const known = this.#run.get(where);
    const some = this.#visible(type, ascending(seqs));
    return new Set(known ? intersect(some, known) : this.#find(type, this.state.type(type), where, some));
  }
}

const typeOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('/')));

/** Kinds whose versions stand in lists already. */
const listed: ReadonlySet<Predicate['kind']> = new Set(['token', 'string', 'reference', 'uri', 'id', 'missing', 'chain', 'has']);
/** Kinds that are judged value by value. */
const ranges: ReadonlySet<Predicate['kind']> = new Set(['date', 'number', 'quantity', 'composite']);

/** What a negative predicate denies; undefined for a positive one. */
export function opposite(predicate: Predicate): Predicate | undefined {
  if (predicate.kind === 'token' && predicate.not) return { ...predicate, not: false };
  if (predicate.kind === 'missing' && predicate.missing) return { ...predicate, missing: false };
  if (predicate.kind === 'not') return predicate.denied;
  if (predicate.kind !== 'id' || !predicate.not) return undefined;
  const { not: _, ...positive } = predicate;
  return positive;
}

/** Versions with a value of the parameter, ascending; a reference by identifier alone or to what is contained, and a code in words alone, are values too. */
const valued = (index: Searched, type: string, code: string): readonly number[] =>
  union([
    parameterOf(index, type, code)?.present ?? [],
    index.parameter(`${code}:identifier`)?.present ?? [],
    index.parameter(`${code}:text`)?.present ?? [],
    ...(index.inside?.(code).map(({ present }) => present) ?? []),
  ]);

/** Undefined where nothing stands beside a parameter (`code:text`), or nothing that is inside has a value of it. */
const parameterOf = (index: Searched, type: string, code: string) => {
  const found = index.parameter(code);
  if (!found && !index.ids && !code.includes(':'))
    throw new Problem('invalid-parameter', `The parameter ${code} cannot be searched for ${type}.`, { expression: `http.${code}` });
  return found;
};
